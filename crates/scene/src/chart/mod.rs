//! Charts as plain data: shapes, places to read, a table, words; in CSS pixels.
//!
//! Every chart of the page is a [`Chart`] and is drawn by one component. What a chart shows is in
//! its own file; how a family of charts is drawn is in `series.rs` (over time), `bars.rs` and
//! `lanes.rs`.

pub mod axes;
pub mod bars;
pub mod events;
pub mod histogram;
pub mod lanes;
pub mod latency;
pub mod load;
pub mod outcomes;
pub mod reasons;
pub mod series;
pub mod share;
pub mod table;

use super::layout::{Point, Rect};
use super::shape::Paint;
use super::svg::{Style, SvgShape, circle, line, rect};

/// A chart, ready to be drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// The width, as asked for.
    pub width: f64,
    /// The height: as asked for, or as much as the chart needs.
    pub height: f64,
    /// The shapes, from the back to the front.
    pub shapes: Vec<SvgShape>,
    /// The places where values can be read, in the order of reading.
    pub stops: Vec<FocusPoint>,
    /// The chart in words.
    pub description: String,
}

/// A place of a chart where values can be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FocusPoint {
    /// A key that stays the same for the same subject while the place moves.
    pub key: u64,
    /// The area of the place: a pointer reads the nearest one.
    pub area: Rect,
    /// The points that are read.
    pub dots: Vec<Point>,
    /// The values, as a sentence.
    pub text: String,
}

impl Chart {
    /// The index of the stop nearest to a point.
    #[must_use]
    pub fn nearest(&self, at: Point) -> Option<usize> {
        let far = |low: f64, high: f64, x: f64| (low - x).max(x - high).max(0.0);
        let distance = |stop: &FocusPoint| {
            let Rect {
                x,
                y,
                width,
                height,
            } = stop.area;
            let (dx, dy) = (far(x, x + width, at.x), far(y, y + height, at.y));
            // Of several that cover the point the smallest.
            (dx * dx + dy * dy) * 1e6 + width * height / 1e6
        };
        let distances = self.stops.iter().map(distance).enumerate();
        distances
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(place, _)| place)
    }

    /// The index of the stop with a key, or of the nearest key below it.
    #[must_use]
    pub fn find(&self, key: u64) -> Option<usize> {
        let exact = self.stops.iter().position(|stop| stop.key == key);
        exact.or_else(|| (!self.stops.is_empty()).then_some(0))
    }
}

/// The shapes that highlight a stop.
#[must_use]
pub fn highlight(stop: &FocusPoint) -> Vec<SvgShape> {
    let Rect {
        x,
        y,
        width,
        height,
    } = stop.area;
    let mut shapes = Vec::with_capacity(1 + stop.dots.len());
    if stop.dots.is_empty() {
        let style = Style {
            fill: Some((Paint::Focus, 0.1)),
            stroke: Some((Paint::Focus, 1.5)),
            dash: &[],
        };
        shapes.push(rect(x - 2.0, y - 2.0, width + 4.0, height + 4.0, style));
        return shapes;
    }
    let middle = stop.dots[0].x;
    shapes.push(line(
        middle,
        y,
        middle,
        y + height,
        Style::line(Paint::Focus, 1.0),
    ));
    for dot in &stop.dots {
        let style = Style {
            fill: Some((Paint::Card, 1.0)),
            stroke: Some((Paint::Focus, 2.0)),
            dash: &[],
        };
        shapes.push(circle(dot.x, dot.y, 3.5, style));
    }
    shapes
}

/// The look of a series: each differs from the others in more than hue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SeriesStyle {
    /// A part with a filled area.
    Solid(Paint, f64),
    /// A part with stripes.
    Striped(Paint),
    /// A part with only an outline.
    Hollow(Paint),
    /// A line: colour, width, dashes.
    Line(Paint, f64, &'static [f64]),
}

/// One entry of a key below a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyEntry {
    /// A sample, 16 pixels wide and 12 high.
    pub sample: Vec<SvgShape>,
    /// The name of the series.
    pub name: String,
}

/// The key of several series.
#[must_use]
pub fn key(series: &[(String, SeriesStyle)]) -> Vec<KeyEntry> {
    let entry = |(name, look): &(String, SeriesStyle)| KeyEntry {
        sample: match *look {
            SeriesStyle::Line(paint, width, dash) => {
                vec![line(
                    0.0,
                    6.0,
                    16.0,
                    6.0,
                    Style::line(paint, width).dashed(dash),
                )]
            }
            part => series::part(&[(2.0, 0.0, 12.0, 12.0)], part),
        },
        name: name.clone(),
    };
    series.iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stop(key: u64, x: f64) -> FocusPoint {
        FocusPoint {
            key,
            area: Rect {
                x,
                y: 0.0,
                width: 10.0,
                height: 100.0,
            },
            ..FocusPoint::default()
        }
    }

    #[test]
    fn the_pointer_reads_the_nearest_stop() {
        let chart = Chart {
            stops: vec![stop(7, 0.0), stop(8, 10.0), stop(9, 40.0)],
            ..Chart::default()
        };
        let at = |x, y| chart.nearest(Point { x, y });
        assert_eq!(at(-50.0, 500.0), Some(0));
        assert_eq!(at(19.0, 50.0), Some(1));
        assert_eq!(at(31.0, 50.0), Some(2));
        assert_eq!(Chart::default().nearest(Point::default()), None);
        assert_eq!(chart.find(9), Some(2));
        assert_eq!(chart.find(1), Some(0), "it has moved out of the chart");
    }
}
