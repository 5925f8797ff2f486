//! A request as it is seen from outside the engine: who sent it, where it is, what has become of it. The engine's own
//! record of it is in `request_record.rs`. Times are microseconds of simulated time.

use crate::fleet::client::ConnectionId;
use crate::fleet::traffic::RequestSample;
use crate::ids::{EndpointId, ServerId, UpstreamRef, VipId};
use crate::metrics::outcome::{Failure, Outcome};
use crate::time::SimTime;

/// The phase of a request: where it is, and since or until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The client resolves the name and waits for the answer.
    Resolving {
        /// When the resolver's answer arrives.
        until: SimTime,
    },
    /// The packet is lost: the client waits, then sends again or gives up.
    Lost {
        /// When the client sends again or gives up.
        until: SimTime,
    },
    /// The client holds the request until its connection is open.
    Connecting {
        /// When the client began to wait.
        since: SimTime,
    },
    /// On the way from the client to the balancer.
    ToBalancer(Trip),
    /// At the balancer, for TLS and reading.
    AtBalancer {
        /// When the request reached the balancer.
        since: SimTime,
        /// When the balancer will pick an endpoint.
        until: SimTime,
    },
    /// In a pending queue at the balancer: no endpoint has room.
    Queued {
        /// When the request entered the queue.
        since: SimTime,
        /// The endpoint in whose own queue it is; `None` is the queue of the whole upstream.
        endpoint: Option<EndpointId>,
    },
    /// At the balancer, which opens a connection to the server.
    Dialling(Trip),
    /// On the way from the balancer to a server.
    ToServer(Trip),
    /// In a server's queue, or held by a server that hangs.
    Waiting {
        /// When it began to wait.
        since: SimTime,
    },
    /// A worker of the server processes it.
    InService {
        /// When the worker began.
        since: SimTime,
    },
    /// An answer, a refusal or a reset is on the way to the balancer.
    FromServer(Trip, AttemptResult),
    /// An answer is on the way past the balancer to the client (direct server return).
    Direct(Trip, AttemptResult),
    /// The outcome is on the way to the client.
    ToClient(Trip, Outcome),
}

/// The way from one place to the next, with its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trip {
    /// When the trip began.
    pub depart: SimTime,
    /// When the trip ends.
    pub arrive: SimTime,
}

impl Trip {
    /// The share of the trip that is done at `now`, 0 to 1.
    #[must_use]
    pub fn progress(&self, now: SimTime) -> f64 {
        let whole = self.arrive.since(self.depart).as_us();
        let part = now.since(self.depart).as_us();
        if whole == 0 {
            1.0
        } else {
            (part as f64 / whole as f64).min(1.0)
        }
    }
}

/// The result of an attempt at a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptResult {
    /// A good response (status 200).
    Ok,
    /// A server error (status 500).
    ServerError,
    /// Status 503: the server's queue was full.
    QueueFull,
    /// Status 426: the server did not see the request for an upgrade.
    NoUpgrade,
    /// No process listened: the connection was refused.
    Refused,
    /// The server died with the request on it.
    Reset,
}

impl AttemptResult {
    /// The outcome of the request, if it is not tried again.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::Ok => Outcome::Answered,
            Self::ServerError => Outcome::Failed(Failure::ServerError),
            Self::QueueFull => Outcome::Rejected(crate::metrics::outcome::Rejection::QueueFull),
            Self::NoUpgrade => Outcome::Rejected(crate::metrics::outcome::Rejection::NoUpgrade),
            Self::Refused => Outcome::Failed(Failure::Refused),
            Self::Reset => Outcome::Failed(Failure::Reset),
        }
    }
}

/// The attempt in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The endpoint it was sent to.
    pub endpoint: EndpointId,
    /// The server of that endpoint.
    pub server: ServerId,
    /// When it was sent.
    pub sent_at: SimTime,
}

/// A request in flight, as it is seen from outside the engine.
#[derive(Clone, Debug)]
pub struct Request {
    /// Which arrival of the run it is, from 1.
    pub number: u64,
    /// The sampled properties: client, class and item.
    pub draw: RequestSample,
    /// The client's connection that it came on.
    pub connection: ConnectionId,
    /// The virtual IP it goes to.
    pub vip: VipId,
    /// The balancer that the request is at, and the upstream there.
    pub upstream_ref: UpstreamRef,
    /// When the client sent it.
    pub born: SimTime,
    /// The phase it is in.
    pub phase: Phase,
    /// How often it was sent to a server. Void attempts have a smaller number.
    pub attempt: u32,
    /// The attempt in flight; `None` if there is none.
    pub current: Option<Attempt>,
    /// The server of the last attempt, once the outcome is on the way to the client.
    pub served: Option<ServerId>,
    /// The endpoints of earlier attempts.
    pub tried: Vec<EndpointId>,
}
