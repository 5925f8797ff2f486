//! The button in the head of the page, and the dialog behind it.

use leptos::html;
use leptos::prelude::*;

use crate::t;
use crate::ui::later;
use crate::ui::session::Session;

/// Opens the editor.
#[component]
pub fn EditorButton(session: Session) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let opened = RwSignal::new(false);
    let open = move |_| {
        opened.set(true);
        if let Some(dialog) = dialog.get_untracked() {
            let _ = dialog.show_modal();
        }
    };
    let close = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let inside = move || {
        let inside = move || later::editor(session, dialog);
        opened.get().then(|| Suspend::new(inside()))
    };
    view! {
        <button type="button" class="button" aria-haspopup="dialog" on:click=open>
            {t!("edit.open")}
        </button>
        <dialog
            class="sheet edit"
            aria-labelledby="edit-title"
            node_ref=dialog
            on:close=move |_| opened.set(false)
        >
            <div class="sheet-head">
                <h2 id="edit-title">{t!("edit.title")}</h2>
                <button type="button" class="button" on:click=close>
                    {t!("close")}
                </button>
            </div>
            {inside}
        </dialog>
    }
}
