//! The way of a request on its client's side, in its order: it is sent, perhaps lost and sent again, and its outcome
//! comes back. Names are in [`super::network`], retransmission in [`super::transport`].

use super::Engine;
use super::event::{Event, SiteEvent};
use super::observer::Observed;
use super::observer::flashes::Flash;
use super::request::{Phase, Trip};
use super::request_record::RequestRecord;
use crate::balance::l7::FrontendTask;
use crate::fleet::traffic::RequestSample;
use crate::gslb::resolver::DnsAnswer;
use crate::ids::{RequestKey, ServerId, VipId};
use crate::metrics::outcome::{Failure, Outcome, Rejection};
use crate::scenario::limits::MAX_IN_FLIGHT;
use crate::time::{SimDuration, SimTime};

impl Engine {
    pub(super) fn on_arrival(&mut self) {
        let draw = self.workload.arrive(&mut self.schedule);
        self.admit(&draw);
    }

    pub(super) fn on_user_thinks(&mut self, user_index: u32) {
        let draw = self.workload.send(user_index);
        self.admit(&draw);
    }

    /// A client makes a new request.
    fn admit(&mut self, draw: &RequestSample) {
        let now = self.schedule.now();
        let number = self.record.arrived(now);
        if self.requests.len() >= MAX_IN_FLIGHT {
            self.record.record_rejected(now);
            return self.workload.on_end(draw, &mut self.schedule);
        }
        let connection = self.clients.connect(draw.client, draw.user);
        let record = RequestRecord::new(number, draw, connection, now);
        let key = self.requests.insert(record);
        if self.scenario.balancer.sticky_cookie {
            self.requests.extra_mut(key).cookie = self.clients.cookie(draw.client, draw.user);
        }
        match self.clients.connection(connection.0).vip() {
            Some(vip) => self.set_vip_of(key, vip),
            None if self.network.resolves() => return self.resolve(key),
            None => self.choose_vip(key, None),
        }
        self.client_send(key);
    }

    // ===== the address =====

    /// A request that opens a connection resolves the name.
    fn resolve(&mut self, key: RequestKey) {
        let now = self.schedule.now();
        let request = self.requests.in_flight(key);
        let (client, user) = (request.client(), request.user());
        let (answer, took) = self.network.resolve(now, client, user);
        let until = now + took;
        self.requests.extra_mut(key).answer = answer;
        self.set_phase(key, Phase::Resolving { until });
        let event = Event::Site(SiteEvent::Resolved { key });
        self.schedule.at(until, event);
    }

    /// The resolver's answer is there: the request is sent.
    pub(super) fn on_resolved(&mut self, key: RequestKey) {
        let answer = self.requests.extra(key).and_then(|extra| extra.answer);
        self.choose_vip(key, answer);
        self.client_send(key);
    }

    fn choose_vip(&mut self, key: RequestKey, answer: Option<DnsAnswer>) {
        let connection = self.requests.in_flight(key).connection;
        let port = self.clients.connection(connection).port;
        let vip = self.network.topology.vip_for(answer, port);
        self.set_vip_of(key, vip);
    }

    fn set_vip_of(&mut self, key: RequestKey, vip: VipId) {
        let request = self.requests.in_flight_mut(key);
        request.set_vip(vip);
        self.clients.connection_mut(request.connection).set_vip(vip);
    }

    // ===== on the way to the balancer =====

    /// The client sends a request, for the first time or again.
    pub(super) fn client_send(&mut self, key: RequestKey) {
        let request = self.requests.in_flight_mut(key);
        let client = request.client();
        let vip = self.network.current_vip(client, request.vip());
        request.set_vip(vip);
        request.sends += 1;
        if self.awaits_connection(key) {
            return;
        }
        let trip = self.schedule.trip(self.network.path_latency(client, vip));
        self.set_phase(key, Phase::ToBalancer(trip));
        self.schedule.at(trip.arrive, Event::AtBalancer { key });
    }

    /// No balancer answered: schedules the client's retransmission, or its giving up.
    pub(super) fn schedule_retransmit(&mut self, key: RequestKey) {
        let born = self.requests.in_flight(key).born;
        let policy = &self.network.topology.retransmit;
        let until = policy.next_send(born, self.schedule.now());
        self.lose_packet(key, until);
    }

    /// The balancer of a request died with it: the client waits in vain.
    pub(super) fn orphan_request(&mut self, key: RequestKey) {
        let request = self.requests.in_flight_mut(key);
        request.orphan();
        let policy = &self.network.topology.retransmit;
        let until = policy
            .retransmit_deadline(request.born)
            .max(self.schedule.now());
        self.lose_packet(key, until);
    }

    fn lose_packet(&mut self, key: RequestKey, until: SimTime) {
        self.set_phase(key, Phase::Lost { until });
        let sends = self.requests.in_flight(key).sends.into();
        let event = Event::Site(SiteEvent::Retransmit { key, sends });
        self.schedule.at(until, event);
    }

    pub(super) fn on_retransmit(&mut self, key: RequestKey) {
        let request = self.requests.in_flight(key);
        let end = self
            .network
            .topology
            .retransmit
            .retransmit_deadline(request.born);
        if request.is_orphaned() {
            self.give_up_at_client(key, Failure::LostWithBalancer);
        } else if self.schedule.now() >= end {
            self.give_up_at_client(key, Failure::Unreachable);
        } else {
            self.try_next_vip(key);
            self.client_send(key);
        }
    }

    /// A connection that has not reached a balancer yet tries the site's next address, if there is one.
    fn try_next_vip(&mut self, key: RequestKey) {
        let request = self.requests.in_flight(key);
        if self
            .clients
            .connection(request.connection)
            .balancer()
            .is_none()
        {
            let next = self.network.topology.next_vip(request.vip());
            self.set_vip_of(key, next);
        }
    }

    /// The client has waited long enough: it closes the connection.
    fn give_up_at_client(&mut self, key: RequestKey, why: Failure) {
        self.clients.close(self.requests.in_flight(key).connection);
        let trip = self.schedule.trip(SimDuration::ZERO);
        self.send_to_client(key, trip, Outcome::Failed(why));
    }

    // ===== on the way back =====

    /// The outcome is decided: sends it to the client.
    pub(super) fn return_to_client(&mut self, key: RequestKey, outcome: Outcome) {
        self.observe(Observed::Decided(key, outcome));
        let trip = self.trip_to_client(key);
        self.requests.in_flight_mut(key).mark_served();
        self.send_to_client(key, trip, outcome);
    }

    pub(super) fn send_to_client(&mut self, key: RequestKey, trip: Trip, outcome: Outcome) {
        self.set_phase(key, Phase::ToClient(trip, outcome));
        self.schedule.at(trip.arrive, Event::AtClient { key });
    }

    /// The trip from the balancer to the client. A server's response has to be passed on first, which is work.
    fn trip_to_client(&mut self, key: RequestKey) -> Trip {
        let request = self.requests.in_flight(key);
        let way = self.client_latency_of(request);
        let mut trip = self.schedule.trip(way);
        if request.current().is_some() {
            let balancer = self.balancers.get_mut(request.balancer());
            let done = balancer.work(trip.depart, &[FrontendTask::Packet]);
            // What is on its way out is not dropped.
            trip.depart = done.unwrap_or(trip.depart);
            trip.arrive = trip.depart + way;
        }
        trip
    }

    /// The latency between a request's client and the site it went to, one way.
    #[inline(always)]
    pub(super) fn client_latency_of(&self, request: &RequestRecord) -> SimDuration {
        self.network.path_latency(request.client(), request.vip())
    }

    pub(super) fn on_at_client(&mut self, key: RequestKey) {
        self.take_cookie(key);
        let request = self.requests.remove(key);
        let Phase::ToClient(_, outcome) = request.phase() else {
            unreachable!("{key:?} is not on its way to its client");
        };
        self.end(&request, outcome);
    }

    /// A client gets the cookie of a server's answer, any answer. The balancer sends one unless the request had it
    /// already (HAProxy's `cookie insert indirect`).
    fn take_cookie(&mut self, key: RequestKey) {
        let request = self.requests.in_flight(key);
        let (client, user) = (request.client(), request.user());
        let Phase::ToClient(_, outcome) = request.phase() else {
            return;
        };
        let by_server = matches!(
            outcome,
            Outcome::Answered
                | Outcome::Failed(Failure::ServerError)
                | Outcome::Rejected(Rejection::QueueFull)
        );
        let Some(endpoint) = request.served().filter(|_| by_server) else {
            return;
        };
        let server = self.balancers.server_of(endpoint);
        let had = self.requests.extra(key).and_then(|extra| extra.cookie);
        if self.scenario.balancer.sticky_cookie && had != Some(server) {
            self.clients.set_cookie(client, user, server);
        }
    }

    /// Ends a request: counts its outcome.
    pub(super) fn end(&mut self, request: &RequestRecord, outcome: Outcome) {
        self.observe(Observed::Ended(request.number, outcome));
        self.record.ended(self.schedule.now(), request, outcome);
        let user = (request.client(), request.user());
        self.network.count(request.vip(), user, outcome);
        if outcome != Outcome::Answered || !self.open_socket(request) {
            self.release_connection(request.connection);
            self.watch_idle(request.connection);
        }
        let draw = request.draw();
        self.workload.on_end(&draw, &mut self.schedule);
    }

    /// Records for the stage where a request failed.
    pub(super) fn flash(&mut self, key: RequestKey, server: Option<ServerId>, outcome: Outcome) {
        let request = self.requests.in_flight(key);
        self.observer.flashes.push(Flash {
            at: self.schedule.now(),
            server,
            kind: self.kind_of(request),
            outcome,
        });
    }

    /// A request enters another phase.
    #[inline(always)]
    pub(super) fn set_phase(&mut self, key: RequestKey, phase: Phase) {
        self.requests.in_flight_mut(key).set_phase(phase);
        self.observe(Observed::Moved(key));
    }
}
