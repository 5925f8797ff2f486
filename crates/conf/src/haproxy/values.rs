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

/// The number at the start of a word, as C's `atol` reads it: 0 where there is none.
fn leading(text: &str) -> i64 {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let end = digits
        .find(|one: char| !one.is_ascii_digit())
        .unwrap_or(digits.len());
    match digits[..end].parse::<i64>() {
        Ok(number) => sign * number,
        Err(_) if end == 0 => 0,
        Err(_) => sign * i64::MAX,
    }
}

/// A number in a range, or an error at its word. HAProxy reads what is no number as 0, which is a warning.
pub fn lenient(
    word: &HaproxyWord,
    what: &'static str,
    range: (u32, u32),
    notes: &mut Diagnostics,
) -> Option<u32> {
    if word.span.to - word.span.from > word.text.len() + 2 {
        // It stands for a value in a template, and is longer there.
        return word.text.parse().ok();
    }
    let read = leading(&word.text);
    let is_plain = word.text.parse::<u32>().is_ok();
    let fits = u32::try_from(read)
        .ok()
        .filter(|number| (range.0..=range.1).contains(number));
    match fits {
        Some(number) if !is_plain => {
            let value = word.text.clone();
            notes.push(
                word.span,
                ConfigMessage::ReadAs {
                    what,
                    value,
                    number,
                },
            );
            Some(number)
        }
        _ => number(word, what, range, notes),
    }
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
