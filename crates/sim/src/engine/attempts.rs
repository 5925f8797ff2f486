//! The life of a request on the server's side: an attempt is sent, served or not, and comes back.

use super::Engine;
use super::event::Event;
use super::observations::ObservationKind;
use super::observer::Observed;
use super::observer::fault_history::ChangeKind;
use super::request::{AttemptResult, Phase};
use crate::balance::spec::Layer;
use crate::balance::upstream::ObservedResult;
use crate::fleet::client::ConnectionId;
use crate::fleet::server::{Admission, Job, ProcessState};
use crate::fleet::spec::RequestKind;
use crate::health::outlier::HealthTransition;
use crate::ids::{EndpointId, RequestKey, ServerId, UpstreamRef};
use crate::metrics::outcome::{Failure, Outcome};
use crate::time::SimTime;

impl Engine {
    /// Sends a request to an endpoint's server.
    pub(super) fn send(&mut self, key: RequestKey, endpoint: EndpointId) {
        let request = self.requests.in_flight_mut(key);
        self.observer.sent(request.client(), endpoint);
        if request.attempt() > 0 {
            self.record.recorder.retried(self.schedule.now());
        }
        // At L4 the endpoint of a connection may be of another pool than the one that was waited for.
        let upstream_ref = self.balancers.upstream_ref_of(endpoint);
        request.set_upstream_ref(upstream_ref);
        request.try_at(endpoint, self.schedule.now());
        let attempt = request.attempt();
        self.observe(Observed::Moved(key));
        self.balancers.upstream_of_mut(endpoint).on_sent(endpoint);
        if !self.connect_upstream(key, endpoint) {
            self.start_attempt(key, attempt);
        }
        self.watch_attempt_timeout(upstream_ref, key, attempt);
    }

    /// An attempt leaves the balancer.
    pub(super) fn start_attempt(&mut self, key: RequestKey, attempt: u32) {
        let trip = self.schedule.trip(self.scenario.links.server_us);
        self.set_phase(key, Phase::ToServer(trip));
        self.schedule
            .at(trip.arrive, Event::AtServer { key, attempt });
    }

    pub(super) fn on_at_server(&mut self, key: RequestKey, attempt: u32) {
        let request = self.requests.in_flight(key);
        let id = self.balancers.server_of(request.trying());
        let (now, job) = (self.schedule.now(), Job::new(key, attempt, request.work()));
        let roll = error_draw(request.fault_roll(), id, attempt);
        let no_upgrade = self.lost_its_upgrade(key);
        let server = self.servers.expect(id);
        if server.process() == ProcessState::Up && server.fails_fast && roll < server.fail_permille
        {
            return self.respond(key, AttemptResult::ServerError);
        }
        if no_upgrade && server.process() == ProcessState::Up {
            return self.respond(key, AttemptResult::NoUpgrade);
        }
        match self.servers.accept(id, job, &mut self.schedule) {
            Admission::Started(_) => self.set_phase(key, Phase::InService { since: now }),
            Admission::Waiting => self.set_phase(key, Phase::Waiting { since: now }),
            Admission::Full => self.respond(key, AttemptResult::QueueFull),
            Admission::Refused => self.respond(key, AttemptResult::Refused),
        }
    }

    pub(super) fn on_done(&mut self, id: ServerId, key: RequestKey, attempt: u32) {
        let fail_permille = self.servers.expect(id).fail_permille;
        self.servers.finish(id, key, attempt, &mut self.schedule);
        // Work for a request that was given up, or whose balancer died, is done for nobody.
        if let Some(request) = self.requests.on_attempt(key, attempt) {
            let failed = error_draw(request.fault_roll(), id, attempt) < fail_permille;
            self.respond(
                key,
                if failed {
                    AttemptResult::ServerError
                } else {
                    AttemptResult::Ok
                },
            );
        }
        self.start_waiting(id);
    }

    /// Free workers take waiting requests.
    pub(super) fn start_waiting(&mut self, id: ServerId) {
        let since = self.schedule.now();
        while let Some((key, attempt)) = self.servers.start_next(id, &mut self.schedule) {
            // Work for a balancer that died meanwhile is done for nobody.
            if self.requests.on_attempt(key, attempt).is_some() {
                self.set_phase(key, Phase::InService { since });
            }
        }
    }

    /// An answer, a refusal or a reset leaves the server.
    pub(super) fn respond(&mut self, key: RequestKey, answer: AttemptResult) {
        let request = self.requests.in_flight(key);
        let direct = self.returns_directly(request.balancer());
        let links = self.scenario.links;
        let way = if direct {
            links.server_us + self.way_of(request)
        } else {
            links.server_us
        };
        let trip = self.schedule.trip(way);
        let request = self.requests.in_flight_mut(key);
        let (attempt, endpoint) = (request.attempt(), request.trying());
        let event = if direct {
            request.set_phase(Phase::Direct(trip, answer));
            Event::DirectReturn { key, attempt }
        } else {
            request.set_phase(Phase::FromServer(trip, answer));
            Event::BackAtBalancer { key, attempt }
        };
        self.schedule.at(trip.arrive, event);
        self.observe(Observed::Moved(key));
        if answer != AttemptResult::Ok {
            let server = self.balancers.server_of(endpoint);
            self.flash(key, Some(server), answer.outcome());
        }
    }

    pub(super) fn on_back(&mut self, key: RequestKey, attempt: u32) {
        if !self.is_delivered(key, attempt) {
            return;
        }
        let request = self.requests.in_flight(key);
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
        if matches!(
            answer,
            AttemptResult::Ok | AttemptResult::ServerError | AttemptResult::QueueFull
        ) {
            // Any answer carries the cookie.
            let (client, user, endpoint) = (request.client(), request.user(), request.trying());
            self.clients.set_cookie(client, user, endpoint);
        }
        self.conclude(key, response, answer.outcome());
    }

    /// A response that bypassed the balancer is at its client. The balancer only sees that the client is done with it.
    pub(super) fn on_direct_return(&mut self, key: RequestKey) {
        let request = self.requests.in_flight(key);
        let Phase::Direct(_, answer) = request.phase() else {
            unreachable!("{key:?} awaits no answer past the balancer");
        };
        let connection = request.connection;
        self.end_try(
            key,
            ObservedResult::Unseen(answer == AttemptResult::Ok),
            false,
        );
        if matches!(answer, AttemptResult::Refused | AttemptResult::Reset) {
            self.untie(connection);
        }
        self.observe(Observed::Decided(key, answer.outcome()));
        let mut request = self.requests.remove(key);
        request.mark_served();
        self.end(&request, answer.outcome());
    }

    /// A client learned that its connection is broken: it opens a new one for its next request.
    pub(super) fn untie(&mut self, connection: ConnectionId) {
        self.clients.close(connection);
        self.disconnect(connection);
    }

    /// Books the end of the attempt in flight with the balancer.
    /// `again`: whether the request is to be tried once more, if that can be.
    pub(super) fn end_try(&mut self, key: RequestKey, response: ObservedResult, again: bool) {
        let request = self.requests.in_flight(key);
        let (connection, endpoint) = (request.connection, request.trying());
        let upgraded =
            self.scenario.classes[request.class().index()].kind == RequestKind::WebSocket;
        let took = self.schedule.now().since(request.sent_at);
        if response == ObservedResult::Good {
            self.record.recorder.answered_by(endpoint.index(), took);
        }
        let upstream = self.balancers.upstream_of_mut(endpoint);
        let verdict = upstream.on_end(self.schedule.now(), endpoint, took, response, again);
        let layer = upstream.spec().layer;
        if let Some(verdict) = verdict {
            self.tell_verdict(endpoint, verdict);
        }
        if !upgraded {
            self.release_upstream(endpoint, response);
        }
        let broken = matches!(
            response,
            ObservedResult::Refused | ObservedResult::Reset | ObservedResult::TimedOut
        );
        if broken && layer == Layer::L4 {
            self.untie(connection);
        }
    }

    fn tell_verdict(&mut self, endpoint: EndpointId, verdict: HealthTransition) {
        let kind = match verdict {
            HealthTransition::Ejected { until } => {
                self.schedule.at(until, Event::EjectionEnds { endpoint });
                ObservationKind::Ejected { until }
            }
            HealthTransition::Degraded => ObservationKind::Degraded,
            HealthTransition::Restored => ObservationKind::Recovered,
            // That it is back was told when the trial might go.
            HealthTransition::Readmitted => return,
            HealthTransition::CheckMoved(transition) => {
                return self.on_check_moved(endpoint, transition);
            }
        };
        self.tell(endpoint, kind);
    }

    pub(super) fn on_ejection_ends(&mut self, endpoint: EndpointId) {
        if self
            .balancers
            .upstream_of_mut(endpoint)
            .end_ejection(self.schedule.now(), endpoint)
        {
            self.tell(endpoint, ObservationKind::Returned);
            self.start_slowly(endpoint);
        } else {
            // Failures since then have put it off (nginx).
            self.schedule_trial(endpoint);
        }
    }

    /// Schedules the end of nginx's `fail_timeout`, once for each end.
    pub(super) fn schedule_trial(&mut self, endpoint: EndpointId) {
        if let Some(at) = self.balancers.next_trial(endpoint) {
            self.schedule.at(at, Event::FailTimeoutEnds { endpoint });
        }
    }

    /// An endpoint came back: its slow start begins, where that is on.
    pub(super) fn start_slowly(&mut self, endpoint: EndpointId) {
        let since = self.schedule.now();
        let upstream = self.balancers.upstream_of_mut(endpoint);
        if let Some(next) = upstream.begin_ramp(since, endpoint) {
            self.schedule
                .at(next, Event::SlowStartStep { endpoint, since });
        }
    }

    pub(super) fn on_slow_start_step(&mut self, endpoint: EndpointId, since: SimTime) {
        let upstream = self.balancers.upstream_of_mut(endpoint);
        if let Some(next) = upstream.step_ramp(self.schedule.now(), endpoint, since) {
            self.schedule
                .at(next, Event::SlowStartStep { endpoint, since });
        } else {
            self.observe(Observed::Endpoint(endpoint, ChangeKind::FullWeight));
        }
    }

    /// Records an observation about an endpoint.
    pub(super) fn tell(&mut self, endpoint: EndpointId, kind: ObservationKind) {
        self.observe(Observed::Endpoint(endpoint, ChangeKind::Fact(kind)));
        let record = self.balancers.record(endpoint);
        self.record
            .observe(self.schedule.now(), &record.config.name, kind);
    }

    #[inline(always)]
    fn set_phase(&mut self, key: RequestKey, phase: Phase) {
        self.requests.in_flight_mut(key).set_phase(phase);
        self.observe(Observed::Moved(key));
    }

    // ===== deadlines =====

    pub(super) fn watch_attempt_timeout(
        &mut self,
        upstream_ref: UpstreamRef,
        key: RequestKey,
        attempt: u32,
    ) {
        let timeout = self
            .balancers
            .upstream(upstream_ref)
            .spec()
            .request_timeout_us;
        let deadlines = &mut self.balancers.queues_mut(upstream_ref).deadlines;
        // A try that is over stays in the list until the list comes to it.
        while let Some(&(key, attempt)) = deadlines.front() {
            if self.requests.on_attempt(key, attempt).is_some() {
                break;
            }
            deadlines.pop_front();
        }
        let at = self.schedule.now() + timeout;
        deadlines.push_back((key, attempt));
        if deadlines.len() == 1 {
            self.schedule.at(at, Event::AttemptTimeout { upstream_ref });
        }
    }

    /// Ends every attempt that has timed out, and waits for the next that might.
    pub(super) fn on_attempt_timeout(&mut self, upstream_ref: UpstreamRef) {
        let timeout = self
            .balancers
            .upstream(upstream_ref)
            .spec()
            .request_timeout_us;
        while let Some(&(key, attempt)) = self.balancers.queues(upstream_ref).deadlines.front() {
            // Whose try is over has no time that could be over.
            let waiting = self.requests.on_attempt(key, attempt);
            let due = waiting.map(|request| request.sent_at + timeout);
            if let Some(at) = due.filter(|at| *at > self.schedule.now()) {
                self.schedule.at(at, Event::AttemptTimeout { upstream_ref });
                return;
            }
            self.balancers
                .queues_mut(upstream_ref)
                .deadlines
                .pop_front();
            if due.is_some() {
                self.give_up(key, attempt);
            }
        }
    }

    fn give_up(&mut self, key: RequestKey, attempt: u32) {
        let request = self.requests.in_flight(key);
        let (connection, balancer) = (request.connection, request.balancer());
        let server = self.balancers.server_of(request.trying());
        self.servers.expect_mut(server).abandon(key, attempt);
        self.flash(key, None, Outcome::TimedOut);
        if self.returns_directly(balancer) {
            // It is the client that loses patience; the balancer does not know what it waits for.
            self.end_try(key, ObservedResult::Unseen(false), false);
            self.untie(connection);
            return self.return_to_client(key, Outcome::TimedOut);
        }
        self.conclude(key, ObservedResult::TimedOut, Outcome::TimedOut);
    }

    /// Ends every request on its way to, at, or on its way from a server that is removed.
    pub(super) fn fail_requests_of(&mut self, server: ServerId) {
        let theirs = |endpoint| self.balancers.server_of(endpoint) == server;
        let theirs: Vec<RequestKey> = self
            .requests
            .iter()
            .filter(|(_, request)| request.current().is_some_and(theirs))
            .map(|(key, _)| key)
            .collect();
        for key in theirs {
            let outcome = Outcome::Failed(Failure::Removed);
            self.flash(key, Some(server), outcome);
            self.end_try(key, ObservedResult::Abandoned, false);
            self.return_to_client(key, outcome);
        }
    }
}

/// Decides whether a server that fails a share of its answers fails this one: 0 to 999. Another server or attempt
/// gives another number, the same request the same one.
const fn error_draw(fault_roll: u32, server: ServerId, attempt: u32) -> u32 {
    (fault_roll + 389 * server.0 + 617 * (attempt - 1)) % 1_000
}
