//! The distribution of response times over a whole run.

use hdrhistogram::Histogram;

use super::recorder::{Percentiles, percentiles};
use crate::time::SimDuration;

/// A histogram of response times: mean and percentiles. It grows with the longest time recorded; up to an hour that is
/// 13 KB.
#[derive(Clone, Debug)]
pub struct LatencyHistogram {
    histogram: Histogram<u32>,
    count: u64,
    sum_us: u128,
}

impl Default for LatencyHistogram {
    fn default() -> Self {
        Self {
            histogram: Histogram::new(2).expect("two digits are allowed"),
            count: 0,
            sum_us: 0,
        }
    }
}

impl LatencyHistogram {
    /// Records one response time.
    pub fn record(&mut self, took: SimDuration) {
        self.count += 1;
        self.sum_us += u128::from(took.as_us());
        // It can only fail where it may not grow, and it may.
        let _ = self.histogram.record(took.as_us().max(1));
    }

    /// About how many bytes a copy takes.
    #[must_use]
    pub fn footprint(&self) -> usize {
        size_of::<Self>() + self.histogram.distinct_values() * size_of::<u32>()
    }

    /// The number of recorded times.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The mean, rounded down to a microsecond; `None` if nothing was recorded.
    #[must_use]
    pub fn mean(&self) -> Option<SimDuration> {
        let mean = self.sum_us.checked_div(u128::from(self.count))?;
        Some(SimDuration::from_us(
            u64::try_from(mean).unwrap_or(u64::MAX),
        ))
    }

    /// The percentiles, within 1 %; `None` if nothing was recorded.
    #[must_use]
    pub fn percentiles(&self) -> Option<Percentiles> {
        percentiles(&self.histogram)
    }
}

/// The histogram number `index` of a list that grows on demand.
pub(super) fn at(list: &mut Vec<LatencyHistogram>, index: usize) -> &mut LatencyHistogram {
    if list.len() <= index {
        list.resize_with(index + 1, LatencyHistogram::default);
    }
    &mut list[index]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_a_microsecond_to_an_hour_within_a_hundredth() {
        let mut spread = LatencyHistogram::default();
        assert_eq!((spread.mean(), spread.percentiles()), (None, None));
        let hour = 3_600_000_000;
        for us in [1, 1_000, hour] {
            for _ in 0..100 {
                spread.record(SimDuration::from_us(us));
            }
        }
        assert_eq!(
            spread.mean(),
            Some(SimDuration::from_us((1 + 1_000 + hour) / 3))
        );
        let all = spread.percentiles().expect("times were taken in");
        assert!(all.p50.as_us().abs_diff(1_000) <= 10, "{all:?}");
        assert!(all.p99.as_us().abs_diff(hour) <= hour / 100, "{all:?}");
    }
}
