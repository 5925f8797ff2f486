//! A measured number, and its form in a text.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The unit of a number, with which a text writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AmountUnit {
    /// A number of things, like requests or servers.
    Count,
    /// A share of a whole, 0 to 1; written in percent.
    Share,
    /// A time in milliseconds; written in seconds from 1,000 on.
    Time,
    /// A plain ratio, like attempts for each request.
    Ratio,
    /// Letters, like the servers picked, in order.
    Text,
}

/// A measured amount: a number, or the servers picked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Amount {
    /// A number in the unit of its measure.
    Number(f64),
    /// The names of servers, like `A B C A`.
    Text(String),
}

/// The number marks of a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberMarks<'a> {
    /// The decimal mark: `.` or `,`.
    pub decimal: &'a str,
    /// The mark between groups of thousands.
    pub thousands: &'a str,
}

impl NumberMarks<'_> {
    /// The number marks of English.
    pub const ENGLISH: Self = Self {
        decimal: ".",
        thousands: ",",
    };
}

/// The character between a number and its unit: no line break.
const GAP: char = '\u{a0}';

impl Amount {
    /// The amount in a text, with `digits` digits after the point.
    #[must_use]
    pub fn say(&self, unit: AmountUnit, digits: usize, marks: NumberMarks<'_>) -> String {
        let value = match self {
            Self::Text(text) => return text.clone(),
            Self::Number(value) => *value,
        };
        let number = |value: f64| with_marks(value, digits, marks);
        match unit {
            AmountUnit::Share => format!("{}{GAP}%", number(value * 100.0)),
            AmountUnit::Time if value < 1_000.0 => format!("{}{GAP}ms", number(value)),
            AmountUnit::Time => format!("{}{GAP}s", number(value / 1_000.0)),
            AmountUnit::Count | AmountUnit::Ratio | AmountUnit::Text => number(value),
        }
    }

    /// The number of digits after the point that a live value needs: tenths of seconds and of ratios, and otherwise
    /// whole numbers.
    #[must_use]
    pub fn digits(&self, unit: AmountUnit) -> usize {
        match (unit, self) {
            (AmountUnit::Ratio, _) => 1,
            (AmountUnit::Time, Self::Number(ms)) if *ms >= 1_000.0 => 1,
            _ => 0,
        }
    }

    /// Half of the last digit that [`Self::say`] shows: the largest rounding error.
    #[must_use]
    pub fn rounding(&self, unit: AmountUnit, digits: usize) -> f64 {
        let Self::Number(value) = self else {
            return 0.0;
        };
        let last = (0..digits).fold(1.0, |last, _| last / 10.0);
        let scale = match unit {
            AmountUnit::Share => 0.01,
            AmountUnit::Time if *value >= 1_000.0 => 1_000.0,
            _ => 1.0,
        };
        // A hair more, for what binary fractions lose.
        0.500_001 * last * scale
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(value) => write!(f, "{value}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

fn with_marks(value: f64, digits: usize, marks: NumberMarks<'_>) -> String {
    let plain = format!("{value:.digits$}");
    let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut text = String::new();
    for (place, digit) in whole.chars().enumerate() {
        // Four figures stand together, as style guides have it in Spanish and allow in English.
        if place > 0 && whole.len() > 4 && (whole.len() - place).is_multiple_of(3) {
            text.push_str(marks.thousands);
        }
        text.push(digit);
    }
    if !part.is_empty() {
        text.push_str(marks.decimal);
        text.push_str(part);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(value: f64, unit: AmountUnit, digits: usize) -> String {
        Amount::Number(value).say(unit, digits, NumberMarks::ENGLISH)
    }

    #[test]
    fn numbers_are_said_with_their_unit() {
        assert_eq!(say(0.333, AmountUnit::Share, 0), "33\u{a0}%");
        assert_eq!(say(0.8667, AmountUnit::Share, 1), "86.7\u{a0}%");
        assert_eq!(say(350.0, AmountUnit::Time, 0), "350\u{a0}ms");
        assert_eq!(say(1_940.0, AmountUnit::Time, 1), "1.9\u{a0}s");
        assert_eq!(say(12_345.0, AmountUnit::Count, 0), "12,345");
        assert_eq!(say(3.0, AmountUnit::Ratio, 1), "3.0");
        let live = |value: f64, unit| Amount::Number(value).digits(unit);
        assert_eq!(
            (
                live(350.0, AmountUnit::Time),
                live(2_400.0, AmountUnit::Time)
            ),
            (0, 1)
        );
        assert_eq!(
            (live(3.0, AmountUnit::Ratio), live(3.0, AmountUnit::Count)),
            (1, 0)
        );
        let marks = NumberMarks {
            decimal: ",",
            thousands: ".",
        };
        let spanish = Amount::Number(12_345.6).say(AmountUnit::Ratio, 1, marks);
        assert_eq!(spanish, "12.345,6");
    }

    #[test]
    fn rounding_is_half_of_the_last_digit() {
        let half = |value, unit, digits| Amount::Number(value).rounding(unit, digits);
        assert!((half(0.33, AmountUnit::Share, 0) - 0.005).abs() < 1e-6);
        assert!((half(1_900.0, AmountUnit::Time, 1) - 50.0).abs() < 1e-3);
        assert!((half(40.0, AmountUnit::Time, 0) - 0.5).abs() < 1e-5);
    }
}
