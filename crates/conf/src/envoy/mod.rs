//! Envoy's configuration, written only: a static bootstrap in YAML (API v3, as of Envoy 1.31).

mod cluster;
mod print;
mod rules;

pub use print::print;

use evenkeel_sim::time::SimDuration;

/// A length of time as protobuf's JSON wants it: `10s`, `0.25s`.
fn duration(span: SimDuration) -> String {
    let us = span.as_us();
    let (whole, part) = (us / 1_000_000, us % 1_000_000);
    if part == 0 {
        return format!("{whole}s");
    }
    let digits = format!("{part:06}");
    format!("{whole}.{}s", digits.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration(SimDuration::from_secs(10)), "10s");
        assert_eq!(duration(SimDuration::from_ms(250)), "0.25s");
        assert_eq!(duration(SimDuration::from_us(1)), "0.000001s");
    }
}
