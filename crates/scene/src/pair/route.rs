//! Where packets go: the balancer that is meant by an address, whether it answers or not.

use evenkeel_sim::engine::request::{Phase, Request};
use evenkeel_sim::engine::topology::VipKind;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::ids::{BalancerId, SiteId, VipId};
use evenkeel_sim::metrics::outcome::{Failure, Outcome};
use evenkeel_sim::time::SimTime;

/// Whether a request goes to a site.
#[must_use]
pub fn is_of_site(view: View<'_>, request: &Request, site: SiteId) -> bool {
    let vips = &view.topology().vips;
    !matches!(request.phase, Phase::Resolving { .. })
        && vips
            .get(request.vip.index())
            .is_some_and(|vip| vip.site == site)
}

/// The balancer that packets of a connection from `port` to a virtual IP are delivered to. It may be dead: then they
/// vanish there.
#[must_use]
pub fn addressee(view: View<'_>, vip: VipId, port: u16) -> Option<BalancerId> {
    let topology = view.topology();
    let vip = topology.vips.get(vip.index())?;
    match vip.kind {
        VipKind::Own(id) => Some(id),
        VipKind::Virtual { arp } => arp,
        VipKind::Ecmp { routed } => {
            let both = &topology.site(vip.site).balancers;
            let count = routed.iter().filter(|routed| **routed).count();
            let place = usize::from(port) % count.max(1);
            let mut present = both.iter().zip(routed).filter(|(_, routed)| *routed);
            present.nth(place).map(|(id, _)| *id)
        }
    }
}

/// The balancer at which a packet of a request was lost at `at`.
fn lost_at(view: View<'_>, request: &Request, at: SimTime) -> Option<BalancerId> {
    let topology = view.topology();
    let vip = topology.vips.get(request.vip.index())?;
    let site = topology.site(vip.site);
    let dead = || {
        site.balancers
            .iter()
            .copied()
            .find(|id| !topology.is_up(*id))
    };
    let port = view.connection(request.connection).port;
    let now = addressee(view, request.vip, port);
    match vip.kind {
        VipKind::Own(id) => Some(id),
        VipKind::Ecmp { .. } => dead().or(now),
        VipKind::Virtual { .. } => {
            // Since the address moved, nothing is lost any more; before, it was at the other.
            let pair = site.pair.as_ref()?;
            let last = pair.takeovers.back();
            let moved =
                |id| last.is_some_and(|last| last.by == id && at <= last.at + pair.spec.link_us);
            let other = |id| site.balancers.iter().copied().find(|one| *one != id);
            match now {
                Some(id) if moved(id) => other(id),
                now => now,
            }
        }
    }
}

/// How a request was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// When it was lost; `None` where the run keeps no traces.
    pub at: Option<SimTime>,
    /// The balancer at which it was lost.
    pub node: Option<BalancerId>,
    /// Whether the balancer had it and died with it: its client waits in vain. If not, the packet found nobody, and
    /// the client sends it again.
    pub for_good: bool,
}

/// How a request was lost; `None` for one that is not.
#[must_use]
pub fn loss(view: View<'_>, request: &Request) -> Option<Loss> {
    let Phase::Lost { until } = request.phase else {
        return None;
    };
    let trace = view.trail().and_then(|trail| trail.life(request.number));
    let mut steps = trace.into_iter().flat_map(|trace| trace.steps.iter().rev());
    let at = steps.next().map(|step| step.at);
    let for_good = steps.next().map_or_else(
        || until == request.born + view.topology().retransmit.give_up_us,
        |before| {
            !matches!(
                before.phase,
                Phase::ToBalancer(_) | Phase::Connecting { .. }
            )
        },
    );
    let node = if for_good {
        Some(request.upstream_ref.balancer)
    } else {
        lost_at(view, request, at.unwrap_or_else(|| view.now()))
    };
    Some(Loss { at, node, for_good })
}

/// The balancer that a request is at, comes from or goes to; `None` if it is at its client, or on the way to an
/// address that no balancer was ever known to have.
#[must_use]
pub fn node_of(view: View<'_>, request: &Request) -> Option<BalancerId> {
    match request.phase {
        Phase::Resolving { .. } => None,
        Phase::Lost { .. } => loss(view, request).and_then(|loss| loss.node),
        Phase::ToBalancer(_)
        | Phase::Connecting { .. }
        // The balancer that resets a connection is another than the one that had it.
        | Phase::ToClient(_, Outcome::Failed(Failure::ConnectionBroken)) => {
            let port = view.connection(request.connection).port;
            addressee(view, request.vip, port)
        }
        _ => Some(request.upstream_ref.balancer),
    }
}
