//! Confidence intervals of percentiles: the percentile of each batch, and the spread between the batches (sectioning;
//! Law, Simulation Modeling and Analysis, chapter 9). Batches are cut as those of the means are.

use super::batches::{FIRST, Interval, MOST};
use crate::metrics::recorder::Recorder;
use crate::time::{SimDuration, SimTime};

/// The percentiles that are recorded, as shares of 1.
pub const QUANTILES: [f64; 3] = [0.5, 0.95, 0.99];

/// Response times with how often each was seen, shortest first, since the run began.
type ResponseTimes = Vec<(u64, u64)>;

/// The batches of one run.
#[derive(Clone, Debug)]
pub struct Percents {
    length: SimDuration,
    ends: SimTime,
    /// The response times that had been recorded at the end of each batch.
    seen: Vec<ResponseTimes>,
    /// The percentiles of each batch in microseconds; `None` if it has too few answered requests.
    batches: Vec<[Option<f64>; 3]>,
}

impl Default for Percents {
    fn default() -> Self {
        Self {
            length: FIRST,
            ends: SimTime::ZERO + FIRST,
            seen: Vec::new(),
            batches: Vec::new(),
        }
    }
}

impl Percents {
    /// Adds the requests answered up to `now`.
    pub fn note(&mut self, now: SimTime, recorder: &Recorder) {
        if now < self.ends {
            return;
        }
        self.close(recorder.run_times().collect());
        self.ends = self.ends + self.length;
    }

    fn close(&mut self, all: ResponseTimes) {
        let begun = self.seen.last().map_or(&[][..], Vec::as_slice);
        self.batches.push(percentiles(begun, &all));
        self.seen.push(all);
        if self.seen.len() < MOST {
            return;
        }
        // Twice as long from now on: every second end falls away.
        self.length = self.length.times(2);
        let mut place = 0;
        self.seen.retain(|_| {
            place += 1;
            place % 2 == 0
        });
        let nothing = ResponseTimes::new();
        let begins = std::iter::once(&nothing).chain(&self.seen);
        let pairs = begins.zip(&self.seen);
        self.batches = pairs.map(|(begun, all)| percentiles(begun, all)).collect();
    }

    /// The interval of a percentile, in microseconds; `None` while there are too few batches. `quantile` is its index
    /// in [`QUANTILES`].
    #[must_use]
    pub fn interval(&self, quantile: usize) -> Option<Interval> {
        let values: Vec<f64> = self
            .batches
            .iter()
            .filter_map(|batch| batch[quantile])
            .collect();
        Interval::of(&values)
    }

    /// The difference of a percentile to another run with the same arrivals, batch by batch; `None` while there are
    /// too few batches.
    #[must_use]
    pub fn difference(&self, other: &Self, quantile: usize) -> Option<Interval> {
        Interval::of(&self.differences(other, quantile))
    }

    /// The differences of a percentile to another run with the same arrivals, by batch, in microseconds; none where the
    /// batches of the two differ in length.
    pub(super) fn differences(&self, other: &Self, quantile: usize) -> Vec<f64> {
        if self.length != other.length {
            return Vec::new();
        }
        let pairs = self.batches.iter().zip(&other.batches);
        pairs
            .filter_map(|(own, theirs)| Some(own[quantile]? - theirs[quantile]?))
            .collect()
    }
}

/// The percentiles of the times in `all` that are not in `begun`. A percentile needs at least one request beyond it.
fn percentiles(begun: &[(u64, u64)], all: &[(u64, u64)]) -> [Option<f64>; 3] {
    let mut before = begun.iter().peekable();
    let new: ResponseTimes = all
        .iter()
        .map(|&(us, count)| {
            let known = before.next_if(|(time, _)| *time == us);
            (us, count - known.map_or(0, |(_, count)| *count))
        })
        .collect();
    let whole: u64 = new.iter().map(|(_, count)| count).sum();
    QUANTILES.map(|quantile| {
        let beyond = whole as f64 * (1.0 - quantile);
        if beyond < 1.0 {
            return None;
        }
        let place = whole as f64 - beyond;
        let mut passed = 0;
        let at = new.iter().find(|(_, count)| {
            passed += count;
            passed as f64 >= place
        });
        at.map(|(us, _)| *us as f64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::outcome::Outcome;

    #[test]
    fn a_batch_is_what_came_since_the_last() {
        let begun = [(10, 100), (30, 1)];
        // Two hundred of 20 µs, and two more of 30.
        let all = [(10, 100), (20, 200), (30, 3)];
        assert_eq!(
            percentiles(&begun, &all),
            [Some(20.0), Some(20.0), Some(20.0)]
        );
        assert_eq!(percentiles(&[], &[(5, 3)]), [Some(5.0), None, None]);
        assert_eq!(percentiles(&all, &all), [None, None, None]);
    }

    #[test]
    fn batches_grow_and_stay_what_they_were() {
        let mut percents = Percents::default();
        let mut recorder = Recorder::default();
        for second in 1..=200_u64 {
            // Later ones are slower: as many milliseconds as the second's number.
            let at = SimTime::from_us(second * 1_000_000 - 1);
            for _ in 0..100 {
                recorder.arrived(at);
                recorder.ended(at, Outcome::Answered, SimDuration::from_ms(second));
            }
            percents.note(SimTime::from_us(second * 1_000_000), &recorder);
        }
        assert!(percents.batches.len() < MOST && percents.batches.len() >= MOST / 2);
        let interval = percents.interval(1).expect("enough");
        assert!(
            (80_000.0..120_000.0).contains(&interval.mean),
            "{interval:?}"
        );
        let none = percents.difference(&percents.clone(), 2).expect("enough");
        assert_eq!((none.mean, none.half), (0.0, 0.0));
        assert!(!none.is_significant());
    }
}
