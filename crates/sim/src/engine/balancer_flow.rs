//! The way of a request at its balancer, in its order: it arrives, is read, is decided by the rules, gets an endpoint
//! or waits for one, and is tried again or answered. Rules, pickers and policies are in [`crate::balance`], the queues
//! in [`super::upstream_queues`].

use super::Engine;
use super::event::Event;
use super::observer::Observed;
use super::request::Phase;
use super::request_record::RequestRecord;
use super::upstream_queues::Waiting;
use crate::balance::algorithm::Implementation;
use crate::balance::endpoint::Endpoint;
use crate::balance::l7::rule_table::{DenyReason, RouteDecision, RouteVerdict};
use crate::balance::l7::{FrontendTask, RouteContext};
use crate::balance::picker::PickKey;
use crate::balance::spec::{Layer, QueueSpec};
use crate::balance::upstream::{EndpointChoice, ObservedResult, Upstream};
use crate::fleet::client::ConnectionId;
use crate::fleet::spec::RequestKind;
use crate::ids::{BalancerId, EndpointId, RequestKey, UpstreamId, UpstreamRef};
use crate::metrics::outcome::{Failure, Outcome, Rejection};
use crate::time::SimTime;

/// The result of trying a request again.
enum RetryOutcome {
    /// The retry was sent, or waits for an endpoint with room.
    Sent,
    /// No endpoint is left to try.
    Nobody,
    /// The policy allows no retry, or the budget has no room.
    NotNow,
}

impl Engine {
    pub(super) fn on_at_balancer(&mut self, key: RequestKey) {
        let Some(here) = self.receive(key) else {
            // It was lost, or its connection was reset.
            return;
        };
        let now = self.schedule.now();
        let request = self.requests.in_flight(key);
        let balancer = self.balancers.get_mut(here);
        balancer.front_mut().count_request();
        // Where connections live, they have their handshake before the first request comes.
        let is_handshake = request.is_fresh()
            && balancer.layer() == Layer::L7
            && self.scenario.connections.is_none();
        let done = if is_handshake {
            let handshake = balancer.begin_tls(now, (request.client().0, request.user()));
            balancer.work(now, &[handshake, FrontendTask::Request])
        } else {
            balancer.work(now, &[FrontendTask::Request])
        };
        let Some(until) = done else {
            return self.reject(key, Rejection::BalancerBusy);
        };
        self.set_phase(key, Phase::AtBalancer { since: now, until });
        self.schedule.at(until, Event::Pick { key });
    }

    /// A request reaches its address; returns the balancer that takes it, if one does.
    fn receive(&mut self, key: RequestKey) -> Option<BalancerId> {
        let request = self.requests.in_flight(key);
        let (vip, connection) = (request.vip(), request.connection);
        let state = self.clients.connection(connection);
        let Some(here) = self.network.topology.vip_owner(vip, state.port) else {
            self.schedule_retransmit(key);
            return None;
        };
        self.network.topology.nodes[here.index()].reached += 1;
        let there = state.balancer().filter(|there| *there != here);
        let known =
            !state.is_forgotten() && there.is_none_or(|there| self.shares_table_with(here, there));
        if !known {
            // It resets a connection that it does not know.
            self.clients.close(connection);
            self.return_to_client(key, Outcome::Failed(Failure::ConnectionBroken));
            return None;
        }
        match there {
            Some(_) => self.take_over_connection(connection, here),
            None => self
                .clients
                .connection_mut(connection)
                .set_balancer(Some(here)),
        }
        self.requests.in_flight_mut(key).enter(here);
        Some(here)
    }

    /// A balancer takes over a connection that it knows from connection sync.
    pub(super) fn take_over_connection(&mut self, id: ConnectionId, here: BalancerId) {
        let connection = self.clients.connection_mut(id);
        self.balancers.take_over(id, connection, here);
        connection.set_balancer(Some(here));
    }

    // ===== rules (L7) =====

    /// Applies the rules to a request, once: `true` if it goes on to a pool, `false` if the balancer answered or
    /// rejected it itself. At L4 there is nothing to read.
    fn passes_rules(&mut self, key: RequestKey) -> bool {
        let request = self.requests.in_flight(key);
        let balancer = self.balancers.get_mut(request.balancer());
        let unruled = balancer.layer() == Layer::L4 || balancer.front().rules.rules().is_empty();
        let (class, item) = (request.class(), request.item());
        let seen = RouteContext {
            number: request.number,
            client: request.client(),
            port: self.clients.connection(request.connection).port,
            class,
            item,
            decision: RouteDecision::FIRST_POOL,
        };
        if unruled {
            balancer.front_mut().note(seen);
            return true;
        }
        let source = self.clients.get(seen.client).spec.address;
        let head = self.workload.templates.head(class, item);
        let now = self.schedule.now();
        let decision = balancer.front_mut().route(now, source, &head, seen);
        self.requests.extra_mut(key).decision = Some(decision);
        match decision.verdict {
            RouteVerdict::Pool(place) => {
                let request = self.requests.in_flight_mut(key);
                request.set_upstream_ref(UpstreamRef {
                    upstream: UpstreamId(place as u32),
                    ..request.upstream_ref()
                });
                return true;
            }
            RouteVerdict::Answer => self.return_to_client(key, Outcome::Answered),
            RouteVerdict::Deny(denial) => self.reject(key, reason(denial)),
        }
        false
    }

    // ===== the pick =====

    pub(super) fn on_pick(&mut self, key: RequestKey) {
        // A request that is tried again passed them before.
        if self.requests.in_flight(key).attempt() > 0 || self.passes_rules(key) {
            self.assign(key);
        }
    }

    /// Finds an endpoint for a request, or lets it wait for one, or rejects it.
    fn assign(&mut self, key: RequestKey) {
        let request = self.requests.in_flight(key);
        let choice = match self.flow_endpoint(request) {
            Some(endpoint) => EndpointChoice::Endpoint(endpoint),
            None if self.must_wait(key, request) => EndpointChoice::Full(None),
            None => self.choose(key),
        };
        match choice {
            EndpointChoice::Endpoint(endpoint) => self.dispatch(key, endpoint),
            EndpointChoice::Full(queue) => self.wait_at_balancer(key, queue),
            EndpointChoice::Nobody => self.reject(key, Rejection::NoEndpoint),
        }
    }

    /// At L4: the balancer's endpoint for the server that a request's connection is bound to. The other balancer of a
    /// pair may have bound it, if connection sync is on.
    fn flow_endpoint(&self, request: &RequestRecord) -> Option<EndpointId> {
        let balancer = request.balancer();
        if self.balancers.get(balancer).layer() != Layer::L4 {
            return None;
        }
        let flow = self.flow_of(request.connection)?;
        self.balancers.same_server(flow, balancer)
    }

    /// Whether every endpoint that could take the request is full, or counts as full, including the one it is bound to.
    fn must_wait(&self, key: RequestKey, request: &RequestRecord) -> bool {
        let upstream = self.balancers.upstream(request.upstream_ref());
        let takes = |id| upstream.takes_cookie(id);
        let tried = self.requests.tried(key);
        let waiting = self.balancers.queues(request.upstream_ref()).waiting.len();
        (upstream.is_saturated(tried) || upstream.joins_queue(waiting))
            && !self.cookie_endpoint(key, request).is_some_and(takes)
    }

    /// The endpoint of the server that a request's cookie names, for its first attempt; `None` where cookies are off.
    /// Another balancer may have set the cookie: it names the server all the same.
    fn cookie_endpoint(&self, key: RequestKey, request: &RequestRecord) -> Option<EndpointId> {
        let config = self.balancers.upstream(request.upstream_ref()).config();
        if !config.sticky_cookie
            || config.layer != Layer::L7
            || !self.requests.tried(key).is_empty()
        {
            return None;
        }
        let server = self.requests.extra(key)?.cookie?;
        self.balancers.endpoint_for(server, request.balancer())
    }

    /// Lets the balancer pick; at L4 it binds the connection to an endpoint that has room.
    pub(super) fn choose(&mut self, key: RequestKey) -> EndpointChoice {
        self.choose_by(key, Upstream::pick)
    }

    /// Finds an endpoint for a request by `pick`, if no cookie names one.
    fn choose_by(
        &mut self,
        key: RequestKey,
        pick: fn(&mut Upstream, SimTime, PickKey<'_>, &[EndpointId]) -> EndpointChoice,
    ) -> EndpointChoice {
        let now = self.schedule.now();
        let request = self.requests.in_flight(key);
        let cookie = self.cookie_endpoint(key, request);
        let (connection, client) = (request.connection, request.client());
        let upstream = self.balancers.upstream_mut(request.upstream_ref());
        let layer = upstream.layer();
        let path = if layer == Layer::L7 && upstream.reads_paths() {
            let templates = &mut self.workload.templates;
            templates.path(request.class(), request.item())
        } else {
            ""
        };
        let pick_key = PickKey {
            source: self.clients.get(client).spec.address,
            port: self.clients.connection(connection).port,
            user: request.user(),
            text: path.as_bytes(),
        };
        let pinned = cookie.and_then(|id| upstream.pick_pinned(now, pick_key, id));
        let tried = self.requests.tried(key);
        upstream.walked = self.requests.walked(key);
        let choice = pinned.unwrap_or_else(|| pick(upstream, now, pick_key, tried));
        if choice == EndpointChoice::Full(None) {
            return choice;
        }
        self.record.picked(request.number, choice.picked());
        self.requests.keep_walk(key, upstream.kept_walk());
        self.observe(Observed::Picked(key));
        if let EndpointChoice::Endpoint(endpoint) = choice {
            self.schedule_trial(endpoint);
            if layer == Layer::L4 {
                self.bind(connection, endpoint);
            }
        }
        choice
    }

    /// Binds a connection to the endpoint that was picked for it (L4).
    fn bind(&mut self, connection: ConnectionId, endpoint: EndpointId) {
        let balancer = self.balancers.upstream_ref_of(endpoint).balancer;
        let state = self.clients.connection_mut(connection);
        state.set_balancer(Some(balancer));
        self.balancers.connect(connection, endpoint);
    }

    /// Sends the request to the endpoint that was picked.
    fn dispatch(&mut self, key: RequestKey, endpoint: EndpointId) {
        self.send(key, endpoint);
        self.admit_on_flow(key, endpoint);
    }

    // ===== the pending queue =====

    /// There is no room: the request waits in the queue of an endpoint, or of the whole upstream if that is `None`. It
    /// is rejected where it may not wait.
    fn wait_at_balancer(&mut self, key: RequestKey, endpoint: Option<EndpointId>) {
        let upstream_ref = self.requests.in_flight(key).upstream_ref();
        let upstream = self.balancers.upstream(upstream_ref);
        let waiting = self.balancers.queues(upstream_ref).waiting.len();
        let own = endpoint.and_then(|id| upstream.endpoint(id));
        let has_room = |spec: &QueueSpec| {
            waiting < spec.limit as usize && own.is_none_or(Endpoint::has_queue_room)
        };
        let Some(spec) = upstream.config().queue.filter(has_room) else {
            return self.reject(key, Rejection::BalancerQueueFull);
        };
        let since = self.schedule.now();
        self.requests.in_flight_mut(key).drop_attempt();
        self.set_phase(key, Phase::Queued { since, endpoint });
        if let Some(id) = endpoint {
            self.balancers.upstream_mut(upstream_ref).on_queued(id);
        }
        let queue = &mut self.balancers.queues_mut(upstream_ref).waiting;
        let entry = (key, endpoint);
        queue.push(entry, spec.timeout_us, upstream_ref, &mut self.schedule);
    }

    /// Sends waiting requests to endpoints that have room.
    pub(super) fn admit_waiting(&mut self, upstream_ref: UpstreamRef) {
        let upstream = self.balancers.upstream_mut(upstream_ref);
        if upstream.take_queue_release() {
            let waits = |one: &Waiting| one.endpoint.is_none();
            while let Some(place) = self.balancers.queues(upstream_ref).waiting.position(waits) {
                let queue = &mut self.balancers.queues_mut(upstream_ref).waiting;
                let waiting = queue.remove(place);
                self.reject(waiting.key, Rejection::NoEndpoint);
            }
        }
        let mut turns = 2 * self.balancers.queues(upstream_ref).waiting.len() + 1;
        loop {
            let upstream = self.balancers.upstream(upstream_ref);
            let queue = &self.balancers.queues(upstream_ref).waiting;
            // Not each of a long queue is looked at, if nobody can leave it.
            if queue.len() == 0 || !upstream.may_admit() {
                break;
            }
            let next = queue.next(|one| match one.endpoint {
                Some(id) => upstream.admits_from_queue(id),
                None => upstream.asks_for_waiting(self.requests.tried(one.key)),
            });
            // Else whoever has room was tried before by all who wait.
            let Some(place) = next else { break };
            turns = turns.saturating_sub(1);
            debug_assert!(
                turns > 0,
                "a request leaves its queue twice at most at one instant"
            );
            if !self.admit_one(upstream_ref, place) {
                break;
            }
        }
        if self.balancers.upstream(upstream_ref).is_asking() {
            self.balancers.upstream_mut(upstream_ref).end_admission();
        }
    }

    /// Lets the request at a place of the queue go, if an endpoint takes it; returns whether the queue may go on.
    fn admit_one(&mut self, upstream_ref: UpstreamRef, place: usize) -> bool {
        let queue = &mut self.balancers.queues_mut(upstream_ref).waiting;
        let waiting = queue.remove(place);
        let key = waiting.key;
        if let Some(id) = waiting.endpoint {
            let upstream = self.balancers.upstream_mut(upstream_ref);
            let stays = upstream.takes_its_queue(id);
            upstream.on_unqueued(id);
            if stays {
                if upstream.layer() == Layer::L4 {
                    self.bind(self.requests.in_flight(key).connection, id);
                }
                self.dispatch(key, id);
                return true;
            }
            // It takes no more: another is found, whatever the cookie says (`pendconn_redistribute` clears `SF_DIRECT`).
            self.requests.forget_cookie(key);
            self.assign(key);
            return true;
        }
        match self.choose_by(key, Upstream::pick_waiting) {
            EndpointChoice::Endpoint(endpoint) => self.dispatch(key, endpoint),
            EndpointChoice::Full(Some(id)) => self.wait_at_balancer(key, Some(id)),
            EndpointChoice::Full(None) | EndpointChoice::Nobody => {
                // An algorithm may pass over whoever has room; the request keeps its turn.
                let queue = &mut self.balancers.queues_mut(upstream_ref).waiting;
                queue.put_back(place, waiting);
                return false;
            }
        }
        true
    }

    /// A request was sent, and at L4 its connection is bound: requests that wait on the same connection, in any pool
    /// and at either balancer of a pair, go to the same server and take no more room.
    fn admit_on_flow(&mut self, key: RequestKey, endpoint: EndpointId) {
        let connection = self.requests.in_flight(key).connection;
        let balancer = self.balancers.upstream_ref_of(endpoint).balancer;
        let alone = self.clients.connection(connection).open == 1;
        let config = self.balancers.get(balancer).config();
        if alone || config.layer != Layer::L4 || config.queue.is_none() {
            return;
        }
        for upstream_ref in self.balancers.upstream_refs() {
            let on_it = |one: &Waiting| self.requests.in_flight(one.key).connection == connection;
            let queue = &mut self.balancers.queues_mut(upstream_ref).waiting;
            let mut theirs = Vec::new();
            while let Some(place) = queue.position(on_it) {
                theirs.push(queue.remove(place));
            }
            for Waiting {
                key, endpoint: of, ..
            } in theirs
            {
                self.leave_queue_of(upstream_ref, of);
                let own = self.balancers.same_server(endpoint, upstream_ref.balancer);
                let own = own.expect("both of a pair know the servers of their site");
                self.send(key, own);
            }
        }
    }

    /// Rejects the requests that have waited too long.
    pub(super) fn on_queue_timeout(&mut self, upstream_ref: UpstreamRef) {
        let now = self.schedule.now();
        self.balancers.queues_mut(upstream_ref).waiting.on_timeout();
        while let Some(waiting) = self
            .balancers
            .queues_mut(upstream_ref)
            .waiting
            .pop_expired(now)
        {
            self.leave_queue_of(upstream_ref, waiting.endpoint);
            self.reject(waiting.key, Rejection::QueueTimeout);
        }
        let queue = &mut self.balancers.queues_mut(upstream_ref).waiting;
        queue.watch(upstream_ref, &mut self.schedule);
    }

    /// A request was taken out of the queue of an endpoint, if it was in one.
    fn leave_queue_of(&mut self, upstream_ref: UpstreamRef, endpoint: Option<EndpointId>) {
        if let Some(id) = endpoint {
            self.balancers.upstream_mut(upstream_ref).on_unqueued(id);
        }
    }

    /// The balancer rejects the request itself.
    fn reject(&mut self, key: RequestKey, why: Rejection) {
        let outcome = Outcome::Rejected(why);
        self.flash(key, None, outcome);
        self.return_to_client(key, outcome);
    }

    // ===== the end of an attempt =====

    /// The attempt in flight ended with `response`: books it, then retries or returns the outcome.
    pub(super) fn finish_attempt(
        &mut self,
        key: RequestKey,
        response: ObservedResult,
        outcome: Outcome,
    ) {
        let request = self.requests.in_flight(key);
        // A checkout is a POST: sending it twice might buy twice.
        let idempotent = self.kind_of(request) != RequestKind::Checkout;
        let upstream = self.balancers.upstream(request.upstream_ref());
        let implementation = upstream.config().picker.implementation;
        let again = upstream.wants_retry(request.attempt(), response, idempotent);
        self.end_attempt(key, response, again);
        let next = if again {
            self.try_again(key, response)
        } else {
            RetryOutcome::NotNow
        };
        match next {
            RetryOutcome::Sent => {}
            // nginx asks for another server, finds none, and says 502 "no live upstreams" instead of
            // handing on the answer that it has. HAProxy and Envoy say 503.
            RetryOutcome::Nobody
                if matches!(
                    implementation,
                    Implementation::Nginx | Implementation::Haproxy | Implementation::Envoy
                ) =>
            {
                self.reject(key, Rejection::NoEndpoint);
            }
            RetryOutcome::Nobody | RetryOutcome::NotNow => self.return_to_client(key, outcome),
        }
    }

    /// Sends a request to another endpoint, if one is left and the budget has room.
    fn try_again(&mut self, key: RequestKey, response: ObservedResult) -> RetryOutcome {
        let request = self.requests.in_flight(key);
        let (upstream_ref, last) = (request.upstream_ref(), request.attempt_endpoint());
        self.requests.extra_mut(key).tried.push(last);
        let tried = self.requests.tried(key);
        let upstream = self.balancers.upstream_mut(upstream_ref);
        let waits = upstream.config().queue.is_some() && upstream.is_saturated(tried);
        if !waits && !upstream.has_candidate(tried) {
            return RetryOutcome::Nobody;
        }
        if !upstream.take_retry(self.schedule.now()) {
            return RetryOutcome::NotNow;
        }
        if waits {
            self.wait_at_balancer(key, None);
            return RetryOutcome::Sent;
        }
        let upstream = self.balancers.upstream(upstream_ref);
        if let Some(pause) = upstream.retry_pause(response) {
            let since = self.schedule.now();
            let until = since + pause;
            self.requests.in_flight_mut(key).drop_attempt();
            self.set_phase(key, Phase::AtBalancer { since, until });
            self.schedule.at(until, Event::Pick { key });
            return RetryOutcome::Sent;
        }
        match self.choose(key) {
            EndpointChoice::Endpoint(endpoint) => self.dispatch(key, endpoint),
            EndpointChoice::Full(queue) => self.wait_at_balancer(key, queue),
            EndpointChoice::Nobody => return RetryOutcome::Nobody,
        }
        RetryOutcome::Sent
    }
}

const fn reason(denial: DenyReason) -> Rejection {
    match denial {
        DenyReason::Unauthorized => Rejection::Unauthorized,
        DenyReason::Forbidden => Rejection::Forbidden,
        DenyReason::TooMany => Rejection::RateLimited,
    }
}
