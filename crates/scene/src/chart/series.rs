//! Charts over time: lines or stacked columns, one value for each second.

use super::axes::{self, AxisUnit, CHARACTER, PlotFrame};
use super::events::{self, ChartMarks};
use super::table::{DataTable, TableCell};
use super::{Chart, FocusPoint, SeriesStyle};
use crate::layout::{Point, Rect};
use crate::shape::Paint;
use crate::svg::{Label, PathData, Style, SvgShape, path};
use crate::words;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::metrics::recorder::WINDOW;
use evenkeel_sim::time::SimTime;
use evenkeel_words::t;

/// The distance between two stripes of a striped part.
const STRIPE: f64 = 3.0;

/// The values of one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// The end of the counted second.
    pub at: SimTime,
    /// A value for each series; `None` if there is none.
    pub values: Vec<Option<f64>>,
}

/// A plot over time.
#[derive(Clone, Debug)]
pub struct Plot {
    /// The name of the upright axis, like `response time`.
    pub name: String,
    /// The unit of the values.
    pub unit: AxisUnit,
    /// The name and look of each series.
    pub series: Vec<(String, SeriesStyle)>,
    /// Whether the values are stacked.
    pub piled: bool,
    /// The smallest end of the upright axis.
    pub least: f64,
    /// The moments, oldest first.
    pub moments: Vec<Moment>,
    /// The marks of what happened meanwhile.
    pub marks: ChartMarks,
    /// The chart in words.
    pub description: String,
}

/// The part of a run in a chart of this width: its end, and its length in seconds.
#[must_use]
pub fn shown(view: View<'_>, width: f64) -> (SimTime, u32) {
    let end = axes::latest(view);
    (end, axes::stretch(end, width).0)
}

/// Draws a plot whose right edge is `end`.
#[must_use]
pub fn draw(plot: &Plot, end: SimTime, width: f64, height: f64) -> Chart {
    let (span_s, step_s) = axes::stretch(end, width);
    let top = plot.moments.iter().map(|moment| total(plot, moment));
    let top = top.fold(plot.least, f64::max);
    let mut frame = PlotFrame {
        left: 46.0,
        right: width - right_room(plot),
        top: axes::ABOVE + events::room(&plot.marks),
        bottom: height - axes::BELOW,
    };
    frame.right = frame.right.max(frame.left + 40.0);
    let (heights, full) = axes::heights(&frame, top, plot.unit);
    let times = axes::time_ticks(&frame, span_s, step_s);
    let mut shapes = Vec::new();
    let level = t!("chart.level");
    axes::draw(
        &mut shapes,
        &frame,
        (&plot.name, &heights),
        (&level, &times),
    );
    let age = |at: SimTime| end.since(at).as_secs_f64();
    let x = |at: SimTime| frame.x(age(at), f64::from(span_s));
    if plot.piled {
        columns(plot, &frame, full, span_s, &x, &mut shapes);
        events::draw(&plot.marks, &frame, x, &mut shapes);
    } else {
        events::draw(&plot.marks, &frame, x, &mut shapes);
        lines(plot, &frame, full, &x, &mut shapes);
    }
    Chart {
        width,
        height,
        shapes,
        stops: stops(plot, &frame, full, end, span_s),
        description: plot.description.clone(),
    }
}

/// The room to the right of the plot, for the names at the ends of lines.
fn right_room(plot: &Plot) -> f64 {
    if plot.piled {
        return 10.0;
    }
    let longest = plot.series.iter().map(|(name, _)| name.chars().count());
    6.0 + CHARACTER * longest.max().unwrap_or(0) as f64
}

fn total(plot: &Plot, moment: &Moment) -> f64 {
    let values = moment.values.iter().flatten();
    if plot.piled {
        values.sum()
    } else {
        values.fold(0.0, |top, &value| top.max(value))
    }
}

fn lines(
    plot: &Plot,
    frame: &PlotFrame,
    full: f64,
    x: &impl Fn(SimTime) -> f64,
    shapes: &mut Vec<SvgShape>,
) {
    let y = |value: f64| frame.y(value / full);
    let mut ends: Vec<(usize, f64)> = Vec::new();
    for (place, (_, look)) in plot.series.iter().enumerate() {
        let SeriesStyle::Line(paint, width, dash) = *look else {
            continue;
        };
        let mut data = PathData::default();
        let mut begin = true;
        for moment in &plot.moments {
            let Some(value) = moment.values[place] else {
                begin = true;
                continue;
            };
            let (right, down) = (x(moment.at), y(value));
            if begin {
                data.move_to(right, down);
            } else {
                data.line_to(right, down);
            }
            begin = false;
        }
        shapes.push(path(data, Style::line(paint, width).dashed(dash)));
        let last = plot.moments.last().and_then(|moment| moment.values[place]);
        ends.extend(last.map(|value| (place, y(value))));
    }
    // The highest first; of equals the one that is listed first.
    ends.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut heights: Vec<f64> = ends.iter().map(|end| end.1).collect();
    axes::spread(&mut heights, 12.0, frame.bottom);
    for ((place, _), height) in ends.into_iter().zip(heights) {
        let label = Label::new(
            frame.right + 4.0,
            height + 4.0,
            plot.series[place].0.as_str(),
        );
        let label = if place == 0 { label.strong() } else { label };
        shapes.push(label.into());
    }
}

/// The boxes of a part: left, top, width, height.
type Box4 = (f64, f64, f64, f64);

fn columns(
    plot: &Plot,
    frame: &PlotFrame,
    full: f64,
    span_s: u32,
    x: &impl Fn(SimTime) -> f64,
    shapes: &mut Vec<SvgShape>,
) {
    let pitch = frame.width() / f64::from(span_s);
    let wide = (pitch - if pitch > 4.0 { 1.5 } else { 0.6 }).max(1.0);
    let mut boxes: Vec<Vec<Box4>> = vec![Vec::new(); plot.series.len()];
    for moment in &plot.moments {
        let left = x(moment.at) - pitch;
        let mut below = 0.0;
        for (place, value) in moment.values.iter().enumerate() {
            let value = value.unwrap_or(0.0);
            if value > 0.0 {
                let (low, high) = (frame.y(below / full), frame.y((below + value) / full));
                boxes[place].push((left, high, wide, low - high));
                below += value;
            }
        }
    }
    for ((_, look), boxes) in plot.series.iter().zip(boxes) {
        if !boxes.is_empty() {
            shapes.extend(part(&boxes, *look));
        }
    }
}

/// The shapes of a part's boxes with a look.
pub(super) fn part(boxes: &[Box4], look: SeriesStyle) -> Vec<SvgShape> {
    let mut data = PathData::default();
    for &(x, y, width, height) in boxes {
        data.rect(x, y, width, height);
    }
    match look {
        SeriesStyle::Solid(paint, opacity) => vec![path(data, Style::fill(paint, opacity))],
        SeriesStyle::Line(paint, width, _) => vec![path(data, Style::line(paint, width))],
        SeriesStyle::Hollow(paint) => {
            let mut inner = PathData::default();
            for &(x, y, width, height) in boxes {
                let (wide, tall) = ((width - 1.4).max(0.4), (height - 1.4).max(0.4));
                inner.rect(x + 0.7, y + 0.7, wide, tall);
            }
            let mut style = Style::line(paint, 1.4);
            style.fill = Some((Paint::Card, 1.0));
            vec![path(inner, style)]
        }
        SeriesStyle::Striped(paint) => {
            let mut stripes = PathData::default();
            for &(x, y, width, height) in boxes {
                let mut at = 1.2;
                while at < height {
                    stripes.rect(x, y + at, width, (height - at).min(1.2));
                    at += STRIPE;
                }
            }
            vec![
                path(data, Style::fill(paint, 1.0)),
                path(stripes, Style::fill(Paint::Card, 1.0)),
            ]
        }
    }
}

fn stops(plot: &Plot, frame: &PlotFrame, full: f64, end: SimTime, span_s: u32) -> Vec<FocusPoint> {
    let pitch = frame.width() / f64::from(span_s);
    let stop = |moment: &Moment| {
        let age = end.since(moment.at).as_secs_f64();
        let x = frame.x(age, f64::from(span_s));
        let middle = if plot.piled { x - pitch / 2.0 } else { x };
        let mut below = 0.0;
        let mut dots = Vec::new();
        for value in moment.values.iter().flatten() {
            if plot.piled {
                below += value;
            }
            if !plot.piled || *value > 0.0 {
                let y = frame.y(if plot.piled { below } else { *value } / full);
                dots.push(Point { x: middle, y });
            }
        }
        if dots.is_empty() {
            dots.push(Point {
                x: middle,
                y: frame.bottom,
            });
        }
        FocusPoint {
            key: moment.at.as_us(),
            area: Rect {
                x: middle - pitch / 2.0,
                y: frame.top,
                width: pitch,
                height: frame.bottom - frame.top,
            },
            dots,
            text: reading(plot, moment, age),
        }
    };
    plot.moments.iter().map(stop).collect()
}

/// `At 0:31.0, 12 s ago: p99 612 ms, p95 310 ms, p50 84 ms. Server B was killed.`
fn reading(plot: &Plot, moment: &Moment, age: f64) -> String {
    let values = plot.series.iter().zip(&moment.values);
    let said: Vec<String> = values
        .map(|((name, _), value)| match value {
            Some(value) => format!("{name} {}", plot.unit.say(*value)),
            None => format!("{name} –"),
        })
        .collect();
    let mut text = t!(
        "chart.reading",
        clock = words::clock(moment.at),
        age = age.round().max(0.0) as u64,
        values = said.join(", ")
    );
    for sentence in events::within(&plot.marks, moment.at) {
        text.push(' ');
        text.push_str(sentence);
    }
    text
}

/// The table of a plot: one row for each moment, oldest first.
#[must_use]
pub fn table(plot: &Plot) -> DataTable {
    let mut table = DataTable::new([t!("chart.time_s")]);
    for (name, _) in &plot.series {
        table.heads.push(format!("{name}{}", plot.unit.name()));
    }
    if plot.marks.is_kept() {
        table.heads.push(t!("chart.what_happened"));
    }
    for moment in &plot.moments {
        let mut row = vec![TableCell::number(
            words::clock(moment.at),
            moment.at.as_secs_f64(),
        )];
        row.extend(moment.values.iter().map(|value| match value {
            Some(value) => TableCell::number(plot.unit.say(*value), plot.unit.plain(*value)),
            None => TableCell::text("–"),
        }));
        if plot.marks.is_kept() {
            let said: Vec<&str> = events::within(&plot.marks, moment.at).collect();
            row.push(TableCell::text(said.join(" ")));
        }
        table.rows.push(row);
    }
    table
}

/// The closed windows of the last `span_s` seconds before `end`, each as a moment; with `edge` the
/// one that ends at the left edge too, where a line may begin and a column would stand outside.
#[must_use]
pub fn windows(
    view: View<'_>,
    end: SimTime,
    span_s: u32,
    edge: bool,
    values: impl Fn(&evenkeel_sim::metrics::recorder::Window) -> Vec<Option<f64>>,
) -> Vec<Moment> {
    let windows = view.recorder().windows().iter();
    let moments = windows.map(|window| (window.start + WINDOW, window));
    let most = f64::from(span_s) - if edge { 0.0 } else { 0.5 };
    moments
        .filter(|(at, _)| end.since(*at).as_secs_f64() <= most)
        .map(|(at, window)| Moment {
            at,
            values: values(window),
        })
        .collect()
}

/// Ticks, to be used by tests of what is drawn.
#[must_use]
pub fn labels(chart: &Chart) -> Vec<&str> {
    let text = |shape: &'_ SvgShape| matches!(shape, SvgShape::Text(_));
    let shapes = chart.shapes.iter().filter(|shape| text(shape));
    shapes
        .filter_map(|shape| match shape {
            SvgShape::Text(label) => Some(label.text.as_str()),
            SvgShape::Path { .. } => None,
        })
        .collect()
}
