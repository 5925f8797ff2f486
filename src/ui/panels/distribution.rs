//! Which server got which share of the picks, beside what was asked for.

use leptos::prelude::*;

use super::figure::{ChartView, Source};
use crate::scene::chart::share::{ShareRow, chart, meaning, numbers, rows, turned_away};
use crate::scene::words;
use crate::sim::ids::ServerId;
use crate::ui::session::Session;

/// Shares against what was asked for, as bars and as a table.
#[component]
pub fn DistributionPanel(session: Session) -> impl IntoView {
    let rows = session.watch(rows);
    let reading = RwSignal::new(String::new());
    let source = Source::growing("Distribution", chart, numbers);
    let read = move || reading.with(|reading| !reading.is_empty());
    let rejected = Memo::new(move |_| rows.with(|rows| turned_away(rows)));
    let meaning = session.watch(|view| meaning(view.balancer().spec().layer));
    view! {
        <section class="panel distribution" aria-labelledby="distribution-name">
            <h2 id="distribution-name">"Distribution"</h2>
            <p class="hint meaning" hidden=read>
                {meaning} " The " <span class="tick-word">"tick"</span> " is what is expected."
            </p>
            <p class="headline meaning" hidden=move || !read()>
                {reading}
            </p>
            <ChartView session source reading />
            // Scrolls by itself where it is wider than the page: then the keyboard must reach it.
            <div class="scroll" role="region" aria-label="Distribution by server" tabindex="0">
                <table aria-label="Distribution">
                    <thead>
                        <tr>
                            <th scope="col">
                                <span class="unseen">"Server"</span>
                            </th>
                            <th scope="col">"State"</th>
                            <th scope="col">"Weight"</th>
                            <th scope="col">"In progress"</th>
                            <th scope="col">"Answered"</th>
                            <th scope="col">"Failed"</th>
                            <th scope="col">"Share"</th>
                            <th scope="col">"Expected"</th>
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
                "Failed: tries that failed or timed out. " {rejected} "."
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
    let state = move || row.with(|row| row.as_ref().map_or("", |(_, row)| row.state));
    view! {
        <tr>
            <th scope="row">{format!("Server {name}")}</th>
            <td class=move || format!("state {}", state().replace(' ', "-"))>{state}</td>
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
