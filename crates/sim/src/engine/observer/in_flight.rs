//! The number of requests in each place, once a second.

use std::collections::VecDeque;

use crate::engine::view::View;
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

impl InFlightSampler {
    /// Whether a sample is due at `now`.
    #[inline(always)]
    pub(in crate::engine) fn is_due(&self, now: SimTime) -> bool {
        self.last + WINDOW <= now
    }

    /// Takes the samples that are due up to `now`, before the events of `now` are handled.
    pub(in crate::engine) fn sample(&mut self, view: View<'_>, now: SimTime) {
        let engine = view.engine;
        let waits = |upstream_ref| engine.balancers.queues(upstream_ref).waiting.len();
        let upstream_refs = engine.balancers.upstream_refs();
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let servers = || engine.servers.iter();
        let sample = InFlightSample {
            at: now,
            in_flight: count(engine.requests.len()),
            running: count(servers().map(|server| server.running().len()).sum()),
            queued: count(servers().map(|server| server.waiting().len()).sum()),
            at_balancer: count(upstream_refs.into_iter().map(waits).sum()),
        };
        // A long silence: only what will be kept.
        let behind = now.since(self.last).as_us() / WINDOW.as_us();
        let skipped = behind.saturating_sub(WINDOWS as u64);
        self.last = self.last + WINDOW.times(skipped);
        while self.is_due(now) {
            self.last = self.last + WINDOW;
            if self.samples.len() == WINDOWS {
                self.samples.pop_front();
            }
            self.samples.push_back(InFlightSample {
                at: self.last,
                ..sample
            });
        }
    }
}
