//! Verdicts of a comparison: which runs are best, which are clearly worse and by how much, and which cannot be told
//! apart.
//!
//! The runs are looked at only at fixed simulated times, each twice the last ([`look_at`]), so that a verdict stands
//! while they go on. Somebody who looks all the time and stops at the first difference would name a winner of mere
//! noise in a fifth of all comparisons. Here all looks together do so in at most 5 %: the k-th look spends
//! 0.05 / (k (k + 1)) of it (alpha spending: Lan, DeMets, Biometrika 70, 1983), shared by three figures and by every
//! pair of runs (Bonferroni). Each test is paired, batch by batch, as all runs have the same arrivals.

use super::ComparedRun;
use super::batches::{Estimate, Interval, MOST};
use crate::time::{SimDuration, SimTime};

/// The chance that any look names a difference between runs that are equally good.
const ALPHA: f64 = 0.05;
/// The time of the first look.
const FIRST_LOOK: SimDuration = SimDuration::from_secs(40);
/// The number of looks; what is not decided at the last one is too close to call.
pub const LOOKS: u32 = 8;
/// The figures that share the chance of an error.
const FIGURES: [Figure; 3] = [Figure::Mean, Figure::Tail, Figure::Lost];
/// The smallest difference of two times that a verdict names, as a share of the smaller one: nobody feels less.
const FELT: f64 = 0.02;
/// The smallest difference of two shares of lost requests that a verdict names.
const FELT_LOST: f64 = 0.001;

/// A figure that runs are compared by; less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// The mean response time of answered requests, in microseconds.
    Mean,
    /// A high percentile of the response times, in microseconds: the 99th, or the 95th where batches are too small.
    Tail,
    /// The share of requests that ended without an answer, 0 to 1.
    Lost,
}

/// A run that is clearly worse than the best one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Worse {
    /// The place of the run.
    pub lane: usize,
    /// Its figure, and half the width of the interval of its difference to the best run.
    pub difference: Interval,
    /// Its figure as a multiple of the best run's; `None` where that is 0.
    pub factor: Option<f64>,
}

/// What is known of one figure at one look.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The figure.
    pub figure: Figure,
    /// The percentile that stands for the tail: 99 or 95. 0 for the other figures.
    pub percentile: u32,
    /// The time of the look.
    pub at: SimTime,
    /// The runs that are best and cannot be told apart, in their order. One alone is the winner.
    pub best: Vec<usize>,
    /// The runs that are clearly worse than the best one, in their order.
    pub worse: Vec<Worse>,
    /// The run that is clearly worse than every other one; `None` if there is none, or with two runs.
    pub worst: Option<usize>,
}

impl Verdict {
    /// The run that is clearly better than all others; `None` while it is too close to call.
    #[must_use]
    pub fn winner(&self) -> Option<usize> {
        match self.best[..] {
            [one] => Some(one),
            _ => None,
        }
    }

    /// Whether nothing remains to be found: every run is the best one or clearly worse.
    #[must_use]
    pub fn is_decided(&self) -> bool {
        self.best.len() == 1
    }
}

/// The time of a look, counted from 0.
#[must_use]
pub fn look_at(look: u32) -> SimTime {
    SimTime::ZERO + FIRST_LOOK.times(1 << look)
}

/// Looks at all runs; `look` is the number of the look, from 0. Leaves out a figure of which there is too little yet.
pub(super) fn verdicts(lanes: &[ComparedRun], look: u32) -> Vec<Verdict> {
    let pairs = lanes.len() * lanes.len().saturating_sub(1) / 2;
    let number = f64::from(look) + 1.0;
    let spent = ALPHA / (number * (number + 1.0));
    let chance = spent / (FIGURES.len() * pairs.max(1)) as f64;
    let decide = |figure| decide(lanes, figure, chance, look_at(look));
    FIGURES.into_iter().filter_map(decide).collect()
}

fn decide(lanes: &[ComparedRun], figure: Figure, chance: f64, at: SimTime) -> Option<Verdict> {
    let measure = Measure::of(lanes, figure)?;
    let means: Vec<f64> = lanes
        .iter()
        .map(|lane| measure.value(lane))
        .collect::<Option<_>>()?;
    let mut order: Vec<usize> = (0..lanes.len()).collect();
    order.sort_by(|a, b| means[*a].total_cmp(&means[*b]));
    let best = *order.first()?;
    let clearly_worse = |lane: usize, than: usize| {
        let values = measure.differences(&lanes[lane], &lanes[than]);
        let t = student(chance, values.len());
        let difference = Interval::with(&values, t)?;
        let felt = match figure {
            Figure::Lost => FELT_LOST,
            _ => FELT * means[than],
        };
        (difference.mean - difference.half > 0.0 && difference.mean >= felt).then_some(difference)
    };
    let mut verdict = Verdict {
        figure,
        percentile: measure.percentile(),
        at,
        best: Vec::new(),
        worse: Vec::new(),
        worst: None,
    };
    for lane in 0..lanes.len() {
        match clearly_worse(lane, best).filter(|_| lane != best) {
            Some(difference) => verdict.worse.push(Worse {
                lane,
                difference,
                factor: (means[best] > 0.0).then(|| means[lane] / means[best]),
            }),
            None => verdict.best.push(lane),
        }
    }
    let last = *order.last()?;
    let is_last = |other: &usize| *other == last || clearly_worse(last, *other).is_some();
    verdict.worst = (lanes.len() > 2 && order.iter().all(is_last)).then_some(last);
    Some(verdict)
}

/// How a figure is read off a run.
#[derive(Clone, Copy, Debug)]
enum Measure {
    Batches(Estimate),
    /// The index of a percentile in [`super::response_times::QUANTILES`].
    Percentile(usize),
}

impl Measure {
    /// The tail is the highest percentile that most batches of every run have.
    fn of(lanes: &[ComparedRun], figure: Figure) -> Option<Self> {
        match figure {
            Figure::Mean => Some(Self::Batches(Estimate::Mean)),
            Figure::Lost => Some(Self::Batches(Estimate::Errors)),
            Figure::Tail => [2, 1].map(Self::Percentile).into_iter().find(|measure| {
                let enough = |lane| measure.differences(lane, lane).len() >= MOST * 2 / 5;
                lanes.iter().all(enough)
            }),
        }
    }

    const fn percentile(self) -> u32 {
        match self {
            Self::Batches(_) => 0,
            Self::Percentile(1) => 95,
            Self::Percentile(_) => 99,
        }
    }

    fn value(self, lane: &ComparedRun) -> Option<f64> {
        let interval = match self {
            Self::Batches(estimate) => lane.batches().interval(estimate),
            Self::Percentile(quantile) => lane.percents().interval(quantile),
        };
        interval.map(|interval| interval.mean)
    }

    fn differences(self, lane: &ComparedRun, than: &ComparedRun) -> Vec<f64> {
        match self {
            Self::Batches(estimate) => lane.batches().differences(than.batches(), estimate),
            Self::Percentile(quantile) => lane.percents().differences(than.percents(), quantile),
        }
    }
}

/// Student's t that `chance` lies beyond, both sides together, for the mean of `count` values: the normal quantile,
/// expanded in the degrees of freedom (Abramowitz, Stegun 26.7.5).
fn student(chance: f64, count: usize) -> f64 {
    let z = normal(chance);
    let n = count.saturating_sub(1).max(1) as f64;
    let square = z * z;
    let first = (square + 1.0) / 4.0;
    let second = ((5.0 * square + 16.0) * square + 3.0) / 96.0;
    let third = (((3.0 * square + 19.0) * square + 17.0) * square - 15.0) / 384.0;
    z * (1.0 + (first + (second + third / n) / n) / n)
}

/// The number of deviations that `chance` of a normal distribution lies beyond, both sides together.
fn normal(chance: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 40.0_f64);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if libm::erfc(middle / std::f64::consts::SQRT_2) > chance {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        // Two-sided, from the tables of Student's t.
        for (chance, count, table) in [
            (0.05, 20, 2.093),
            (0.01, 20, 2.861),
            (0.001, 20, 3.883),
            (0.05, 31, 2.042),
            (0.002, 31, 3.385),
        ] {
            let t = student(chance, count);
            assert!((t - table).abs() < 0.01, "{chance} {count}: {t}");
        }
        assert!((normal(0.05) - 1.959_964).abs() < 1e-5);
    }

    #[test]
    fn all_looks_together_spend_the_chance() {
        let spent: f64 = (1..=LOOKS).map(|k| ALPHA / f64::from(k * (k + 1))).sum();
        assert!(spent < ALPHA && spent > 0.8 * ALPHA, "{spent}");
        assert_eq!(look_at(0), SimTime::from_us(40_000_000));
        assert_eq!(look_at(3), SimTime::from_us(320_000_000));
    }
}
