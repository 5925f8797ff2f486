//! The number of requests in each place, once a second.

use std::collections::VecDeque;

use crate::engine::Engine;
use crate::metrics::recorder::{WINDOW, WINDOWS};
use crate::time::SimTime;

/// The number of requests in each place, before the events of that instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InFlightSample {
    /// The instant of the sample.
    pub at: SimTime,
    /// Requests that had arrived and not ended.
    pub in_flight: u32,
    /// Requests that workers of servers processed.
    pub running: u32,
    /// Requests in the queues of servers.
    pub queued: u32,
    /// Requests in the pending queues of balancers.
    pub at_balancer: u32,
}

/// The samples that are kept: as many as the recorder has windows.
#[derive(Clone, Debug, Default)]
pub struct InFlightSampler {
    samples: VecDeque<InFlightSample>,
    last: SimTime,
}

impl InFlightSampler {
    /// The samples, oldest first.
    pub fn samples(&self) -> impl Iterator<Item = &InFlightSample> {
        self.samples.iter()
    }
}

impl Engine {
    /// Takes the samples that are due up to `now`, before the events of `now` are handled.
    #[inline(always)]
    pub(in crate::engine) fn sample(&mut self, now: SimTime) {
        if self.observer.is_some() {
            self.sample_watched(now);
        }
    }

    fn sample_watched(&mut self, now: SimTime) {
        let Some(watch) = self.observer.as_ref() else {
            return;
        };
        if watch.gauge.last + WINDOW > now {
            return;
        }
        let waits = |upstream_ref| self.balancers.queues(upstream_ref).waiting.len();
        let upstream_refs = self.balancers.upstream_refs();
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let servers = || self.servers.iter().flatten();
        let sample = InFlightSample {
            at: now,
            in_flight: count(self.requests.len()),
            running: count(servers().map(|server| server.running().len()).sum()),
            queued: count(servers().map(|server| server.waiting().len()).sum()),
            at_balancer: count(upstream_refs.into_iter().map(waits).sum()),
        };
        let Some(watch) = self.observer.as_mut() else {
            return;
        };
        let gauge = &mut watch.gauge;
        // A long silence: only what will be kept.
        let behind = now.since(gauge.last).as_us() / WINDOW.as_us();
        let skipped = behind.saturating_sub(WINDOWS as u64);
        gauge.last = gauge.last + WINDOW.times(skipped);
        while gauge.last + WINDOW <= now {
            gauge.last = gauge.last + WINDOW;
            if gauge.samples.len() == WINDOWS {
                gauge.samples.pop_front();
            }
            gauge.samples.push_back(InFlightSample {
                at: gauge.last,
                ..sample
            });
        }
    }
}
