//! Path data and the numbers in it.

use std::fmt::Write as _;

/// Appends a coordinate or a length: at most one digit after the point, as less is not seen.
pub(super) fn push_number(out: &mut String, value: f64) {
    let start = out.len();
    // Writing to a text cannot fail.
    let _ = write!(out, "{value:.1}");
    if out.ends_with(".0") {
        out.truncate(out.len() - 2);
    }
    if &out[start..] == "-0" {
        out.replace_range(start.., "0");
    }
}

/// A coordinate or a length, as in `transform` and `viewBox`: at most one digit after the point.
#[must_use]
pub fn number(value: f64) -> String {
    let mut text = String::new();
    push_number(&mut text, value);
    text
}

/// The path data of an outline (the attribute `d`), which grows. Coordinates are in CSS pixels, or in units of the
/// view box.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathData(String);

impl PathData {
    /// Adds a command with its numbers.
    fn command(&mut self, letter: char, numbers: &[f64]) {
        self.0.push(letter);
        for (place, number) in numbers.iter().enumerate() {
            if place > 0 {
                self.0.push(' ');
            }
            push_number(&mut self.0, *number);
        }
    }

    /// Begins a new line at a point.
    pub fn move_to(&mut self, x: f64, y: f64) {
        self.command('M', &[x, y]);
    }

    /// A straight line to a point.
    pub fn line_to(&mut self, x: f64, y: f64) {
        self.command('L', &[x, y]);
    }

    /// A straight line by a distance.
    pub fn line_by(&mut self, right: f64, down: f64) {
        self.command('l', &[right, down]);
    }

    /// A horizontal line by a distance.
    pub fn across(&mut self, right: f64) {
        self.command('h', &[right]);
    }

    /// A vertical line by a distance.
    pub fn down(&mut self, down: f64) {
        self.command('v', &[down]);
    }

    /// A vertical line to a height.
    pub fn down_to(&mut self, y: f64) {
        self.command('V', &[y]);
    }

    /// A cubic curve to `to`, with two control points.
    pub fn curve_to(&mut self, first: (f64, f64), second: (f64, f64), to: (f64, f64)) {
        self.command('C', &[first.0, first.1, second.0, second.1, to.0, to.1]);
    }

    /// A quadratic curve to `to`, with one control point.
    pub fn bend_to(&mut self, control: (f64, f64), to: (f64, f64)) {
        self.command('Q', &[control.0, control.1, to.0, to.1]);
    }

    /// A line back to where the present line began.
    pub fn close(&mut self) {
        self.0.push('z');
    }

    /// A line through points.
    pub fn polyline(&mut self, points: impl IntoIterator<Item = (f64, f64)>) {
        for (place, (x, y)) in points.into_iter().enumerate() {
            self.command(if place == 0 { 'M' } else { 'L' }, &[x, y]);
        }
    }

    /// Adds a rectangle by its corner and size.
    pub fn rect(&mut self, x: f64, y: f64, width: f64, height: f64) {
        self.move_to(x, y);
        self.across(width);
        self.down(height);
        self.across(-width);
        self.close();
    }

    /// A circle around a point.
    pub fn circle(&mut self, x: f64, y: f64, r: f64) {
        self.move_to(x - r, y);
        for across in [2.0 * r, -2.0 * r] {
            self.command('a', &[r, r, 0.0, 1.0, 0.0, across, 0.0]);
        }
        self.close();
    }

    /// A cross around a point, whose strokes reach `arm` to each side.
    pub fn cross(&mut self, x: f64, y: f64, arm: f64) {
        self.move_to(x - arm, y - arm);
        self.line_to(x + arm, y + arm);
        self.move_to(x + arm, y - arm);
        self.line_to(x - arm, y + arm);
    }

    /// The path data as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<PathData> for String {
    fn from(data: PathData) -> Self {
        data.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_no_digits_that_say_nothing() {
        let written = [0.0, -0.01, 3.0, 100.0, 1.26, -12.04].map(number);
        assert_eq!(written, ["0", "0", "3", "100", "1.3", "-12"]);
    }

    #[test]
    fn outlines_are_path_data() {
        let drawn = |draw: fn(&mut PathData)| {
            let mut data = PathData::default();
            draw(&mut data);
            String::from(data)
        };
        assert_eq!(
            drawn(|data| data.rect(1.0, 2.0, 3.0, 4.5)),
            "M1 2h3v4.5h-3z"
        );
        assert_eq!(
            drawn(|data| data.circle(5.0, 5.0, 2.0)),
            "M3 5a2 2 0 1 0 4 0a2 2 0 1 0 -4 0z"
        );
        assert_eq!(drawn(|data| data.cross(5.0, 5.0, 2.0)), "M3 3L7 7M7 3L3 7");
        assert_eq!(
            drawn(|data| data.polyline([(0.0, 0.5), (1.0, 1.0)])),
            "M0 0.5L1 1"
        );
    }
}
