//! Response times over time: 50th, 95th and 99th percentile, and what happened.

use super::axes::AxisUnit;
use super::events::ChartMarks;
use super::series::{Plot, draw, shown, table, windows};
use super::table::DataTable;
use super::{Chart, SeriesStyle};
use crate::shape::Paint;
use crate::strip::{latest, no_answer};
use crate::words;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::metrics::recorder::Percentiles;
use evenkeel_sim::time::SimDuration;
use evenkeel_words::t;

/// The lines, slowest first.
fn lines() -> Vec<(String, SeriesStyle)> {
    vec![
        ("p99".to_string(), SeriesStyle::Line(Paint::Ink, 2.2, &[])),
        (
            "p95".to_string(),
            SeriesStyle::Line(Paint::InkSoft, 1.6, &[6.0, 4.0]),
        ),
        (
            "p50".to_string(),
            SeriesStyle::Line(Paint::InkSoft, 1.4, &[]),
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
    let moments = windows(view, end, span_s, true, |window| {
        let values = |p: Percentiles| [p.p99, p.p95, p.p50].map(|span| Some(span.as_us() as f64));
        window
            .latency
            .map_or_else(|| vec![None; 3], |p| values(p).to_vec())
    });
    let slowest = moments.iter().filter_map(|moment| moment.values[0]);
    let slowest = slowest.fold(0.0, f64::max);
    let last = view.recorder().windows().back();
    Plot {
        name: t!("chart.response_time"),
        unit: AxisUnit::Time,
        series: lines(),
        piled: false,
        least: if slowest > 0.0 { 1.0 } else { 1e6 },
        marks: ChartMarks::of(view, end, span_s),
        description: describe(
            last.and_then(|window| window.latency).as_ref(),
            slowest as u64,
            span_s,
        ),
        moments,
    }
}

/// `p50 84 ms · p95 310 ms · p99 612 ms`, or that there is no answer.
#[must_use]
pub fn headline(view: View<'_>) -> String {
    let show = |span| words::duration(span);
    match latest(view) {
        Some(p) => t!(
            "latency.headline",
            p50 = show(p.p50),
            p95 = show(p.p95),
            p99 = show(p.p99)
        ),
        None => no_answer(view),
    }
}

/// The chart in words; `slowest` is the highest point drawn, in microseconds.
fn describe(last: Option<&Percentiles>, slowest: u64, span_s: u32) -> String {
    let Some(last) = last else {
        return t!("latency.spoken_none");
    };
    t!(
        "latency.spoken",
        p50 = words::duration(last.p50),
        p95 = words::duration(last.p95),
        p99 = words::duration(last.p99),
        span = span_s,
        slowest = words::duration(SimDuration::from_us(slowest)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::series::labels;
    use crate::svg::{Anchor, Label, SvgShape};
    use evenkeel_sim::engine::command::{Command, FaultKind};
    use evenkeel_sim::engine::{Engine, EventBudget};
    use evenkeel_sim::ids::ServerId;
    use evenkeel_sim::scenario::preset::default_scenario;
    use evenkeel_sim::time::SimTime;

    fn engine(secs: u64) -> Engine {
        let scenario = default_scenario();
        let mut engine = Engine::new(&scenario, scenario.seed);
        run(&mut engine, secs);
        engine
    }

    fn run(engine: &mut Engine, secs: u64) {
        engine.run_until(SimTime::from_us(secs * 1_000_000), EventBudget::UNBOUNDED);
    }

    fn lines(chart: &Chart) -> Vec<&str> {
        let data = |shape: &'_ SvgShape| match shape {
            SvgShape::Path { style, .. } => style.fill.is_none() && style.dash != [2.0, 3.0],
            SvgShape::Text(_) => false,
        };
        let shapes = chart.shapes.iter().filter(|shape| data(shape));
        shapes
            .filter_map(|shape| match shape {
                SvgShape::Path { data, .. } => Some(data.as_str()),
                SvgShape::Text(_) => None,
            })
            .collect()
    }

    #[test]
    fn an_empty_run_has_axes_and_no_lines() {
        let engine = engine(0);
        let chart = chart(engine.view(), 400.0, 190.0);
        assert_eq!(headline(engine.view()), "No answer yet");
        let labels = labels(&chart);
        for label in ["response time", "0", "now", "simulated time before now"] {
            assert!(labels.contains(&label), "{labels:?}");
        }
        assert!(chart.stops.is_empty() && numbers(engine.view()).rows.is_empty());
    }

    #[test]
    fn slower_percentiles_lie_higher_and_labels_do_not_touch() {
        let engine = engine(60);
        let chart = chart(engine.view(), 400.0, 190.0);
        let named = |name: &str| {
            let mut texts = chart.shapes.iter().filter_map(|shape| match shape {
                SvgShape::Text(label) => Some(label),
                SvgShape::Path { .. } => None,
            });
            texts.find(|label| label.text == name).map_or(0.0, |l| l.y)
        };
        assert!(named("p95") - named("p99") >= 12.0 && named("p50") - named("p95") >= 12.0);
        let longest = lines(&chart)
            .iter()
            .map(|data| data.matches('L').count())
            .max();
        assert_eq!(longest, Some(58));
        assert!(headline(engine.view()).starts_with("p50 1."));
    }

    #[test]
    fn every_second_can_be_read_with_what_happened_in_it() {
        let mut engine = engine(20);
        let kill = Command::Fault(ServerId(1), FaultKind::Crash);
        engine.apply(kill).expect("it is there");
        run(&mut engine, 25);
        let chart = chart(engine.view(), 400.0, 190.0);
        let texts: Vec<&str> = chart.stops.iter().map(|stop| stop.text.as_str()).collect();
        assert_eq!(texts.len(), 25);
        let killed = texts
            .iter()
            .filter(|text| text.contains("Server B was killed."));
        assert_eq!(killed.count(), 1);
        assert!(
            texts[24].starts_with("At 0:25.0, 0 s ago: p99 "),
            "{}",
            texts[24]
        );
        let table = numbers(engine.view());
        assert_eq!(table.heads[1], "p99 (ms)");
        assert_eq!(table.rows.len(), 25);
        assert!(table.csv().contains("Server B was killed."));
    }

    #[test]
    fn marks_tell_what_happened_and_labels_do_not_collide() {
        let mut engine = engine(20);
        for id in [1, 2] {
            let kill = Command::Fault(ServerId(id), FaultKind::Crash);
            engine.apply(kill).expect("it is there");
        }
        run(&mut engine, 60);
        let chart = chart(engine.view(), 400.0, 190.0);
        let marked: Vec<&Label> = chart
            .shapes
            .iter()
            .filter_map(|shape| match shape {
                SvgShape::Text(label) if label.rim => Some(label),
                _ => None,
            })
            .collect();
        assert!(
            marked
                .iter()
                .any(|label| label.text.starts_with("B killed"))
        );
        let ends = |label: &Label| {
            let width = label.text.chars().count() as f64 * crate::chart::axes::CHARACTER;
            let flipped = label.anchor == Anchor::End;
            let from = label.x - if flipped { width } else { 0.0 };
            (from, from + width)
        };
        for (place, label) in marked.iter().enumerate() {
            for other in &marked[place + 1..] {
                let ((from, to), (left, right)) = (ends(label), ends(other));
                let apart = label.y != other.y || to < left || right < from;
                assert!(apart, "{} {}", label.text, other.text);
            }
        }
    }

    #[test]
    fn what_happened_to_one_server_at_once_has_one_label() {
        let mut engine = engine(20);
        for fault in [FaultKind::Crash, FaultKind::Restore] {
            let command = Command::Fault(ServerId(1), fault);
            engine.apply(command).expect("it is there");
        }
        run(&mut engine, 25);
        let chart = chart(engine.view(), 400.0, 190.0);
        assert!(labels(&chart).contains(&"B killed, revived"));
    }

    #[test]
    fn only_what_is_drawn_is_told() {
        let chart = chart(engine(100).view(), 400.0, 190.0);
        assert!(labels(&chart).contains(&"−60 s"));
        assert!(chart.description.contains("In the last 60 seconds"));
        assert_eq!(chart.stops.len(), 61);
    }
}
