//! The configuration of a balancer, as a scene gives it: one flat record. Its parts take what is theirs from it
//! ([`super::config`]).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::algorithm::{Algorithm, HashOptions, Implementation};
use super::l7::keepalive::KeepaliveSpec;
use super::l7::processor::ProcessorSpec;
use super::pickers::client_side_wrr::LoadWeights;
use super::retry::RetrySpec;
use super::set::BackupRule;
use super::slow_start::SlowStart;
use crate::field::schema::describe;
use crate::field::{ANY, FieldRule, NAME, PART, WholeRange, scene_fields, span, whole};
use crate::health::active::ActiveConfig;
use crate::health::passive::PassiveSpec;
use crate::time::SimDuration;

/// The layer at which a balancer works.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// # L4: connections
    ///
    /// On connections (L4): picks once for each, sees addresses and ports only.
    L4,
    /// # L7: requests
    ///
    /// On requests (L7): ends TLS, reads each request, picks for each.
    #[default]
    L7,
}

/// The configuration of a balancer: of its frontend and of its main upstream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields)]
pub struct BalancerSpec {
    /// # Layer
    /// At L4 it picks once for each connection and sees only addresses and ports; at L7 it reads every request
    /// and picks for each.
    #[serde(default)]
    pub layer: Layer,
    /// # Algorithm
    /// How it picks a server.
    pub algorithm: Algorithm,
    /// # As in
    /// Whose form of the algorithm. Not every program has every algorithm.
    #[serde(default)]
    pub engine: Implementation,
    /// # Servers drawn
    /// For power of two choices, as in HAProxy and Envoy: how many are drawn. Without it, two.
    ///
    /// HAProxy's `random(N)`, Envoy's `choice_count`; nginx draws two.
    #[serde(default)]
    pub draws: Option<u8>,
    /// # HAProxy's hash
    /// How HAProxy hashes. Other programs have one way each.
    #[serde(default)]
    pub hash: HashOptions,
    /// # Static table
    /// HAProxy's static-rr: round robin by a fixed table.
    #[serde(default)]
    pub static_table: bool,
    /// # Weights by load reports
    /// How client-side weighted round robin makes weights from what servers report.
    #[serde(default)]
    pub load_weights: LoadWeights,
    /// # Backups
    /// Which backups serve once no primary server is usable.
    #[serde(default)]
    pub backups: BackupRule,
    /// # Time limit for a try
    /// How long it waits for a server's answer.
    #[serde(default = "default_timeout")]
    pub request_timeout_us: SimDuration,
    /// # Forwarding
    /// At L4: what forwarding one request costs.
    #[serde(default)]
    pub forward_us: SimDuration,
    /// # Terminating TLS
    /// At L7: what terminating TLS costs for each new connection.
    #[serde(default)]
    pub tls_us: SimDuration,
    /// # Reading a request
    /// At L7: what reading one request costs.
    #[serde(default)]
    pub parse_us: SimDuration,
    /// # TLS ticket
    /// At L7: how long a TLS session may be resumed. 0 is not at all.
    #[serde(default)]
    pub ticket_us: SimDuration,
    /// # Terminating resumed TLS
    /// At L7: what terminating TLS costs for a session that is resumed.
    #[serde(default)]
    pub tls_resumed_us: SimDuration,
    /// # Active checks
    /// The balancer probes every server at intervals.
    #[serde(default)]
    pub active_checks: Option<ActiveConfig>,
    /// # Passive checks
    /// The balancer watches how real requests end.
    #[serde(default)]
    pub passive_checks: Option<PassiveSpec>,
    /// # Retries
    /// At L7: when a request is tried again.
    #[serde(default)]
    pub retries: RetrySpec,
    /// # Slow start
    /// A server that comes back gets its share little by little. Without it, all at once.
    #[serde(default)]
    pub slow_start: Option<SlowStart>,
    /// # Panic threshold
    /// Below this part of healthy servers, health is ignored. 0 is never.
    ///
    /// Counted among the ready endpoints of the tier that serves: Envoy's `healthy_panic_threshold`, which is
    /// 50 there.
    #[serde(default)]
    pub panic_percent: u32,
    /// # Fail open
    /// Health is ignored once no server is healthy.
    ///
    /// As AWS does.
    #[serde(default)]
    pub fail_open: bool,
    /// # Queue at the balancer
    /// Requests wait while every usable server has as many as it may have. Without it they are turned away.
    #[serde(default)]
    pub queue: Option<QueueSpec>,
    /// # Sticky cookie
    /// At L7: a user keeps the server that answered last.
    #[serde(default)]
    pub sticky_cookie: bool,
    /// # Main pool
    /// The name of the pool where a request goes that no rule sends elsewhere.
    #[serde(default = "default_pool")]
    pub pool: String,
    /// # Processor
    /// Work waits for a free core. Without it, work takes its time and never waits.
    #[serde(default)]
    pub processor: Option<ProcessorSpec>,
    /// # Connections to servers
    /// At L7: how many connections it keeps to its servers. Without it they are there when needed.
    #[serde(default)]
    pub keepalive: Option<KeepaliveSpec>,
    /// # Return path
    /// At L4: which way answers go.
    #[serde(default)]
    pub return_path: ReturnPath,
}

/// How many endpoints may be drawn for power of two choices.
pub const DRAWS: FieldRule<WholeRange> = whole(1, 16).example("2");

scene_fields!(BalancerSpec {
    layer: ANY.page("Algorithm"),
    algorithm: ANY.page("Algorithm").example("weighted_round_robin"),
    engine: ANY.page("Algorithm"),
    draws: DRAWS.page("Algorithm"),
    hash: ANY.page("Algorithm"),
    static_table: ANY.page("Algorithm"),
    load_weights: PART.page("Algorithm"),
    backups: ANY.page("Algorithm"),
    request_timeout_us: span(1).page("When things fail"),
    forward_us: span(0).page("Cost of work"),
    tls_us: span(0).page("Cost of work"),
    parse_us: span(0).page("Cost of work"),
    ticket_us: span(0).page("Cost of work"),
    tls_resumed_us: span(0).page("Cost of work"),
    active_checks: PART.page("Checks"),
    passive_checks: PART.page("Checks"),
    retries: PART.page("When things fail"),
    slow_start: PART.page("When things fail"),
    panic_percent: whole(0, 100).unit("%", 1).page("When things fail"),
    fail_open: ANY.page("When things fail"),
    queue: PART.page("Queue and cookies"),
    sticky_cookie: ANY.page("Queue and cookies"),
    pool: NAME.page("Pools and rules"),
    processor: PART.page("Cost of work"),
    keepalive: PART.page("Queue and cookies"),
    return_path: ANY.page("Algorithm"),
});

/// The path of responses at L4.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReturnPath {
    /// # Through the balancer
    ///
    /// Back through the balancer, which changed the addresses on the way in and changes them back (network address
    /// translation; IPVS's masquerading).
    #[default]
    Nat,
    /// # Straight to the client
    ///
    /// From the server straight to the client (direct server return; IPVS's direct routing). The balancer sees no
    /// response, so it cannot tell good from bad.
    Direct,
}

/// The settings of the pending queue (HAProxy's backend queue: first come, first served, by the endpoint that has room
/// first).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields, default)]
pub struct QueueSpec {
    /// # Places
    /// Requests that may wait; one more is turned away.
    pub limit: u32,
    /// # Longest wait
    /// How long one may wait.
    ///
    /// HAProxy's `timeout queue`.
    pub timeout_us: SimDuration,
}

scene_fields!(QueueSpec {
    limit: whole(0, 100_000),
    timeout_us: span(1),
});

impl Default for QueueSpec {
    fn default() -> Self {
        Self {
            limit: 100,
            timeout_us: SimDuration::from_secs(10),
        }
    }
}

impl BalancerSpec {
    /// The configuration with this algorithm, and everything else as in a file that says no more.
    #[must_use]
    pub fn plain(algorithm: Algorithm) -> Self {
        Self {
            layer: Layer::default(),
            algorithm,
            engine: Implementation::default(),
            draws: None,
            hash: HashOptions::default(),
            static_table: false,
            load_weights: LoadWeights::DEFAULT,
            backups: BackupRule::default(),
            request_timeout_us: default_timeout(),
            forward_us: SimDuration::ZERO,
            tls_us: SimDuration::ZERO,
            parse_us: SimDuration::ZERO,
            active_checks: None,
            passive_checks: None,
            retries: RetrySpec::default(),
            slow_start: None,
            panic_percent: 0,
            fail_open: false,
            queue: None,
            sticky_cookie: false,
            pool: default_pool(),
            processor: None,
            keepalive: None,
            return_path: ReturnPath::default(),
            ticket_us: SimDuration::ZERO,
            tls_resumed_us: SimDuration::ZERO,
        }
    }
}

const fn default_timeout() -> SimDuration {
    SimDuration::from_secs(10)
}

fn default_pool() -> String {
    "main".to_string()
}
