//! The small stage of a lane of a comparison.

use leptos::html;
use leptos::prelude::*;
use leptos_use_resize_observer::use_resize_observer;

use super::run::ComparisonRun;
use crate::scene::comparison::name;
use crate::scene::fleet::is_fleet;
use crate::scene::words;
use crate::sim::balance::endpoint::Belief;
use crate::sim::engine::view::{Member, View};
use crate::sim::ids::ServerId;
use crate::t;
use crate::ui::stage::Stage;
use crate::ui::stage::icon::{HealthIcon, tone};

/// Clients, balancer and servers of a lane, and the requests between them.
#[component]
pub fn SmallStage(compared: ComparisonRun, place: usize, stage: Stage) -> impl IntoView {
    let view_of = move |look: fn(View<'_>) -> String| {
        compared.watch(move |race| race.lanes().get(place).map(|lane| look(lane.view())))
    };
    let summary = compared.watch(move |race| {
        let lane = race.lanes().get(place)?;
        let totals = lane.view().totals();
        Some(t!(
            "race.stage",
            name = name(race, place),
            n = lane.view().in_flight(),
            answered = totals.answered,
            failed = totals.unanswered()
        ))
    });
    let servers = compared.watch(move |race| {
        let lane = race.lanes().get(place);
        let one = |member: Member<'_>| (member.server.id, member.server.spec.name.clone());
        let few = lane.filter(|lane| !is_fleet(lane.view()));
        few.map(|lane| lane.view().members().map(one).collect::<Vec<_>>())
    });
    let clients = compared.watch(move |race| {
        let lane = race.lanes().get(place);
        let clients = lane.map_or(&[][..], |lane| lane.view().clients());
        let names = clients.iter().map(|one| one.spec.name.clone());
        names.collect::<Vec<_>>()
    });
    let list = NodeRef::<html::Ul>::new();
    use_resize_observer(stage.root, move |_, _| stage.remeasure());
    use_resize_observer(list, move |_, _| stage.remeasure());
    Effect::new(move |_| {
        servers.track();
        clients.track();
        stage.remeasure();
    });
    view! {
        <section class="lane-stage" node_ref=stage.root>
            <canvas node_ref=stage.canvas role="img" aria-label=summary></canvas>
            <ul class="clients" aria-hidden="true">
                {move || {
                    let names = clients.get().into_iter();
                    names.map(|name| view! { <li class="client">{name}</li> }).collect_view()
                }}
            </ul>
            <div class="balancer" aria-hidden="true">
                <span>{view_of(|view| view.in_flight().to_string())}</span>
                <small>{t!("race.in_flight")}</small>
            </div>
            <ul class="servers" node_ref=list>
                {move || match servers.get() {
                    None => view! { <li class="grid"></li> }.into_any(),
                    Some(servers) => {
                        servers
                            .into_iter()
                            .map(|(id, name)| view! { <Server compared place id name /> })
                            .collect_view()
                            .into_any()
                    }
                }}
            </ul>
        </section>
    }
}

#[component]
fn Server(compared: ComparisonRun, place: usize, id: ServerId, name: String) -> impl IntoView {
    let belief = compared.watch(move |race| {
        let lane = race.lanes().get(place);
        let member = lane.and_then(|lane| lane.view().member(id));
        member.map_or(Belief::Maintenance, |member| member.endpoint.belief())
    });
    view! {
        <li class=move || format!("server {}", tone(belief.get())) data-server=id.0.to_string()>
            <HealthIcon belief=belief />
            <span class="name">{name}</span>
            <span class="unseen">": " {move || words::belief(belief.get())}</span>
            <span class="work" aria-hidden="true"></span>
        </li>
    }
}
