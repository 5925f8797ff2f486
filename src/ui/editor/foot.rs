//! Below the editor's pages: what is wrong, steps back and forth, applying.

use leptos::prelude::*;

use super::desk::Desk;
use crate::t;

/// Faults that are listed; the rest is counted.
const LISTED: usize = 6;

/// What is wrong, and what can be done.
#[component]
pub fn Foot(desk: Desk) -> impl IntoView {
    let status = move || match desk.faults.with(Vec::len) {
        0 => t!("edit.fine"),
        count => t!("edit.faults", count = count),
    };
    let faults = move || {
        let faults = desk.faults.get();
        let listed = faults.into_iter().take(LISTED).map(|fault| {
            let scene = desk.draft.with_untracked(|draft| draft.scene().clone());
            let name = desk.book.name_of(&scene, &fault.place);
            view! {
                <li>
                    <button type="button" on:click=move |_| desk.go(&fault.place)>
                        <b>{name}</b>
                        " "
                        {fault.reason.clone()}
                    </button>
                </li>
            }
        });
        listed.collect_view()
    };
    let back = move || !desk.draft.with(|draft| draft.can_undo());
    let forth = move || !desk.draft.with(|draft| draft.can_redo());
    view! {
        <div class="edit-foot">
            <div id="edit-faults" class="edit-faults" tabindex="-1" role="group" aria-label=t!("edit.check")>
                <p role="status">{status} " " {desk.said}</p>
                <ul>{faults}</ul>
            </div>
            <div class="edit-do">
                <button
                    type="button"
                    class="button"
                    aria-disabled=move || back().then_some("true")
                    on:click=move |_| desk.step(true)
                >
                    {t!("edit.undo")}
                </button>
                <button
                    type="button"
                    class="button"
                    aria-disabled=move || forth().then_some("true")
                    on:click=move |_| desk.step(false)
                >
                    {t!("edit.redo")}
                </button>
                <button type="button" class="button primary" on:click=move |_| desk.apply()>
                    {t!("edit.apply")}
                </button>
            </div>
        </div>
    }
}
