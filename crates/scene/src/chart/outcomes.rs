//! The outcomes of requests in each of the last sixty seconds, as stacked columns.

use super::axes::AxisUnit;
use super::events::ChartMarks;
use super::series::{Plot, draw, shown, table, windows};
use super::table::DataTable;
use super::{Chart, SeriesStyle};
use crate::shape::Paint;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::metrics::outcome::Totals;
use evenkeel_words::t;

/// The parts of a column from the bottom up, as the key has them.
#[must_use]
pub fn parts() -> Vec<(String, SeriesStyle)> {
    vec![
        (t!("outcome.answered"), SeriesStyle::Solid(Paint::Ink, 0.72)),
        (t!("outcome.failed"), SeriesStyle::Solid(Paint::Down, 1.0)),
        (t!("outcome.rejected"), SeriesStyle::Hollow(Paint::Degraded)),
        (t!("outcome.timed_out"), SeriesStyle::Striped(Paint::Late)),
    ]
}

const fn parts_of(totals: &Totals) -> [u64; 4] {
    [
        totals.answered,
        totals.failed,
        totals.rejected,
        totals.timed_out,
    ]
}

/// The chart of a view, in a box of `width` by `height` pixels.
#[must_use]
pub fn chart(view: View<'_>, width: f64, height: f64) -> Chart {
    let (end, span_s) = shown(view, width);
    draw(&plot(view, span_s), end, width, height)
}

/// The numbers of the chart as a table.
#[must_use]
pub fn numbers(view: View<'_>) -> DataTable {
    table(&plot(view, 60))
}

fn plot(view: View<'_>, span_s: u32) -> Plot {
    let (end, _) = shown(view, 0.0);
    let moments = windows(view, end, span_s, false, |window| {
        let parts = parts_of(&window.totals);
        parts.iter().map(|&part| Some(part as f64)).collect()
    });
    let sum = |place: usize| {
        let parts = moments.iter().filter_map(|moment| moment.values[place]);
        parts.sum::<f64>() as u64
    };
    let description = t!(
        "outcomes.spoken",
        span = span_s,
        answered = sum(0),
        lost = sum(1) + sum(2) + sum(3),
        failed = sum(1),
        rejected = sum(2),
        timed_out = sum(3),
    );
    Plot {
        name: t!("outcomes.upright"),
        unit: AxisUnit::Count,
        series: parts(),
        piled: true,
        least: 4.0,
        moments,
        marks: ChartMarks::none(),
        description,
    }
}

/// `1,318 answered · 21 failed (21 with an error, 0 rejected, 0 timed out) · 9 in flight`.
#[must_use]
pub fn headline(view: View<'_>) -> String {
    let [answered, failed, rejected, timed_out] = parts_of(view.totals());
    t!(
        "outcomes.headline",
        answered = answered,
        lost = failed + rejected + timed_out,
        failed = failed,
        rejected = rejected,
        timed_out = timed_out,
        in_flight = view.in_flight(),
    )
}

/// `1,348 arrived = 1,318 answered + 21 with an error + …`: no request is lost.
#[must_use]
pub fn balance(view: View<'_>) -> String {
    let totals = view.totals();
    let sign = if view.is_conserved() { "=" } else { "≠" };
    let [answered, failed, rejected, timed_out] = parts_of(totals);
    t!(
        "outcomes.balance",
        arrived = totals.arrived,
        sign = sign,
        answered = answered,
        failed = failed,
        rejected = rejected,
        timed_out = timed_out,
        in_flight = view.in_flight(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::series::labels;
    use evenkeel_sim::engine::command::{Command, FaultKind};
    use evenkeel_sim::engine::{Engine, EventBudget};
    use evenkeel_sim::ids::ServerId;
    use evenkeel_sim::scenario::preset::default_scenario;
    use evenkeel_sim::time::SimTime;

    fn engine(secs: u64) -> Engine {
        let scenario = default_scenario();
        let mut engine = Engine::new(&scenario, scenario.seed);
        let kill = Command::Fault(ServerId(1), FaultKind::Crash);
        engine.apply(kill).expect("B is there");
        engine.run_until(SimTime::from_us(secs * 1_000_000), EventBudget::UNBOUNDED);
        engine
    }

    #[test]
    fn a_column_a_second_within_the_plot() {
        let engine = engine(30);
        let chart = chart(engine.view(), 340.0, 190.0);
        assert_eq!(chart.stops.len(), 30);
        assert!(chart.stops.iter().all(|stop| stop.area.x >= 45.0));
        assert!(labels(&chart).contains(&"0"));
        assert!(chart.description.contains(" 0 rejected, 0 timed out"));
        let table = numbers(engine.view());
        let sum = |column: usize| -> f64 {
            let cells = table.rows.iter().filter_map(|row| row[column].number);
            cells.sum()
        };
        assert_eq!(sum(1), engine.view().totals().answered as f64);
        assert_eq!(sum(2), engine.view().totals().failed as f64);
    }

    #[test]
    fn the_words_add_up() {
        let engine = engine(30);
        let view = engine.view();
        assert!(balance(view).contains(" arrived = "), "{}", balance(view));
        let headline = headline(view);
        let ends = format!(
            " failed ({} with an error, 0 rejected, 0 timed out) · {} in flight",
            view.totals().failed,
            view.in_flight()
        );
        assert!(headline.ends_with(&ends), "{headline}");
    }

    #[test]
    fn nothing_yet() {
        let chart = chart(engine(0).view(), 340.0, 190.0);
        assert!(chart.stops.is_empty());
        assert!(labels(&chart).contains(&"4"));
    }
}
