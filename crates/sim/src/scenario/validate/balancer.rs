//! The validation of what a scenario's balancer is made of.

use crate::balance::algorithm::{Algorithm, Implementation};
use crate::balance::slow_start::{SlowStart, SlowStartCurve};
use crate::balance::spec::BalancerSpec;
use crate::field::{Faults, span};
use crate::health::passive::PassiveRule;

/// Checks everything below `balancer` that depends on several fields.
pub(super) fn check(faults: &mut Faults, spec: &BalancerSpec) {
    implementation(faults, "balancer", spec.algorithm, spec.engine);
    if let Some(config) = &spec.passive_checks {
        let counts = config.rule != PassiveRule::Haproxy || spec.active_checks.is_some();
        faults.check(counts, "balancer.passive_checks.rule", || {
            "haproxy works on the counter of active_checks, which are off".into()
        });
    }
    if let Some(rule) = &spec.slow_start {
        slow_start(faults, rule);
    }
}

/// Checks that an algorithm exists in an implementation.
pub(super) fn implementation(
    faults: &mut Faults,
    place: &str,
    algorithm: Algorithm,
    engine: Implementation,
) {
    let row = algorithm.row();
    faults.check(row.has(engine), &format!("{place}.engine"), || {
        format!("{} has no form of {}", engine.label(), row.id)
    });
}

/// HAProxy counts whole seconds.
fn slow_start(faults: &mut Faults, rule: &SlowStart) {
    if rule.shape == SlowStartCurve::Haproxy && rule.window_us.as_us() >= 1_000 {
        let place = "balancer.slow_start.window_us";
        span(1_000_000).check(&rule.window_us, place, faults);
    }
}
