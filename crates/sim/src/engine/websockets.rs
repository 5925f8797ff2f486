//! WebSockets: connections that changed their protocol and stay open, with a server at the other
//! end. Nothing is picked on them any more; when the server dies, they break.

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

/// An open WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebSocket {
    /// Whose.
    pub client: ClientId,
    /// On which connection of the client.
    pub connection: ConnectionId,
    /// With which server, as the balancer knows it.
    pub endpoint: EndpointId,
    /// With which server.
    pub server: ServerId,
    /// Since when.
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

/// All open WebSockets, and what became of the others.
#[derive(Clone, Debug, Default)]
pub struct WebSockets {
    open: BTreeMap<u32, WebSocket>,
    opened: u32,
    closed: u32,
    broken: u32,
}

impl WebSockets {
    /// The open ones, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &WebSocket> {
        self.open.values()
    }

    /// Whether the WebSocket of that number is open.
    pub(super) fn is_open(&self, number: u32) -> bool {
        self.open.contains_key(&number)
    }

    /// How many were ever opened.
    #[must_use]
    pub const fn opened(&self) -> u32 {
        self.opened
    }

    /// How many their clients closed.
    #[must_use]
    pub const fn closed(&self) -> u32 {
        self.closed
    }

    /// How many broke: their server died or went, or the balancer changed its layer.
    #[must_use]
    pub const fn broken(&self) -> u32 {
        self.broken
    }

    /// How many are open.
    #[must_use]
    pub fn count(&self) -> usize {
        self.open.len()
    }
}

impl Engine {
    /// The client has the server's agreement: the connection stays, if the class says for how long.
    /// Tells whether it does.
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
                .server(server)
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
            since: self.now,
            tunnel,
        };
        self.websockets.open.insert(number, socket);
        // It carries nothing else from now on.
        self.clients.close(request.connection);
        self.queue
            .push(self.now + hold, Event::SocketEnds { number });
        true
    }

    /// Its client has had enough.
    pub(super) fn on_socket_ends(&mut self, number: u32) {
        let socket = self.websockets.open.remove(&number);
        self.websockets.closed += 1;
        self.let_go(&socket.expect("the WebSocket is open"));
    }

    /// Breaks those for which `which` holds.
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
            self.observations
                .record(self.now, name, ObservationKind::SocketsBroke { count });
        }
    }

    /// A balancer died, and nobody knows its connections: WebSockets through it break.
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
        if let Some(endpoint) = self.clients.release(socket.connection) {
            self.balancers
                .upstream_of_mut(endpoint)
                .on_disconnected(endpoint);
        }
    }
}
