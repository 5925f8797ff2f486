//! The button in the head of the page that opens the editor.

use leptos::prelude::*;

use crate::t;
use crate::ui::dialog::Sheet;
use crate::ui::lazy;
use crate::ui::session::Session;

/// The button, and the dialog of the editor.
#[component]
pub fn EditorButton(session: Session) -> impl IntoView {
    view! {
        <Sheet
            button=t!("edit.open")
            title=t!("edit.title")
            id="edit-title"
            class="edit"
            inside=move |dialog| Suspend::new(lazy::editor(session, dialog)).into_any()
        />
    }
}
