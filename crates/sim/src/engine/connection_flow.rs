//! The life of a client's connection, in its order: it is opened, perhaps upgraded to a WebSocket, and closed.
//! Handshakes are in [`super::handshake`], WebSockets in [`super::websockets`], flows in the balancers.

use super::Engine;
use super::event::Event;
use super::handshake::{HandshakeStage, HandshakeStep, Hop};
use super::observations::ObservationKind;
use super::request::Phase;
use super::request_record::RequestRecord;
use super::server_link::LinkPacket;
use super::topology::NodeState;
use super::websockets::WebSocket;
use crate::balance::l7::FrontendTask;
use crate::balance::spec::Layer;
use crate::balance::upstream::{EndpointChoice, ObservedResult};
use crate::fleet::client::ConnectionId;
use crate::fleet::server::ProcessState;
use crate::fleet::spec::RequestKind;
use crate::ids::{BalancerId, EndpointId, RequestKey, ServerId, SiteId};
use crate::metrics::outcome::{Failure, Outcome, Rejection};
use crate::time::SimDuration;

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
        self.set_phase(key, Phase::Connecting { since });
        if self.handshakes.wait(connection, vip, key, since) {
            let way = self.client_latency(connection);
            self.advance_handshake(connection, Hop::ToBalancer, way);
        }
        true
    }

    /// The latency between a connection's client and the site it goes to, one way.
    pub(super) fn client_latency(&self, connection: ConnectionId) -> SimDuration {
        let client = self.clients.connection(connection).client();
        self.network
            .path_latency(client, self.handshakes.get(connection).vip)
    }

    fn advance_handshake(&mut self, id: ConnectionId, leg: Hop, takes: SimDuration) {
        let which = (id, self.clients.connection(id).serial);
        self.handshakes
            .advance(which, leg, takes, &mut self.schedule);
    }

    /// The packet of a handshake has reached the end of its hop.
    pub(super) fn on_handshake(&mut self, connection: ConnectionId) {
        let Some(id) = self.handshake_balancer(connection) else {
            return self.handshake_lost(connection);
        };
        let balancer = self.balancers.get_mut(id);
        let handshake = self.handshakes.get(connection);
        let step = handshake.next_step(balancer.layer(), balancer.returns_directly());
        let now = self.schedule.now();
        let packet = LinkPacket::Handshake(connection);
        match step {
            HandshakeStep::ProcessAtBalancer => self.handshake_at_balancer(connection, id),
            HandshakeStep::Answer => {
                let way = self.client_latency(connection);
                self.advance_handshake(connection, Hop::ToClient, way);
            }
            HandshakeStep::PassOn => self.handshake_on_to_server(connection, id),
            HandshakeStep::ProcessAtServer => self.handshake_at_server(connection, id),
            HandshakeStep::AnswerPast => {
                let way = self.client_latency(connection);
                let way = self.link_way(packet, way);
                self.advance_handshake(connection, Hop::Direct, way);
            }
            HandshakeStep::AnswerThrough => {
                let way = self.link_way(packet, SimDuration::ZERO);
                self.advance_handshake(connection, Hop::FromServer, way);
            }
            HandshakeStep::PassBack => {
                let done = balancer.work(now, &[FrontendTask::Packet]);
                let held = done.unwrap_or(now).since(now);
                let way = self.client_latency(connection);
                self.advance_handshake(connection, Hop::ToClient, held + way);
            }
            HandshakeStep::Refuse => self.handshake_refused(connection),
            HandshakeStep::Arrive => self.handshake_answered(connection),
        }
    }

    /// The balancer that a packet is at, or has been at: the one that answers at the address. `None` if there is none,
    /// or if it died with the packet.
    fn handshake_balancer(&mut self, connection: ConnectionId) -> Option<BalancerId> {
        let handshake = self.handshakes.get_mut(connection);
        let topology = &self.network.topology;
        if handshake.leg != Hop::ToBalancer {
            let alive = |id: &BalancerId| handshake.is_past_balancer() || topology.is_up(*id);
            return handshake.balancer.filter(alive);
        }
        let state = self.clients.connection_mut(connection);
        let here = topology.vip_owner(handshake.vip, state.port)?;
        // A SYN makes a connection known; what comes later must be known.
        let known = !state.is_forgotten() && state.balancer().is_none_or(|there| there == here);
        if handshake.step == HandshakeStage::Tls && !known {
            return None;
        }
        state.set_balancer(Some(here));
        handshake.balancer = Some(here);
        for key in &handshake.waiting {
            self.requests.in_flight_mut(*key).enter(here);
        }
        Some(here)
    }

    /// The packet is lost: the clients send again, or give up.
    fn handshake_lost(&mut self, connection: ConnectionId) {
        let handshake = self.handshakes.end(connection);
        self.disconnect(connection);
        self.clients.connection_mut(connection).set_balancer(None);
        for key in handshake.waiting {
            self.schedule_retransmit(key);
        }
    }

    fn handshake_at_balancer(&mut self, connection: ConnectionId, id: BalancerId) {
        let now = self.schedule.now();
        let balancer = self.balancers.get_mut(id);
        let stage = self.handshakes.get(connection).step;
        let task = if stage == HandshakeStage::Tls && balancer.layer() == Layer::L7 {
            let owner = self.clients.connection(connection);
            balancer.begin_tls(now, (owner.client().0, owner.user()))
        } else {
            FrontendTask::Packet
        };
        match balancer.work(now, &[task]) {
            Some(done) => self.advance_handshake(connection, Hop::AtBalancer, done.since(now)),
            None => self.handshake_failed(connection, Rejection::BalancerBusy),
        }
    }

    /// Passes a handshake on to the server; at L4 the balancer picks for the SYN.
    fn handshake_on_to_server(&mut self, connection: ConnectionId, id: BalancerId) {
        if self.flow_of(connection).is_none() {
            let first = self.handshakes.get(connection).waiting[0];
            let full = self.balancers.get(id).upstreams()[0].is_saturated(&[]);
            let why = match self.choose(first) {
                EndpointChoice::Endpoint(_) => None,
                EndpointChoice::Full(_) => Some(Rejection::BalancerQueueFull),
                EndpointChoice::Nobody if full => Some(Rejection::BalancerQueueFull),
                EndpointChoice::Nobody => Some(Rejection::NoEndpoint),
            };
            if let Some(why) = why {
                return self.handshake_failed(connection, why);
            }
        }
        let way = self.link_way(LinkPacket::Handshake(connection), SimDuration::ZERO);
        self.advance_handshake(connection, Hop::ToServer, way);
    }

    fn handshake_at_server(&mut self, connection: ConnectionId, id: BalancerId) {
        let config = self.balancers.get(id).front().config();
        let flow = self.flow_of(connection);
        let server = flow.map(|endpoint| self.balancers.server_of(endpoint));
        let up = match server.and_then(|server| self.servers.get(server)) {
            Some(server) => server.process() != ProcessState::Crashed,
            // The layer changed under way, and nothing is tied any more.
            None => config.layer == Layer::L7,
        };
        let handshake = self.handshakes.get_mut(connection);
        handshake.refused = !up;
        // Whoever ends TLS has its work: here it is the server.
        let takes = match handshake.step {
            HandshakeStage::Tls if up => config.tls,
            _ => SimDuration::ZERO,
        };
        self.advance_handshake(connection, Hop::AtServer, takes);
    }

    fn handshake_answered(&mut self, connection: ConnectionId) {
        let tls = self.scenario.connections.is_some_and(|spec| spec.tls);
        let handshake = self.handshakes.get_mut(connection);
        if handshake.step == HandshakeStage::Syn && tls {
            handshake.step = HandshakeStage::Tls;
            let way = self.client_latency(connection);
            return self.advance_handshake(connection, Hop::ToBalancer, way);
        }
        self.clients.connection_mut(connection).opened = true;
        for key in self.handshakes.end(connection).waiting {
            self.client_send(key);
        }
    }

    /// No process listened at the server: every request that waits learns it as a refused attempt.
    fn handshake_refused(&mut self, connection: ConnectionId) {
        let handshake = self.handshakes.end(connection);
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
        let request = self.requests.in_flight_mut(key);
        request.try_at(endpoint, self.schedule.now());
        let (connection, balancer) = (request.connection, request.balancer());
        self.balancers.upstream_of_mut(endpoint).on_sent(endpoint);
        if !self.balancers.get(balancer).returns_directly() {
            return self.finish_attempt(key, ObservedResult::Refused, outcome);
        }
        // The reset is at the client already, and the balancer never saw it.
        self.end_attempt(key, ObservedResult::Unseen(false), false);
        let trip = self.schedule.trip(SimDuration::ZERO);
        self.requests.in_flight_mut(key).mark_served();
        self.send_to_client(key, trip, outcome);
        self.close_client_connection(connection);
    }

    /// The connection cannot be opened: every request that waits for it ends.
    fn handshake_failed(&mut self, connection: ConnectionId, why: Rejection) {
        let outcome = Outcome::Rejected(why);
        self.clients.close(connection);
        for key in self.handshakes.end(connection).waiting {
            self.flash(key, None, outcome);
            self.return_to_client(key, outcome);
        }
    }

    // ===== flows and the end of a connection =====

    /// The endpoint that a connection goes to (L4); `None` where nothing was picked for the connection.
    pub(super) fn flow_of(&self, connection: ConnectionId) -> Option<EndpointId> {
        let state = self.clients.connection(connection);
        self.balancers.flow_of(connection, state)
    }

    /// The balancer forgets a connection.
    pub(super) fn disconnect(&mut self, connection: ConnectionId) {
        let state = self.clients.connection(connection);
        self.balancers.disconnect(connection, state);
    }

    /// A request on a connection came back. A connection that is closed and empty goes.
    pub(super) fn release_connection(&mut self, connection: ConnectionId) {
        if self.clients.release(connection) {
            self.disconnect(connection);
        }
    }

    /// A server died: at L4 the connections bound to it are reset, and their clients learn of it.
    pub(super) fn reset_connections_of(&mut self, id: ServerId) {
        if self.scenario.connections.is_none() {
            return;
        }
        let mut count = 0;
        for endpoint in self.balancers.records_of(id) {
            for connection in self.balancers.connections_to(endpoint) {
                let state = self.clients.connection(connection);
                let (serial, topology) = (state.serial, &self.network.topology);
                let site = state
                    .vip()
                    .map_or(SiteId::default(), |vip| topology.vips[vip.index()].site);
                let way = topology.path_latency(state.client(), site);
                let event = Event::Reset { connection, serial };
                self.schedule
                    .after(self.scenario.links.server_us + way, event);
                count += 1;
            }
        }
        if count > 0 {
            let name = &self.servers.expect(id).spec.name;
            let kind = ObservationKind::ConnectionsReset { count };
            self.record.observe(self.schedule.now(), name, kind);
        }
    }

    /// A connection became idle: schedules the idle time-out of its client.
    pub(super) fn watch_idle(&mut self, connection: ConnectionId) {
        let spec = self.scenario.connections;
        let idle = spec.map_or(SimDuration::ZERO, |spec| spec.idle_us);
        let state = self.clients.connection(connection);
        if idle > SimDuration::ZERO && state.open == 0 && !state.closing {
            let serial = state.serial;
            self.clients.rest(connection, self.schedule.now());
            let event = Event::Idle { connection, serial };
            self.schedule.after(idle, event);
        }
    }

    /// A reset reaches a client, or a connection's idle time-out is over: nothing further is sent on it.
    pub(super) fn close_connection(&mut self, connection: ConnectionId) {
        self.clients.close(connection);
        if self.clients.free_if_idle(connection) {
            self.disconnect(connection);
        }
    }

    // ===== WebSockets =====

    /// The server agreed to the upgrade: the connection stays open, if the class says for how long. Returns whether it
    /// does.
    pub(super) fn open_socket(&mut self, request: &RequestRecord) -> bool {
        let class = &self.scenario.classes[request.class().index()];
        let (kind, hold) = (class.kind, class.hold_us);
        let Some(endpoint) = request.served() else {
            // The balancer answered it itself.
            return false;
        };
        if kind != RequestKind::WebSocket || hold == SimDuration::ZERO {
            return false;
        }
        let (connection, server) = (request.connection, self.balancers.server_of(endpoint));
        // Either end may have died while the agreement was on its way.
        let nodes = &self.network.topology.nodes;
        let dead = |id: BalancerId| nodes[id.index()].state == NodeState::Dead;
        let lives =
            |server: &crate::fleet::server::Server| server.process() != ProcessState::Crashed;
        let state = self.clients.connection(connection);
        if state.is_forgotten()
            || state.balancer().is_some_and(dead)
            || !self.servers.get(server).is_some_and(lives)
        {
            self.websockets.break_unopened();
            return false;
        }
        let upstream = self.balancers.upstream_of_mut(endpoint);
        let tunnel = upstream.layer() == Layer::L7;
        if tunnel {
            upstream.on_connected(endpoint);
        }
        let socket = WebSocket {
            client: request.client(),
            connection,
            endpoint,
            server,
            since: self.schedule.now(),
            tunnel,
        };
        // It carries nothing else from now on.
        self.clients.close(connection);
        self.websockets.open(socket, hold, &mut self.schedule);
        true
    }

    /// The client closes its WebSocket.
    pub(super) fn on_socket_ends(&mut self, number: u32) {
        let socket = self.websockets.close(number);
        self.release_upstream_connection(&socket);
    }

    /// Breaks the WebSockets for which `which` holds. `name` is that of the server, if it is one server's fault.
    pub(super) fn break_sockets(&mut self, name: &str, which: &dyn Fn(&WebSocket) -> bool) {
        let broken = self.websockets.break_matching(which);
        for socket in &broken {
            self.release_upstream_connection(socket);
        }
        if !broken.is_empty() {
            let count = broken.len() as u32;
            let kind = ObservationKind::SocketsBroke { count };
            self.record.observe(self.schedule.now(), name, kind);
        }
    }

    /// A balancer died, and no other knows its connections: WebSockets through it break.
    pub(super) fn break_sockets_at(&mut self, balancer: BalancerId) {
        let sockets = self.websockets.iter().map(|socket| socket.endpoint);
        let theirs: Vec<EndpointId> = sockets
            .filter(|endpoint| self.balancers.upstream_ref_of(*endpoint).balancer == balancer)
            .collect();
        self.break_sockets("", &|socket| theirs.contains(&socket.endpoint));
    }

    fn release_upstream_connection(&mut self, socket: &WebSocket) {
        if socket.tunnel {
            let upstream = self.balancers.upstream_of_mut(socket.endpoint);
            upstream.on_disconnected(socket.endpoint);
        }
        self.release_connection(socket.connection);
    }
}
