//! A hash ring: the points of each server, and the path from the last key to its point.

use super::{PickerStateView, Row};
use crate::chart::{Chart, FocusPoint};
use crate::layout::{Point, Rect};
use crate::shape::Paint;
use crate::svg::{Anchor, Label, PathData, Style, SvgShape, circle, line, path};
use crate::words::thousands;
use evenkeel_sim::balance::picker::Reason;
use evenkeel_words::number;
use evenkeel_words::t;

/// The largest radius of a ring.
const LARGEST: f64 = 150.0;
/// The distance between the rings of two servers.
const GAP: f64 = 15.0;
/// The most servers with a ring of their own.
const RINGS: usize = 8;
/// The number of points shown around the key.
const NEAR: usize = 9;
/// The height of the line that shows them.
const LENS: f64 = 64.0;

/// One row for each server: the number of its points.
pub(super) fn rows(inside: &PickerStateView<'_>, points: &[(u32, u32)]) -> Vec<Row> {
    let row = |slot: usize| {
        let own = points.iter().filter(|(_, owner)| *owner as usize == slot);
        let count = own.count();
        Row {
            slot,
            amount: count as f64,
            text: t!(
                "inside.points",
                server = inside.name(slot),
                count = count,
                all = thousands(points.len() as u64)
            ),
        }
    };
    let rows = (0..inside.endpoints.len()).map(row);
    rows.map(|row| inside.told(row)).collect()
}

/// The position of the last key, and of the point that it belongs to.
fn key(inside: &PickerStateView<'_>) -> Option<(u32, u32)> {
    match inside.reason()? {
        Reason::RingPoint { hash, point, .. } | Reason::RingRoom { hash, point, .. } => {
            Some((hash, point))
        }
        _ => None,
    }
}

/// The place of a position of the ring on a circle: 0 is on top, clockwise.
fn on_circle(middle: Point, radius: f64, place: u32) -> Point {
    let angle = f64::from(place) / 4_294_967_296.0 * 2.0 * std::f64::consts::PI;
    Point {
        x: middle.x + radius * libm::sin(angle),
        y: middle.y - radius * libm::cos(angle),
    }
}

/// Concentric rings, one for each server, and below them the neighbourhood of the key.
pub(super) fn draw(inside: &PickerStateView<'_>, points: &[(u32, u32)], width: f64) -> Chart {
    let outer = LARGEST.min(width / 2.0 - 12.0);
    let middle = Point {
        x: width / 2.0,
        y: outer + 12.0,
    };
    let rows = rows(inside, points);
    let said: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
    let mut chart = Chart {
        width,
        height: 2.0 * outer + 24.0 + LENS,
        description: said.join(" "),
        ..Chart::default()
    };
    let mut labels: Vec<SvgShape> = Vec::new();
    for row in rows.iter().take(RINGS) {
        let radius = outer - row.slot as f64 * GAP;
        if radius < GAP {
            break;
        }
        let ground = Style::line(Paint::Line, 1.0);
        chart
            .shapes
            .push(circle(middle.x, middle.y, radius, ground));
        let mut data = PathData::default();
        for (place, _) in points.iter().filter(|one| one.1 as usize == row.slot) {
            let (a, b) = (
                on_circle(middle, radius - 4.0, *place),
                on_circle(middle, radius + 4.0, *place),
            );
            data.polyline([(a.x, a.y), (b.x, b.y)]);
        }
        let mine = inside.picked() == Some(row.slot);
        let thick = if mine { 1.8 } else { 1.0 };
        chart
            .shapes
            .push(path(data, Style::line(inside.paint(row.slot), thick)));
        let y = middle.y - radius;
        let name = Label::new(middle.x, y + 4.0, inside.name(row.slot));
        let name = name.strong().painted(inside.paint(row.slot));
        labels.push(name.rimmed().anchored(Anchor::Middle).into());
        chart.stops.push(FocusPoint {
            key: row.slot as u64,
            area: Rect {
                x: middle.x - 9.0,
                y: y - 7.0,
                width: 18.0,
                height: 14.0,
            },
            dots: Vec::new(),
            text: row.text.clone(),
        });
    }
    chart.shapes.extend(labels);
    if let Some((hash, point)) = key(inside) {
        let end = on_circle(middle, outer + 6.0, hash);
        let style = Style::line(Paint::Focus, 2.0);
        chart
            .shapes
            .push(line(middle.x, middle.y, end.x, end.y, style));
        let dot = Style::fill(Paint::Focus, 1.0);
        chart.shapes.push(circle(end.x, end.y, 4.0, dot));
        neighbourhood(inside, points, (hash, point), &mut chart);
    }
    chart
}

/// The key and the points around it, spread out on a line.
fn neighbourhood(
    inside: &PickerStateView<'_>,
    points: &[(u32, u32)],
    (hash, picked): (u32, u32),
    chart: &mut Chart,
) {
    if points.is_empty() {
        return;
    }
    let count = points.len();
    let start = points.partition_point(|one| one.0 < hash) + count - 2;
    let near = (0..NEAR.min(count)).map(|step| points[(start + step) % count]);
    // How far after the first one each lies, around the end.
    let first = points[start % count].0;
    let near: Vec<(u32, u32)> = near.collect();
    let span = near.iter().map(|one| one.0.wrapping_sub(first)).max();
    let span = f64::from(span.unwrap_or(1).max(1));
    let (left, right) = (12.0, chart.width - 12.0);
    let x = |place: u32| left + (right - left) * f64::from(place.wrapping_sub(first)) / span;
    let y = chart.height - 26.0;
    let shapes = &mut chart.shapes;
    shapes.push(line(left, y, right, y, Style::line(Paint::Edge, 1.2)));
    let at = x(hash);
    shapes.push(circle(at, y, 5.0, Style::fill(Paint::Focus, 1.0)));
    let key = Label::new(at, y - 12.0, t!("inside.key"));
    shapes.push(key.painted(Paint::Focus).anchored(Anchor::Middle).into());
    let way = Style::line(Paint::Focus, 2.5);
    shapes.push(line(at, y, x(picked), y, way));
    let mut free = f64::NEG_INFINITY;
    for (place, owner) in near {
        let at = x(place);
        let mine = place == picked;
        let paint = inside.paint(owner as usize);
        let style = Style::line(paint, if mine { 3.0 } else { 1.4 });
        chart.shapes.push(line(at, y - 7.0, at, y + 7.0, style));
        let name = inside.name(owner as usize);
        // A name that would touch the one before stands a little to the right.
        let middle = at.max(free);
        free = middle + 12.0;
        let label = Label::new(middle, y + 20.0, name.as_str());
        let label = if mine { label.strong() } else { label };
        let label = label.painted(paint);
        chart.shapes.push(label.anchored(Anchor::Middle).into());
        let ahead = place.wrapping_sub(hash);
        let behind = hash.wrapping_sub(place);
        let part = |distance: u32| {
            number::of_hundred(number::fixed(f64::from(distance) / 42_949_672.96, 3))
        };
        let text = if mine {
            t!(
                "inside.near.picked",
                server = name,
                distance = part(ahead.min(behind))
            )
        } else if ahead <= behind {
            t!("inside.near.after", server = name, distance = part(ahead))
        } else {
            t!("inside.near.before", server = name, distance = part(behind))
        };
        chart.stops.push(FocusPoint {
            key: 1 << 40 | u64::from(place),
            area: Rect {
                x: at - 5.0,
                y: y - 8.0,
                width: 10.0,
                height: 30.0,
            },
            dots: Vec::new(),
            text,
        });
    }
}
