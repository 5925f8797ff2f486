//! The queue at the balancer: requests that wait there while every usable endpoint is full.
//!
//! HAProxy's backend queue (src/queue.c, 2.6): first come, first served, to whichever endpoint has
//! room first; who waits too long is turned away.

use std::collections::VecDeque;

use super::Engine;
use super::event::Event;
use super::request::Phase;
use crate::sim::ids::RequestKey;
use crate::sim::metrics::outcome::{Outcome, Rejection};
use crate::sim::time::SimTime;

/// The requests that wait, first come first. The time-out is the same for all, so they also expire
/// in that order, and one event for the first is enough.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiting {
    queue: VecDeque<(SimTime, RequestKey)>,
    /// Whether the event is scheduled. It may come early, never late.
    watched: bool,
}

impl Waiting {
    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }
}

impl Engine {
    /// Nobody has room: the request waits, or is turned away where it may not.
    pub(super) fn wait_at_balancer(&mut self, key: RequestKey) {
        let room = self
            .balancer
            .spec()
            .queue
            .filter(|spec| self.waiting.queue.len() < spec.limit as usize);
        let Some(spec) = room else {
            return self.turn_away(key, Rejection::BalancerQueueFull);
        };
        let now = self.now;
        if let Some(request) = self.requests.get_mut(key) {
            request.current = None;
            request.phase = Phase::Queued { since: now };
            self.waiting.queue.push_back((now + spec.timeout_us, key));
            self.watch_waiting();
        }
    }

    /// Whoever waits and finds room goes.
    pub(super) fn admit_waiting(&mut self) {
        while !self.waiting.queue.is_empty() && self.balancer.has_candidate(&[]) {
            let next = self.waiting.queue.iter().position(|(_, key)| {
                let request = self.requests.get(*key);
                request.is_some_and(|request| self.balancer.has_candidate(&request.tried))
            });
            let Some((until, key)) = next.and_then(|place| self.waiting.queue.remove(place)) else {
                return;
            };
            let Some((endpoint, server)) = self.choose(key) else {
                self.waiting.queue.push_front((until, key));
                return;
            };
            self.dispatch(key, endpoint, server);
        }
    }

    /// Turns away who has waited too long.
    pub(super) fn on_waited(&mut self) {
        self.waiting.watched = false;
        while let Some(&(until, key)) = self.waiting.queue.front() {
            if until > self.now {
                break;
            }
            self.waiting.queue.pop_front();
            self.turn_away(key, Rejection::QueueTimeout);
        }
        self.watch_waiting();
    }

    fn watch_waiting(&mut self) {
        if let Some(&(until, _)) = self.waiting.queue.front()
            && !self.waiting.watched
        {
            self.waiting.watched = true;
            self.queue.push(until, Event::Waited);
        }
    }

    /// The balancer itself says no.
    pub(super) fn turn_away(&mut self, key: RequestKey, why: Rejection) {
        let outcome = Outcome::Rejected(why);
        self.flash(key, None, outcome);
        self.return_to_client(key, outcome);
    }
}
