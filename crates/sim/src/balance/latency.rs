//! A balancer's record of the response times of an endpoint: the last ten, and two EWMAs (exponentially weighted moving
//! averages). nginx's weighs each answer with 0.05; Finagle's follows peaks at once, and its EWMA decay depends on the
//! time since the last answer ([`PEAK_LIFE`], Finagle's `decayTime`).

use crate::time::{SimDuration, SimTime};

/// The number of last answers that the degraded rule looks at.
pub const RECENT: usize = 10;

/// Response times as the balancer measured them: from sending an attempt to the end of its answer.
#[derive(Clone, Debug, Default)]
pub struct UpstreamLatency {
    recent_us: [u64; RECENT],
    seen: u64,
    average_us: u64,
    peak_us: f64,
    last_at: SimTime,
}

/// The decay time of the peak EWMA: after it, 1/e of an old value is left. Finagle's and Linkerd's default.
pub const PEAK_LIFE: SimDuration = SimDuration::from_secs(10);

impl UpstreamLatency {
    /// Records one response time.
    pub fn record(&mut self, now: SimTime, response: SimDuration) {
        let us = response.as_us();
        self.recent_us[(self.seen % RECENT as u64) as usize] = us;
        // nginx's least_time (ngx_http_upstream_least_time_module.c, 1.31): the first sample as it
        // is, then 0.95 of the old and 0.05 of the new, rounded.
        self.average_us = if self.seen == 0 {
            us
        } else {
            (self.average_us * 95 + us * 5 + 50) / 100
        };
        self.record_peak(now, us as f64);
        self.seen += 1;
        self.last_at = now;
    }

    /// Finagle's `PeakEwma.observe`: a higher sample counts at once, a lower one by the time since the last.
    fn record_peak(&mut self, now: SimTime, us: f64) {
        if us > self.peak_us {
            self.peak_us = us;
        } else {
            let kept = self.kept(now);
            self.peak_us = self.peak_us * kept + us * (1.0 - kept);
        }
    }

    /// The share of the peak that is left at `now`, 0 to 1.
    fn kept(&self, now: SimTime) -> f64 {
        let idle = now.since(self.last_at);
        libm::exp(-idle.as_secs_f64() / PEAK_LIFE.as_secs_f64())
    }

    /// The response time in microseconds, sensitive to peaks and decaying since the last answer; `None` before the
    /// first. Reading changes nothing.
    #[must_use]
    pub fn peak_at(&self, now: SimTime) -> Option<f64> {
        (self.seen > 0).then(|| self.peak_us * self.kept(now))
    }

    /// nginx's moving average of the response time; `None` before the first answer.
    #[must_use]
    pub fn average(&self) -> Option<SimDuration> {
        (self.seen > 0).then_some(SimDuration::from_us(self.average_us))
    }

    /// The mean of the last [`RECENT`] answers; `None` until there are that many.
    #[must_use]
    pub fn recent_mean(&self) -> Option<SimDuration> {
        let sum: u64 = self.recent_us.iter().sum();
        (self.seen >= RECENT as u64).then(|| SimDuration::from_us(sum / RECENT as u64))
    }

    /// When the last answer came.
    #[must_use]
    pub const fn last_at(&self) -> SimTime {
        self.last_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_average_follows_slowly_and_the_mean_of_ten_needs_ten() {
        let mut latency = UpstreamLatency::default();
        assert_eq!(latency.average(), None);
        for _ in 0..9 {
            latency.record(SimTime::ZERO, SimDuration::from_ms(100));
        }
        assert_eq!(latency.recent_mean(), None);
        latency.record(SimTime::ZERO, SimDuration::from_ms(1_100));
        assert_eq!(latency.average(), Some(SimDuration::from_ms(150)));
        assert_eq!(latency.recent_mean(), Some(SimDuration::from_ms(200)));
    }

    #[test]
    fn a_peak_counts_at_once_and_fades() {
        let mut latency = UpstreamLatency::default();
        let at = SimTime::from_us;
        assert_eq!(latency.peak_at(at(0)), None);
        latency.record(at(0), SimDuration::from_ms(20));
        latency.record(at(0), SimDuration::from_ms(300));
        assert_eq!(latency.peak_at(at(0)), Some(300_000.0));
        // After the mean life 1/e is left, however often it was read.
        let left = latency.peak_at(at(10_000_000)).expect("measured");
        assert!((left - 300_000.0 / std::f64::consts::E).abs() < 0.01);
        // A lower sample then weighs 1 - 1/e.
        latency.record(at(10_000_000), SimDuration::from_ms(20));
        let both = latency.peak_at(at(10_000_000)).expect("measured");
        assert!((both - (left + 20_000.0 * (1.0 - 1.0 / std::f64::consts::E))).abs() < 0.01);
    }
}
