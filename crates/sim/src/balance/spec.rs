//! The configuration of a balancer, as a scenario gives it.

use serde::{Deserialize, Serialize};

use super::algorithm::{Algorithm, HashOptions, Implementation, PickerConfig};
use super::l7::keepalive::KeepaliveSpec;
use super::l7::processor::ProcessorSpec;
use super::picker::Picker;
use super::retry::RetrySpec;
use super::set::BackupRule;
use super::slow_start::SlowStart;
use crate::health::active::ActiveConfig;
use crate::health::outlier::OutlierConfig;
use crate::time::SimDuration;

/// A function that makes the picker for a configuration: [`BalancerSpec::picker`], or one that knows fewer algorithms
/// and needs less code.
pub type PickerFactory = fn(&BalancerSpec) -> Box<dyn Picker>;

/// The layer at which a balancer works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// On connections (L4): picks once for each, sees addresses and ports only.
    L4,
    /// On requests (L7): ends TLS, reads each request, picks for each.
    #[default]
    L7,
}

/// The configuration of a balancer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BalancerSpec {
    /// Whether it works on connections (L4) or on requests (L7).
    #[serde(default)]
    pub layer: Layer,
    /// The load-balancing algorithm.
    pub algorithm: Algorithm,
    /// Whose implementation of the algorithm.
    #[serde(default)]
    pub engine: Implementation,
    /// The number of endpoints drawn for power of two choices (HAProxy's `random(N)`, Envoy's `choice_count`; nginx
    /// draws two), 1 to 16; `null` is two.
    #[serde(default)]
    pub draws: Option<u8>,
    /// HAProxy's `hash-type`. Other implementations have one way each.
    #[serde(default)]
    pub hash: HashOptions,
    /// HAProxy's `static-rr`: round robin by a fixed table.
    #[serde(default)]
    pub static_table: bool,
    /// Which backups serve when no primary is usable.
    #[serde(default)]
    pub backups: BackupRule,
    /// The time that it waits for a server's answer.
    #[serde(default = "default_timeout")]
    pub request_timeout_us: SimDuration,
    /// The time that passing on a request takes at L4.
    #[serde(default)]
    pub forward_us: SimDuration,
    /// The time that a TLS handshake takes at L7, for each new connection.
    #[serde(default)]
    pub tls_us: SimDuration,
    /// The time that reading a request takes at L7.
    #[serde(default)]
    pub parse_us: SimDuration,
    /// The settings of active checks; `null` is off.
    #[serde(default)]
    pub active_checks: Option<ActiveConfig>,
    /// The settings of passive checks; `null` is off.
    #[serde(default)]
    pub passive_checks: Option<OutlierConfig>,
    /// The retry policy (L7).
    #[serde(default)]
    pub retries: RetrySpec,
    /// The slow start of an endpoint that comes back; `null` gives it the full weight at once.
    #[serde(default)]
    pub slow_start: Option<SlowStart>,
    /// The percentage of healthy endpoints among the ready ones below which health is ignored (Envoy's panic
    /// threshold, 50 there). 0 is off.
    #[serde(default)]
    pub panic_percent: u32,
    /// Whether health is ignored when no endpoint is healthy (AWS's fail-open).
    #[serde(default)]
    pub fail_open: bool,
    /// The pending queue for requests while every usable endpoint is full; `null` is no queue.
    #[serde(default)]
    pub queue: Option<QueueSpec>,
    /// Whether a cookie keeps a user at the endpoint that answered last (L7).
    #[serde(default)]
    pub sticky_cookie: bool,
    /// The name of its main pool, which gets the requests that no rule sends elsewhere.
    #[serde(default = "default_pool")]
    pub pool: String,
    /// The processor; `null`: work takes its time, and never waits for other work.
    #[serde(default)]
    pub processor: Option<ProcessorSpec>,
    /// The connections kept open to its servers (L7); `null`: connections cost nothing and are always there.
    #[serde(default)]
    pub keepalive: Option<KeepaliveSpec>,
    /// The path of responses at L4.
    #[serde(default)]
    pub return_path: ReturnPath,
    /// How long a TLS session may be resumed (L7); 0 turns resumption off.
    #[serde(default)]
    pub ticket_us: SimDuration,
    /// The time that a TLS handshake takes for a session that is resumed.
    #[serde(default)]
    pub tls_resumed_us: SimDuration,
}

/// The path of responses at L4.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnPath {
    /// Back through the balancer, which changed the addresses on the way in and changes them back (network address
    /// translation; IPVS's masquerading).
    #[default]
    Nat,
    /// From the server straight to the client (direct server return; IPVS's direct routing). The balancer sees no
    /// response, so it cannot tell good from bad.
    Direct,
}

/// The settings of the pending queue (HAProxy's backend queue: first come, first served, by the endpoint that has room
/// first).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QueueSpec {
    /// The number of requests that may wait; one more is rejected.
    pub limit: u32,
    /// How long a request may wait (HAProxy's `timeout queue`).
    pub timeout_us: SimDuration,
}

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

    /// A new picker for this configuration.
    #[must_use]
    pub fn picker(&self) -> Box<dyn Picker> {
        PickerConfig {
            algorithm: self.algorithm,
            implementation: self.engine,
            hash: self.hash,
            draws: self.draws,
            static_table: self.static_table,
        }
        .build()
    }
}

const fn default_timeout() -> SimDuration {
    SimDuration::from_secs(10)
}

fn default_pool() -> String {
    "main".to_string()
}
