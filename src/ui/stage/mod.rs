//! The stage: clients, balancer and servers are elements, laid out by the style sheet; the canvas
//! behind them draws what moves between the places that are measured here.

mod balancer;
mod canvas;
mod card;
pub mod checks;
mod client;
pub mod compact;
mod controls;
mod entries;
pub mod fleet;
mod folded;
mod following;
pub mod icon;
mod layer;
mod measure;
mod menu;
mod pointer;
mod reasoning;
mod roving;
mod server;
mod traffic;
mod tuning;

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos_use_resize_observer::use_resize_observer;

use self::balancer::BalancerCard;
pub use self::canvas::Stage;
use self::client::ClientCard;
pub use self::following::FollowButton;
use self::following::Following;
pub use self::measure::measure;
use self::server::ServerCard;
use self::traffic::TrafficField;
pub use self::tuning::{Choices, Tuning, TuningButton, TuningPlace};
use crate::embed::address::Controls;
use crate::scene::fleet::is_fleet;
use crate::scene::letter::pool_name;
use crate::scene::strip::shares_since;
use crate::scene::words::describe;
use crate::sim::engine::command::Command;
use crate::sim::ids::ServerId;
use crate::t;
use crate::ui::glass::Glass;
use crate::ui::later;
use crate::ui::playback::Playback;
use crate::ui::session::Session;
use crate::ui::way_in::WayIn;

/// From this many servers on, their cards are compact.
const MANY: usize = 6;

/// From this many on they stand in two columns.
const LOTS: usize = 14;

/// Clients, balancer, servers, and the canvas between them.
#[component]
pub fn StageView(
    session: Session,
    playback: Playback,
    stage: Stage,
    choices: Choices,
    /// How much of it can be changed.
    controls: Controls,
    /// Where a request is looked into; `None` where none can be.
    glass: Option<Glass>,
) -> impl IntoView {
    pointer::follow(stage, glass);
    let members = session.watch(|view| {
        view.members()
            .map(|member| (member.server.id, member.server.spec.name.clone()))
            .collect::<Vec<(ServerId, String)>>()
    });
    let summary = session.watch(describe);
    let run = session.run();
    let clients = move || {
        let run = run.get();
        (0..session.read(|view| view.clients().len()))
            .map(|index| (run, index))
            .collect::<Vec<_>>()
    };
    let list = NodeRef::<html::Div>::new();
    use_resize_observer(stage.root, move |_, _| stage.remeasure());
    use_resize_observer(list, move |_, _| stage.remeasure());
    // Zooming changes the pixels behind the canvas, even where its size stays.
    let resized = window_event_listener(ev::resize, move |_| stage.remeasure());
    on_cleanup(move || resized.remove());
    Effect::new(move |_| {
        members.track();
        run.track();
        stage.remeasure();
    });
    let folded = Memo::new(move |_| stage.folded.get().settings);
    view! {
        <section
            class="stage"
            aria-label=t!("stage.title")
            node_ref=stage.root
            on:pointerdown=move |event| pointer::press(stage, glass, &event)
        >
            <canvas
                node_ref=stage.canvas
                role="img"
                aria-label=summary
                on:contextrestored=move |_: web_sys::Event| stage.remeasure()
            ></canvas>
            <div class="senders">
                {(controls == Controls::Full)
                    .then(|| {
                        view! {
                            <Show when=move || !folded.get()>
                                <TrafficField session=session />
                            </Show>
                        }
                    })}
                <ul class="clients" aria-label=t!("stage.clients")>
                    <For each=clients key=|client| *client let((_, index))>
                        <ClientCard session=session index=index />
                    </For>
                </ul>
            </div>
            <BalancerCard
                session=session
                stage=stage
                choices=choices
                glass=glass
                fixed=controls == Controls::None
                checks=controls == Controls::Full
            />
            <ServerList session stage glass members list full=controls == Controls::Full />
            {glass.map(|glass| view! { <Following session playback glass /> })}
            <WayIn session=session />
            <p class="since">{session.watch(shares_since)}</p>
        </section>
    }
}

/// The servers: a card each, lines where they are many, a grid where they are a fleet.
#[component]
fn ServerList(
    session: Session,
    stage: Stage,
    glass: Option<Glass>,
    members: Memo<Vec<(ServerId, String)>>,
    list: NodeRef<html::Div>,
    /// Whether servers can be added.
    full: bool,
) -> impl IntoView {
    let run = session.run();
    let many = session.watch(is_fleet);
    let folded = Memo::new(move |_| stage.folded.get().settings);
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
            class:lots=move || !many.get() && members.with(|members| members.len() >= LOTS)
            class:fleet=many
            id="servers"
            role="group"
            aria-label=t!("stage.servers")
            tabindex="-1"
            node_ref=list
        >
            <Show when=move || many.get()>
                {move || Suspend::new(later::fleet(session, stage))}
            </Show>
            <For each=cards key=|card| card.clone() let((_, id, name))>
                {pool_head(session, id)}
                <ServerCard session=session stage=stage glass=glass id=id name=name />
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
