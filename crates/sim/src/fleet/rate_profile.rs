//! The rate profile of arrivals: a mean rate that bursts and a spike change over time.

use super::spec::{Bursts, Spike};
use crate::time::{SimDuration, SimTime};
use crate::units::MilliRps;

/// The requests expected at each time of a run.
#[derive(Clone, Copy, Debug)]
pub struct RateProfile {
    /// The mean rate, without the spike.
    pub rate: MilliRps,
    bursts: Option<Bursts>,
    spike: Option<Spike>,
}

impl RateProfile {
    /// A profile with this mean rate.
    #[must_use]
    pub const fn new(rate: MilliRps, bursts: Option<Bursts>, spike: Option<Spike>) -> Self {
        Self {
            rate,
            bursts,
            spike,
        }
    }

    /// How many arrivals are expected between two times.
    #[must_use]
    pub fn expected(&self, from: SimTime, to: SimTime) -> f64 {
        let mut sum = 0.0;
        let mut at = from;
        while at < to {
            let (factor, end) = self.piece(at);
            let end = end.min(to);
            sum += self.per_us(factor) * end.since(at).as_us() as f64;
            at = end;
            if let Some((periods, length)) = self.whole_periods(at, to) {
                sum += self.per_us(1.0) * periods as f64 * length.as_us() as f64;
                at = at + length.times(periods);
            }
        }
        sum
    }

    /// When `count` arrivals are expected to have come since `from`, rounded down; `None` if never.
    #[must_use]
    pub fn reach(&self, from: SimTime, count: f64) -> Option<SimTime> {
        if self.rate.0 == 0 {
            return None;
        }
        let (mut at, mut left) = (from, count);
        loop {
            let (factor, end) = self.piece(at);
            let per_us = self.per_us(factor);
            let here = per_us * end.since(at).as_us() as f64;
            if left <= here && per_us > 0.0 {
                // A thousandth of a microsecond outweighs what the division may have lost.
                return Some(at + SimDuration::from_us((left / per_us + 1e-3) as u64));
            }
            if end >= SimTime::FAR {
                return None;
            }
            left -= here;
            at = end;
            let far = SimDuration::from_us((left / self.per_us(1.0)).min(1e15) as u64);
            if let Some((periods, length)) = self.whole_periods(at, at + far) {
                left -= self.per_us(1.0) * periods as f64 * length.as_us() as f64;
                at = at + length.times(periods);
            }
        }
    }

    fn per_us(&self, factor: f64) -> f64 {
        self.rate.0 as f64 * factor / 1e9
    }

    /// The factor on the mean rate at a time, and until when it holds.
    fn piece(&self, at: SimTime) -> (f64, SimTime) {
        let (mut factor, mut end) = (1.0, SimTime::FAR);
        if let Some(spike) = self.spike {
            let start = SimTime::ZERO + spike.at_us;
            let stop = start + spike.for_us;
            if at < start {
                end = start;
            } else if at < stop {
                factor = spike.times_permille.ratio();
                end = stop;
            }
        }
        if let Some(Bursts { on_us, off_us }) = self.bursts {
            let period = (on_us + off_us).as_us();
            let phase = at.as_us() % period;
            let on = phase < on_us.as_us();
            factor *= if on {
                period as f64 / on_us.as_us() as f64
            } else {
                0.0
            };
            let left = if on {
                on_us.as_us() - phase
            } else {
                period - phase
            };
            end = end.min(at + SimDuration::from_us(left));
        }
        (factor, end)
    }

    /// At the start of a burst: how many whole periods fit before `to` without the spike, so that they need not be
    /// walked one by one.
    fn whole_periods(&self, at: SimTime, to: SimTime) -> Option<(u64, SimDuration)> {
        let Bursts { on_us, off_us } = self.bursts?;
        let period = on_us + off_us;
        let mut to = to;
        if let Some(spike) = self.spike {
            let start = SimTime::ZERO + spike.at_us;
            if at < start {
                to = to.min(start);
            } else if at < start + spike.for_us {
                return None;
            }
        }
        let periods = to.since(at).as_us() / period.as_us();
        (at.as_us().is_multiple_of(period.as_us()) && periods > 0).then_some((periods, period))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Permille;

    const BURSTS: Bursts = Bursts {
        on_us: SimDuration::from_secs(1),
        off_us: SimDuration::from_secs(3),
    };
    const SPIKE: Spike = Spike {
        at_us: SimDuration::from_secs(10),
        for_us: SimDuration::from_secs(5),
        times_permille: Permille(3_000),
    };

    fn at(secs: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(secs)
    }

    fn near(left: f64, right: f64) {
        assert!((left - right).abs() < 1e-6, "{left} is not {right}");
    }

    #[test]
    fn bursts_keep_the_mean_and_come_only_while_on() {
        let pace = RateProfile::new(MilliRps::from_rps(10.0), Some(BURSTS), None);
        near(pace.expected(at(0), at(1)), 40.0);
        near(pace.expected(at(1), at(4)), 0.0);
        near(pace.expected(at(0), at(4_000)), 40_000.0);
        assert_eq!(pace.reach(at(0), 20.0), Some(SimTime::from_us(500_000)));
        assert_eq!(pace.reach(at(0), 60.0), Some(SimTime::from_us(4_500_000)));
        assert_eq!(
            pace.reach(at(2), 40_000.0 + 20.0),
            Some(SimTime::from_us(4_004_500_000))
        );
    }

    #[test]
    fn a_spike_multiplies_the_rate_for_a_while() {
        let pace = RateProfile::new(MilliRps::from_rps(10.0), None, Some(SPIKE));
        near(pace.expected(at(0), at(20)), 100.0 + 150.0 + 50.0);
        assert_eq!(pace.reach(at(0), 130.0), Some(at(11)));
        let both = RateProfile::new(MilliRps::from_rps(10.0), Some(BURSTS), Some(SPIKE));
        near(both.expected(at(8), at(10)), 40.0);
        near(both.expected(at(12), at(13)), 120.0);
        near(both.expected(at(16), at(20)), 40.0);
    }

    #[test]
    fn a_tiny_rate_with_short_bursts_takes_no_long_walk() {
        let bursts = Bursts {
            on_us: SimDuration::from_ms(1),
            off_us: SimDuration::from_ms(1),
        };
        let pace = RateProfile::new(MilliRps(1), Some(bursts), None);
        let day = pace.reach(at(0), 86.4).expect("it comes");
        assert!(day.as_secs_f64() > 86_399.0 && day.as_secs_f64() < 86_401.0);
        assert_eq!(
            RateProfile::new(MilliRps(0), None, None).reach(at(0), 1.0),
            None
        );
    }
}
