//! Writes numbers by the rules of the chosen language. The rules are texts of its file: `number.decimal` (the mark
//! before the decimals), `number.group` (the mark between thousands), `number.group_from` (the number of digits from
//! which on a number is grouped), `number.percent`.

use super::{say, with_text};

/// A whole number: `1,318`.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let from = with_text("number.group_from", |text| text.parse().unwrap_or(4));
    if digits.len() < from {
        return digits;
    }
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    with_text("number.group", |sign| {
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push_str(sign);
            }
            text.push(digit);
        }
    });
    text
}

/// A number with so many decimals: `60.24`.
#[must_use]
pub fn fixed(number: f64, decimals: usize) -> String {
    with_sign(format!("{number:.decimals$}"))
}

/// A number with at most this many decimals, without trailing zeros: `2.5`, `2`.
#[must_use]
pub fn short(number: f64, decimals: usize) -> String {
    let text = format!("{number:.decimals$}");
    if decimals == 0 {
        return text;
    }
    with_sign(text.trim_end_matches('0').trim_end_matches('.').to_string())
}

/// A number given in 1/`unit`, with at most two decimals, without trailing zeros.
#[must_use]
pub fn decimal(value: u64, unit: u64) -> String {
    let hundredths = (value * 100 + unit / 2) / unit;
    with_sign(match (hundredths / 100, hundredths % 100) {
        (whole, 0) => whole.to_string(),
        (whole, part) if part % 10 == 0 => format!("{whole}.{}", part / 10),
        (whole, part) => format!("{whole}.{part:02}"),
    })
}

/// `60.2 %`, from a part of 1.
#[must_use]
pub fn percent(part: f64) -> String {
    of_hundred(fixed(part * 100.0, 1))
}

/// `60 %`, from the number as it is to be written.
#[must_use]
pub fn of_hundred(number: String) -> String {
    say("number.percent", &[("n", number.into())])
}

/// The mark before the decimals.
#[must_use]
pub fn decimal_sign() -> String {
    with_text("number.decimal", str::to_string)
}

/// A number in Rust's writing with the language's decimal sign.
fn with_sign(text: String) -> String {
    with_text("number.decimal", |sign| {
        if sign == "." {
            text
        } else {
            text.replace('.', sign)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choose;

    #[test]
    fn english_groups_from_a_thousand_on() {
        let written = [0, 999, 1_318, 1_000_000].map(count);
        assert_eq!(written, ["0", "999", "1,318", "1,000,000"]);
    }

    #[test]
    fn decimals_that_say_nothing_are_left_out() {
        let written = [0, 1_000, 350, 2_500, 40, 1_005].map(|value| decimal(value, 1_000));
        assert_eq!(written, ["0", "1", "0.35", "2.5", "0.04", "1.01"]);
        assert_eq!(
            [2.5, 2.0, 2.04, 120.0].map(|number| short(number, 1)),
            ["2.5", "2", "2", "120"]
        );
        assert_eq!(short(120.0, 0), "120");
        assert_eq!(fixed(2.0, 2), "2.00");
    }

    #[test]
    fn another_language_has_its_own_signs() {
        let rules = r#"{"number.decimal": ",", "number.group": " ", "number.group_from": "5",
            "number.percent": "{n}%"}"#;
        assert!(choose(Some(rules)));
        assert_eq!(
            [count(1_318), count(13_180), fixed(0.5, 1), percent(0.602)],
            ["1318", "13 180", "0,5", "60,2%"]
        );
        // What is no language changes nothing.
        assert!(!choose(Some("no")));
        assert_eq!(count(1_318), "1318");
        assert!(choose(None));
        assert_eq!(count(1_318), "1,318");
    }
}
