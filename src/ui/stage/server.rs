//! A server: what the balancer believes of it, the truth about the machine, its share, and what the
//! reader may do to it.

use leptos::prelude::*;

use super::Stage;
use super::card::Card;
use super::controls::{KillButton, Weight};
use super::icon::{HealthIcon, hue, tone};
use super::menu::ServerMenu;
use crate::scene::status::trouble;
use crate::scene::words::{self, thousands};
use crate::sim::fleet::server::Trouble;
use crate::sim::ids::ServerId;
use crate::t;
use crate::ui::closer::{Look, OfChosen};
use crate::ui::glass::Glass;
use crate::ui::session::Session;
use crate::words::around;

/// One server.
#[component]
pub fn ServerCard(
    session: Session,
    stage: Stage,
    glass: Option<Glass>,
    id: ServerId,
    name: String,
) -> impl IntoView {
    let card = session.watch(move |view| Card::read(view, id));
    let belief = Memo::new(move |_| card.with(|card| card.belief));
    let wrong = Memo::new(move |_| card.with(|card| card.trouble));
    let weights = Memo::new(move |_| !stage.folded.get().weights);
    let menus = Memo::new(move |_| !stage.folded.get().menus);
    let weighed = name.clone();
    let address = session.read(|view| {
        view.member(id)
            .map(|member| member.server.spec.address.clone())
            .unwrap_or_default()
    });
    let host = address
        .rsplit_once(':')
        .map_or_else(|| address.clone(), |(host, _)| host.to_string());
    let title = t!("server.name", name = &name);
    let more = t!("server.more", name = &name);
    let (before, after) = around("server.name");
    view! {
        <div
            class=move || {
                let dead = wrong.get() == Some(Trouble::Crashed);
                let dead = if dead { " dead" } else { "" };
                format!("server {} {}{dead}", tone(belief.get()), hue(id))
            }
            role="group"
            aria-label=title
            data-server=id.0.to_string()
        >
            <h3 class="name">
                <HealthIcon belief=belief />
                <span class="word">{before}</span>
                <b class="letter">{name.clone()}</b>
                <span class="word">{after}</span>
                " "
                <small>{host}</small>
            </h3>
            <Show when=move || weights.get()>
                <Weight session=session id=id name=weighed.clone() card=card />
            </Show>
            <KillButton session=session id=id name=name card=card />
            <Show when=move || menus.get()>
                <ServerMenu session=session id=id title=more.clone() card=card />
            </Show>
            <State card=card />
            <Counts card=card />
            <div class="work" aria-hidden="true"></div>
            <Load card=card />
            {glass
                .map(|glass| {
                    view! { <OfChosen look=Look::Received(id) session=session glass=glass /> }
                })}
            <ShareBar card=card />
        </div>
    }
}

/// What the balancer believes, and beside it the truth where that is another.
#[component]
fn State(card: Memo<Card>) -> impl IntoView {
    view! {
        <div class="state">
            <p class="belief">
                <span class="word">{move || card.with(|card| words::belief(card.belief))}</span>
                <span class="detail">
                    {move || with_dot(&card.with(|card| card.detail.clone()))}
                </span>
            </p>
            " "
            <p class="truth">
                {move || {
                    card.with(|card| card.trouble)
                        .map(|wrong| {
                            view! {
                                <span class="unseen">{t!("server.in_truth")} " "</span>
                                {trouble(wrong)}
                            }
                        })
                }}
            </p>
        </div>
    }
}

/// How many requests it answered, and how many failed at it.
#[component]
fn Counts(card: Memo<Card>) -> impl IntoView {
    let (before, after) = around("server.answered");
    let failed = Memo::new(move |_| card.with(|card| card.failed));
    view! {
        <p class="counts">
            {before}
            <span class="count">{move || thousands(card.with(|card| card.answered))}</span>
            {after}
            <span class="failed" hidden=move || failed.get() == 0>
                " · "
                <b>{move || t!("server.failed", count = failed.get())}</b>
            </span>
        </p>
    }
}

/// What it has to do, for those who do not see it drawn.
#[component]
fn Load(card: Memo<Card>) -> impl IntoView {
    let said = move || {
        card.with(|card| {
            t!(
                "server.load",
                sent = card.in_progress,
                in_work = card.in_work,
                queued = card.queued
            )
        })
    };
    view! { <p class="load unseen">{said}</p> }
}

fn with_dot(detail: &str) -> String {
    if detail.is_empty() {
        String::new()
    } else {
        format!(" · {detail}")
    }
}

/// Its share of the picks as a bar with a tick at the share that is asked for, and as a number. The table
/// says the same.
#[component]
fn ShareBar(card: Memo<Card>) -> impl IntoView {
    let at = |permille: Option<u32>| format!("{}%", f64::from(permille.unwrap_or(0)) / 10.0);
    let percent = move || {
        card.with(|card| card.share).map_or_else(
            || "–".to_string(),
            |share| words::share(f64::from(share) / 1_000.0),
        )
    };
    view! {
        <div class="share">
            <div class="bar" aria-hidden="true">
                <div class="got" style:width=move || at(card.with(|card| card.share))></div>
                <div
                    class="asked"
                    style:left=move || at(card.with(|card| card.expected))
                    hidden=move || card.with(|card| card.expected.is_none())
                ></div>
            </div>
            <span class="unseen">{t!("server.share")} " "</span>
            <b class="percent">{percent}</b>
        </div>
    }
}
