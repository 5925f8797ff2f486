//! What a balancer remembers of how fast an endpoint answered.

use crate::sim::time::{SimTime, Span};

/// How many of the last answers the degraded rule looks at.
pub const RECENT: usize = 10;

/// Response times as the balancer measured them: from sending the try to the end of its answer.
#[derive(Clone, Debug, Default)]
pub struct Latency {
    recent_us: [u64; RECENT],
    seen: u64,
    average_us: u64,
    last_at: SimTime,
}

impl Latency {
    /// Takes in one answer.
    pub fn record(&mut self, now: SimTime, response: Span) {
        let us = response.as_us();
        self.recent_us[(self.seen % RECENT as u64) as usize] = us;
        // nginx's least_time (ngx_http_upstream_least_time_module.c, 1.31): the first sample as it
        // is, then 0.95 of the old and 0.05 of the new, rounded.
        self.average_us = if self.seen == 0 {
            us
        } else {
            (self.average_us * 95 + us * 5 + 50) / 100
        };
        self.seen += 1;
        self.last_at = now;
    }

    /// nginx's moving average of the response time; `None` before the first answer.
    #[must_use]
    pub fn average(&self) -> Option<Span> {
        (self.seen > 0).then_some(Span::from_us(self.average_us))
    }

    /// The mean of the last [`RECENT`] answers; `None` until there are that many.
    #[must_use]
    pub fn recent_mean(&self) -> Option<Span> {
        let sum: u64 = self.recent_us.iter().sum();
        (self.seen >= RECENT as u64).then(|| Span::from_us(sum / RECENT as u64))
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
        let mut latency = Latency::default();
        assert_eq!(latency.average(), None);
        for _ in 0..9 {
            latency.record(SimTime::ZERO, Span::from_ms(100));
        }
        assert_eq!(latency.recent_mean(), None);
        latency.record(SimTime::ZERO, Span::from_ms(1_100));
        assert_eq!(latency.average(), Some(Span::from_ms(150)));
        assert_eq!(latency.recent_mean(), Some(Span::from_ms(200)));
    }
}
