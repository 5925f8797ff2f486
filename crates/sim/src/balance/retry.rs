//! Retries at L7: when a failed request is sent again.
//!
//! The rules are those of nginx's `proxy_next_upstream` (nginx 1.22.1, `ngx_http_upstream_test_next`): never the
//! same server twice (HAProxy's other rule is in [`super::upstream`]), and a request that is not idempotent is not
//! sent again once it was sent: here a checkout, in nginx any POST, LOCK or PATCH. The budget is Finagle's
//! (`RetryBudget`): retries are at most a share of the requests of the last ten seconds, so that they cannot
//! multiply an overload.

use std::collections::VecDeque;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::field::schema::describe;
use crate::field::{scene_fields, set, whole};
use crate::time::SimTime;
use crate::units::Permille;

/// The number of seconds that a budget looks back.
const SECONDS: u64 = 10;

/// The failures of an attempt that may lead to a retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RetryOn {
    /// # Refused: nobody listened
    ///
    /// No process listened: the request was never sent.
    Refused,
    /// # Reset: the server died on it
    ///
    /// The server died while it had the request.
    Reset,
    /// # Timed out
    ///
    /// No answer came within the request timeout.
    TimedOut,
    /// # 500 from the server
    ///
    /// The server answered 500.
    ServerError,
    /// # 503: its queue was full
    ///
    /// The server answered 503: its queue was full.
    QueueFull,
}

/// The retry policy of a balancer. Only at L7: at L4 it cannot tell requests apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields, default)]
pub struct RetrySpec {
    /// # Tries
    /// The most tries for one request, the first included: 1 is no retry.
    pub tries: u32,
    /// # Try again after
    /// What leads to another try.
    pub on: Vec<RetryOn>,
    /// # Retry budget
    /// Retries of the last ten seconds as a part of the requests of that time. Without it there is no bound. In
    /// the file in thousandths.
    pub budget_permille: Option<Permille>,
    /// # Checkouts too
    /// A checkout may be sent again once it was sent.
    ///
    /// nginx's `non_idempotent` means any POST, LOCK or PATCH, a gRPC call too. A request that was refused was
    /// never sent.
    pub non_idempotent: bool,
}

scene_fields!(RetrySpec {
    tries: whole(1, 100),
    on: set(0),
    budget_permille: whole(0, 1_000).unit("%", 10).example("200"),
});

impl RetrySpec {
    /// Whether a failed request may go to another server (HAProxy's `option redispatch`).
    #[must_use]
    pub fn redispatches(&self) -> bool {
        self.tries > 1 && !self.on.is_empty()
    }
}

impl Default for RetrySpec {
    /// Retries are off. The failures are those of nginx's `error timeout`.
    fn default() -> Self {
        Self {
            tries: 1,
            on: vec![RetryOn::Refused, RetryOn::Reset, RetryOn::TimedOut],
            budget_permille: None,
            non_idempotent: false,
        }
    }
}

/// The requests and retries of one second.
#[derive(Clone, Copy, Debug)]
struct Second {
    number: u64,
    requests: u64,
    retries: u64,
}

/// The requests and retries of the last ten seconds, in whole seconds, including the present one.
#[derive(Clone, Debug, Default)]
pub struct RetryBudget {
    seconds: VecDeque<Second>,
}

impl RetryBudget {
    /// Counts a request that was picked for, for the first time.
    pub fn on_request(&mut self, now: SimTime) {
        self.at(now).requests += 1;
    }

    /// Takes one retry from the budget; returns whether there was room.
    pub fn take(&mut self, now: SimTime, spec: &RetrySpec) -> bool {
        self.at(now);
        let sum = |part: fn(&Second) -> u64| self.seconds.iter().map(part).sum::<u64>();
        let (requests, retries) = (sum(|one| one.requests), sum(|one| one.retries));
        let room = spec
            .budget_permille
            .is_none_or(|permille| (retries + 1) * 1_000 <= requests * u64::from(permille));
        if room {
            self.at(now).retries += 1;
        }
        room
    }

    /// The counts of the present second; seconds older than the last ten are dropped.
    fn at(&mut self, now: SimTime) -> &mut Second {
        let number = now.whole_secs();
        let is_old = |one: &Second| one.number + SECONDS <= number;
        while self.seconds.front().is_some_and(is_old) {
            self.seconds.pop_front();
        }
        if self.seconds.back().is_none_or(|last| last.number != number) {
            self.seconds.push_back(Second {
                number,
                requests: 0,
                retries: 0,
            });
        }
        self.seconds.back_mut().expect("one was just put in")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimDuration;

    fn at(secs: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(secs)
    }

    #[test]
    fn a_fifth_of_the_last_ten_seconds_may_be_tried_again() {
        let spec = RetrySpec {
            budget_permille: Some(Permille(200)),
            ..RetrySpec::default()
        };
        let mut budget = RetryBudget::default();
        assert!(!budget.take(at(0), &spec), "nothing was asked yet");
        for _ in 0..10 {
            budget.on_request(at(0));
        }
        let taken = (0..5).filter(|_| budget.take(at(3), &spec)).count();
        assert_eq!(taken, 2);
        assert!(!budget.take(at(9), &spec));
        for _ in 0..5 {
            budget.on_request(at(10));
        }
        // Second 0 is forgotten: 5 requests and 2 retries are left.
        assert!(!budget.take(at(10), &spec));
        assert!(budget.take(at(13), &spec));
    }

    #[test]
    fn without_a_budget_there_is_always_room() {
        let mut budget = RetryBudget::default();
        assert!((0..100).all(|_| budget.take(at(0), &RetrySpec::default())));
    }
}
