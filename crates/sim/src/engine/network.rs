//! What is between the clients and the balancers: the name, the sites, their addresses, and the ways to them.
//!
//! Owns the [`Topology`] (truth: nodes, sites, virtual IPs, pairs) and the [`Dns`] (what resolvers and the authority
//! believe of it). **Invariant:** a packet goes to the address that the client knows; with anycast (RFC 4786) it arrives
//! at the nearest site that is announced. Ways are in microseconds, one way.

use super::dns::Dns;
use super::event::{Event, SiteEvent};
use super::schedule::Schedule;
use super::topology::Topology;
use crate::gslb::resolver::DnsAnswer;
use crate::ids::{ClientId, SiteId, VipId};
use crate::metrics::outcome::Outcome;
use crate::scenario::Scenario;
use crate::time::{SimDuration, SimTime};

/// How often the state of a scene with a name is sampled.
const SAMPLE: SimDuration = SimDuration::from_secs(1);

/// The topology, and the name that leads to it.
#[derive(Clone, Debug)]
pub(super) struct Network {
    /// The sites, virtual IPs, nodes and pairs.
    pub topology: Topology,
    /// The name and its resolvers; `None` where clients know the addresses.
    pub dns: Option<Dns>,
}

impl Network {
    /// The network that a scenario describes.
    pub fn new(scenario: &Scenario, seed: u64) -> Self {
        let topology = Topology::new(scenario);
        Self {
            dns: Dns::new(scenario, &topology, seed),
            topology,
        }
    }

    /// Starts the authority's checks and the samples, where the scene has a name.
    pub fn start(&self, schedule: &mut Schedule) {
        if let Some(dns) = &self.dns {
            dns.start_checks(self.topology.vips.len(), schedule);
            schedule.after(SAMPLE, Event::Site(SiteEvent::Sample));
        }
    }

    /// Whether clients resolve a name before they open a connection.
    #[inline(always)]
    pub fn resolves(&self) -> bool {
        self.dns.as_ref().is_some_and(|dns| !dns.spec.anycast)
    }

    /// Resolves the name for a user: the answer, if there is one, and how long it takes.
    ///
    /// # Panics
    /// If the scene has no name.
    pub fn resolve(
        &mut self,
        now: SimTime,
        client: ClientId,
        user: u32,
    ) -> (Option<DnsAnswer>, SimDuration) {
        let dns = self.dns.as_mut();
        let dns = dns.expect("only who has a name to ask for asks");
        dns.ask(&self.topology, now, client, user)
    }

    /// The virtual IP that a packet for an address reaches now.
    #[inline(always)]
    pub fn current_vip(&self, client: ClientId, vip: VipId) -> VipId {
        if !self.dns.as_ref().is_some_and(|dns| dns.spec.anycast) {
            return vip;
        }
        let site = self.topology.anycast(client);
        if self.topology.vips[vip.index()].site == site {
            return vip;
        }
        self.topology.site(site).vips[0]
    }

    /// How long a packet takes between a client and a virtual IP.
    #[inline(always)]
    pub fn path_latency(&self, client: ClientId, vip: VipId) -> SimDuration {
        let site = self.topology.vips[vip.index()].site;
        self.topology.path_latency(client, site)
    }

    /// Counts the end of a request at the site it was sent to.
    pub fn count(&mut self, vip: VipId, user: (ClientId, u32), outcome: Outcome) {
        let site = self.topology.vips[vip.index()].site;
        let totals = &mut self.topology.sites[site.index()].totals;
        totals.arrived += 1;
        totals.count(outcome);
        if outcome != Outcome::Answered && self.dns.is_some() {
            let (client, user) = user;
            self.topology.failed.insert((client.0, user));
        }
    }

    /// One second is over: samples the state of the sites.
    pub fn sample(&mut self, scenario: &Scenario, schedule: &mut Schedule) {
        let now = schedule.now();
        let dns = self
            .dns
            .as_ref()
            .expect("only scenes with a name are sampled");
        let dark: Vec<bool> = (0..self.topology.sites.len() as u32)
            .map(|site| self.topology.is_unreachable(SiteId(site)))
            .collect();
        let astray = dns.pointing(scenario, now, |site| dark[site.index()]);
        self.topology.sample(now, astray);
        schedule.after(SAMPLE, Event::Site(SiteEvent::Sample));
    }

    /// Schedules the time when the network's routes show what became of a site (anycast).
    pub fn await_route(&self, site: SiteId, schedule: &mut Schedule) {
        if let Some(dns) = &self.dns {
            let event = Event::Site(SiteEvent::RouteUpdate { site });
            schedule.after(dns.spec.converge_us, event);
        }
    }

    /// A node of a site came or went: schedules when the router of its pair and the network's routes show it.
    pub fn announce_to_routers(&self, site: SiteId, schedule: &mut Schedule) {
        if let Some(pair) = &self.topology.site(site).pair {
            let event = Event::Site(SiteEvent::EcmpUpdate { site });
            schedule.after(pair.spec.detect_us, event);
        }
        self.await_route(site, schedule);
    }
}
