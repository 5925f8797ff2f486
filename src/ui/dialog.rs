//! A button, and the modal dialog that it opens.

use leptos::html;
use leptos::prelude::*;

use crate::t;

/// The button, and the dialog with its heading. The content is made each time the dialog opens. It gets the dialog, so
/// that it can close it.
#[component]
pub fn Sheet(
    /// The label of the button.
    button: String,
    /// The title of the dialog.
    title: String,
    /// The element id of the title.
    id: &'static str,
    /// The CSS class of the dialog.
    class: &'static str,
    /// Makes the content.
    inside: impl Fn(NodeRef<html::Dialog>) -> AnyView + Send + Sync + 'static,
) -> impl IntoView {
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
    view! {
        <button type="button" class="button" aria-haspopup="dialog" on:click=open>
            {button}
        </button>
        <dialog
            class=format!("sheet {class}")
            aria-labelledby=id
            node_ref=dialog
            on:close=move |_| opened.set(false)
        >
            <div class="sheet-head">
                <h2 id=id>{title}</h2>
                <button type="button" class="button" on:click=close>
                    {t!("close")}
                </button>
            </div>
            {move || opened.get().then(|| inside(dialog))}
        </dialog>
    }
}
