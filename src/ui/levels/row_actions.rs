//! A row of buttons, some of which appear and disappear with the state.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// The row. When the focused button disappears, the focus moves to the button that took its place, so that the keyboard
/// stays in the row.
#[component]
pub fn RowActions<T: PartialEq + Clone + Send + Sync + 'static>(
    /// The state that the buttons depend on.
    state: Memo<T>,
    /// The buttons.
    children: Children,
) -> impl IntoView {
    let row = NodeRef::<html::Div>::new();
    let held = StoredValue::new(false);
    // What is hidden loses the focus without being left.
    let left = move |event: ev::FocusEvent| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        if target.is_some_and(|target| !target.has_attribute("hidden")) {
            held.set_value(false);
        }
    };
    Effect::new(move |_| {
        state.track();
        if held.get_value() {
            request_animation_frame(move || stay(row));
        }
    });
    view! {
        <div class="acts" node_ref=row on:focusin=move |_| held.set_value(true) on:focusout=left>
            {children()}
        </div>
    }
}

fn stay(row: NodeRef<html::Div>) {
    // A browser takes the focus from what is hidden, sooner or later, and gives it to the page.
    let lost = |active: Element| active.has_attribute("hidden") || active.tag_name() == "BODY";
    if !document().active_element().is_none_or(lost) {
        return;
    }
    let row = row.try_get_untracked().flatten();
    let shown = row.and_then(|row| row.query_selector("button:not([hidden])").ok().flatten());
    if let Some(button) = shown.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
        let _ = button.focus();
    }
}
