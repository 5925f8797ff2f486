//! The compact stage of a figure in a chapter: the same picture as the workbench's stage, with small cards.

use leptos::html;
use leptos::prelude::*;
use leptos_use_resize_observer::use_resize_observer;

use super::Stage;
use super::card::Card;
use super::icon::{HealthIcon, tone};
use crate::scene::small::{heading, in_front, reason, sign};
use crate::scene::status::trouble;
use crate::scene::words::{self, describe};
use crate::sim::engine::command::{Command, FaultKind};
use crate::sim::fleet::client::Client;
use crate::sim::fleet::server::ServerFault;
use crate::sim::ids::ServerId;
use crate::t;
use crate::ui::session::Session;
use crate::ui::text::text;

/// The compact stage. With `kill`, servers can be killed.
#[component]
pub fn CompactStage(
    session: Session,
    stage: Stage,
    #[prop(into)] kill: Signal<bool>,
) -> impl IntoView {
    let members = session.watch(|view| {
        view.members()
            .map(|member| (member.server.id, member.server.spec.name.clone()))
            .collect::<Vec<(ServerId, String)>>()
    });
    let summary = session.watch(describe);
    let list = NodeRef::<html::Ul>::new();
    use_resize_observer(stage.root, move |_, _| stage.remeasure());
    use_resize_observer(list, move |_, _| stage.remeasure());
    Effect::new(move |_| {
        members.track();
        stage.remeasure();
    });
    let cards = move || {
        let run = session.run().get();
        members
            .get()
            .into_iter()
            .map(|(id, name)| (run, id, name))
            .collect::<Vec<_>>()
    };
    let clients = session.read(|view| {
        let spec = |client: &Client| sign(&client.spec.name, &client.spec.note);
        view.clients().iter().map(spec).collect::<Vec<_>>()
    });
    view! {
        <section class="small-stage" node_ref=stage.root>
            <canvas node_ref=stage.canvas role="img" aria-label=summary></canvas>
            <ul class="clients">
                {clients
                    .into_iter()
                    .map(|(name, note)| {
                        view! {
                            <li class="client">
                                <span class="sign">{name}</span>
                                <small>{note}</small>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
            <Balancer session=session />
            <ul class="servers" node_ref=list>
                <For each=cards key=|card| card.clone() let((_, id, name))>
                    <Server session=session id=id name=name kill=kill />
                </For>
            </ul>
        </section>
    }
}

/// The balancer with its last pick and the reason; in a scene with several balancers, the topology in front of them.
#[component]
fn Balancer(session: Session) -> impl IntoView {
    let what = session.watch(heading);
    let said = session.watch(reason);
    let front = session.watch(in_front);
    view! {
        <div class="balancer">
            <b>{what}</b>
            <p class="front">
                {move || {
                    front
                        .get()
                        .into_iter()
                        .map(|line| view! { <span>{line}</span> })
                        .collect_view()
                }}
            </p>
            <p class="why">{said}</p>
        </div>
    }
}

#[component]
fn Server(session: Session, id: ServerId, name: String, kill: Signal<bool>) -> impl IntoView {
    let card = session.watch(move |view| Card::read(view, id));
    let belief = Memo::new(move |_| card.with(|card| card.belief));
    // What is wrong in truth stands beside what is believed, where there is room for one line.
    let truth = move || {
        let wrong = card.with(|card| card.trouble);
        wrong.map(trouble)
    };
    let picks = session.watch(move |view| {
        view.member(id)
            .map_or(0, |member| member.endpoint.counts.picks)
    });
    let shown = name.clone();
    view! {
        <li class=move || format!("server {}", tone(belief.get())) data-server=id.0.to_string()>
            <HealthIcon belief=belief />
            <span class="name">{shown}</span>
            <span class="state">
                <span class="word">{text(move || words::belief(belief.get()))}</span>
                <span class="truth">{truth}</span>
            </span>
            {move || {
                if kill.get() {
                    view! { <Kill session=session id=id name=name.clone() card=card /> }.into_any()
                } else {
                    view! { <span class="count">{picks}</span> }.into_any()
                }
            }}
            <div class="work" aria-hidden="true"></div>
        </li>
    }
}

#[component]
fn Kill(session: Session, id: ServerId, name: String, card: Memo<Card>) -> impl IntoView {
    let dead = Memo::new(move |_| card.with(|card| card.trouble == Some(ServerFault::Crashed)));
    let act = move |_| {
        let fault = if dead.get_untracked() {
            FaultKind::Restore
        } else {
            FaultKind::Crash
        };
        let _ = session.send(Command::Fault(id, fault));
    };
    view! {
        <button type="button" class="kill" on:click=act>
            {text(move || if dead.get() { t!("kill.revive") } else { t!("kill.kill") })}
            <span class="unseen">" " {name}</span>
        </button>
    }
}
