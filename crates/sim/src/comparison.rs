//! A run comparison: two to four runs of one scene, each with its own algorithm, layer or checks, fed the same
//! arrivals and the same commands at the same instants.
//!
//! Every run is a whole engine; nothing is shared but the scene, the seed and the log. So a run's figures are those of
//! its scene alone (`tests/it/race.rs`), and differences between two runs come from what was set differently, not from
//! luck: the same requests arrive in both.

pub mod batches;
pub mod response_times;
pub mod series;
pub mod verdict;

use self::batches::{BatchSample, Batches};
use self::response_times::Percents;
use self::series::TimeSeries;
use self::verdict::{LOOKS, Verdict};
use super::balance::algorithm::{Algorithm, Implementation};
use super::balance::spec::Layer;
use super::engine::command::{Command, CommandError};
use super::engine::view::View;
use super::engine::{Engine, EventBudget, Progress};
use super::run::Run;
use super::scenario::Scenario;
use super::time::{SimDuration, SimTime};

/// The smallest and the largest number of runs.
pub const LANES: std::ops::RangeInclusive<usize> = 2..=4;
/// The time between two common stops of all runs: also how often busy workers are counted.
const SLICE: SimDuration = SimDuration::from_ms(20);

/// The settings of one run that may differ from the scene's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComparedConfig {
    /// The load-balancing algorithm of the lane.
    pub algorithm: Algorithm,
    /// Whose implementation of the algorithm.
    pub engine: Implementation,
    /// Whether the balancer works on connections (L4) or on requests (L7).
    pub layer: Layer,
    /// Whether the run has active checks: the scene's, or the usual ones.
    pub active_checks: bool,
    /// Whether the run has passive checks: the scene's, or the usual ones.
    pub passive_checks: bool,
}

impl ComparedConfig {
    /// The settings of the scene itself.
    #[must_use]
    pub const fn of(scenario: &Scenario) -> Self {
        let spec = &scenario.balancer;
        Self {
            algorithm: spec.algorithm,
            engine: spec.engine,
            layer: spec.layer,
            active_checks: spec.active_checks.is_some(),
            passive_checks: spec.passive_checks.is_some(),
        }
    }

    /// The scene with these settings.
    #[must_use]
    pub fn scenario(&self, base: &Scenario) -> Scenario {
        let mut scenario = base.clone();
        let spec = &mut scenario.balancer;
        (spec.algorithm, spec.engine, spec.layer) = (self.algorithm, self.engine, self.layer);
        spec.active_checks = self
            .active_checks
            .then(|| spec.active_checks.unwrap_or_default());
        spec.passive_checks = self
            .passive_checks
            .then(|| spec.passive_checks.unwrap_or_default());
        scenario
    }
}

/// One run of a comparison.
#[derive(Clone, Debug)]
pub struct ComparedRun {
    /// The settings of this run.
    pub entrant: ComparedConfig,
    engine: Engine,
    batches: Batches,
    percents: Percents,
    series: TimeSeries,
    /// Busy workers and workers in all, added up over the slices.
    busy: u64,
    workers: u64,
}

impl ComparedRun {
    fn new(base: &Run, entrant: ComparedConfig) -> Self {
        Self {
            entrant,
            engine: Engine::new(&entrant.scenario(&base.scenario), base.seed),
            batches: Batches::default(),
            percents: Percents::default(),
            series: TimeSeries::default(),
            busy: 0,
            workers: 0,
        }
    }

    /// A read-only view of its engine.
    #[must_use]
    pub const fn view(&self) -> View<'_> {
        self.engine.view()
    }

    /// The response times and errors in batches, for confidence intervals.
    #[must_use]
    pub const fn batches(&self) -> &Batches {
        &self.batches
    }

    /// The percentiles in batches, for confidence intervals.
    #[must_use]
    pub const fn percents(&self) -> &Percents {
        &self.percents
    }

    /// The course of the run since its start, for lines in a chart.
    #[must_use]
    pub const fn series(&self) -> &TimeSeries {
        &self.series
    }

    /// The share of all workers that was busy, on average, 0 to 1, sampled fifty times a simulated second.
    #[must_use]
    pub fn utilisation(&self) -> Option<f64> {
        (self.workers > 0).then(|| self.busy as f64 / self.workers as f64)
    }

    /// This run, to go on with alone.
    #[must_use]
    pub fn run(&self) -> Run {
        Run::of(self.view())
    }

    fn look(&mut self) {
        for member in self.engine.view().members() {
            self.busy += member.server.running().len() as u64;
            self.workers += u64::from(member.server.spec.workers);
        }
        let view = self.engine.view();
        let (totals, recorder) = (view.totals(), view.recorder());
        self.batches.note(
            view.now(),
            BatchSample {
                answered: totals.answered,
                unanswered: totals.unanswered(),
                answered_us: recorder.answered_us(),
            },
        );
        self.percents.note(view.now(), recorder);
        self.series.note(view.now(), recorder);
    }
}

/// All runs of a comparison, always at the same instant.
#[derive(Clone, Debug)]
pub struct RunComparison {
    lanes: Vec<ComparedRun>,
    /// The commands of the run that the comparison began from that are still to come.
    script: Vec<(SimTime, Command)>,
    done: usize,
    now: SimTime,
    /// How often the runs were looked at for a verdict.
    looks: u32,
    /// The verdicts of the last look, by figure.
    verdicts: Vec<Verdict>,
}

impl RunComparison {
    /// The runs at time 0. The commands of `base` will be given in all of them at their times, except those that a
    /// run's own settings replace. Runs beyond [`LANES`] are left out.
    #[must_use]
    pub fn new(base: &Run, entrants: &[ComparedConfig]) -> Self {
        let shared = |command: &Command| {
            !matches!(
                command,
                Command::SetAlgorithm(..)
                    | Command::SetLayer(_)
                    | Command::SetActiveChecks(_)
                    | Command::SetPassiveChecks(_)
            )
        };
        let entries = base.ordered_log().into_iter();
        Self {
            lanes: entrants
                .iter()
                .take(*LANES.end())
                .map(|entrant| ComparedRun::new(base, *entrant))
                .collect(),
            script: entries
                .map(|entry| (entry.at, entry.command))
                .filter(|(_, command)| shared(command))
                .collect(),
            done: 0,
            now: SimTime::ZERO,
            looks: 0,
            verdicts: Vec::new(),
        }
    }

    /// The verdicts of the last look, by figure. They stand until the next one. Empty before the first look; a figure
    /// of which there is too little yet is left out.
    #[must_use]
    pub fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    /// The time of the next look; `None` after the last one.
    #[must_use]
    pub fn next_look(&self) -> Option<SimTime> {
        (self.looks < LOOKS).then(|| verdict::look_at(self.looks))
    }

    /// Whether another look can change nothing: every figure is decided, the tail by its 99th percentile, or the last
    /// look is over.
    #[must_use]
    pub fn is_sure(&self) -> bool {
        let all = self.verdicts.iter().all(Verdict::is_final);
        self.looks == LOOKS || (!self.verdicts.is_empty() && all)
    }

    /// The time of the look at which every figure is expected to be decided ([`Verdict::expected`]). `None` before the
    /// first look, where nothing remains to be found, and where a figure is not expected to be decided at all.
    #[must_use]
    pub fn expected_end(&self) -> Option<SimTime> {
        let open = self.verdicts.iter().filter(|one| !one.is_final());
        let expected = |one: &Verdict| {
            if one.is_decided() {
                self.next_look()
            } else {
                one.expected
            }
        };
        let expected: Option<Vec<SimTime>> = open.map(expected).collect();
        expected?.into_iter().max().filter(|_| self.looks < LOOKS)
    }

    /// The runs, in the order in which they were given.
    #[must_use]
    pub fn lanes(&self) -> &[ComparedRun] {
        &self.lanes
    }

    /// The instant at which all runs are.
    #[must_use]
    pub const fn now(&self) -> SimTime {
        self.now
    }

    /// Advances all runs up to and including `until`. If the budget, which all runs share, is used up first, they stop
    /// together a little earlier.
    pub fn run_until(&mut self, until: SimTime, budget: EventBudget) -> Progress {
        let mut left = budget.0;
        while self.now < until {
            if left == 0 {
                return Progress::OutOfBudget;
            }
            let slice = self.now.as_us() / SLICE.as_us() + 1;
            let whole = SimTime::from_us(slice * SLICE.as_us());
            let due = self.script.get(self.done).map(|(at, _)| *at);
            let stop = due
                .map_or(whole, |at| at.max(self.now).min(whole))
                .min(until);
            for lane in &mut self.lanes {
                let before = lane.view().events();
                lane.engine.run_until(stop, EventBudget::UNBOUNDED);
                left = left.saturating_sub(lane.view().events() - before);
                if stop == whole {
                    lane.look();
                }
            }
            self.now = stop;
            if self.next_look() == Some(stop) {
                self.verdicts = verdict::verdicts(&self.lanes, self.looks);
                self.looks += 1;
            }
            self.follow_script();
        }
        Progress::Done
    }

    fn follow_script(&mut self) {
        while let Some((at, command)) = self.script.get(self.done).cloned() {
            if at > self.now {
                return;
            }
            self.done += 1;
            let _ = self.send(command);
        }
    }

    /// Gives a command in every run at this instant.
    ///
    /// # Errors
    /// [`CommandError`] if the first run refuses it; then nothing has changed in any.
    pub fn send(&mut self, command: Command) -> Result<(), CommandError> {
        let Some((first, others)) = self.lanes.split_first_mut() else {
            return Ok(());
        };
        first.engine.apply(command.clone())?;
        // All have the same servers and the same traffic, so what one can do all can.
        if let Some((last, between)) = others.split_last_mut() {
            for lane in between {
                let _ = lane.engine.apply(command.clone());
            }
            let _ = last.engine.apply(command);
        }
        Ok(())
    }
}
