//! Retries at L7: when a request that came to nothing is sent again, to another endpoint.
//!
//! The rules are those of nginx's `proxy_next_upstream` (nginx 1.22.1,
//! `ngx_http_upstream_test_next`): never the same server twice, and what is not idempotent is not
//! sent again once it was sent: here a checkout, in nginx any POST, LOCK or PATCH. The budget is
//! Finagle's (`RetryBudget`): retries are at most a share of the requests of the last ten seconds, so
//! that they cannot multiply an overload.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::time::SimTime;

/// Over how many seconds a budget looks back.
const SECONDS: u64 = 10;

/// What a try can come to that another try may mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryOn {
    /// Nobody listened: the request was never sent.
    Refused,
    /// The server died with the request on it.
    Reset,
    /// No answer came within the request timeout.
    TimedOut,
    /// The server answered 500.
    ServerError,
    /// The server answered 503: its queue was full.
    QueueFull,
}

/// When a request is tried again. Only at L7: at L4 the balancer cannot tell requests apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetrySpec {
    /// The most tries for one request, the first included: 1 is no retry.
    pub tries: u32,
    /// What leads to another try.
    pub on: Vec<RetryOn>,
    /// Retries of the last ten seconds as a share of the requests of that time, in thousandths;
    /// `None` is no bound.
    pub budget_permille: Option<u32>,
    /// Whether a checkout may be sent again once it was sent (nginx: any POST, LOCK or PATCH, a gRPC
    /// call too). One that was refused was never sent.
    pub non_idempotent: bool,
}

impl Default for RetrySpec {
    /// Off. What would be tried again is nginx's `error timeout`.
    fn default() -> Self {
        Self {
            tries: 1,
            on: vec![RetryOn::Refused, RetryOn::Reset, RetryOn::TimedOut],
            budget_permille: None,
            non_idempotent: false,
        }
    }
}

/// One second of requests and retries.
#[derive(Clone, Copy, Debug)]
struct Second {
    number: u64,
    requests: u64,
    retries: u64,
}

/// What was sent in the last ten seconds, in whole seconds, the present one included.
#[derive(Clone, Debug, Default)]
pub struct RetryBudget {
    seconds: VecDeque<Second>,
}

impl RetryBudget {
    /// A request was picked for, for the first time.
    pub fn on_request(&mut self, now: SimTime) {
        self.at(now).requests += 1;
    }

    /// Asks for one more retry; if there is room it is taken.
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

    /// The present second; older ones than the last ten go.
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
            budget_permille: Some(200),
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
