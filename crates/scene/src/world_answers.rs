//! The answers that resolvers keep: where each client's users are sent, and for how much longer.

use evenkeel_sim::engine::dns::Dns;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::gslb::geodns::GeoDnsPolicy;
use evenkeel_sim::gslb::resolver::kept;
use evenkeel_sim::ids::{ClientId, SiteId};
use evenkeel_sim::time::{SimDuration, SimTime};

/// How closely the end of a cached answer is found: a tenth of a second, which no text and no ring can show.
const PRECISION_US: u64 = 100_000;

/// The users of one client that are sent to one site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SiteAnswers {
    /// The number of users whose resolver would send them there now.
    pub users: u32,
    /// The longest time for which one of these answers is still kept; 0 with anycast, which keeps none.
    pub longest: SimDuration,
}

/// Where the users of one client are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientAnswers {
    /// The identity of the client.
    pub client: ClientId,
    /// The number of its users.
    pub users: u32,
    /// The client's share of the traffic, in the scenario's own unit.
    pub share: u32,
    /// How long its resolver keeps a new answer.
    pub kept: SimDuration,
    /// By site identity: the users who are sent there.
    pub by_site: Vec<SiteAnswers>,
}

impl ClientAnswers {
    /// The share of the client's users that is sent to a site, in thousandths.
    #[must_use]
    pub fn part(&self, site: SiteId) -> u32 {
        let users = self.by_site.get(site.index()).map_or(0, |one| one.users);
        (u64::from(users) * 1_000 / u64::from(self.users.max(1))) as u32
    }

    /// The sites that users are sent to, with the users.
    pub fn sites(&self) -> impl Iterator<Item = (SiteId, SiteAnswers)> + '_ {
        let all = self.by_site.iter().enumerate();
        all.map(|(place, one)| (SiteId(place as u32), *one))
            .filter(|(_, one)| one.users > 0)
    }

    /// The site that most of the users are sent to; `None` if no cache holds an answer.
    #[must_use]
    pub fn main_site(&self) -> Option<SiteId> {
        // The first of equals, so that the colour does not flicker.
        let most = self.sites().map(|(_, one)| one.users).max()?;
        self.sites()
            .find(|(_, one)| one.users == most)
            .map(|(id, _)| id)
    }
}

/// The answers of every client, in the scenario's order; empty in a scene without a name.
#[must_use]
pub fn answers(view: View<'_>) -> Vec<ClientAnswers> {
    let Some(names) = view.dns() else {
        return Vec::new();
    };
    let sites = view.topology().sites.len();
    let one = |(place, spec): (usize, &evenkeel_sim::fleet::spec::ClientSpec)| {
        let client = ClientId(place as u32);
        let keep = names.resolver_of(client).spec.keep_us;
        let mut found = ClientAnswers {
            client,
            users: spec.users,
            share: spec.share,
            kept: kept(names.spec.ttl_us, keep),
            by_site: vec![SiteAnswers::default(); sites],
        };
        if names.spec.anycast {
            let there = view.topology().anycast(client);
            found.by_site[there.index()].users = spec.users;
        } else {
            read_caches(names, view.now(), &mut found);
        }
        found
    };
    let clients = view.scenario().clients.iter().enumerate();
    clients.map(one).collect()
}

/// Reads each cache of a client's resolver once: users with the same remainder share a cache.
fn read_caches(names: &Dns, now: SimTime, into: &mut ClientAnswers) {
    let caches = names.resolver_of(into.client).spec.caches.max(1);
    for user in 0..into.users.min(caches) {
        let Some(answer) = names.remembered(now, into.client, user) else {
            continue;
        };
        let left = time_left(names, now, into.client, user, into.kept);
        let one = &mut into.by_site[answer.site.index()];
        one.users += (into.users - user).div_ceil(caches);
        one.longest = one.longest.max(left);
    }
}

/// For how long a cache still gives the answer that it holds now. It is found by asking for later and later times, as
/// the engine tells what a cache answers at a time, and not when it stops.
fn time_left(
    names: &Dns,
    now: SimTime,
    client: ClientId,
    user: u32,
    kept: SimDuration,
) -> SimDuration {
    let holds = |us: u64| {
        let then = now + SimDuration::from_us(us);
        names.remembered(then, client, user).is_some()
    };
    let (mut held, mut over) = (0, kept.as_us().max(PRECISION_US));
    // An answer from before the TTL was shortened is kept for longer than a new one.
    while holds(over) {
        (held, over) = (over, over.saturating_mul(2));
    }
    while over - held > PRECISION_US {
        let middle = held.midpoint(over);
        if holds(middle) {
            held = middle;
        } else {
            over = middle;
        }
    }
    SimDuration::from_us(over)
}

/// The share of all traffic whose users are sent to a site, in thousandths.
#[must_use]
pub fn share_of(answers: &[ClientAnswers], site: SiteId) -> u32 {
    let all: u64 = answers.iter().map(|one| u64::from(one.share)).sum();
    let sum: u64 = answers
        .iter()
        .map(|one| u64::from(one.share) * u64::from(one.part(site)))
        .sum();
    (sum / all.max(1)) as u32
}

/// A client whose resolver stands elsewhere, and is sent to a site that is not the nearest to its users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MisledClient {
    /// The client that is sent too far.
    pub client: ClientId,
    /// The site that most of its users are sent to.
    pub sent: SiteId,
}

/// The clients that a far resolver misleads: it matters where the policy goes by the place of who asks, and where the
/// resolver does not pass the users' network on (RFC 7871).
#[must_use]
pub fn misled(view: View<'_>, answers: &[ClientAnswers]) -> Vec<MisledClient> {
    let Some(names) = view.dns().filter(|names| !names.spec.anycast) else {
        return Vec::new();
    };
    let by_place = matches!(
        names.spec.policy,
        GeoDnsPolicy::Nearest | GeoDnsPolicy::LowestLatency
    );
    let edge = view.topology();
    let one = |answers: &ClientAnswers| {
        let resolver = names.resolver_of(answers.client);
        let passes = names.spec.client_subnet && resolver.spec.sends_subnet;
        let (own, there) = (edge.cities[answers.client.index()]?, resolver.city?);
        let sent = answers.main_site()?;
        let way = |id: SiteId| edge.path_latency(answers.client, id);
        let well = |id: &SiteId| {
            let vips = &edge.site(*id).vips;
            vips.iter().any(|vip| names.zone.is_up(*vip))
        };
        let sites = (0..edge.sites.len() as u32).map(SiteId);
        let nearest = sites.filter(well).map(way).min()?;
        let astray = by_place && !passes && own.key != there.key && way(sent) > nearest;
        astray.then_some(MisledClient {
            client: answers.client,
            sent,
        })
    };
    answers.iter().filter_map(one).collect()
}
