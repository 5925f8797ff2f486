//! How much the tests try. One variable scales every count: random cases, damaged inputs, simulated
//! hours, and what `tests/theory` compares.
//!
//! `EVENKEEL_CASES` is a whole number: how many times as much as `make test` a run tries. It is 1
//! where the variable is not set. `make test-all` sets `full`, which is [`FULL`]; `make fuzz` sets
//! far more. A seed that failed is kept in `tests/proptest-regressions` and runs first, whatever the
//! number.

use std::sync::LazyLock;

/// From this number on nothing is left out: 10,000 random histories, an hour at 1,000 requests a
/// second, theory with three seeds and loads up to 0.99.
pub const FULL: u32 = 25;

static TIMES: LazyLock<u32> = LazyLock::new(|| {
    let text = std::env::var("EVENKEEL_CASES").unwrap_or_else(|_| "1".to_owned());
    if text == "full" {
        return FULL;
    }
    let times = text.parse().ok().filter(|times| *times > 0);
    times.unwrap_or_else(|| panic!("EVENKEEL_CASES is `full` or a number from 1 on, not {text:?}"))
});

/// A count of `make test`, scaled.
pub fn cases(short: u32) -> u32 {
    short.saturating_mul(*TIMES)
}
