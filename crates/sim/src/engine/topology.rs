//! What stands in front of the balancers in one run: sites, virtual IPs and pairs. A plain scene is one site with one
//! balancer and one address.
//!
//! Owns which nodes run, which balancer answers at which address, and what routers know of that. **Invariant:** an
//! address leads to at most one balancer at a time, and only to a node that runs. Ways are in microseconds, one way.

use std::collections::{BTreeSet, VecDeque};

use super::pair::HaPair;
use crate::gslb::geo::{City, Region, find_city, find_region};
use crate::gslb::resolver::DnsAnswer;
use crate::ha::vrrp::{Vrrp, VrrpState};
use crate::ids::{BalancerId, ClientId, SiteId, VipId};
use crate::metrics::outcome::Totals;
use crate::scenario::Scenario;
use crate::scenario::topology::{ClientSpread, PairSpec, RetransmitPolicy};
use crate::time::{SimDuration, SimTime};
use crate::units::Permille;

/// Whether a balancer's node runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NodeState {
    /// The node runs and takes requests.
    #[default]
    Up,
    /// The balancer was stopped cleanly: it finishes what it has and takes nothing new.
    Stopped,
    /// The node lost its power: what was on it is gone, and what is sent to it vanishes.
    Dead,
}

/// The node of a balancer: the machine it runs on.
#[derive(Clone, Debug)]
pub struct NodeRecord {
    /// The site where it stands.
    pub site: SiteId,
    /// The balancer's name; empty in a plain scene with one balancer.
    pub name: String,
    /// Whether the node runs.
    pub state: NodeState,
    /// Requests that reached it in the whole run.
    pub reached: u64,
}

/// Which balancer answers for a virtual IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VipKind {
    /// Always this one balancer.
    Own(BalancerId),
    /// The balancer that last announced the address to the segment (gratuitous ARP).
    Virtual {
        /// The balancer in the segment's ARP tables; `None` if nobody announced it.
        arp: Option<BalancerId>,
    },
    /// A router hashes connections over the balancers of a pair that it believes to be up (ECMP).
    Ecmp {
        /// Whether the router sends connections to each of the two.
        routed: [bool; 2],
    },
}

/// A virtual IP: an address that clients know.
#[derive(Clone, Copy, Debug)]
pub struct Vip {
    /// The site that the address leads to.
    pub site: SiteId,
    /// Which balancer answers for it.
    pub kind: VipKind,
}

/// A site: a place with servers and one or two balancers.
#[derive(Clone, Debug)]
pub struct Site {
    /// The site's name; empty in a plain scene.
    pub name: String,
    /// The site's region; `None` in a plain scene.
    pub region: Option<&'static Region>,
    /// The site's city; `None` in a plain scene.
    pub city: Option<&'static City>,
    /// The site's weight for the weighted GeoDNS policy.
    pub weight: u32,
    /// The latency of packets beyond what distance gives, one way.
    pub extra: SimDuration,
    /// The balancers of the site, one or two.
    pub balancers: Vec<BalancerId>,
    /// The virtual IPs of the site.
    pub vips: Vec<VipId>,
    /// The HA pair; `None` if the site has one balancer.
    pub pair: Option<HaPair>,
    /// Whether the network routes packets to the site (anycast).
    pub announced: bool,
    /// The outcomes of the requests that were sent to the site.
    pub totals: Totals,
}

/// The measurements of one second of a scene with several sites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorldSample {
    /// When the second ended.
    pub at: SimTime,
    /// The number of users with a request that ended in this second without an answer.
    pub failed_users: u32,
    /// The share of users whose resolver would send them to an unreachable site, in thousandths.
    pub astray_permille: Permille,
}

/// How many seconds of samples are kept.
const SAMPLES: usize = 600;

/// Everything in front of the balancers.
#[derive(Clone, Debug)]
pub struct Topology {
    /// All sites, by site identity.
    pub sites: Vec<Site>,
    /// By virtual IP identity.
    pub vips: Vec<Vip>,
    /// All nodes, by balancer identity.
    pub nodes: Vec<NodeRecord>,
    /// What clients do when they hear no answer.
    pub retransmit: RetransmitPolicy,
    /// By client: its city; `None` in a plain scene.
    pub cities: Vec<Option<&'static City>>,
    /// By client and site: the latency of a packet, one way.
    pub ways: Vec<Vec<SimDuration>>,
    /// The users whose requests failed in the present second.
    pub(super) failed: BTreeSet<(u32, u32)>,
    samples: VecDeque<WorldSample>,
}

impl Topology {
    /// The topology that a scenario describes.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        let mut edge = Self {
            sites: Vec::new(),
            vips: Vec::new(),
            nodes: Vec::new(),
            retransmit: scenario.patience.unwrap_or_default(),
            cities: vec![None; scenario.clients.len()],
            ways: Vec::new(),
            failed: BTreeSet::new(),
            samples: VecDeque::new(),
        };
        match &scenario.world {
            None => edge.add_site("", scenario.pair.as_ref()),
            Some(world) => {
                for spec in &world.sites {
                    edge.add_site(&spec.name, spec.pair.as_ref());
                    let site = edge.sites.last_mut().expect("just added");
                    site.region = find_region(&spec.region);
                    site.city = find_city(&spec.city);
                    (site.weight, site.extra) = (spec.weight, spec.extra_us);
                }
                let place = |name: &str| world.users.iter().find(|user| user.client == name);
                let city = |name: &str| find_city(&place(name)?.city);
                let clients = scenario.clients.iter();
                edge.cities = clients.map(|client| city(&client.name)).collect();
            }
        }
        edge.measure(scenario);
        edge
    }

    fn add_site(&mut self, name: &str, pair: Option<&PairSpec>) {
        let id = SiteId(self.sites.len() as u32);
        let names: Vec<String> = match pair {
            None => vec![name.to_string()],
            Some(pair) => pair.members.iter().map(|one| one.name.clone()).collect(),
        };
        let mut balancers = Vec::new();
        for name in names {
            balancers.push(BalancerId(self.nodes.len() as u32));
            self.nodes.push(NodeRecord {
                site: id,
                name,
                state: NodeState::Up,
                reached: 0,
            });
        }
        let pair = pair.map(HaPair::new);
        let kinds = match &pair {
            Some(pair) if pair.is_passive() => {
                let active = |one: &Vrrp| one.state() == VrrpState::Active;
                let at = pair.machines.iter().position(active);
                let arp = at.map(|index| balancers[index]);
                vec![VipKind::Virtual { arp }]
            }
            Some(pair) if pair.spec.spread == ClientSpread::Ecmp => {
                vec![VipKind::Ecmp { routed: [true; 2] }]
            }
            _ => balancers.iter().map(|id| VipKind::Own(*id)).collect(),
        };
        let mut vips = Vec::new();
        for kind in kinds {
            vips.push(VipId(self.vips.len() as u32));
            self.vips.push(Vip { site: id, kind });
        }
        self.sites.push(Site {
            name: name.to_string(),
            region: None,
            city: None,
            weight: 1,
            extra: SimDuration::ZERO,
            balancers,
            vips,
            pair,
            announced: true,
            totals: Totals::default(),
        });
    }

    /// Works out how long packets take from each client to each site.
    fn measure(&mut self, scenario: &Scenario) {
        let factor = scenario
            .world
            .as_ref()
            .map_or(Permille::ONE, |world| world.path_factor_permille);
        let way = |city: &Option<&City>, site: &Site| match (city, site.city) {
            (Some(from), Some(to)) => {
                crate::gslb::geo::one_way(from, to, factor) + site.extra + scenario.links.client_us
            }
            _ => scenario.links.client_us,
        };
        let row = |city| self.sites.iter().map(|site| way(city, site)).collect();
        self.ways = self.cities.iter().map(row).collect();
    }

    /// The site with this identity.
    #[must_use]
    pub fn site(&self, id: SiteId) -> &Site {
        let count = self.sites.len();
        debug_assert!(id.index() < count, "{id:?} of {count}");
        &self.sites[id.index()]
    }

    /// How long a packet takes from a client to a site.
    #[must_use]
    pub fn path_latency(&self, client: ClientId, site: SiteId) -> SimDuration {
        self.ways[client.index()][site.index()]
    }

    /// The site of a balancer, and its position among the site's balancers, from 0.
    #[must_use]
    pub fn position_in_site(&self, id: BalancerId) -> (SiteId, usize) {
        let site = self.nodes[id.index()].site;
        let place = self.site(site).balancers.iter().position(|one| *one == id);
        (site, place.unwrap_or(0))
    }

    /// Whether a balancer's node runs and takes new requests.
    #[must_use]
    pub fn is_up(&self, id: BalancerId) -> bool {
        self.nodes[id.index()].state == NodeState::Up
    }

    /// The balancer that answers packets of a connection from `port` at a virtual IP; `None` if they vanish.
    #[must_use]
    pub fn vip_owner(&self, vip: VipId, port: u16) -> Option<BalancerId> {
        let vip = &self.vips[vip.index()];
        let who = match vip.kind {
            VipKind::Own(id) => Some(id),
            VipKind::Virtual { arp } => arp.filter(|id| self.holds(*id)),
            VipKind::Ecmp { routed } => {
                let both = &self.site(vip.site).balancers;
                let present: Vec<BalancerId> = both
                    .iter()
                    .zip(routed)
                    .filter_map(|(id, routed)| routed.then_some(*id))
                    .collect();
                let place = usize::from(port) % present.len().max(1);
                present.get(place).copied()
            }
        };
        who.filter(|id| self.is_up(*id))
    }

    /// The virtual IP that a connection from `port` goes to: one of those in an answer, or of all of the first site if
    /// there is no answer. The port decides, so that clients spread over them.
    #[must_use]
    pub fn vip_for(&self, answer: Option<DnsAnswer>, port: u16) -> VipId {
        let answer = answer.unwrap_or(DnsAnswer {
            site: SiteId(0),
            vips: u8::MAX,
        });
        let all = &self.site(answer.site).vips;
        let in_it = || {
            let vips = all.iter().enumerate();
            vips.filter(|(place, _)| answer.vips & (1 << place) != 0)
        };
        let place = usize::from(port) % in_it().count().max(1);
        let (_, vip) = in_it().nth(place).expect("an answer has an address");
        *vip
    }

    /// The next virtual IP of the same site, for a client that got no answer.
    #[must_use]
    pub fn next_vip(&self, vip: VipId) -> VipId {
        let vips = &self.site(self.vips[vip.index()].site).vips;
        let place = vips.iter().position(|one| *one == vip);
        vips[(place.unwrap_or(0) + 1) % vips.len()]
    }

    /// The name of a virtual IP in texts: the site's, or its balancer's where the site has several.
    #[must_use]
    pub fn vip_name(&self, vip: VipId) -> &str {
        let site = self.site(self.vips[vip.index()].site);
        match site.vips.iter().position(|one| *one == vip) {
            Some(place) if site.vips.len() > 1 => &self.nodes[site.balancers[place].index()].name,
            _ => &site.name,
        }
    }

    /// The name of a balancer in texts: its own, or its site's where it has none.
    #[must_use]
    pub fn balancer_name(&self, id: BalancerId) -> &str {
        let node = &self.nodes[id.index()];
        if node.name.is_empty() {
            &self.site(node.site).name
        } else {
            &node.name
        }
    }

    /// The pair that a balancer belongs to, and its position there; `None` if it stands alone.
    #[must_use]
    pub fn pair_of(&self, id: BalancerId) -> Option<(&HaPair, usize)> {
        let (site, place) = self.position_in_site(id);
        Some((self.site(site).pair.as_ref()?, place))
    }

    /// The pair that a balancer belongs to, to change, and its position there; `None` if it stands alone.
    pub fn pair_of_mut(&mut self, id: BalancerId) -> Option<(&mut HaPair, usize)> {
        let (site, place) = self.position_in_site(id);
        Some((self.sites[site.index()].pair.as_mut()?, place))
    }

    /// The other balancer of a pair.
    ///
    /// # Panics
    /// If the balancer stands alone.
    #[must_use]
    pub fn other_of_pair(&self, id: BalancerId) -> BalancerId {
        let (site, place) = self.position_in_site(id);
        self.site(site).balancers[1 - place]
    }

    /// Whether a balancer probes its servers now: a standby does so only if standby checks are on.
    #[must_use]
    pub fn checks(&self, id: BalancerId) -> bool {
        let waits = self.pair_of(id).is_some_and(|(pair, place)| {
            pair.is_passive()
                && !pair.spec.standby_checks
                && pair.machines[place].state() != VrrpState::Active
        });
        self.nodes[id.index()].state != NodeState::Dead && !waits
    }

    /// When the VRRP machine of a balancer acts next; `None` if it waits for nothing, or if it has no machine.
    #[must_use]
    pub fn vrrp_timer(&self, id: BalancerId) -> Option<SimTime> {
        let (pair, place) = self.pair_of(id)?;
        pair.machines[place].timer()
    }

    /// Whether two balancers are a pair with connection sync.
    #[must_use]
    pub fn syncs(&self, one: BalancerId, other: BalancerId) -> bool {
        let pair = self.pair_of(one);
        let shared =
            pair.is_some_and(|(pair, _)| pair.is_passive() && pair.spec.shared_connections);
        shared && self.nodes[one.index()].site == self.nodes[other.index()].site
    }

    /// Whether the segment of a pair delivers packets for each of its virtual IPs to a balancer.
    pub(super) fn segment_believes(&self, id: BalancerId) -> bool {
        let site = self.nodes[id.index()].site;
        let vips = &self.sites[site.index()].vips;
        vips.iter().all(|vip| match self.vips[vip.index()].kind {
            VipKind::Virtual { arp } => arp == Some(id),
            VipKind::Own(_) | VipKind::Ecmp { .. } => true,
        })
    }

    /// The segment of a pair believes the balancer that spoke last (gratuitous ARP, RFC 9568 section 8.1.2).
    pub(super) fn on_arp(&mut self, id: BalancerId) {
        let site = self.nodes[id.index()].site;
        for vip in &self.sites[site.index()].vips {
            if let VipKind::Virtual { arp } = &mut self.vips[vip.index()].kind {
                *arp = Some(id);
            }
        }
    }

    /// The router of a pair learns which of its balancers are up (ECMP).
    pub(super) fn on_ecmp_update(&mut self, site: SiteId) {
        let balancers = &self.sites[site.index()].balancers;
        let up = [0, 1].map(|place| self.is_up(balancers[place]));
        for vip in &self.sites[site.index()].vips {
            if let VipKind::Ecmp { routed } = &mut self.vips[vip.index()].kind {
                *routed = up;
            }
        }
    }

    /// The network's routes show whether a site answers (anycast).
    pub(super) fn on_route_update(&mut self, site: SiteId) {
        let dark = self.is_unreachable(site);
        self.sites[site.index()].announced = !dark;
    }

    /// Whether a balancer holds the virtual IP; always true outside an active-passive pair.
    #[must_use]
    pub fn holds(&self, id: BalancerId) -> bool {
        let (site, place) = self.position_in_site(id);
        let pair = self.site(site).pair.as_ref();
        pair.is_none_or(|pair| {
            !pair.is_passive() || pair.machines[place].state() == VrrpState::Active
        })
    }

    /// Whether no balancer answers at any virtual IP of a site.
    #[must_use]
    pub fn is_unreachable(&self, id: SiteId) -> bool {
        let site = self.site(id);
        // Any port: with ECMP another one may find the balancer that is still there.
        let found = |vip: &VipId| (0..2).any(|port| self.vip_owner(*vip, port).is_some());
        !site.vips.iter().any(found)
    }

    /// The site that anycast takes a client's packets to: the nearest one that is announced.
    #[must_use]
    pub fn anycast(&self, client: ClientId) -> SiteId {
        let ids = || (0..self.sites.len() as u32).map(SiteId);
        let announced = |id: &SiteId| self.site(*id).announced;
        let way = |id: &SiteId| self.path_latency(client, *id);
        let best = ids().filter(announced).min_by_key(way);
        best.or_else(|| ids().min_by_key(way)).unwrap_or(SiteId(0))
    }

    /// The samples of the last seconds, oldest first; empty in a plain scene.
    #[must_use]
    pub const fn samples(&self) -> &VecDeque<WorldSample> {
        &self.samples
    }

    /// Ends a second: stores its sample and clears the list of failed users.
    pub(super) fn sample(&mut self, at: SimTime, astray_permille: Permille) {
        if self.samples.len() == SAMPLES {
            self.samples.pop_front();
        }
        self.samples.push_back(WorldSample {
            at,
            failed_users: self.failed.len() as u32,
            astray_permille,
        });
        self.failed.clear();
    }
}
