//! Charts of what happened when: one lane for each subject, all on one time axis.

use super::axes::{self, BELOW, CHARACTER, PlotFrame, Tick};
use super::{Chart, FocusPoint};
use crate::layout::Rect;
use crate::shape::Paint;
use crate::svg::{Anchor, Label, PathData, Style, SvgShape, circle, cross, line, path, rect};

/// The lanes of a chart, with their time axis.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// The lanes, from the top down.
    pub lanes: Vec<TimelineRow>,
    /// The time at the left edge, in microseconds.
    pub from: f64,
    /// The time at the right edge, in microseconds.
    pub to: f64,
    /// Times that are marked, with their labels.
    pub ticks: Vec<(f64, String)>,
    /// The present instant and its label, drawn as a line through all lanes; `None` where all of it is past.
    pub now: Option<(f64, String)>,
    /// The name of the time axis.
    pub name: String,
    /// The height of a lane.
    pub pitch: f64,
    /// The room to the right, for the notes beside the lanes.
    pub right: f64,
    /// The chart in words.
    pub description: String,
}

/// One lane of the chart.
#[derive(Clone, Debug, Default)]
pub struct TimelineRow {
    /// The name of the lane's subject.
    pub name: String,
    /// The note at its right end.
    pub note: String,
    /// The items of the lane, in the order of reading.
    pub items: Vec<TimelineItem>,
}

/// An item of a lane.
#[derive(Clone, Debug)]
pub struct TimelineItem {
    /// A key that stays the same for the same subject.
    pub key: u64,
    /// The time of its begin.
    pub from: f64,
    /// The time of its end; the same for a point.
    pub to: f64,
    /// The position of its middle in the lane's height, 0 to 1.
    pub level: f64,
    /// The height of the item, in pixels.
    pub thick: f64,
    /// The look of the item.
    pub form: TimelineForm,
    /// The label in it or beside it, where there is room.
    pub label: String,
    /// The sentence to read; empty for items that are only drawn.
    pub text: String,
}

/// The look of an item.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TimelineForm {
    /// A bar with a filled area.
    Bar(Paint, f64),
    /// A bar with an outline and stripes.
    Striped(Paint),
    /// A ground behind other items.
    Shade(Paint),
    /// A line that stands upright.
    Stroke(Paint),
    /// A ring with a tick: a probe that passed.
    Pass,
    /// A ring with a cross: a probe that failed.
    Fail,
}

/// The smallest width of a bar.
const LEAST: f64 = 1.5;
/// The dashes of the line at the present instant.
const NOW_DASH: &[f64] = &[3.0, 3.0];
/// The radius of a probe.
const CHECK: f64 = 6.0;

/// Draws lanes; the chart is as high as they need.
#[must_use]
pub fn draw(lanes: &Timeline, width: f64) -> Chart {
    let longest = lanes.lanes.iter().map(|lane| lane.name.chars().count());
    let left = longest.max().unwrap_or(0) as f64 * CHARACTER + 14.0;
    let tall = lanes.lanes.len() as f64 * lanes.pitch;
    let frame = PlotFrame {
        left: left.min(width * 0.45),
        right: (width - lanes.right).max(width * 0.5),
        top: 0.0,
        bottom: tall,
    };
    let length = (lanes.to - lanes.from).max(1.0);
    let x = |at: f64| frame.left + frame.width() * ((at - lanes.from) / length).clamp(0.0, 1.0);
    let mut shapes = Vec::new();
    let ticks = lanes.ticks.iter().map(|(at, label)| Tick {
        at: x(*at),
        label: label.clone(),
    });
    let ticks: Vec<Tick> = ticks.collect();
    for tick in &ticks {
        let style = Style::line(Paint::Line, 1.0);
        shapes.push(line(tick.at, 0.0, tick.at, tall, style));
    }
    axes::below(&mut shapes, &frame, &ticks);
    let now = lanes.now.as_ref().map(|(at, word)| (x(*at), word.as_str()));
    if let Some((at, _)) = now {
        let style = Style::line(Paint::Ink, 1.0).dashed(NOW_DASH);
        shapes.push(line(at, 0.0, at, tall, style));
    }
    below_axis(&mut shapes, &frame, &lanes.name, now);
    let mut stops = Vec::new();
    for (place, lane) in lanes.lanes.iter().enumerate() {
        let top = place as f64 * lanes.pitch;
        if place > 0 {
            shapes.push(line(0.0, top, width, top, Style::line(Paint::Line, 1.0)));
        }
        let y = top + lanes.pitch / 2.0 + 4.0;
        shapes.push(
            Label::new(0.0, y, lane.name.as_str())
                .painted(Paint::Ink)
                .into(),
        );
        let note = Label::new(width, y, lane.note.as_str()).painted(Paint::Ink);
        shapes.push(note.anchored(Anchor::End).into());
        let mut labels = Vec::new();
        for item in &lane.items {
            let area = area(item, top, lanes.pitch, &x);
            shapes.extend(outline(item, area));
            labels.extend(label(item, area, &frame));
            if !item.text.is_empty() {
                stops.push(FocusPoint {
                    key: item.key,
                    area,
                    dots: Vec::new(),
                    text: item.text.clone(),
                });
            }
        }
        shapes.extend(labels);
    }
    Chart {
        width,
        height: tall + BELOW,
        shapes,
        stops,
        description: lanes.description.clone(),
    }
}

/// Writes the name of the time axis, and the label of the present instant; the name makes way for the label.
fn below_axis(shapes: &mut Vec<SvgShape>, frame: &PlotFrame, name: &str, now: Option<(f64, &str)>) {
    let wide = |text: &str| text.chars().count() as f64 * CHARACTER;
    let y = frame.bottom + 29.0;
    let middle = f64::midpoint(frame.left, frame.right);
    let mut label = Label::new(middle, y, name).anchored(Anchor::Middle);
    if let Some((at, word)) = now {
        let half = wide(word) / 2.0;
        let at = at.min(frame.right - half);
        let now = Label::new(at, y, word).painted(Paint::Ink);
        shapes.push(now.anchored(Anchor::Middle).into());
        if (at - middle).abs() < half + wide(name) / 2.0 + 8.0 {
            let right = at + half + 8.0;
            label = if right + wide(name) <= frame.right {
                Label::new(right, y, name).anchored(Anchor::Start)
            } else {
                Label::new(at - half - 8.0, y, name).anchored(Anchor::End)
            };
        }
    }
    shapes.push(label.into());
}

/// The area of an item.
fn area(item: &TimelineItem, top: f64, pitch: f64, x: &impl Fn(f64) -> f64) -> Rect {
    let (left, right) = (x(item.from), x(item.to));
    let middle = top + pitch * item.level;
    let wide = match item.form {
        TimelineForm::Pass | TimelineForm::Fail => 2.0 * CHECK,
        _ => (right - left).max(LEAST),
    };
    let left = match item.form {
        TimelineForm::Pass | TimelineForm::Fail => left - CHECK,
        _ => left,
    };
    Rect {
        x: left,
        y: middle - item.thick / 2.0,
        width: wide,
        height: item.thick,
    }
}

fn outline(item: &TimelineItem, area: Rect) -> Vec<SvgShape> {
    let Rect {
        x,
        y,
        width,
        height,
    } = area;
    let (cx, cy) = (x + width / 2.0, y + height / 2.0);
    match item.form {
        TimelineForm::Bar(paint, opacity) => {
            vec![rect(x, y, width, height, Style::fill(paint, opacity))]
        }
        TimelineForm::Shade(paint) => vec![rect(x, y, width, height, Style::fill(paint, 0.14))],
        TimelineForm::Stroke(paint) => vec![line(x, y, x, y + height, Style::line(paint, 2.0))],
        TimelineForm::Striped(paint) => {
            let mut data = PathData::default();
            let mut at = x + 2.0;
            while at + 1.5 < x + width {
                data.rect(at, y + 1.0, 1.5, height - 2.0);
                at += 5.0;
            }
            vec![
                rect(x, y, width, height, Style::line(paint, 1.2)),
                path(data, Style::fill(paint, 0.45)),
            ]
        }
        TimelineForm::Pass | TimelineForm::Fail => {
            let paint = if item.form == TimelineForm::Pass {
                Paint::Healthy
            } else {
                Paint::Down
            };
            let mut ring = Style::line(paint, 1.5);
            ring.fill = Some((Paint::Card, 1.0));
            let sign = if item.form == TimelineForm::Pass {
                let mut tick = PathData::default();
                tick.move_to(cx - 2.8, cy + 0.2);
                tick.line_by(2.1, 2.3);
                tick.line_by(3.6, -4.6);
                path(tick, Style::line(paint, 1.5))
            } else {
                cross(cx, cy, 2.4, Style::line(paint, 1.5))
            };
            vec![circle(cx, cy, CHECK, ring), sign]
        }
    }
}

/// The label of an item: in it if it fits, beside it if the item is only a line.
fn label(item: &TimelineItem, area: Rect, frame: &PlotFrame) -> Option<SvgShape> {
    if item.label.is_empty() {
        return None;
    }
    let wide = item.label.chars().count() as f64 * CHARACTER;
    let y = area.y + area.height / 2.0 + 4.0;
    let label = Label::new(0.0, y, item.label.as_str()).rimmed();
    let place = |x: f64, anchor| {
        let mut label = label.clone().anchored(anchor).painted(Paint::Ink);
        label.x = x;
        Some(label.into())
    };
    let end = area.x + area.width;
    if wide + 8.0 <= area.width && item.thick >= 10.0 {
        place(area.x + area.width / 2.0, Anchor::Middle)
    } else if item.thick >= 10.0 {
        // Beside it might lie something else.
        None
    } else if end + 4.0 + wide <= frame.right {
        place(end + 4.0, Anchor::Start)
    } else {
        place((area.x - 4.0).max(frame.left + wide), Anchor::End)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(key: u64, from: f64, to: f64) -> TimelineItem {
        TimelineItem {
            key,
            from,
            to,
            level: 0.5,
            thick: 10.0,
            form: TimelineForm::Bar(Paint::Ink, 1.0),
            label: String::new(),
            text: format!("from {from} to {to}"),
        }
    }

    #[test]
    fn the_name_of_the_axis_makes_way_for_the_present_instant() {
        for at in [0.0, 20.0, 45.0, 50.0, 55.0, 80.0, 100.0] {
            let lanes = Timeline {
                lanes: vec![TimelineRow::default()],
                to: 100.0,
                pitch: 20.0,
                name: "simulated time".to_string(),
                now: Some((at, "now".to_string())),
                ..Timeline::default()
            };
            let spans = draw(&lanes, 320.0).shapes.into_iter().filter_map(|shape| {
                let SvgShape::Text(label) = shape else {
                    return None;
                };
                let wide = label.text.chars().count() as f64 * CHARACTER;
                let left = match label.anchor {
                    Anchor::Start => label.x,
                    Anchor::Middle => label.x - wide / 2.0,
                    Anchor::End => label.x - wide,
                };
                (!label.text.is_empty()).then_some((left, left + wide))
            });
            let spans: Vec<_> = spans.collect();
            assert_eq!(spans.len(), 2);
            let ((a, b), (c, d)) = (spans[0], spans[1]);
            assert!(b <= c || d <= a, "{at}: {spans:?}");
        }
    }

    #[test]
    fn items_lie_at_their_times_and_none_is_too_thin_to_see() {
        let lanes = Timeline {
            lanes: vec![
                TimelineRow {
                    name: "A".to_string(),
                    items: vec![item(0, 0.0, 50.0), item(1, 50.0, 50.0)],
                    ..TimelineRow::default()
                },
                TimelineRow::default(),
            ],
            to: 100.0,
            pitch: 20.0,
            ..Timeline::default()
        };
        let chart = draw(&lanes, 320.3);
        let areas: Vec<_> = chart
            .stops
            .iter()
            .map(|stop| (stop.area.x, stop.area.width))
            .collect();
        let (left, wide) = areas[0];
        assert!((left + wide - areas[1].0).abs() < 1e-9);
        assert_eq!(areas[1].1, LEAST);
        assert_eq!(chart.height, 40.0 + BELOW);
    }
}
