//! How a request ends. Every request that arrived has exactly one outcome or is in flight.

/// How a request ended, with its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A server answered below 500.
    Answered,
    /// It failed.
    Failed(Failure),
    /// It was turned away.
    Rejected(Rejection),
    /// No answer came within the request timeout.
    TimedOut,
}

/// Why a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A server answered 500.
    ServerError,
    /// Nobody listened at the server.
    Refused,
    /// The server died with the request on it.
    Reset,
    /// The server was removed with the request on it.
    Removed,
    /// Nobody answered at the address, until the client gave up.
    Unreachable,
    /// The balancer did not know the connection, and reset it.
    ConnectionBroken,
    /// The balancer died with the request on it.
    LostWithBalancer,
}

/// Why a request was turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The server's queue was full.
    QueueFull,
    /// The balancer had no endpoint to send it to.
    NoEndpoint,
    /// Every endpoint had as many as it may have, and the balancer's queue was full or off.
    BalancerQueueFull,
    /// It waited too long at the balancer.
    QueueTimeout,
    /// The simulation's limit of requests in flight was reached.
    InFlightLimit,
    /// 401: a rule asked for a login that it did not have.
    Unauthorized,
    /// 403: a rule of the firewall was for it.
    Forbidden,
    /// 429: its client had sent too much.
    RateLimited,
    /// 426: it wanted another protocol, and the balancer had not passed that on.
    NoUpgrade,
    /// The balancer's processor had too much waiting.
    BalancerBusy,
}

impl Outcome {
    /// The reason in words.
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

    /// The status that a balancer's rules or a missing upgrade gave it.
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

    /// A number for the digest. Never renumber.
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

/// How many requests ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Requests that were sent by clients.
    pub arrived: u64,
    /// Answered below 500.
    pub answered: u64,
    /// 5xx from a server, refused, reset, removed.
    pub failed: u64,
    /// Turned away: a full queue, no endpoint.
    pub rejected: u64,
    /// No answer in time.
    pub timed_out: u64,
    /// Tries beyond the first of a request.
    pub retries: u64,
    /// By [`Outcome::code`].
    by_reason: [u64; OUTCOMES.len()],
}

/// Every way to end, by its code.
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
    /// Counts one end.
    pub const fn count(&mut self, outcome: Outcome) {
        self.by_reason[outcome.code() as usize] += 1;
        match outcome {
            Outcome::Answered => self.answered += 1,
            Outcome::Failed(_) => self.failed += 1,
            Outcome::Rejected(_) => self.rejected += 1,
            Outcome::TimedOut => self.timed_out += 1,
        }
    }

    /// Requests that ended in exactly this way.
    #[must_use]
    pub const fn of(&self, outcome: Outcome) -> u64 {
        self.by_reason[outcome.code() as usize]
    }

    /// Requests that have ended.
    #[must_use]
    pub const fn ended(&self) -> u64 {
        self.answered + self.failed + self.rejected + self.timed_out
    }

    /// Requests that ended without an answer below 500.
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
