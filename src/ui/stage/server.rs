//! The card of a server: the balancer's belief, the truth where it differs, the share, and the controls.

use leptos::prelude::*;

use super::Stage;
use super::card::Card;
use super::controls::{KillButton, Weight};
use super::counts::{Counts, Load, ShareBar};
use super::icon::{HealthIcon, hue, tone};
use super::menu::ServerMenu;
use crate::scene::status::trouble;
use crate::scene::words;
use crate::sim::fleet::server::ServerFault;
use crate::sim::ids::ServerId;
use crate::t;
use crate::ui::session::Session;
use crate::ui::show::Show;
use crate::ui::text::text;
use crate::words::around;

/// The longest name that gets the word "Server" before it: a longer one needs the room.
const SHORT: usize = 3;

/// The card of a server.
#[component]
pub fn ServerCard(session: Session, stage: Stage, id: ServerId, name: String) -> impl IntoView {
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
    let called = if name.chars().count() > SHORT {
        " called"
    } else {
        ""
    };
    view! {
        <div
            class=move || {
                let dead = wrong.get() == Some(ServerFault::Crashed);
                let dead = if dead { " dead" } else { "" };
                format!("server {} {}{dead}{called}", tone(belief.get()), hue(id))
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
            <ShareBar card=card />
        </div>
    }
}

/// The balancer's belief, and beside it the truth where it differs.
#[component]
fn State(card: Memo<Card>) -> impl IntoView {
    let wrong = Memo::new(move |_| card.with(|card| card.trouble.is_some()));
    // The first thing that lies behind the word, and the others.
    let part = move |place: usize| {
        let part = card.with(|card| card.detail.splitn(2, " · ").nth(place).map(str::to_string));
        match part {
            Some(part) if !part.is_empty() => format!(" · {part}"),
            _ => String::new(),
        }
    };
    view! {
        <div class="state">
            <p class="belief">
                <Show when=move || wrong.get()>
                    <Sign path=EYE />
                </Show>
                <span class="word">{text(move || card.with(|card| words::belief(card.belief)))}</span>
                <span class="detail">
                    {text(move || part(0))} <span class="rest">{text(move || part(1))}</span>
                </span>
            </p>
            " "
            <p class="truth">
                {move || {
                    card.with(|card| card.trouble)
                        .map(|wrong| {
                            view! {
                                <Sign path=MACHINE />
                                <span class="unseen">{t!("server.in_truth")} " "</span>
                                {trouble(wrong)}
                            }
                        })
                }}
            </p>
        </div>
    }
}

/// An eye: the balancer's belief.
const EYE: &str = "M1 8C4 3.5 12 3.5 15 8 12 12.5 4 12.5 1 8ZM8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z";
/// A machine: the truth.
const MACHINE: &str = "M2 2.5h12v4.5h-12ZM2 9h12v4.5h-12ZM4.5 4.8h1M4.5 11.3h1";

/// The sign of a belief or of the truth. It is hidden from assistive technology, since the words beside it say the
/// same.
#[component]
fn Sign(path: &'static str) -> impl IntoView {
    view! {
        <svg class="sign" viewBox="0 0 16 16" aria-hidden="true">
            <path d=path></path>
        </svg>
    }
}
