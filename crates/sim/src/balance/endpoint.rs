//! An endpoint: one balancer's record of a server, with its configuration, admin state, health and counts.
//!
//! Connection draining is an admin state, [`AdminState::Drain`]: a draining endpoint gets no new request (L4: no new
//! connection) and finishes those that it has. Only a sticky cookie still leads to it (HAProxy).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::latency::UpstreamLatency;
use crate::health::active::ActiveCheck;
use crate::health::passive::PassiveState;
use crate::ids::{EndpointId, ServerId};
use crate::time::SimTime;

/// Effective weights are counted in 1/400 of a configured weight of 1: halves (degraded), sixteenths
/// (HAProxy's internal step) and percents are all whole numbers.
pub const WEIGHT_UNIT: u32 = 400;

/// The largest configured weight that a scenario or a command may ask for (HAProxy's limit).
pub const MAX_WEIGHT: u32 = 256;

/// The state that the operator wants for an endpoint (HAProxy's admin state).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdminState {
    /// The endpoint takes traffic.
    #[default]
    Ready,
    /// The endpoint finishes what it has and takes nothing new.
    Drain,
    /// The endpoint is out of service and keeps its place in hash tables (nginx's `down`).
    Maint,
}

/// Whether an endpoint serves from the start, or only when no primary is usable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// # Primary
    ///
    /// Serves as long as it is usable.
    #[default]
    Primary,
    /// # Backup
    ///
    /// Serves only while no primary is usable.
    Backup,
}

/// What the balancer believes of an endpoint, the strongest statement first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belief {
    /// The operator took the endpoint out of service.
    Maintenance,
    /// The operator drains the endpoint.
    Draining,
    /// Active checks failed `fall` times in a row.
    Down,
    /// Passive checks took the endpoint out for a while.
    Ejected,
    /// The endpoint is back, and its share still grows.
    SlowStart,
    /// In use, but the last probes or attempts failed.
    Failing,
    /// In use, but so slow that it gets a smaller share.
    Degraded,
    /// In use, without any failure.
    Healthy,
}

impl Belief {
    /// The word for it on the page.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Maintenance => "maintenance",
            Self::Draining => "draining",
            Self::Down => "down",
            Self::Ejected => "ejected",
            Self::SlowStart => "slow start",
            Self::Failing => "failing",
            Self::Degraded => "degraded",
            Self::Healthy => "healthy",
        }
    }
}

/// The settings of an endpoint when it joins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointConfig {
    /// The server it stands for. The balancer only passes this on.
    pub server: ServerId,
    /// The name in texts, like `A`.
    pub name: String,
    /// The server address as in a configuration, `10.0.0.1:8080`: hash rings are made from it.
    pub address: String,
    /// HAProxy's `id`, which its consistent hash is made from. Position in the upstream, from 1.
    pub hash_id: u32,
    /// Configured weight, 0 to [`MAX_WEIGHT`]. 0 takes nothing new.
    pub weight: u32,
    /// Whether it is a primary or a backup.
    pub tier: Tier,
    /// The most requests it may have in progress, or connections at L4; `None` is no limit.
    pub max_conns: Option<u32>,
    /// The most requests that may wait in its own queue at the balancer (HAProxy's `maxqueue`); `None` is no limit.
    pub max_queue: Option<u32>,
}

/// An endpoint: one balancer's record of a server.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The identity of the endpoint.
    pub id: EndpointId,
    /// The configuration; the weight can change during a run.
    pub config: EndpointConfig,
    /// The state that the operator wants.
    pub admin: AdminState,
    /// The counter of active checks.
    pub check: ActiveCheck,
    /// The state of passive checks.
    pub passive: PassiveState,
    /// The share of its weight during slow start, 1 to [`WEIGHT_UNIT`]; full otherwise.
    pub ramp: u32,
    /// When its slow start began; `None` at full weight.
    pub ramp_since: Option<SimTime>,
    /// Attempts sent to it and not yet finished.
    pub in_progress: u32,
    /// Client connections bound to it (L4 only).
    pub connections: u32,
    /// The load that algorithms compare: requests in progress at L7, connections at L4.
    pub active: u32,
    /// Requests that wait in its own queue at the balancer.
    pub queued: u32,
    /// Whom its own queue served when that was last looked at.
    pub serves: QueueService,
    /// Whether those who wait in its own queue have to find another endpoint.
    pub sends_away: bool,
    /// The response times of its answers.
    pub latency: UpstreamLatency,
    /// The counts of its picks and of their results.
    pub counts: Counts,
}

/// Which requests an endpoint takes from its own queue. One that falls to a lower row sends away who waits there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QueueService {
    /// It is down, ejected or in maintenance.
    Nobody,
    /// It drains: only requests whose cookie names it go into its queue.
    Cookies,
    /// It takes new requests.
    All,
}

/// The counts of the attempts sent to one endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Picks in the whole run: one a request at L7, one a connection at L4.
    pub picks: u64,
    /// Picks since weights, algorithm, layer or members last changed.
    pub recent_picks: u64,
    /// Attempts sent to the endpoint.
    pub tries: u64,
    /// Attempts answered with a status below 500.
    pub answered: u64,
    /// Attempts that failed: 5xx, refused, reset, removed.
    pub failed: u64,
    /// Attempts that the server rejected because its queue was full.
    pub rejected: u64,
    /// Attempts that got no answer in time.
    pub timed_out: u64,
}

impl Endpoint {
    /// A new endpoint, ready and without history.
    #[must_use]
    pub fn new(id: EndpointId, config: EndpointConfig, check: ActiveCheck) -> Self {
        Self {
            id,
            config,
            admin: AdminState::Ready,
            check,
            passive: PassiveState::Off,
            ramp: WEIGHT_UNIT,
            ramp_since: None,
            in_progress: 0,
            connections: 0,
            active: 0,
            queued: 0,
            serves: QueueService::Nobody,
            sends_away: false,
            latency: UpstreamLatency::default(),
            counts: Counts::default(),
        }
    }

    /// The balancer's belief of the endpoint.
    #[must_use]
    pub fn belief(&self) -> Belief {
        match self.admin {
            AdminState::Maint => Belief::Maintenance,
            AdminState::Drain => Belief::Draining,
            AdminState::Ready if !self.check.is_up() => Belief::Down,
            AdminState::Ready if self.is_ejected() => Belief::Ejected,
            AdminState::Ready if self.ramp < WEIGHT_UNIT => Belief::SlowStart,
            AdminState::Ready if self.check.is_failing() || self.passive.is_failing() => {
                Belief::Failing
            }
            AdminState::Ready if self.passive.is_degraded() => Belief::Degraded,
            AdminState::Ready => Belief::Healthy,
        }
    }

    /// Whether it may take new requests if its tier serves: it is available and has a weight. Weight 0 takes nothing
    /// new (HAProxy; nginx does not allow it).
    #[must_use]
    pub fn is_eligible(&self) -> bool {
        self.config.weight > 0 && self.is_available()
    }

    /// Whether a passive rule has ejected it.
    #[must_use]
    pub fn is_ejected(&self) -> bool {
        self.passive.is_ejected()
    }

    /// Whether it has as many requests in progress (L4: connections) as it may have.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.config
            .max_conns
            .is_some_and(|most| self.active >= most)
    }

    /// Whether one more request may wait in its own queue.
    #[must_use]
    pub fn has_queue_room(&self) -> bool {
        self.config.max_queue.is_none_or(|most| self.queued < most)
    }

    /// Whether it takes a request whose cookie names it: its health allows it, and it is not in maintenance. Draining,
    /// weight 0 and the other tier do not matter (HAProxy).
    #[must_use]
    pub fn accepts_cookie(&self) -> bool {
        self.admin != AdminState::Maint && self.check.is_up() && !self.is_ejected()
    }

    /// Whether health and admin state let it take new requests. (The set decides by tier and weight.)
    #[must_use]
    pub fn is_available(&self) -> bool {
        !matches!(
            self.belief(),
            Belief::Maintenance | Belief::Draining | Belief::Down | Belief::Ejected
        )
    }

    /// The weight in 1/[`WEIGHT_UNIT`], after slow start and degradation.
    #[must_use]
    pub fn effective_weight(&self) -> u32 {
        let ramped = self.config.weight * self.ramp;
        if self.passive.is_degraded() {
            ramped / 2
        } else {
            ramped
        }
    }
}
