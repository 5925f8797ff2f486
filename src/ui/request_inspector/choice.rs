//! The decisions on a request, as tables.

use leptos::prelude::*;

use crate::scene::request_inspector::choice::{Decided, DecidedRow};
use crate::t;

/// A table for each pick.
#[component]
pub fn Choices(choices: Memo<Vec<Decided>>) -> impl IntoView {
    let tables = move || {
        let choices = choices.get();
        if choices.is_empty() {
            return view! { <p class="hint">{t!("glass.no_pick")}</p> }.into_any();
        }
        choices.into_iter().map(table).collect_view().into_any()
    };
    view! { <div class="choices">{tables}</div> }
}

fn table(choice: Decided) -> impl IntoView {
    let head = |text: String| view! { <th scope="col">{text}</th> };
    let title = choice.title.clone();
    let label = title.clone();
    view! {
        <h3>{choice.title}</h3>
        <p>{choice.reason} " " <span class="rule">{t!("glass.rule", rule = choice.rule)}</span></p>
        <div class="scroll" role="region" aria-label=label tabindex="0">
            <table>
                <caption class="unseen">{title}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t!("glass.server")}</th>
                        {choice.heads.into_iter().map(head).collect_view()}
                    </tr>
                </thead>
                <tbody>{choice.rows.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
        <p class="hint">{choice.more}</p>
    }
}

fn row(row: DecidedRow) -> impl IntoView {
    let cell = |text: String| view! { <td>{text}</td> };
    let differs = row
        .differs
        .then(|| view! { <strong>{t!("glass.differs")} " "</strong> });
    let picked = row
        .picked
        .then(|| view! { " " <span class="mark">{t!("glass.picked")}</span> });
    view! {
        <tr class:picked=row.picked>
            <th scope="row">{row.name} {picked}</th>
            {row.cells.into_iter().map(cell).collect_view()}
            <td class:bad=row.differs>{differs} {row.truth}</td>
        </tr>
    }
}
