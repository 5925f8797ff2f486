//! WebSockets: connections that were upgraded and stay open, each with one server. The balancer picks nothing more on
//! them; when the server dies, they break.

use std::collections::BTreeMap;

use super::Engine;
use super::event::Event;
use super::observations::ObservationKind;
use super::request_record::RequestRecord;
use super::topology::NodeState;
use crate::balance::spec::Layer;
use crate::fleet::client::ConnectionId;
use crate::fleet::server::ProcessState;
use crate::fleet::spec::RequestKind;
use crate::ids::{BalancerId, ClientId, EndpointId, ServerId};
use crate::time::{SimDuration, SimTime};

/// A WebSocket that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebSocket {
    /// The client that opened it.
    pub client: ClientId,
    /// The client's connection that it is on.
    pub connection: ConnectionId,
    /// The balancer's endpoint for the server.
    pub endpoint: EndpointId,
    /// The server at the other end.
    pub server: ServerId,
    /// When it was opened.
    pub since: SimTime,
    /// Whether the balancer counts it apart from the client's connection (L7).
    tunnel: bool,
}

#[cfg(debug_assertions)]
impl WebSocket {
    /// Whether the balancer counts it apart from the client's connection (L7).
    pub(super) const fn is_tunnel(&self) -> bool {
        self.tunnel
    }
}

/// The open WebSockets, and the counts of the others.
#[derive(Clone, Debug, Default)]
pub struct WebSockets {
    open: BTreeMap<u32, WebSocket>,
    opened: u32,
    closed: u32,
    broken: u32,
}

impl WebSockets {
    /// The open WebSockets, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &WebSocket> {
        self.open.values()
    }

    /// Whether the WebSocket of that number is open.
    pub(super) fn is_open(&self, number: u32) -> bool {
        self.open.contains_key(&number)
    }

    /// How many WebSockets were ever opened.
    #[must_use]
    pub const fn opened(&self) -> u32 {
        self.opened
    }

    /// How many WebSockets their clients closed.
    #[must_use]
    pub const fn closed(&self) -> u32 {
        self.closed
    }

    /// How many WebSockets broke: their server died or was removed, or the balancer changed its layer.
    #[must_use]
    pub const fn broken(&self) -> u32 {
        self.broken
    }

    /// How many WebSockets are open.
    #[must_use]
    pub fn count(&self) -> usize {
        self.open.len()
    }
}

impl Engine {
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
        let server = self.balancers.server_of(endpoint);
        // Either end may have died while the agreement was on its way.
        let dead = |id: BalancerId| self.topology.nodes[id.index()].state == NodeState::Dead;
        let through = self.clients.connection(request.connection).balancer();
        let alive = !through.is_some_and(dead)
            && self
                .servers
                .get(server)
                .is_some_and(|server| server.process() != ProcessState::Crashed);
        self.websockets.opened += 1;
        if !alive {
            self.websockets.broken += 1;
            return false;
        }
        let number = self.websockets.opened;
        let upstream = self.balancers.upstream_of_mut(endpoint);
        let tunnel = upstream.spec().layer == Layer::L7;
        if tunnel {
            upstream.on_connected(endpoint);
        }
        let socket = WebSocket {
            client: request.client(),
            connection: request.connection,
            endpoint,
            server,
            since: self.schedule.now(),
            tunnel,
        };
        self.websockets.open.insert(number, socket);
        // It carries nothing else from now on.
        self.clients.close(request.connection);
        self.schedule
            .at(self.schedule.now() + hold, Event::SocketEnds { number });
        true
    }

    /// The client closes its WebSocket.
    pub(super) fn on_socket_ends(&mut self, number: u32) {
        let socket = self.websockets.open.remove(&number);
        self.websockets.closed += 1;
        self.let_go(&socket.expect("the WebSocket is open"));
    }

    /// Breaks the WebSockets for which `which` holds.
    pub(super) fn break_sockets(&mut self, name: &str, which: impl Fn(&WebSocket) -> bool) {
        let broken: Vec<u32> = self
            .websockets
            .open
            .iter()
            .filter(|(_, socket)| which(socket))
            .map(|(number, _)| *number)
            .collect();
        for number in &broken {
            if let Some(socket) = self.websockets.open.remove(number) {
                self.websockets.broken += 1;
                self.let_go(&socket);
            }
        }
        if !broken.is_empty() {
            let count = broken.len() as u32;
            self.record.observe(
                self.schedule.now(),
                name,
                ObservationKind::SocketsBroke { count },
            );
        }
    }

    /// A balancer died, and no other knows its connections: WebSockets through it break.
    pub(super) fn break_sockets_at(&mut self, balancer: BalancerId) {
        let upstream_refs = self.websockets.iter().map(|socket| socket.endpoint);
        let theirs: Vec<EndpointId> = upstream_refs
            .filter(|endpoint| self.balancers.upstream_ref_of(*endpoint).balancer == balancer)
            .collect();
        self.break_sockets("", |socket| theirs.contains(&socket.endpoint));
    }

    fn let_go(&mut self, socket: &WebSocket) {
        if socket.tunnel {
            let upstream = self.balancers.upstream_of_mut(socket.endpoint);
            upstream.on_disconnected(socket.endpoint);
        }
        self.release_connection(socket.connection);
    }
}
