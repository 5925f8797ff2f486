//! What else can happen to a server: a menu with a way back from each entry.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, Node};

use super::server::Card;
use crate::sim::balance::endpoint::AdminState;
use crate::sim::engine::command::{Command, FaultKind};
use crate::sim::fleet::server::Trouble;
use crate::sim::ids::ServerId;
use crate::ui::session::Session;

/// `Slow`: four times slower.
const SLOW_PERMILLE: u32 = 4_000;
/// `Fail a share`: half of the answers.
const FAIL_PERMILLE: u32 = 500;
/// Where less than this is free below the button, the menu opens upwards.
const ROOM: f64 = 260.0;

/// One entry: its name, what it means, what it does.
type Entry = (&'static str, &'static str, Command);

fn entries(id: ServerId, trouble: Option<Trouble>, admin: AdminState) -> [Entry; 5] {
    let fault = |kind| Command::Fault(id, kind);
    let well = fault(FaultKind::Restore);
    [
        if trouble == Some(Trouble::Hanging) {
            ("Stop hanging", "It goes on where it stood.", well)
        } else {
            (
                "Hang",
                "It accepts and never answers.",
                fault(FaultKind::Hang),
            )
        },
        if matches!(trouble, Some(Trouble::Slow(_))) {
            ("Full speed", "It works as fast as before.", well)
        } else {
            (
                "Slow",
                "Everything takes 4 times as long.",
                fault(FaultKind::Slow(SLOW_PERMILLE)),
            )
        },
        if matches!(trouble, Some(Trouble::Failing(_))) {
            ("Stop failing", "It answers well again.", well)
        } else {
            (
                "Fail a share",
                "Half of its answers are a 500.",
                fault(FaultKind::Fail(FAIL_PERMILLE)),
            )
        },
        if admin == AdminState::Ready {
            (
                "Drain",
                "It finishes what it has, and gets nothing new.",
                Command::SetAdmin(id, AdminState::Drain),
            )
        } else {
            (
                "Put back in use",
                "It gets requests again.",
                Command::SetAdmin(id, AdminState::Ready),
            )
        },
        (
            "Remove",
            "Out of the scene; what it had fails.",
            Command::RemoveServer(id),
        ),
    ]
}

/// The button and the menu it opens.
#[component]
pub fn ServerMenu(session: Session, id: ServerId, name: String, card: Memo<Card>) -> impl IntoView {
    let open = RwSignal::new(false);
    let upwards = RwSignal::new(false);
    let button = NodeRef::<html::Button>::new();
    let menu = NodeRef::<html::Div>::new();
    let title = format!("More for server {name}");
    // Only what the entries depend on: a count that changes must not take the focus away.
    let state = Memo::new(move |_| card.with(|card| (card.trouble, card.admin)));
    let toggle = move |_| {
        if let Some(button) = button.get_untracked() {
            upwards.set(has_no_room(&button));
        }
        open.update(|open| *open = !*open);
    };
    let close = move || {
        open.set(false);
        if let Some(button) = button.get_untracked() {
            let _ = button.focus();
        }
    };
    let choose = move |command: Command| {
        let _ = session.send(command);
        close();
        if matches!(command, Command::RemoveServer(_)) {
            focus_servers();
        }
    };
    Effect::new(move |_| {
        if open.get() {
            // The menu is in the page by then.
            request_animation_frame(move || move_focus(menu, Move::First));
        }
    });
    let keys = move |event: ev::KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowDown" => Move::By(1),
            "ArrowUp" => Move::By(-1),
            "Home" => Move::First,
            "End" => Move::Last,
            "Escape" => {
                close();
                return event.stop_propagation();
            }
            "Tab" => return close(),
            _ => return,
        };
        event.prevent_default();
        move_focus(menu, step);
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
    let label = title.clone();
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
            <Show when=move || open.get()>
                <div
                    class="menu"
                    class:upwards=move || upwards.get()
                    role="menu"
                    aria-label=label.clone()
                    node_ref=menu
                    on:keydown=keys
                >
                    {move || {
                        let (trouble, admin) = state.get();
                        entries(id, trouble, admin)
                            .into_iter()
                            .enumerate()
                            .map(|(place, entry)| view! { <Item id=id place=place entry=entry choose=choose /> })
                            .collect_view()
                    }}
                </div>
            </Show>
        </div>
    }
}

#[component]
fn Item(
    id: ServerId,
    place: usize,
    entry: Entry,
    #[prop(into)] choose: Callback<Command>,
) -> impl IntoView {
    let (word, meaning, command) = entry;
    let label = format!("menu-{}-{place}", id.0);
    let hint = format!("{label}-hint");
    view! {
        <button
            type="button"
            role="menuitem"
            tabindex="-1"
            aria-labelledby=label
            aria-describedby=hint
            on:click=move |_| choose.run(command)
        >
            <span id=label.clone()>{word}</span>
            <small id=hint.clone()>{meaning}</small>
        </button>
    }
}

/// Where the focus goes within the menu.
#[derive(Clone, Copy)]
enum Move {
    First,
    Last,
    By(i32),
}

fn move_focus(menu: NodeRef<html::Div>, step: Move) {
    let Some(menu) = menu.get_untracked() else {
        return;
    };
    let Ok(items) = menu.query_selector_all("[role=menuitem]") else {
        return;
    };
    let count = i32::try_from(items.length()).unwrap_or(0);
    let focused = document().active_element();
    let here = (0..count).find(|&place| {
        let item = items.get(place.unsigned_abs());
        item.as_ref() == focused.as_deref()
    });
    let next = match (step, here) {
        (Move::First, _) | (Move::By(1..), None) => 0,
        (Move::Last, _) | (Move::By(_), None) => count - 1,
        (Move::By(by), Some(here)) => (here + by).rem_euclid(count.max(1)),
    };
    let item = items.get(next.unsigned_abs());
    if let Some(item) = item.and_then(|item| item.dyn_into::<HtmlElement>().ok()) {
        let _ = item.focus();
    }
}

fn has_no_room(button: &web_sys::Element) -> bool {
    let place = button.get_bounding_client_rect();
    let page = document().document_element();
    let height = page.map_or(0, |page| page.client_height());
    place.bottom() + ROOM > f64::from(height) && place.top() > ROOM
}

/// The card with the focus is about to go: the list keeps it, so that the keyboard stays here.
fn focus_servers() {
    let list = document()
        .get_element_by_id("servers")
        .and_then(|list| list.dyn_into::<HtmlElement>().ok());
    if let Some(list) = list {
        let _ = list.focus();
    }
}
