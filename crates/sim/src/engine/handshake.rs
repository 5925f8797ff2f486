//! How a client's connection is opened: TCP, then TLS, one round trip each; and how it is closed.
//!
//! At L7 the balancer answers both itself. At L4 it picks for the SYN and passes everything on: the server answers,
//! and the balancer cannot read the packets. Requests wait until the connection is open. Only scenes that ask for it
//! (`connections`) simulate this.

use super::Engine;
use super::event::Event;
use super::observations::ObservationKind;
use super::observer::Observed;
use super::request::{Phase, Trip};
use crate::balance::l7::FrontendTask;
use crate::balance::spec::{Layer, ReturnPath};
use crate::balance::upstream::ObservedResult;
use crate::fleet::client::ConnectionId;
use crate::fleet::server::ProcessState;
use crate::ids::{BalancerId, EndpointId, RequestKey, ServerId, SiteId, UpstreamRef, VipId};
use crate::metrics::outcome::{Failure, Outcome, Rejection};
use crate::time::SimDuration;

/// The stages of a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandshakeStage {
    /// The TCP handshake (SYN).
    Syn,
    /// The TLS handshake that follows it.
    Tls,
}

/// Where the packet of a handshake is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hop {
    /// From the client to the balancer.
    ToBalancer,
    /// At the balancer, which processes it.
    AtBalancer,
    /// From the balancer to the server (L4).
    ToServer,
    /// At the server, which processes it (L4).
    AtServer,
    /// From the server to the balancer (L4).
    FromServer,
    /// From the server past the balancer to the client (L4, direct server return).
    Direct,
    /// From the balancer to the client.
    ToClient,
}

/// The handshake of a connection that is being opened.
#[derive(Clone, Debug)]
pub struct Handshake {
    /// The stage of the handshake.
    pub step: HandshakeStage,
    /// Where its packet is.
    pub leg: Hop,
    /// The departure and arrival of the packet on that hop.
    pub trip: Trip,
    /// The connection that is being opened.
    pub connection: ConnectionId,
    /// The virtual IP that the connection goes to.
    pub vip: VipId,
    /// The balancer that it goes through; `None` until it has reached one.
    pub balancer: Option<BalancerId>,
    /// Whether no process listened at the server, so that the packet is a reset.
    pub refused: bool,
    /// The requests that wait for the connection, first come first.
    pub(super) waiting: Vec<RequestKey>,
}

/// The handshakes in progress, by connection.
pub(super) type PendingConnections = std::collections::BTreeMap<u32, Handshake>;

impl Engine {
    /// A request waits until its connection is open; returns whether it has to.
    pub(super) fn awaits_connection(&mut self, key: RequestKey) -> bool {
        if self.scenario.connections.is_none() {
            return false;
        }
        let request = self.requests.in_flight(key);
        let (connection, vip) = (request.connection, request.vip());
        if self.clients.connection(connection).opened {
            return false;
        }
        let since = self.schedule.now();
        let request = self.requests.in_flight_mut(key);
        request.set_phase(Phase::Connecting { since });
        self.observe(Observed::Moved(key));
        if let Some(handshake) = self.pending_connections.get_mut(&connection.0) {
            handshake.waiting.push(key);
            return true;
        }
        let handshake = Handshake {
            step: HandshakeStage::Syn,
            leg: Hop::ToBalancer,
            trip: self.schedule.trip(SimDuration::ZERO),
            connection,
            vip,
            balancer: None,
            refused: false,
            waiting: vec![key],
        };
        self.pending_connections.insert(connection.0, handshake);
        let way = self.way_to(connection);
        self.advance_handshake(connection, Hop::ToBalancer, way);
        true
    }

    /// The latency between a connection's client and the site it goes to, one way.
    fn way_to(&self, connection: ConnectionId) -> SimDuration {
        let client = self.clients.connection(connection).client();
        let vip = self.handshake(connection).vip;
        self.topology
            .path_latency(client, self.topology.vips[vip.index()].site)
    }

    /// The handshake of a connection, which must be in progress.
    #[track_caller]
    fn handshake(&self, connection: ConnectionId) -> &Handshake {
        let handshake = self.pending_connections.get(&connection.0);
        handshake.expect("the connection is being opened")
    }

    /// The handshake of a connection, which must be in progress, to change.
    #[track_caller]
    fn handshake_mut(&mut self, connection: ConnectionId) -> &mut Handshake {
        let handshake = self.pending_connections.get_mut(&connection.0);
        handshake.expect("the connection is being opened")
    }

    /// Ends the handshake of a connection, with or without success.
    #[track_caller]
    fn end_handshake(&mut self, connection: ConnectionId) -> Handshake {
        let handshake = self.pending_connections.remove(&connection.0);
        handshake.expect("the connection is being opened")
    }

    fn advance_handshake(&mut self, connection: ConnectionId, leg: Hop, takes: SimDuration) {
        let trip = self.schedule.trip(takes);
        let serial = self.clients.connection(connection).serial;
        let handshake = self.handshake_mut(connection);
        (handshake.leg, handshake.trip) = (leg, trip);
        let event = Event::Handshake { connection, serial };
        self.schedule.at(trip.arrive, event);
    }

    /// The packet of a handshake has reached the end of its hop.
    pub(super) fn on_handshake(&mut self, connection: ConnectionId) {
        let handshake = self.handshake(connection);
        let (leg, step, refused) = (handshake.leg, handshake.step, handshake.refused);
        let links = self.scenario.links;
        let Some(balancer) = self.handshake_balancer(connection) else {
            return self.handshake_lost(connection);
        };
        let layer = self.balancers.get(balancer).spec().layer;
        match (leg, layer) {
            (Hop::ToBalancer, _) => self.handshake_at_balancer(connection, step, balancer),
            (Hop::AtBalancer, Layer::L7) => {
                let way = self.way_to(connection);
                self.advance_handshake(connection, Hop::ToClient, way);
            }
            (Hop::AtBalancer, Layer::L4) => self.handshake_on_to_server(connection, balancer),
            (Hop::ToServer, _) => self.handshake_at_server(connection, step, balancer),
            (Hop::AtServer, _) if self.returns_directly(balancer) => {
                let way = links.server_us + self.way_to(connection);
                self.advance_handshake(connection, Hop::Direct, way);
            }
            (Hop::AtServer, _) => {
                self.advance_handshake(connection, Hop::FromServer, links.server_us);
            }
            (Hop::FromServer | Hop::Direct, _) if refused => self.handshake_refused(connection),
            (Hop::FromServer, _) => {
                let balancer = self.balancers.get_mut(balancer);
                let done = balancer.work(self.schedule.now(), &[FrontendTask::Packet]);
                let held = done
                    .unwrap_or(self.schedule.now())
                    .since(self.schedule.now());
                let way = self.way_to(connection);
                self.advance_handshake(connection, Hop::ToClient, held + way);
            }
            (Hop::ToClient | Hop::Direct, _) => self.handshake_answered(connection, step),
        }
    }

    /// The balancer that a packet is at, or has been at: the one that answers at the address. `None` if there is none,
    /// or if it died with the packet.
    fn handshake_balancer(&mut self, connection: ConnectionId) -> Option<BalancerId> {
        let handshake = self.handshake(connection);
        if handshake.leg != Hop::ToBalancer {
            let past = matches!(handshake.leg, Hop::ToClient | Hop::Direct);
            return handshake
                .balancer
                .filter(|id| past || self.topology.is_up(*id));
        }
        let state = self.clients.connection(connection);
        let here = self.topology.vip_owner(handshake.vip, state.port)?;
        // A SYN makes a connection known; what comes later must be known.
        let known = state.balancer().is_none_or(|there| there == here);
        if handshake.step == HandshakeStage::Tls && !known {
            return None;
        }
        let state = self.clients.connection_mut(connection);
        state.set_balancer(Some(here));
        let handshake = self.pending_connections.get_mut(&connection.0);
        let handshake = handshake.expect("the connection is being opened");
        handshake.balancer = Some(here);
        for key in &handshake.waiting {
            self.requests
                .in_flight_mut(*key)
                .set_upstream_ref(UpstreamRef {
                    balancer: here,
                    ..UpstreamRef::default()
                });
        }
        Some(here)
    }

    /// The packet is lost: the clients send again, or give up.
    fn handshake_lost(&mut self, connection: ConnectionId) {
        let handshake = self.end_handshake(connection);
        self.disconnect(connection);
        let state = self.clients.connection_mut(connection);
        state.set_balancer(None);
        for key in handshake.waiting {
            self.schedule_retransmit(key);
        }
    }

    /// Whether responses bypass this balancer (direct server return).
    pub(super) fn returns_directly(&self, balancer: BalancerId) -> bool {
        let spec = self.balancers.get(balancer).spec();
        spec.layer == Layer::L4 && spec.return_path == ReturnPath::Direct
    }

    fn handshake_at_balancer(
        &mut self,
        connection: ConnectionId,
        step: HandshakeStage,
        balancer: BalancerId,
    ) {
        let spec = self.balancers.get(balancer).spec();
        let (layer, ticket) = (spec.layer, spec.ticket_us);
        let task = if step == HandshakeStage::Tls && layer == Layer::L7 {
            let owner = self.clients.connection(connection);
            let who = (owner.client().0, owner.user());
            let sessions = &mut self.balancers.get_mut(balancer).front_mut().sessions;
            FrontendTask::Handshake(sessions.begin(who, self.schedule.now(), ticket))
        } else {
            FrontendTask::Packet
        };
        let done = self
            .balancers
            .get_mut(balancer)
            .work(self.schedule.now(), &[task]);
        match done {
            Some(done) => {
                let takes = done.since(self.schedule.now());
                self.advance_handshake(connection, Hop::AtBalancer, takes);
            }
            None => self.handshake_failed(connection, Outcome::Rejected(Rejection::BalancerBusy)),
        }
    }

    /// Passes a handshake on to the server; at L4 the balancer picks for the SYN.
    fn handshake_on_to_server(&mut self, connection: ConnectionId, balancer: BalancerId) {
        if self.flow_of(connection).is_none() {
            let first = self.handshake(connection).waiting[0];
            if self.choose(first).is_none() {
                let full = self.balancers.get(balancer).upstreams()[0].is_saturated(&[]);
                let why = if full {
                    Rejection::BalancerQueueFull
                } else {
                    Rejection::NoEndpoint
                };
                return self.handshake_failed(connection, Outcome::Rejected(why));
            }
        }
        self.advance_handshake(connection, Hop::ToServer, self.scenario.links.server_us);
    }

    fn handshake_at_server(
        &mut self,
        connection: ConnectionId,
        step: HandshakeStage,
        balancer: BalancerId,
    ) {
        let spec = self.balancers.get(balancer).spec();
        let server = self.server_of_connection(connection);
        let up = match server.and_then(|id| self.servers.get(id)) {
            Some(server) => server.process() != ProcessState::Crashed,
            // The layer changed under way, and nothing is tied any more.
            None => spec.layer == Layer::L7,
        };
        // Whoever ends TLS has its work: here it is the server.
        let takes = match step {
            HandshakeStage::Tls if up => spec.tls_us,
            _ => SimDuration::ZERO,
        };
        self.handshake_mut(connection).refused = !up;
        self.advance_handshake(connection, Hop::AtServer, takes);
    }

    /// The server that a connection is bound to; `None` if it is bound to none.
    fn server_of_connection(&self, connection: ConnectionId) -> Option<ServerId> {
        let endpoint = self.flow_of(connection)?;
        Some(self.balancers.server_of(endpoint))
    }

    fn handshake_answered(&mut self, connection: ConnectionId, step: HandshakeStage) {
        let tls = self.scenario.connections.is_some_and(|spec| spec.tls);
        if step == HandshakeStage::Syn && tls {
            self.handshake_mut(connection).step = HandshakeStage::Tls;
            let way = self.way_to(connection);
            self.advance_handshake(connection, Hop::ToBalancer, way);
            return;
        }
        let handshake = self.end_handshake(connection);
        self.clients.connection_mut(connection).opened = true;
        for key in handshake.waiting {
            self.client_send(key);
        }
    }

    /// No process listened at the server: every request that waits learns it as a refused attempt.
    fn handshake_refused(&mut self, connection: ConnectionId) {
        let handshake = self.end_handshake(connection);
        let choice = self.flow_of(connection);
        let outcome = Outcome::Failed(Failure::Refused);
        for key in handshake.waiting {
            match choice {
                Some(endpoint) => self.refuse_unsent(key, endpoint),
                // The server was removed meanwhile, or the layer changed.
                None => self.return_to_client(key, outcome),
            }
        }
    }

    /// Books an attempt that was refused before the request was sent.
    fn refuse_unsent(&mut self, key: RequestKey, endpoint: EndpointId) {
        let outcome = Outcome::Failed(Failure::Refused);
        let server = self.balancers.server_of(endpoint);
        self.flash(key, Some(server), outcome);
        let now = self.schedule.now();
        let request = self.requests.in_flight_mut(key);
        request.try_at(endpoint, now);
        let balancer = request.balancer();
        self.balancers.upstream_of_mut(endpoint).on_sent(endpoint);
        if !self.returns_directly(balancer) {
            return self.conclude(key, ObservedResult::Refused, outcome);
        }
        // The reset is at the client already, and the balancer never saw it.
        self.end_try(key, ObservedResult::Unseen(false), false);
        let trip = self.schedule.trip(SimDuration::ZERO);
        let request = self.requests.in_flight_mut(key);
        let connection = request.connection;
        request.mark_served();
        request.set_phase(Phase::ToClient(trip, outcome));
        self.schedule.at(trip.arrive, Event::AtClient { key });
        self.untie(connection);
    }

    /// The connection cannot be opened: every request that waits for it ends.
    fn handshake_failed(&mut self, connection: ConnectionId, outcome: Outcome) {
        let handshake = self.end_handshake(connection);
        self.clients.close(connection);
        for key in handshake.waiting {
            self.flash(key, None, outcome);
            self.return_to_client(key, outcome);
        }
    }

    // ===== the end of a connection =====

    /// A server died: at L4 the connections bound to it are reset, and their clients learn of it.
    pub(super) fn reset_connections_of(&mut self, server: ServerId) {
        if self.scenario.connections.is_none() {
            return;
        }
        let mut count = 0;
        for endpoint in self.balancers.records_of(server) {
            for connection in self.connections_to(endpoint) {
                let state = self.clients.connection(connection);
                let (serial, client) = (state.serial, state.client());
                let site = state.vip().map_or(SiteId::default(), |vip| {
                    self.topology.vips[vip.index()].site
                });
                let way = self.scenario.links.server_us + self.topology.path_latency(client, site);
                self.schedule.at(
                    self.schedule.now() + way,
                    Event::Reset { connection, serial },
                );
                count += 1;
            }
        }
        if count > 0 {
            let name = self
                .servers
                .get(server)
                .map(|server| server.spec.name.clone());
            let kind = ObservationKind::ConnectionsReset { count };
            self.record.observe(
                self.schedule.now(),
                name.as_deref().unwrap_or_default(),
                kind,
            );
        }
    }

    /// A connection became idle: schedules the idle time-out of its client.
    pub(super) fn watch_idle(&mut self, connection: ConnectionId) {
        let idle = self
            .scenario
            .connections
            .map_or(SimDuration::ZERO, |spec| spec.idle_us);
        let state = self.clients.connection(connection);
        if idle > SimDuration::ZERO && state.open == 0 && !state.closing {
            let serial = state.serial;
            self.clients.rest(connection, self.schedule.now());
            self.schedule.at(
                self.schedule.now() + idle,
                Event::Idle { connection, serial },
            );
        }
    }

    /// A reset reaches a client, or a connection's idle time-out is over: nothing further is sent on it.
    pub(super) fn close_connection(&mut self, connection: ConnectionId) {
        self.clients.close(connection);
        self.free_if_idle(connection);
    }

    /// Frees a closed connection that has no requests.
    fn free_if_idle(&mut self, connection: ConnectionId) {
        if self.clients.free_if_idle(connection) {
            self.disconnect(connection);
        }
    }
}
