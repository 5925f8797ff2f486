//! The share of the picks that each server got, beside the share that its weight asks for.

use leptos::prelude::*;

use super::figure::{ChartView, Source};
use crate::scene::chart::share::{ShareRow, chart, heads, meaning, numbers, rows, turned_away};
use crate::scene::words;
use crate::sim::ids::ServerId;
use crate::t;
use crate::ui::session::Session;
use crate::ui::stage::icon::hue;
use crate::words::around;

/// The shares as bars and as a table.
#[component]
pub fn DistributionPanel(session: Session) -> impl IntoView {
    let rows = session.watch(rows);
    let reading = RwSignal::new(String::new());
    let source = Source::growing(t!("distribution.title"), chart, numbers);
    let read = move || reading.with(|reading| !reading.is_empty());
    let pooled = Memo::new(move |_| rows.with(|rows| rows.iter().any(|row| row.pool.is_some())));
    let rejected = Memo::new(move |_| rows.with(|rows| turned_away(rows)));
    let meaning = session.watch(|view| meaning(view.balancer().layer()));
    let (tick_before, tick_after) = around("distribution.tick_line");
    view! {
        <section class="panel distribution" aria-labelledby="distribution-name">
            <h2 id="distribution-name">{t!("distribution.title")}</h2>
            <p class="hint meaning" hidden=read>
                {meaning} " " {tick_before} <span class="tick-word">{t!("distribution.tick")}</span> {tick_after}
            </p>
            <p class="headline meaning" hidden=move || !read()>
                {reading}
            </p>
            <ChartView session source reading />
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
                            key=|row| row.clone()
                            children=move |(id, name, pool)| {
                                view! {
                                    {pool.map(pool_row)}
                                    <TableRow rows id name />
                                }
                            }
                        />
                    </tbody>
                </table>
            </div>
            <p class="hint">
                {t!("distribution.failed_means")} " " {rejected} " "
                {move || pooled.get().then(|| t!("distribution.pools"))}
            </p>
        </section>
    }
}

/// The servers with their names; the first server of a pool also has the pool's name.
fn identities(rows: Memo<Vec<ShareRow>>) -> Vec<(ServerId, String, Option<String>)> {
    rows.with(|rows| {
        let mut heads = heads(rows).into_iter().peekable();
        let rows = rows.iter().enumerate();
        rows.map(|(place, row)| {
            let pool = heads.next_if(|(first, _)| *first == place);
            (row.id, row.name.clone(), pool.map(|(_, pool)| pool))
        })
        .collect()
    })
}

/// The row with the name of a pool, above its servers.
fn pool_row(pool: String) -> impl IntoView {
    view! {
        <tr class="pool">
            <th scope="rowgroup" colspan="8">
                {t!("stage.pool", name = pool)}
            </th>
        </tr>
    }
}

/// The row of one server; the last known one while the server is being removed.
fn row_of(rows: Memo<Vec<ShareRow>>, id: ServerId) -> Memo<Option<(usize, ShareRow)>> {
    Memo::new(move |last: Option<&Option<(usize, ShareRow)>>| {
        rows.with(|rows| match rows.iter().position(|row| row.id == id) {
            Some(place) => Some((place, rows[place].clone())),
            None => last.cloned().flatten(),
        })
    })
}

#[component]
fn TableRow(rows: Memo<Vec<ShareRow>>, id: ServerId, name: String) -> impl IntoView {
    let row = row_of(rows, id);
    let (before, after) = around("server.name");
    let cell = move |text: fn(&ShareRow) -> String| {
        move || row.with(|row| row.as_ref().map(|(_, row)| text(row)))
    };
    let class = move || {
        let belief = row.with(|row| row.as_ref().and_then(|(_, row)| row.state));
        let word = belief.map_or("down", |belief| belief.word());
        format!("standing {}", word.replace(' ', "-"))
    };
    view! {
        <tr>
            <th scope="row" class=hue(id)>
                {before}
                <b class="letter">{name}</b>
                {after}
            </th>
            <td class=class>{cell(|row| row.word.clone())}</td>
            <td>{cell(|row| row.weight.to_string())}</td>
            <td>{cell(|row| row.counted(u64::from(row.in_progress)))}</td>
            <td>{cell(|row| row.counted(row.answered))}</td>
            <td class:bad=move || {
                row.with(|row| row.as_ref().is_some_and(|(_, row)| row.failed > 0))
            }>{cell(|row| row.counted(row.failed))}</td>
            <td>{cell(|row| words::share(row.share))}</td>
            <td>{cell(|row| words::expected(row.expected))}</td>
        </tr>
    }
}
