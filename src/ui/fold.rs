//! A menu of the controls that a row has no room for on a narrow page, and everything that closes the menu.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget, Node};

/// The selector of elements that act, so that a press on one is a choice in the menu.
const ACTS: &str = "button, a";
/// The selector of controls that are pressed several times in a row: the menu stays open for them.
const STAYS: &str = "[data-stays]";

/// The state of the menu, and its button. The button is a child of the row.
#[derive(Clone, Copy)]
pub struct Fold {
    /// The selector of the folded elements.
    folded: &'static str,
    open: RwSignal<bool>,
    button: NodeRef<html::Button>,
}

impl Fold {
    /// A closed menu of the elements that the selector finds. It listens for presses elsewhere until its owner is
    /// disposed.
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

    /// Whether the menu is open; tracked.
    pub fn is_open(self) -> bool {
        self.open.get()
    }

    /// Whether the menu is open; untracked.
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

    /// Closes the menu and focuses its button, since the focused element is no longer visible.
    pub fn close(self) {
        if self.open.get_untracked() {
            self.open.set(false);
            self.focus();
        }
    }

    /// Focuses the button, if it is visible.
    pub fn focus(self) {
        if let Some(button) = self.button.get_untracked() {
            let _ = button.focus();
        }
    }

    /// Closes the menu on a choice. To be called for a click on the row before the chosen control handles it: a dialog
    /// that the control opens returns the focus to the element that has it now.
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

    /// Closes the menu on Escape. To be called for a key press in the row.
    pub fn key(self, event: &ev::KeyboardEvent) {
        if event.key() == "Escape" && !event.default_prevented() {
            self.close();
        }
    }

    /// Closes the menu when the focus leaves it. To be called when an element of the row loses the focus.
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

/// The button of the menu.
#[component]
pub fn FoldButton(
    fold: Fold,
    /// The accessible name.
    name: String,
    /// The CSS class, by which the style sheet shows the button where something is folded.
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
