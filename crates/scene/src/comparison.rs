//! A run comparison in words: each run's name and figures, how certain they are, and what differs.

use super::words::{algorithm, duration, percent};
use evenkeel_sim::balance::spec::Layer;
use evenkeel_sim::comparison::batches::{Estimate, Interval};
use evenkeel_sim::comparison::response_times::QUANTILES;
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
    /// Whether it is the best of all runs, and the only best.
    pub best: bool,
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
        ),
        row(
            t!("race.fairness"),
            race,
            &|lane| lane.view().fairness(),
            &|_| None,
            ComparisonUnit::Index,
        ),
        row(
            t!("race.utilisation"),
            race,
            &ComparedRun::utilisation,
            &|_| None,
            ComparisonUnit::Load,
        ),
    ]
}

/// The unit of a figure, and which end of it is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ComparisonUnit {
    /// Microseconds; less is better.
    Time,
    /// A share of 1; less is better.
    Part,
    /// An index from 0 to 1; more is better.
    Index,
    /// A share of 1 that is neither good nor bad.
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
) -> ComparisonRow {
    let values: Vec<Option<f64>> = race.lanes().iter().map(value).collect();
    let better = |a: f64, b: f64| match unit {
        ComparisonUnit::Time | ComparisonUnit::Part => a < b,
        ComparisonUnit::Index => a > b,
        ComparisonUnit::Load => false,
    };
    let is_best = |own: f64, place: usize| {
        let mut others = values
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != place);
        // What reads the same is no better.
        let wins = |other: f64| better(own, other) && unit.text(own) != unit.text(other);
        others.all(|(_, other)| other.is_some_and(wins))
    };
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
            best: interval != Some(None) && is_best(own, place),
        }
    };
    ComparisonRow {
        name,
        lanes: race.lanes().iter().enumerate().map(reading).collect(),
    }
}

/// The differences, in sentences: which run is fastest and which fails most, and by how much, as far as that is
/// certain.
#[must_use]
pub fn differences(race: &RunComparison) -> Vec<String> {
    if race.lanes().len() < 2 {
        return Vec::new();
    }
    vec![fastest(race), tail(race), failing(race)]
}

/// The difference of a figure between two runs; `None` while it is too early to tell.
type Difference<'a> = &'a dyn Fn(&ComparedRun, &ComparedRun) -> Option<Interval>;

/// The places of the lane with the least of a figure and the one next to it, by the mean difference,
/// and what lies between the two; `None` while there is not enough to tell.
fn least(race: &RunComparison, difference: Difference<'_>) -> Option<(usize, usize, Interval)> {
    let lanes = race.lanes();
    let mut order: Vec<usize> = (0..lanes.len()).collect();
    // Against the first lane, which is 0 against itself.
    let against: Option<Vec<f64>> = lanes
        .iter()
        .map(|lane| difference(lane, &lanes[0]).map(|interval| interval.mean))
        .collect();
    let against = against?;
    order.sort_by(|a, b| against[*a].total_cmp(&against[*b]));
    let (first, next) = (order[0], order[1]);
    Some((first, next, difference(&lanes[next], &lanes[first])?))
}

fn fastest(race: &RunComparison) -> String {
    let by_mean =
        |a: &ComparedRun, b: &ComparedRun| a.batches().difference(b.batches(), Estimate::Mean);
    match least(race, &by_mean) {
        None => t!("race.early_mean"),
        Some((first, next, by)) if by.is_telling() => t!(
            "race.faster",
            lane = name(race, first),
            than = name(race, next),
            by = ComparisonUnit::Time.text(by.mean),
            half = ComparisonUnit::Time.text(by.half)
        ),
        Some((first, ..)) => undecided(race, t!("race.on_average"), first, &by_mean),
    }
}

/// That the best lanes of a figure cannot be told apart, and which are clearly worse than the `first`. Lanes
/// are named in their order on the page, so that the sentence does not change with every pulse.
fn undecided(
    race: &RunComparison,
    what: String,
    first: usize,
    difference: Difference<'_>,
) -> String {
    let lanes = race.lanes();
    let is_slower = |place: &usize| {
        let by = difference(&lanes[*place], &lanes[first]);
        by.is_some_and(|by| by.is_telling())
    };
    let (slower, close): (Vec<usize>, Vec<usize>) = (0..lanes.len()).partition(is_slower);
    let mut said = match close[..] {
        [lane, than] => t!(
            "race.undecided",
            which = what,
            lane = name(race, lane),
            than = name(race, than)
        ),
        _ => t!("race.undecided_many", which = what, n = close.len()),
    };
    for lane in slower {
        said.push(' ');
        said += &t!("race.slower", lane = name(race, lane));
    }
    said
}

fn tail(race: &RunComparison) -> String {
    let by_p99 = |a: &ComparedRun, b: &ComparedRun| a.percents().difference(b.percents(), 2);
    let by_p95 = |a: &ComparedRun, b: &ComparedRun| a.percents().difference(b.percents(), 1);
    let by_tail: [(&str, Difference<'_>); 2] = [("p99", &by_p99), ("p95", &by_p95)];
    let found = by_tail
        .into_iter()
        .find_map(|(word, by)| Some((word, by, least(race, by)?)));
    match found {
        None => t!("race.early_tail"),
        Some((word, _, (first, next, by))) if by.is_telling() => t!(
            "race.shorter_tail",
            lane = name(race, first),
            than = name(race, next),
            which = word,
            by = ComparisonUnit::Time.text(by.mean),
            half = ComparisonUnit::Time.text(by.half)
        ),
        Some((word, difference, (first, ..))) => {
            undecided(race, word.to_owned(), first, difference)
        }
    }
}

fn failing(race: &RunComparison) -> String {
    let failed = race
        .lanes()
        .iter()
        .any(|lane| lane.view().totals().unanswered() > 0);
    if !failed {
        return t!("race.nobody_fails");
    }
    // The most is the least of the opposite.
    let by_errors =
        |a: &ComparedRun, b: &ComparedRun| b.batches().difference(a.batches(), Estimate::Errors);
    match least(race, &by_errors) {
        None => t!("race.early_errors"),
        Some((most, next, by)) if by.is_telling() => t!(
            "race.fails_most",
            lane = name(race, most),
            than = name(race, next),
            by = fixed(by.mean * 100.0, 1),
            half = fixed(by.half * 100.0, 1)
        ),
        Some((most, next, _)) => t!(
            "race.fails_alike",
            lane = name(race, most.min(next)),
            than = name(race, most.max(next))
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::balance::algorithm::CATALOGUE;
    use evenkeel_sim::comparison::ComparedConfig;
    use evenkeel_sim::engine::EventBudget;
    use evenkeel_sim::engine::command::{Command, FaultKind};
    use evenkeel_sim::ids::ServerId;
    use evenkeel_sim::run::Run;
    use evenkeel_sim::scenario::preset::default_scenario;
    use evenkeel_sim::time::SimTime;

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
        assert!(said.contains("too early"), "{said}");
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
        race.run_until(SimTime::from_us(120_000_000), EventBudget::UNBOUNDED);
        let said = differences(&race);
        let close = "too close to call between Round robin, lane 1 and Round robin, lane 2.";
        assert_eq!(said[0], format!("On average: {close}"));
        assert!(said[1].ends_with(close), "{said:?}");
        let best = |row: &ComparisonRow| row.lanes.iter().any(|one| one.best);
        assert!(!rows(&race).iter().any(best));
    }

    #[test]
    fn least_connections_fails_most_before_a_black_hole() {
        let ids = ["weighted_round_robin", "least_connections", "power_of_two"];
        let mut race = race(&ids, |one| one.passive_checks = false);
        race.send(Command::Fault(ServerId(1), FaultKind::FailFast(1_000)))
            .expect("B is there");
        race.run_until(SimTime::from_us(120_000_000), EventBudget::UNBOUNDED);
        let said = differences(&race);
        assert!(
            said[2].starts_with("Least connections fails most"),
            "{said:?}"
        );
        let errors = &rows(&race)[4];
        assert!(errors.lanes.iter().all(|one| one.sure.contains('±')));
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
