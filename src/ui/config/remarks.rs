//! The remarks on a configuration text: a summary, and a list whose entries lead to their lines.

use leptos::html::Textarea;
use leptos::prelude::*;

use crate::conf::Import;
use crate::conf::diagnostic::{Diagnostic, Severity, Span};
use crate::t;
use crate::words::say;

/// The result of reading the text, in a sentence or two.
pub fn summary(found: &Option<Import>) -> String {
    let Some(import) = found else {
        return String::new();
    };
    let count = |severity| {
        let all = import.diagnostics.iter();
        all.filter(|one| one.severity() == severity).count()
    };
    let program = import.dialect.label();
    let errors = count(Severity::Error);
    let warnings = count(Severity::Warning);
    let notes = count(Severity::Note);
    match &import.scene {
        Some(scene) => {
            let servers = scene.servers.len();
            let label = say(
                &format!("algorithm.{}.label", scene.balancer.algorithm.row().id),
                &[],
            );
            t!(
                "config.read",
                program = program,
                servers = servers,
                label = label,
                errors = errors,
                warnings = warnings,
                notes = notes
            )
        }
        None => t!(
            "config.read_nothing",
            program = program,
            errors = errors,
            warnings = warnings,
            notes = notes
        ),
    }
}

fn word(severity: Severity) -> String {
    match severity {
        Severity::Error => t!("config.error"),
        Severity::Warning => t!("config.warning"),
        Severity::Note => t!("config.note"),
    }
}

/// The list of remarks.
#[component]
pub fn Remarks(
    found: RwSignal<Option<Import>, LocalStorage>,
    text: RwSignal<String>,
    field: NodeRef<Textarea>,
) -> impl IntoView {
    let entry = move |one: &Diagnostic| {
        let severity = one.severity();
        let span = one.span;
        let place = t!("config.place", line = span.line, column = span.column);
        let lead = view! {
            <button
                type="button"
                on:click=move |_| text.with_untracked(|text| select(field, text, span))
            >
                {place}
            </button>
        };
        view! {
            <li class=severity.id()>
                <b>{word(severity)}</b>
                {lead}
                <span>{one.message.text()}</span>
            </li>
        }
    };
    let entries = move |bears: bool| {
        found.with(|found| {
            let all = found.iter().flat_map(|import| &import.diagnostics);
            let these = all.filter(|one| one.message.bears_on_balancing() == bears);
            these.map(entry).collect_view()
        })
    };
    let others = move || {
        let bears = |one: &Diagnostic| one.message.bears_on_balancing();
        let count = |import: &Import| import.diagnostics.iter().filter(|one| !bears(one)).count();
        found.with(|found| found.as_ref().map_or(0, count))
    };
    view! {
        <ol class="config-remarks" aria-label=t!("config.remarks")>
            {move || entries(true)}
        </ol>
        <details class="config-others" hidden=move || others() == 0>
            <summary>{move || t!("config.others", count = others())}</summary>
            <ol class="config-remarks" aria-label=t!("config.other_remarks")>
                {move || entries(false)}
            </ol>
        </details>
    }
}

/// Selects the words that a remark is about, and scrolls to their line.
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
