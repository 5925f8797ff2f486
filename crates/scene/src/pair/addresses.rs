//! The addresses that clients know, each at the balancer that has it, and the wires that lead there.

use super::layout::AddressSpot;
use super::route::is_of_site;
use evenkeel_sim::balance::spec::Layer;
use evenkeel_sim::engine::pair::HaPair;
use evenkeel_sim::engine::topology::{Site, VipKind};
use evenkeel_sim::engine::view::View;
use evenkeel_sim::ha::vrrp::VrrpState;
use evenkeel_sim::ids::{BalancerId, ClientId, SiteId};
use evenkeel_words::{number, t};

/// The look of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressLook {
    /// A balancer answers there.
    Held,
    /// Nobody answers there.
    Vacant,
    /// A balancer believes to have it, and gets no packets.
    Claimed,
}

/// An address in the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct AddressPill {
    /// The address, as text.
    pub text: String,
    /// What is to be said of it; may be empty.
    pub note: String,
    /// The place of the address.
    pub spot: AddressSpot,
    /// The look of the address.
    pub look: AddressLook,
}

/// The addresses of a site: the one that slides first, then others.
#[must_use]
pub fn addresses(view: View<'_>, id: SiteId) -> Vec<AddressPill> {
    let Some(site) = view.topology().sites.get(id.index()) else {
        return Vec::new();
    };
    let Some(pair) = &site.pair else {
        return Vec::new();
    };
    let vip = pair.spec.vip.map(|vip| vip.to_string()).unwrap_or_default();
    match site
        .vips
        .first()
        .map(|vip| view.topology().vips[vip.index()].kind)
    {
        Some(VipKind::Virtual { arp }) => shared(view, site, pair, arp, &vip),
        Some(VipKind::Ecmp { .. }) => vec![AddressPill {
            text: vip,
            note: t!("pair.pill.spread"),
            spot: AddressSpot::Between,
            look: if view.topology().is_unreachable(id) {
                AddressLook::Vacant
            } else {
                AddressLook::Held
            },
        }],
        _ => own(view, site, pair),
    }
}

/// The one address of an active-passive pair: where the segment delivers its packets, and where the other of the two
/// believes to have it too.
fn shared(
    view: View<'_>,
    site: &Site,
    pair: &HaPair,
    arp: Option<BalancerId>,
    vip: &str,
) -> Vec<AddressPill> {
    let topology = view.topology();
    let place = |id| site.balancers.iter().position(|one| *one == id);
    let at = arp.and_then(place).unwrap_or(0);
    let answers = arp.is_some_and(|id| topology.is_up(id) && topology.holds(id));
    let split = pair.actives() > 1;
    let mut pills = vec![AddressPill {
        text: vip.to_string(),
        note: match (answers, split) {
            (false, _) => t!("pair.pill.silent"),
            (true, true) => t!("pair.pill.heard"),
            (true, false) => String::new(),
        },
        spot: AddressSpot::At(at),
        look: if answers {
            AddressLook::Held
        } else {
            AddressLook::Vacant
        },
    }];
    let other = 1 - at.min(1);
    if split && pair.machines[other].state() == VrrpState::Active {
        pills.push(AddressPill {
            text: vip.to_string(),
            note: t!("pair.pill.claimed"),
            spot: AddressSpot::At(other),
            look: AddressLook::Claimed,
        });
    }
    pills
}

/// The addresses of two that both work, each with its share of what reached them.
fn own(view: View<'_>, site: &Site, pair: &HaPair) -> Vec<AddressPill> {
    let topology = view.topology();
    let reached = |id: &BalancerId| topology.nodes[id.index()].reached;
    let all: u64 = site.balancers.iter().map(reached).sum();
    let pill = |(place, id): (usize, &BalancerId)| {
        let vip = site.vips.get(place).copied();
        let listed = vip.is_none_or(|vip| view.dns().is_none_or(|names| names.zone.is_up(vip)));
        let part = reached(id) as f64 / all.max(1) as f64;
        let note = match (topology.is_up(*id), listed) {
            (_, false) => t!("pair.pill.delisted"),
            (false, true) => t!("pair.pill.silent"),
            (true, true) if all > 0 => {
                t!("pair.pill.share", percent = number::percent(part))
            }
            (true, true) => String::new(),
        };
        AddressPill {
            text: pair.spec.members[place.min(1)].address.to_string(),
            note,
            spot: AddressSpot::At(place),
            look: if topology.is_up(*id) {
                AddressLook::Held
            } else {
                AddressLook::Vacant
            },
        }
    };
    site.balancers.iter().enumerate().map(pill).collect()
}

/// The look of a client's wire to a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientWire {
    /// Nothing leads there.
    Off,
    /// The client's packets go there, and a balancer answers.
    On,
    /// The client's packets go there, and nobody answers.
    Broken,
    /// Connections of the client that are still open there, and that no balancer knows any more.
    Old,
}

/// A client in the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientRow {
    /// The index of the client in the scenario.
    pub index: usize,
    /// The name of the client.
    pub name: String,
    /// What the scene says of it; may be empty.
    pub note: String,
    /// Its wire to each box.
    pub wires: Vec<ClientWire>,
}

/// The clients that have to do with a site: all of a scene with one site, else those that are sent there or have
/// connections there.
#[must_use]
pub fn clients(view: View<'_>, id: SiteId) -> Vec<ClientRow> {
    let topology = view.topology();
    let Some(site) = topology.sites.get(id.index()) else {
        return Vec::new();
    };
    let count = view.clients().len();
    let open = connections(view, site);
    let mut here = vec![topology.sites.len() == 1; count];
    for (_, request) in view.requests() {
        here[request.draw.client.index()] |= is_of_site(view, &request, id);
    }
    let sent = |client: usize| {
        let client = ClientId(client as u32);
        match view.dns() {
            Some(names) if names.spec.anycast => topology.anycast(client) == id,
            Some(names) => {
                let users = view.scenario().clients[client.index()].users;
                names.part(view.now(), client, users, id) > 0
            }
            None => true,
        }
    };
    let leads: Vec<ClientWire> = site
        .balancers
        .iter()
        .map(|node| leads_to(view, site, *node))
        .collect();
    let shared = shares_connections(view, site);
    let wire = |client: usize, place: usize| match leads[place] {
        ClientWire::Off if open[place][client] > 0 && !shared => ClientWire::Old,
        leads => leads,
    };
    let rows = (0..count).filter(|client| {
        here[*client] || sent(*client) || open.iter().any(|open| open[*client] > 0)
    });
    rows.map(|index| {
        let spec = &view.clients()[index].spec;
        ClientRow {
            index,
            name: spec.name.clone(),
            note: evenkeel_words::scene_text(&spec.note),
            wires: (0..site.balancers.len())
                .map(|place| wire(index, place))
                .collect(),
        }
    })
    .collect()
}

/// The number of open connections at each balancer of a site, by client.
fn connections(view: View<'_>, site: &Site) -> Vec<Vec<u32>> {
    let of = |id: &BalancerId| {
        let mut counts = vec![0; view.clients().len()];
        for connection in view.connections_at(*id) {
            counts[view.connection(connection).client().index()] += 1;
        }
        counts
    };
    site.balancers.iter().map(of).collect()
}

/// Whether an address of the site leads to a balancer, and whether that answers.
fn leads_to(view: View<'_>, site: &Site, node: BalancerId) -> ClientWire {
    let topology = view.topology();
    let place = site.balancers.iter().position(|one| *one == node);
    let led = site
        .vips
        .iter()
        .any(|vip| match topology.vips[vip.index()].kind {
            VipKind::Own(id) => {
                let listed = view.dns().is_none_or(|names| names.zone.is_up(*vip));
                id == node && (listed || topology.is_up(id))
            }
            VipKind::Virtual { arp } => arp == Some(node),
            VipKind::Ecmp { routed } => place.is_some_and(|place| routed[place.min(1)]),
        });
    match (led, topology.is_up(node) && topology.holds(node)) {
        (false, _) => ClientWire::Off,
        (true, true) => ClientWire::On,
        (true, false) => ClientWire::Broken,
    }
}

/// Whether each of a pair knows the connections of the other (connection sync, L4 only).
#[must_use]
pub fn shares_connections(view: View<'_>, site: &Site) -> bool {
    let l4 = |id: &BalancerId| view.balancer_at(*id).layer() == Layer::L4;
    let pair = site.pair.as_ref();
    pair.is_some_and(|pair| pair.is_passive() && pair.spec.shared_connections)
        && site.balancers.iter().all(l4)
}

/// The number of connections that are still open at a balancer whose address has gone: to the other, or to nobody.
#[must_use]
pub fn held(view: View<'_>, site: &Site, node: BalancerId) -> usize {
    let topology = view.topology();
    if shares_connections(view, site) || topology.is_up(node) && topology.holds(node) {
        return 0;
    }
    view.connections_at(node).len()
}
