//! What is kept for someone who looks: the page, while it watches a run. Nothing here is ever read
//! by the simulation, so watching changes no result; all of it is bounded.

pub mod checks;
pub mod gauge;
pub mod trail;

use self::checks::Checks;
use self::gauge::Gauge;
use self::trail::Trail;

/// Everything that is kept for the page.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// How many requests were where, second by second.
    pub gauge: Gauge,
    /// The lives of requests.
    pub trail: Trail,
    /// What happened to each endpoint.
    pub checks: Checks,
}
