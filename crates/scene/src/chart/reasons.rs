//! The outcomes of requests in the whole run, by reason.

use super::Chart;
use super::axes::AxisUnit;
use super::bars::{Bar, Bars, draw};
use super::table::{DataTable, TableCell};
use crate::shape::Paint;
use crate::words;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::metrics::outcome::{OUTCOMES, Outcome};
use evenkeel_words::t;

/// The outcomes that have a bar: the usual ones always, so that bars stay where they are; the others from their first
/// time on.
fn counts(view: View<'_>) -> Vec<(Outcome, u64)> {
    use evenkeel_sim::metrics::outcome::{Failure, Rejection};
    let usual = [
        Outcome::Answered,
        Outcome::Failed(Failure::ServerError),
        Outcome::Failed(Failure::Refused),
        Outcome::Failed(Failure::Reset),
        Outcome::Rejected(Rejection::QueueFull),
        Outcome::TimedOut,
    ];
    let counted = OUTCOMES
        .into_iter()
        .map(|outcome| (outcome, view.totals().of(outcome)));
    counted
        .filter(|(outcome, count)| *count > 0 || usual.contains(outcome))
        .collect()
}

/// The chart of a view, `width` pixels wide and as high as it needs.
#[must_use]
pub fn chart(view: View<'_>, width: f64) -> Chart {
    let counts = counts(view);
    let ended = view.totals().ended();
    let bar = |&(outcome, count): &(Outcome, u64)| Bar {
        key: outcome.code(),
        name: words::outcome(outcome),
        amount: count as f64,
        asked: None,
        look: match outcome {
            Outcome::Answered => (Paint::Ink, 0.72),
            Outcome::Failed(_) => (Paint::Down, 1.0),
            Outcome::Rejected(_) => (Paint::Degraded, 1.0),
            Outcome::TimedOut => (Paint::Late, 1.0),
        },
        text: reading(outcome, count, ended),
    };
    let said = counts.iter().map(|(outcome, count)| {
        t!(
            "reasons.one",
            outcome = words::outcome(*outcome),
            count = *count
        )
    });
    let said: Vec<String> = said.collect();
    let bars = Bars {
        heads: Vec::new(),
        rows: counts.iter().map(bar).collect(),
        full: None,
        name: t!("reasons.level"),
        description: t!("reasons.spoken", list = said.join(", ")),
    };
    draw(&bars, AxisUnit::Count, width)
}

/// `Refused: 21 requests, 1.6 % of those that ended.`
fn reading(outcome: Outcome, count: u64, ended: u64) -> String {
    let part = words::percent(count as f64 / ended.max(1) as f64);
    let outcome = capital(&words::outcome(outcome));
    t!(
        "reasons.reading",
        outcome = outcome,
        count = count,
        part = part
    )
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// The numbers of the chart as a table.
#[must_use]
pub fn numbers(view: View<'_>) -> DataTable {
    let mut table = DataTable::new([
        t!("reasons.reason"),
        t!("chart.requests"),
        t!("reasons.part"),
    ]);
    let ended = view.totals().ended().max(1) as f64;
    for (outcome, count) in counts(view) {
        let part = count as f64 / ended;
        table.rows.push(vec![
            TableCell::text(words::outcome(outcome)),
            TableCell::number(words::thousands(count), count as f64),
            TableCell::number(words::percent(part), part * 100.0),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::engine::command::{Command, FaultKind};
    use evenkeel_sim::engine::{Engine, EventBudget};
    use evenkeel_sim::ids::ServerId;
    use evenkeel_sim::scenario::preset::default_scenario;
    use evenkeel_sim::time::SimTime;

    #[test]
    fn every_end_is_counted_under_its_reason() {
        let mut engine = Engine::new(&default_scenario(), 7);
        let kill = Command::Fault(ServerId(1), FaultKind::Crash);
        engine.apply(kill).expect("B is there");
        engine.run_until(SimTime::from_us(30_000_000), EventBudget::UNBOUNDED);
        let view = engine.view();
        let sum: f64 = numbers(view)
            .rows
            .iter()
            .filter_map(|row| row[1].number)
            .sum();
        assert_eq!(sum, view.totals().ended() as f64);
        let chart = chart(view, 400.0);
        let refused = chart
            .stops
            .iter()
            .find(|stop| stop.text.starts_with("Refused: "));
        let text = &refused.expect("a dead server refuses").text;
        assert!(text.ends_with(" of those that ended."), "{text}");
        assert!(!text.contains(": 0 "), "{text}");
    }
}
