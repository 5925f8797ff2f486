//! A request in flight: who sent it, where it is, what has become of it.

use super::Engine;
use super::request_record::RequestRecord;
use crate::fleet::client::ConnectionId;
use crate::fleet::traffic::RequestSample;
use crate::ids::{EndpointId, RequestKey, ServerId, UpstreamRef, VipId};
use crate::metrics::outcome::{Failure, Outcome};
use crate::time::SimTime;

/// Where a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// With the resolver: its client asks where to send it.
    Resolving {
        /// When the answer is there.
        until: SimTime,
    },
    /// Nobody has it: its client waits, and sends again or gives up.
    Lost {
        /// When.
        until: SimTime,
    },
    /// At its client, until its connection is open.
    Connecting {
        /// Since when.
        since: SimTime,
    },
    /// From the client to the balancer.
    ToBalancer(Trip),
    /// At the balancer: TLS, reading.
    AtBalancer {
        /// Since when.
        since: SimTime,
        /// When the balancer will pick.
        until: SimTime,
    },
    /// At the balancer, which has nobody with room.
    Queued {
        /// Since when.
        since: SimTime,
    },
    /// At the balancer, while it opens a connection to the server.
    Dialling(Trip),
    /// From the balancer to a server.
    ToServer(Trip),
    /// In a server's queue, or held by one that hangs.
    Waiting {
        /// Since when.
        since: SimTime,
    },
    /// A worker is on it.
    InService {
        /// Since when.
        since: SimTime,
    },
    /// An answer, a refusal or a reset is on its way to the balancer.
    FromServer(Trip, AttemptResult),
    /// The same on its way past the balancer to the client (direct server return).
    Direct(Trip, AttemptResult),
    /// The outcome is on its way to the client.
    ToClient(Trip, Outcome),
}

/// A way from one place to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trip {
    /// When it began.
    pub depart: SimTime,
    /// When it ends.
    pub arrive: SimTime,
}

impl Trip {
    /// How much of it lies behind at `now`, 0 to 1.
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

/// What came of a try at a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptResult {
    /// 200.
    Ok,
    /// 500.
    ServerError,
    /// 503: the queue was full.
    QueueFull,
    /// 426: it asked for another protocol, and the server did not see that.
    NoUpgrade,
    /// Nobody listened.
    Refused,
    /// The server died with the request on it.
    Reset,
}

impl AttemptResult {
    /// What the request comes to, if it is not tried again.
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

/// The try under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// To which endpoint.
    pub endpoint: EndpointId,
    /// To which machine.
    pub server: ServerId,
    /// When it was sent.
    pub sent_at: SimTime,
}

/// A request in flight, as it is seen from outside the engine.
#[derive(Clone, Debug)]
pub struct Request {
    /// Which arrival of the run it is, from 1.
    pub number: u64,
    /// What it is.
    pub draw: RequestSample,
    /// The connection it came on.
    pub connection: ConnectionId,
    /// The address it goes to.
    pub vip: VipId,
    /// The balancer it is at, and the upstream there.
    pub upstream_ref: UpstreamRef,
    /// When it was sent.
    pub born: SimTime,
    /// Where it is.
    pub phase: Phase,
    /// How often it was sent to a server. Void tries have a smaller number.
    pub attempt: u32,
    /// The try under way.
    pub current: Option<Attempt>,
    /// The machine that the last try went to, once what it came to is on its way to the client.
    pub served: Option<ServerId>,
    /// The endpoints of earlier tries.
    pub tried: Vec<EndpointId>,
}

impl Engine {
    /// A request as it is seen from outside.
    pub(super) fn show(&self, key: RequestKey, record: &RequestRecord) -> Request {
        let current = |endpoint| Attempt {
            endpoint,
            server: self.balancers.server_of(endpoint),
            sent_at: record.sent_at,
        };
        Request {
            number: record.number,
            draw: record.draw(),
            connection: record.connection,
            vip: record.vip(),
            upstream_ref: record.upstream_ref(),
            born: record.born,
            phase: record.phase(),
            attempt: record.attempt(),
            current: record.current().map(current),
            served: record
                .served()
                .map(|endpoint| self.balancers.server_of(endpoint)),
            tried: self.requests.tried(key).to_vec(),
        }
    }
}
