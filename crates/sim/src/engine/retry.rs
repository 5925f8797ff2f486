//! What follows a try that ended: another one, or the way back to the client.

use super::Engine;
use crate::balance::algorithm::Implementation;
use crate::balance::upstream::ObservedResult;
use crate::fleet::spec::RequestKind;
use crate::ids::RequestKey;
use crate::metrics::outcome::{Outcome, Rejection};

/// What became of the wish to try again.
enum RetryOutcome {
    /// It goes to somebody, or waits for one.
    Sent,
    /// Nobody is left.
    Nobody,
    /// There is no wish, or no room in the budget.
    NotNow,
}

impl Engine {
    /// The try under way came to `response`: books it, then tries again or returns the outcome.
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

    /// Whose form of the algorithm picks for a request.
    fn implementation(&self, key: RequestKey) -> Implementation {
        let upstream_ref = self.requests.in_flight(key).upstream_ref();
        self.balancers.upstream(upstream_ref).spec().engine
    }

    /// Sends a request to somebody else, if somebody is left and the budget has room.
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
        if !upstream.take_retry(self.now) {
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
