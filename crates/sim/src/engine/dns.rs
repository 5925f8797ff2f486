//! Name resolution in the run: users ask their resolver, the resolver asks the authority, and the authority checks
//! every address.
//!
//! Owns the caches of the resolvers and the authority's zone, and schedules the authority's checks. **Invariant:** a
//! cache gives an answer away until its time to live is over (RFC 1035), or later where the resolver keeps answers
//! longer; with an EDNS client subnet (RFC 7871) an answer is for one client's network alone; each address that is
//! checked awaits one step of its check. Times are microseconds of simulated time.

use super::event::{Event, SiteEvent, VipCheckStep};
use super::schedule::Schedule;
use super::topology::Topology;
use crate::gslb::geo::{City, distance_km, find_city, one_way};
use crate::gslb::geodns::{Candidate, GeoDnsPolicy, Zone};
use crate::gslb::resolver::{DnsAnswer, DnsCache, EcsScope, kept};
use crate::health::active::CheckTransition;
use crate::ids::{ClientId, SiteId, VipId};
use crate::rng::{Purpose, below, stream};
use crate::scenario::Scenario;
use crate::scenario::topology::{DnsSpec, ResolverSpec};
use crate::time::{SimDuration, SimTime};
use crate::units::Permille;

/// The latency from the authority to an address, one way, for its checks.
const CHECK_WAY: SimDuration = SimDuration::from_ms(50);

/// A resolver with its caches.
#[derive(Clone, Debug)]
pub struct Resolver {
    /// The configuration of the resolver.
    pub spec: ResolverSpec,
    /// The city where it stands; `None` if the scene has no sites in cities.
    pub city: Option<&'static City>,
    caches: Vec<DnsCache>,
}

/// The name, its authority and the resolvers.
#[derive(Clone, Debug)]
pub struct Dns {
    /// The present configuration of the name.
    pub spec: DnsSpec,
    /// The authority for the name.
    pub zone: Zone,
    /// The resolvers, in the order of the scenario.
    pub resolvers: Vec<Resolver>,
    /// By client: the index of its resolver.
    asks: Vec<usize>,
    factor: Permille,
}

impl Dns {
    /// The name that a scenario describes; `None` where clients know the addresses. Caches hold answers of every age,
    /// as after a long run.
    pub(super) fn new(scenario: &Scenario, edge: &Topology, seed: u64) -> Option<Self> {
        let world = scenario.world.as_ref();
        if world.is_none() && scenario.dns.is_none() {
            return None;
        }
        let spec = scenario.dns.unwrap_or_default();
        let alone = || ResolverSpec {
            name: String::new(),
            city: String::new(),
            caches: 1,
            keep_us: SimDuration::ZERO,
            sends_subnet: false,
        };
        let specs = world.map_or_else(|| vec![alone()], |world| world.resolvers.clone());
        let asked = |name: &str| {
            let world = world?;
            let user = world.users.iter().find(|user| user.client == name)?;
            world
                .resolvers
                .iter()
                .position(|one| one.name == user.resolver)
        };
        let clients = scenario.clients.iter();
        let rng = stream(seed, Purpose::Dns, 0);
        let mut names = Self {
            spec,
            zone: Zone::new(spec.policy, spec.checks, edge.vips.len(), rng),
            asks: clients.map(|one| asked(&one.name).unwrap_or(0)).collect(),
            resolvers: specs.into_iter().map(Resolver::new).collect(),
            factor: world.map_or(Permille::ONE, |world| world.path_factor_permille),
        };
        names.fill(edge, seed);
        Some(names)
    }

    /// Puts an answer of a random age into every cache that a user asks.
    fn fill(&mut self, edge: &Topology, seed: u64) {
        let mut rng = stream(seed, Purpose::Resolver, 0);
        for client in (0..self.asks.len() as u32).map(ClientId) {
            let scope = self.scope(client);
            let resolver = self.asks[client.index()];
            for cache in 0..self.resolvers[resolver].caches.len() {
                let life = kept(self.spec.ttl_us, self.resolvers[resolver].spec.keep_us);
                if self.resolvers[resolver].caches[cache]
                    .expires(scope)
                    .is_some()
                {
                    continue;
                }
                let bound = u32::try_from(life.as_us()).unwrap_or(u32::MAX);
                let left = SimDuration::from_us(u64::from(below(&mut rng, bound)));
                if let Some(answer) = self.ask_zone(edge, client) {
                    let until = SimTime::ZERO + left;
                    self.resolvers[resolver].caches[cache].put(scope, answer, until);
                }
            }
        }
    }

    /// Sets how the authority chooses a site.
    pub(super) const fn set_policy(&mut self, policy: GeoDnsPolicy) {
        (self.spec.policy, self.zone.policy) = (policy, policy);
    }

    /// The resolver that a client asks.
    #[must_use]
    pub fn resolver_of(&self, client: ClientId) -> &Resolver {
        &self.resolvers[self.asks[client.index()]]
    }

    /// The EDNS client subnet scope of an answer: one client, or (`None`) all users of its resolver.
    fn scope(&self, client: ClientId) -> EcsScope {
        let passes = self.spec.client_subnet && self.resolver_of(client).spec.sends_subnet;
        passes.then_some(client)
    }

    /// The answer in the cache of a user's resolver; `None` if there is none or it has expired.
    #[must_use]
    pub fn remembered(&self, now: SimTime, client: ClientId, user: u32) -> Option<DnsAnswer> {
        let caches = &self.resolver_of(client).caches;
        caches[user as usize % caches.len()].get(now, self.scope(client))
    }

    /// The sites the authority may answer with, as seen from where it believes the user to be. Without a healthy site
    /// it takes all of them for healthy, as Route 53 does.
    #[must_use]
    pub fn candidates(&self, edge: &Topology, client: ClientId) -> Vec<Candidate> {
        let from = match self.scope(client) {
            Some(client) => edge.cities[client.index()],
            None => self.resolver_of(client).city,
        };
        let candidate = |(index, site): (usize, &super::topology::Site)| Candidate {
            site: SiteId(index as u32),
            km: from.zip(site.city).map_or(0.0, |(a, b)| distance_km(a, b)),
            delay: from
                .zip(site.city)
                .map_or(SimDuration::ZERO, |(a, b)| one_way(a, b, self.factor))
                + site.extra,
            weight: site.weight,
        };
        let all: Vec<Candidate> = edge.sites.iter().enumerate().map(candidate).collect();
        let healthy = |one: &&Candidate| {
            let vips = &edge.site(one.site).vips;
            vips.iter().any(|vip| self.zone.is_up(*vip))
        };
        let up: Vec<Candidate> = all.iter().filter(healthy).copied().collect();
        if up.is_empty() { all } else { up }
    }

    fn ask_zone(&mut self, edge: &Topology, client: ClientId) -> Option<DnsAnswer> {
        let candidates = self.candidates(edge, client);
        let site = self.zone.answer(&candidates)?;
        let mut vips = 0;
        for (place, vip) in edge.site(site).vips.iter().enumerate() {
            if self.zone.is_up(*vip) {
                vips |= 1 << place;
            }
        }
        if vips == 0 {
            vips = u8::MAX;
        }
        Some(DnsAnswer { site, vips })
    }

    /// The answer for a user who asks, and how long it takes to come.
    pub(super) fn ask(
        &mut self,
        edge: &Topology,
        now: SimTime,
        client: ClientId,
        user: u32,
    ) -> (Option<DnsAnswer>, SimDuration) {
        let city = edge.cities[client.index()].zip(self.resolver_of(client).city);
        let way = city.map_or(SimDuration::ZERO, |(a, b)| one_way(a, b, self.factor));
        let there_and_back = way.times(2);
        if let Some(answer) = self.remembered(now, client, user) {
            return (Some(answer), there_and_back);
        }
        let scope = self.scope(client);
        let answer = self.ask_zone(edge, client);
        let ttl = self.spec.ttl_us;
        let resolver = &mut self.resolvers[self.asks[client.index()]];
        let until = now + kept(ttl, resolver.spec.keep_us);
        let place = user as usize % resolver.caches.len();
        if let Some(answer) = answer {
            resolver.caches[place].put(scope, answer, until);
        }
        (answer, there_and_back + self.spec.answer_us)
    }

    /// The share of a client's users whose resolver would send them to a site now, in thousandths.
    #[must_use]
    pub fn part(&self, now: SimTime, client: ClientId, users: u32, site: SiteId) -> u32 {
        let mut found = 0_u64;
        for (user, same) in self.askers(client, users) {
            let answer = self.remembered(now, client, user);
            found += if answer.is_some_and(|one| one.site == site) {
                same
            } else {
                0
            };
        }
        (found * 1_000 / u64::from(users.max(1))) as u32
    }

    /// One user of each cache that a client's users ask, with the number of those who ask the same.
    fn askers(&self, client: ClientId, users: u32) -> impl Iterator<Item = (u32, u64)> + use<> {
        let caches = self.resolver_of(client).caches.len() as u32;
        (0..users.min(caches)).map(move |user| (user, u64::from((users - user).div_ceil(caches))))
    }

    /// The share of all users whose resolver would send them to a site for which `which` holds, in
    /// thousandths. Users count by what they send.
    #[must_use]
    pub fn pointing(
        &self,
        scenario: &Scenario,
        now: SimTime,
        which: impl Fn(SiteId) -> bool,
    ) -> Permille {
        let (mut all, mut found) = (0_u64, 0_u64);
        for (index, spec) in scenario.clients.iter().enumerate() {
            let client = ClientId(index as u32);
            for (user, same) in self.askers(client, spec.users) {
                let weight = u64::from(spec.share) * same * 1_000_000 / u64::from(spec.users);
                all += weight;
                let answer = self.remembered(now, client, user);
                if answer.is_some_and(|answer| which(answer.site)) {
                    found += weight;
                }
            }
        }
        Permille((found * 1_000).checked_div(all).unwrap_or(0) as u32)
    }
}

/// The end of a check of an address.
#[derive(Clone, Copy, Debug)]
pub(super) struct VipCheckEnd {
    /// Whether the address passed.
    pub pass: bool,
    /// The change of the authority's belief, if there was one.
    pub transition: Option<CheckTransition>,
}

impl Dns {
    /// Starts the authority's checks of so many addresses, spread over one interval.
    pub(super) fn start_checks(&self, vips: usize, schedule: &mut Schedule) {
        if let Some(config) = self.zone.config() {
            let count = vips as u64;
            for place in 0..count {
                let delay = config.interval_us.scaled(place, count);
                push_check(VipId(place as u32), delay, VipCheckStep::Due, schedule);
            }
        }
    }

    /// Takes the next step of the check of an address; returns its end, if it is over. `serves` says whether a balancer
    /// answers at the address and has a server for the request.
    pub(super) fn on_check(
        &mut self,
        vip: VipId,
        step: VipCheckStep,
        serves: impl FnOnce() -> bool,
        schedule: &mut Schedule,
    ) -> Option<VipCheckEnd> {
        let pass = match step {
            VipCheckStep::Due => {
                push_check(vip, CHECK_WAY, VipCheckStep::There, schedule);
                return None;
            }
            VipCheckStep::There if serves() => {
                push_check(vip, CHECK_WAY, VipCheckStep::Passed, schedule);
                return None;
            }
            VipCheckStep::There => {
                let config = self.zone.config();
                let config = config.expect("only an authority that checks sends checks");
                push_check(vip, config.timeout_us, VipCheckStep::Failed, schedule);
                return None;
            }
            VipCheckStep::Passed => true,
            VipCheckStep::Failed => false,
        };
        let transition = self.zone.on_check(vip, pass);
        if let Some(delay) = self.zone.check_delay(vip) {
            push_check(vip, delay, VipCheckStep::Due, schedule);
        }
        Some(VipCheckEnd { pass, transition })
    }
}

fn push_check(vip: VipId, delay: SimDuration, step: VipCheckStep, schedule: &mut Schedule) {
    schedule.after(delay, Event::Site(SiteEvent::VipCheck { vip, step }));
}

impl Resolver {
    fn new(spec: ResolverSpec) -> Self {
        Self {
            city: find_city(&spec.city),
            caches: vec![DnsCache::default(); spec.caches as usize],
            spec,
        }
    }
}
