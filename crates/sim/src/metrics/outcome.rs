//! The outcomes of requests. Every request that arrived has exactly one outcome or is in flight.

/// The outcome of a request, with its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A server answered with a status below 500.
    Answered,
    /// The request failed, for this reason.
    Failed(Failure),
    /// The request was rejected, for this reason.
    Rejected(Rejection),
    /// No answer came within the request timeout.
    TimedOut,
}

/// The reason why a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A server answered 500.
    ServerError,
    /// No process listened at the server.
    Refused,
    /// The server died while it had the request.
    Reset,
    /// The server was removed while it had the request.
    Removed,
    /// No balancer answered at the address, until the client gave up.
    Unreachable,
    /// The balancer did not know the connection, and reset it.
    ConnectionBroken,
    /// The balancer died while it had the request.
    LostWithBalancer,
}

/// The reason why a request was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The server's queue was full.
    QueueFull,
    /// The balancer had no endpoint to send it to.
    NoEndpoint,
    /// Every endpoint had as many requests as it may have, and the pending queue was full or off.
    BalancerQueueFull,
    /// The request waited too long in the pending queue.
    QueueTimeout,
    /// The simulation's limit of requests in flight was reached.
    InFlightLimit,
    /// Status 401: a rule asked for a login that the request did not have.
    Unauthorized,
    /// Status 403: a firewall rule matched the request.
    Forbidden,
    /// Status 429: the client had sent too much.
    RateLimited,
    /// Status 426: the request asked for an upgrade, and the balancer had not passed that on.
    NoUpgrade,
    /// The balancer's processor had too much work waiting.
    BalancerBusy,
}

impl Outcome {
    /// The reason in a word or two.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Failed(Failure::ServerError) => "server error",
            Self::Failed(Failure::Refused) => "refused",
            Self::Failed(Failure::Reset) => "reset",
            Self::Failed(Failure::Removed) => "removed",
            Self::Failed(Failure::Unreachable) => "nobody answered",
            Self::Failed(Failure::ConnectionBroken) => "connection broken",
            Self::Failed(Failure::LostWithBalancer) => "lost with its balancer",
            Self::Rejected(Rejection::QueueFull) => "queue full",
            Self::Rejected(Rejection::NoEndpoint) => "no endpoint available",
            Self::Rejected(Rejection::BalancerQueueFull) => "balancer queue full",
            Self::Rejected(Rejection::QueueTimeout) => "waited too long at the balancer",
            Self::Rejected(Rejection::InFlightLimit) => "in-flight limit reached",
            Self::Rejected(Rejection::Unauthorized) => "401 unauthorized",
            Self::Rejected(Rejection::Forbidden) => "403 forbidden",
            Self::Rejected(Rejection::RateLimited) => "429 too many requests",
            Self::Rejected(Rejection::NoUpgrade) => "426 upgrade required",
            Self::Rejected(Rejection::BalancerBusy) => "balancer too busy",
            Self::TimedOut => "timed out",
        }
    }

    /// The status that a balancer's rules or a missing upgrade gave it; `None` for other outcomes.
    #[must_use]
    pub const fn refusal_status(self) -> Option<u16> {
        match self {
            Self::Rejected(Rejection::Unauthorized) => Some(401),
            Self::Rejected(Rejection::Forbidden) => Some(403),
            Self::Rejected(Rejection::RateLimited) => Some(429),
            Self::Rejected(Rejection::NoUpgrade) => Some(426),
            _ => None,
        }
    }

    /// The number in the digest. Never renumber.
    #[must_use]
    pub const fn code(self) -> u64 {
        match self {
            Self::Answered => 0,
            Self::Failed(Failure::ServerError) => 1,
            Self::Failed(Failure::Refused) => 2,
            Self::Failed(Failure::Reset) => 3,
            Self::Failed(Failure::Removed) => 4,
            Self::Rejected(Rejection::QueueFull) => 5,
            Self::Rejected(Rejection::NoEndpoint) => 6,
            Self::Rejected(Rejection::InFlightLimit) => 7,
            Self::TimedOut => 8,
            Self::Rejected(Rejection::BalancerQueueFull) => 9,
            Self::Rejected(Rejection::QueueTimeout) => 10,
            Self::Rejected(Rejection::Unauthorized) => 11,
            Self::Rejected(Rejection::Forbidden) => 12,
            Self::Rejected(Rejection::RateLimited) => 13,
            Self::Rejected(Rejection::NoUpgrade) => 14,
            Self::Rejected(Rejection::BalancerBusy) => 15,
            Self::Failed(Failure::Unreachable) => 16,
            Self::Failed(Failure::ConnectionBroken) => 17,
            Self::Failed(Failure::LostWithBalancer) => 18,
        }
    }
}

/// The counts of requests by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Requests that clients sent.
    pub arrived: u64,
    /// Requests answered with a status below 500.
    pub answered: u64,
    /// Requests that failed: 5xx from a server, refused, reset, removed.
    pub failed: u64,
    /// Requests that were rejected: a full queue, no endpoint.
    pub rejected: u64,
    /// Requests without an answer in time.
    pub timed_out: u64,
    /// Attempts beyond the first of a request.
    pub retries: u64,
    /// The requests by [`Outcome::code`].
    by_reason: [u64; OUTCOMES.len()],
}

/// All outcomes, by their codes.
pub const OUTCOMES: [Outcome; 19] = [
    Outcome::Answered,
    Outcome::Failed(Failure::ServerError),
    Outcome::Failed(Failure::Refused),
    Outcome::Failed(Failure::Reset),
    Outcome::Failed(Failure::Removed),
    Outcome::Rejected(Rejection::QueueFull),
    Outcome::Rejected(Rejection::NoEndpoint),
    Outcome::Rejected(Rejection::InFlightLimit),
    Outcome::TimedOut,
    Outcome::Rejected(Rejection::BalancerQueueFull),
    Outcome::Rejected(Rejection::QueueTimeout),
    Outcome::Rejected(Rejection::Unauthorized),
    Outcome::Rejected(Rejection::Forbidden),
    Outcome::Rejected(Rejection::RateLimited),
    Outcome::Rejected(Rejection::NoUpgrade),
    Outcome::Rejected(Rejection::BalancerBusy),
    Outcome::Failed(Failure::Unreachable),
    Outcome::Failed(Failure::ConnectionBroken),
    Outcome::Failed(Failure::LostWithBalancer),
];

impl Totals {
    /// Counts the outcome of one request.
    pub const fn count(&mut self, outcome: Outcome) {
        self.by_reason[outcome.code() as usize] += 1;
        match outcome {
            Outcome::Answered => self.answered += 1,
            Outcome::Failed(_) => self.failed += 1,
            Outcome::Rejected(_) => self.rejected += 1,
            Outcome::TimedOut => self.timed_out += 1,
        }
    }

    /// The number of requests with exactly this outcome.
    #[must_use]
    pub const fn of(&self, outcome: Outcome) -> u64 {
        self.by_reason[outcome.code() as usize]
    }

    /// The number of requests that have ended.
    #[must_use]
    pub const fn ended(&self) -> u64 {
        self.answered + self.failed + self.rejected + self.timed_out
    }

    /// The number of requests that ended without an answer below 500.
    #[must_use]
    pub const fn unanswered(&self) -> u64 {
        self.failed + self.rejected + self.timed_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_stand_at_their_codes_and_reasons_add_up() {
        let mut totals = Totals::default();
        for (code, outcome) in OUTCOMES.into_iter().enumerate() {
            assert_eq!(outcome.code(), code as u64);
            totals.count(outcome);
            assert_eq!(totals.of(outcome), 1);
        }
        assert_eq!(totals.ended(), OUTCOMES.len() as u64);
        assert_eq!((totals.failed, totals.rejected), (7, 10));
    }
}
