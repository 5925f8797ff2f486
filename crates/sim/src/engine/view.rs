//! Reading: everything the page, the command line and the tests may see. Looking changes nothing.

use std::collections::VecDeque;

use super::Engine;
use super::command::LogEntry;
use super::dns::Dns;
use super::handshake::Handshake;
use super::observations::{Flash, Observation};
use super::observer::fault_history::FaultHistory;
use super::observer::in_flight::InFlightSample;
use super::observer::request_traces::RequestTraces;
use super::probes::ProbePhase;
use super::request::{Phase, Request};
use super::request_template::{RequestTemplate, write_path};
use super::topology::Topology;
use super::websockets::WebSockets;
use crate::balance::balancer::Balancer;
use crate::balance::endpoint::{Endpoint, Tier};
use crate::fleet::client::{Client, Connection, ConnectionId};
use crate::fleet::rate_profile::MilliRps;
use crate::fleet::server::Server;
use crate::fleet::spec::RequestKind;
use crate::hash::Digest;
use crate::ids::{BalancerId, ClassId, ClientId, EndpointId, RequestKey, ServerId, SiteId};
use crate::metrics::fairness::jain;
use crate::metrics::outcome::Totals;
use crate::metrics::recorder::Recorder;
use crate::scenario::Scenario;
use crate::time::SimTime;

/// A borrowed look at the world.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    engine: &'a Engine,
}

/// A server with the balancer's record of it: truth beside belief.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// The machine.
    pub server: &'a Server,
    /// The record.
    pub endpoint: &'a Endpoint,
    /// Where its check is.
    pub probe: ProbePhase,
}

impl<'a> View<'a> {
    pub(super) const fn new(engine: &'a Engine) -> Self {
        Self { engine }
    }

    /// The simulated time.
    #[must_use]
    pub const fn now(&self) -> SimTime {
        self.engine.now
    }

    /// The seed of the run.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.engine.seed
    }

    /// What the run started from.
    #[must_use]
    pub const fn scenario(&self) -> &'a Scenario {
        &self.engine.scenario
    }

    /// The balancer that the page looks at, the first by default: its configuration as it is now,
    /// its endpoints, its last decision.
    #[must_use]
    pub fn balancer(&self) -> &'a Balancer {
        self.engine.balancers.get(self.engine.focus)
    }

    /// One balancer.
    #[must_use]
    pub fn balancer_at(&self, id: BalancerId) -> &'a Balancer {
        self.engine.balancers.get(id)
    }

    /// Every balancer by identity.
    pub fn balancers(&self) -> impl Iterator<Item = &'a Balancer> + use<'a> {
        self.engine.balancers.iter()
    }

    /// Sites, addresses, pairs: what stands in front of the balancers.
    #[must_use]
    pub const fn edge(&self) -> &'a Topology {
        &self.engine.topology
    }

    /// The name; `None` where clients know the addresses.
    #[must_use]
    pub const fn names(&self) -> Option<&'a Dns> {
        self.engine.dns.as_ref()
    }

    /// The share of all users whose resolver would send them to a site now, in thousandths.
    #[must_use]
    pub fn pointing_at(&self, site: SiteId) -> u32 {
        self.names().map_or(0, |names| {
            names.pointing(self.scenario(), self.now(), |one| one == site)
        })
    }

    /// The servers of that balancer in configuration order, truth beside belief.
    pub fn members(&self) -> impl Iterator<Item = Member<'a>> + use<'a> {
        self.members_of(self.engine.focus)
    }

    /// The servers of one balancer in configuration order, truth beside belief.
    pub fn members_of(&self, id: BalancerId) -> impl Iterator<Item = Member<'a>> + use<'a> {
        let engine = self.engine;
        let upstreams = engine.balancers.get(id).upstreams().iter();
        let endpoints = upstreams.flat_map(|one| one.endpoints());
        endpoints.filter_map(|endpoint| {
            let server = engine.server(endpoint.config.server)?;
            Some(Member {
                server,
                endpoint,
                probe: engine.probes[endpoint.id.index()].phase,
            })
        })
    }

    /// One server, truth beside belief; `None` once it was removed.
    #[must_use]
    pub fn member(&self, id: ServerId) -> Option<Member<'a>> {
        self.members().find(|member| member.server.id == id)
    }

    /// The clients.
    #[must_use]
    pub fn clients(&self) -> &'a [Client] {
        self.engine.clients.all()
    }

    /// The connections that are being opened.
    pub fn shakes(&self) -> impl Iterator<Item = &'a Handshake> + use<'a> {
        self.engine.pending_connections.values()
    }

    /// A client's connection, by its place in the table.
    #[must_use]
    pub fn connection(&self, id: ConnectionId) -> &'a Connection {
        self.engine.clients.connection(id)
    }

    /// How many connections of a client are tied to an endpoint (L4).
    #[must_use]
    pub fn ties(&self, client: ClientId, endpoint: EndpointId) -> usize {
        self.engine.clients.ties(client, endpoint)
    }

    /// The WebSockets.
    #[must_use]
    pub const fn sockets(&self) -> &'a WebSockets {
        &self.engine.websockets
    }

    /// What is written on a request of a class, its path aside.
    #[must_use]
    pub fn request_template(&self, class: ClassId) -> &'a RequestTemplate {
        &self.engine.templates[class.index()]
    }

    /// The path of a request of a class, with the number of its item where there are several.
    #[must_use]
    pub fn path_at(&self, class: ClassId, item: u32) -> String {
        let mut text = String::new();
        write_path(&mut text, &self.engine.scenario, class, item);
        text
    }

    /// The requests in flight.
    pub fn requests(&self) -> impl Iterator<Item = (RequestKey, Request)> + use<'a> {
        let engine = self.engine;
        let records = engine.requests.iter();
        records.map(|(key, record)| (key, engine.show(key, record)))
    }

    /// A request in flight.
    #[must_use]
    pub fn request(&self, key: RequestKey) -> Option<Request> {
        let record = self.engine.requests.get(key)?;
        Some(self.engine.show(key, record))
    }

    /// Whether a request is at the balancer that the page looks at, or on its way to its address.
    #[must_use]
    pub fn is_here(&self, request: &Request) -> bool {
        let edge = self.edge();
        if edge.nodes.len() == 1 {
            return true;
        }
        let here = self.engine.focus;
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

    /// Counts over the whole run.
    #[must_use]
    pub const fn totals(&self) -> &'a Totals {
        self.engine.recorder.totals()
    }

    /// Windows and percentiles.
    #[must_use]
    pub const fn recorder(&self) -> &'a Recorder {
        &self.engine.recorder
    }

    /// Requests a second.
    #[must_use]
    pub const fn rate(&self) -> MilliRps {
        self.engine.traffic.rate()
    }

    /// What is worth telling, oldest first.
    #[must_use]
    pub const fn facts(&self) -> &'a VecDeque<Observation> {
        self.engine.observations.facts()
    }

    /// Where requests failed a moment ago, oldest first.
    #[must_use]
    pub const fn flashes(&self) -> &'a VecDeque<Flash> {
        self.engine.observations.flashes()
    }

    /// The lives of requests; `None` unless the run is watched.
    #[must_use]
    pub fn trail(&self) -> Option<&'a RequestTraces> {
        self.engine.observer.as_ref().map(|watch| &watch.trail)
    }

    /// What happened to each endpoint; `None` unless the run is watched.
    #[must_use]
    pub fn checks(&self) -> Option<&'a FaultHistory> {
        self.engine.observer.as_ref().map(|watch| &watch.checks)
    }

    /// How many requests were where, once a second, oldest first; none unless the run is watched.
    pub fn samples(&self) -> impl Iterator<Item = &'a InFlightSample> + use<'a> {
        let watch = self.engine.observer.as_ref();
        watch.into_iter().flat_map(|watch| watch.gauge.samples())
    }

    /// The commands given so far.
    #[must_use]
    pub fn log(&self) -> &'a [LogEntry] {
        &self.engine.log
    }

    /// The digest of everything decided so far.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.engine.digest
    }

    /// How many events were handled.
    #[must_use]
    pub const fn events(&self) -> u64 {
        self.engine.events
    }

    /// The share of the picks since weights, algorithm, layer, members or who is usable last changed, 0 to
    /// 1; `None` before the first pick.
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

    /// Jain's fairness index of picks for each unit of weight, over the endpoints in the tier that
    /// the fleet was made for (the primaries, where there are any), over the whole run; `None`
    /// before the first pick.
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

    /// Arrived = answered + failed + rejected + timed out + in flight: nothing is ever lost.
    #[must_use]
    pub const fn is_conserved(&self) -> bool {
        let totals = self.totals();
        totals.arrived == totals.ended() + self.in_flight() as u64
    }
}
