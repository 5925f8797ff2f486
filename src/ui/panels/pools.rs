//! The pools of a balancer, each with its own algorithm.

use leptos::prelude::*;

use crate::scene::request_head::pool_name;
use crate::sim::balance::algorithm::{Algorithm, CATALOGUE, Implementation};
use crate::sim::engine::command::Command;
use crate::sim::engine::frontend::FrontendCommand;
use crate::sim::engine::view::View;
use crate::sim::ids::UpstreamId;
use crate::t;
use crate::ui::algorithm::{algorithm_options, implementation_options};
use crate::ui::session::Session;

/// One pool, copied from the view.
#[derive(Clone, PartialEq)]
struct Row {
    name: String,
    servers: usize,
    spec: (Algorithm, Implementation),
    /// Whether any of its servers has a connection limit.
    limited: bool,
}

fn rows(view: View<'_>) -> Vec<Row> {
    let pools = view.balancer().upstreams().iter().enumerate();
    pools
        .map(|(place, pool)| {
            let (picker, endpoints) = (pool.config().picker, pool.endpoints());
            Row {
                name: pool_name(view, place),
                servers: endpoints.len(),
                spec: (picker.algorithm, picker.implementation),
                limited: endpoints.iter().any(|one| one.config.max_conns.is_some()),
            }
        })
        .collect()
}

/// A row for each pool, with its algorithm.
#[component]
pub fn Pools(session: Session) -> impl IntoView {
    let rows = session.watch(rows);
    let count = Memo::new(move |_| rows.with(Vec::len));
    let run = session.run();
    view! {
        <section class="panel pools" aria-label=t!("pools.title")>
            <h2>{t!("pools.title")}</h2>
            <p class="hint">{t!("pools.hint")}</p>
            <div class="each">
                {move || {
                    run.track();
                    (0..count.get())
                        .map(|place| view! { <PoolLine session rows place /> })
                        .collect_view()
                }}
            </div>
        </section>
    }
}

#[component]
fn PoolLine(session: Session, rows: Memo<Vec<Row>>, place: usize) -> impl IntoView {
    let row = Memo::new(move |_| rows.with(|rows| rows.get(place).cloned()));
    let spec = Memo::new(move |_| {
        let row = row.get();
        row.map_or((CATALOGUE[0].algorithm, Implementation::default()), |row| {
            row.spec
        })
    });
    let algorithm = Memo::new(move |_| spec.get().0);
    let limited = Memo::new(move |_| row.with(|row| row.as_ref().is_some_and(|row| row.limited)));
    let send = move |algorithm, form| {
        // The main pool's is the balancer's own.
        let command = match place {
            0 => Command::SetAlgorithm(algorithm, form),
            _ => Command::Frontend(FrontendCommand::SetPoolAlgorithm(
                UpstreamId(place as u32),
                algorithm,
                form,
            )),
        };
        let _ = session.send(command);
    };
    let choose = move |id: String| {
        if let Some(row) = CATALOGUE.iter().find(|row| row.id == id) {
            send(row.algorithm, row.form(spec.get_untracked().1));
        }
    };
    let choose_implementation = move |id: String| {
        if let Some(form) = Implementation::ALL.iter().find(|form| form.id() == id) {
            send(spec.get_untracked().0, *form);
        }
    };
    let name = row.get_untracked().map(|row| row.name).unwrap_or_default();
    let label = t!("stage.pool", name = &name);
    let servers = move || {
        row.with(|row| {
            let count = row.as_ref().map_or(0, |row| row.servers);
            t!("pools.servers", count = count)
        })
    };
    view! {
        <div role="group" aria-label=label>
            <p class="pool">
                <strong>{name}</strong>
                " · "
                <small>{servers}</small>
            </p>
            <label for=format!("pool-algorithm-{place}")>{t!("algorithm")}</label>
            <select
                id=format!("pool-algorithm-{place}")
                on:change:target=move |event| choose(event.target().value())
            >
                {move || algorithm_options(algorithm, limited.get())}
            </select>
            <label for=format!("pool-engine-{place}")>{t!("algorithm.as_in")}</label>
            <select
                id=format!("pool-engine-{place}")
                on:change:target=move |event| choose_implementation(event.target().value())
            >
                {move || implementation_options(spec, algorithm.get().row())}
            </select>
        </div>
    }
}
