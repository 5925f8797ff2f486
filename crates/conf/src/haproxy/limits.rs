//! Rate limits of HAProxy: a stick table that counts, a rule that tracks, and a rule that rejects.

use super::lex::HaproxyLine;
use super::values::milliseconds;
use evenkeel_sim::balance::l7::token_bucket::RateLimit;

/// The rate test of a client: `sc_http_req_rate(0) gt 20`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableRate {
    /// The table: that of a counter, or one by its name.
    pub table: LimitKey,
    /// The number of requests at once that pass.
    pub burst: u32,
}

/// The table of a rate test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LimitKey {
    /// The table of the request's counter with this number.
    Counter(u32),
    /// The table with this name; empty is the proxy's own.
    Named(String),
}

/// The period of `stick-table … store gpc0_rate(10s)`, in milliseconds; `None` if it counts no requests.
pub fn window(line: &HaproxyLine) -> Option<u64> {
    let texts = line.texts();
    let at = texts.iter().position(|word| *word == "store")?;
    let mut stored = texts.get(at + 1)?.split(',');
    stored.find_map(|one| {
        let (name, rest) = one.split_once('(')?;
        let counts = matches!(name, "http_req_rate" | "gpc0_rate");
        milliseconds(rest.strip_suffix(')')?).filter(|ms| counts && *ms > 0)
    })
}

/// The rate limit that lets `burst` requests through in `window_ms` milliseconds.
pub fn limit(burst: u32, window_ms: u64) -> RateLimit {
    // Rounded to the nearest both ways, so that what was written comes back.
    let window = window_ms.max(1);
    let rate = (u64::from(burst) * 1_000_000).saturating_add(window / 2) / window;
    RateLimit {
        rate_permille: u32::try_from(rate.clamp(1, 1_000_000_000)).unwrap_or(1),
        burst: burst.clamp(1, 1_000_000),
    }
}

/// Parses `sc_http_req_rate(0) gt 20`, `sc0_http_req_rate gt 20`, `src_http_req_rate(table) gt 20`, and the same with
/// `gpc0_rate`.
pub fn rate_of(words: &[&str]) -> Option<TableRate> {
    let [fetch, operator, bound] = words else {
        return None;
    };
    let (name, argument) = match fetch.split_once('(') {
        Some((name, rest)) => (name, rest.strip_suffix(')')?),
        None => (*fetch, ""),
    };
    let (source, counts) = match name.split_once('_')? {
        (source, "http_req_rate") => (source, true),
        (source, "gpc0_rate") => (source, false),
        _ => return None,
    };
    let table = match source {
        "src" => LimitKey::Named(argument.to_owned()),
        "sc" => LimitKey::Counter(argument.split(',').next()?.parse().ok()?),
        _ => LimitKey::Counter(source.strip_prefix("sc")?.parse().ok()?),
    };
    let bound: u32 = bound.parse().ok()?;
    // A rate of requests counts the one at hand; a counter of one's own is raised after the test.
    let burst = match (*operator, counts) {
        ("gt", true) | ("ge", false) => bound,
        ("ge", true) => bound.checked_sub(1)?,
        ("gt", false) => bound.checked_add(1)?,
        _ => return None,
    };
    (burst > 0).then_some(TableRate { table, burst })
}

/// The counter of `track-sc0` or `sc-inc-gpc0(0)`.
pub fn counter(word: &str) -> Option<u32> {
    let number = match word.strip_prefix("track-sc") {
        Some(number) => number,
        None => word.strip_prefix("sc-inc-gpc0(")?.strip_suffix(')')?,
    };
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_in_all_their_spellings() {
        for (text, expected) in [
            (
                "sc_http_req_rate(0) gt 20",
                Some((LimitKey::Counter(0), 20)),
            ),
            ("sc1_http_req_rate ge 20", Some((LimitKey::Counter(1), 19))),
            ("sc_gpc0_rate(2) ge 5", Some((LimitKey::Counter(2), 5))),
            (
                "src_http_req_rate(per_ip) gt 9",
                Some((LimitKey::Named("per_ip".to_owned()), 9)),
            ),
            ("sc_http_req_rate(0) lt 20", None),
            ("sc_http_req_rate(0) ge 0", None),
            ("sc_conn_rate(0) gt 20", None),
            ("path_beg gt 20", None),
        ] {
            let words: Vec<&str> = text.split(' ').collect();
            let expected = expected.map(|(table, burst)| TableRate { table, burst });
            assert_eq!(rate_of(&words), expected, "{text}");
        }
    }

    #[test]
    fn a_window_and_a_bound_are_a_rate_and_a_burst() {
        let found = limit(5, 2_500);
        assert_eq!((found.rate_permille, found.burst), (2_000, 5));
        assert_eq!(limit(u32::MAX, 1).rate_permille, 1_000_000_000);
    }
}
