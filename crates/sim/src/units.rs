//! Numbers that carry their unit. Times are in [`crate::time`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A share or a factor, in thousandths: 300 is 30 %, 4,000 is four times.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Permille(pub u32);

impl Permille {
    /// All of it; a factor of one.
    pub const ONE: Self = Self(1_000);

    /// The share or factor as a number: 0.3 for 30 %.
    #[must_use]
    pub fn ratio(self) -> f64 {
        f64::from(self.0) / 1_000.0
    }
}

impl From<Permille> for u64 {
    fn from(value: Permille) -> Self {
        Self::from(value.0)
    }
}

impl From<Permille> for u128 {
    fn from(value: Permille) -> Self {
        Self::from(value.0)
    }
}

/// A request rate, in thousandths of a request a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MilliRps(pub u64);

impl MilliRps {
    /// The nearest rate to `rps` requests a second.
    #[must_use]
    pub fn from_rps(rps: f64) -> Self {
        Self((rps * 1_000.0 + 0.5) as u64)
    }

    /// The rate in requests a second.
    #[must_use]
    pub fn rps(self) -> f64 {
        self.0 as f64 / 1_000.0
    }
}
