//! One balancer's record of a server.

use serde::{Deserialize, Serialize};

use super::latency::UpstreamLatency;
use crate::health::active::ActiveCheck;
use crate::health::nginx_passive::NginxPassive;
use crate::health::observe::ErrorRow;
use crate::health::outlier::Outlier;
use crate::ids::{EndpointId, ServerId};
use crate::time::SimTime;

/// Effective weights are counted in 1/400 of a configured weight of 1: halves (degraded), sixteenths
/// (HAProxy's internal step) and percents are all whole numbers.
pub const WEIGHT_UNIT: u32 = 400;

/// The largest configured weight that a scenario or a command may ask for (HAProxy's limit).
pub const MAX_WEIGHT: u32 = 256;

/// What the operator wants of an endpoint (HAProxy's admin state).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdminState {
    /// Takes traffic.
    #[default]
    Ready,
    /// Finishes what it has, takes nothing new.
    Drain,
    /// Out of service: no traffic, and it keeps its place in hash tables (nginx's `down`).
    Maint,
}

/// Whether an endpoint is used from the start or only when the primaries are gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Used as long as it is usable.
    #[default]
    Primary,
    /// Used only while no primary is usable.
    Backup,
}

/// What the balancer believes of an endpoint, the strongest word first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belief {
    /// The operator took it out.
    Maintenance,
    /// The operator lets it run dry.
    Draining,
    /// Active checks failed `fall` times.
    Down,
    /// Passive checks removed it for a while.
    Ejected,
    /// It is back, and its share still grows.
    SlowStart,
    /// In use, but the last checks or tries failed.
    Failing,
    /// In use, with answers so slow that it gets less.
    Degraded,
    /// In use, nothing to say against it.
    Healthy,
}

impl Belief {
    /// The word on the page.
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

/// What is fixed when an endpoint joins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointConfig {
    /// The machine it stands for. The balancer only passes this on.
    pub server: ServerId,
    /// The name in texts: `A`.
    pub name: String,
    /// The server string as a configuration has it, `10.0.0.1:8080`: what hash rings are made of.
    pub address: String,
    /// HAProxy's `id`: what its consistent hash is made of. Position in the upstream, from 1.
    pub hash_id: u32,
    /// Configured weight, 0 to [`MAX_WEIGHT`]. 0 takes nothing new.
    pub weight: u32,
    /// Primary or backup.
    pub tier: Tier,
    /// The most requests it may have in progress, or connections at L4; `None` is no limit.
    pub max_conns: Option<u32>,
}

/// One balancer's record of a server.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its identity within the balancer.
    pub id: EndpointId,
    /// What was configured; the weight can change while running.
    pub config: EndpointConfig,
    /// What the operator wants.
    pub admin: AdminState,
    /// The active checks' counter.
    pub check: ActiveCheck,
    /// The passive checks' counter.
    pub outlier: Outlier,
    /// nginx's own passive rule, where it is configured.
    pub nginx_passive: Option<NginxPassive>,
    /// HAProxy's row of errors in real traffic.
    pub errors: ErrorRow,
    /// Its share of its weight while it starts slowly, 1 to [`WEIGHT_UNIT`]; full otherwise.
    pub ramp: u32,
    /// When that began; `None` while it is full.
    pub ramp_since: Option<SimTime>,
    /// Requests sent to it and not yet finished.
    pub in_progress: u32,
    /// Client connections pinned to it (L4 only).
    pub connections: u32,
    /// What algorithms count as its load: requests in progress at L7, connections at L4.
    pub active: u32,
    /// Requests that wait for it at the balancer.
    pub queued: u32,
    /// How fast it answered.
    pub latency: UpstreamLatency,
    /// What it was picked for and what came of it.
    pub counts: Counts,
}

/// What became of the tries sent to one endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Picks in the whole run: one a request at L7, one a connection at L4.
    pub picks: u64,
    /// Picks since weights, algorithm, layer or members last changed.
    pub recent_picks: u64,
    /// Tries sent.
    pub tries: u64,
    /// Tries answered below 500.
    pub answered: u64,
    /// Tries failed: 5xx, refused, reset, removed.
    pub failed: u64,
    /// Tries the server rejected because its queue was full.
    pub rejected: u64,
    /// Tries that got no answer in time.
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
            outlier: Outlier::default(),
            nginx_passive: None,
            errors: ErrorRow::default(),
            ramp: WEIGHT_UNIT,
            ramp_since: None,
            in_progress: 0,
            connections: 0,
            active: 0,
            queued: 0,
            latency: UpstreamLatency::default(),
            counts: Counts::default(),
        }
    }

    /// What the balancer believes.
    #[must_use]
    pub fn belief(&self) -> Belief {
        match self.admin {
            AdminState::Maint => Belief::Maintenance,
            AdminState::Drain => Belief::Draining,
            AdminState::Ready if !self.check.is_up() => Belief::Down,
            AdminState::Ready if self.is_ejected() => Belief::Ejected,
            AdminState::Ready if self.ramp < WEIGHT_UNIT => Belief::SlowStart,
            AdminState::Ready if self.check.is_failing() || self.outlier.is_failing() => {
                Belief::Failing
            }
            AdminState::Ready if self.outlier.is_degraded() => Belief::Degraded,
            AdminState::Ready => Belief::Healthy,
        }
    }

    /// Whether it may take new requests if its tier serves: available, and of a weight. Weight 0
    /// takes nothing new (HAProxy; nginx does not allow it).
    #[must_use]
    pub fn is_eligible(&self) -> bool {
        self.config.weight > 0 && self.is_available()
    }

    /// Whether a passive rule keeps it out for a while.
    #[must_use]
    pub fn is_ejected(&self) -> bool {
        self.outlier.is_ejected() || self.nginx_passive.is_some_and(|rule| rule.is_out())
    }

    /// Whether it has as many requests in progress (L4: connections) as it may have.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.config
            .max_conns
            .is_some_and(|most| self.active >= most)
    }

    /// Whether it takes a request that a cookie ties to it: health lets it, and it is not in
    /// maintenance. Draining, weight 0 and the other tier do not matter (HAProxy).
    #[must_use]
    pub fn takes_its_own(&self) -> bool {
        self.admin != AdminState::Maint && self.check.is_up() && !self.is_ejected()
    }

    /// Whether health and the operator let it take new requests. (Its tier and its weight are the
    /// set's business.)
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
        if self.outlier.is_degraded() {
            ramped / 2
        } else {
            ramped
        }
    }
}
