//! The menu of a server: faults and admin states, each with an entry that takes it back.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Node;

use super::card::Card;
use super::entries::entries;
use super::failures_entry::FailuresEntry;
use super::roving::{Move, focus_after, move_focus, place};
use crate::sim::engine::command::Command;
use crate::sim::ids::ServerId;
use crate::ui::lazy;
use crate::ui::session::Session;
use crate::ui::show::Show;

/// The button of the menu, and the place of the menu.
#[component]
pub fn ServerMenu(
    session: Session,
    id: ServerId,
    #[prop(into)] title: String,
    card: Memo<Card>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let side = RwSignal::new("");
    let button = NodeRef::<html::Button>::new();
    let menu = NodeRef::<html::Div>::new();
    let toggle = move |_| {
        if let Some(button) = button.get_untracked() {
            side.set(place(&button));
        }
        open.update(|open| *open = !*open);
    };
    // Focus that goes elsewhere, by a click beside the menu for one, closes it.
    let left = move |event: ev::FocusEvent| {
        let to = event.related_target().and_then(|to| to.dyn_into().ok());
        let inside = |to: &Node| {
            menu.get_untracked()
                .is_some_and(|menu| menu.contains(Some(to)))
                || button
                    .get_untracked()
                    .is_some_and(|button| button.contains(Some(to)))
        };
        if !to.as_ref().is_some_and(inside) {
            open.set(false);
        }
    };
    let shown = Shown {
        open,
        side,
        button,
        menu,
    };
    let label = StoredValue::new(title.clone());
    let entries = move || {
        let entries = lazy::server_menu(session, id, label.get_value(), card, shown);
        Suspend::new(entries)
    };
    view! {
        <div class="menu-holder" on:focusout=left>
            <button
                type="button"
                class="menu-button"
                node_ref=button
                aria-label=title
                aria-haspopup="menu"
                aria-expanded=move || open.get().to_string()
                on:click=toggle
            >
                <svg viewBox="0 0 16 16" aria-hidden="true">
                    <path fill="currentColor" d="M2 6.5h3v3H2zM6.5 6.5h3v3h-3zM11 6.5h3v3h-3z"></path>
                </svg>
            </button>
            <Show when=move || open.get()>{entries}</Show>
        </div>
    }
}

/// An open menu, its button, and the side of the button on which it stands.
#[derive(Clone, Copy)]
pub struct Shown {
    open: RwSignal<bool>,
    side: RwSignal<&'static str>,
    button: NodeRef<html::Button>,
    menu: NodeRef<html::Div>,
}

impl Shown {
    /// Closes the menu; the focus returns to its button.
    pub(super) fn close(self) {
        self.open.set(false);
        if let Some(button) = self.button.get_untracked() {
            let _ = button.focus();
        }
    }
}

/// The menu, which gets the focus when it is in the page.
#[component]
pub fn ServerEntries(
    session: Session,
    id: ServerId,
    title: String,
    card: Memo<Card>,
    shown: Shown,
) -> impl IntoView {
    let menu = shown.menu;
    // Only what the entries depend on: a count that changes must not take the focus away.
    let state = Memo::new(move |_| card.with(|card| (card.trouble, card.admin)));
    menu.on_load(move |_| request_animation_frame(move || move_focus(menu, Move::First)));
    let choose = move |command: Command| {
        let removes = matches!(command, Command::RemoveServer(_));
        let _ = session.send(command);
        shown.close();
        if removes && let Some(button) = shown.button.get_untracked() {
            focus_after(&button);
        }
    };
    let keys = move |event: ev::KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowDown" => Move::By(1),
            "ArrowUp" => Move::By(-1),
            "Home" => Move::First,
            "End" => Move::Last,
            "Escape" => {
                shown.close();
                return event.stop_propagation();
            }
            "Tab" => return shown.close(),
            _ => return,
        };
        event.prevent_default();
        move_focus(menu, step);
    };
    view! {
        <div
            class=move || format!("menu {}", shown.side.get())
            role="menu"
            aria-label=title
            node_ref=menu
            on:keydown=keys
        >
            {move || {
                let (trouble, admin) = state.get();
                entries(id, trouble, admin)
                    .into_iter()
                    .enumerate()
                    .map(|(place, (word, meaning, command))| {
                        let label = format!("menu-{}-{place}", id.0);
                        view! { <Item label word meaning press=move |()| choose(command.clone()) /> }
                    })
                    .collect_view()
            }}
            <FailuresEntry id shown />
        </div>
    }
}

/// An entry: a word, and what it means.
#[component]
pub fn Item(
    /// The element id of the word.
    label: String,
    word: String,
    meaning: String,
    #[prop(into)] press: Callback<()>,
) -> impl IntoView {
    let hint = format!("{label}-hint");
    view! {
        <button
            type="button"
            role="menuitem"
            tabindex="-1"
            aria-labelledby=label
            aria-describedby=hint
            on:click=move |_| press.run(())
        >
            <span id=label.clone()>{word}</span>
            <small id=hint.clone()>{meaning}</small>
        </button>
    }
}
