//! From the client to whichever balancer answers at an address, and what a client does when
//! nobody does.
//!
//! A packet to nobody vanishes. The client sends again after a while, then after twice that while
//! (RFC 6298), and gives up in the end. A request that had arrived before its balancer died is not
//! sent again, since TCP had acknowledged it: its client waits for an answer that never comes. A
//! balancer that gets a packet of a connection it does not know resets it.

use super::Engine;
use super::event::{Event, SiteEvent};
use super::request::Phase;
use crate::balance::spec::Layer;
use crate::edge::resolver::DnsAnswer;
use crate::fleet::client::ConnectionId;
use crate::ids::{BalancerId, ClientId, RequestKey, UpstreamRef, VipId};
use crate::metrics::outcome::{Failure, Outcome};
use crate::time::{SimDuration, SimTime};

/// How long a server waits before it sends an answer again (Linux: at least 200 ms).
const SERVER_RESEND: SimDuration = SimDuration::from_ms(200);

impl Engine {
    /// A new request sets out: on its connection, or first to find out where to.
    pub(super) fn set_out(&mut self, key: RequestKey) {
        let request = self.requests.in_flight(key);
        let known = self.clients.connection(request.connection).gate();
        let asks = self.names.as_ref().is_some_and(|names| !names.spec.anycast);
        match known {
            Some(gate) => self.go_to(key, gate),
            None if asks => return self.resolve(key),
            None => self.take_gate(key, None),
        }
        self.client_send(key);
    }

    /// A request is to go to one of the addresses of an answer.
    pub(super) fn take_gate(&mut self, key: RequestKey, answer: Option<DnsAnswer>) {
        let request = self.requests.in_flight(key);
        let port = self.clients.connection(request.connection).port;
        let gate = self.gate_for(answer, port);
        self.go_to(key, gate);
    }

    fn go_to(&mut self, key: RequestKey, gate: VipId) {
        let request = self.requests.in_flight_mut(key);
        request.set_gate(gate);
        let connection = self.clients.connection_mut(request.connection);
        connection.set_gate(gate);
    }

    /// The client sends a request, for the first time or again.
    pub(super) fn client_send(&mut self, key: RequestKey) {
        let request = self.requests.in_flight(key);
        let client = request.client();
        let gate = self.gate_now(client, request.gate());
        let request = self.requests.in_flight_mut(key);
        request.set_gate(gate);
        request.sends += 1;
        if self.awaits_connection(key) {
            return;
        }
        let way = self.edge.way(client, self.edge.gates[gate.index()].site);
        let trip = self.trip(way);
        let request = self.requests.in_flight_mut(key);
        request.set_phase(Phase::ToBalancer(trip));
        self.trace(key);
        self.queue.push(trip.arrive, Event::AtBalancer { key });
    }

    /// Where a packet for an address goes now: with anycast, to the nearest site.
    fn gate_now(&self, client: ClientId, gate: VipId) -> VipId {
        let anycast = self.names.as_ref().is_some_and(|names| names.spec.anycast);
        if !anycast {
            return gate;
        }
        let site = self.edge.anycast(client);
        if self.edge.gates[gate.index()].site == site {
            return gate;
        }
        self.edge.site(site).gates[0]
    }

    /// A request is at its address. Tells whether a balancer is there that takes it.
    pub(super) fn is_received(&mut self, key: RequestKey) -> bool {
        let request = self.requests.in_flight(key);
        let (gate, connection) = (request.gate(), request.connection);
        let port = self.clients.connection(connection).port;
        let Some(here) = self.edge.answers(gate, port) else {
            self.lose_packet(key);
            return false;
        };
        self.edge.boxes[here.index()].reached += 1;
        match self.clients.connection(connection).balancer() {
            Some(there) if there != here && !self.adopts(here, there) => {
                self.break_connection(key);
                return false;
            }
            Some(there) if there != here => self.adopt(connection, here),
            _ => {}
        }
        let state = self.clients.connection_mut(connection);
        state.set_balancer(Some(here));
        let request = self.requests.in_flight_mut(key);
        request.set_home(UpstreamRef {
            balancer: here,
            ..UpstreamRef::default()
        });
        true
    }

    /// Whether a balancer knows the connections of another: one of a pair, at L4, with a shared
    /// table.
    pub(super) fn adopts(&self, here: BalancerId, there: BalancerId) -> bool {
        let (site, _) = self.edge.seat(here);
        let pair = self.edge.site(site).pair.as_ref();
        let shared = pair.is_some_and(|pair| pair.is_passive() && pair.spec.shared_connections);
        shared && self.edge.seat(there).0 == site && self.nodes.get(here).spec().layer == Layer::L4
    }

    /// A balancer takes over a connection that it knows from the shared table: it stays tied to the
    /// same server.
    pub(super) fn adopt(&mut self, id: ConnectionId, here: BalancerId) {
        let connection = self.clients.connection_mut(id);
        connection.set_balancer(Some(here));
        let Some(old) = connection.pinned.take() else {
            // Nothing was picked for it yet.
            return;
        };
        let new = self.nodes.same_server(old, here);
        self.clients.connection_mut(id).pinned = new;
        self.nodes.upstream_of_mut(old).on_disconnected(old);
        if let Some(new) = new {
            self.nodes.upstream_of_mut(new).on_connected(new);
        }
    }

    /// Nobody answered: the client will send again, or give up.
    pub(super) fn lose_packet(&mut self, key: RequestKey) {
        let patience = self.edge.patience;
        let now = self.now;
        let request = self.requests.in_flight_mut(key);
        let end = request.born + patience.give_up_us;
        let mut again = request.born;
        let mut gap = patience.resend_us;
        while again <= now {
            again = again + gap;
            gap = gap.times(2);
        }
        let until = again.min(end).max(now);
        request.set_phase(Phase::Lost { until });
        let sends = request.sends.into();
        let event = Event::Edge(SiteEvent::Retransmit { key, sends });
        self.queue.push(until, event);
        self.trace(key);
    }

    /// Its balancer died with the request on it: the client waits in vain.
    pub(super) fn lose_with_balancer(&mut self, key: RequestKey) {
        let end = self.edge.patience.give_up_us;
        let now = self.now;
        let request = self.requests.in_flight_mut(key);
        let until = (request.born + end).max(now);
        request.orphan();
        request.set_phase(Phase::Lost { until });
        let sends = request.sends.into();
        let event = Event::Edge(SiteEvent::Retransmit { key, sends });
        self.queue.push(until, event);
        self.trace(key);
    }

    pub(super) fn on_resend(&mut self, key: RequestKey) {
        let request = self.requests.in_flight(key);
        let over = self.now >= request.born + self.edge.patience.give_up_us;
        if request.is_orphaned() {
            self.give_up_at_client(key, Failure::LostWithBalancer);
        } else if over {
            self.give_up_at_client(key, Failure::Unreachable);
        } else {
            self.try_other_gate(key);
            self.client_send(key);
        }
    }

    /// A connection that is not open yet tries the site's next address, if there is one.
    fn try_other_gate(&mut self, key: RequestKey) {
        let request = self.requests.in_flight_mut(key);
        let connection = self.clients.connection_mut(request.connection);
        if connection.balancer().is_some() {
            return;
        }
        let site = self.edge.gates[request.gate().index()].site;
        let gates = &self.edge.site(site).gates;
        let place = gates.iter().position(|one| *one == request.gate());
        let next = gates[(place.unwrap_or(0) + 1) % gates.len()];
        request.set_gate(next);
        connection.set_gate(next);
    }

    /// The client has waited long enough, and closes the connection.
    fn give_up_at_client(&mut self, key: RequestKey, why: Failure) {
        self.end_connection(key);
        let outcome = Outcome::Failed(why);
        let trip = self.trip(SimDuration::ZERO);
        let request = self.requests.in_flight_mut(key);
        request.set_phase(Phase::ToClient(trip, outcome));
        self.queue.push(trip.arrive, Event::AtClient { key });
        self.trace(key);
    }

    /// A balancer got a packet of a connection that it does not know: it resets it.
    fn break_connection(&mut self, key: RequestKey) {
        self.end_connection(key);
        self.return_to_client(key, Outcome::Failed(Failure::ConnectionBroken));
    }

    fn end_connection(&mut self, key: RequestKey) {
        let request = self.requests.in_flight(key);
        self.clients.close(request.connection);
    }

    /// An answer is back at its balancer's address. After a takeover the server sends it again until
    /// the new balancer has the address. Tells whether it came through.
    pub(super) fn came_through(&mut self, key: RequestKey, attempt: u32) -> bool {
        let request = self.requests.in_flight(key);
        let here = request.balancer();
        if !request.is_moved() || self.edge.holds(here) {
            return true;
        }
        let at: SimTime = self.now + SERVER_RESEND;
        self.queue.push(at, Event::BackAtBalancer { key, attempt });
        false
    }

    /// Books the end of a request at the site it was sent to.
    pub(super) fn book_at_site(&mut self, gate: VipId, user: (u32, u32), outcome: Outcome) {
        let site = self.edge.gates[gate.index()].site;
        let totals = &mut self.edge.sites[site.index()].totals;
        totals.arrived += 1;
        totals.count(outcome);
        if outcome != Outcome::Answered && self.names.is_some() {
            self.edge.failed.insert(user);
        }
    }
}
