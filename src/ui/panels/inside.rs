//! The balancer's inspector: the head of the last request, the rules in order, and the load of the processor.

use leptos::prelude::*;

use super::pools::Pools;
use super::rules::Rules;
use super::upstream_connections::{DirectReturnField, KeepaliveField};
use crate::scene::request_head::{RequestHeadView, letter};
use crate::scene::words::duration;
use crate::sim::balance::spec::Layer;
use crate::sim::engine::command::Command;
use crate::sim::engine::frontend::FrontendCommand;
use crate::sim::engine::view::View;
use crate::sim::scenario::Scale;
use crate::t;
use crate::ui::number::NumberField;
use crate::ui::request_inspector::EnvelopeSign;
use crate::ui::session::Session;
use crate::ui::show::Show;
use crate::words::number;

/// The panel of the inspector.
#[component]
pub fn BalancerPanel(session: Session) -> impl IntoView {
    // At L4 nothing is read, so only rules that are there already are worth a word.
    let ruled = session.watch(|view| {
        let balancer = view.balancer();
        balancer.layer() == Layer::L7 || !balancer.front().rules.rules().is_empty()
    });
    let pools = session.watch(|view| view.balancer().upstreams().len() > 1);
    view! {
        <div class="panels inside" id="inside">
            <Envelope session=session />
            <Work session=session />
            <Show when=move || ruled.get()>
                <Rules session=session />
            </Show>
            <Show when=move || pools.get()>
                <Pools session=session />
            </Show>
        </div>
    }
}

#[component]
fn Envelope(session: Session) -> impl IntoView {
    let seen = session.watch(letter);
    let part = move |read: fn(&RequestHeadView) -> Vec<(String, String)>| {
        move || {
            let rows = seen.with(|seen| seen.as_ref().map(read).unwrap_or_default());
            rows.into_iter()
                .map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> })
                .collect_view()
        }
    };
    let sealed =
        Memo::new(move |_| seen.with(|seen| seen.as_ref().is_some_and(|seen| seen.sealed)));
    // What is turned away reaches no server.
    let reaches = Memo::new(move |_| {
        seen.with(|seen| seen.as_ref().is_none_or(|seen| !seen.at_server.is_empty()))
    });
    let title = move || {
        if sealed.get() {
            t!("letter.shut")
        } else {
            t!("letter.open")
        }
    };
    let verdict = move || {
        let verdict = seen.with(|seen| seen.as_ref().map(|seen| seen.verdict.clone()));
        verdict.unwrap_or_else(|| t!("letter.none"))
    };
    view! {
        <section class="panel envelope" class:sealed=sealed aria-label=t!("letter.title")>
            <h2>
                <EnvelopeSign sealed />
                {title}
            </h2>
            <dl>{part(|seen| seen.lines.clone())}</dl>
            <p class="verdict">{verdict}</p>
            <h3 hidden=move || !reaches.get()>{t!("letter.server_sees")}</h3>
            <dl>{part(|seen| seen.at_server.clone())}</dl>
        </section>
    }
}

/// The costs of the balancer's work, as text.
#[derive(Clone, PartialEq)]
struct Costs {
    rows: Vec<(String, String)>,
    cores: Option<f64>,
    layer: Layer,
}

fn costs(view: View<'_>) -> Costs {
    let balancer = view.balancer();
    let (front, now) = (balancer.front(), view.now());
    let config = front.config();
    let mut rows = Vec::new();
    if let Some(processor) = front.processor() {
        let busy = f64::from(processor.share_permille(now)) / 1e3;
        rows.push((t!("work.busy"), number::percent(busy)));
        rows.push((
            t!("work.waiting"),
            number::count(processor.waiting(now) as u64),
        ));
        rows.push((t!("work.dropped"), number::count(processor.dropped())));
        if let Some(rate) = front.rate_per_core(now) {
            rows.push((t!("work.per_core"), number::count(rate as u64)));
        }
    } else {
        rows.push((t!("work.cores"), t!("work.cores_unlimited")));
    }
    // In a stretched scene this time is stretched as well, and says nothing of a real balancer.
    let added = front.added();
    if let Some(added) = added.filter(|_| view.scenario().scale == Scale::True) {
        rows.push((t!("work.added"), duration(added)));
    }
    if config.layer == Layer::L7 {
        let sessions = &front.sessions;
        rows.push((
            t!("work.handshakes"),
            t!(
                "work.handshakes_of",
                full = sessions.full(),
                resumed = sessions.resumed()
            ),
        ));
        if config.keepalive.is_some() {
            let kept = &front.keepalive;
            rows.push((
                t!("work.kept"),
                t!(
                    "work.kept_of",
                    opened = kept.opened(),
                    reused = kept.reused()
                ),
            ));
        }
    }
    let sockets = view.sockets();
    if sockets.opened() > 0 {
        rows.push((
            t!("work.sockets"),
            t!(
                "work.sockets_of",
                open = sockets.count(),
                broken = sockets.broken()
            ),
        ));
    }
    Costs {
        rows,
        cores: front.processor().map(|one| one.cores() as f64),
        layer: config.layer,
    }
}

#[component]
fn Work(session: Session) -> impl IntoView {
    let costs = session.watch(costs);
    let cores = Memo::new(move |_| costs.with(|costs| costs.cores));
    let has_cores = Memo::new(move |_| cores.get().is_some());
    let l4 = Memo::new(move |_| costs.with(|costs| costs.layer == Layer::L4));
    let l7 = Memo::new(move |_| !l4.get());
    let send = move |command| {
        let _ = session.send(Command::Frontend(command));
    };
    view! {
        <section class="panel work-costs" aria-label=t!("work.title")>
            <h2>{t!("work.title")}</h2>
            <dl>
                {move || {
                    costs
                        .with(|costs| costs.rows.clone())
                        .into_iter()
                        .map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> })
                        .collect_view()
                }}
            </dl>
            <Show when=move || has_cores.get()>
                <NumberField
                    id="cores"
                    label=t!("work.cores")
                    labelled=true
                    min=1.0
                    max=256.0
                    value=Signal::derive(move || cores.get().unwrap_or(1.0))
                    set=move |typed: f64| send(FrontendCommand::SetCores(typed as u32))
                />
            </Show>
            <Show when=move || l7.get()>
                <KeepaliveField session />
            </Show>
            <Show when=move || l4.get()>
                <DirectReturnField session />
            </Show>
        </section>
    }
}
