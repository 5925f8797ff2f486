//! What happens to a site's balancers, in one headline, and the picture in words.

use super::addresses::{held, shares_connections};
use super::costs::{costs, last_fact, out_since};
use super::route::is_of_site;
use super::servers::{servers, spoken};
use super::{name_of, picture, seconds};
use evenkeel_sim::engine::observations::ObservationKind;
use evenkeel_sim::engine::pair::HaPair;
use evenkeel_sim::engine::topology::{NodeState, Site, VipKind};
use evenkeel_sim::engine::view::View;
use evenkeel_sim::ha::vrrp::VrrpState;
use evenkeel_sim::ids::{BalancerId, SiteId};
use evenkeel_sim::time::{SimDuration, SimTime};
use evenkeel_words::t;

/// How long a takeover or a healed split is news.
const NEWS: SimDuration = SimDuration::from_secs(8);

/// The headline of the picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Headline {
    /// The state, in a sentence that stays until the state is another.
    pub state: String,
    /// What passes with time; may be empty.
    pub since: String,
    /// What it costs, each as a label with its number.
    pub costs: Vec<String>,
    /// Whether somebody who sends a request now may get no answer, or two answer at one address.
    pub bad: bool,
}

/// The headline of a site; empty for a site that does not exist.
#[must_use]
pub fn headline(view: View<'_>, id: SiteId) -> Headline {
    let Some(site) = view.topology().sites.get(id.index()) else {
        return Headline::default();
    };
    let passive = site.pair.as_ref().filter(|pair| pair.is_passive());
    let (state, since) = match (passive, &site.balancers[..]) {
        (Some(pair), [_, _]) => of_passive(view, site, pair),
        (None, [first, second]) => of_active(view, site, [*first, *second]),
        _ => of_one(view, site),
    };
    let split = passive.is_some_and(|pair| pair.actives() > 1);
    let gone = site
        .balancers
        .iter()
        .any(|node| lost_there(view, site, *node));
    Headline {
        state,
        since,
        costs: cost_labels(view, id, site),
        bad: split || gone || view.topology().is_unreachable(id),
    }
}

/// Whether packets are still sent to a balancer that does not answer.
fn lost_there(view: View<'_>, site: &Site, node: BalancerId) -> bool {
    let topology = view.topology();
    let leads = |vip: &evenkeel_sim::ids::VipId| match topology.vips[vip.index()].kind {
        VipKind::Own(id) => id == node && view.dns().is_none_or(|names| names.zone.is_up(*vip)),
        VipKind::Virtual { arp } => arp == Some(node),
        VipKind::Ecmp { routed } => {
            let place = site.balancers.iter().position(|one| *one == node);
            place.is_some_and(|place| routed[place.min(1)])
        }
    };
    !topology.is_up(node) && site.vips.iter().any(leads)
}

fn of_one(view: View<'_>, site: &Site) -> (String, String) {
    let Some(node) = site.balancers.first().copied() else {
        return Default::default();
    };
    let name = name_of(view, node);
    if view.topology().is_up(node) {
        (t!("pair.now.single", name = name), String::new())
    } else {
        (t!("pair.now.single.gone", name = name), out_for(view, node))
    }
}

/// "LB 1 killed 3.6 s ago"; empty for one that runs.
fn out_for(view: View<'_>, node: BalancerId) -> String {
    let Some(at) = out_since(view, node) else {
        return String::new();
    };
    let (name, secs) = (name_of(view, node), seconds(view.now().since(at), 1));
    match view.topology().nodes[node.index()].state {
        NodeState::Stopped => t!("pair.since.stopped", name = name, secs = secs),
        _ => t!("pair.since.killed", name = name, secs = secs),
    }
}

// ===== active-passive =====

/// The two of an active-passive pair: the one that the segment delivers to, and the other.
struct Two<'a> {
    view: View<'a>,
    pair: &'a HaPair,
    vip: String,
    owner: BalancerId,
    other: BalancerId,
}

fn of_passive(view: View<'_>, site: &Site, pair: &HaPair) -> (String, String) {
    let kind = site
        .vips
        .first()
        .map(|vip| view.topology().vips[vip.index()].kind);
    let arp = match kind {
        Some(VipKind::Virtual { arp }) => arp,
        _ => None,
    };
    let at = arp.and_then(|id| site.balancers.iter().position(|one| *one == id));
    let place = at.unwrap_or(0).min(1);
    let two = Two {
        view,
        pair,
        vip: pair.spec.vip.map(|vip| vip.to_string()).unwrap_or_default(),
        owner: site.balancers[place],
        other: site.balancers[1 - place],
    };
    let machine = |id: BalancerId| {
        let at = site.balancers.iter().position(|one| *one == id);
        pair.machines[at.unwrap_or(0).min(1)]
    };
    let active = |id| machine(id).state() == VrrpState::Active;
    let timer = machine(two.other).timer();
    match (active(two.owner), active(two.other)) {
        (true, true) => two.split(),
        (true, false) => two.held(timer),
        (false, true) => two.moving(),
        (false, false) => two.vacant(timer),
    }
}

impl Two<'_> {
    fn name(&self, id: BalancerId) -> String {
        name_of(self.view, id)
    }

    fn is_news(&self, at: SimTime) -> bool {
        self.view.now().since(at) < NEWS
    }

    fn split(&self) -> (String, String) {
        let state = t!(
            "pair.now.split",
            vip = &self.vip,
            name = self.name(self.owner)
        );
        let since = last_fact(self.view, self.owner, ObservationKind::SplitBrain).max(last_fact(
            self.view,
            self.other,
            ObservationKind::SplitBrain,
        ));
        let since = since.map_or_else(String::new, |at| {
            let secs = seconds(self.view.now().since(at), 1);
            t!("pair.since.for", secs = secs)
        });
        (state, since)
    }

    /// One has the address. `timer` is when the other would take it.
    fn held(&self, timer: Option<SimTime>) -> (String, String) {
        let (name, other) = (self.name(self.owner), self.name(self.other));
        let vip = &self.vip;
        let took = self.pair.takeovers.back();
        let moved = took.filter(|took| took.by == self.owner && self.is_news(took.at));
        let healed = last_fact(self.view, self.other, ObservationKind::BecameBackup);
        if !self.view.topology().is_up(self.other) {
            let state = if moved.is_some() {
                t!("pair.now.moved", vip = vip, name = name)
            } else {
                t!("pair.now.alone", vip = vip, name = name)
            };
            return (state, out_for(self.view, self.other));
        }
        if !self.pair.link_up {
            let left = timer.map(|at| at.since(self.view.now()));
            let since = left.map_or_else(String::new, |left| {
                t!("pair.since.takes", name = &other, secs = seconds(left, 1))
            });
            return (t!("pair.now.cut", name = name, other = other), since);
        }
        if healed.is_some_and(|at| self.is_news(at)) {
            let state = t!("pair.now.back", vip = vip, name = name, other = other);
            return (state, String::new());
        }
        let state = if moved.is_some() {
            t!("pair.now.moved", vip = vip, name = name)
        } else {
            t!("pair.now.well", vip = vip, name = name, other = other)
        };
        (state, String::new())
    }

    /// The other is active, and its gratuitous ARP is under way.
    fn moving(&self) -> (String, String) {
        let state = t!(
            "pair.now.moving",
            vip = &self.vip,
            name = self.name(self.other)
        );
        (state, out_for(self.view, self.owner))
    }

    fn vacant(&self, timer: Option<SimTime>) -> (String, String) {
        let topology = self.view.topology();
        if !topology.is_up(self.owner) && !topology.is_up(self.other) {
            let last = out_since(self.view, self.owner).max(out_since(self.view, self.other));
            let node = if out_since(self.view, self.owner) == last {
                self.owner
            } else {
                self.other
            };
            return (
                t!("pair.now.none", vip = &self.vip),
                out_for(self.view, node),
            );
        }
        let state = t!("pair.now.vacant", vip = &self.vip);
        let left = timer.map(|at| seconds(at.since(self.view.now()), 1));
        let takes = left.map(|secs| {
            t!(
                "pair.since.takes",
                name = self.name(self.other),
                secs = secs
            )
        });
        let out = out_for(self.view, self.owner);
        let parts = [Some(out).filter(|text| !text.is_empty()), takes];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (state, parts.join(" · "))
    }
}

// ===== active-active =====

fn of_active(view: View<'_>, site: &Site, both: [BalancerId; 2]) -> (String, String) {
    let topology = view.topology();
    let up = both.map(|id| topology.is_up(id));
    let router = site
        .vips
        .first()
        .is_some_and(|vip| matches!(topology.vips[vip.index()].kind, VipKind::Ecmp { .. }));
    let (gone, other) = match up {
        [true, true] => {
            let state = if router {
                t!("pair.now.both.ecmp")
            } else {
                t!("pair.now.both.dns", count = site.vips.len())
            };
            return (state, String::new());
        }
        [false, true] => (both[0], both[1]),
        [true, false] => (both[1], both[0]),
        [false, false] => return (t!("pair.now.neither"), out_for(view, both[0])),
    };
    let (name, other) = (name_of(view, gone), name_of(view, other));
    let lost = lost_there(view, site, gone);
    let state = match (router, lost) {
        (true, true) => t!("pair.now.gone.ecmp", name = name),
        (true, false) => t!("pair.now.rerouted", name = name, other = other),
        (false, true) => t!("pair.now.gone.dns", name = name),
        (false, false) => t!("pair.now.delisted", name = name, other = other),
    };
    (state, out_for(view, gone))
}

// ===== costs =====

fn cost_labels(view: View<'_>, id: SiteId, site: &Site) -> Vec<String> {
    let found = costs(view, id);
    let mut labels = Vec::new();
    if found.lost > 0 {
        labels.push(t!("pair.cost.lost", count = found.lost));
    }
    if found.waiting > 0 {
        labels.push(t!("pair.cost.waiting", count = found.waiting));
    }
    if found.broken > 0 {
        labels.push(t!("pair.cost.broken", count = found.broken));
    }
    let failed = view.totals().unanswered();
    if found.lost > 0 && found.broken > 0 && failed > 0 {
        // Some have not heard of it yet.
        labels.push(t!("pair.cost.sum", count = failed));
    }
    // Before the address has moved nobody knows yet that they are broken.
    let moved = !view.topology().is_unreachable(id);
    for node in site.balancers.iter().filter(|_| moved) {
        let (count, name) = (held(view, site, *node), name_of(view, *node));
        match (count, found.broken) {
            (0, _) => {}
            (_, 0) => labels.push(t!("pair.cost.held", count = count, name = name)),
            _ => labels.push(t!("pair.cost.held.more", count = count, name = name)),
        }
    }
    if let Some(count) = kept(view, site) {
        labels.push(t!("pair.cost.kept", count = count));
    }
    labels
}

/// The number of connections that live on at the balancer that took over, while that is news; `None` where the two do
/// not tell each other of connections.
fn kept(view: View<'_>, site: &Site) -> Option<usize> {
    let last = site.pair.as_ref()?.takeovers.back()?;
    let news = view.now().since(last.at) < NEWS;
    (news && shares_connections(view, site)).then(|| view.connections_at(last.by).len())
}

// ===== in words =====

/// The picture in words, for who does not see it.
#[must_use]
pub fn description(view: View<'_>, id: SiteId) -> String {
    let Some(picture) = picture(view, id) else {
        return String::new();
    };
    let headline = headline(view, id);
    let mut said = vec![headline.state, picture.address];
    said.extend(picture.boxes.into_iter().map(|node| {
        t!(
            "pair.spoken.box",
            name = node.name,
            word = node.word,
            count = node.in_hand
        )
    }));
    let requests = view.requests();
    let count = requests
        .filter(|(_, one)| is_of_site(view, one, id))
        .count();
    said.push(t!("pair.spoken.requests", count = count));
    let (rows, _) = servers(view, id);
    said.extend(rows.iter().map(spoken));
    said.join(" ")
}
