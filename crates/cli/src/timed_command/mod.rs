//! The value of `--do`: a time and a command, such as `1.25 {"fault":[1,"crash"]}`.

mod examples;

use evenkeel_sim::engine::command::{Command, LogEntry};
use evenkeel_sim::share::MAX_AT;
use evenkeel_sim::time::SimTime;

/// Digits of a second's fraction: simulated time is in whole microseconds.
const DIGITS: usize = 6;

/// The whole help of `--do`: its form, and every command by example.
pub fn long_help() -> String {
    let most = MAX_AT.whole_secs();
    format!(
        "A command and its time; may be given several times.\n\
         \n\
         SECONDS are counted from the start, from 0 to {most}, and may have a fraction down to a microsecond. \
         After a blank comes the COMMAND as JSON:\n\
         \n  --do '1.25 {{\"fault\":[1,\"crash\"]}}' --do '9 \"add_server\"'\n\
         \n\
         A command takes effect after everything else at its time; one after the end of the run does nothing. \
         Servers, balancers, sites, pools and rules are counted from 0.\n\
         {}",
        examples::text()
    )
}

/// Reads a time and a command.
pub fn parse(text: &str) -> Result<LogEntry, String> {
    let (seconds, command) = text.split_once(' ').ok_or(
        "seconds, a blank and a command are needed, such as '30 {\"fault\":[1,\"crash\"]}'",
    )?;
    Ok(LogEntry {
        at: time(seconds)?,
        command: command_of(command)?,
    })
}

fn command_of(json: &str) -> Result<Command, String> {
    serde_json::from_str(json).map_err(|error| {
        if error.is_data() {
            format!("the command {json}: {error}")
        } else {
            format!("the command {json} is not JSON: {error}")
        }
    })
}

/// Reads seconds as a decimal number. Every digit counts: binary floating point would not keep `0.1`.
fn time(text: &str) -> Result<SimTime, String> {
    if text.strip_prefix('-').is_some_and(is_decimal) {
        return Err(format!("{text} seconds are before the start of the run"));
    }
    if !is_decimal(text) {
        return Err(format!(
            "{text:?} is not a number of seconds, such as 30 or 1.25"
        ));
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > DIGITS {
        return Err(format!(
            "{text} seconds are finer than a microsecond: at most {DIGITS} digits after the point"
        ));
    }
    let us = format!("{whole}{fraction:0<DIGITS$}").parse();
    // A number with more digits than a `u64` has is too late as well.
    let time = us.ok().map(SimTime::from_us).filter(|at| *at <= MAX_AT);
    time.ok_or_else(|| {
        let most = MAX_AT.whole_secs();
        format!("{text} seconds are later than a run may be: at most {most}")
    })
}

fn is_decimal(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(text),
    }
}

/// A time in seconds as [`time`] reads it, without noughts at the end.
pub fn seconds_of(at: SimTime) -> String {
    let (whole, us) = (at.whole_secs(), at.as_us() % 1_000_000);
    let text = format!("{whole}.{us:0DIGITS$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_of_a_second_counts_down_to_a_microsecond() {
        for (text, us) in [
            ("0", 0),
            ("30", 30_000_000),
            ("1.25", 1_250_000),
            ("0.1", 100_000),
            ("0.000001", 1),
            ("007.500000", 7_500_000),
            ("86400.000000", 86_400_000_000),
        ] {
            assert_eq!(time(text), Ok(SimTime::from_us(us)), "{text}");
        }
        for text in ["0", "1", "10", "100", "1.25", "0.000001", "86399.999999"] {
            let at = time(text).expect("a number of seconds");
            assert_eq!(seconds_of(at), text);
        }
    }

    #[test]
    fn other_seconds_are_refused_with_the_reason() {
        for (text, reason) in [
            ("-1", "-1 seconds are before the start"),
            ("-0.5", "-0.5 seconds are before the start"),
            (
                "0.0000001",
                "0.0000001 seconds are finer than a microsecond",
            ),
            ("1.2500000", "at most 6 digits after the point"),
            ("86400.000001", "later than a run may be: at most 86400"),
            ("18446744073709551616", "later than a run may be"),
            ("NaN", "\"NaN\" is not a number of seconds"),
            ("inf", "\"inf\" is not a number of seconds"),
            ("1e3", "\"1e3\" is not a number of seconds"),
            ("1,5", "\"1,5\" is not a number of seconds"),
            ("1.", "\"1.\" is not a number of seconds"),
            (".5", "\".5\" is not a number of seconds"),
            ("1.2.3", "\"1.2.3\" is not a number of seconds"),
            ("--1", "\"--1\" is not a number of seconds"),
            ("٣", "is not a number of seconds"),
            ("", "\"\" is not a number of seconds"),
        ] {
            let said = time(text).expect_err(text);
            assert!(said.contains(reason), "{text}: {said}");
        }
    }

    #[test]
    fn a_command_is_read_or_refused_with_the_reason() {
        let entry = parse("1.25 {\"fault\":[1,\"crash\"]}").expect("it is right");
        assert_eq!(entry.at, SimTime::from_us(1_250_000));
        for (text, reason) in [
            ("", "seconds, a blank and a command are needed"),
            ("30", "seconds, a blank and a command are needed"),
            ("30 ", "is not JSON: EOF"),
            ("30 nonsense", "the command nonsense is not JSON: expected"),
            (
                "30 \"dance\"",
                "unknown variant `dance`, expected one of `fault`",
            ),
            ("30 {\"set_weight\":[1,-3]}", "invalid value: integer `-3`"),
        ] {
            let said = parse(text).expect_err(text);
            assert!(said.contains(reason), "{text}: {said}");
        }
    }
}
