//! Signs for what the balancer believes of a server: a shape each, so that none rests on hue alone.

use evenkeel_sim::balance::endpoint::Belief;

/// The name of the colour of a belief: a class of the style sheets.
#[must_use]
pub const fn tone(belief: Belief) -> &'static str {
    match belief {
        Belief::Healthy => "healthy",
        Belief::Degraded | Belief::Failing | Belief::SlowStart => "degraded",
        Belief::Down | Belief::Ejected => "down",
        Belief::Draining | Belief::Maintenance => "draining",
    }
}

/// The outline of a belief's sign, in a square of 16, to be filled by the even-odd rule.
#[must_use]
pub const fn outline(belief: Belief) -> &'static str {
    match belief {
        Belief::Healthy => "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12z",
        Belief::Degraded => "M8 2l7 12H1z",
        Belief::Failing => "M8 1l7.5 13.5H.5zM7.1 5.5v4.2h1.8V5.5zM7.1 11v1.8h1.8V11z",
        Belief::Ejected => "M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13zM4 6.9h8v2.2H4z",
        Belief::Down => {
            "M3.4 2L8 6.6 12.6 2 14 3.4 9.4 8 14 12.6 12.6 14 8 9.4 3.4 14 2 12.6 6.6 8 2 3.4z"
        }
        Belief::SlowStart => "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12zM8 3.6a4.4 4.4 0 0 1 0 8.8z",
        Belief::Draining => {
            "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12zM8 4.2a3.8 3.8 0 1 1 0 7.6a3.8 3.8 0 1 1 0-7.6z"
        }
        Belief::Maintenance => "M2.5 2.5h11v11h-11zM5 5v6h6V5z",
    }
}
