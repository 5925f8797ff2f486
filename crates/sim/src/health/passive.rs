//! Passive checks: health from the results of real traffic.
//!
//! A scenario gives [`PassiveSpec`], with the settings of all three rules, so that a rule keeps its settings while
//! another is tried. [`PassiveSpec::config`] is what applies: one rule with its own settings. [`PassiveState`] is what
//! that rule remembers of one endpoint.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::nginx_passive::NginxPassive;
use super::observe::{ErrorRow, Observe, ObserveConfig, OnError};
use super::outlier::{Outlier, OutlierConfig};
use crate::field::schema::describe;
use crate::field::{scene_fields, span, whole};
use crate::time::SimDuration;

/// The settings of passive checks, as a scenario gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields, default)]
pub struct PassiveSpec {
    /// # Rule
    /// Whose rule says when real traffic takes a server out.
    pub rule: PassiveRule,
    /// # Failures in a row
    /// Envoy's rule: so many failed tries in a row eject a server.
    ///
    /// A failed try is a 5xx, refused, reset or timed out: Envoy's `consecutive_5xx`, which is 5 there.
    pub consecutive_failures: u32,
    /// # First ejection
    /// Envoy's rule: how long the first ejection lasts; the second in a row lasts twice as long.
    ///
    /// The n-th in a row lasts n times as long: Envoy's `base_ejection_time`, which is 30 s there.
    pub base_ejection_us: SimDuration,
    /// # Degraded over
    /// Beside Envoy's rule, and not part of it: a mean of the last ten answers over this marks a server
    /// degraded.
    pub degraded_over_us: SimDuration,
    /// # Most ejected
    /// Envoy's rule: nobody is ejected if that would be more than this part of all.
    ///
    /// Envoy's `max_ejection_percent`, which is 10 there.
    pub max_ejection_percent: u32,
    /// # Longest ejection
    /// Envoy's rule: no ejection lasts longer, but for a first one that is longer by itself.
    ///
    /// Envoy's `max_ejection_time`, which is 300 s there.
    pub max_ejection_us: SimDuration,
    /// # max_fails
    /// nginx's rule: failures that take a server out; 0 is never.
    pub max_fails: u32,
    /// # fail_timeout
    /// nginx's rule: how long a server is kept out after the last failure, until more than so many whole
    /// seconds have passed: up to one second longer.
    pub fail_timeout_s: u32,
    /// # Count 5xx
    /// nginx's rule: a 5xx that leads to another try is a failure.
    ///
    /// As with `http_500 http_503` in nginx's `proxy_next_upstream`. nginx hands the last answer to the client
    /// uncounted.
    pub count_server_errors: bool,
    /// # Observe
    /// HAProxy's rule: what of real traffic is watched. At L4 only connections can be.
    pub observe: Observe,
    /// # Error limit
    /// HAProxy's rule: how many errors in a row trigger what is done on error.
    pub error_limit: u32,
    /// # On error
    /// HAProxy's rule: what these errors do to the counter of the active checks, which must be on.
    pub on_error: OnError,
}

scene_fields!(PassiveSpec {
    consecutive_failures: whole(1, 1_000),
    base_ejection_us: span(1),
    degraded_over_us: span(1),
    max_ejection_percent: whole(0, 100).unit("%", 1),
    max_ejection_us: span(1),
    max_fails: whole(0, 1_000),
    fail_timeout_s: whole(0, 3_600).unit("s", 1),
    error_limit: whole(1, 1_000),
});

/// The rule by which real traffic takes an endpoint out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PassiveRule {
    /// # Failures in a row (Envoy)
    ///
    /// Failures in a row eject for a growing time (Envoy); slow answers degrade.
    #[default]
    Consecutive,
    /// # max_fails and fail_timeout (nginx)
    ///
    /// `max_fails` and `fail_timeout` ([`super::nginx_passive`]).
    Nginx,
    /// # observe (HAProxy)
    ///
    /// `observe`, on the counter of the active checks ([`super::observe`]).
    Haproxy,
}

impl Default for PassiveSpec {
    fn default() -> Self {
        Self {
            consecutive_failures: 3,
            base_ejection_us: SimDuration::from_secs(10),
            degraded_over_us: SimDuration::from_secs(5),
            max_ejection_percent: 100,
            max_ejection_us: SimDuration::from_secs(3_600),
            rule: PassiveRule::Consecutive,
            max_fails: 1,
            fail_timeout_s: 10,
            count_server_errors: false,
            observe: Observe::Layer7,
            error_limit: 10,
            on_error: OnError::FailCheck,
        }
    }
}

/// The rule of passive checks that applies, with its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassiveConfig {
    /// Failures in a row eject an endpoint (Envoy).
    Outlier(OutlierConfig),
    /// `max_fails` and `fail_timeout` (nginx).
    MaxFails(MaxFailsConfig),
    /// Errors in a row move the counter of the active checks (HAProxy).
    Observe(ObserveConfig),
}

/// The settings of nginx's rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxFailsConfig {
    /// The number of failures that take an endpoint out; 0 is never.
    pub max_fails: u32,
    /// How long an endpoint is kept out, in whole seconds.
    pub fail_timeout_s: u32,
    /// Whether a 5xx that leads to a retry is a failure.
    pub count_server_errors: bool,
}

impl PassiveSpec {
    /// The rule that applies, with its settings.
    #[must_use]
    pub const fn config(&self) -> PassiveConfig {
        match self.rule {
            PassiveRule::Consecutive => PassiveConfig::Outlier(OutlierConfig {
                consecutive_failures: self.consecutive_failures,
                base_ejection: self.base_ejection_us,
                degraded_over: self.degraded_over_us,
                max_ejection_percent: self.max_ejection_percent,
                max_ejection: self.max_ejection_us,
            }),
            PassiveRule::Nginx => PassiveConfig::MaxFails(MaxFailsConfig {
                max_fails: self.max_fails,
                fail_timeout_s: self.fail_timeout_s,
                count_server_errors: self.count_server_errors,
            }),
            PassiveRule::Haproxy => PassiveConfig::Observe(ObserveConfig {
                observe: self.observe,
                error_limit: self.error_limit,
                on_error: self.on_error,
            }),
        }
    }
}

/// The state of passive checks for one endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PassiveState {
    /// Passive checks are off, or the endpoint stands alone under nginx's rule.
    #[default]
    Off,
    /// The state of outlier ejection.
    Outlier(Outlier),
    /// The state of nginx's rule.
    MaxFails(NginxPassive),
    /// The state of HAProxy's `observe`.
    Observe(ErrorRow),
}

impl PassiveState {
    /// The state of a rule for an endpoint without history.
    #[must_use]
    pub fn new(config: Option<&PassiveConfig>) -> Self {
        match config {
            None => Self::Off,
            Some(PassiveConfig::Outlier(_)) => Self::Outlier(Outlier::default()),
            Some(PassiveConfig::MaxFails(rule)) => Self::MaxFails(NginxPassive::new(
                rule.max_fails,
                u64::from(rule.fail_timeout_s),
            )),
            Some(PassiveConfig::Observe(_)) => Self::Observe(ErrorRow::default()),
        }
    }

    /// The state of outlier ejection; `None` under another rule.
    #[must_use]
    pub const fn outlier(&self) -> Option<&Outlier> {
        match self {
            Self::Outlier(outlier) => Some(outlier),
            _ => None,
        }
    }

    /// The state of nginx's rule; `None` under another rule.
    #[must_use]
    pub const fn max_fails(&self) -> Option<&NginxPassive> {
        match self {
            Self::MaxFails(rule) => Some(rule),
            _ => None,
        }
    }

    /// The state of nginx's rule, to be changed; `None` under another rule.
    pub const fn max_fails_mut(&mut self) -> Option<&mut NginxPassive> {
        match self {
            Self::MaxFails(rule) => Some(rule),
            _ => None,
        }
    }

    /// Whether the rule has taken the endpoint out.
    #[must_use]
    pub const fn is_ejected(&self) -> bool {
        match self {
            Self::Outlier(outlier) => outlier.is_ejected(),
            Self::MaxFails(rule) => rule.is_out(),
            Self::Off | Self::Observe(_) => false,
        }
    }

    /// Whether the last attempt failed in a way that outlier ejection counts.
    #[must_use]
    pub const fn is_failing(&self) -> bool {
        matches!(self, Self::Outlier(outlier) if outlier.is_failing())
    }

    /// Whether the endpoint is degraded, and so gets a smaller share.
    #[must_use]
    pub const fn is_degraded(&self) -> bool {
        matches!(self, Self::Outlier(outlier) if outlier.is_degraded())
    }

    /// Records that a probe passed, which ends a row of errors.
    pub fn on_probe_passed(&mut self) {
        if let Self::Observe(row) = self {
            row.on_check_passed();
        }
    }
}
