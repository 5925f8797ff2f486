//! Slow start: an endpoint that comes back gets a growing share of its weight.
//!
//! Sources: HAProxy 2.6, `server_recalc_eweight` and `server_warmup` in src/server.c; Envoy,
//! docs/root/intro/arch_overview/upstream/load_balancing/slow_start.rst; nginx's `slow_start` (from
//! 0 to the whole weight over the time) and AWS ALB's are linear.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::endpoint::WEIGHT_UNIT;
use crate::field::schema::describe;
use crate::field::{PART, scene_fields, span, whole};
use crate::time::{SimDuration, SimTime};
use crate::units::Permille;

/// The number of steps of a window; HAProxy's steps are at least a second long.
const STEPS: u64 = 20;
/// HAProxy counts shares of a weight in sixteenths during slow start.
const SIXTEENTHS: u64 = 16;

/// The curve by which the share grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(rename_all = "snake_case")]
pub enum SlowStartCurve {
    /// # Evenly (nginx, AWS)
    ///
    /// Grows with time (nginx, AWS ALB).
    #[default]
    Linear,
    /// # By whole seconds, in sixteenths (HAProxy)
    ///
    /// Grows with whole seconds, in sixteenths of the weight, the first at once.
    Haproxy,
    /// # By a curve (Envoy)
    ///
    /// Grows with time to the power of 1 / aggression, from a minimum on.
    Envoy(EnvoySlowStartCurve),
}

scene_fields!(enum SlowStartCurve, "" {
    Envoy(envoy: PART.told("The curve", "")),
});

/// The parameters of Envoy's rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields, default)]
pub struct EnvoySlowStartCurve {
    /// # Aggression
    /// 1 is even, more begins faster; in the file in thousandths.
    pub aggression_permille: Permille,
    /// # Least share
    /// The share that it begins with.
    pub min_percent: u32,
}

scene_fields!(EnvoySlowStartCurve {
    aggression_permille: whole(1, 1_000_000).unit("", 1_000),
    min_percent: whole(0, 100).unit("%", 1),
});

impl Default for EnvoySlowStartCurve {
    fn default() -> Self {
        Self {
            aggression_permille: Permille::ONE,
            min_percent: 10,
        }
    }
}

/// The settings of slow start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields)]
pub struct SlowStart {
    /// # Window
    /// How long a server takes to reach its whole share. In HAProxy's form at least a second.
    pub window_us: SimDuration,
    /// # Shape
    /// How the share grows.
    #[serde(default)]
    pub shape: SlowStartCurve,
}

scene_fields!(SlowStart {
    window_us: span(1_000).example("30000000"),
    shape: PART,
});

impl SlowStart {
    /// The share at `now`, in 1/[`WEIGHT_UNIT`], of an endpoint whose slow start began at `since`; `None` at full
    /// weight.
    #[must_use]
    pub fn share(&self, since: SimTime, now: SimTime) -> Option<u32> {
        let gone = now.since(since);
        let unit = u64::from(WEIGHT_UNIT);
        let share = match self.shape {
            // Whole seconds of the clock, not of the time that passed: it compares `now.tv_sec`.
            SlowStartCurve::Haproxy => {
                let whole = self.window_us.as_us() / 1_000_000;
                let secs = now.whole_secs() - since.whole_secs();
                if secs >= whole {
                    return None;
                }
                let sixteenths = (SIXTEENTHS * secs + whole) / whole;
                sixteenths.min(SIXTEENTHS) * unit / SIXTEENTHS
            }
            _ if gone >= self.window_us => return None,
            SlowStartCurve::Linear => gone.as_us() * unit / self.window_us.as_us(),
            SlowStartCurve::Envoy(shape) => {
                let part = gone.as_us().max(1) as f64 / self.window_us.as_us() as f64;
                let grown = libm::pow(part, 1_000.0 / f64::from(shape.aggression_permille.0));
                let share = grown.max(f64::from(shape.min_percent) / 100.0);
                libm::round(share * f64::from(WEIGHT_UNIT)) as u64
            }
        };
        Some(
            u32::try_from(share)
                .unwrap_or(WEIGHT_UNIT)
                .clamp(1, WEIGHT_UNIT),
        )
    }

    /// The time between two changes of a share.
    #[must_use]
    pub fn step(&self) -> SimDuration {
        let step = self.window_us.scaled(1, STEPS);
        match self.shape {
            SlowStartCurve::Haproxy => step.max(SimDuration::from_secs(1)),
            _ => step.max(SimDuration::from_us(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(shape: SlowStartCurve, at_ms: &[u64]) -> Vec<Option<u32>> {
        let rule = SlowStart {
            window_us: SimDuration::from_secs(10),
            shape,
        };
        let since = SimTime::ZERO + SimDuration::from_secs(3);
        let share = |ms: &u64| rule.share(since, since + SimDuration::from_ms(*ms));
        at_ms.iter().map(share).collect()
    }

    #[test]
    fn haproxy_shows_the_weights_of_the_recorded_trace() {
        // haproxy_slowstart_10s: weight 100, `show servers state` each second.
        let seen: Vec<u32> = shares(
            SlowStartCurve::Haproxy,
            &[0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000],
        )
        .into_iter()
        .flatten()
        .map(|share| (100 * share).div_ceil(WEIGHT_UNIT))
        .collect();
        assert_eq!(seen, [7, 13, 25, 32, 44, 57, 63]);
        assert_eq!(
            shares(SlowStartCurve::Haproxy, &[9_999, 10_000]),
            [Some(375), None]
        );
    }

    #[test]
    fn linear_grows_with_time_and_begins_above_nothing() {
        let seen = shares(SlowStartCurve::Linear, &[0, 2_500, 9_500, 10_000]);
        assert_eq!(seen, [Some(1), Some(100), Some(380), None]);
    }

    #[test]
    fn envoy_begins_at_its_minimum_and_aggression_hurries() {
        let rule = |aggression| {
            SlowStartCurve::Envoy(EnvoySlowStartCurve {
                aggression_permille: Permille(aggression),
                min_percent: 10,
            })
        };
        let seen = shares(rule(1_000), &[0, 500, 5_000, 10_000]);
        assert_eq!(seen, [Some(40), Some(40), Some(200), None]);
        // The square root of a quarter is a half.
        assert_eq!(shares(rule(2_000), &[2_500]), [Some(200)]);
    }
}
