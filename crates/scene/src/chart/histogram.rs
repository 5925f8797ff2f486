//! The distribution of response times, on a logarithmic axis.

use super::axes::{self, AxisUnit, CHARACTER, PlotFrame, Tick};
use super::table::{DataTable, TableCell};
use super::{Chart, FocusPoint};
use crate::layout::{Point, Rect};
use crate::shape::Paint;
use crate::svg::{Anchor, Label, PathData, Style, line, path};
use crate::words;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::metrics::recorder::Percentiles;
use evenkeel_sim::time::SimDuration;
use evenkeel_words::t;

/// Columns for each power of ten.
const PER_DECADE: i32 = 20;
/// The shortest time told apart: a microsecond; the longest: three hours.
const DECADES: i32 = 10;

/// One column of the histogram.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Column {
    /// The number of the column: the power of ten times [`PER_DECADE`].
    number: i32,
    /// The smallest time in it, in microseconds …
    from: u64,
    /// … and the end of its range, in microseconds.
    to: u64,
    count: u64,
}

/// The smallest time of a column, in microseconds.
fn edge(number: i32) -> u64 {
    libm::pow(10.0, f64::from(number) / f64::from(PER_DECADE)).round() as u64
}

/// The columns from the first to the last that is not empty.
fn columns(view: View<'_>) -> Vec<Column> {
    let mut counts = vec![0; (DECADES * PER_DECADE) as usize];
    for (us, count) in view.recorder().recent() {
        let number = libm::log10(us.max(1) as f64) * f64::from(PER_DECADE);
        let place = (number as usize).min(counts.len() - 1);
        counts[place] += count;
    }
    let first = counts.iter().position(|&count| count > 0);
    let last = counts.iter().rposition(|&count| count > 0);
    let (Some(first), Some(last)) = (first, last) else {
        return Vec::new();
    };
    (first..=last)
        .map(|place| {
            let number = i32::try_from(place).unwrap_or(i32::MAX - 1);
            Column {
                number,
                from: edge(number),
                to: edge(number + 1),
                count: counts[place],
            }
        })
        .collect()
}

/// The chart of a view, in a box of `width` by `height` pixels.
#[must_use]
pub fn chart(view: View<'_>, width: f64, height: f64) -> Chart {
    let columns = columns(view);
    let frame = PlotFrame {
        left: 46.0,
        right: (width - 10.0).max(90.0),
        top: axes::ABOVE + 13.0,
        bottom: height - axes::BELOW,
    };
    // Whole powers of ten at both ends, so that the axis stays where it is.
    let (low, high) = match (columns.first(), columns.last()) {
        (Some(first), Some(last)) => (
            first.number.div_euclid(PER_DECADE),
            last.number.div_euclid(PER_DECADE) + 1,
        ),
        _ => (4, 7),
    };
    let decades = f64::from(high - low);
    let x = |number: f64| {
        let part = (number / f64::from(PER_DECADE) - f64::from(low)) / decades;
        frame.left + frame.width() * part.clamp(0.0, 1.0)
    };
    let top = columns.iter().map(|column| column.count).max().unwrap_or(0);
    let (heights, full) = axes::heights(&frame, top.max(4) as f64, AxisUnit::Count);
    let mut shapes = Vec::new();
    let level = t!("histogram.level");
    let ticks = ticks(low, high, &x);
    axes::draw(
        &mut shapes,
        &frame,
        (&t!("histogram.upright"), &heights),
        (&level, &ticks),
    );
    let mut data = PathData::default();
    let mut stops = Vec::with_capacity(columns.len());
    let all: u64 = columns.iter().map(|column| column.count).sum();
    for column in &columns {
        let (left, right) = (x(f64::from(column.number)), x(f64::from(column.number + 1)));
        let y = frame.y(column.count as f64 / full);
        if column.count > 0 {
            let wide = (right - left - 1.0).max(0.8);
            data.rect(left, y, wide, frame.bottom - y);
        }
        stops.push(FocusPoint {
            key: column.number.unsigned_abs().into(),
            area: Rect {
                x: left,
                y: frame.top,
                width: right - left,
                height: frame.bottom - frame.top,
            },
            dots: vec![Point {
                x: f64::midpoint(left, right),
                y,
            }],
            text: reading(column, all),
        });
    }
    shapes.push(path(data, Style::fill(Paint::Ink, 0.72)));
    let last = view
        .recorder()
        .windows()
        .back()
        .and_then(|window| window.latency);
    if let Some(percentiles) = &last {
        percentile_lines(percentiles, &frame, &x, &mut shapes);
    }
    Chart {
        width,
        height,
        shapes,
        stops,
        description: describe(&columns, all),
    }
}

/// A tick at each power of ten; at 2 and 5 times each too, where there is room.
fn ticks(low: i32, high: i32, x: &impl Fn(f64) -> f64) -> Vec<Tick> {
    let factors: &[f64] = if high - low <= 2 {
        &[1.0, 2.0, 5.0]
    } else {
        &[1.0]
    };
    let powers = (low..=high).flat_map(|power| {
        let ten = edge(power * PER_DECADE) as f64;
        factors.iter().map(move |factor| factor * ten)
    });
    let end = edge(high * PER_DECADE) as f64;
    let ticks = powers.filter(|us| *us <= end).map(|us| Tick {
        at: x(libm::log10(us) * f64::from(PER_DECADE)),
        label: words::axis_duration(us, us),
    });
    ticks.collect()
}

/// The lines below which half, 95 and 99 of 100 are answered.
fn percentile_lines(
    percentiles: &Percentiles,
    frame: &PlotFrame,
    x: &impl Fn(f64) -> f64,
    shapes: &mut Vec<crate::svg::SvgShape>,
) {
    let Percentiles { p50, p95, p99 } = *percentiles;
    let mut free = f64::NEG_INFINITY;
    for (name, span) in [("p50", p50), ("p95", p95), ("p99", p99)] {
        let at = x(libm::log10(span.as_us().max(1) as f64) * f64::from(PER_DECADE));
        let style = Style::line(Paint::InkSoft, 1.0).dashed(&[6.0, 4.0]);
        shapes.push(line(at, frame.top - 2.0, at, frame.bottom, style));
        // Names that would touch stand beside each other.
        let wide = 3.0 * CHARACTER;
        let from = (at - wide / 2.0).max(free);
        free = from + wide + 4.0;
        let label = Label::new(from + wide / 2.0, frame.top - 5.0, name);
        shapes.push(label.anchored(Anchor::Middle).into());
    }
}

fn range(column: &Column) -> String {
    let show = |us| words::duration(SimDuration::from_us(us));
    t!(
        "histogram.range",
        from = show(column.from),
        to = show(column.to)
    )
}

fn reading(column: &Column, all: u64) -> String {
    let part = words::percent(column.count as f64 / all.max(1) as f64);
    t!(
        "histogram.reading",
        range = range(column),
        count = column.count,
        part = part
    )
}

fn describe(columns: &[Column], all: u64) -> String {
    let Some(most) = columns.iter().max_by_key(|column| column.count) else {
        return t!("histogram.spoken_none");
    };
    t!(
        "histogram.spoken",
        all = all,
        most = most.count,
        range = range(most),
    )
}

/// The numbers of the chart as a table.
#[must_use]
pub fn numbers(view: View<'_>) -> DataTable {
    let mut table = DataTable::new([
        t!("chart.response_time"),
        t!("histogram.from"),
        t!("histogram.to"),
        t!("chart.requests"),
    ]);
    for column in columns(view) {
        let ms =
            |us: u64| TableCell::number(words::duration(SimDuration::from_us(us)), us as f64 / 1e3);
        table.rows.push(vec![
            TableCell::text(range(&column)),
            ms(column.from),
            ms(column.to),
            TableCell::number(words::thousands(column.count), column.count as f64),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::series::labels;
    use evenkeel_sim::engine::{Engine, EventBudget};
    use evenkeel_sim::scenario::preset::default_scenario;
    use evenkeel_sim::time::SimTime;

    #[test]
    fn every_answer_of_the_last_ten_seconds_is_in_one_column() {
        let mut engine = Engine::new(&default_scenario(), 7);
        engine.run_until(SimTime::from_us(30_000_000), EventBudget::UNBOUNDED);
        let view = engine.view();
        let windows = view.recorder().windows().iter().rev().take(10);
        let answered: u64 = windows.map(|window| window.totals.answered).sum();
        let counted: u64 = columns(view).iter().map(|column| column.count).sum();
        assert_eq!(counted, answered);
        let chart = chart(view, 400.0, 190.0);
        let labels = labels(&chart);
        for label in ["1 s", "2 s", "10 s", "p50", "p99"] {
            assert!(labels.contains(&label), "{labels:?}");
        }
        assert!(chart.stops.iter().all(|stop| stop.area.x >= 46.0));
        assert!(
            numbers(view)
                .csv()
                .starts_with("response time,from (ms),to (ms),requests")
        );
    }

    #[test]
    fn columns_touch_and_grow_by_the_same_factor() {
        assert_eq!([0, 20, 40, 60].map(edge), [1, 10, 100, 1_000]);
        assert_eq!(edge(66), 1_995);
    }

    #[test]
    fn nothing_yet() {
        let engine = Engine::new(&default_scenario(), 7);
        let chart = chart(engine.view(), 400.0, 190.0);
        assert!(chart.stops.is_empty());
        assert!(chart.description.contains("Nothing was answered"));
    }
}
