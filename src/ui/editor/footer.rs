//! The footer of the editor: faults, undo and redo, and the button that applies the draft.

use leptos::prelude::*;

use super::state::EditorState;
use crate::edit::scene_draft::SceneDraft;
use crate::t;

/// The most faults that are listed; the others are counted.
const LISTED: usize = 6;

/// The list of faults and the buttons.
#[component]
pub fn Footer(state: EditorState) -> impl IntoView {
    let status = move || match state.faults.with(Vec::len) {
        0 => t!("edit.fine"),
        count => t!("edit.faults", count = count),
    };
    let faults = move || {
        let faults = state.faults.get();
        let listed = faults.into_iter().take(LISTED).map(|fault| {
            let scene = state.draft.with_untracked(|draft| draft.scene().clone());
            let name = state.schema_doc.name_of(&scene, &fault.place);
            view! {
                <li>
                    <button type="button" on:click=move |_| state.go(&fault.place)>
                        <b>{name}</b>
                        " "
                        {fault.reason.clone()}
                    </button>
                </li>
            }
        });
        listed.collect_view()
    };
    view! {
        <div class="edit-foot">
            <div id="edit-faults" class="edit-faults" tabindex="-1" role="group" aria-label=t!("edit.check")>
                <p role="status">{status} " " {state.said}</p>
                <ul>{faults}</ul>
            </div>
            <div class="edit-do">
                <Step state back=true name=t!("edit.undo") />
                <Step state back=false name=t!("edit.redo") />
                <button type="button" class="button primary" on:click=move |_| state.apply()>
                    {t!("edit.apply")}
                </button>
            </div>
        </div>
    }
}

/// The undo button, or the redo button.
#[component]
fn Step(state: EditorState, back: bool, name: String) -> impl IntoView {
    let none = move || {
        let can = |draft: &SceneDraft| {
            if back {
                draft.can_undo()
            } else {
                draft.can_redo()
            }
        };
        !state.draft.with(can)
    };
    view! {
        <button
            type="button"
            class="button"
            aria-disabled=move || none().then_some("true")
            on:click=move |_| state.step(back)
        >
            {name}
        </button>
    }
}
