//! What follows a try that ended: another one, or the way back to the client.

use super::Engine;
use crate::sim::balance::balancer::Response;
use crate::sim::fleet::spec::RequestKind;
use crate::sim::ids::RequestKey;
use crate::sim::metrics::outcome::Outcome;

impl Engine {
    /// The try under way came to `response`: books it, then tries again or returns the outcome.
    pub(super) fn conclude(&mut self, key: RequestKey, response: Response, outcome: Outcome) {
        let again = self.requests.get(key).is_some_and(|request| {
            // A checkout is a POST: sending it twice might buy twice.
            let kind = self.scenario.classes[request.draw.class.index()].kind;
            let idempotent = kind != RequestKind::Checkout;
            self.balancer
                .wants_retry(request.attempt, response, idempotent)
        });
        self.end_try(key, response, again);
        if !(again && self.try_again(key)) {
            self.return_to_client(key, outcome);
        }
    }

    /// Sends a request to somebody else; tells whether somebody was left and the budget had room.
    fn try_again(&mut self, key: RequestKey) -> bool {
        let Some(request) = self.requests.get_mut(key) else {
            return false;
        };
        if let Some(last) = request.current {
            request.tried.push(last.endpoint);
        }
        let waits =
            self.balancer.spec().queue.is_some() && self.balancer.is_saturated(&request.tried);
        let somebody = waits || self.balancer.has_candidate(&request.tried);
        if !somebody || !self.balancer.take_retry(self.now) {
            return false;
        }
        if waits {
            self.wait_at_balancer(key);
            return true;
        }
        let Some((endpoint, server)) = self.choose(key) else {
            return false;
        };
        self.dispatch(key, endpoint, server);
        true
    }
}
