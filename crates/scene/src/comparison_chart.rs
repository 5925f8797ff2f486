//! The lines of a comparison, which grow from the start to now: how long the slowest requests of each run take, and how
//! many each has lost.
//!
//! The right edge is the next look for a verdict; when that has come the axis is twice as long, as the looks are.

use super::chart::axes::{self, AxisUnit, PlotFrame, Tick};
use super::chart::events::ChartMarks;
use super::chart::series::{Moment, Plot, table};
use super::chart::table::DataTable;
use super::chart::{Chart, FocusPoint, SeriesStyle};
use super::comparison::name;
use super::layout::{Point, Rect};
use super::shape::Paint;
use super::svg::{Anchor, Label, PathData, Style, SvgShape, line, path};
use super::words::clock;
use evenkeel_sim::comparison::RunComparison;
use evenkeel_sim::comparison::series::SeriesPoint;
use evenkeel_sim::comparison::verdict::look_at;
use evenkeel_sim::time::SimTime;
use evenkeel_words::t;

/// The lines of the runs, by place. They differ in dashes and weight; colours belong to servers.
const LINES: [(Paint, f64, &[f64]); 4] = [
    (Paint::Ink, 2.2, &[]),
    (Paint::Ink, 2.2, &[8.0, 4.0]),
    (Paint::Ink, 2.4, &[2.0, 3.5]),
    (Paint::InkSoft, 3.4, &[12.0, 3.0, 2.0, 3.0]),
];
/// The length of the sample of a line.
pub const SAMPLE: f64 = 34.0;
/// The number of looks that are marked.
const LOOKS_SHOWN: usize = 3;
/// Room at the right for the number of a run at the end of its line.
const NUMBER: f64 = 16.0;

/// The chart of the 99th percentiles, in a box of `width` by `height` pixels.
#[must_use]
pub fn times(race: &RunComparison, width: f64, height: f64) -> Chart {
    draw(&times_plot(race), race, width, height)
}

/// The chart of the lost requests, added up.
#[must_use]
pub fn lost(race: &RunComparison, width: f64, height: f64) -> Chart {
    draw(&lost_plot(race), race, width, height)
}

/// The numbers of [`times`].
#[must_use]
pub fn times_table(race: &RunComparison) -> DataTable {
    table(&times_plot(race))
}

/// The numbers of [`lost`].
#[must_use]
pub fn lost_table(race: &RunComparison) -> DataTable {
    table(&lost_plot(race))
}

/// A sample of the line of the run at a place, [`SAMPLE`] pixels wide and 12 high.
#[must_use]
pub fn sample(place: usize) -> Vec<SvgShape> {
    let (paint, width, dash) = LINES[place % LINES.len()];
    let style = Style::line(paint, width).dashed(dash);
    vec![line(0.0, 6.0, SAMPLE, 6.0, style)]
}

fn times_plot(race: &RunComparison) -> Plot {
    let micros = |point: &SeriesPoint| point.p99.map(|p99| p99.as_us() as f64);
    let plot = plot(race, AxisUnit::Time, micros);
    let slowest = plot.moments.iter().flat_map(|one| one.values.iter());
    Plot {
        // An axis of a second, before there is any.
        least: match slowest.flatten().next() {
            Some(_) => 1.0,
            None => 1e6,
        },
        ..plot
    }
}

fn lost_plot(race: &RunComparison) -> Plot {
    Plot {
        least: 4.0,
        ..plot(race, AxisUnit::Count, |point| Some(point.unanswered as f64))
    }
}

fn plot(race: &RunComparison, unit: AxisUnit, value: impl Fn(&SeriesPoint) -> Option<f64>) -> Plot {
    let lanes = race.lanes();
    let series = (0..lanes.len()).map(|place| {
        let (paint, width, dash) = LINES[place % LINES.len()];
        (name(race, place), SeriesStyle::Line(paint, width, dash))
    });
    // All runs stop at the same instants, so they have their points at the same ones.
    let count = lanes.iter().map(|lane| lane.series().points().len()).min();
    let moments = (0..count.unwrap_or(0)).map(|point| Moment {
        at: lanes[0].series().points()[point].at,
        values: lanes
            .iter()
            .map(|lane| value(&lane.series().points()[point]))
            .collect(),
    });
    let mut plot = Plot {
        name: String::new(),
        unit,
        series: series.collect(),
        piled: false,
        least: 1.0,
        moments: moments.collect(),
        marks: ChartMarks::none(),
        description: String::new(),
    };
    plot.description = match plot.moments.last() {
        Some(last) => reading(&plot, last),
        None => t!("race.nothing_yet"),
    };
    plot
}

/// `At 0:31.0: Round robin 612 ms, Random 480 ms.`
fn reading(plot: &Plot, moment: &Moment) -> String {
    let values = plot.series.iter().zip(&moment.values);
    let said: Vec<String> = values
        .map(|((name, _), value)| match value {
            Some(value) => format!("{name} {}", plot.unit.say(*value)),
            None => format!("{name} –"),
        })
        .collect();
    t!(
        "race.reading",
        at = clock(moment.at),
        values = said.join("; ")
    )
}

/// The right edge of the charts: the first look that is not before now.
fn right_edge(now: SimTime) -> SimTime {
    let looks = (0..24).map(look_at);
    looks.into_iter().find(|look| *look >= now).unwrap_or(now)
}

fn draw(plot: &Plot, race: &RunComparison, width: f64, height: f64) -> Chart {
    let end = right_edge(race.now());
    let frame = PlotFrame {
        left: 46.0,
        right: (width - NUMBER).max(90.0),
        top: 8.0,
        bottom: height - axes::BELOW,
    };
    let values = plot.moments.iter().flat_map(|moment| moment.values.iter());
    let top = values.flatten().fold(plot.least, |top, one| top.max(*one));
    let (heights, full) = axes::heights(&frame, top, plot.unit);
    let x = |at: SimTime| frame.x(end.since(at).as_secs_f64(), end.as_secs_f64());
    let mut shapes = Vec::new();
    let level = t!("race.axis");
    let ticks = ticks(&frame, end, if width < 380.0 { 2 } else { 4 });
    axes::draw(&mut shapes, &frame, ("", &heights), (&level, &ticks));
    let looks: Vec<SimTime> = (0..24)
        .map(look_at)
        .take_while(|look| *look < end)
        .collect();
    // Earlier ones crowd at the left edge.
    for look in looks.iter().rev().take(LOOKS_SHOWN).copied() {
        let style = Style::line(Paint::Edge, 1.0).dashed(&[2.0, 3.0]);
        shapes.push(line(x(look), frame.top, x(look), frame.bottom, style));
    }
    let y = |value: f64| frame.y(value / full);
    lines(plot, &frame, &x, &y, &mut shapes);
    Chart {
        width,
        height,
        shapes,
        stops: stops(plot, &frame, &x, &y),
        description: plot.description.clone(),
    }
}

/// Times since the start, in `parts` equal parts.
fn ticks(frame: &PlotFrame, end: SimTime, parts: u64) -> Vec<Tick> {
    let whole = end.as_us();
    (0..=parts)
        .map(|part| {
            let secs = whole * part / parts / 1_000_000;
            Tick {
                at: frame.left + frame.width() * part as f64 / parts as f64,
                label: format!("{}:{:02}", secs / 60, secs % 60),
            }
        })
        .collect()
}

/// The lines, each with its run's number at its end.
fn lines(
    plot: &Plot,
    frame: &PlotFrame,
    x: &impl Fn(SimTime) -> f64,
    y: &impl Fn(f64) -> f64,
    shapes: &mut Vec<SvgShape>,
) {
    let mut ends: Vec<(usize, Point)> = Vec::new();
    for (place, (_, look)) in plot.series.iter().enumerate() {
        let SeriesStyle::Line(paint, width, dash) = *look else {
            continue;
        };
        let mut data = PathData::default();
        let mut last = None;
        for moment in &plot.moments {
            let at = moment.values[place].map(|value| Point {
                x: x(moment.at),
                y: y(value),
            });
            match (at, last) {
                (Some(at), Some(_)) => data.line_to(at.x, at.y),
                (Some(at), None) => data.move_to(at.x, at.y),
                (None, _) => (),
            }
            last = at;
        }
        shapes.push(path(data, Style::line(paint, width).dashed(dash)));
        ends.extend(last.map(|at| (place, at)));
    }
    // The highest first; of equals the one that is listed first.
    ends.sort_by(|a, b| a.1.y.total_cmp(&b.1.y));
    let mut heights: Vec<f64> = ends.iter().map(|(_, end)| end.y).collect();
    axes::spread(&mut heights, 12.0, frame.bottom);
    for ((place, end), height) in ends.into_iter().zip(heights) {
        let label = Label::new(end.x + 5.0, height + 4.0, (place + 1).to_string());
        shapes.push(label.anchored(Anchor::Start).strong().rimmed().into());
    }
}

fn stops(
    plot: &Plot,
    frame: &PlotFrame,
    x: &impl Fn(SimTime) -> f64,
    y: &impl Fn(f64) -> f64,
) -> Vec<FocusPoint> {
    let pitch = match &plot.moments[..] {
        [first, second, ..] => x(second.at) - x(first.at),
        _ => 4.0,
    };
    let stop = |moment: &Moment| {
        let middle = x(moment.at);
        let dot = |value: &f64| Point {
            x: middle,
            y: y(*value),
        };
        let mut dots: Vec<Point> = moment.values.iter().flatten().map(dot).collect();
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
            text: reading(plot, moment),
        }
    };
    plot.moments.iter().map(stop).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::series::labels;
    use crate::comparison_cases::{Case, begin};
    use evenkeel_sim::engine::EventBudget;
    use evenkeel_sim::run::Run;

    fn race(case: Case, secs: u64) -> RunComparison {
        let faults: Vec<_> = case.fault().into_iter().collect();
        let mut race = begin(&Run::start(case.scenario()), &case.configs(), &faults);
        race.run_until(SimTime::from_us(secs * 1_000_000), EventBudget::UNBOUNDED);
        race
    }

    #[test]
    fn before_the_start_there_are_axes_and_no_lines() {
        let race = race(Case::SlowServer, 0);
        for chart in [times(&race, 400.0, 180.0), lost(&race, 400.0, 180.0)] {
            assert!(chart.stops.is_empty());
            assert_eq!(chart.description, "Nothing has ended yet.");
            assert!(labels(&chart).contains(&"0:40"));
        }
        assert!(times_table(&race).rows.is_empty());
    }

    #[test]
    fn lines_grow_to_the_right_and_the_axis_doubles_at_a_look() {
        let end = |secs| {
            let chart = times(&race(Case::SlowServer, secs), 416.0, 180.0);
            let last = chart.stops.last().expect("a point each second");
            (last.dots[0].x - 46.0) / (400.0 - 46.0)
        };
        assert!((end(10) - 0.25).abs() < 0.01 && (end(40) - 1.0).abs() < 0.01);
        assert!((end(60) - 0.75).abs() < 0.01);
        let race = race(Case::SlowServer, 60);
        assert!(labels(&times(&race, 416.0, 180.0)).contains(&"1:20"));
    }

    #[test]
    fn a_point_is_what_the_runs_say() {
        let race = race(Case::BlackHole, 30);
        let chart = lost(&race, 400.0, 180.0);
        let said = &chart.stops.last().expect("there are points").text;
        for (place, lane) in race.lanes().iter().enumerate() {
            let count = lane.view().totals().unanswered();
            let name = name(&race, place);
            assert!(said.contains(&format!("{name} {count}")), "{said}");
        }
        let table = lost_table(&race);
        assert_eq!((table.rows.len(), table.heads.len()), (30, 4));
        assert!(
            ["1", "2", "3"]
                .iter()
                .all(|one| labels(&chart).contains(one))
        );
    }

    #[test]
    fn no_line_has_the_colour_of_a_server_and_no_two_are_drawn_alike() {
        for (place, (paint, width, dash)) in LINES.iter().enumerate() {
            assert!(!paint.is_of_a_server());
            let alike = |other: &(Paint, f64, &[f64])| other.1 == *width && other.2 == *dash;
            assert_eq!(LINES.iter().position(alike), Some(place));
        }
    }
}
