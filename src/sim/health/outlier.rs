//! Passive checks: what real traffic says of an endpoint.
//!
//! Two rules. A number of failed tries in a row ejects it, for a time that grows with each ejection
//! in a row (Envoy's consecutive_5xx and base_ejection_time). A mean response time over a limit
//! marks it degraded until the mean falls below.

use serde::{Deserialize, Serialize};

use crate::sim::time::{SimTime, Span};

/// The rules of passive checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutlierConfig {
    /// Failed tries in a row (5xx, refused, reset, timed out) that eject. At least 1.
    pub consecutive_failures: u32,
    /// How long the first ejection lasts; the n-th in a row lasts n times as long.
    pub base_ejection_us: Span,
    /// A mean response time of the last ten answers over this marks the endpoint degraded.
    pub degraded_over_us: Span,
}

impl Default for OutlierConfig {
    fn default() -> Self {
        Self {
            consecutive_failures: 3,
            base_ejection_us: Span::from_secs(10),
            degraded_over_us: Span::from_secs(5),
        }
    }
}

/// What a try or an answer changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Ejected until then.
    Ejected {
        /// When the ejection ends.
        until: SimTime,
    },
    /// From now on degraded.
    Degraded,
    /// No longer degraded.
    Restored,
}

/// What passive checks hold against one endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outlier {
    failures_in_row: u32,
    ejections_in_row: u32,
    ejected_until: Option<SimTime>,
    degraded: bool,
}

impl Outlier {
    /// A try failed.
    pub fn on_failure(&mut self, now: SimTime, config: &OutlierConfig) -> Option<Verdict> {
        if self.ejected_until.is_some() {
            // Sent before the ejection, so it says nothing new.
            return None;
        }
        self.failures_in_row += 1;
        if self.failures_in_row < config.consecutive_failures.max(1) {
            return None;
        }
        self.failures_in_row = 0;
        self.ejections_in_row += 1;
        let until = now
            + config
                .base_ejection_us
                .times(u64::from(self.ejections_in_row));
        self.ejected_until = Some(until);
        Some(Verdict::Ejected { until })
    }

    /// A try was answered; `recent_mean` is the mean response time of the last ten answers.
    pub fn on_answer(
        &mut self,
        recent_mean: Option<Span>,
        config: &OutlierConfig,
    ) -> Option<Verdict> {
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
            Verdict::Degraded
        } else {
            Verdict::Restored
        })
    }

    /// Ends the ejection if its time has come; tells whether it did.
    pub fn end_ejection(&mut self, now: SimTime) -> bool {
        let over = self.ejected_until.is_some_and(|until| now >= until);
        if over {
            self.ejected_until = None;
        }
        over
    }

    /// Forgets everything, as when passive checks are switched off.
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

    /// Whether the last try failed.
    #[must_use]
    pub const fn is_failing(&self) -> bool {
        self.failures_in_row > 0
    }

    /// How many tries failed in a row.
    #[must_use]
    pub const fn failures_in_row(&self) -> u32 {
        self.failures_in_row
    }

    /// Whether answers are so slow that it gets less.
    #[must_use]
    pub const fn is_degraded(&self) -> bool {
        self.degraded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: OutlierConfig = OutlierConfig {
        consecutive_failures: 3,
        base_ejection_us: Span::from_secs(10),
        degraded_over_us: Span::from_secs(5),
    };

    fn fail_three(outlier: &mut Outlier, at: u64) -> Option<Verdict> {
        let now = SimTime::from_us(at * 1_000_000);
        assert_eq!(outlier.on_failure(now, &CONFIG), None);
        assert_eq!(outlier.on_failure(now, &CONFIG), None);
        outlier.on_failure(now, &CONFIG)
    }

    fn until(secs: u64) -> Option<Verdict> {
        Some(Verdict::Ejected {
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
        outlier.on_answer(None, &CONFIG);
        assert_eq!(fail_three(&mut outlier, 40), until(50));
    }

    #[test]
    fn an_answer_breaks_the_row() {
        let mut outlier = Outlier::default();
        outlier.on_failure(SimTime::ZERO, &CONFIG);
        outlier.on_failure(SimTime::ZERO, &CONFIG);
        assert!(outlier.is_failing());
        outlier.on_answer(None, &CONFIG);
        assert!(!outlier.is_failing());
        assert_eq!(outlier.on_failure(SimTime::ZERO, &CONFIG), None);
    }

    #[test]
    fn a_slow_mean_degrades_until_it_falls() {
        let mut outlier = Outlier::default();
        let answer =
            |outlier: &mut Outlier, secs| outlier.on_answer(Some(Span::from_secs(secs)), &CONFIG);
        assert_eq!(answer(&mut outlier, 5), None);
        assert_eq!(answer(&mut outlier, 6), Some(Verdict::Degraded));
        assert_eq!(answer(&mut outlier, 6), None);
        assert_eq!(answer(&mut outlier, 5), Some(Verdict::Restored));
    }
}
