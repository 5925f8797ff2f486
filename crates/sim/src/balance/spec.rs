//! What is configured of a balancer, as a scenario says it.

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

/// What makes the picker that a configuration asks for, without any history: [`BalancerSpec::picker`],
/// or something that knows fewer algorithms and brings less code with it.
pub type PickerFactory = fn(&BalancerSpec) -> Box<dyn Picker>;

/// At which layer a balancer works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// Connections: picks once for each, sees addresses and ports only.
    L4,
    /// Requests: ends TLS, reads each, picks for each.
    #[default]
    L7,
}

/// A balancer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BalancerSpec {
    /// Connections or requests.
    #[serde(default)]
    pub layer: Layer,
    /// How it picks.
    pub algorithm: Algorithm,
    /// Whose form of the algorithm.
    #[serde(default)]
    pub engine: Implementation,
    /// How many are drawn for power of two choices (HAProxy's `random(N)`, Envoy's choice_count; nginx
    /// draws two), 1 to 16; `null` is two.
    #[serde(default)]
    pub draws: Option<u8>,
    /// How HAProxy hashes (`hash-type`). Other engines have one way each.
    #[serde(default)]
    pub hash: HashOptions,
    /// HAProxy's `static-rr`: round robin by a fixed table.
    #[serde(default)]
    pub static_table: bool,
    /// Which backups serve once no primary is usable.
    #[serde(default)]
    pub backups: BackupRule,
    /// How long it waits for a server's answer.
    #[serde(default = "default_timeout")]
    pub request_timeout_us: SimDuration,
    /// What passing on costs at L4, for each request.
    #[serde(default)]
    pub forward_us: SimDuration,
    /// What ending TLS costs at L7, for each new connection.
    #[serde(default)]
    pub tls_us: SimDuration,
    /// What reading a request costs at L7.
    #[serde(default)]
    pub parse_us: SimDuration,
    /// Active checks; `null` is off.
    #[serde(default)]
    pub active_checks: Option<ActiveConfig>,
    /// Passive checks; `null` is off.
    #[serde(default)]
    pub passive_checks: Option<OutlierConfig>,
    /// When a request is tried again (L7).
    #[serde(default)]
    pub retries: RetrySpec,
    /// How an endpoint that comes back gets its share; `null` is all of it at once.
    #[serde(default)]
    pub slow_start: Option<SlowStart>,
    /// Below this percentage of healthy endpoints, of those ready, health is ignored (Envoy's panic
    /// threshold, 50 there). 0 is off.
    #[serde(default)]
    pub panic_percent: u32,
    /// Whether health is ignored once nobody is healthy (AWS's fail-open).
    #[serde(default)]
    pub fail_open: bool,
    /// Requests that may wait at the balancer while every usable endpoint has as many as it may
    /// have; `null` is none.
    #[serde(default)]
    pub queue: Option<QueueSpec>,
    /// Whether a user keeps the endpoint that answered last (L7).
    #[serde(default)]
    pub sticky_cookie: bool,
    /// The name of its main pool, where a request goes that no rule sends elsewhere.
    #[serde(default = "default_pool")]
    pub pool: String,
    /// Its processor; `null`: work takes its time, and never has to wait for other work.
    #[serde(default)]
    pub processor: Option<ProcessorSpec>,
    /// The connections it keeps to its servers (L7); `null`: they are there when needed.
    #[serde(default)]
    pub keepalive: Option<KeepaliveSpec>,
    /// Which way answers go at L4.
    #[serde(default)]
    pub return_path: ReturnPath,
    /// How long a TLS session may be resumed (L7); 0 is not at all.
    #[serde(default)]
    pub ticket_us: SimDuration,
    /// What ending TLS costs for a session that is resumed.
    #[serde(default)]
    pub tls_resumed_us: SimDuration,
}

/// Which way answers go at L4.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnPath {
    /// Back through the balancer, which changed the addresses on the way in and changes them back
    /// (network address translation; IPVS's masquerading).
    #[default]
    Nat,
    /// From the server straight to the client (direct server return; IPVS's direct routing). The
    /// balancer sees no answer, so it cannot tell good from bad.
    Direct,
}

/// The queue at the balancer (HAProxy's backend queue: first come, first served, to whichever
/// endpoint has room first).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QueueSpec {
    /// Requests that may wait; one more is turned away.
    pub limit: u32,
    /// How long one may wait (HAProxy's `timeout queue`).
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
    /// One with this algorithm, and with everything else as a file has it that does not say more.
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

    /// The picker it asks for, without any history.
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
