//! Line numbers beside the configuration text, with a mark at each line that has a remark.

use leptos::prelude::*;

use crate::conf::Import;
use crate::conf::diagnostic::Severity;

/// The most lines that get numbers. A longer list would slow the page down.
const MOST_LINES: usize = 5_000;

/// The highest severity of the remarks on each line.
fn marks(found: Option<&Import>, lines: usize) -> Vec<Option<Severity>> {
    let mut marks = vec![None; lines];
    for one in found.iter().flat_map(|import| &import.diagnostics) {
        let line = one.span.line as usize;
        if let Some(mark) = line.checked_sub(1).and_then(|line| marks.get_mut(line)) {
            let severity = one.severity();
            *mark = Some(mark.map_or(severity, |old: Severity| old.min(severity)));
        }
    }
    marks
}

const fn sign(mark: Option<Severity>) -> &'static str {
    match mark {
        None => "",
        Some(Severity::Error) => "\u{2715}",
        Some(Severity::Warning) => "!",
        Some(Severity::Note) => "\u{00b7}",
    }
}

/// The line numbers and marks. For assistive technology the list of remarks says the same.
#[component]
pub fn Gutter(
    text: RwSignal<String>,
    found: RwSignal<Option<Import>, LocalStorage>,
    top: RwSignal<i32>,
) -> impl IntoView {
    let rows = move || {
        let lines = text.with(|text| text.split('\n').count()).min(MOST_LINES);
        let marks = found.with(|found| marks(found.as_ref(), lines));
        let row = |(place, mark): (usize, Option<Severity>)| {
            let class = mark.map_or("", Severity::id);
            view! {
                <div class=class>
                    <i>{sign(mark)}</i>
                    {place + 1}
                </div>
            }
        };
        marks.into_iter().enumerate().map(row).collect_view()
    };
    view! {
        <div class="config-gutter" aria-hidden="true">
            <div style:transform=move || format!("translateY({}px)", -top.get())>{rows}</div>
        </div>
    }
}
