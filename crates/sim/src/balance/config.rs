//! What the parts of a balancer are configured with: its frontend, each of its upstreams, and each upstream's picker.
//!
//! A scene gives a balancer one flat record ([`BalancerSpec`]). Here it is divided as a real program's file divides it:
//! what is done before a request has an upstream belongs to the frontend (nginx's `server`, HAProxy's `frontend`,
//! Envoy's listener), the rest to the upstream (nginx's `upstream`, HAProxy's `backend`, Envoy's cluster). Both know the
//! layer, as HAProxy's `mode` stands in frontend and backend.

use serde::{Deserialize, Serialize};

use super::algorithm::{Algorithm, HashOptions, Implementation};
use super::l7::keepalive::KeepaliveSpec;
use super::l7::processor::ProcessorSpec;
use super::picker::Picker;
use super::pickers::client_side_wrr::LoadWeights;
use super::retry::RetrySpec;
use super::set::{BackupRule, PanicRule};
use super::slow_start::SlowStart;
use super::spec::{BalancerSpec, Layer, QueueSpec, ReturnPath};
use crate::health::active::ActiveConfig;
use crate::health::passive::PassiveSpec;
use crate::time::SimDuration;

/// A function that makes the picker for a configuration: [`PickerConfig::build`], or one that knows fewer algorithms
/// and needs less code.
pub type PickerFactory = fn(&PickerConfig) -> Box<dyn Picker>;

/// The configuration of a frontend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrontendConfig {
    /// The layer at which it works.
    pub layer: Layer,
    /// What forwarding one request costs (L4).
    pub forward: SimDuration,
    /// What reading one request costs (L7).
    pub parse: SimDuration,
    /// What terminating TLS costs for a new connection (L7).
    pub tls: SimDuration,
    /// What terminating TLS costs for a session that is resumed (L7).
    pub tls_resumed: SimDuration,
    /// How long a TLS session may be resumed (L7); zero is not at all.
    pub ticket: SimDuration,
    /// Its cores and what work costs them; `None` if work never waits.
    pub processor: Option<ProcessorSpec>,
    /// The connections that it keeps to servers (L7); `None` if they are there when needed.
    pub keepalive: Option<KeepaliveSpec>,
    /// The way of answers (L4).
    pub return_path: ReturnPath,
}

/// The configuration of an upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamConfig {
    /// The layer at which its balancer works: whether load is counted in requests or in connections.
    pub layer: Layer,
    /// What determines its picker.
    pub picker: PickerConfig,
    /// Which backups serve once no primary endpoint is usable.
    pub backups: BackupRule,
    /// When health is ignored.
    pub panic: PanicRule,
    /// How it probes its endpoints; `None` if it does not.
    pub active_checks: Option<ActiveConfig>,
    /// What it concludes from how requests end; `None` if nothing.
    pub passive_checks: Option<PassiveSpec>,
    /// How the weight of an endpoint that comes back grows; `None` if it has all of it at once.
    pub slow_start: Option<SlowStart>,
    /// When a request is tried again (L7).
    pub retries: RetrySpec,
    /// How long an attempt may take.
    pub request_timeout: SimDuration,
    /// The queue for requests that find every endpoint full; `None` if they are turned away.
    pub queue: Option<QueueSpec>,
    /// Whether a user keeps the server that answered last, by a cookie (L7).
    pub sticky_cookie: bool,
}

/// Everything that determines a picker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PickerConfig {
    /// The algorithm by which it picks.
    pub algorithm: Algorithm,
    /// Whose implementation of it. If the algorithm does not exist in it, its first one is used.
    #[serde(default)]
    pub implementation: Implementation,
    /// What HAProxy's `hash-type` says; other programs have one way each.
    #[serde(default)]
    pub hash: HashOptions,
    /// The number of endpoints drawn for power of two choices (HAProxy's `random(N)`, Envoy's `choice_count`); `None`
    /// is two.
    #[serde(default)]
    pub draws: Option<u8>,
    /// HAProxy's `static-rr`: round robin by a fixed table.
    #[serde(default)]
    pub static_table: bool,
    /// The settings of weights by load reports.
    #[serde(default)]
    pub load_weights: LoadWeights,
}

impl PickerConfig {
    /// An algorithm in one implementation, everything else at its default.
    #[must_use]
    pub const fn new(algorithm: Algorithm, implementation: Implementation) -> Self {
        let hash = HashOptions {
            function: None,
            avalanche: false,
            consistent: false,
        };
        Self {
            algorithm,
            implementation,
            hash,
            draws: None,
            static_table: false,
            load_weights: LoadWeights::DEFAULT,
        }
    }

    /// A new picker for this configuration.
    #[must_use]
    pub fn build(&self) -> Box<dyn Picker> {
        super::pickers::build(self)
    }
}

impl BalancerSpec {
    /// The frontend's part of the scene's record.
    #[must_use]
    pub const fn frontend(&self) -> FrontendConfig {
        FrontendConfig {
            layer: self.layer,
            forward: self.forward_us,
            parse: self.parse_us,
            tls: self.tls_us,
            tls_resumed: self.tls_resumed_us,
            ticket: self.ticket_us,
            processor: self.processor,
            keepalive: self.keepalive,
            return_path: self.return_path,
        }
    }

    /// The upstreams' part of the scene's record, with the picker of the main pool.
    #[must_use]
    pub fn upstream(&self) -> UpstreamConfig {
        UpstreamConfig {
            layer: self.layer,
            picker: self.picker_config(),
            backups: self.backups,
            panic: PanicRule {
                percent: self.panic_percent,
                fail_open: self.fail_open,
            },
            active_checks: self.active_checks,
            passive_checks: self.passive_checks,
            slow_start: self.slow_start,
            retries: self.retries.clone(),
            request_timeout: self.request_timeout_us,
            queue: self.queue,
            sticky_cookie: self.sticky_cookie,
        }
    }

    /// What determines the main pool's picker.
    const fn picker_config(&self) -> PickerConfig {
        PickerConfig {
            algorithm: self.algorithm,
            implementation: self.engine,
            hash: self.hash,
            draws: self.draws,
            static_table: self.static_table,
            load_weights: self.load_weights,
        }
    }
}
