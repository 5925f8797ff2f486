//! The servers behind a site's balancers, with their shares of what all of them pick.

use crate::status::trouble;
use crate::words;
use evenkeel_sim::balance::endpoint::Belief;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::fleet::server::ServerFault;
use evenkeel_sim::ids::{BalancerId, ServerId, SiteId};
use evenkeel_words::t;

/// The most servers that have a card in the picture.
pub const CARDS: usize = 12;

/// A server in the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerRow {
    /// The identity of the server.
    pub id: ServerId,
    /// The name of the server.
    pub name: String,
    /// Its share of the picks of all balancers that work, in thousandths; `None` before the first pick.
    pub share: Option<u32>,
    /// The share as it is written.
    pub percent: String,
    /// The belief of the balancer that works: the first of them.
    pub belief: Belief,
    /// Whether its process is dead, in truth.
    pub dead: bool,
    /// Its state in a word, where something is to be said: the truth, else the belief.
    pub word: String,
    /// Whether each balancer sends it requests now.
    pub wires: Vec<ServerWire>,
}

/// The look of the wire from a box to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerWire {
    /// The balancer passes nothing on.
    Off,
    /// The balancer uses the server.
    On,
    /// The server is dead, or the balancer believes that it is down.
    Broken,
}

/// The servers of a site, in configuration order, at most [`CARDS`]; and the number of the others.
#[must_use]
pub fn servers(view: View<'_>, id: SiteId) -> (Vec<ServerRow>, usize) {
    let Some(site) = view.topology().sites.get(id.index()) else {
        return (Vec::new(), 0);
    };
    let Some(first) = site.balancers.first() else {
        return (Vec::new(), 0);
    };
    let works: Vec<bool> = site.balancers.iter().map(|id| works(view, *id)).collect();
    // Where none works, what they picked before.
    let none = !works.contains(&true);
    let counted: Vec<BalancerId> = site
        .balancers
        .iter()
        .zip(&works)
        .filter(|(_, works)| **works || none)
        .map(|(id, _)| *id)
        .collect();
    let picks = |server: Option<ServerId>| -> u64 {
        let upstreams = counted
            .iter()
            .flat_map(|id| view.balancer_at(*id).upstreams());
        let endpoints = upstreams.flat_map(|one| one.endpoints());
        let own = endpoints.filter(|one| server.is_none_or(|id| one.config.server == id));
        own.map(|one| one.counts.recent_picks).sum()
    };
    let all = picks(None);
    let looking = counted.first().copied().unwrap_or(*first);
    let members = view.members_of(looking);
    let rows: Vec<ServerRow> = members
        .take(CARDS)
        .map(|member| {
            let id = member.server.id;
            let part = (all > 0).then(|| picks(Some(id)) as f64 / all as f64);
            let fault = member.server.trouble();
            let belief = member.endpoint.belief();
            ServerRow {
                id,
                name: member.server.spec.name.clone(),
                share: part.map(|part| libm::round(part * 1e3) as u32),
                percent: part.map_or_else(|| "–".to_string(), words::share),
                belief,
                dead: fault == Some(ServerFault::Crashed),
                word: fault.map_or_else(
                    || match belief {
                        Belief::Healthy => String::new(),
                        other => words::belief(other),
                    },
                    trouble,
                ),
                wires: site
                    .balancers
                    .iter()
                    .zip(&works)
                    .map(|(node, works)| wire(view, *node, *works, id, fault))
                    .collect(),
            }
        })
        .collect();
    let count = view.members_of(looking).count();
    let more = count - rows.len();
    (rows, more)
}

/// Whether requests pass a balancer now.
fn works(view: View<'_>, id: BalancerId) -> bool {
    let topology = view.topology();
    let is_at = |request: &evenkeel_sim::engine::request::Request| {
        request.upstream_ref.balancer == id && request.current.is_some()
    };
    topology.is_up(id) && topology.holds(id) || view.requests().any(|(_, request)| is_at(&request))
}

fn wire(
    view: View<'_>,
    node: BalancerId,
    works: bool,
    server: ServerId,
    fault: Option<ServerFault>,
) -> ServerWire {
    if !works {
        return ServerWire::Off;
    }
    let balancer = view.balancer_at(node);
    let mut endpoints = balancer.upstreams().iter().flat_map(|one| one.endpoints());
    let endpoint = endpoints.find(|one| one.config.server == server);
    let down = endpoint.is_none_or(|one| matches!(one.belief(), Belief::Down | Belief::Ejected));
    if down || fault == Some(ServerFault::Crashed) {
        ServerWire::Broken
    } else {
        ServerWire::On
    }
}

/// A sentence on a server, for who does not see it.
#[must_use]
pub fn spoken(row: &ServerRow) -> String {
    if row.word.is_empty() {
        t!("pair.spoken.server", name = &row.name, share = &row.percent)
    } else {
        t!(
            "pair.spoken.server.state",
            name = &row.name,
            share = &row.percent,
            state = &row.word
        )
    }
}
