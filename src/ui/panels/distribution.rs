//! Which server got which share of the picks, beside what was asked for.

use leptos::prelude::*;

use super::figure::{Figure, Size};
use crate::scene::chart::share::{ShareRow, describe, full_scale, meaning, rows, turned_away};
use crate::scene::words;
use crate::sim::ids::ServerId;
use crate::t;
use crate::ui::session::Session;
use crate::words::around;

/// From one bar to the next.
const PITCH: f64 = 28.0;
/// The height of a bar.
const THICK: f64 = 14.0;
/// Where bars begin: room for a name.
const LEFT: f64 = 30.0;
/// Room for the column of numbers: a number beside the tick would read as what is expected.
const RIGHT: f64 = 58.0;

/// Shares against what was asked for, as bars and as a table.
#[component]
pub fn DistributionPanel(session: Session) -> impl IntoView {
    let rows = session.watch(rows);
    let rejected = Memo::new(move |_| rows.with(|rows| turned_away(rows)));
    let meaning = session.watch(|view| meaning(view.balancer().spec().layer));
    let (tick_before, tick_after) = around("distribution.tick_line");
    view! {
        <section class="panel distribution" aria-labelledby="distribution-name">
            <h2 id="distribution-name">{t!("distribution.title")}</h2>
            <p class="hint meaning">
                {meaning} " " {tick_before} <span class="tick-word">{t!("distribution.tick")}</span> {tick_after}
            </p>
            <Bars rows />
            // Scrolls by itself where it is wider than the page: then the keyboard must reach it.
            <div class="scroll" role="region" aria-label=t!("distribution.by_server") tabindex="0">
                <table aria-label=t!("distribution.title")>
                    <thead>
                        <tr>
                            <th scope="col">
                                <span class="unseen">{t!("distribution.server")}</span>
                            </th>
                            <th scope="col">{t!("distribution.state")}</th>
                            <th scope="col">{t!("distribution.weight")}</th>
                            <th scope="col">{t!("distribution.in_progress")}</th>
                            <th scope="col">{t!("distribution.answered")}</th>
                            <th scope="col">{t!("distribution.failed")}</th>
                            <th scope="col">{t!("distribution.share")}</th>
                            <th scope="col">{t!("distribution.expected")}</th>
                        </tr>
                    </thead>
                    <tbody>
                        <For
                            each=move || identities(rows)
                            key=|(id, _)| *id
                            children=move |(id, name)| view! { <TableRow rows id name /> }
                        />
                    </tbody>
                </table>
            </div>
            <p class="hint">
                {t!("distribution.failed_means")} " " {rejected}
            </p>
        </section>
    }
}

/// Which servers there are.
fn identities(rows: Memo<Vec<ShareRow>>) -> Vec<(ServerId, String)> {
    rows.with(|rows| rows.iter().map(|row| (row.id, row.name.clone())).collect())
}

/// One server's row; the last known one while the server goes. Rows are in the order of identities.
fn row_of(rows: Memo<Vec<ShareRow>>, id: ServerId) -> Memo<Option<(usize, ShareRow)>> {
    Memo::new(move |last: Option<&Option<(usize, ShareRow)>>| {
        rows.with(|rows| match rows.binary_search_by_key(&id, |row| row.id) {
            Ok(place) => Some((place, rows[place].clone())),
            Err(_) => last.cloned().flatten(),
        })
    })
}

#[component]
fn TableRow(rows: Memo<Vec<ShareRow>>, id: ServerId, name: String) -> impl IntoView {
    let row = row_of(rows, id);
    let cell = move |text: fn(&ShareRow) -> String| {
        move || row.with(|row| row.as_ref().map(|(_, row)| text(row)))
    };
    let state = move || row.with(|row| row.as_ref().map(|(_, row)| row.state));
    let class = move || {
        let word = state().map_or("", |state| state.word());
        format!("state {}", word.replace(' ', "-"))
    };
    view! {
        <tr>
            <th scope="row">{t!("server.name", name = name)}</th>
            <td class=class>{move || state().map(words::belief)}</td>
            <td>{cell(|row| row.weight.to_string())}</td>
            <td>{cell(|row| words::thousands(u64::from(row.in_progress)))}</td>
            <td>{cell(|row| words::thousands(row.answered))}</td>
            <td class:bad=move || {
                row.with(|row| row.as_ref().is_some_and(|(_, row)| row.failed > 0))
            }>{cell(|row| words::thousands(row.failed))}</td>
            <td>{cell(|row| words::percent(row.share))}</td>
            <td>{cell(|row| words::expected(row.expected))}</td>
        </tr>
    }
}

/// A bar a server.
#[component]
fn Bars(rows: Memo<Vec<ShareRow>>) -> impl IntoView {
    let size = Size::new();
    let description = Memo::new(move |_| rows.with(|rows| describe(rows)));
    let full = Memo::new(move |_| rows.with(|rows| full_scale(rows)));
    let tall = Memo::new(move |_| rows.with(|rows| rows.len() as f64 * PITCH));
    let edge = Memo::new(move |_| size.get().0);
    // Pixels for a share.
    let scale = Memo::new(move |_| (edge.get() - LEFT - RIGHT).max(1.0) / full.get());
    view! {
        <Figure description size height=tall>
            <For
                each=move || identities(rows)
                key=|(id, _)| *id
                children=move |(id, name)| view! { <Bar rows id name scale edge /> }
            />
        </Figure>
    }
}

#[component]
fn Bar(
    rows: Memo<Vec<ShareRow>>,
    id: ServerId,
    name: String,
    /// Pixels for a share of 1.
    scale: Memo<f64>,
    /// Where numbers end.
    edge: Memo<f64>,
) -> impl IntoView {
    let row = row_of(rows, id);
    let read = move |get: fn(&ShareRow) -> Option<f64>| {
        row.with(|row| row.as_ref().and_then(|(_, row)| get(row)))
    };
    let top = move || row.with(|row| row.as_ref().map_or(0.0, |(place, _)| *place as f64 * PITCH));
    let middle = PITCH / 2.0;
    let share = move || read(|row| Some(row.share)).unwrap_or(0.0) * scale.get();
    let asked = move || read(|row| row.expected).map(|part| LEFT + part * scale.get());
    let unused = move || read(|row| row.expected) == Some(0.0);
    view! {
        <g transform=move || format!("translate(0 {})", top())>
            <text class="owner" y=middle + 4.5>
                {name}
            </text>
            <rect
                class="got"
                class:unused=unused
                x=LEFT
                y=middle - THICK / 2.0
                rx="2"
                width=share
                height=THICK
            />
            <line
                class="asked"
                class:nothing=move || asked().is_none()
                x1=move || asked().unwrap_or(LEFT)
                x2=move || asked().unwrap_or(LEFT)
                y1=middle - 11.0
                y2=middle + 11.0
            />
            <text class="amount end" x=edge y=middle + 4.5>
                {move || words::percent(read(|row| Some(row.share)).unwrap_or(0.0))}
            </text>
        </g>
    }
}
