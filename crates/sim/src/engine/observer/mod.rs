//! The data that is kept for the page alone while it watches a run. The simulation never reads any of it, so watching
//! changes no result; all of it is bounded.

pub mod fault_history;
pub mod in_flight;
pub mod request_traces;

use self::fault_history::FaultHistory;
use self::in_flight::InFlightSampler;
use self::request_traces::RequestTraces;

/// Everything that is kept for the page.
#[derive(Clone, Debug, Default)]
pub struct Observer {
    /// The number of requests in each place, second by second.
    pub gauge: InFlightSampler,
    /// The traces of single requests.
    pub trail: RequestTraces,
    /// The fault history of each endpoint.
    pub checks: FaultHistory,
}
