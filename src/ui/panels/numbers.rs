//! The numbers of a chart: a button that opens its table and the files to save.

use leptos::prelude::*;

use super::figure::TableSource;
use super::files::{ExportKind, save};
use crate::scene::chart::Chart;
use crate::scene::chart::table::DataTable;
use crate::t;
use crate::ui::show::Show;

/// The button, and below it the table and the files to save.
#[component]
pub fn Numbers(name: String, table: TableSource, chart: Memo<Chart>) -> impl IntoView {
    let open = RwSignal::new(false);
    let label = format!("{}: {name}", t!("numbers.open"));
    view! {
        <div class="numbers">
            <button
                type="button"
                class="quiet"
                aria-label=label
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {t!("numbers.open")}
            </button>
            <Show when=move || open.get()>
                <Opened name=name.clone() table=table.clone() chart />
            </Show>
        </div>
    }
}

#[component]
fn Opened(name: String, table: TableSource, chart: Memo<Chart>) -> impl IntoView {
    let table = table.watch();
    // Where files cannot be saved: what would be in it.
    let barred = RwSignal::new(None::<String>);
    let button = |kind: ExportKind| {
        let title = name.clone();
        let act = move |_| {
            let saved = chart.with_untracked(|chart| {
                table.with_untracked(|table| save(kind, &title, chart, table))
            });
            barred.set(saved.err());
        };
        let word = t!("numbers.save", kind = kind.word());
        let label = format!("{word}: {name}");
        view! {
            <button type="button" class="button" aria-label=label on:click=act>
                {word}
            </button>
        }
    };
    view! {
        <p class="files">{ExportKind::ALL.map(button).collect_view()}</p>
        <Show when=move || barred.with(Option::is_some)>
            <label class="copy">
                {t!("numbers.copy")}
                <textarea readonly rows="6" prop:value=move || barred.get()></textarea>
            </label>
        </Show>
        <TableView name=name.clone() table />
    }
}

/// A table that scrolls within its place.
#[component]
pub fn TableView(name: String, table: Memo<DataTable>) -> impl IntoView {
    let heads = Memo::new(move |_| table.with(|table| table.heads.clone()));
    let head = |text: String| view! { <th scope="col">{text}</th> };
    let rows = move || {
        table.with(|table| {
            let rows = table.rows.iter().map(|row| {
                let mut cells = row.iter().map(|cell| cell.text.clone());
                let first = cells.next().unwrap_or_default();
                let cells = cells.map(|text| view! { <td>{text}</td> }).collect_view();
                view! {
                    <tr>
                        <th scope="row">{first}</th>
                        {cells}
                    </tr>
                }
            });
            rows.collect_view()
        })
    };
    let label = t!("numbers.table", name = &name);
    view! {
        <div class="scroll" role="region" aria-label=label tabindex="0">
            <table>
                <caption class="unseen">{name}</caption>
                <thead>
                    <tr>{move || heads.get().into_iter().map(head).collect_view()}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}
