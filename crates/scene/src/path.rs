//! Curves measured by their length, so that a point can move along them at constant speed.

use super::layout::Point;

/// One piece of a curve; it begins where the piece before it ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PathPiece {
    /// A straight line to a point.
    Line(Point),
    /// A cubic Bézier curve: two control points and its end.
    Curve(Point, Point, Point),
}

/// Into how many chords a curved piece is cut to be measured. At 400 px long, the length of a
/// wire's curve is then off by less than a tenth of a pixel.
const CHORDS: usize = 32;

/// A curve with a table of lengths.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Path {
    start: Point,
    pieces: Vec<PathPiece>,
    /// Points along the curve with the length up to each.
    table: Vec<(f64, Point)>,
}

/// A point on a curve, with the direction there.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PathPoint {
    /// The point on the curve.
    pub at: Point,
    /// The direction of the curve there, of length 1.
    pub along: Point,
}

impl PathPoint {
    /// The point `side` pixels beside the curve, to the right of its direction.
    #[must_use]
    pub fn beside(&self, side: f64) -> Point {
        Point {
            x: self.at.x - self.along.y * side,
            y: self.at.y + self.along.x * side,
        }
    }
}

impl Path {
    /// Begins a new curve at `start`, reusing the memory.
    pub fn begin(&mut self, start: Point) {
        self.start = start;
        self.pieces.clear();
        self.table.clear();
        self.table.push((0.0, start));
    }

    /// Adds a straight line to `to`.
    pub fn line(&mut self, to: Point) {
        self.pieces.push(PathPiece::Line(to));
        self.measure(to);
    }

    /// Adds a Bézier curve to `to` with control points `a` and `b`.
    pub fn curve(&mut self, a: Point, b: Point, to: Point) {
        let from = self.end();
        self.pieces.push(PathPiece::Curve(a, b, to));
        for step in 1..=CHORDS {
            self.measure(bezier([from, a, b, to], step as f64 / CHORDS as f64));
        }
    }

    fn measure(&mut self, to: Point) {
        let length = self.length() + distance(self.end(), to);
        self.table.push((length, to));
    }

    /// The start of the curve.
    #[must_use]
    pub const fn start(&self) -> Point {
        self.start
    }

    /// The pieces, for drawing.
    #[must_use]
    pub fn pieces(&self) -> &[PathPiece] {
        &self.pieces
    }

    /// The end of the curve.
    #[must_use]
    pub fn end(&self) -> Point {
        self.table.last().map_or(self.start, |&(_, point)| point)
    }

    /// The length of the curve.
    #[must_use]
    pub fn length(&self) -> f64 {
        self.table.last().map_or(0.0, |&(length, _)| length)
    }

    /// The point at `fraction` of the length, 0 to 1.
    #[must_use]
    pub fn at(&self, fraction: f64) -> PathPoint {
        let (Some(&(_, first)), Some(&(whole, _))) = (self.table.first(), self.table.last()) else {
            return PathPoint::default();
        };
        let wanted = whole * fraction.clamp(0.0, 1.0);
        let next = self
            .table
            .partition_point(|&(length, _)| length < wanted)
            .clamp(1, self.table.len().max(2) - 1);
        let Some(&(high, to)) = self.table.get(next) else {
            return PathPoint {
                at: first,
                along: Point::default(),
            };
        };
        let (low, from) = self.table[next - 1];
        let chord = high - low;
        let part = if chord > 0.0 {
            (wanted - low) / chord
        } else {
            0.0
        };
        let along = if chord > 0.0 {
            Point {
                x: (to.x - from.x) / chord,
                y: (to.y - from.y) / chord,
            }
        } else {
            Point::default()
        };
        PathPoint {
            at: Point {
                x: from.x + (to.x - from.x) * part,
                y: from.y + (to.y - from.y) * part,
            },
            along,
        }
    }
}

/// The point at parameter `t` of a cubic Bézier curve.
fn bezier([a, b, c, d]: [Point; 4], t: f64) -> Point {
    let u = 1.0 - t;
    let (wa, wb, wc, wd) = (u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t);
    Point {
        x: wa * a.x + wb * b.x + wc * c.x + wd * d.x,
        y: wa * a.y + wb * b.y + wc * c.y + wd * d.y,
    }
}

fn distance(a: Point, b: Point) -> f64 {
    let (x, y) = (b.x - a.x, b.y - a.y);
    (x * x + y * y).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn p(x: f64, y: f64) -> Point {
        Point { x, y }
    }

    #[test]
    fn equal_fractions_are_equal_ways() {
        let mut path = Path::default();
        path.begin(p(0.0, 0.0));
        path.curve(p(100.0, 0.0), p(100.0, 200.0), p(200.0, 200.0));
        path.line(p(260.0, 200.0));
        let mut before = path.at(0.0).at;
        let step = path.length() / 50.0;
        for part in 1..=50 {
            let now = path.at(f64::from(part) / 50.0).at;
            let gone = distance(before, now);
            // A chord is never longer than its arc, and here hardly shorter.
            assert!(gone <= step + 1e-9 && gone > step * 0.98, "{part}: {gone}");
            before = now;
        }
        assert!(distance(before, p(260.0, 200.0)) < 1e-9);
    }

    #[test]
    fn wires_leave_and_arrive_level() {
        let mut path = Path::default();
        path.begin(p(0.0, 0.0));
        path.curve(p(100.0, 0.0), p(100.0, 200.0), p(200.0, 200.0));
        for fraction in [0.0, 1.0] {
            let along = path.at(fraction).along;
            assert!(along.x > 0.99 && along.y.abs() < 0.1, "{along:?}");
        }
    }

    #[test]
    fn beside_is_to_the_right_of_the_direction() {
        let mut path = Path::default();
        path.begin(p(0.0, 0.0));
        path.line(p(10.0, 0.0));
        assert_eq!(path.at(0.5).beside(3.0), p(5.0, 3.0));
    }

    #[test]
    fn an_empty_or_pointlike_path_has_a_place_all_the_same() {
        assert_eq!(Path::default().at(0.5), PathPoint::default());
        let mut path = Path::default();
        path.begin(p(4.0, 5.0));
        assert_eq!(path.at(0.7).at, p(4.0, 5.0));
        path.line(p(4.0, 5.0));
        assert_eq!(path.at(0.7).at, p(4.0, 5.0));
    }
}
