//! The pending queue of an upstream: requests that wait while every usable endpoint is full.
//!
//! HAProxy's backend queue (src/queue.c, 2.6): first come, first served, to the endpoint that has room first; a
//! request that waits too long is rejected.

use std::collections::VecDeque;

use super::Engine;
use super::event::Event;
use super::observer::Observed;
use super::request::Phase;
use crate::balance::spec::Layer;
use crate::fleet::client::ConnectionId;
use crate::ids::{EndpointId, RequestKey, UpstreamRef};
use crate::metrics::outcome::{Outcome, Rejection};
use crate::time::SimTime;

/// The waiting requests, first come first. The time-out is the same for all, so they also expire in that order, and
/// one event for the first is enough.
#[derive(Clone, Debug, Default)]
pub(super) struct PendingQueue {
    queue: VecDeque<(SimTime, RequestKey)>,
    /// Whether the time-out event is scheduled. It may come early, never late.
    watched: bool,
}

impl PendingQueue {
    /// How many requests wait.
    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    /// The waiting requests with their time-outs, first come first.
    #[cfg(debug_assertions)]
    pub(super) fn entries(&self) -> impl Iterator<Item = &(SimTime, RequestKey)> {
        self.queue.iter()
    }

    /// Whether the time-out event of the queue is scheduled.
    #[cfg(debug_assertions)]
    pub(super) const fn is_watched(&self) -> bool {
        self.watched
    }

    /// Reverses the queue: a defect, for the tests of the invariants.
    #[cfg(test)]
    pub(super) fn turn_round(&mut self) {
        self.queue.make_contiguous().reverse();
    }

    /// Empties the queue without telling the requests.
    pub(super) fn clear(&mut self) {
        self.queue.clear();
    }
}

impl Engine {
    /// No endpoint has room: the request waits, or is rejected where it may not wait.
    pub(super) fn wait_at_balancer(&mut self, key: RequestKey) {
        let upstream_ref = self.requests.in_flight(key).upstream_ref();
        let waiting = self.balancers.queues(upstream_ref).waiting.queue.len();
        let spec = self.balancers.upstream(upstream_ref).spec().queue;
        let room = spec.filter(|spec| waiting < spec.limit as usize);
        let Some(spec) = room else {
            return self.turn_away(key, Rejection::BalancerQueueFull);
        };
        let now = self.schedule.now();
        let request = self.requests.in_flight_mut(key);
        request.drop_try();
        request.set_phase(Phase::Queued { since: now });
        self.observe(Observed::Moved(key));
        let waiting = &mut self.balancers.queues_mut(upstream_ref).waiting;
        waiting.queue.push_back((now + spec.timeout_us, key));
        self.watch_waiting(upstream_ref);
    }

    /// Sends waiting requests to endpoints that have room.
    pub(super) fn admit_waiting(&mut self, upstream_ref: UpstreamRef) {
        while self.balancers.upstream(upstream_ref).has_candidate(&[]) {
            let queue = &self.balancers.queues(upstream_ref).waiting.queue;
            let next = queue.iter().position(|(_, key)| {
                let tried = self.requests.tried(*key);
                self.balancers.upstream(upstream_ref).has_candidate(tried)
            });
            let Some(place) = next else {
                // Whoever has room was tried before by all who wait.
                return;
            };
            let queue = &mut self.balancers.queues_mut(upstream_ref).waiting.queue;
            let (until, key) = queue.remove(place).expect("the place was just found");
            let Some(endpoint) = self.choose(key) else {
                // An algorithm may pass over whoever has room; the request keeps its turn.
                let queue = &mut self.balancers.queues_mut(upstream_ref).waiting.queue;
                queue.insert(place, (until, key));
                return;
            };
            self.dispatch(key, endpoint);
        }
    }

    /// A request was sent, and at L4 its connection is bound: requests that wait on the same connection, in any pool
    /// and at either balancer of a pair, go to the same server and take no more room.
    pub(super) fn admit_tied(&mut self, key: RequestKey, endpoint: EndpointId) {
        let connection = self.requests.in_flight(key).connection;
        let balancer = self.balancers.upstream_ref_of(endpoint).balancer;
        let alone = self.clients.connection(connection).open == 1;
        let spec = self.balancers.get(balancer).spec();
        if alone || spec.layer != Layer::L4 || spec.queue.is_none() {
            return;
        }
        for upstream_ref in self.balancers.upstream_refs() {
            while let Some(key) = self.take_waiting_on(upstream_ref, connection) {
                let own = self.balancers.same_server(endpoint, upstream_ref.balancer);
                let own = own.expect("both of a pair know the servers of their site");
                self.send(key, own);
            }
        }
    }

    /// Takes the first request on a connection out of a queue.
    fn take_waiting_on(
        &mut self,
        upstream_ref: UpstreamRef,
        connection: ConnectionId,
    ) -> Option<RequestKey> {
        let requests = &self.requests;
        let on_it = |key| requests.in_flight(key).connection == connection;
        let queue = &mut self.balancers.queues_mut(upstream_ref).waiting.queue;
        let place = queue.iter().position(|(_, key)| on_it(*key))?;
        queue.remove(place).map(|(_, key)| key)
    }

    /// Rejects the requests that have waited too long.
    pub(super) fn on_queue_timeout(&mut self, upstream_ref: UpstreamRef) {
        self.balancers.queues_mut(upstream_ref).waiting.watched = false;
        while let Some(&(until, key)) = self.balancers.queues(upstream_ref).waiting.queue.front() {
            if until > self.schedule.now() {
                break;
            }
            self.balancers
                .queues_mut(upstream_ref)
                .waiting
                .queue
                .pop_front();
            self.turn_away(key, Rejection::QueueTimeout);
        }
        self.watch_waiting(upstream_ref);
    }

    fn watch_waiting(&mut self, upstream_ref: UpstreamRef) {
        let waiting = &mut self.balancers.queues_mut(upstream_ref).waiting;
        if let Some(&(until, _)) = waiting.queue.front()
            && !waiting.watched
        {
            waiting.watched = true;
            self.schedule
                .at(until, Event::QueueTimeout { upstream_ref });
        }
    }

    /// The balancer rejects the request itself.
    pub(super) fn turn_away(&mut self, key: RequestKey, why: Rejection) {
        let outcome = Outcome::Rejected(why);
        self.flash(key, None, outcome);
        self.return_to_client(key, outcome);
    }
}
