//! A server: what the balancer believes of it, the truth about the machine, and what the reader may
//! do to both.

use leptos::prelude::*;

use super::icon::{HealthIcon, tone};
use super::menu::ServerMenu;
use crate::scene::status::{belief_detail, trouble};
use crate::sim::balance::endpoint::{AdminState, Belief};
use crate::sim::engine::command::{Command, FaultKind};
use crate::sim::engine::view::View;
use crate::sim::fleet::server::Trouble;
use crate::sim::ids::ServerId;
use crate::ui::number::NumberField;
use crate::ui::session::Session;

/// The most that the page allows as a weight.
const MAX_WEIGHT: u32 = 100;

/// What one card shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    belief: Belief,
    detail: String,
    /// The truth, where something is wrong.
    pub trouble: Option<Trouble>,
    /// What the operator wants.
    pub admin: AdminState,
    weight: u32,
    in_progress: u32,
    queued: usize,
    /// In thousandths, as finely as the bar can show it.
    share: Option<u32>,
    expected: Option<u32>,
}

impl Card {
    fn read(view: View<'_>, id: ServerId) -> Option<Self> {
        let member = view.member(id)?;
        let endpoint = member.endpoint;
        let permille = |share: f64| (share * 1_000.0).round() as u32;
        Some(Self {
            belief: endpoint.belief(),
            detail: belief_detail(view, &member),
            trouble: member.server.trouble(),
            admin: endpoint.admin,
            weight: endpoint.config.weight,
            in_progress: endpoint.in_progress,
            queued: member.server.waiting().len(),
            share: view.share(endpoint.id).map(permille),
            expected: view.balancer().expected_share(endpoint.id).map(permille),
        })
    }
}

/// One server.
#[component]
pub fn ServerCard(session: Session, id: ServerId, name: String) -> impl IntoView {
    let gone = Card {
        belief: Belief::Healthy,
        detail: String::new(),
        trouble: None,
        admin: AdminState::Ready,
        weight: 0,
        in_progress: 0,
        queued: 0,
        share: None,
        expected: None,
    };
    // The card outlives its server by a moment.
    let card = session.watch(move |view| Card::read(view, id).unwrap_or_else(|| gone.clone()));
    let belief = Memo::new(move |_| card.with(|card| card.belief));
    let address = session.read(|view| {
        view.member(id)
            .map(|member| member.server.spec.address.clone())
            .unwrap_or_default()
    });
    let host = address
        .rsplit_once(':')
        .map_or_else(|| address.clone(), |(host, _)| host.to_string());
    let title = format!("Server {name}");
    let heading = title.clone();
    view! {
        <div
            class=move || format!("server {}", tone(belief.get()))
            role="group"
            aria-label=title
            data-server=id.0.to_string()
        >
            <HealthIcon belief=belief />
            <h3 class="name">{heading} <small>{host}</small></h3>
            <Weight session=session id=id name=name.clone() card=card />
            <KillButton session=session id=id name=name.clone() card=card />
            <ServerMenu session=session id=id name=name card=card />
            <div class="state">
                <p class="belief">
                    <span class="word">{move || belief.get().word()}</span>
                    <span class="detail">
                        {move || with_dot(&card.with(|card| card.detail.clone()))}
                    </span>
                </p>
                <p class="truth">
                    {move || {
                        card.with(|card| card.trouble)
                            .map(|wrong| {
                                view! {
                                    <span class="unseen">"In truth: "</span>
                                    {trouble(wrong)}
                                }
                            })
                    }}
                </p>
            </div>
            <div class="machine">
                <div class="work" aria-hidden="true"></div>
                <p class="load">
                    {move || card.with(|card| card.in_progress)} " in progress"
                    <span class="queued">
                        " · " {move || card.with(|card| card.queued)} " queued"
                    </span>
                </p>
            </div>
            <ShareBar card=card />
        </div>
    }
}

fn with_dot(detail: &str) -> String {
    if detail.is_empty() {
        String::new()
    } else {
        format!(" · {detail}")
    }
}

/// The balancer's weight: typed, or one more or less.
#[component]
fn Weight(session: Session, id: ServerId, name: String, card: Memo<Card>) -> impl IntoView {
    let weight = Memo::new(move |_| card.with(|card| card.weight));
    let least = Memo::new(move |_| weight.get() == 0);
    let most = Memo::new(move |_| weight.get() >= MAX_WEIGHT);
    let set = move |weight: u32| {
        let _ = session.send(Command::SetWeight(id, weight));
    };
    view! {
        <div class="weight">
            <button
                type="button"
                aria-label=format!("Lower server {name}'s weight")
                disabled=least
                on:click=move |_| set(weight.get_untracked().saturating_sub(1))
            >
                "−"
            </button>
            <NumberField
                id=format!("weight-{}", id.0)
                label=format!("Weight of server {name}")
                min=0.0
                max=f64::from(MAX_WEIGHT)
                value=Signal::derive(move || f64::from(weight.get()))
                set=move |typed: f64| set(typed as u32)
            />
            <button
                type="button"
                aria-label=format!("Raise server {name}'s weight")
                disabled=most
                on:click=move |_| set(weight.get_untracked() + 1)
            >
                "+"
            </button>
        </div>
    }
}

/// Kills the process, or starts it again.
#[component]
fn KillButton(session: Session, id: ServerId, name: String, card: Memo<Card>) -> impl IntoView {
    let dead = Memo::new(move |_| card.with(|card| card.trouble == Some(Trouble::Crashed)));
    let word = move || if dead.get() { "Revive" } else { "Kill" };
    let act = move |_| {
        let fault = if dead.get_untracked() {
            FaultKind::Restore
        } else {
            FaultKind::Crash
        };
        let _ = session.send(Command::Fault(id, fault));
    };
    view! {
        <button
            type="button"
            class="kill"
            aria-label=move || format!("{} server {name}", word())
            on:click=act
        >
            {word}
        </button>
    }
}

/// Its share of the picks, with a tick at the share that is asked for. The table says the same.
#[component]
fn ShareBar(card: Memo<Card>) -> impl IntoView {
    let at = |permille: Option<u32>| format!("{}%", f64::from(permille.unwrap_or(0)) / 10.0);
    view! {
        <div class="share" aria-hidden="true">
            <div class="got" style:width=move || at(card.with(|card| card.share))></div>
            <div
                class="asked"
                style:left=move || at(card.with(|card| card.expected))
                hidden=move || card.with(|card| card.expected.is_none())
            ></div>
        </div>
    }
}
