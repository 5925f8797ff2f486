//! The verdicts of a run comparison in sentences: one for each figure, with the size of every difference that is named,
//! and how long it will take until nothing remains to be found.

use super::comparison::name;
use super::words::{clock, duration};
use evenkeel_sim::comparison::RunComparison;
use evenkeel_sim::comparison::verdict::{
    ComparedFigure, FELT, FELT_LOST, LOOKS, Verdict, Worse, look_at,
};
use evenkeel_sim::time::{SimDuration, SimTime};
use evenkeel_words::number::fixed;
use evenkeel_words::t;

/// From this factor on a time is said as "1.7 times as long", below it as "12 % longer".
const MANY: f64 = 1.5;

/// The verdicts of the last look, a sentence for each figure, and first the one that says most: of the figures in which
/// a run is clearly worse the first of lost requests, slowest requests, mean. When the first look comes, while there
/// was none.
#[must_use]
pub fn differences(race: &RunComparison) -> Vec<String> {
    if race.lanes().len() < 2 {
        return Vec::new();
    }
    if race.verdicts().is_empty() {
        let at = race.next_look().map(clock).unwrap_or_default();
        return vec![t!("race.early", at = at)];
    }
    let mut verdicts: Vec<&Verdict> = race.verdicts().iter().collect();
    verdicts.sort_by_key(|one| {
        let order = [
            ComparedFigure::Lost,
            ComparedFigure::Tail,
            ComparedFigure::Mean,
        ];
        let says_little = one.worse.is_empty();
        let mut place = order.iter().position(|figure| *figure == one.figure);
        if says_little {
            // Without a difference the mean is the plainest.
            place = place.map(|place| order.len() - place);
        }
        (says_little, place)
    });
    let said = verdicts.into_iter().map(|one| sentence(race, one));
    said.collect()
}

/// When the verdict that stands was made, and when the next one comes.
#[must_use]
pub fn looks(race: &RunComparison) -> String {
    let Some(last) = race.verdicts().first() else {
        return String::new();
    };
    let at = clock(last.at);
    match race.next_look().filter(|_| !race.is_sure()) {
        Some(next) => t!("race.looked", at = at, next = clock(next)),
        None => t!("race.looked_last", at = at),
    }
}

/// How much longer it takes, in simulated time, until nothing remains to be found.
#[must_use]
pub fn forecast(race: &RunComparison) -> String {
    if race.is_sure() {
        return t!("race.is_sure");
    }
    let left = |at: SimTime| {
        // Nobody can tell it to the second.
        let tens = at.since(race.now()).as_us().div_ceil(10_000_000);
        match tens {
            0..12 => t!("race.seconds", n = tens * 10),
            _ => t!("race.minutes", n = (tens + 3) / 6),
        }
    };
    match (race.verdicts().is_empty(), race.expected_end()) {
        (true, _) => {
            let first = race.next_look().map(left).unwrap_or_default();
            t!("race.until_first", time = first)
        }
        (false, Some(at)) => t!("race.until_sure", time = left(at)),
        (false, None) => t!("race.until_last", time = left(look_at(LOOKS - 1))),
    }
}

/// How far a comparison has come on the way to where nothing is expected to remain to be found: the time now, and the
/// time of that look or, where none is known, of the next one, both in seconds.
#[must_use]
pub fn progress(race: &RunComparison) -> (f64, f64) {
    let end = race.expected_end().or_else(|| race.next_look());
    let end = end.filter(|_| !race.is_sure()).unwrap_or(race.now());
    (race.now().as_secs_f64(), end.as_secs_f64().max(1e-3))
}

fn sentence(race: &RunComparison, verdict: &Verdict) -> String {
    if verdict.figure == ComparedFigure::Lost {
        let lost = |lane: &evenkeel_sim::comparison::ComparedRun| lane.view().totals().unanswered();
        if race.lanes().iter().all(|lane| lost(lane) == 0) {
            return t!("race.nobody_fails");
        }
    }
    let which = match (verdict.figure, verdict.percentile) {
        (ComparedFigure::Mean, _) => t!("race.on_average"),
        (ComparedFigure::Tail, percentile) => t!(
            "race.slowest",
            part = 100 - percentile,
            percentile = percentile
        ),
        (ComparedFigure::Lost, _) => t!("race.lost"),
    };
    let mut said = vec![best(race, verdict)];
    let mut worse: Vec<&Worse> = verdict.worse.iter().collect();
    worse.sort_by_key(|one| verdict.worst == Some(one.lane));
    said.extend(worse.into_iter().map(|one| worse_by(race, verdict, one)));
    t!("race.verdict", which = which, said = said.join("; "))
}

/// The run that is best, or those that are as good as each other or cannot be told apart. They are named in their order
/// on the page, so that the sentence does not change with chance.
fn best(race: &RunComparison, verdict: &Verdict) -> String {
    let names: Vec<String> = verdict.best.iter().map(|lane| name(race, *lane)).collect();
    let is_lost = verdict.figure == ComparedFigure::Lost;
    let (last, others) = match names.split_last() {
        Some((last, others)) if !others.is_empty() => (last, others.join(", ")),
        _ if is_lost => return t!("race.loses_least", lane = names.concat()),
        _ => return t!("race.fastest", lane = names.concat()),
    };
    match (verdict.equal, is_lost) {
        (true, true) => t!(
            "race.equal_lost",
            lanes = others,
            last = last,
            of = (1.0 / FELT_LOST).round() as u32
        ),
        (true, false) => t!(
            "race.equal",
            lanes = others,
            last = last,
            percent = fixed(FELT * 100.0, 0)
        ),
        (false, _) => t!("race.undecided", lanes = others, last = last),
    }
}

/// How much worse a run is than the best one, and whether it is the worst of all.
fn worse_by(race: &RunComparison, verdict: &Verdict, worse: &Worse) -> String {
    let lane = name(race, worse.lane);
    let by = worse.difference;
    let said = match (verdict.figure, worse.factor) {
        (ComparedFigure::Lost, _) => t!(
            "race.loses_more",
            lane = lane,
            by = fixed(by.mean * 100.0, 1),
            half = fixed(by.half * 100.0, 1)
        ),
        (_, Some(factor)) if factor >= MANY => t!(
            "race.times_as_long",
            lane = lane,
            factor = fixed(factor, 1),
            by = time(by.mean),
            half = time(by.half)
        ),
        (_, factor) => t!(
            "race.longer",
            lane = lane,
            percent = fixed((factor.unwrap_or(1.0) - 1.0) * 100.0, 0),
            by = time(by.mean),
            half = time(by.half)
        ),
    };
    match verdict.worst {
        Some(worst) if worst == worse.lane => t!("race.clearly_worst", said = said),
        _ => said,
    }
}

fn time(us: f64) -> String {
    duration(SimDuration::from_us(us.max(0.0) as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison_cases::{Case, begin};
    use evenkeel_sim::engine::EventBudget;
    use evenkeel_sim::run::Run;

    fn race(case: Case) -> RunComparison {
        let faults: Vec<_> = case.fault().into_iter().collect();
        begin(&Run::start(case.scenario()), &case.configs(), &faults)
    }

    fn go(race: &mut RunComparison, secs: u64) {
        race.run_until(SimTime::from_us(secs * 1_000_000), EventBudget::UNBOUNDED);
    }

    #[test]
    fn the_forecast_counts_down_to_the_first_look_and_then_says_what_is_to_come() {
        let mut race = race(Case::TwoChoices);
        assert_eq!(forecast(&race), "First verdict in 40 s of simulated time.");
        assert_eq!(progress(&race), (0.0, 40.0));
        go(&mut race, 25);
        assert_eq!(forecast(&race), "First verdict in 20 s of simulated time.");
        go(&mut race, 40);
        let said = forecast(&race);
        let known = said.starts_with("About ") || said.starts_with("Some of it ");
        assert!(known && !race.is_sure(), "{said}");
        assert!(progress(&race).1 >= 80.0);
    }

    #[test]
    fn of_three_two_are_alike_and_one_is_worse_in_one_sentence() {
        let case = Case::TwoChoices;
        let mut configs = case.configs();
        configs.push(configs[1]);
        let mut race = begin(&Run::start(case.scenario()), &configs, &[]);
        go(&mut race, 160);
        let said = differences(&race);
        let mean = said.iter().find(|one| one.starts_with("On average: "));
        let mean = mean.expect("there is one");
        let two = "Power of two choices, lane 2 and Power of two choices, lane 3";
        let begin = format!("On average: {two} are equally fast, within 2 %; Random takes ");
        assert!(mean.starts_with(&begin), "{mean}");
        assert!(mean.ends_with(" more), clearly the worst."), "{mean}");
        assert!(looks(&race).contains("2:40.0"), "{}", looks(&race));
    }

    #[test]
    fn when_nothing_remains_to_be_found_it_says_so() {
        let mut race = race(Case::SlowServer);
        go(&mut race, 40);
        // What is known of the tail is its 95th percentile so far; the 99th is still to come.
        assert!(!race.is_sure(), "{:?}", race.verdicts());
        assert!(forecast(&race).starts_with("About "), "{}", forecast(&race));
        go(&mut race, 160);
        assert!(race.is_sure(), "{:?}", race.verdicts());
        assert_eq!(forecast(&race), "Nothing remains to be found.");
        let (value, end) = progress(&race);
        assert_eq!(value, end);
        let said = differences(&race);
        let begin = "Lost requests: Least connections loses fewest; Round robin loses ";
        assert!(said[0].starts_with(begin), "{said:?}");
    }
}
