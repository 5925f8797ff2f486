//! The verdicts of a run comparison in sentences: one for each figure, with the size of every difference that is named.

use super::comparison::name;
use super::words::{clock, duration};
use evenkeel_sim::comparison::RunComparison;
use evenkeel_sim::comparison::verdict::{Figure, Verdict, Worse};
use evenkeel_sim::time::SimDuration;
use evenkeel_words::number::fixed;
use evenkeel_words::t;

/// From this factor on a time is said as "1.7 times as long", below it as "12 % longer".
const MANY: f64 = 1.5;

/// The verdicts of the last look, a sentence or two for each figure; when the first one comes, while there is none.
#[must_use]
pub fn differences(race: &RunComparison) -> Vec<String> {
    if race.lanes().len() < 2 {
        return Vec::new();
    }
    if race.verdicts().is_empty() {
        let at = race.next_look().map(clock).unwrap_or_default();
        return vec![t!("race.early", at = at)];
    }
    race.verdicts()
        .iter()
        .map(|one| sentence(race, one))
        .collect()
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

fn sentence(race: &RunComparison, verdict: &Verdict) -> String {
    if verdict.figure == Figure::Lost {
        let lost = |lane: &evenkeel_sim::comparison::ComparedRun| lane.view().totals().unanswered();
        if race.lanes().iter().all(|lane| lost(lane) == 0) {
            return t!("race.nobody_fails");
        }
    }
    let what = match verdict.figure {
        Figure::Mean => t!("race.on_average"),
        Figure::Tail => format!("p{}", verdict.percentile),
        Figure::Lost => t!("race.lost"),
    };
    let best = match (verdict.winner(), verdict.figure) {
        (Some(lane), Figure::Lost) => t!("race.loses_least", which = what, lane = name(race, lane)),
        (Some(lane), _) => t!("race.fastest", which = what, lane = name(race, lane)),
        (None, _) => close(race, what, &verdict.best),
    };
    let mut said = best;
    for worse in &verdict.worse {
        said.push(' ');
        said += &worse_by(race, verdict, worse);
    }
    said
}

/// That runs cannot be told apart. They are named in their order on the page, so that the sentence does not change
/// with chance.
fn close(race: &RunComparison, what: String, best: &[usize]) -> String {
    match best {
        [lane, than] => t!(
            "race.undecided",
            which = what,
            lane = name(race, *lane),
            than = name(race, *than)
        ),
        _ => t!("race.undecided_many", which = what, n = best.len()),
    }
}

/// How much worse a run is than the best one, and whether it is the worst of all.
fn worse_by(race: &RunComparison, verdict: &Verdict, worse: &Worse) -> String {
    let lane = name(race, worse.lane);
    let by = worse.difference;
    let said = match (verdict.figure, worse.factor) {
        (Figure::Lost, _) => t!(
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
        Some(worst) if worst == worse.lane => format!("{said} {}", t!("race.worst")),
        _ => said,
    }
}

fn time(us: f64) -> String {
    duration(SimDuration::from_us(us.max(0.0) as u64))
}
