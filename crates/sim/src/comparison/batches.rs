//! Confidence intervals of figures: the run is cut into batches, and the spread of their means gives the interval (the
//! method of batch means; Law, Simulation Modeling and Analysis, chapter 9).
//!
//! Requests that wait behind each other are not independent, so single times say too little about the spread; means of
//! long batches are nearly so. Two runs with the same arrivals are compared batch by batch, which removes what both
//! have in common.

use crate::time::{SimDuration, SimTime};

/// The length of the first batches; it doubles whenever there are [`MOST`].
pub(super) const FIRST: SimDuration = SimDuration::from_secs(1);
/// The largest number of batches.
pub(super) const MOST: usize = 40;
/// The smallest number of batches for an interval.
pub const FEWEST: usize = 10;
/// The smallest number of ended requests in a batch that counts.
const ENDS: u64 = 10;
/// Student's t for 95 % with nine degrees of freedom: with more batches the interval is a little wider than necessary,
/// never narrower.
const STUDENT: f64 = 2.262;

/// The requests that had ended up to some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchSample {
    /// Requests that were answered.
    pub answered: u64,
    /// Requests that ended without an answer.
    pub unanswered: u64,
    /// The response times of the answered requests, added up, in microseconds.
    pub answered_us: u128,
}

impl BatchSample {
    const fn since(&self, before: &Self) -> Self {
        Self {
            answered: self.answered - before.answered,
            unanswered: self.unanswered - before.unanswered,
            answered_us: self.answered_us - before.answered_us,
        }
    }

    const fn plus(&self, other: &Self) -> Self {
        Self {
            answered: self.answered + other.answered,
            unanswered: self.unanswered + other.unanswered,
            answered_us: self.answered_us + other.answered_us,
        }
    }

    const fn ended(&self) -> u64 {
        self.answered + self.unanswered
    }

    fn get(&self, figure: Estimate) -> Option<f64> {
        match figure {
            Estimate::Mean => {
                (self.answered > 0).then(|| self.answered_us as f64 / self.answered as f64)
            }
            Estimate::Errors => {
                (self.ended() > 0).then(|| self.unanswered as f64 / self.ended() as f64)
            }
        }
    }
}

/// A figure that an interval can be given for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Estimate {
    /// The mean response time of answered requests, in microseconds.
    Mean,
    /// The share of requests that ended without an answer, 0 to 1.
    Errors,
}

/// A mean with its confidence interval, at 95 %.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The mean of the batches.
    pub mean: f64,
    /// Half the width of the interval.
    pub half: f64,
}

impl Interval {
    /// The interval at 95 %.
    pub(super) fn of(values: &[f64]) -> Option<Self> {
        Self::with(values, STUDENT)
    }

    /// The interval of as many standard errors to each side; `None` for too few values.
    pub(super) fn with(values: &[f64], errors: f64) -> Option<Self> {
        let count = values.len() as f64;
        if values.len() < FEWEST {
            return None;
        }
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values
            .iter()
            .map(|value| (value - mean) * (value - mean))
            .sum();
        let deviation = (squares / (count - 1.0)).sqrt();
        Some(Self {
            mean,
            half: errors * deviation / count.sqrt(),
        })
    }

    /// Whether 0 lies outside the interval: then the difference is significant.
    #[must_use]
    pub fn is_significant(&self) -> bool {
        self.mean.abs() > self.half
    }
}

/// The batches of one run.
#[derive(Clone, Debug)]
pub struct Batches {
    length: SimDuration,
    closed: Vec<BatchSample>,
    /// The requests that had ended when the present batch began.
    begun: BatchSample,
    ends: SimTime,
}

impl Default for Batches {
    fn default() -> Self {
        Self {
            length: FIRST,
            closed: Vec::with_capacity(MOST),
            begun: BatchSample::default(),
            ends: SimTime::ZERO + FIRST,
        }
    }
}

impl Batches {
    /// Adds the requests that had ended up to `now`.
    pub fn note(&mut self, now: SimTime, all: BatchSample) {
        if now < self.ends {
            return;
        }
        self.closed.push(all.since(&self.begun));
        self.begun = all;
        if self.closed.len() == MOST {
            self.length = self.length.times(2);
            let pairs = self.closed.chunks(2);
            self.closed = pairs
                .map(|pair| {
                    pair.iter()
                        .fold(BatchSample::default(), |sum, one| sum.plus(one))
                })
                .collect();
        }
        self.ends = self.ends + self.length;
    }

    /// The interval of a figure; `None` while there are too few batches.
    #[must_use]
    pub fn interval(&self, figure: Estimate) -> Option<Interval> {
        let values: Vec<f64> = self
            .closed
            .iter()
            .filter(|batch| batch.ended() >= ENDS)
            .filter_map(|batch| batch.get(figure))
            .collect();
        Interval::of(&values)
    }

    /// The difference of a figure to another run with the same arrivals, batch by batch; `None` while there are too
    /// few batches.
    #[must_use]
    pub fn difference(&self, other: &Self, figure: Estimate) -> Option<Interval> {
        Interval::of(&self.differences(other, figure))
    }

    /// The differences of a figure to another run with the same arrivals, by batch; none where the batches of the two
    /// differ in length.
    pub(super) fn differences(&self, other: &Self, figure: Estimate) -> Vec<f64> {
        if self.length != other.length {
            return Vec::new();
        }
        let pairs = self.closed.iter().zip(&other.closed);
        pairs
            .filter(|(own, theirs)| own.ended().min(theirs.ended()) >= ENDS)
            .filter_map(|(own, theirs)| Some(own.get(figure)? - theirs.get(figure)?))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Batches in which the mean of each second is that of the list.
    fn batches(means_us: &[u64]) -> Batches {
        let mut batches = Batches::default();
        let mut all = BatchSample::default();
        for (second, mean) in means_us.iter().enumerate() {
            all.answered += 100;
            all.answered_us += u128::from(mean * 100);
            let now = SimTime::from_us((second as u64 + 1) * 1_000_000);
            batches.note(now, all);
        }
        batches
    }

    #[test]
    fn an_interval_needs_ten_batches() {
        assert_eq!(batches(&[5; 9]).interval(Estimate::Mean), None);
        let sure = batches(&[5; 10]).interval(Estimate::Mean);
        assert_eq!(
            sure,
            Some(Interval {
                mean: 5.0,
                half: 0.0
            })
        );
        // 4 and 6 in turn: the deviation is 1.054, of the mean of ten a third.
        let spread = batches(&[4, 6, 4, 6, 4, 6, 4, 6, 4, 6]);
        let interval = spread.interval(Estimate::Mean).expect("there are ten");
        assert!((interval.half - 2.262 / 3.0).abs() < 1e-9, "{interval:?}");
        assert_eq!(
            spread.interval(Estimate::Errors).map(|one| one.mean),
            Some(0.0)
        );
    }

    #[test]
    fn batches_grow_and_lose_nothing() {
        let many = batches(&(0..1_000).collect::<Vec<_>>());
        assert!(many.closed.len() < MOST && many.closed.len() >= MOST / 2);
        let counted: u64 = many.closed.iter().map(|batch| batch.answered).sum();
        let seconds = many.closed.len() as u64 * many.length.as_us() / 1_000_000;
        assert_eq!(counted, seconds * 100);
    }

    #[test]
    fn pairs_tell_what_single_runs_cannot() {
        let noise = [100, 900, 300, 700, 200, 800, 100, 900, 500, 500, 400];
        let (slow, fast) = (noise.map(|us| us + 20), noise);
        let (slow, fast) = (batches(&slow), batches(&fast));
        let alone = slow.interval(Estimate::Mean).expect("enough");
        assert!(alone.half > 100.0, "{alone:?}");
        let between = slow.difference(&fast, Estimate::Mean).expect("enough");
        assert_eq!(
            between,
            Interval {
                mean: 20.0,
                half: 0.0
            }
        );
        assert!(between.is_significant());
    }
}
