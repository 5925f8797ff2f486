//! A button and the dialog behind it, which lies over the page.

use leptos::html;
use leptos::prelude::*;

use crate::t;

/// The button, and the dialog with its head. What is inside is made each time that it opens, and is
/// handed the dialog, to close it when it has done its work.
#[component]
pub fn Sheet(
    /// What the button says.
    button: String,
    /// What the dialog is called.
    title: String,
    /// The identity of that title.
    id: &'static str,
    /// The dialog's own class.
    class: &'static str,
    /// What is inside.
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
