//! The turns that wires are made of: level curves and rounded corners.

use super::layout::{FlowDirection, Point};
use super::path::Path;

/// The radius of the corners where a branch leaves the rail.
pub const CORNER: f64 = 10.0;

/// A curve that leaves and arrives level (upright in [`FlowDirection::Down`]).
pub fn level_curve(path: &mut Path, flow: FlowDirection, to: Point) {
    let from = path.start();
    let (a, b) = match flow {
        FlowDirection::Across => {
            let x = f64::midpoint(from.x, to.x);
            (Point { x, y: from.y }, Point { x, y: to.y })
        }
        FlowDirection::Down => {
            let y = f64::midpoint(from.y, to.y);
            (Point { x: from.x, y }, Point { x: to.x, y })
        }
    };
    path.curve(a, b, to);
}

/// Draws a line to `corner`, round it, and on to `to`.
pub fn bend(path: &mut Path, corner: Point, to: Point) {
    let before = towards(corner, path.end());
    let after = towards(corner, to);
    path.line(before);
    round_corner(path, corner, after);
    path.line(to);
}

/// The point [`CORNER`] pixels from `from` towards `to`, at most half of the way.
fn towards(from: Point, to: Point) -> Point {
    let (x, y) = (to.x - from.x, to.y - from.y);
    let length = libm::hypot(x, y);
    let part = (CORNER / length.max(f64::MIN_POSITIVE)).min(0.5);
    Point {
        x: from.x + x * part,
        y: from.y + y * part,
    }
}

/// A rounded corner to `to`, by way of the sharp `corner`.
pub fn round_corner(path: &mut Path, corner: Point, to: Point) {
    // A little more than half of the way to the sharp corner: nearly a quarter of a circle.
    let near = |end: Point| Point {
        x: end.x + (corner.x - end.x) * 0.56,
        y: end.y + (corner.y - end.y) * 0.56,
    };
    let from = path.end();
    path.curve(near(from), near(to), to);
}
