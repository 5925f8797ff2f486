//! A run comparison in words: each run's name and figures, how certain they are, and what differs.

use super::words::{algorithm, duration, percent};
use evenkeel_sim::balance::spec::Layer;
use evenkeel_sim::comparison::batches::{Estimate, Interval};
use evenkeel_sim::comparison::response_times::QUANTILES;
use evenkeel_sim::comparison::verdict::{ComparedFigure, Verdict};
use evenkeel_sim::comparison::{ComparedRun, RunComparison};
use evenkeel_sim::time::SimDuration;
use evenkeel_words::number::fixed;
use evenkeel_words::t;

/// One figure of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The value, like `412 ms`.
    pub value: String,
    /// The confidence interval, or that it is too early to tell; empty where neither applies.
    pub sure: String,
    /// What the last look found.
    pub standing: Standing,
}

/// How a run's figure compares with those of the others, as the last look found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// Clearly better than every other run's.
    Best,
    /// Clearly worse than every other run's.
    Worst,
    /// Neither, or too close to call.
    #[default]
    Open,
}

impl Standing {
    /// In a word; empty where there is none.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::Best => t!("race.best"),
            Self::Worst => t!("race.worst"),
            Self::Open => String::new(),
        }
    }
}

/// One figure of every run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparisonRow {
    /// The name of the figure.
    pub name: String,
    /// The readings, by run.
    pub lanes: Vec<Reading>,
}

/// The settings that set a run apart, in a few words: `Least connections, HAProxy, L4, no passive checks`.
#[must_use]
pub fn name(race: &RunComparison, place: usize) -> String {
    let lane = &race.lanes()[place];
    let own = &lane.entrant;
    let others = || race.lanes().iter().map(|lane| lane.entrant);
    let mut name = algorithm(own.algorithm.row());
    let mut add = |text: String| name = t!("race.name_and", name = &name, more = text);
    if others().any(|one| one.algorithm == own.algorithm && one.engine != own.engine) {
        add(own.engine.label().to_owned());
    }
    if others().any(|one| one.layer != own.layer) {
        add(match own.layer {
            Layer::L4 => "L4".to_owned(),
            Layer::L7 => "L7".to_owned(),
        });
    }
    if !own.active_checks && others().any(|one| one.active_checks) {
        add(t!("race.no_active"));
    }
    if !own.passive_checks && others().any(|one| one.passive_checks) {
        add(t!("race.no_passive"));
    }
    if others().filter(|one| one == own).count() > 1 {
        add(t!("race.lane", n = place + 1));
    }
    name
}

/// The figures of all runs, row by row.
#[must_use]
pub fn rows(race: &RunComparison) -> Vec<ComparisonRow> {
    let percentile = |name: &str, quantile: usize| {
        let value = move |lane: &ComparedRun| {
            let all = lane.view().recorder().run_percentiles()?;
            Some([all.p50, all.p95, all.p99][quantile].as_us() as f64)
        };
        row(
            name.to_owned(),
            race,
            &value,
            &|lane| Some(lane.percents().interval(quantile)),
            ComparisonUnit::Time,
            verdict(race, ComparedFigure::Tail, [50, 95, 99][quantile]),
        )
    };
    let mean = |lane: &ComparedRun| Some(lane.view().recorder().run_mean()?.as_us() as f64);
    let errors = |lane: &ComparedRun| {
        let totals = lane.view().totals();
        let ended = totals.answered + totals.unanswered();
        (ended > 0).then(|| totals.unanswered() as f64 / ended as f64)
    };
    debug_assert_eq!(QUANTILES.len(), 3);
    vec![
        row(
            t!("race.mean"),
            race,
            &mean,
            &|lane| Some(lane.batches().interval(Estimate::Mean)),
            ComparisonUnit::Time,
            verdict(race, ComparedFigure::Mean, 0),
        ),
        percentile("p50", 0),
        percentile("p95", 1),
        percentile("p99", 2),
        row(
            t!("race.errors"),
            race,
            &errors,
            &|lane| Some(lane.batches().interval(Estimate::Errors)),
            ComparisonUnit::Part,
            verdict(race, ComparedFigure::Lost, 0),
        ),
        row(
            t!("race.fairness"),
            race,
            &|lane| lane.view().fairness(),
            &|_| None,
            ComparisonUnit::Index,
            None,
        ),
        row(
            t!("race.utilisation"),
            race,
            &ComparedRun::utilisation,
            &|_| None,
            ComparisonUnit::Load,
            None,
        ),
    ]
}

/// The figures that a run shows beside its picture, with short names: 99th percentile, share of lost requests, mean.
#[must_use]
pub fn lane_figures(race: &RunComparison, place: usize) -> Vec<(String, Reading)> {
    let mut rows = rows(race);
    let shown = [
        (3, "p99".to_owned()),
        (4, t!("race.lost_short")),
        (0, t!("race.mean_short")),
    ];
    let one = |(row, name): (usize, String)| {
        let lanes = &mut rows.get_mut(row)?.lanes;
        Some((name, lanes.get_mut(place).map(std::mem::take)?))
    };
    shown.into_iter().filter_map(one).collect()
}

/// What the last look found of a figure; `percentile` is that of the tail, 0 for other figures.
fn verdict(race: &RunComparison, figure: ComparedFigure, percentile: u32) -> Option<&Verdict> {
    let mut verdicts = race.verdicts().iter();
    verdicts.find(|one| (one.figure, one.percentile) == (figure, percentile))
}

/// How a run stands in a verdict. Of two runs the worse one is the worst.
fn standing(verdict: Option<&Verdict>, place: usize, lanes: usize) -> Standing {
    let Some(verdict) = verdict else {
        return Standing::Open;
    };
    let is_last_of_two = lanes == 2 && verdict.worse.iter().any(|one| one.lane == place);
    if verdict.winner() == Some(place) {
        Standing::Best
    } else if verdict.worst == Some(place) || is_last_of_two {
        Standing::Worst
    } else {
        Standing::Open
    }
}

/// The unit of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ComparisonUnit {
    /// Microseconds.
    Time,
    /// A share of 1 that failed.
    Part,
    /// An index from 0 to 1.
    Index,
    /// A share of 1 that worked.
    Load,
}

impl ComparisonUnit {
    fn text(self, value: f64) -> String {
        match self {
            Self::Time => duration(SimDuration::from_us(value.max(0.0) as u64)),
            Self::Part | Self::Load => percent(value),
            Self::Index => fixed(value, 3),
        }
    }
}

fn row(
    name: String,
    race: &RunComparison,
    value: &dyn Fn(&ComparedRun) -> Option<f64>,
    interval: &dyn Fn(&ComparedRun) -> Option<Option<Interval>>,
    unit: ComparisonUnit,
    verdict: Option<&Verdict>,
) -> ComparisonRow {
    let values: Vec<Option<f64>> = race.lanes().iter().map(value).collect();
    let reading = |(place, lane): (usize, &ComparedRun)| {
        let Some(own) = values[place] else {
            return Reading {
                value: "–".to_owned(),
                ..Reading::default()
            };
        };
        let interval = interval(lane);
        let sure = match &interval {
            None => String::new(),
            Some(None) => t!("race.too_early"),
            Some(Some(interval)) => t!("race.sure", half = unit.text(interval.half)),
        };
        Reading {
            value: unit.text(own),
            sure,
            standing: standing(verdict, place, race.lanes().len()),
        }
    };
    ComparisonRow {
        name,
        lanes: race.lanes().iter().enumerate().map(reading).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::differences;
    use evenkeel_sim::balance::algorithm::CATALOGUE;
    use evenkeel_sim::comparison::ComparedConfig;
    use evenkeel_sim::engine::EventBudget;
    use evenkeel_sim::engine::command::{Command, FaultKind};
    use evenkeel_sim::ids::ServerId;
    use evenkeel_sim::run::Run;
    use evenkeel_sim::scenario::preset::default_scenario;
    use evenkeel_sim::time::SimTime;
    use evenkeel_sim::units::Permille;

    fn race(ids: &[&str], edit: impl Fn(&mut ComparedConfig)) -> RunComparison {
        let scenario = default_scenario();
        let entrant = |id: &&str| {
            let row = CATALOGUE.iter().find(|row| row.id == *id).expect("known");
            let mut entrant = ComparedConfig {
                algorithm: row.algorithm,
                ..ComparedConfig::of(&scenario)
            };
            edit(&mut entrant);
            entrant
        };
        let entrants: Vec<ComparedConfig> = ids.iter().map(entrant).collect();
        RunComparison::new(&Run::start(scenario), &entrants)
    }

    #[test]
    fn at_first_nothing_is_claimed() {
        let mut race = race(&["round_robin", "least_connections"], |_| ());
        race.run_until(SimTime::from_us(3_000_000), EventBudget::UNBOUNDED);
        let said = differences(&race).join(" ");
        assert_eq!(
            said,
            "It is too early to say: the first verdict comes at 0:40.0."
        );
        assert!(
            rows(&race)[0]
                .lanes
                .iter()
                .all(|one| !one.sure.contains('±'))
        );
    }

    #[test]
    fn of_lanes_that_read_the_same_none_is_best_and_the_names_keep_their_order() {
        let mut race = race(&["round_robin", "round_robin"], |_| ());
        race.run_until(SimTime::from_us(160_000_000), EventBudget::UNBOUNDED);
        let said = differences(&race);
        let both = "Round robin, lane 1 and Round robin, lane 2";
        let equal = format!("On average: {both} are equally fast, within 2 %.");
        assert!(said.contains(&equal), "{said:?}");
        assert!(said.iter().all(|one| !one.contains("fastest")), "{said:?}");
        let none = |one: &Reading| one.standing == Standing::Open;
        assert!(rows(&race).iter().all(|row| row.lanes.iter().all(none)));
    }

    #[test]
    fn least_connections_fails_most_before_a_black_hole() {
        let ids = ["weighted_round_robin", "least_connections", "power_of_two"];
        let mut race = race(&ids, |one| one.passive_checks = false);
        race.send(Command::Fault(
            ServerId(1),
            FaultKind::FailFast(Permille(1_000)),
        ))
        .expect("B is there");
        race.run_until(SimTime::from_us(160_000_000), EventBudget::UNBOUNDED);
        let said = differences(&race);
        assert!(said[0].starts_with("Lost requests: "), "{said:?}");
        assert!(said[0].contains("Least connections loses"), "{said:?}");
        assert!(said[0].ends_with("clearly the worst."), "{said:?}");
        let errors = &rows(&race)[4];
        assert!(errors.lanes.iter().all(|one| one.sure.contains('±')));
        assert_eq!(errors.lanes[1].standing, Standing::Worst);
        let shown = ("lost".to_owned(), errors.lanes[1].clone());
        assert_eq!(lane_figures(&race, 1)[1], shown);
    }

    #[test]
    fn lanes_are_named_by_what_sets_them_apart() {
        let mut alike = race(&["round_robin", "round_robin"], |_| ());
        assert_eq!(name(&alike, 1), "Round robin, lane 2");
        let mut other = alike.lanes()[0].entrant;
        other.layer = Layer::L4;
        other.passive_checks = false;
        alike = RunComparison::new(
            &Run::start(default_scenario()),
            &[alike.lanes()[0].entrant, other],
        );
        assert_eq!(name(&alike, 0), "Round robin, L7");
        assert_eq!(name(&alike, 1), "Round robin, L4, no passive checks");
    }
}
