//! The draft as JSON text, to edit by hand. The text goes through the same checks as the form.

use leptos::prelude::*;
use serde_json::Value;

use super::state::EditorState;
use crate::edit::check::check;
use crate::sim::scenario::limits::MAX_FILE;
use crate::sim::scenario::validate::parse;
use crate::t;

/// The most faults that are listed.
const LISTED: usize = 20;

/// The scene in a text, or its faults.
fn read(state: EditorState, text: &str) -> Result<Value, Vec<String>> {
    if text.len() > MAX_FILE {
        return Err(vec![t!("share.file.large", most = MAX_FILE)]);
    }
    let value: Value = serde_json::from_str(text).map_err(|error| {
        vec![t!(
            "edit.text.no_json",
            line = error.line(),
            column = error.column(),
            reason = error.to_string()
        )]
    })?;
    let mut faults = check(state.schema_doc, &value);
    if faults.is_empty() {
        match parse(text) {
            Ok(scene) => return Ok(serde_json::to_value(scene).unwrap_or_default()),
            Err(error) => faults = error.0,
        }
    }
    let said = faults.iter().take(LISTED);
    Err(said
        .map(|fault| format!("{}: {}", fault.place, fault.reason))
        .collect())
}

/// The field with the text; folded until the reader opens it.
#[component]
pub fn Source(state: EditorState) -> impl IntoView {
    let opened = RwSignal::new(false);
    let text = RwSignal::new(String::new());
    let wrong = RwSignal::new(Vec::<String>::new());
    let fill = move || {
        let now = state.scene().map_or_else(
            || {
                state
                    .draft
                    .with_untracked(|draft| serde_json::to_string_pretty(draft.scene()))
            },
            |scene| serde_json::to_string_pretty(&scene),
        );
        text.set(now.unwrap_or_default());
        wrong.set(Vec::new());
    };
    let take = move |_| match read(state, &text.get_untracked()) {
        Ok(scene) => {
            state.take(scene);
            state.said.set(t!("edit.text.taken"));
        }
        Err(faults) => wrong.set(faults),
    };
    let toggle = move |open: bool| {
        if open && !opened.get_untracked() {
            fill();
        }
        opened.set(open);
    };
    let faults = move || {
        let faults = wrong
            .get()
            .into_iter()
            .map(|fault| view! { <li>{fault}</li> });
        faults.collect_view()
    };
    view! {
        <details class="edit-source" on:toggle:target=move |event| toggle(event.target().open())>
            <summary>{t!("edit.text.title")}</summary>
            <textarea
                rows="16"
                spellcheck="false"
                aria-label=t!("edit.text.title")
                aria-describedby="edit-text-wrong"
                prop:value=text
                on:input:target=move |event| text.set(event.target().value())
            ></textarea>
            <div class="edit-tools">
                <button type="button" class="button" on:click=take>
                    {t!("edit.text.take")}
                </button>
                <button type="button" class="button" on:click=move |_| fill()>
                    {t!("edit.text.again")}
                </button>
            </div>
            <ul id="edit-text-wrong" class="edit-fault" role="alert">
                {faults}
            </ul>
        </details>
    }
}
