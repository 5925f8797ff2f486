//! What can happen.

use crate::sim::ids::{EndpointId, Home, RequestKey, ServerId};
use crate::sim::time::SimTime;

/// Something that happens at one instant. Small and copied freely: a test pins its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A client sends a request.
    Arrival {
        /// Void unless it is the current one.
        epoch: u32,
    },
    /// A user of a closed loop has thought, and sends.
    Person {
        /// Which.
        person: u32,
    },
    /// A request reaches the balancer.
    AtBalancer {
        /// Which.
        key: RequestKey,
    },
    /// The balancer has read enough of a request to decide.
    Pick {
        /// Which.
        key: RequestKey,
    },
    /// A try reaches its server.
    AtServer {
        /// Which request.
        key: RequestKey,
        /// Which try of it.
        attempt: u32,
    },
    /// A worker is done.
    Done {
        /// Whose worker.
        server: ServerId,
        /// Void unless it is the server's current one.
        epoch: u32,
        /// Which request.
        key: RequestKey,
        /// Which try of it.
        attempt: u32,
    },
    /// What came of a try reaches the balancer.
    BackAtBalancer {
        /// Which request.
        key: RequestKey,
        /// Which try of it.
        attempt: u32,
    },
    /// A response reaches its client.
    AtClient {
        /// Which.
        key: RequestKey,
    },
    /// The oldest try in flight of an upstream may have waited too long.
    Deadline {
        /// Of which upstream.
        home: Home,
    },
    /// The first request that waits at the balancer may have waited too long.
    Waited {
        /// Of which upstream.
        home: Home,
    },
    /// An ejection may be over.
    EjectionEnds {
        /// Whose.
        endpoint: EndpointId,
    },
    /// The share of an endpoint that starts slowly grows.
    Ramp {
        /// Whose.
        endpoint: EndpointId,
        /// When its slow start began: void unless it is the present one.
        since: SimTime,
    },
    /// A check goes on.
    Probe {
        /// Of which endpoint.
        endpoint: EndpointId,
        /// Void unless it is the endpoint's current one.
        run: u32,
        /// What happens.
        step: ProbeStep,
    },
}

/// The steps of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeStep {
    /// It is sent.
    Due,
    /// It reaches the server.
    AtServer,
    /// The answer leaves the server.
    Answered,
    /// The answer reaches the balancer.
    Back,
    /// Nothing came in time.
    TimedOut,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_stays_small() {
        assert!(
            size_of::<Event>() <= 24,
            "an event has {} bytes",
            size_of::<Event>()
        );
    }
}
