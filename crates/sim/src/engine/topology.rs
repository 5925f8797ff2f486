//! What stands in front of the balancers in one run: sites, virtual IPs and pairs. A plain scene is one site with one
//! balancer and one address.

use std::collections::{BTreeSet, VecDeque};

use crate::gslb::geo::{City, Region, find_city, find_region};
use crate::ha::vrrp::{Vrrp, VrrpConfig, VrrpState};
use crate::ids::{BalancerId, ClientId, SiteId, VipId};
use crate::metrics::outcome::Totals;
use crate::scenario::Scenario;
use crate::scenario::topology::{ClientSpread, PairMode, PairSpec, RetransmitPolicy};
use crate::time::{SimDuration, SimTime};

/// How many takeovers and advertisements of a pair are kept for the page.
const KEPT: usize = 16;

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

/// A takeover: the virtual IP went from one balancer of a pair to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Takeover {
    /// When the address was left without an active balancer.
    pub since: SimTime,
    /// When a balancer became active again.
    pub at: SimTime,
    /// The balancer that took over.
    pub by: BalancerId,
    /// The longest time that VRRP allows: three intervals and the skew, or the skew alone after a clean stop.
    pub within: SimDuration,
    /// Whether the balancer before stopped cleanly.
    pub clean: bool,
}

impl Takeover {
    /// How long the address had no active balancer.
    #[must_use]
    pub const fn took(&self) -> SimDuration {
        self.at.since(self.since)
    }
}

/// One VRRP advertisement that was sent, kept for the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdvertSent {
    /// When it was sent.
    pub at: SimTime,
    /// The balancer that sent it.
    pub from: BalancerId,
    /// The sender's priority, 0 to 255; 0 says that it stops.
    pub priority: u8,
    /// Whether the link carried it to the other balancer.
    pub carried: bool,
}

/// An HA pair: two balancers that cover for each other.
#[derive(Clone, Debug)]
pub struct HaPair {
    /// The configuration of the pair.
    pub spec: PairSpec,
    /// Their VRRP machines, in the order of the members; idle where both work.
    pub machines: [Vrrp; 2],
    /// Whether the link between the two carries packets.
    pub link_up: bool,
    /// Since when no balancer has the address, and whether the last one stopped cleanly; `None` if one has it.
    pub vacant: Option<(SimTime, bool)>,
    /// The last takeovers, newest last.
    pub takeovers: VecDeque<Takeover>,
    /// The last advertisements, newest last.
    pub adverts: VecDeque<AdvertSent>,
}

impl HaPair {
    fn new(spec: &PairSpec) -> Self {
        let configs = configs(spec);
        let rank = |config: &VrrpConfig| (config.priority, config.address);
        let first = rank(&configs[0]) > rank(&configs[1]);
        let settled =
            |index: usize, config| Vrrp::settled(config, SimTime::ZERO, (index == 0) == first);
        let [a, b] = configs;
        let machines = match spec.mode {
            PairMode::ActivePassive => [settled(0, a), settled(1, b)],
            PairMode::ActiveActive => configs.map(Vrrp::new),
        };
        Self {
            spec: spec.clone(),
            machines,
            link_up: true,
            vacant: None,
            takeovers: VecDeque::new(),
            adverts: VecDeque::new(),
        }
    }

    /// The VRRP configuration of the two machines, in the order of the members.
    #[must_use]
    pub fn configs(&self) -> [VrrpConfig; 2] {
        configs(&self.spec)
    }

    /// Whether the two share a virtual IP (active-passive).
    #[must_use]
    pub fn is_passive(&self) -> bool {
        self.spec.mode == PairMode::ActivePassive
    }

    /// How many of the two believe that they are active, 0 to 2.
    #[must_use]
    pub fn actives(&self) -> usize {
        let active = |one: &&Vrrp| one.state() == VrrpState::Active;
        self.machines.iter().filter(active).count()
    }

    /// Keeps a takeover for the page.
    pub(super) fn keep_takeover(&mut self, takeover: Takeover) {
        keep(&mut self.takeovers, takeover);
    }

    /// Keeps an advertisement for the page.
    pub(super) fn keep_advert(&mut self, advert: AdvertSent) {
        keep(&mut self.adverts, advert);
    }
}

fn configs(spec: &PairSpec) -> [VrrpConfig; 2] {
    spec.members.each_ref().map(|member| VrrpConfig {
        priority: member.priority,
        address: member.address,
        advert_cs: spec.advert_cs,
        preempt: spec.preempt,
    })
}

fn keep<T>(list: &mut VecDeque<T>, one: T) {
    if list.len() == KEPT {
        list.pop_front();
    }
    list.push_back(one);
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
    pub astray_permille: u32,
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
            .map_or(1_000, |world| world.path_factor_permille);
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
    pub(super) fn sample(&mut self, at: SimTime, astray_permille: u32) {
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
