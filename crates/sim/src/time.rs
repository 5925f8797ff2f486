//! Simulated time in whole microseconds.

use std::ops::{Add, Sub};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A point of simulated time: microseconds since the start of the run.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct SimTime(u64);

/// A length of simulated time in microseconds.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(transparent)]
pub struct SimDuration(u64);

impl SimTime {
    /// The start of every run.
    pub const ZERO: Self = Self(0);
    /// Later than any event: about 142 years, the most that the event queue can order.
    pub const FAR: Self = Self((1 << 52) - 1);

    /// The time `us` microseconds after the start.
    #[must_use]
    pub const fn from_us(us: u64) -> Self {
        Self(us)
    }

    /// Microseconds since the start.
    #[must_use]
    pub const fn as_us(self) -> u64 {
        self.0
    }

    /// Seconds since the start, for showing; never for deciding.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// Whole seconds since the start: the clock of nginx's `fail_timeout`.
    #[must_use]
    pub const fn whole_secs(self) -> u64 {
        self.0 / 1_000_000
    }

    /// The span since `earlier`, zero if that lies in the future.
    #[must_use]
    pub const fn since(self, earlier: Self) -> SimDuration {
        SimDuration(self.0.saturating_sub(earlier.0))
    }
}

impl SimDuration {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of `us` microseconds.
    #[must_use]
    pub const fn from_us(us: u64) -> Self {
        Self(us)
    }

    /// A span of `ms` milliseconds.
    #[must_use]
    pub const fn from_ms(ms: u64) -> Self {
        Self(ms * 1_000)
    }

    /// A span of `secs` seconds.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs * 1_000_000)
    }

    /// The length in microseconds.
    #[must_use]
    pub const fn as_us(self) -> u64 {
        self.0
    }

    /// Seconds, for showing; never for deciding.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// This span `times` over, at most [`SimTime::FAR`].
    #[must_use]
    pub const fn times(self, times: u64) -> Self {
        let us = self.0.saturating_mul(times);
        if us > SimTime::FAR.0 {
            Self(SimTime::FAR.0)
        } else {
            Self(us)
        }
    }

    /// This span scaled by `num / den`, rounded down; `den` must not be 0.
    #[must_use]
    pub fn scaled(self, num: u64, den: u64) -> Self {
        let us = u128::from(self.0) * u128::from(num) / u128::from(den);
        Self(
            u64::try_from(us)
                .unwrap_or(SimTime::FAR.0)
                .min(SimTime::FAR.0),
        )
    }
}

impl Add<SimDuration> for SimTime {
    type Output = Self;
    fn add(self, span: SimDuration) -> Self {
        Self(self.0.saturating_add(span.0).min(Self::FAR.0))
    }
}

impl Add for SimDuration {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for SimDuration {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates_instead_of_wrapping() {
        assert_eq!(SimTime::FAR + SimDuration::from_secs(1), SimTime::FAR);
        assert_eq!(SimTime::ZERO.since(SimTime::from_us(5)), SimDuration::ZERO);
        assert_eq!(
            SimDuration::from_secs(2).scaled(3, 2),
            SimDuration::from_secs(3)
        );
        assert_eq!(
            SimDuration::from_us(u64::MAX).times(9),
            SimDuration::from_us(SimTime::FAR.as_us())
        );
    }

    #[test]
    fn whole_seconds_round_down() {
        assert_eq!(SimTime::from_us(2_999_999).whole_secs(), 2);
        assert_eq!(SimTime::from_us(3_000_000).whole_secs(), 3);
    }
}
