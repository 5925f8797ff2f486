//! The fields for a balancer's connections to its servers: kept connections at L7, the return path at L4.

use leptos::prelude::*;

use crate::sim::balance::l7::keepalive::KeepaliveSpec;
use crate::sim::balance::spec::ReturnPath;
use crate::sim::engine::command::Command;
use crate::sim::engine::frontend::FrontendCommand;
use crate::sim::time::SimDuration;
use crate::t;
use crate::ui::number::NumberField;
use crate::ui::session::Session;
use crate::ui::show::Show;
use crate::ui::switch::Switch;

/// The fields for kept connections: the number of idle ones and their time-out. Without them connections to servers are
/// not simulated.
#[component]
pub fn KeepaliveField(session: Session) -> impl IntoView {
    let now = session.watch(|view| view.balancer().front().config().keepalive);
    let kept = Memo::new(move |_| now.get().is_some());
    let send = move |spec| {
        let _ = session.send(Command::Frontend(FrontendCommand::SetKeepalive(spec)));
    };
    let change = move |part: fn(&mut KeepaliveSpec, f64)| {
        Callback::new(move |typed| {
            let mut spec = now.get_untracked().unwrap_or_default();
            part(&mut spec, typed);
            send(Some(spec));
        })
    };
    let read = move |part: fn(&KeepaliveSpec) -> f64| {
        Signal::derive(move || part(&now.get().unwrap_or_default()))
    };
    view! {
        <Switch on=kept set=move |on: bool| send(on.then(KeepaliveSpec::default))>
            {t!("work.dial")}
        </Switch>
        <Show when=move || kept.get()>
            <NumberField id="kept-idle" label=t!("work.idle") labelled=true min=0.0 max=10_000.0
                value=read(|spec| f64::from(spec.idle))
                set=change(|spec, typed| spec.idle = typed as u32) />
            <NumberField id="kept-timeout" label=t!("work.idle_for") labelled=true unit=t!("unit.s")
                fraction=true min=0.1 max=3_600.0
                value=read(|spec| spec.timeout_us.as_secs_f64())
                set=change(|spec, typed| spec.timeout_us = SimDuration::from_us((typed * 1e6) as u64)) />
        </Show>
    }
}

/// A switch: whether answers bypass the balancer (direct server return).
#[component]
pub fn DirectReturnField(session: Session) -> impl IntoView {
    let direct =
        session.watch(|view| view.balancer().front().config().return_path == ReturnPath::Direct);
    let set = move |direct: bool| {
        let path = if direct {
            ReturnPath::Direct
        } else {
            ReturnPath::Nat
        };
        let _ = session.send(Command::Frontend(FrontendCommand::SetReturnPath(path)));
    };
    view! {
        <Switch on=direct set=set>
            {t!("work.direct")}
        </Switch>
    }
}
