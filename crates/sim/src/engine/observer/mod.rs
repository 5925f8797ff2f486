//! What is kept for someone who looks: the page, while it watches a run. Nothing here is ever read
//! by the simulation, so watching changes no result; all of it is bounded.

pub mod fault_history;
pub mod in_flight;
pub mod request_traces;

use self::fault_history::FaultHistory;
use self::in_flight::InFlightSampler;
use self::request_traces::RequestTraces;

/// Everything that is kept for the page.
#[derive(Clone, Debug, Default)]
pub struct Observer {
    /// How many requests were where, second by second.
    pub gauge: InFlightSampler,
    /// The lives of requests.
    pub trail: RequestTraces,
    /// What happened to each endpoint.
    pub checks: FaultHistory,
}
