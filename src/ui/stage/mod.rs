//! The stage: clients, balancer and servers are elements, laid out by the style sheet. The canvas behind them draws
//! what moves between their measured positions.

mod balancer;
mod canvas;
pub mod card;
pub mod checks;
mod client;
pub mod compact;
mod controls;
mod counts;
mod entries;
mod failures_entry;
pub mod fleet;
mod fleet_algorithms;
mod folded;
mod following;
pub mod icon;
mod layer;
mod measure;
pub mod menu;
mod pointer;
mod reasoning;
mod roving;
mod server;
mod servers;
mod settings_sheet;
mod traffic;

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos_use_resize_observer::use_resize_observer;

use self::balancer::BalancerCard;
pub use self::canvas::Stage;
use self::client::ClientCard;
use self::following::FollowPlace;
pub use self::following::{FollowButton, Following};
pub use self::measure::measure;
use self::servers::ServerList;
pub use self::settings_sheet::{Choices, SettingsFields, SettingsSheet, SheetButton, SheetPlace};
use self::traffic::TrafficField;
use crate::embed::address::Controls;
use crate::scene::strip::shares_since;
use crate::scene::words::describe;
use crate::sim::ids::ServerId;
use crate::t;
use crate::ui::first_steps::FirstSteps;
use crate::ui::playback::Playback;
use crate::ui::request_inspector::RequestInspector;
use crate::ui::session::Session;
use crate::ui::show::Show;
use crate::ui::staged::Staged;

/// Clients, balancer, servers, and the canvas between them.
#[component]
pub fn StageView(
    session: Session,
    playback: Playback,
    stage: Stage,
    choices: Choices,
    /// The controls that the reader gets.
    controls: Controls,
    /// The request inspector; `None` where no request can be inspected.
    request_inspector: Option<RequestInspector>,
) -> impl IntoView {
    pointer::follow(stage, request_inspector);
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
    let senders = NodeRef::<html::Ul>::new();
    use_resize_observer(senders, move |_, _| stage.remeasure());
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
            on:pointerdown=move |event| pointer::press(stage, request_inspector, &event)
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
                <ul class="clients" aria-label=t!("stage.clients") node_ref=senders>
                    <For each=clients key=|client| *client let((_, index))>
                        <Staged>
                            <ClientCard session=session index=index />
                        </Staged>
                    </For>
                </ul>
            </div>
            <Staged>
                <BalancerCard
                    session=session
                    stage=stage
                    choices=choices
                    request_inspector=request_inspector
                    fixed=controls == Controls::None
                    checks=controls == Controls::Full
                />
            </Staged>
            <ServerList session stage members list full=controls == Controls::Full />
            {request_inspector.map(|request_inspector| view! { <FollowPlace session playback request_inspector /> })}
            <Staged>
                <FirstSteps session stage controls />
            </Staged>
            <p class="since">{session.watch(shares_since)}</p>
        </section>
    }
}
