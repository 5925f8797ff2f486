//! Reads numbers and times of nginx (src/core/ngx_parse.c).

use super::tree::NginxWord;
use crate::diagnostic::{ConfigMessage, Diagnostics};

/// Units of time, the larger first: each may stand once, in this order. In milliseconds.
const UNITS: &[(&str, u64)] = &[
    ("y", 31_536_000_000),
    ("M", 2_592_000_000),
    ("w", 604_800_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// A time in milliseconds: `10`, `10s`, `500ms`, `1m30s`.
#[must_use]
pub fn milliseconds(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut sum = 0_u64;
    let mut least = 0;
    while !rest.is_empty() {
        let digits = rest.len()
            - rest
                .trim_start_matches(|one: char| one.is_ascii_digit())
                .len();
        let number: u64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.len()
            - rest
                .trim_start_matches(|one: char| one.is_ascii_alphabetic())
                .len();
        let unit = &rest[..letters];
        rest = rest[letters..].trim_start();
        // Without a unit it is seconds, and nothing may follow.
        let unit = if unit.is_empty() { "s" } else { unit };
        let at = UNITS.iter().position(|(name, _)| *name == unit)?;
        if at < least || (letters == 0 && !rest.is_empty()) {
            return None;
        }
        least = at + 1;
        sum = sum.checked_add(number.checked_mul(UNITS[at].1)?)?;
    }
    (!text.is_empty()).then_some(sum)
}

/// A number in a range, or an error at its word.
pub fn number(
    word: &NginxWord,
    value: &str,
    what: &'static str,
    range: (u64, u64),
    notes: &mut Diagnostics,
) -> Option<u64> {
    let (min, max) = range;
    let number = value
        .parse::<u64>()
        .ok()
        .filter(|number| (min..=max).contains(number));
    if number.is_none() {
        let value = value.to_owned();
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

/// A time in milliseconds, or an error at its word.
pub fn time(
    word: &NginxWord,
    value: &str,
    what: &'static str,
    notes: &mut Diagnostics,
) -> Option<u64> {
    let found = milliseconds(value);
    if found.is_none() {
        let value = value.to_owned();
        notes.push(word.span, ConfigMessage::NotATime { what, value });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_nginx_reads_them() {
        for (text, expected) in [
            ("10", Some(10_000)),
            ("10s", Some(10_000)),
            ("500ms", Some(500)),
            ("1m30s", Some(90_000)),
            ("1h 30m", Some(5_400_000)),
            ("0", Some(0)),
            ("", None),
            ("s", None),
            ("1x", None),
            ("1s1m", None),
            ("1s1s", None),
            ("5 5", None),
            ("99999999999999999999s", None),
        ] {
            assert_eq!(milliseconds(text), expected, "{text}");
        }
    }
}
