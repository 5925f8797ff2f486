//! Outlier ejection (outlier detection): failed attempts in a row take an endpoint out for a time.
//!
//! Source: Envoy 1.40, `consecutive_5xx`, `base_ejection_time`, `max_ejection_time` and `max_ejection_percent` in
//! source/common/upstream/outlier_detection_impl.cc. Beside Envoy's rule, and not part of it, a mean response time over
//! a limit marks an endpoint degraded until the mean falls below.

use super::active::CheckTransition;
use crate::time::{SimDuration, SimTime};

/// The settings of outlier ejection: Envoy's rule, and degradation beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutlierConfig {
    /// The number of failed attempts in a row that eject an endpoint. At least 1.
    pub consecutive_failures: u32,
    /// The length of the first ejection; the n-th in a row lasts n times as long.
    pub base_ejection: SimDuration,
    /// The mean response time of the last ten answers over which an endpoint is degraded.
    pub degraded_over: SimDuration,
    /// The largest part of all endpoints that may be ejected at once, in percent.
    pub max_ejection_percent: u32,
    /// The longest an ejection lasts, except for a first one that is longer by itself.
    pub max_ejection: SimDuration,
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

/// The state of outlier ejection for one endpoint.
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
        let base = config.base_ejection;
        let longest = base.max(config.max_ejection);
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
        let slow = recent_mean.is_some_and(|mean| mean > config.degraded_over);
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
            consecutive_failures: 3,
            base_ejection: SimDuration::from_secs(10),
            degraded_over: SimDuration::from_secs(5),
            max_ejection_percent: 100,
            max_ejection: SimDuration::from_secs(30),
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
