//! The number of requests in flight and waiting, second by second.

use super::axes::AxisUnit;
use super::events::ChartMarks;
use super::series::{Moment, Plot, draw, shown, table};
use super::table::DataTable;
use super::{Chart, SeriesStyle};
use crate::shape::Paint;
use evenkeel_sim::engine::view::View;
use evenkeel_words::t;

/// The lines with their looks.
fn lines() -> Vec<(String, SeriesStyle)> {
    vec![
        (
            t!("load.in_flight"),
            SeriesStyle::Line(Paint::Ink, 2.2, &[]),
        ),
        (
            t!("load.in_work"),
            SeriesStyle::Line(Paint::InkSoft, 1.4, &[]),
        ),
        (
            t!("load.at_servers"),
            SeriesStyle::Line(Paint::Degraded, 1.8, &[6.0, 4.0]),
        ),
        (
            t!("load.at_balancer"),
            SeriesStyle::Line(Paint::Late, 1.8, &[2.0, 3.0]),
        ),
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
    let shown = view.samples().filter(|sample| {
        sample.at <= end && end.since(sample.at).as_secs_f64() <= f64::from(span_s)
    });
    let moments: Vec<Moment> = shown
        .map(|sample| Moment {
            at: sample.at,
            values: [
                sample.in_flight,
                sample.running,
                sample.queued,
                sample.at_balancer,
            ]
            .map(|count| Some(f64::from(count)))
            .to_vec(),
        })
        .collect();
    let description = match moments.last().map(|moment| &moment.values) {
        Some(values) => {
            let count = |place: usize| {
                let value: Option<f64> = values.get(place).copied().flatten();
                value.unwrap_or(0.0) as u64
            };
            t!(
                "load.spoken",
                in_flight = count(0),
                running = count(1),
                queued = count(2),
                at_balancer = count(3)
            )
        }
        None => t!("load.spoken_none"),
    };
    Plot {
        name: t!("chart.requests"),
        unit: AxisUnit::Count,
        series: lines(),
        piled: false,
        least: 4.0,
        moments,
        marks: ChartMarks::of(view, end, span_s),
        description,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::engine::{Engine, EventBudget};
    use evenkeel_sim::scenario::preset::default_scenario;
    use evenkeel_sim::time::SimTime;

    #[test]
    fn each_second_is_sampled_when_watched_and_the_chart_tells_it() {
        let mut engine = Engine::new(&default_scenario(), 7);
        engine.set_watched(true);
        engine.run_until(SimTime::from_us(20_000_000), EventBudget::UNBOUNDED);
        let view = engine.view();
        let chart = chart(view, 500.0, 200.0);
        assert_eq!(chart.stops.len(), 20);
        let last = view.samples().last().expect("there are samples");
        assert_eq!(last.in_flight as usize, view.in_flight());
        assert!(
            chart.stops[19]
                .text
                .contains(&format!("in flight {}", last.in_flight))
        );
        assert_eq!(numbers(view).rows.len(), 20);
    }
}
