//! What a failure of a balancer costs: requests that were lost, connections that broke.

use super::route::{is_of_site, loss};
use evenkeel_sim::engine::observations::ObservationKind;
use evenkeel_sim::engine::topology::NodeState;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::ids::{BalancerId, SiteId};
use evenkeel_sim::metrics::outcome::{Failure, Outcome};
use evenkeel_sim::time::SimTime;

/// The costs of failures at one site, up to now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// Requests that were lost with their balancer, or whose clients gave up since nobody answered.
    pub lost: u64,
    /// Requests whose packets found nobody, and that their clients send again.
    pub waiting: u64,
    /// Connections that a balancer reset, since it did not know them.
    pub broken: u64,
}

/// The costs at a site.
#[must_use]
pub fn costs(view: View<'_>, id: SiteId) -> Costs {
    let mut costs = ended(view, id);
    for (_, request) in view.requests() {
        if !is_of_site(view, &request, id) {
            continue;
        }
        match loss(view, &request) {
            Some(loss) if loss.for_good => costs.lost += 1,
            Some(_) => costs.waiting += 1,
            None => {}
        }
    }
    costs
}

/// The costs of requests that have ended.
fn ended(view: View<'_>, id: SiteId) -> Costs {
    let totals = &view.topology().site(id).totals;
    let of = |why| totals.of(Outcome::Failed(why));
    Costs {
        lost: of(Failure::LostWithBalancer) + of(Failure::Unreachable),
        waiting: 0,
        broken: of(Failure::ConnectionBroken),
    }
}

/// The requests that a balancer which does not answer has cost: those lost for good, and those whose clients send again.
/// What has ended is counted at the balancer that failed last.
#[must_use]
pub fn lost_at_node(view: View<'_>, id: BalancerId) -> (u64, u64) {
    let site = view.topology().nodes[id.index()].site;
    let (mut lost, mut waiting) = (0, 0);
    for (_, request) in view.requests() {
        let found = is_of_site(view, &request, site).then(|| loss(view, &request));
        match found.flatten().filter(|loss| loss.node == Some(id)) {
            Some(loss) if loss.for_good => lost += 1,
            Some(_) => waiting += 1,
            None => {}
        }
    }
    if last_failed(view, site) == Some(id) {
        lost += ended(view, site).lost;
    }
    (lost, waiting)
}

/// The balancer of a site that failed last, of those that do not run.
fn last_failed(view: View<'_>, id: SiteId) -> Option<BalancerId> {
    let topology = view.topology();
    let nodes = topology.site(id).balancers.iter().copied();
    let down = nodes.filter(|id| !topology.is_up(*id));
    down.max_by_key(|id| out_since(view, *id))
}

/// When a balancer's node went down or was stopped; `None` while it runs, or where that is no longer known.
#[must_use]
pub fn out_since(view: View<'_>, id: BalancerId) -> Option<SimTime> {
    let kind = match view.topology().nodes[id.index()].state {
        NodeState::Up => return None,
        NodeState::Stopped => ObservationKind::BalancerStopped,
        NodeState::Dead => ObservationKind::BalancerDied,
    };
    last_fact(view, id, kind)
}

/// When an observation of a kind was last made of a balancer; `None` if none is kept.
#[must_use]
pub fn last_fact(view: View<'_>, id: BalancerId, kind: ObservationKind) -> Option<SimTime> {
    let topology = view.topology();
    let record = &topology.nodes[id.index()];
    let name = if record.name.is_empty() {
        &topology.site(record.site).name
    } else {
        &record.name
    };
    let mut facts = view.facts().iter().rev();
    let fact = facts.find(|fact| fact.kind == kind && fact.server == *name);
    fact.map(|fact| fact.at)
}
