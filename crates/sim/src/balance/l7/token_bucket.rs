//! A token bucket: a rate limit. It limits requests at once (the burst), and requests a second in the long run. nginx
//! calls the same a leaky bucket.
//!
//! A request takes one token, and is refused where none is left. The bucket is full at first, holds
//! `burst` tokens at most, and is refilled all the time. (nginx's `limit_req … burst=N nodelay` lets
//! `N + 1` through at once, so it is a bucket of `N + 1`:
//! `ngx_http_limit_req_lookup` in `ngx_http_limit_req_module.c`.)
//!
//! All in whole numbers: a token is worth `TOKEN` parts, and a rate of `r` thousandths of a token a
//! second brings `r` parts each microsecond. Nothing is rounded, so the long-run rate is exact.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::field::schema::describe;
use crate::field::{scene_fields, whole};
use crate::time::SimTime;

/// The parts of one token: a thousand thousandths, times the microseconds of a second.
const TOKEN: u128 = 1_000 * 1_000_000;

/// The rate limit for one client address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// # Rate
    /// Requests in the long run; in the file in thousandths.
    ///
    /// 2500 is two and a half requests a second.
    pub rate_permille: u32,
    /// # Burst
    /// Requests at once: the size of the bucket.
    pub burst: u32,
}

scene_fields!(RateLimit {
    rate_permille: whole(1, 1_000_000_000)
        .unit("a second", 1_000)
        .example("5000"),
    burst: whole(1, 1_000_000).example("10"),
});

/// The token bucket of one client address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenBucket {
    parts: u128,
    at: SimTime,
}

impl TokenBucket {
    /// A bucket that is full.
    #[must_use]
    pub fn full(limit: &RateLimit, now: SimTime) -> Self {
        Self {
            parts: capacity(limit),
            at: now,
        }
    }

    /// Takes a token, if there is one.
    pub fn take(&mut self, limit: &RateLimit, now: SimTime) -> bool {
        self.fill(limit, now);
        let enough = self.parts >= TOKEN;
        if enough {
            self.parts -= TOKEN;
        }
        enough
    }

    /// The whole tokens in the bucket at `now`.
    #[must_use]
    pub fn tokens(mut self, limit: &RateLimit, now: SimTime) -> u32 {
        self.fill(limit, now);
        (self.parts / TOKEN) as u32
    }

    fn fill(&mut self, limit: &RateLimit, now: SimTime) {
        let passed = u128::from(now.since(self.at).as_us());
        self.parts = (self.parts + passed * u128::from(limit.rate_permille)).min(capacity(limit));
        self.at = now;
    }
}

fn capacity(limit: &RateLimit) -> u128 {
    u128::from(limit.burst) * TOKEN
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: RateLimit = RateLimit {
        rate_permille: 2_500,
        burst: 4,
    };

    fn at(us: u64) -> SimTime {
        SimTime::from_us(us)
    }

    #[test]
    fn a_burst_goes_through_and_the_next_must_wait_for_a_token() {
        let mut bucket = TokenBucket::full(&LIMIT, at(0));
        let taken = [0, 0, 0, 0, 0].map(|us| bucket.take(&LIMIT, at(us)));
        assert_eq!(taken, [true, true, true, true, false]);
        assert!(!bucket.take(&LIMIT, at(399_999)), "a token takes 0.4 s");
        assert!(bucket.take(&LIMIT, at(400_000)));
        assert!(!bucket.take(&LIMIT, at(400_001)));
    }

    #[test]
    fn it_holds_no_more_than_its_size() {
        let bucket = TokenBucket::full(&LIMIT, at(0));
        assert_eq!(bucket.tokens(&LIMIT, at(3_600_000_000_000)), 4);
    }

    #[test]
    fn the_long_run_rate_is_exact_however_often_it_is_asked() {
        // A third of a request a second, asked every 7 ms for 30,000 s.
        let limit = RateLimit {
            rate_permille: 333,
            burst: 1,
        };
        let mut bucket = TokenBucket::full(&limit, at(0));
        let mut through = 0_u64;
        for ask in 0..=30_000_000 / 7 {
            through += u64::from(bucket.take(&limit, at(ask * 7_000)));
        }
        // One at once, then 0.333 a second; each take comes at most one ask after its token, and
        // while the bucket is full for that long its refill is lost.
        let most = 1 + 30_000 * 333 / 1_000;
        assert!(through <= most, "{through} of {most}");
        assert!(
            most - through <= most * 7 / 3_000 + 1,
            "{through} of {most}"
        );
        // With room for what comes between two asks nothing is lost.
        let roomy = RateLimit { burst: 2, ..limit };
        let mut bucket = TokenBucket::full(&roomy, at(0));
        let through: u64 = (0..=30_000_000 / 7)
            .map(|ask| u64::from(bucket.take(&roomy, at(ask * 7_000))))
            .sum();
        assert!(through.abs_diff(2 + 30_000 * 333 / 1_000) <= 1, "{through}");
    }
}
