//! The engine checks itself: what must hold between any two events, whatever the reader does.
//!
//! Only builds with debug assertions have this: development and tests. Every counter is compared with the lists that
//! it counts, every request with the place where its phase says it is, and every pending event with what waits for it.
//! A violation is a defect of the engine, so it panics and names the invariant, the time, the subject and both
//! numbers.
//!
//! A check looks at everything once. The next one therefore waits for as many events as there was to
//! look at, so that its cost for each event is bounded however large the world is.

mod events;
mod lists;
mod requests;
#[cfg(test)]
mod tests;
mod upstreams;

use std::fmt::Debug;

use super::Engine;
use super::balancers::Balancers;
use crate::ids::UpstreamRef;
use crate::metrics::outcome::{Outcome, Rejection};
use crate::time::SimTime;

/// The fewest events from one check to the next.
const LEAST: u64 = 64;

/// When the engine checks itself next, and the lists it counts in.
#[derive(Debug, Default)]
pub(super) struct Audit {
    /// The number of events after which the next check is due.
    due: u64,
    tally: Tally,
}

impl Clone for Audit {
    /// A clone of the engine keeps the schedule; the counts are only scratch.
    fn clone(&self) -> Self {
        let tally = Tally::default();
        let due = self.due;
        Self { due, tally }
    }
}

/// The lists that a request can be in, and the events that are about it.
#[derive(Clone, Copy, Debug)]
enum Mark {
    /// Pending events that move the request on.
    Event,
    /// Places of the request in the queues at balancers.
    BalancerQueue,
    /// Places of the request in the queues of servers.
    ServerQueue,
    /// Workers that process the request.
    Worker,
    /// Handshakes that the request waits for.
    Handshake,
    /// Time-outs of the attempt in flight.
    Deadline,
}

impl Mark {
    const ALL: [Self; 6] = [
        Self::Event,
        Self::BalancerQueue,
        Self::ServerQueue,
        Self::Worker,
        Self::Handshake,
        Self::Deadline,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Event => "pending events of a request",
            Self::BalancerQueue => "places of a request in the queues at balancers",
            Self::ServerQueue => "places of a request in the queues of servers",
            Self::Worker => "workers on a request",
            Self::Handshake => "connections that are being opened for a request",
            Self::Deadline => "deadlines of a request",
        }
    }
}

/// How often a request was found in each list, by [`Mark`].
type Marks = [u8; Mark::ALL.len()];

/// The counts of one connection.
#[derive(Clone, Copy, Debug, Default)]
struct ConnectionTally {
    /// Requests and WebSockets on the connection.
    open: u32,
    /// Pending events of its handshake.
    handshakes: u32,
}

/// The counts of one endpoint.
#[derive(Clone, Copy, Debug, Default)]
struct EndpointTally {
    /// Attempts in flight to the endpoint.
    tries: u32,
    /// Connections and WebSockets that are bound to it.
    ties: u32,
    /// Requests in its own queue.
    queued: u32,
    /// Pending events of its probe.
    probes: u32,
}

/// The counts of one upstream of one balancer.
#[derive(Clone, Copy, Debug)]
struct UpstreamTally {
    /// Attempts in flight of requests that are here.
    tries: u32,
    /// When the first event comes that looks for attempts that timed out.
    deadline: SimTime,
    /// Pending events that look for requests that have waited too long.
    waited: u32,
}

impl UpstreamTally {
    const NONE: Self = Self {
        tries: 0,
        deadline: SimTime::FAR,
        waited: 0,
    };
}

/// The counts of one check. The lists stay with the engine, so that later checks allocate nothing.
#[derive(Debug, Default)]
struct Tally {
    /// By slot in the table of requests.
    requests: Vec<Marks>,
    /// By slot in the table of connections.
    connections: Vec<ConnectionTally>,
    /// By endpoint identity, over all balancers.
    endpoints: Vec<EndpointTally>,
    /// By balancer and upstream: see [`Tally::upstream_mut`].
    upstream_refs: Vec<UpstreamTally>,
    /// How many upstreams a balancer has: the same number everywhere.
    upstreams: usize,
    /// By server identity: pending ends of jobs.
    ends: Vec<u32>,
    /// By balancer: pending VRRP timers.
    timers: Vec<u32>,
    /// Pending events of the arrivals, of users that think, of WebSockets, of the authority's checks and of the
    /// samples of sites.
    arrivals: u64,
    thinking: u64,
    sockets: u64,
    vips: u64,
    samples: u64,
}

impl Tally {
    /// Clears the counts of the last check.
    fn reset(&mut self, engine: &Engine) {
        refill(
            &mut self.requests,
            engine.requests.places(),
            Marks::default(),
        );
        let connections = engine.clients.connection_places();
        let none = ConnectionTally::default();
        refill(&mut self.connections, connections, none);
        let none = EndpointTally::default();
        refill(&mut self.endpoints, engine.probes.len(), none);
        self.upstreams = upstreams(&engine.balancers);
        let upstream_refs = engine.network.topology.nodes.len() * self.upstreams;
        refill(&mut self.upstream_refs, upstream_refs, UpstreamTally::NONE);
        refill(&mut self.ends, engine.servers.installed(), 0);
        refill(&mut self.timers, engine.network.topology.nodes.len(), 0);
        (self.arrivals, self.thinking, self.sockets) = (0, 0, 0);
        (self.vips, self.samples) = (0, 0);
    }

    fn upstream_mut(&mut self, upstream_ref: UpstreamRef) -> &mut UpstreamTally {
        let place = upstream_ref.balancer.index() * self.upstreams + upstream_ref.upstream.index();
        &mut self.upstream_refs[place]
    }
}

fn refill<T: Clone>(list: &mut Vec<T>, length: usize, empty: T) {
    list.clear();
    list.resize(length, empty);
}

fn upstreams(nodes: &Balancers) -> usize {
    let first = nodes.iter().next();
    first.map_or(0, |balancer| balancer.upstreams().len())
}

impl Audit {
    /// Whether the next check is due after so many events.
    #[inline(always)]
    pub(super) const fn is_due(&self, events: u64) -> bool {
        events >= self.due
    }

    /// Checks an engine, and says when the next check is due.
    #[cold]
    pub(super) fn run(&mut self, engine: &Engine) {
        let tally = &mut self.tally;
        Check { engine }.check_with(tally);
        let looked_at = engine.schedule.places()
            + tally.requests.len()
            + tally.connections.len()
            + tally.endpoints.len()
            + tally.ends.len();
        self.due = engine.schedule.handled() + LEAST.max(looked_at as u64);
    }
}

/// One check of an engine, which it cannot change.
struct Check<'a> {
    engine: &'a Engine,
}

impl Check<'_> {
    fn check_with(&self, tally: &mut Tally) {
        tally.reset(self.engine);
        self.check_conservation();
        self.tally_events(tally);
        self.tally_lists(tally);
        self.check_requests(tally);
        self.check_connections(tally);
        self.check_upstreams(tally);
        self.check_servers(tally);
        self.check_events(tally);
    }

    /// Checks that no request is lost: arrived = answered + failed + rejected + timed out + in flight.
    fn check_conservation(&self) {
        let totals = self.engine.record.recorder.totals();
        let accounted = totals.ended() + self.engine.requests.len() as u64;
        self.agree("arrived requests", totals, totals.arrived, accounted);
        // A request that the simulation had no room for was sent to no site.
        let unsent = totals.of(Outcome::Rejected(Rejection::InFlightLimit));
        let mut booked = 0;
        for site in &self.engine.network.topology.sites {
            let (name, own) = (&site.name, &site.totals);
            self.agree("requests that a site got", name, own.arrived, own.ended());
            booked += own.arrived;
        }
        let ended = totals.ended() - unsent;
        self.agree("requests booked at sites", totals, booked, ended);
    }

    /// Checks that two ways to count the same thing agree.
    #[inline(always)]
    fn agree<T: Copy + PartialEq + Debug>(
        &self,
        what: &str,
        whose: impl Debug,
        counted: T,
        found: T,
    ) {
        if counted != found {
            self.disagree(what, &whose, &counted, &found);
        }
    }

    #[cold]
    fn disagree(&self, what: &str, whose: &dyn Debug, counted: &dyn Debug, found: &dyn Debug) -> ! {
        panic!(
            "an invariant does not hold at {} us, after {} events: {what} of {whose:?}: {counted:?} \
             by the counter or the phase, {found:?} by the lists",
            self.engine.schedule.now().as_us(),
            self.engine.schedule.handled()
        );
    }
}
