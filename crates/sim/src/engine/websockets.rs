//! WebSockets: connections that were upgraded (RFC 6455) and stay open, each with one server. The balancer picks nothing
//! more on them; when the server dies, they break.
//!
//! Owns the open WebSockets and the counts of all. **Invariant:** opened = open + closed + broken; each that is open
//! awaits its end, and its server's process lives. Times are microseconds of simulated time.

use std::collections::BTreeMap;

use super::event::Event;
use super::schedule::Schedule;
use crate::fleet::client::ConnectionId;
use crate::ids::{ClientId, EndpointId, ServerId};
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
    pub(super) tunnel: bool,
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

    /// Opens a WebSocket that its client closes after `hold`.
    pub(super) fn open(&mut self, socket: WebSocket, hold: SimDuration, schedule: &mut Schedule) {
        self.opened += 1;
        let number = self.opened;
        self.open.insert(number, socket);
        schedule.after(hold, Event::SocketEnds { number });
    }

    /// Counts a WebSocket that broke before it was open: either end died while the agreement was on its way.
    pub(super) const fn break_unopened(&mut self) {
        self.opened += 1;
        self.broken += 1;
    }

    /// The client closes its WebSocket.
    ///
    /// # Panics
    /// If it is not open.
    pub(super) fn close(&mut self, number: u32) -> WebSocket {
        self.closed += 1;
        self.open.remove(&number).expect("the WebSocket is open")
    }

    /// Breaks the WebSockets for which `which` holds, and returns them, oldest first.
    pub(super) fn break_matching(&mut self, which: &dyn Fn(&WebSocket) -> bool) -> Vec<WebSocket> {
        let broken = self.open.values().filter(|socket| which(socket));
        let broken: Vec<WebSocket> = broken.copied().collect();
        self.open.retain(|_, socket| !which(socket));
        self.broken += broken.len() as u32;
        broken
    }
}
