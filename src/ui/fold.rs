//! A menu of what a row has no room for on a narrow page, and all that closes it.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget, Node};

/// What is an act, and so a choice in a menu.
const ACTS: &str = "button, a";
/// What is done several times in a row, so that the menu stays for the next time.
const STAYS: &str = "[data-stays]";

/// Whether the menu is open, and the button that opens it. The button is a child of the row.
#[derive(Clone, Copy)]
pub struct Fold {
    /// A selector of what is folded.
    folded: &'static str,
    open: RwSignal<bool>,
    button: NodeRef<html::Button>,
}

impl Fold {
    /// The closed menu of whatever the selector finds. It listens for presses elsewhere until its owner goes.
    pub fn new(folded: &'static str) -> Self {
        let fold = Self {
            folded,
            open: RwSignal::new(false),
            button: NodeRef::new(),
        };
        let pressed = window_event_listener(ev::pointerdown, move |event| {
            if !fold.within(element(event.target()).as_ref()) {
                fold.open.set(false);
            }
        });
        on_cleanup(move || pressed.remove());
        fold
    }

    /// Whether it is open.
    pub fn is_open(self) -> bool {
        self.open.get()
    }

    /// Whether it is open now.
    pub fn is_open_untracked(self) -> bool {
        self.open.get_untracked()
    }

    /// Whether an element is in the menu or its button.
    fn within(self, at: Option<&Element>) -> bool {
        let in_menu = at.is_some_and(|at| matches!(at.closest(self.folded), Ok(Some(_))));
        in_menu || self.is_button(at)
    }

    fn is_button(self, at: Option<&Element>) -> bool {
        let button = self.button.get_untracked();
        button.is_some_and(|button| button.contains(at.map(AsRef::<Node>::as_ref)))
    }

    /// Closes it. The focus goes to its button: what had it before is no longer seen.
    pub fn close(self) {
        if self.open.get_untracked() {
            self.open.set(false);
            self.focus();
        }
    }

    /// Puts the focus on its button, where that is seen.
    pub fn focus(self) {
        if let Some(button) = self.button.get_untracked() {
            let _ = button.focus();
        }
    }

    /// Closes it on a choice. For a click on the row before the choice itself hears of it: a dialog that the choice
    /// opens gives the focus back to what has it now.
    pub fn choose(self, event: &ev::MouseEvent) {
        let Some(at) = element(event.target()) else {
            return;
        };
        let is_act = matches!(at.closest(ACTS), Ok(Some(_)));
        let stays = matches!(at.closest(STAYS), Ok(Some(_)));
        if is_act && !stays && !self.is_button(Some(&at)) {
            self.close();
        }
    }

    /// Closes it on Escape. For a key on the row.
    pub fn key(self, event: &ev::KeyboardEvent) {
        if event.key() == "Escape" && !event.default_prevented() {
            self.close();
        }
    }

    /// Closes it when the focus goes elsewhere. For a loss of the focus in the row.
    pub fn left(self, event: &ev::FocusEvent) {
        let to = element(event.related_target());
        if to.is_some() && !self.within(to.as_ref()) {
            self.open.set(false);
        }
    }
}

fn element(target: Option<EventTarget>) -> Option<Element> {
    target.and_then(|target| target.dyn_into().ok())
}

/// The button.
#[component]
pub fn FoldButton(
    fold: Fold,
    /// What assistive technology calls it.
    name: String,
    /// Its class, by which the style sheet shows it where something is folded.
    class: &'static str,
) -> impl IntoView {
    let title = name.clone();
    view! {
        <button
            type="button"
            class=format!("button {class}")
            aria-label=name
            title=title
            aria-expanded=move || fold.is_open().to_string()
            node_ref=fold.button
            on:click=move |_| fold.open.update(|open| *open = !*open)
        >
            "⋯"
        </button>
    }
}
