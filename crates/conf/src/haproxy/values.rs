//! Reads numbers and times of HAProxy (HAProxy 2.6, src/tools.c, `parse_time_err`).

use super::lex::HaproxyWord;
use crate::diagnostic::{ConfigMessage, Diagnostics};

/// A time in milliseconds, rounded up: `500ms`, `10s`, and without a unit milliseconds.
#[must_use]
pub fn milliseconds(text: &str) -> Option<u64> {
    let end = text
        .find(|one: char| !one.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let number: u64 = digits.parse::<u32>().ok()?.into();
    match unit {
        "us" => Some(number.div_ceil(1_000)),
        "ms" | "" => Some(number),
        "s" => Some(number * 1_000),
        "m" => Some(number * 60_000),
        "h" => Some(number * 3_600_000),
        "d" => Some(number * 86_400_000),
        _ => None,
    }
}

/// A time in milliseconds, or an error at its word.
pub fn time(word: &HaproxyWord, what: &'static str, notes: &mut Diagnostics) -> Option<u64> {
    let found = milliseconds(&word.text);
    if found.is_none() {
        let value = word.text.clone();
        notes.push(word.span, ConfigMessage::NotATime { what, value });
    }
    found
}

/// A number in a range, or an error at its word.
pub fn number(
    word: &HaproxyWord,
    what: &'static str,
    range: (u32, u32),
    notes: &mut Diagnostics,
) -> Option<u32> {
    let (min, max) = range;
    let number = word
        .text
        .parse()
        .ok()
        .filter(|number| (min..=max).contains(number));
    if number.is_none() {
        let (min, max) = (min.into(), max.into());
        let value = word.text.clone();
        notes.push(
            word.span,
            ConfigMessage::NotInRange {
                what,
                value,
                min,
                max,
            },
        );
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!(milliseconds("250"), Some(250));
        assert_eq!(milliseconds("10s"), Some(10_000));
        assert_eq!(milliseconds("1500us"), Some(2));
        assert_eq!(milliseconds("1d"), Some(86_400_000));
        for bad in ["", "s", "10x", "1.5s", "99999999999"] {
            assert_eq!(milliseconds(bad), None, "{bad}");
        }
    }
}
