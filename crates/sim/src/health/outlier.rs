//! Passive checks, or outlier detection: health from the results of real traffic.
//!
//! There are two rules for outlier ejection and degradation. A number of failed attempts in a row ejects an endpoint, for a time that grows with each
//! ejection in a row (Envoy's consecutive_5xx and base_ejection_time). A mean response time over a limit marks it
//! degraded until the mean falls below.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::active::CheckTransition;
use super::observe::{Observe, OnError};
use crate::field::schema::describe;
use crate::field::{scene_fields, span, whole};
use crate::time::{SimDuration, SimTime};

/// The settings of passive checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields, default)]
pub struct OutlierConfig {
    /// # Rule
    /// Whose rule says when real traffic takes a server out.
    pub rule: PassiveRule,
    /// # Failures in a row
    /// Envoy's rule: so many failed tries in a row eject a server.
    ///
    /// A failed try is a 5xx, refused, reset or timed out: Envoy's `consecutive_5xx`, which is 5 there.
    pub consecutive_failures: u32,
    /// # First ejection
    /// Envoy's rule: how long the first ejection lasts; the second in a row lasts twice as long.
    ///
    /// The n-th in a row lasts n times as long: Envoy's `base_ejection_time`, which is 30 s there.
    pub base_ejection_us: SimDuration,
    /// # Degraded over
    /// Beside Envoy's rule, and not part of it: a mean of the last ten answers over this marks a server
    /// degraded.
    pub degraded_over_us: SimDuration,
    /// # Most ejected
    /// Envoy's rule: nobody is ejected if that would be more than this part of all.
    ///
    /// Envoy's `max_ejection_percent`, which is 10 there.
    pub max_ejection_percent: u32,
    /// # Longest ejection
    /// Envoy's rule: no ejection lasts longer, but for a first one that is longer by itself.
    ///
    /// Envoy's `max_ejection_time`, which is 300 s there.
    pub max_ejection_us: SimDuration,
    /// # max_fails
    /// nginx's rule: failures that take a server out; 0 is never.
    pub max_fails: u32,
    /// # fail_timeout
    /// nginx's rule: how long a server is kept out after the last failure, until more than so many whole
    /// seconds have passed: up to one second longer.
    pub fail_timeout_s: u32,
    /// # Count 5xx
    /// nginx's rule: a 5xx that leads to another try is a failure.
    ///
    /// As with `http_500 http_503` in nginx's `proxy_next_upstream`. nginx hands the last answer to the client
    /// uncounted.
    pub count_server_errors: bool,
    /// # Observe
    /// HAProxy's rule: what of real traffic is watched. At L4 only connections can be.
    pub observe: Observe,
    /// # Error limit
    /// HAProxy's rule: how many errors in a row trigger what is done on error.
    pub error_limit: u32,
    /// # On error
    /// HAProxy's rule: what these errors do to the counter of the active checks, which must be on.
    pub on_error: OnError,
}

scene_fields!(OutlierConfig {
    consecutive_failures: whole(1, 1_000),
    base_ejection_us: span(1),
    degraded_over_us: span(1),
    max_ejection_percent: whole(0, 100).unit("%", 1),
    max_ejection_us: span(1),
    max_fails: whole(0, 1_000),
    fail_timeout_s: whole(0, 3_600).unit("s", 1),
    error_limit: whole(1, 1_000),
});

/// The rule by which real traffic takes an endpoint out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PassiveRule {
    /// # Failures in a row (Envoy)
    ///
    /// Failures in a row eject for a growing time (Envoy); slow answers degrade.
    #[default]
    Consecutive,
    /// # max_fails and fail_timeout (nginx)
    ///
    /// `max_fails` and `fail_timeout` ([`super::nginx_passive`]).
    Nginx,
    /// # observe (HAProxy)
    ///
    /// `observe`, on the counter of the active checks ([`super::observe`]).
    Haproxy,
}

impl Default for OutlierConfig {
    fn default() -> Self {
        Self {
            consecutive_failures: 3,
            base_ejection_us: SimDuration::from_secs(10),
            degraded_over_us: SimDuration::from_secs(5),
            max_ejection_percent: 100,
            max_ejection_us: SimDuration::from_secs(3_600),
            rule: PassiveRule::Consecutive,
            max_fails: 1,
            fail_timeout_s: 10,
            count_server_errors: false,
            observe: Observe::Layer7,
            error_limit: 10,
            on_error: OnError::FailCheck,
        }
    }
}

/// The change of health that an attempt or an answer made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthTransition {
    /// The endpoint is ejected for a time.
    Ejected {
        /// When the ejection ends.
        until: SimTime,
    },
    /// The endpoint is degraded from now on.
    Degraded,
    /// The endpoint is no longer degraded.
    Restored,
    /// The trial succeeded: the endpoint takes requests as before (nginx).
    Readmitted,
    /// Errors in a row acted on the counter of active checks, with this change.
    CheckMoved(Option<CheckTransition>),
}

/// The state of passive checks for one endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outlier {
    failures_in_row: u32,
    ejections_in_row: u32,
    ejected_until: Option<SimTime>,
    degraded: bool,
}

impl Outlier {
    /// Records a failed attempt. `others`: how many other endpoints are ejected, and how many endpoints there are in
    /// all.
    pub fn on_failure(
        &mut self,
        now: SimTime,
        config: &OutlierConfig,
        others: (usize, usize),
    ) -> Option<HealthTransition> {
        if self.ejected_until.is_some() {
            // Sent before the ejection, so it says nothing new.
            return None;
        }
        self.failures_in_row += 1;
        if self.failures_in_row < config.consecutive_failures.max(1) {
            return None;
        }
        self.failures_in_row = 0;
        let (ejected, all) = others;
        if (ejected + 1) * 100 > all * config.max_ejection_percent as usize {
            return None;
        }
        self.ejections_in_row += 1;
        let base = config.base_ejection_us;
        let longest = base.max(config.max_ejection_us);
        let until = now + base.times(u64::from(self.ejections_in_row)).min(longest);
        self.ejected_until = Some(until);
        Some(HealthTransition::Ejected { until })
    }

    /// Records an answered attempt; `recent_mean` is the mean response time of the last ten answers.
    pub fn on_answer(
        &mut self,
        recent_mean: Option<SimDuration>,
        config: &OutlierConfig,
    ) -> Option<HealthTransition> {
        self.failures_in_row = 0;
        if self.ejected_until.is_none() {
            self.ejections_in_row = 0;
        }
        let slow = recent_mean.is_some_and(|mean| mean > config.degraded_over_us);
        if slow == self.degraded {
            return None;
        }
        self.degraded = slow;
        Some(if slow {
            HealthTransition::Degraded
        } else {
            HealthTransition::Restored
        })
    }

    /// Ends the ejection if its time is over; returns whether it did.
    pub fn end_ejection(&mut self, now: SimTime) -> bool {
        let over = self.ejected_until.is_some_and(|until| now >= until);
        if over {
            self.ejected_until = None;
        }
        over
    }

    /// Clears the state, as when passive checks are turned off.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Whether the endpoint is ejected.
    #[must_use]
    pub const fn is_ejected(&self) -> bool {
        self.ejected_until.is_some()
    }

    /// When the ejection ends.
    #[must_use]
    pub const fn ejected_until(&self) -> Option<SimTime> {
        self.ejected_until
    }

    /// Whether the last attempt failed.
    #[must_use]
    pub const fn is_failing(&self) -> bool {
        self.failures_in_row > 0
    }

    /// The number of failed attempts in a row.
    #[must_use]
    pub const fn failures_in_row(&self) -> u32 {
        self.failures_in_row
    }

    /// Whether the endpoint is degraded, and so gets a smaller share.
    #[must_use]
    pub const fn is_degraded(&self) -> bool {
        self.degraded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> OutlierConfig {
        OutlierConfig {
            max_ejection_us: SimDuration::from_secs(30),
            ..OutlierConfig::default()
        }
    }

    /// Nobody else is ejected, and there is nobody else.
    const ALONE: (usize, usize) = (0, 1);

    fn fail_three(outlier: &mut Outlier, at: u64) -> Option<HealthTransition> {
        let now = SimTime::from_us(at * 1_000_000);
        assert_eq!(outlier.on_failure(now, &config(), ALONE), None);
        assert_eq!(outlier.on_failure(now, &config(), ALONE), None);
        outlier.on_failure(now, &config(), ALONE)
    }

    fn until(secs: u64) -> Option<HealthTransition> {
        Some(HealthTransition::Ejected {
            until: SimTime::from_us(secs * 1_000_000),
        })
    }

    #[test]
    fn three_failures_in_a_row_eject_for_longer_each_time() {
        let mut outlier = Outlier::default();
        assert_eq!(fail_three(&mut outlier, 0), until(10));
        assert!(!outlier.end_ejection(SimTime::from_us(9_999_999)));
        assert!(outlier.end_ejection(SimTime::from_us(10_000_000)));
        assert_eq!(fail_three(&mut outlier, 10), until(30));
        outlier.end_ejection(SimTime::from_us(30_000_000));
        outlier.on_answer(None, &config());
        assert_eq!(fail_three(&mut outlier, 40), until(50));
    }

    #[test]
    fn no_more_than_a_share_is_ejected_and_none_for_longer_than_the_limit() {
        let config = OutlierConfig {
            consecutive_failures: 1,
            max_ejection_percent: 50,
            ..config()
        };
        let mut outlier = Outlier::default();
        assert_eq!(outlier.on_failure(SimTime::ZERO, &config, (2, 4)), None);
        for (at, back) in [(0, 10), (10, 30), (30, 60), (60, 90)] {
            let now = SimTime::from_us(at * 1_000_000);
            outlier.end_ejection(now);
            assert_eq!(outlier.on_failure(now, &config, (1, 4)), until(back));
        }
    }

    #[test]
    fn an_answer_breaks_the_row() {
        let mut outlier = Outlier::default();
        outlier.on_failure(SimTime::ZERO, &config(), ALONE);
        outlier.on_failure(SimTime::ZERO, &config(), ALONE);
        assert!(outlier.is_failing());
        outlier.on_answer(None, &config());
        assert!(!outlier.is_failing());
        assert_eq!(outlier.on_failure(SimTime::ZERO, &config(), ALONE), None);
    }

    #[test]
    fn a_slow_mean_degrades_until_it_falls() {
        let mut outlier = Outlier::default();
        let answer = |outlier: &mut Outlier, secs| {
            outlier.on_answer(Some(SimDuration::from_secs(secs)), &config())
        };
        assert_eq!(answer(&mut outlier, 5), None);
        assert_eq!(answer(&mut outlier, 6), Some(HealthTransition::Degraded));
        assert_eq!(answer(&mut outlier, 6), None);
        assert_eq!(answer(&mut outlier, 5), Some(HealthTransition::Restored));
    }
}
