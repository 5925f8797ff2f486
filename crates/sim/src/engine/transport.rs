//! From the client to the balancer that answers at an address, and what a client does if none does.
//!
//! A packet to an address without a balancer is lost. The client sends again after a while, then after twice that time
//! (RFC 6298), and gives up in the end. A request that had arrived before its balancer died is not sent again, since
//! TCP had acknowledged it: its client waits for an answer that never comes. A balancer that gets a packet of a
//! connection it does not know resets it.

use super::Engine;
use super::event::{Event, SiteEvent};
use super::observer::Observed;
use super::request::Phase;
use crate::balance::spec::Layer;
use crate::fleet::client::ConnectionId;
use crate::gslb::resolver::DnsAnswer;
use crate::ids::{BalancerId, ClientId, RequestKey, UpstreamRef, VipId};
use crate::metrics::outcome::{Failure, Outcome};
use crate::time::{SimDuration, SimTime};

/// How long a server waits before it retransmits a response (Linux: at least 200 ms).
const SERVER_RESEND: SimDuration = SimDuration::from_ms(200);

impl Engine {
    /// Starts a new request: on its connection, or first by resolving the name.
    pub(super) fn start_request(&mut self, key: RequestKey) {
        let request = self.requests.in_flight(key);
        let known = self.clients.connection(request.connection).vip();
        let asks = self.dns.as_ref().is_some_and(|names| !names.spec.anycast);
        match known {
            Some(vip) => self.set_vip_of(key, vip),
            None if asks => return self.resolve(key),
            None => self.choose_vip(key, None),
        }
        self.client_send(key);
    }

    /// Chooses the virtual IP of a request among those of the resolver's answer.
    pub(super) fn choose_vip(&mut self, key: RequestKey, answer: Option<DnsAnswer>) {
        let request = self.requests.in_flight(key);
        let port = self.clients.connection(request.connection).port;
        let vip = self.vip_for(answer, port);
        self.set_vip_of(key, vip);
    }

    fn set_vip_of(&mut self, key: RequestKey, vip: VipId) {
        let request = self.requests.in_flight_mut(key);
        request.set_vip(vip);
        let connection = self.clients.connection_mut(request.connection);
        connection.set_vip(vip);
    }

    /// The client sends a request, for the first time or again.
    pub(super) fn client_send(&mut self, key: RequestKey) {
        let request = self.requests.in_flight(key);
        let client = request.client();
        let vip = self.current_vip(client, request.vip());
        let request = self.requests.in_flight_mut(key);
        request.set_vip(vip);
        request.sends += 1;
        if self.awaits_connection(key) {
            return;
        }
        let way = self
            .topology
            .path_latency(client, self.topology.vips[vip.index()].site);
        let trip = self.schedule.trip(way);
        let request = self.requests.in_flight_mut(key);
        request.set_phase(Phase::ToBalancer(trip));
        self.observe(Observed::Moved(key));
        self.schedule.at(trip.arrive, Event::AtBalancer { key });
    }

    /// The virtual IP that a packet for an address reaches now: with anycast, at the nearest site.
    fn current_vip(&self, client: ClientId, vip: VipId) -> VipId {
        let anycast = self.dns.as_ref().is_some_and(|names| names.spec.anycast);
        if !anycast {
            return vip;
        }
        let site = self.topology.anycast(client);
        if self.topology.vips[vip.index()].site == site {
            return vip;
        }
        self.topology.site(site).vips[0]
    }

    /// A request reaches its address; returns whether a balancer is there that takes it.
    pub(super) fn is_received(&mut self, key: RequestKey) -> bool {
        let request = self.requests.in_flight(key);
        let (vip, connection) = (request.vip(), request.connection);
        let port = self.clients.connection(connection).port;
        let Some(here) = self.topology.vip_owner(vip, port) else {
            self.schedule_retransmit(key);
            return false;
        };
        self.topology.nodes[here.index()].reached += 1;
        match self.clients.connection(connection).balancer() {
            Some(there) if there != here && !self.shares_table_with(here, there) => {
                self.break_connection(key);
                return false;
            }
            Some(there) if there != here => self.take_over_connection(connection, here),
            _ => {}
        }
        let state = self.clients.connection_mut(connection);
        state.set_balancer(Some(here));
        let request = self.requests.in_flight_mut(key);
        request.set_upstream_ref(UpstreamRef {
            balancer: here,
            ..UpstreamRef::default()
        });
        true
    }

    /// Whether a balancer knows the connections of another: both are of one pair, at L4, with connection sync.
    pub(super) fn shares_table_with(&self, here: BalancerId, there: BalancerId) -> bool {
        let (site, _) = self.topology.position_in_site(here);
        let pair = self.topology.site(site).pair.as_ref();
        let shared = pair.is_some_and(|pair| pair.is_passive() && pair.spec.shared_connections);
        shared
            && self.topology.position_in_site(there).0 == site
            && self.balancers.get(here).spec().layer == Layer::L4
    }

    /// A balancer takes over a connection that it knows from connection sync: the connection stays bound to the same
    /// server.
    pub(super) fn take_over_connection(&mut self, id: ConnectionId, here: BalancerId) {
        let flow = self.remove_flow(id);
        self.clients.connection_mut(id).set_balancer(Some(here));
        let Some(old) = flow else {
            // Nothing was picked for it yet.
            return;
        };
        let new = self.balancers.same_server(old, here);
        if let Some(new) = new {
            self.balancers.get_mut(here).flows_mut().insert(id.0, new);
        }
        self.balancers.upstream_of_mut(old).on_disconnected(old);
        if let Some(new) = new {
            self.balancers.upstream_of_mut(new).on_connected(new);
        }
    }

    /// No balancer answered: schedules the client's retransmission, or its giving up.
    pub(super) fn schedule_retransmit(&mut self, key: RequestKey) {
        let patience = self.topology.retransmit;
        let now = self.schedule.now();
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
        let event = Event::Site(SiteEvent::Retransmit { key, sends });
        self.schedule.at(until, event);
        self.observe(Observed::Moved(key));
    }

    /// The balancer of a request died with it: the client waits in vain.
    pub(super) fn orphan_request(&mut self, key: RequestKey) {
        let end = self.topology.retransmit.give_up_us;
        let now = self.schedule.now();
        let request = self.requests.in_flight_mut(key);
        let until = (request.born + end).max(now);
        request.orphan();
        request.set_phase(Phase::Lost { until });
        let sends = request.sends.into();
        let event = Event::Site(SiteEvent::Retransmit { key, sends });
        self.schedule.at(until, event);
        self.observe(Observed::Moved(key));
    }

    pub(super) fn on_retransmit(&mut self, key: RequestKey) {
        let request = self.requests.in_flight(key);
        let over = self.schedule.now() >= request.born + self.topology.retransmit.give_up_us;
        if request.is_orphaned() {
            self.give_up_at_client(key, Failure::LostWithBalancer);
        } else if over {
            self.give_up_at_client(key, Failure::Unreachable);
        } else {
            self.try_next_vip(key);
            self.client_send(key);
        }
    }

    /// A connection that is not open yet tries the site's next address, if there is one.
    fn try_next_vip(&mut self, key: RequestKey) {
        let request = self.requests.in_flight_mut(key);
        let connection = self.clients.connection_mut(request.connection);
        if connection.balancer().is_some() {
            return;
        }
        let site = self.topology.vips[request.vip().index()].site;
        let vips = &self.topology.site(site).vips;
        let place = vips.iter().position(|one| *one == request.vip());
        let next = vips[(place.unwrap_or(0) + 1) % vips.len()];
        request.set_vip(next);
        connection.set_vip(next);
    }

    /// The client has waited long enough: it closes the connection.
    fn give_up_at_client(&mut self, key: RequestKey, why: Failure) {
        self.end_connection(key);
        let outcome = Outcome::Failed(why);
        let trip = self.schedule.trip(SimDuration::ZERO);
        let request = self.requests.in_flight_mut(key);
        request.set_phase(Phase::ToClient(trip, outcome));
        self.schedule.at(trip.arrive, Event::AtClient { key });
        self.observe(Observed::Moved(key));
    }

    /// A balancer resets a connection that it does not know.
    fn break_connection(&mut self, key: RequestKey) {
        self.end_connection(key);
        self.return_to_client(key, Outcome::Failed(Failure::ConnectionBroken));
    }

    fn end_connection(&mut self, key: RequestKey) {
        let request = self.requests.in_flight(key);
        self.clients.close(request.connection);
    }

    /// A response reaches its balancer's address. After a takeover the server retransmits it until the new balancer
    /// has the address. Returns whether it got through.
    pub(super) fn is_delivered(&mut self, key: RequestKey, attempt: u32) -> bool {
        let request = self.requests.in_flight(key);
        let here = request.balancer();
        if !request.is_moved() || self.topology.holds(here) {
            return true;
        }
        let at: SimTime = self.schedule.now() + SERVER_RESEND;
        self.schedule.at(at, Event::BackAtBalancer { key, attempt });
        false
    }

    /// Counts the end of a request at the site it was sent to.
    pub(super) fn count_at_site(&mut self, vip: VipId, user: (u32, u32), outcome: Outcome) {
        let site = self.topology.vips[vip.index()].site;
        let totals = &mut self.topology.sites[site.index()].totals;
        totals.arrived += 1;
        totals.count(outcome);
        if outcome != Outcome::Answered && self.dns.is_some() {
            self.topology.failed.insert(user);
        }
    }
}
