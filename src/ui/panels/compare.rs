//! L4 and L7 side by side: a table that is filled by running the present scene under both.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;

use crate::scene::layers::{LayerComparison, LayerFigures};
use crate::scene::words::duration;
use crate::sim::run::Run;
use crate::sim::scenario::Scale;
use crate::sim::time::SimDuration;
use crate::t;
use crate::ui::session::Session;
use crate::ui::show::Show;
use crate::words::number;

/// The number of events of both runs together after which the page gets a turn.
const SLICE: u64 = 20_000;

/// The table of the comparison.
#[component]
pub fn CompareLayers(session: Session) -> impl IntoView {
    let figures = RwSignal::new(None::<[LayerFigures; 2]>);
    let state = RwSignal::new(String::new());
    let alive = StoredValue::new(true);
    on_cleanup(move || {
        let _ = alive.try_update_value(|alive| *alive = false);
    });
    let turn = StoredValue::new(0_u32);
    let start = move || {
        turn.update_value(|turn| *turn += 1);
        let own = turn.get_value();
        let comparison = LayerComparison::of(&session.read(Run::of));
        leptos::task::spawn_local(async move {
            let mut comparison = comparison;
            let current =
                || alive.try_get_value() == Some(true) && turn.try_get_value() == Some(own);
            loop {
                let done = comparison.step(SLICE);
                if !current() {
                    return;
                }
                figures.set(Some(comparison.figures()));
                let secs = comparison.length().as_us() / 1_000_000;
                let percent = (comparison.progress() * 100.0) as u64;
                state.set(if done {
                    t!("compare.done", secs = secs)
                } else {
                    t!("compare.running", secs = secs, percent = percent)
                });
                if done {
                    return;
                }
                TimeoutFuture::new(10).await;
            }
        });
    };
    start();
    let cores = session.watch(|view| view.balancer().front().processor().is_some());
    let row = move |name: String, cell: fn(&LayerFigures) -> String| {
        let at = move |place: usize| {
            move || figures.with(|both| both.map(|both| cell(&both[place])).unwrap_or_default())
        };
        view! {
            <tr>
                <th scope="row">{name}</th>
                <td>{at(0)}</td>
                <td>{at(1)}</td>
            </tr>
        }
    };
    view! {
        <section class="panel compare" id="compare-layers" aria-label=t!("compare.title")>
            <h2>{t!("compare.title")}</h2>
            <p class="progress" role="status">{state}</p>
            <table>
                <thead>
                    <tr>
                        <td></td>
                        <th scope="col">"L4"</th>
                        <th scope="col">"L7"</th>
                    </tr>
                </thead>
                <tbody>
                    <AddedRow session figures />
                    <Show when=move || cores.get()>
                        {row(t!("compare.per_core"), |one| {
                            one.per_core.map_or_else(dash, |rate| number::count(rate as u64))
                        })}
                    </Show>
                    {row(t!("compare.spread"), |one| {
                        one.spread.map_or_else(dash, |times| {
                            t!("compare.times", times = number::short(times, 2))
                        })
                    })}
                    {row(t!("compare.tls"), |one| {
                        if one.handshakes > 0 {
                            t!("compare.tls_yes", count = one.handshakes)
                        } else {
                            t!("compare.tls_no")
                        }
                    })}
                    {row(t!("compare.routed"), |one| {
                        number::of_hundred(number::decimal(one.routed_permille, 10))
                    })}
                    {row(t!("compare.sockets"), |one| {
                        if one.sockets == 0 && one.no_upgrade == 0 {
                            t!("compare.sockets_none")
                        } else {
                            t!("compare.sockets_of", opened = one.sockets, refused = one.no_upgrade)
                        }
                    })}
                    {row(t!("compare.p99"), |one| one.p99.map_or_else(dash, duration))}
                    {row(t!("compare.answered"), |one| number::count(one.answered))}
                </tbody>
            </table>
            <button type="button" class="button" on:click=move |_| start()>
                {t!("compare.again")}
            </button>
        </section>
    }
}

fn dash() -> String {
    "–".to_string()
}

/// What the balancer adds to a request under each layer. Of a stretched scene only the ratio means something: its times
/// are those of no real balancer.
#[component]
fn AddedRow(session: Session, figures: RwSignal<Option<[LayerFigures; 2]>>) -> impl IntoView {
    let stretched = session.watch(|view| view.scenario().scale == Scale::Human);
    let cell = move |place: usize| {
        move || {
            let Some(both) = figures.get() else {
                return String::new();
            };
            let (this, l4) = (both[place].added, both[0].added);
            match (this, l4) {
                (Some(this), _) if !stretched.get() => duration(this),
                (Some(this), Some(l4)) if l4 > SimDuration::ZERO => {
                    let times = this.as_us() as f64 / l4.as_us() as f64;
                    t!("compare.of_l4", times = number::short(times, 1))
                }
                _ => dash(),
            }
        }
    };
    let name = move || {
        if stretched.get() {
            t!("compare.added_times")
        } else {
            t!("compare.added")
        }
    };
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td>{cell(0)}</td>
            <td>{cell(1)}</td>
        </tr>
    }
}
