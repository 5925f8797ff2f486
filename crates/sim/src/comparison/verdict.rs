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
const FIGURES: [ComparedFigure; 3] = [
    ComparedFigure::Mean,
    ComparedFigure::Tail,
    ComparedFigure::Lost,
];
/// The smallest difference of two times that a verdict names, as a share of the smaller one: nobody feels less.
pub const FELT: f64 = 0.02;
/// The smallest difference of two shares of lost requests that a verdict names.
pub const FELT_LOST: f64 = 0.001;

/// A figure that runs are compared by; less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComparedFigure {
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
    /// The figure that is compared.
    pub figure: ComparedFigure,
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
    /// Whether several best runs are known to be equally good: each differs from the best of them by less than the
    /// smallest difference that a verdict names ([`FELT`], [`FELT_LOST`]), at the same chance of an error.
    pub equal: bool,
    /// The time of the look at which it is expected to be decided, if the runs go on to differ and to vary as they did
    /// so far. `None` where it is decided, and where no look is expected to decide it.
    pub expected: Option<SimTime>,
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

    /// Whether nothing remains to be found: every run is the best one, as good as that, or clearly worse.
    #[must_use]
    pub fn is_decided(&self) -> bool {
        self.best.len() == 1 || self.equal
    }

    /// Whether it is decided by the figure that is asked for: of the tail, a 95th percentile stands for the 99th only
    /// until there is enough of that.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.is_decided() && self.percentile != 95
    }
}

/// The time of a look, counted from 0.
#[must_use]
pub fn look_at(look: u32) -> SimTime {
    SimTime::ZERO + FIRST_LOOK.times(1 << look)
}

/// Looks at all runs; `look` is the number of the look, from 0. Leaves out a figure of which there is too little yet.
pub(super) fn verdicts(lanes: &[ComparedRun], look: u32) -> Vec<Verdict> {
    let decide = |figure| decide(lanes, figure, look);
    FIGURES.into_iter().filter_map(decide).collect()
}

/// The chance of an error that one test of one pair of runs has at a look.
fn chance(lanes: usize, look: u32) -> f64 {
    let pairs = lanes * lanes.saturating_sub(1) / 2;
    let number = f64::from(look) + 1.0;
    let spent = ALPHA / (number * (number + 1.0));
    spent / (FIGURES.len() * pairs.max(1)) as f64
}

fn decide(lanes: &[ComparedRun], figure: ComparedFigure, look: u32) -> Option<Verdict> {
    let measure = Measure::of(lanes, figure)?;
    let means: Vec<f64> = lanes
        .iter()
        .map(|lane| measure.value(lane))
        .collect::<Option<_>>()?;
    let mut order: Vec<usize> = (0..lanes.len()).collect();
    order.sort_by(|a, b| means[*a].total_cmp(&means[*b]));
    let best = *order.first()?;
    let difference = |lane: usize, than: usize| {
        let felt = match figure {
            ComparedFigure::Lost => FELT_LOST,
            _ => FELT * means[than],
        };
        let values = measure.differences(&lanes[lane], &lanes[than]);
        let ended = [lane, than].map(|run| ended(&lanes[run])).into_iter().min();
        let ended = ended.filter(|_| figure == ComparedFigure::Lost);
        Difference::of(&values, felt, ended, lanes.len(), look)
    };
    let is_worse = |lane, than| difference(lane, than).is_some_and(|one| one.is_named());
    let mut verdict = Verdict {
        figure,
        percentile: measure.percentile(),
        at: look_at(look),
        best: Vec::new(),
        worse: Vec::new(),
        worst: None,
        equal: lanes.len() > 1,
        expected: None,
    };
    // The look that decides each pair; `None` as soon as there is a pair that none decides.
    let mut expected = Some(look);
    for lane in 0..lanes.len() {
        let found = difference(lane, best);
        match found.as_ref().filter(|one| lane != best && one.is_named()) {
            Some(found) => verdict.worse.push(Worse {
                lane,
                difference: found.interval,
                factor: (means[best] > 0.0).then(|| means[lane] / means[best]),
            }),
            None => {
                verdict.best.push(lane);
                let decides = found.as_ref().and_then(Difference::deciding_look);
                let decides = if lane == best { Some(look) } else { decides };
                verdict.equal &= decides == Some(look);
                expected = expected.zip(decides).map(|(one, other)| one.max(other));
            }
        }
    }
    verdict.equal &= verdict.best.len() > 1;
    verdict.expected = expected.filter(|last| *last > look).map(look_at);
    let last = *order.last()?;
    let is_last = |other: &usize| *other == last || is_worse(last, *other);
    verdict.worst = (lanes.len() > 2 && order.iter().all(is_last)).then_some(last);
    Some(verdict)
}

fn ended(lane: &ComparedRun) -> u64 {
    let view = lane.view();
    view.totals().answered + view.totals().unanswered()
}

/// The difference of a figure between two runs at a look.
#[derive(Clone, Copy, Debug)]
struct Difference {
    /// The interval at this look's chance of an error.
    interval: Interval,
    /// The standard error of the mean.
    error: f64,
    /// The number of batches: the same at every look.
    count: usize,
    /// The smallest difference that is named.
    felt: f64,
    /// The requests that have ended in the run with fewer of them; `None` where the figure is no share of them.
    ended: Option<u64>,
    /// The number of runs.
    lanes: usize,
    look: u32,
}

impl Difference {
    fn of(values: &[f64], felt: f64, ended: Option<u64>, lanes: usize, look: u32) -> Option<Self> {
        let (count, t) = (values.len(), student(chance(lanes, look), values.len()));
        let interval = Interval::with(values, t)?;
        Some(Self {
            interval,
            error: interval.half / t,
            count,
            felt,
            ended,
            lanes,
            look,
        })
    }

    /// Whether a verdict names it.
    fn is_named(&self) -> bool {
        self.names(self.interval.half)
    }

    fn names(&self, half: f64) -> bool {
        self.interval.mean > half && self.interval.mean >= self.felt
    }

    /// Whether there is no difference that a verdict would name. A run that has lost nothing yet does not vary, and
    /// proves little: what has a share of p is missed by n requests with a chance of exp(-n p).
    fn is_none(&self, half: f64, look: u32) -> bool {
        let missed = self.ended.map_or(0.0, |ended| {
            let later = ended as f64 * f64::from(1_u32 << (look - self.look));
            -libm::log(chance(self.lanes, look)) / later.max(1.0)
        });
        self.interval.mean.abs() + half.max(missed) < self.felt
    }

    /// The first look, from this one on, that will name the difference or find that there is none, if mean and spread
    /// stay what they are: the standard error falls with the root of the time.
    fn deciding_look(&self) -> Option<u32> {
        (self.look..LOOKS).find(|later| {
            let longer = f64::from(1_u32 << (later - self.look));
            let half = student(chance(self.lanes, *later), self.count) * self.error / longer.sqrt();
            self.names(half) || self.is_none(half, *later)
        })
    }
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
    fn of(lanes: &[ComparedRun], figure: ComparedFigure) -> Option<Self> {
        match figure {
            ComparedFigure::Mean => Some(Self::Batches(Estimate::Mean)),
            ComparedFigure::Lost => Some(Self::Batches(Estimate::Errors)),
            ComparedFigure::Tail => [2, 1].map(Self::Percentile).into_iter().find(|measure| {
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
