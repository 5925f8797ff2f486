//! What follows an attempt that ended: a retry, or the way back to the client.

use super::Engine;
use crate::balance::algorithm::Implementation;
use crate::balance::upstream::ObservedResult;
use crate::fleet::spec::RequestKind;
use crate::ids::RequestKey;
use crate::metrics::outcome::{Outcome, Rejection};

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
    /// The attempt in flight ended with `response`: books it, then retries or returns the outcome.
    pub(super) fn conclude(&mut self, key: RequestKey, response: ObservedResult, outcome: Outcome) {
        let request = self.requests.in_flight(key);
        // A checkout is a POST: sending it twice might buy twice.
        let kind = self.scenario.classes[request.class().index()].kind;
        let idempotent = kind != RequestKind::Checkout;
        let upstream = self.balancers.upstream(request.upstream_ref());
        let again = upstream.wants_retry(request.attempt(), response, idempotent);
        self.end_try(key, response, again);
        let next = if again {
            self.try_again(key)
        } else {
            RetryOutcome::NotNow
        };
        match next {
            RetryOutcome::Sent => {}
            // nginx asks for another server, finds none, and says 502 "no live upstreams" instead of
            // handing on the answer that it has.
            RetryOutcome::Nobody if self.implementation(key) == Implementation::Nginx => {
                self.turn_away(key, Rejection::NoEndpoint);
            }
            RetryOutcome::Nobody | RetryOutcome::NotNow => self.return_to_client(key, outcome),
        }
    }

    /// Whose implementation of the algorithm picks for a request.
    fn implementation(&self, key: RequestKey) -> Implementation {
        let upstream_ref = self.requests.in_flight(key).upstream_ref();
        self.balancers.upstream(upstream_ref).spec().engine
    }

    /// Sends a request to another endpoint, if one is left and the budget has room.
    fn try_again(&mut self, key: RequestKey) -> RetryOutcome {
        let request = self.requests.in_flight(key);
        let (upstream_ref, last) = (request.upstream_ref(), request.trying());
        self.requests.extra_mut(key).tried.push(last);
        let tried = self.requests.tried(key);
        let upstream = self.balancers.upstream_mut(upstream_ref);
        let waits = upstream.spec().queue.is_some() && upstream.is_saturated(tried);
        if !waits && !upstream.has_candidate(tried) {
            return RetryOutcome::Nobody;
        }
        if !upstream.take_retry(self.schedule.now()) {
            return RetryOutcome::NotNow;
        }
        if waits {
            self.wait_at_balancer(key);
            return RetryOutcome::Sent;
        }
        let Some(endpoint) = self.choose(key) else {
            return RetryOutcome::Nobody;
        };
        self.dispatch(key, endpoint);
        RetryOutcome::Sent
    }
}
