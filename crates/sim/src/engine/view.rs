//! Reading: everything the page, the command line and the tests may see. Reading changes nothing.

use std::collections::VecDeque;

use super::Engine;
use super::command::LogEntry;
use super::dns::Dns;
use super::handshake::Handshake;
use super::observations::Observation;
use super::probes::ProbePhase;
use super::request::{Attempt, Phase, Request};
use super::request_record::RequestRecord;
use super::request_template::RequestTemplate;
use super::topology::Topology;
use super::websockets::WebSockets;
use crate::balance::balancer::Balancer;
use crate::balance::endpoint::{Endpoint, Tier};
use crate::fleet::client::{Client, Connection, ConnectionId};
use crate::fleet::server::Server;
use crate::fleet::spec::RequestKind;
use crate::hash::Digest;
use crate::ids::{BalancerId, ClassId, ClientId, EndpointId, RequestKey, ServerId, SiteId};
use crate::metrics::fairness::jain;
use crate::metrics::outcome::Totals;
use crate::metrics::recorder::Recorder;
use crate::scenario::Scenario;
use crate::time::SimTime;
use crate::units::{MilliRps, Permille};

/// A borrowed, read-only view of the engine.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub(super) engine: &'a Engine,
}

/// A server with a balancer's endpoint for it: truth beside belief.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// The server: what is true.
    pub server: &'a Server,
    /// The endpoint: what the balancer believes.
    pub endpoint: &'a Endpoint,
    /// The phase of the endpoint's probe.
    pub probe: ProbePhase,
}

impl<'a> View<'a> {
    pub(super) const fn new(engine: &'a Engine) -> Self {
        Self { engine }
    }

    /// The current simulated time.
    #[must_use]
    pub const fn now(&self) -> SimTime {
        self.engine.schedule.now()
    }

    /// The seed of the run.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.engine.record.seed
    }

    /// The scenario that the run started from.
    #[must_use]
    pub const fn scenario(&self) -> &'a Scenario {
        &self.engine.scenario
    }

    /// The balancer that the page looks at, the first by default, with its present configuration, its endpoints and
    /// its last decision.
    #[must_use]
    pub fn balancer(&self) -> &'a Balancer {
        self.engine.balancers.get(self.engine.observer.focus)
    }

    /// The balancer with this identity.
    #[must_use]
    pub fn balancer_at(&self, id: BalancerId) -> &'a Balancer {
        self.engine.balancers.get(id)
    }

    /// All balancers, in the order of their identities.
    pub fn balancers(&self) -> impl Iterator<Item = &'a Balancer> + use<'a> {
        self.engine.balancers.iter()
    }

    /// The topology in front of the balancers: sites, virtual IPs, pairs.
    #[must_use]
    pub const fn topology(&self) -> &'a Topology {
        &self.engine.network.topology
    }

    /// The name and its resolvers; `None` where clients know the addresses.
    #[must_use]
    pub const fn dns(&self) -> Option<&'a Dns> {
        self.engine.network.dns.as_ref()
    }

    /// The share of all users whose resolver would send them to a site now.
    #[must_use]
    pub fn pointing_at(&self, site: SiteId) -> Permille {
        self.dns().map_or(Permille(0), |names| {
            names.pointing(self.scenario(), self.now(), |one| one == site)
        })
    }

    /// The servers of the balancer that the page looks at, in configuration order, truth beside belief.
    pub fn members(&self) -> impl Iterator<Item = Member<'a>> + use<'a> {
        self.members_of(self.engine.observer.focus)
    }

    /// The servers of one balancer in configuration order, truth beside belief.
    pub fn members_of(&self, id: BalancerId) -> impl Iterator<Item = Member<'a>> + use<'a> {
        let engine = self.engine;
        let upstreams = engine.balancers.get(id).upstreams().iter();
        let endpoints = upstreams.flat_map(|one| one.endpoints());
        endpoints.filter_map(|endpoint| {
            let server = engine.servers.get(endpoint.config.server)?;
            Some(Member {
                server,
                endpoint,
                probe: engine.probes.phase(endpoint.id),
            })
        })
    }

    /// One server of that balancer, truth beside belief; `None` if it is not there or was removed.
    #[must_use]
    pub fn member(&self, id: ServerId) -> Option<Member<'a>> {
        self.members().find(|member| member.server.id == id)
    }

    /// All clients, by identity.
    #[must_use]
    pub fn clients(&self) -> &'a [Client] {
        self.engine.clients.all()
    }

    /// The connections whose handshakes are in progress.
    pub fn handshakes(&self) -> impl Iterator<Item = &'a Handshake> + use<'a> {
        self.engine.handshakes.iter()
    }

    /// The connection with this identity.
    #[must_use]
    pub fn connection(&self, id: ConnectionId) -> &'a Connection {
        self.engine.clients.connection(id)
    }

    /// The open connections that a balancer knows, or knew when it died.
    #[must_use]
    pub fn connections_at(&self, id: BalancerId) -> Vec<ConnectionId> {
        self.engine.clients.connections_at(id)
    }

    /// The endpoint that a connection goes to (L4); `None` where nothing was picked for the connection.
    #[must_use]
    pub fn flow_of(&self, connection: ConnectionId) -> Option<EndpointId> {
        self.engine.flow_of(connection)
    }

    /// How many connections of a client are bound to an endpoint (L4).
    #[must_use]
    pub fn ties(&self, client: ClientId, endpoint: EndpointId) -> usize {
        let theirs = |id: &ConnectionId| self.engine.clients.connection(*id).client() == client;
        let connections = self.engine.balancers.connections_to(endpoint);
        connections.iter().filter(|id| theirs(id)).count()
    }

    /// The WebSockets of the run.
    #[must_use]
    pub const fn sockets(&self) -> &'a WebSockets {
        &self.engine.websockets
    }

    /// The request head that all requests of a class have in common, without the path.
    #[must_use]
    pub fn request_template(&self, class: ClassId) -> &'a RequestTemplate {
        self.engine.workload.templates.of(class)
    }

    /// The path of a request of a class, with the number of its item where there are several.
    #[must_use]
    pub fn path_at(&self, class: ClassId, item: u32) -> String {
        self.engine.workload.templates.path_text(class, item)
    }

    /// The requests in flight, with their keys.
    pub fn requests(&self) -> impl Iterator<Item = (RequestKey, Request)> + use<'a> {
        let engine = self.engine;
        let records = engine.requests.iter();
        records.map(|(key, record)| (key, request_of(engine, key, record)))
    }

    /// A request in flight; `None` if its key is stale.
    #[must_use]
    pub fn request(&self, key: RequestKey) -> Option<Request> {
        let record = self.engine.requests.get(key)?;
        Some(request_of(self.engine, key, record))
    }

    /// Whether a request is at the balancer that the page looks at, or on its way to that balancer's address.
    #[must_use]
    pub fn is_here(&self, request: &Request) -> bool {
        let edge = self.topology();
        if edge.nodes.len() == 1 {
            return true;
        }
        let here = self.engine.observer.focus;
        match request.phase {
            Phase::Resolving { .. } | Phase::Lost { .. } => false,
            Phase::ToBalancer(_) => {
                let connection = self.engine.clients.connection(request.connection);
                edge.vip_owner(request.vip, connection.port) == Some(here)
            }
            _ => request.upstream_ref.balancer == here,
        }
    }

    /// The kind of a request.
    #[must_use]
    pub fn kind_of(&self, request: &Request) -> RequestKind {
        self.engine.scenario.classes[request.draw.class.index()].kind
    }

    /// How many requests are in flight.
    #[must_use]
    pub const fn in_flight(&self) -> usize {
        self.engine.requests.len()
    }

    /// The counts over the whole run.
    #[must_use]
    pub const fn totals(&self) -> &'a Totals {
        self.engine.record.recorder.totals()
    }

    /// The recorder of windows and percentiles.
    #[must_use]
    pub const fn recorder(&self) -> &'a Recorder {
        &self.engine.record.recorder
    }

    /// The present request rate, in thousandths of a request a second.
    #[must_use]
    pub const fn rate(&self) -> MilliRps {
        self.engine.workload.rate()
    }

    /// The observations that are kept, oldest first.
    #[must_use]
    pub const fn facts(&self) -> &'a VecDeque<Observation> {
        self.engine.record.observations().facts()
    }

    /// The log of the commands given so far.
    #[must_use]
    pub fn log(&self) -> &'a [LogEntry] {
        &self.engine.record.log
    }

    /// The digest of all decisions so far.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.engine.record.digest()
    }

    /// The number of events handled so far.
    #[must_use]
    pub const fn events(&self) -> u64 {
        self.engine.schedule.handled()
    }

    /// An endpoint's share of its upstream's picks since weights, algorithm, layer, members or usable endpoints last
    /// changed, 0 to 1; `None` before the first pick.
    #[must_use]
    pub fn share(&self, id: EndpointId) -> Option<f64> {
        let upstream = self.engine.balancers.upstream_of(id);
        let endpoints = upstream.endpoints();
        let all: u64 = endpoints
            .iter()
            .map(|endpoint| endpoint.counts.recent_picks)
            .sum();
        let own = upstream.endpoint(id)?.counts.recent_picks;
        (all > 0).then(|| own as f64 / all as f64)
    }

    /// Jain's fairness index of picks per unit of weight, over the whole run, of the primary endpoints (of all, if
    /// none is primary); `None` before the first pick.
    #[must_use]
    pub fn fairness(&self) -> Option<f64> {
        let endpoints = self.balancer().endpoints();
        let primary = |one: &Endpoint| one.config.tier == Tier::Primary;
        let tier = |one: &&Endpoint| primary(one) || !endpoints.iter().any(primary);
        let weighted = endpoints
            .iter()
            .filter(tier)
            .filter(|one| one.config.weight > 0);
        let picks: Vec<f64> = weighted
            .map(|one| one.counts.picks as f64 / f64::from(one.config.weight))
            .collect();
        jain(&picks)
    }

    /// Whether arrived = answered + failed + rejected + timed out + in flight: no request is ever lost.
    #[must_use]
    pub const fn is_conserved(&self) -> bool {
        let totals = self.totals();
        totals.arrived == totals.ended() + self.in_flight() as u64
    }
}

/// The request of a record, as it is seen from outside the engine.
fn request_of(engine: &Engine, key: RequestKey, record: &RequestRecord) -> Request {
    let server = |endpoint| engine.balancers.server_of(endpoint);
    let current = |endpoint| Attempt {
        endpoint,
        server: server(endpoint),
        sent_at: record.sent_at,
    };
    Request {
        number: record.number,
        draw: record.draw(),
        connection: record.connection,
        vip: record.vip(),
        upstream_ref: record.upstream_ref(),
        born: record.born,
        phase: record.phase(),
        attempt: record.attempt(),
        current: record.current().map(current),
        served: record.served().map(server),
        tried: engine.requests.tried(key).to_vec(),
    }
}
