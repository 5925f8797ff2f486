//! The VRRP settings of a pair with one virtual address: priorities, advertisement interval, preemption, shared state.

use leptos::prelude::*;

use crate::sim::engine::command::{Command, SiteCommand};
use crate::sim::engine::view::View;
use crate::sim::ha::vrrp::MAX_ADVERT_CS;
use crate::sim::ids::SiteId;
use crate::sim::scenario::topology::PairSpec;
use crate::t;
use crate::ui::number::NumberField;
use crate::ui::session::Session;
use crate::ui::switch::Switch;

fn spec(view: View<'_>, id: SiteId) -> Option<PairSpec> {
    let pair = view.topology().sites.get(id.index())?.pair.as_ref()?;
    pair.is_passive().then(|| pair.spec.clone())
}

/// The settings, folded at first. Nothing for a pair without a common address.
#[component]
pub fn PairSettings(session: Session, id: SiteId) -> impl IntoView {
    let now = session.watch(move |view| spec(view, id));
    let known = session.read(|view| spec(view, id));
    known.map(|known| {
        let balancers = session.read(|view| view.topology().site(id).balancers.clone());
        let priorities = balancers.into_iter().zip(known.members).enumerate();
        let priorities = priorities.map(|(place, (balancer, member))| {
            let value = Signal::derive(move || {
                now.with(|now| {
                    let now = now.as_ref();
                    now.map_or(1.0, |spec| f64::from(spec.members[place].priority))
                })
            });
            let set = move |typed: f64| {
                let command = SiteCommand::SetPriority(balancer, typed as u8);
                let _ = session.send(Command::Site(command));
            };
            view! {
                <NumberField
                    id=format!("priority-{}", balancer.0)
                    label=t!("pair.priority", name = &member.name)
                    labelled=true
                    min=1.0
                    max=255.0
                    value
                    set
                />
            }
        });
        view! {
            <details class="settings">
                <summary>{t!("pair.settings")}</summary>
                <div class="level-settings">
                    {priorities.collect_view()}
                    <Interval session id now />
                    <Switches session id now />
                </div>
                <p class="hint">{t!("pair.settings.hint")}</p>
            </details>
        }
    })
}

#[component]
fn Interval(session: Session, id: SiteId, now: Memo<Option<PairSpec>>) -> impl IntoView {
    let value = Signal::derive(move || {
        now.with(|now| {
            now.as_ref()
                .map_or(1.0, |spec| f64::from(spec.advert_cs) / 100.0)
        })
    });
    let set = move |typed: f64| {
        let advert_cs = (typed * 100.0).round() as u32;
        let _ = session.send(Command::Site(SiteCommand::SetAdvertInterval(id, advert_cs)));
    };
    view! {
        <NumberField
            id=format!("advert-{}", id.0)
            label=t!("pair.interval")
            labelled=true
            unit=t!("unit.s")
            fraction=true
            min=0.01
            max=f64::from(MAX_ADVERT_CS) / 100.0
            value
            set
        />
    }
}

#[component]
fn Switches(session: Session, id: SiteId, now: Memo<Option<PairSpec>>) -> impl IntoView {
    let switch = move |label: String,
                       read: fn(&PairSpec) -> bool,
                       command: fn(SiteId, bool) -> SiteCommand| {
        view! {
            <Switch
                on=Signal::derive(move || now.with(|now| now.as_ref().is_some_and(read)))
                set=move |on| {
                    let _ = session.send(Command::Site(command(id, on)));
                }
            >
                {label}
            </Switch>
        }
    };
    view! {
        {switch(t!("pair.preempt"), |spec| spec.preempt, SiteCommand::SetPreempt)}
        {switch(t!("pair.shared"), |spec| spec.shared_connections, SiteCommand::SetSharedConnections)}
        {switch(t!("pair.standby"), |spec| spec.standby_checks, SiteCommand::SetStandbyChecks)}
    }
}
