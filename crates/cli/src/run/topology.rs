//! What `evenkeel run` says of balancers, sites and users.

use evenkeel_sim::balance::balancer::Balancer;
use evenkeel_sim::engine::pair::Takeover;
use evenkeel_sim::engine::topology::NodeState;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::ids::SiteId;
use serde::Serialize;

/// What the machine of one balancer did.
#[derive(Serialize)]
pub struct BalancerReport {
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    site: String,
    state: &'static str,
    /// What VRRP makes of it; `null` where there is no virtual address.
    vrrp: Option<&'static str>,
    /// Its priority as it is now.
    priority: Option<u8>,
    /// The servers that it believes to be well.
    believes_well: usize,
    /// Requests that reached it.
    reached: u64,
    /// How it came to the virtual address.
    takeovers: Vec<TakeoverReport>,
}

/// How long nobody had the virtual address, and the most that the rule allows.
#[derive(Serialize)]
struct TakeoverReport {
    at_us: u64,
    took_us: u64,
    within_us: u64,
    clean_stop: bool,
}

/// What became of the requests that were sent to one site.
#[derive(Serialize)]
pub struct SiteReport {
    name: String,
    region: &'static str,
    arrived: u64,
    answered: u64,
    failed: u64,
    rejected: u64,
    timed_out: u64,
    /// The share of users whose resolver would send them there, in thousandths.
    users_permille: u32,
}

/// Every balancer, where there are several.
pub fn balancers(view: View<'_>) -> Vec<BalancerReport> {
    let topology = view.topology();
    if topology.nodes.len() == 1 {
        return Vec::new();
    }
    let row = |balancer: &Balancer| {
        let record = &topology.nodes[balancer.id.index()];
        let (site, place) = topology.position_in_site(balancer.id);
        let site = topology.site(site);
        let pair = site.pair.as_ref().filter(|pair| pair.is_passive());
        let takeovers = pair.iter().flat_map(|pair| &pair.takeovers);
        BalancerReport {
            name: record.name.clone(),
            site: site.name.clone(),
            state: match record.state {
                NodeState::Up => "up",
                NodeState::Stopped => "stopped",
                NodeState::Dead => "dead",
            },
            vrrp: pair.map(|pair| pair.machines[place].state().word()),
            priority: pair.map(|pair| pair.spec.members[place].priority),
            believes_well: balancer
                .upstreams()
                .iter()
                .flat_map(|one| one.endpoints())
                .filter(|one| one.is_available())
                .count(),
            reached: record.reached,
            takeovers: takeovers
                .filter(|one| one.by == balancer.id)
                .map(takeover)
                .collect(),
        }
    };
    view.balancers().map(row).collect()
}

fn takeover(one: &Takeover) -> TakeoverReport {
    TakeoverReport {
        at_us: one.at.as_us(),
        took_us: one.took().as_us(),
        within_us: one.within.as_us(),
        clean_stop: one.clean,
    }
}

/// Every site of a world.
pub fn sites(view: View<'_>) -> Vec<SiteReport> {
    let sites = view.topology().sites.iter().enumerate();
    sites
        .filter_map(|(index, site)| {
            let totals = &site.totals;
            Some(SiteReport {
                name: site.name.clone(),
                region: site.region?.key,
                arrived: totals.arrived,
                answered: totals.answered,
                failed: totals.failed,
                rejected: totals.rejected,
                timed_out: totals.timed_out,
                users_permille: view.pointing_at(SiteId(index as u32)).0,
            })
        })
        .collect()
}

/// Users that failed, second by second.
pub fn failed_users(view: View<'_>) -> Vec<u32> {
    let samples = view.topology().samples().iter();
    samples.map(|one| one.failed_users).collect()
}
