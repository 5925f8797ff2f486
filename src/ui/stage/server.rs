//! A server: what the balancer believes of it, the truth about the machine, and what the reader may
//! do to both.

use leptos::prelude::*;

use super::card::Card;
use super::controls::{KillButton, Weight};
use super::icon::{HealthIcon, tone};
use super::menu::ServerMenu;
use crate::scene::status::trouble;
use crate::scene::words;
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
    glass: Option<Glass>,
    id: ServerId,
    name: String,
) -> impl IntoView {
    let card = session.watch(move |view| Card::read(view, id));
    let belief = Memo::new(move |_| card.with(|card| card.belief));
    let address = session.read(|view| {
        view.member(id)
            .map(|member| member.server.spec.address.clone())
            .unwrap_or_default()
    });
    let host = address
        .rsplit_once(':')
        .map_or_else(|| address.clone(), |(host, _)| host.to_string());
    let (progress_before, progress_after) = around("server.in_progress");
    let (queued_before, queued_after) = around("server.queued");
    let title = t!("server.name", name = &name);
    let heading = title.clone();
    let more = t!("server.more", name = &name);
    view! {
        <div
            class=move || format!("server {}", tone(belief.get()))
            role="group"
            aria-label=title
            data-server=id.0.to_string()
        >
            <HealthIcon belief=belief />
            <h3 class="name">{heading} " " <small>{host}</small></h3>
            <Weight session=session id=id name=name.clone() card=card />
            <KillButton session=session id=id name=name card=card />
            <ServerMenu session=session id=id title=more card=card />
            <div class="state">
                <p class="belief">
                    <span class="word">{move || words::belief(belief.get())}</span>
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
            <div class="machine">
                <div class="work" aria-hidden="true"></div>
                <p class="load">
                    {progress_before}
                    <span class="count">{move || card.with(|card| card.in_progress)}</span>
                    {progress_after}
                    <span class="queued">
                        " · "
                        {queued_before}
                        <span class="count">{move || card.with(|card| card.queued)}</span>
                        {queued_after}
                    </span>
                </p>
            </div>
            {glass
                .map(|glass| {
                    view! { <OfChosen look=Look::Received(id) session=session glass=glass /> }
                })}
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
