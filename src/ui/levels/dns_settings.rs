//! The settings of the scene's name: GeoDNS policy, TTL, EDNS client subnet, anycast.

use leptos::prelude::*;

use crate::sim::engine::command::{Command, SiteCommand};
use crate::sim::engine::view::View;
use crate::sim::gslb::geodns::{GeoDnsPolicy, POLICIES};
use crate::sim::scenario::topology::DnsSpec;
use crate::sim::time::SimDuration;
use crate::t;
use crate::ui::session::Session;
use crate::ui::switch::Switch;

/// The TTLs to choose from, in seconds, beside the scene's own.
const TTLS: [u64; 6] = [0, 5, 15, 30, 60, 300];

fn spec(view: View<'_>) -> DnsSpec {
    view.dns().map(|names| names.spec).unwrap_or_default()
}

fn label(policy: GeoDnsPolicy) -> String {
    match policy {
        GeoDnsPolicy::Nearest => t!("world.policy.nearest"),
        GeoDnsPolicy::LowestLatency => t!("world.policy.lowest_latency"),
        GeoDnsPolicy::Weighted => t!("world.policy.weighted"),
        GeoDnsPolicy::Failover => t!("world.policy.failover"),
        GeoDnsPolicy::RoundRobin => t!("world.policy.round_robin"),
    }
}

fn seconds(secs: u64) -> String {
    match secs {
        0 => t!("world.ttl.none"),
        secs => t!("world.ttl.secs", secs = secs),
    }
}

/// The controls of the name.
#[component]
pub fn DnsSettings(session: Session) -> impl IntoView {
    let now = session.watch(spec);
    let send = move |command| {
        let _ = session.send(Command::Site(command));
    };
    let policies = POLICIES.iter().enumerate().map(|(place, policy)| {
        let chosen = move || now.get().policy == *policy;
        view! {
            <option value=place.to_string() prop:selected=chosen>
                {label(*policy)}
            </option>
        }
    });
    let own = session.read(|view| spec(view).ttl_us.as_us() / 1_000_000);
    let mut ttls = TTLS.to_vec();
    ttls.push(own);
    ttls.sort_unstable();
    ttls.dedup();
    let ttls = ttls.into_iter().map(|secs| {
        let chosen = move || now.get().ttl_us == SimDuration::from_secs(secs);
        view! {
            <option value=secs.to_string() prop:selected=chosen>
                {seconds(secs)}
            </option>
        }
    });
    view! {
        <div class="level-settings">
            <div class="field">
                <label for="policy">{t!("world.policy")}</label>
                <select
                    id="policy"
                    on:change:target=move |event| {
                        let place = event.target().value().parse::<usize>().unwrap_or(0);
                        send(SiteCommand::SetPolicy(POLICIES[place % POLICIES.len()]));
                    }
                >
                    {policies.collect_view()}
                </select>
            </div>
            <div class="field">
                <label for="ttl">{t!("world.ttl")}</label>
                <select
                    id="ttl"
                    on:change:target=move |event| {
                        let secs = event.target().value().parse().unwrap_or(0);
                        send(SiteCommand::SetTtl(SimDuration::from_secs(secs)));
                    }
                >
                    {ttls.collect_view()}
                </select>
            </div>
            <Switch
                on=Signal::derive(move || now.get().client_subnet)
                set=move |on| send(SiteCommand::SetClientSubnet(on))
            >
                {t!("world.subnet")}
            </Switch>
            <Switch
                on=Signal::derive(move || now.get().anycast)
                set=move |on| send(SiteCommand::SetAnycast(on))
            >
                {t!("world.anycast")}
            </Switch>
        </div>
    }
}
