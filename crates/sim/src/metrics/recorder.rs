//! The recorder: totals, response times of the run, and one window a second for the charts.

use std::collections::VecDeque;

use hdrhistogram::Histogram;

use super::outcome::{Outcome, Totals};
use super::spread::{self, LatencyHistogram};
use crate::time::{SimDuration, SimTime};

/// The length of a window.
pub const WINDOW: SimDuration = SimDuration::from_secs(1);
/// The number of windows that are kept.
pub const WINDOWS: usize = 120;
/// The number of windows that percentiles are taken over: fewer have too few requests for a 99th percentile.
pub const SLIDING: usize = 10;
/// The longest response time that the histograms distinguish, in microseconds: two hours.
const LONGEST_US: u64 = 7_200_000_000;

/// Percentiles of response times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Percentiles {
    /// The median: half of the response times are shorter.
    pub p50: SimDuration,
    /// The 95th percentile: 95 of 100 response times are shorter.
    pub p95: SimDuration,
    /// The 99th percentile: 99 of 100 response times are shorter.
    pub p99: SimDuration,
}

/// The counts of one second of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// When the window began.
    pub start: SimTime,
    /// The requests that arrived and ended in it.
    pub totals: Totals,
    /// The response times of the requests answered in the [`SLIDING`] windows up to this one; `None` if there are
    /// none.
    pub latency: Option<Percentiles>,
}

/// The recorder of a run's counts and response times.
#[derive(Clone, Debug)]
pub struct Recorder {
    totals: Totals,
    /// The response times of all answered requests, added up, in microseconds: for the exact mean and Little's law.
    answered_us: u128,
    /// The integral of the number in flight over time, up to `counted_to`.
    in_flight_us: u128,
    counted_to: SimTime,
    run: Histogram<u64>,
    /// Response times by class of request, and by endpoint as its balancer measured them.
    classes: Vec<LatencyHistogram>,
    endpoints: Vec<LatencyHistogram>,
    sliding: VecDeque<Histogram<u32>>,
    merged: Histogram<u32>,
    windows: VecDeque<Window>,
    current: Window,
}

impl Default for Recorder {
    fn default() -> Self {
        Self {
            totals: Totals::default(),
            answered_us: 0,
            in_flight_us: 0,
            counted_to: SimTime::ZERO,
            run: Histogram::new_with_max(LONGEST_US, 3).expect("bounds are fixed and valid"),
            classes: Vec::new(),
            endpoints: Vec::new(),
            sliding: VecDeque::from([two_digits()]),
            merged: two_digits(),
            windows: VecDeque::with_capacity(WINDOWS),
            current: Window::default(),
        }
    }
}

/// A histogram with an error of at most 1 %.
fn two_digits() -> Histogram<u32> {
    Histogram::new_with_max(LONGEST_US, 2).expect("bounds are fixed and valid")
}

impl Recorder {
    /// Counts a request that arrived.
    pub fn arrived(&mut self, now: SimTime) {
        self.advance(now);
        self.integrate(now);
        self.totals.arrived += 1;
        self.current.totals.arrived += 1;
    }

    /// Counts a retry of a request.
    pub fn retried(&mut self, now: SimTime) {
        self.advance(now);
        self.totals.retries += 1;
        self.current.totals.retries += 1;
    }

    /// Counts a request that ended `took` after it was sent.
    pub fn ended(&mut self, now: SimTime, outcome: Outcome, took: SimDuration) {
        self.advance(now);
        self.integrate(now);
        self.totals.count(outcome);
        self.current.totals.count(outcome);
        if outcome == Outcome::Answered {
            let us = took.as_us().clamp(1, LONGEST_US);
            self.answered_us += u128::from(took.as_us());
            self.run.saturating_record(us);
            if let Some(histogram) = self.sliding.back_mut() {
                histogram.saturating_record(us);
            }
        }
    }

    /// Records a request of the class number `class` that was answered `took` after it was sent.
    pub fn answered_in(&mut self, class: usize, took: SimDuration) {
        spread::at(&mut self.classes, class).record(took);
    }

    /// Records an attempt that the endpoint number `endpoint` answered `took` after it was sent.
    pub fn answered_by(&mut self, endpoint: usize, took: SimDuration) {
        spread::at(&mut self.endpoints, endpoint).record(took);
    }

    /// The response times of a class in the whole run, as its clients saw them; `None` if no request of it was
    /// answered.
    #[must_use]
    pub fn class(&self, class: usize) -> Option<&LatencyHistogram> {
        self.classes.get(class).filter(|spread| spread.count() > 0)
    }

    /// The response times of an endpoint in the whole run, as its balancer saw them; `None` if it answered none.
    #[must_use]
    pub fn endpoint(&self, endpoint: usize) -> Option<&LatencyHistogram> {
        self.endpoints
            .get(endpoint)
            .filter(|spread| spread.count() > 0)
    }

    /// Closes the windows that ended before `now`.
    pub fn advance(&mut self, now: SimTime) {
        while now.since(self.current.start) >= WINDOW {
            // A long pause with nothing in it: skip to the windows that will be kept.
            let behind = now.since(self.current.start).as_us() / WINDOW.as_us();
            if behind > 2 * WINDOWS as u64 && self.current.totals == Totals::default() {
                let skip = behind - WINDOWS as u64 - SLIDING as u64;
                self.current.start = self.current.start + WINDOW.times(skip);
            }
            self.close_window();
        }
    }

    fn close_window(&mut self) {
        self.merged.reset();
        for histogram in &self.sliding {
            if !histogram.is_empty() {
                self.merged
                    .add(histogram)
                    .expect("all have the same bounds");
            }
        }
        self.current.latency = percentiles(&self.merged);
        if self.windows.len() == WINDOWS {
            self.windows.pop_front();
        }
        self.windows.push_back(self.current);
        self.current = Window {
            start: self.current.start + WINDOW,
            ..Window::default()
        };
        let next = if self.sliding.len() < SLIDING {
            two_digits()
        } else {
            let mut oldest = self.sliding.pop_front().unwrap_or_else(two_digits);
            oldest.reset();
            oldest
        };
        self.sliding.push_back(next);
    }

    /// The counts over the whole run.
    #[must_use]
    pub const fn totals(&self) -> &Totals {
        &self.totals
    }

    /// The closed windows, oldest first, at most [`WINDOWS`].
    #[must_use]
    pub const fn windows(&self) -> &VecDeque<Window> {
        &self.windows
    }

    /// Response times in microseconds, within 1 %, of the requests answered in the [`SLIDING`] windows up to the last
    /// closed one, shortest first, each with its number of requests.
    pub fn recent(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let recorded = self.merged.iter_recorded();
        recorded.map(|step| {
            let middle = self.merged.median_equivalent(step.value_iterated_to());
            (middle, u64::from(step.count_at_value()))
        })
    }

    /// Response times in microseconds, within 0.1 %, of the requests answered in the whole run, shortest first, each
    /// with its number of requests.
    pub fn run_times(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let recorded = self.run.iter_recorded();
        recorded.map(|step| (step.value_iterated_to(), step.count_at_value()))
    }

    /// The percentiles of the whole run, within 0.1 %; `None` before the first answer.
    #[must_use]
    pub fn run_percentiles(&self) -> Option<Percentiles> {
        percentiles(&self.run)
    }

    /// The number of requests in flight, integrated over time, in request microseconds: with the time of those that
    /// ended this is Little's law.
    #[must_use]
    pub fn in_flight_us(&self, now: SimTime) -> u128 {
        self.in_flight_us + self.in_flight() * u128::from(now.since(self.counted_to).as_us())
    }

    fn in_flight(&self) -> u128 {
        u128::from(self.totals.arrived - self.totals.ended())
    }

    fn integrate(&mut self, now: SimTime) {
        self.in_flight_us = self.in_flight_us(now);
        self.counted_to = now;
    }

    /// The response times of all requests answered in the whole run, added up, in microseconds.
    #[must_use]
    pub const fn answered_us(&self) -> u128 {
        self.answered_us
    }

    /// The mean response time of the whole run; `None` before the first answer.
    #[must_use]
    pub fn run_mean(&self) -> Option<SimDuration> {
        let mean = self
            .answered_us
            .checked_div(u128::from(self.totals.answered))?;
        Some(SimDuration::from_us(
            u64::try_from(mean).unwrap_or(u64::MAX),
        ))
    }
}

impl Recorder {
    /// About how many bytes a copy takes.
    #[must_use]
    pub fn footprint(&self) -> usize {
        let spreads = self.classes.iter().chain(&self.endpoints);
        spreads.map(LatencyHistogram::footprint).sum::<usize>()
            + self.run.distinct_values() * size_of::<u64>()
            + self.merged.distinct_values() * size_of::<u32>() * (self.sliding.len() + 1)
            + WINDOWS * size_of::<Window>()
    }
}

pub(super) fn percentiles<C: hdrhistogram::Counter>(
    histogram: &Histogram<C>,
) -> Option<Percentiles> {
    let at = |quantile| SimDuration::from_us(histogram.value_at_quantile(quantile));
    (!histogram.is_empty()).then(|| Percentiles {
        p50: at(0.5),
        p95: at(0.95),
        p99: at(0.99),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> SimTime {
        SimTime::from_us(ms * 1_000)
    }

    #[test]
    fn windows_close_on_time_and_hold_what_happened_in_them() {
        let mut recorder = Recorder::default();
        recorder.arrived(at(100));
        recorder.ended(at(999), Outcome::Answered, SimDuration::from_ms(899));
        recorder.ended(at(1_000), Outcome::TimedOut, SimDuration::from_ms(900));
        recorder.retried(at(1_999));
        recorder.advance(at(2_000));
        let seen: Vec<_> = recorder
            .windows()
            .iter()
            .map(|window| {
                let totals = window.totals;
                let ends = (totals.answered, totals.timed_out);
                (window.start, totals.arrived, ends, totals.retries)
            })
            .collect();
        assert_eq!(seen, [(at(0), 1, (1, 0), 0), (at(1_000), 0, (0, 1), 1)]);
        let p50 = recorder.windows()[1].latency.expect("one was answered").p50;
        assert!(p50.as_us().abs_diff(899_000) < 8_990, "{p50:?}");
    }

    #[test]
    fn a_window_forgets_what_is_ten_seconds_old() {
        let mut recorder = Recorder::default();
        recorder.ended(at(500), Outcome::Answered, SimDuration::from_ms(5));
        recorder.advance(at(11_000));
        assert!(recorder.windows()[9].latency.is_some());
        assert_eq!(recorder.windows()[10].latency, None);
    }

    #[test]
    fn a_long_silence_costs_no_more_than_the_windows_kept() {
        let mut recorder = Recorder::default();
        recorder.arrived(SimTime::FAR);
        assert_eq!(recorder.windows().len(), WINDOWS);
        let last = recorder.windows()[WINDOWS - 1].start + WINDOW;
        assert!(SimTime::FAR.since(last) < WINDOW);
    }
}
