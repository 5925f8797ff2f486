//! The servers of the stage, by their number: as cards, compact cards, or a grid.

use leptos::html;
use leptos::prelude::*;

use super::Stage;
use super::server::ServerCard;
use crate::scene::fleet::is_fleet;
use crate::scene::request_head::pool_name;
use crate::sim::engine::command::Command;
use crate::sim::ids::ServerId;
use crate::t;
use crate::ui::lazy;
use crate::ui::session::Session;
use crate::ui::show::Show;
use crate::ui::staged::Staged;

/// From this number of servers on, the cards are compact.
const MANY: usize = 5;

/// The servers: a card for each, compact cards where there are many, a grid for a fleet.
#[component]
pub fn ServerList(
    session: Session,
    stage: Stage,
    members: Memo<Vec<(ServerId, String)>>,
    list: NodeRef<html::Div>,
    /// Whether servers can be added.
    full: bool,
) -> impl IntoView {
    let run = session.run();
    let many = session.watch(is_fleet);
    let folded = Memo::new(move |_| stage.folded.get().settings);
    let in_columns = Memo::new(move |_| {
        let from = stage.folded.get().columns_from;
        let count = members.with(Vec::len);
        count >= MANY && (1..=count).contains(&from)
    });
    // A new run has the same names and identities, but nothing of the old run's may stay in a card.
    let cards = move || {
        let run = run.get();
        if many.get() {
            return Vec::new();
        }
        members
            .get()
            .into_iter()
            .map(|(id, name)| (run, id, name))
            .collect::<Vec<_>>()
    };
    view! {
        <div
            class="servers"
            class:many=move || !many.get() && members.with(|members| members.len() >= MANY)
            class:lots=move || !many.get() && in_columns.get()
            class:fleet=many
            id="servers"
            role="group"
            aria-label=t!("stage.servers")
            tabindex="-1"
            node_ref=list
        >
            <Show when=move || many.get()>
                {move || Suspend::new(lazy::fleet(session, stage))}
            </Show>
            <For each=cards key=|card| card.clone() let((_, id, name))>
                {pool_head(session, id)}
                <Staged>
                    <ServerCard session=session stage=stage id=id name=name.clone() />
                </Staged>
            </For>
            {full
                .then(|| {
                    view! {
                        <Show when=move || !folded.get()>
                            <button
                                type="button"
                                class="button add"
                                on:click=move |_| {
                                    let _ = session.send(Command::AddServer);
                                }
                            >
                                {t!("stage.add")}
                            </button>
                        </Show>
                    }
                })}
        </div>
    }
}

/// The name of a pool above its first server, where there are several pools.
fn pool_head(session: Session, id: ServerId) -> Option<impl IntoView> {
    let name = session.read(|view| {
        let balancer = view.balancer();
        let member = view.member(id)?;
        let pool = balancer.pool_of(member.endpoint.id)?;
        let first = balancer.upstream(pool).endpoints().first()?;
        let heads = balancer.upstreams().len() > 1 && first.id == member.endpoint.id;
        heads.then(|| pool_name(view, pool.index()))
    })?;
    Some(view! { <h3 class="pool">{t!("stage.pool", name = name)}</h3> })
}
