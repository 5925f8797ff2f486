//! The way of an attempt, in its order: it is sent to a server, perhaps over a new connection, is served or not, and
//! comes back or times out. Servers are in [`super::servers`], time-outs in [`super::upstream_queues`].

use super::Engine;
use super::event::Event;
use super::observer::Observed;
use super::request::{AttemptResult, Phase};
use super::server_link::LinkPacket;
use super::transport::SERVER_RESEND;
use crate::balance::spec::Layer;
use crate::balance::upstream::ObservedResult;
use crate::fleet::client::ConnectionId;
use crate::fleet::server::{Admission, Job, ProcessState};
use crate::fleet::spec::RequestKind;
use crate::ids::{EndpointId, RequestKey, ServerId, UpstreamRef};
use crate::metrics::outcome::{Failure, Outcome};
use crate::time::SimDuration;

impl Engine {
    /// Sends a request to an endpoint's server.
    pub(super) fn send(&mut self, key: RequestKey, endpoint: EndpointId) {
        let now = self.schedule.now();
        let request = self.requests.in_flight_mut(key);
        self.observer.sent(request.client(), endpoint);
        if request.attempt() > 0 {
            self.record.recorder.retried(now);
        }
        // At L4 the endpoint of a connection may be of another pool than the one that was waited for.
        let upstream_ref = self.balancers.upstream_ref_of(endpoint);
        request.set_upstream_ref(upstream_ref);
        request.try_at(endpoint, now);
        let attempt = request.attempt();
        self.observe(Observed::Moved(key));
        self.balancers.upstream_of_mut(endpoint).on_sent(endpoint);
        // The SYN to the server, and its answer.
        let link = self.scenario.links.server_us;
        let balancer = self.balancers.get_mut(upstream_ref.balancer);
        if balancer.take_connection(now, endpoint, link + link) {
            let trip = self.link_trip(LinkPacket::Dial(key), SimDuration::ZERO);
            self.set_phase(key, Phase::Dialling(trip));
            let event = Event::UpstreamConnected { key, attempt };
            self.schedule.at(trip.arrive, event);
        } else {
            self.start_attempt(key, attempt);
        }
        self.watch_attempt_timeout(upstream_ref, key, attempt);
    }

    /// The connection to the server is open, or was refused.
    pub(super) fn on_upstream_connected(&mut self, key: RequestKey, attempt: u32) {
        let endpoint = self.requests.in_flight(key).attempt_endpoint();
        let id = self.balancers.server_of(endpoint);
        if self.servers.expect(id).process() == ProcessState::Crashed {
            let outcome = Outcome::Failed(Failure::Refused);
            self.flash(key, Some(id), outcome);
            return self.finish_attempt(key, ObservedResult::Refused, outcome);
        }
        self.start_attempt(key, attempt);
    }

    /// An attempt leaves the balancer.
    fn start_attempt(&mut self, key: RequestKey, attempt: u32) {
        let trip = self.link_trip(LinkPacket::Attempt(key), SimDuration::ZERO);
        self.set_phase(key, Phase::ToServer(trip));
        self.schedule
            .at(trip.arrive, Event::AtServer { key, attempt });
    }

    // ===== at the server =====

    pub(super) fn on_at_server(&mut self, key: RequestKey, attempt: u32) {
        let request = self.requests.in_flight(key);
        let id = self.balancers.server_of(request.attempt_endpoint());
        let job = Job::new(key, attempt, request.work());
        let server = self.servers.expect(id);
        if server.process() == ProcessState::Up {
            if server.fails_at_once(request.fault_roll(), attempt) {
                return self.respond(key, AttemptResult::ServerError);
            }
            if self.lost_its_upgrade(key) {
                return self.respond(key, AttemptResult::NoUpgrade);
            }
        }
        let since = self.schedule.now();
        match self.servers.accept(id, job, &mut self.schedule) {
            Admission::Started(_) => self.set_phase(key, Phase::InService { since }),
            Admission::Waiting => self.set_phase(key, Phase::Waiting { since }),
            Admission::Full => self.respond(key, AttemptResult::QueueFull),
            Admission::Refused => self.respond(key, AttemptResult::Refused),
        }
    }

    /// Whether a request is a WebSocket whose upgrade did not get through: an L7 balancer without a rule for it
    /// dropped the header.
    fn lost_its_upgrade(&self, key: RequestKey) -> bool {
        let request = self.requests.in_flight(key);
        if self.kind_of(request) != RequestKind::WebSocket {
            return false;
        }
        let layer = self.balancers.get(request.balancer()).layer();
        let extra = self.requests.extra(key);
        let decision = extra.and_then(|extra| extra.decision);
        layer == Layer::L7 && !decision.is_some_and(|decision| decision.upgrades)
    }

    pub(super) fn on_done(&mut self, id: ServerId, key: RequestKey, attempt: u32) {
        self.servers.finish(id, key, attempt, &mut self.schedule);
        // Work for a request that was given up, or whose balancer died, is done for nobody.
        if let Some(request) = self.requests.on_attempt(key, attempt) {
            let server = self.servers.expect(id);
            let answer = if server.fails(request.fault_roll(), attempt) {
                AttemptResult::ServerError
            } else {
                AttemptResult::Ok
            };
            self.respond(key, answer);
        }
        self.start_waiting(id);
    }

    /// Free workers take waiting requests.
    pub(super) fn start_waiting(&mut self, id: ServerId) {
        let since = self.schedule.now();
        while let Some((key, attempt)) = self.servers.start_next(id, &mut self.schedule) {
            if self.requests.on_attempt(key, attempt).is_some() {
                self.set_phase(key, Phase::InService { since });
            }
        }
    }

    /// An answer, a refusal or a reset leaves the server.
    pub(super) fn respond(&mut self, key: RequestKey, answer: AttemptResult) {
        let request = self.requests.in_flight(key);
        let (attempt, endpoint) = (request.attempt(), request.attempt_endpoint());
        let packet = LinkPacket::Attempt(key);
        let (arrive, event) = if self.balancers.get(request.balancer()).returns_directly() {
            let way = self.client_latency_of(request);
            let trip = self.link_trip(packet, way);
            self.set_phase(key, Phase::Direct(trip, answer));
            (trip.arrive, Event::DirectReturn { key, attempt })
        } else {
            let trip = self.link_trip(packet, SimDuration::ZERO);
            self.set_phase(key, Phase::FromServer(trip, answer));
            (trip.arrive, Event::BackAtBalancer { key, attempt })
        };
        self.schedule.at(arrive, event);
        self.attach_load_report(key, endpoint, answer);
        if answer != AttemptResult::Ok {
            let server = self.balancers.server_of(endpoint);
            self.flash(key, Some(server), answer.outcome());
        }
    }

    // ===== back =====

    /// The result of an attempt reaches its balancer's address. After a takeover the server retransmits it until the new
    /// balancer has the address.
    pub(super) fn on_back(&mut self, key: RequestKey, attempt: u32) {
        let request = self.requests.in_flight(key);
        if request.is_moved() && !self.network.topology.holds(request.balancer()) {
            let event = Event::BackAtBalancer { key, attempt };
            return self.schedule.after(SERVER_RESEND, event);
        }
        let Phase::FromServer(_, answer) = request.phase() else {
            unreachable!("{key:?} awaits no answer");
        };
        let response = match answer {
            // A 426 is the server's good right.
            AttemptResult::Ok | AttemptResult::NoUpgrade => ObservedResult::Good,
            AttemptResult::ServerError => ObservedResult::ServerError,
            AttemptResult::QueueFull => ObservedResult::Full,
            AttemptResult::Refused => ObservedResult::Refused,
            AttemptResult::Reset => ObservedResult::Reset,
        };
        self.finish_attempt(key, response, answer.outcome());
    }

    /// A response that bypassed the balancer is at its client. The balancer only sees that the client is done with it.
    pub(super) fn on_direct_return(&mut self, key: RequestKey) {
        let request = self.requests.in_flight(key);
        let Phase::Direct(_, answer) = request.phase() else {
            unreachable!("{key:?} awaits no answer past the balancer");
        };
        let connection = request.connection;
        let unseen = ObservedResult::Unseen(answer == AttemptResult::Ok);
        self.end_attempt(key, unseen, false);
        if matches!(answer, AttemptResult::Refused | AttemptResult::Reset) {
            self.close_client_connection(connection);
        }
        self.observe(Observed::Decided(key, answer.outcome()));
        let mut request = self.requests.remove(key);
        request.mark_served();
        self.end(&request, answer.outcome());
    }

    /// A client learned that its connection is broken: it opens a new one for its next request.
    pub(super) fn close_client_connection(&mut self, connection: ConnectionId) {
        self.clients.close(connection);
        self.disconnect(connection);
    }

    /// Books the end of the attempt in flight with the balancer.
    /// `again`: whether the request is to be tried once more, if that can be.
    pub(super) fn end_attempt(&mut self, key: RequestKey, response: ObservedResult, again: bool) {
        let now = self.schedule.now();
        let request = self.requests.in_flight(key);
        let (connection, endpoint) = (request.connection, request.attempt_endpoint());
        let upgraded = self.kind_of(request) == RequestKind::WebSocket;
        let took = now.since(request.sent_at);
        if response == ObservedResult::Good {
            self.record.recorder.answered_by(endpoint.index(), took);
        }
        self.deliver_load_report(key, endpoint, response);
        let upstream_ref = self.balancers.upstream_ref_of(endpoint);
        let upstream = self.balancers.upstream_mut(upstream_ref);
        let layer = upstream.layer();
        let verdict = upstream.on_end(now, endpoint, took, response, again);
        if let Some(verdict) = verdict {
            self.record_health_transition(endpoint, verdict);
        }
        if !upgraded {
            let good = matches!(
                response,
                ObservedResult::Good | ObservedResult::ServerError | ObservedResult::Full
            );
            let balancer = self.balancers.get_mut(upstream_ref.balancer);
            balancer.release_upstream_connection(now, endpoint, good);
        }
        let broken = matches!(
            response,
            ObservedResult::Refused | ObservedResult::Reset | ObservedResult::TimedOut
        );
        if broken && layer == Layer::L4 {
            self.close_client_connection(connection);
        }
    }

    /// Ends every request on its way to, at, or on its way from a server that is removed.
    pub(super) fn fail_requests_of(&mut self, server: ServerId) {
        let theirs = |endpoint| self.balancers.server_of(endpoint) == server;
        let requests = self.requests.iter();
        let theirs: Vec<RequestKey> = requests
            .filter(|(_, request)| request.current().is_some_and(theirs))
            .map(|(key, _)| key)
            .collect();
        for key in theirs {
            let outcome = Outcome::Failed(Failure::Removed);
            self.flash(key, Some(server), outcome);
            self.end_attempt(key, ObservedResult::Abandoned, false);
            self.return_to_client(key, outcome);
        }
    }

    // ===== time-outs =====

    pub(super) fn watch_attempt_timeout(
        &mut self,
        upstream_ref: UpstreamRef,
        key: RequestKey,
        attempt: u32,
    ) {
        let timeout = self
            .balancers
            .upstream(upstream_ref)
            .config()
            .request_timeout;
        let deadlines = &mut self.balancers.queues_mut(upstream_ref).deadlines;
        let (requests, schedule) = (&self.requests, &mut self.schedule);
        deadlines.watch((key, attempt), timeout, upstream_ref, requests, schedule);
    }

    /// Ends every attempt that has timed out, and waits for the next that might.
    pub(super) fn on_attempt_timeout(&mut self, upstream_ref: UpstreamRef) {
        let timeout = self
            .balancers
            .upstream(upstream_ref)
            .config()
            .request_timeout;
        loop {
            let deadlines = &mut self.balancers.queues_mut(upstream_ref).deadlines;
            let (requests, schedule) = (&self.requests, &mut self.schedule);
            match deadlines.pop_due(timeout, upstream_ref, requests, schedule) {
                Some((key, attempt)) => self.time_out_attempt(key, attempt),
                None => return,
            }
        }
    }

    fn time_out_attempt(&mut self, key: RequestKey, attempt: u32) {
        let request = self.requests.in_flight(key);
        let (connection, balancer) = (request.connection, request.balancer());
        let server = self.balancers.server_of(request.attempt_endpoint());
        self.servers.expect_mut(server).abandon(key, attempt);
        self.flash(key, None, Outcome::TimedOut);
        if self.balancers.get(balancer).returns_directly() {
            // It is the client that loses patience; the balancer does not know what it waits for.
            self.end_attempt(key, ObservedResult::Unseen(false), false);
            self.close_client_connection(connection);
            return self.return_to_client(key, Outcome::TimedOut);
        }
        self.finish_attempt(key, ObservedResult::TimedOut, Outcome::TimedOut);
    }
}
