//! A fleet of servers: the place of the grid, the totals, and the card of one chosen server.

use leptos::ev;
use leptos::prelude::*;

use super::Stage;
use super::fleet_algorithms::FleetAlgorithms;
use super::server::ServerCard;
use crate::scene::fleet::{broken, every_tenth, next_in_trouble, server_at, summary};
use crate::scene::layout::Point;
use crate::scene::playback_clock::behind_text;
use crate::sim::engine::command::{Command, FaultKind};
use crate::sim::engine::view::View;
use crate::sim::ids::ServerId;
use crate::t;
use crate::ui::legend::shape;
use crate::ui::playback::Playback;
use crate::ui::session::Session;

/// The fleet: the place of the grid, the choice of a server, and actions on many servers.
#[component]
pub fn Fleet(session: Session, stage: Stage) -> impl IntoView {
    let run = session.run();
    let names = session.watch(|view| {
        view.members()
            .map(|member| (member.server.id, member.server.spec.name.clone()))
            .collect::<Vec<(ServerId, String)>>()
    });
    let wanted = RwSignal::new(None::<ServerId>);
    // One that was removed, or that another run never had, gives way to the first.
    let chosen = Memo::new(move |_| {
        let wanted = wanted.get();
        names.with(|names| {
            let there = names.iter().find(|(id, _)| Some(*id) == wanted);
            there.or(names.first()).cloned()
        })
    });
    Effect::new(move |_| {
        chosen.track();
        stage.remeasure();
    });
    let card = move || {
        let run = run.get();
        chosen.get().map(|(id, name)| (run, id, name))
    };
    let press = move |event: ev::MouseEvent| {
        if let Some(id) = pressed(session, stage, &event) {
            wanted.set(Some(id));
        }
    };
    let fault = move |which: ServerSelector, kind| {
        for id in session.read(which) {
            let _ = session.send(Command::Fault(id, kind));
        }
    };
    // It holds for the moment of the press: the next change of the scene takes it back.
    let said = RwSignal::new(None::<String>);
    let state = session.watch(|view| next_in_trouble(view, None));
    Effect::new(move |_| {
        // Not `track`: a memo that nobody has read follows nothing.
        let _ = state.get();
        said.set(None);
    });
    let next = move |_| {
        let from = chosen.get_untracked().map(|(id, _)| id);
        let found = session.read(|view| next_in_trouble(view, from));
        said.set(found.is_none().then(|| t!("fleet.none_in_trouble")));
        if found.is_some() {
            wanted.set(found);
        }
    };
    // A thousand servers are more than some machines can compute in real time.
    let playback = use_context::<Playback>();
    let behind = move || playback?.behind.get().map(behind_text);
    view! {
        <div class="grid" title=t!("fleet.squares") on:click=press></div>
        <p class="fleet-said">{session.watch(summary)} " " <strong>{behind}</strong></p>
        <FleetAlgorithms session />
        <Swatches />
        <div class="fleet-row">
            <ServerChoice names chosen wanted />
            <button type="button" class="button" on:click=next>
                {t!("fleet.next_in_trouble")}
            </button>
            <p role="status">{said}</p>
        </div>
        <div class="fleet-row">
            <ManyFaults fault />
        </div>
        <For each=move || card().into_iter() key=|card| card.clone() let((_, id, name))>
            <ServerCard session=session stage=stage id=id name=name />
        </For>
    }
}

/// The legend of the squares in the grid.
#[component]
fn Swatches() -> impl IntoView {
    const SQUARE: &str = "M2 2h12v12H2z";
    const CROSSED: &str = "M2 2h12v12H2zM2 2l12 12M14 2L2 14";
    view! {
        <ul class="hint swatches">
            {shape("healthy", SQUARE, t!("fleet.swatch.in_use"))}
            {shape("down", SQUARE, t!("fleet.swatch.out_of_use"))}
            {shape("full", SQUARE, t!("fleet.swatch.full"))}
            {shape("broken", CROSSED, t!("fleet.swatch.broken"))}
        </ul>
    }
}

/// Selects servers of a fleet.
pub type ServerSelector = fn(View<'_>) -> Vec<ServerId>;

/// The actions on many servers at once; `fault` carries one out.
#[component]
pub fn ManyFaults(fault: impl Fn(ServerSelector, FaultKind) + Copy + 'static) -> impl IntoView {
    let entries: [(String, ServerSelector, FaultKind); 2] = [
        (t!("fleet.kill_tenth"), every_tenth, FaultKind::Crash),
        (t!("fleet.revive_all"), broken, FaultKind::Restore),
    ];
    entries
        .map(|(name, which, kind)| {
            view! {
                <button type="button" class="button" on:click=move |_| fault(which, kind)>
                    {name}
                </button>
            }
        })
        .into_iter()
        .collect_view()
}

/// The field that chooses the server with a card.
#[component]
fn ServerChoice(
    names: Memo<Vec<(ServerId, String)>>,
    chosen: Memo<Option<(ServerId, String)>>,
    wanted: RwSignal<Option<ServerId>>,
) -> impl IntoView {
    let options = move || {
        let option = |(id, name): (ServerId, String)| {
            let is_it = move || chosen.with(|it| it.as_ref().is_some_and(|(one, _)| *one == id));
            view! {
                <option value=id.0.to_string() prop:selected=is_it>
                    {name}
                </option>
            }
        };
        names.get().into_iter().map(option).collect_view()
    };
    view! {
        <label for="fleet-server">{t!("fleet.server")}</label>
        <select
            id="fleet-server"
            on:change:target=move |event| {
                wanted.set(event.target().value().parse().ok().map(ServerId));
            }
        >
            {options}
        </select>
    }
}

/// The server whose square is under the pointer.
fn pressed(session: Session, stage: Stage, event: &ev::MouseEvent) -> Option<ServerId> {
    let canvas = stage.canvas.get_untracked()?.get_bounding_client_rect();
    let at = Point {
        x: f64::from(event.client_x()) - canvas.left(),
        y: f64::from(event.client_y()) - canvas.top(),
    };
    let place = stage.layout.with_value(|layout| layout.grid)?;
    session.read(|view| server_at(view, place, at))
}
