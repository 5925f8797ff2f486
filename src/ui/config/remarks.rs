//! What is said of the text: in one line, and as a list whose entries lead to their lines.

use leptos::html::Textarea;
use leptos::prelude::*;

use crate::conf::Import;
use crate::conf::diagnostic::{Diagnostic, Severity, Span};
use crate::words::say;

/// What came of the text, in a sentence or two.
pub fn summary(found: &Option<Import>) -> String {
    let Some(import) = found else {
        return String::new();
    };
    let count = |severity| {
        let all = import.diagnostics.iter();
        all.filter(|one| one.severity() == severity).count()
    };
    let program = import.dialect.label();
    let made = match &import.scene {
        Some(scene) => {
            let servers = scene.servers.len();
            let label = say(
                &format!("algorithm.{}.label", scene.balancer.algorithm.row().id),
                &[],
            );
            format!("Read as {program}. Servers: {servers}. Algorithm: {label}.")
        }
        None => format!("Read as {program}. There is nothing in it to make a scene of."),
    };
    let errors = count(Severity::Error);
    let warnings = count(Severity::Warning);
    let notes = count(Severity::Note);
    format!("{made} Errors: {errors}. Warnings: {warnings}. Not simulated: {notes}.")
}

const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "Error",
        Severity::Warning => "Warning",
        Severity::Note => "Note",
    }
}

/// The list.
#[component]
pub fn Remarks(
    found: RwSignal<Option<Import>, LocalStorage>,
    text: RwSignal<String>,
    field: NodeRef<Textarea>,
) -> impl IntoView {
    let entry = move |one: &Diagnostic| {
        let severity = one.severity();
        let span = one.span;
        let place = format!("Line {}, column {}", span.line, span.column);
        // Of the text as a whole there is no line to lead to.
        let lead = if span.line == 0 {
            ().into_any()
        } else {
            view! {
                <button
                    type="button"
                    on:click=move |_| text.with_untracked(|text| select(field, text, span))
                >
                    {place}
                </button>
            }
            .into_any()
        };
        view! {
            <li class=severity.id()>
                <b>{word(severity)}</b>
                {lead}
                <span>{one.message.to_string()}</span>
            </li>
        }
    };
    let entries = move || {
        found.with(|found| {
            let all = found.iter().flat_map(|import| &import.diagnostics);
            all.map(entry).collect_view()
        })
    };
    view! {
        <ol class="config-remarks" aria-label="What is said of the text">
            {entries}
        </ol>
    }
}

/// Selects the words a remark is about, and brings their line into view.
fn select(field: NodeRef<Textarea>, text: &str, span: Span) {
    let Some(field) = field.get_untracked() else {
        return;
    };
    let units = |to: usize| {
        let before = text.get(..to).unwrap_or(text);
        u32::try_from(before.encode_utf16().count()).unwrap_or(u32::MAX)
    };
    let _ = field.focus();
    let to = span.to.max(span.from);
    let _ = field.set_selection_range(units(span.from), units(to));
    let lines = i32::try_from(text.split('\n').count())
        .unwrap_or(i32::MAX)
        .max(1);
    let height = field.scroll_height() / lines;
    let line = i32::try_from(span.line).unwrap_or(1);
    field.set_scroll_top((line - 4).max(0).saturating_mul(height));
}
