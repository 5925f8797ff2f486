//! The validation of a scenario's balancer.

use super::ValidationErrors;
use crate::balance::l7::processor::ProcessorSpec;
use crate::balance::retry::RetrySpec;
use crate::balance::slow_start::{SlowStart, SlowStartCurve};
use crate::balance::spec::BalancerSpec;
use crate::health::active::ActiveConfig;
use crate::health::outlier::{OutlierConfig, PassiveRule};
use crate::scenario::limits::MAX_CORES;

/// The most requests that may wait in a pending queue.
const MAX_WAITING: u32 = 100_000;
/// The most attempts for one request.
const MAX_TRIES: u32 = 100;

/// Checks everything below `balancer`.
pub(super) fn check(faults: &mut ValidationErrors, spec: &BalancerSpec) {
    faults.range("balancer.draws", spec.draws.unwrap_or(2).into(), 1, 16);
    faults.span("balancer.request_timeout_us", spec.request_timeout_us, 1);
    faults.span("balancer.forward_us", spec.forward_us, 0);
    faults.span("balancer.tls_us", spec.tls_us, 0);
    faults.span("balancer.parse_us", spec.parse_us, 0);
    faults.check(
        spec.algorithm.row().has(spec.engine),
        "balancer.engine",
        || {
            format!(
                "{} has no form of {}",
                spec.engine.label(),
                spec.algorithm.row().id
            )
        },
    );
    if let Some(config) = &spec.active_checks {
        active(faults, "balancer.active_checks", config);
    }
    if let Some(config) = &spec.passive_checks {
        passive(faults, config);
        let counts = config.rule != PassiveRule::Haproxy || spec.active_checks.is_some();
        faults.check(counts, "balancer.passive_checks.rule", || {
            "haproxy works on the counter of active_checks, which are off".into()
        });
    }
    retries(faults, &spec.retries);
    faults.range("balancer.panic_percent", spec.panic_percent, 0, 100);
    if let Some(queue) = &spec.queue {
        faults.range("balancer.queue.limit", queue.limit, 0, MAX_WAITING);
        faults.span("balancer.queue.timeout_us", queue.timeout_us, 1);
    }
    if let Some(rule) = &spec.slow_start {
        slow_start(faults, rule);
    }
    faults.text("balancer.pool", &spec.pool);
    faults.span("balancer.ticket_us", spec.ticket_us, 0);
    faults.span("balancer.tls_resumed_us", spec.tls_resumed_us, 0);
    if let Some(pool) = &spec.keepalive {
        faults.range("balancer.keepalive.idle", pool.idle, 0, 10_000);
        faults.span("balancer.keepalive.timeout_us", pool.timeout_us, 1);
    }
    if let Some(spec) = &spec.processor {
        processor(faults, spec);
    }
}

/// Validates the settings of active checks, the balancer's or others.
pub(super) fn active(faults: &mut ValidationErrors, place: &str, active: &ActiveConfig) {
    faults.span(&format!("{place}.interval_us"), active.interval_us, 1_000);
    faults.span(
        &format!("{place}.fast_interval_us"),
        active.fast_interval_us,
        1_000,
    );
    faults.span(
        &format!("{place}.down_interval_us"),
        active.down_interval_us,
        1_000,
    );
    faults.span(&format!("{place}.timeout_us"), active.timeout_us, 1_000);
    faults.range(&format!("{place}.rise"), active.rise, 1, 1_000);
    faults.range(&format!("{place}.fall"), active.fall, 1, 1_000);
}

fn passive(faults: &mut ValidationErrors, passive: &OutlierConfig) {
    let place = "balancer.passive_checks";
    let failures = passive.consecutive_failures;
    faults.range(&format!("{place}.consecutive_failures"), failures, 1, 1_000);
    faults.span(
        &format!("{place}.base_ejection_us"),
        passive.base_ejection_us,
        1,
    );
    faults.span(
        &format!("{place}.degraded_over_us"),
        passive.degraded_over_us,
        1,
    );
    let percent = passive.max_ejection_percent;
    faults.range(&format!("{place}.max_ejection_percent"), percent, 0, 100);
    faults.span(
        &format!("{place}.max_ejection_us"),
        passive.max_ejection_us,
        1,
    );
    faults.range(&format!("{place}.max_fails"), passive.max_fails, 0, 1_000);
    let timeout = passive.fail_timeout_s;
    faults.range(&format!("{place}.fail_timeout_s"), timeout, 0, 3_600);
    faults.range(
        &format!("{place}.error_limit"),
        passive.error_limit,
        1,
        1_000,
    );
}

fn processor(faults: &mut ValidationErrors, spec: &ProcessorSpec) {
    let place = "balancer.processor";
    faults.range(&format!("{place}.cores"), spec.cores, 1, MAX_CORES);
    let costs = [
        ("packet_us", spec.packet_us),
        ("full_handshake_us", spec.full_handshake_us),
        ("resumed_handshake_us", spec.resumed_handshake_us),
        ("request_us", spec.request_us),
    ];
    for (name, cost) in costs {
        faults.span(&format!("{place}.{name}"), cost, 0);
    }
    faults.range(&format!("{place}.backlog"), spec.backlog, 0, MAX_WAITING);
}

fn retries(faults: &mut ValidationErrors, spec: &RetrySpec) {
    faults.range("balancer.retries.tries", spec.tries, 1, MAX_TRIES);
    for (index, cause) in spec.on.iter().enumerate() {
        let twice = spec.on[..index].contains(cause);
        faults.check(!twice, &format!("balancer.retries.on[{index}]"), || {
            "stands there twice".into()
        });
    }
    if let Some(permille) = spec.budget_permille {
        faults.range("balancer.retries.budget_permille", permille, 0, 1_000);
    }
}

fn slow_start(faults: &mut ValidationErrors, rule: &SlowStart) {
    let place = "balancer.slow_start";
    // HAProxy counts whole seconds.
    let least = match rule.shape {
        SlowStartCurve::Haproxy => 1_000_000,
        _ => 1_000,
    };
    faults.span(&format!("{place}.window_us"), rule.window_us, least);
    if let SlowStartCurve::Envoy(shape) = rule.shape {
        let place = format!("{place}.shape.envoy");
        let (aggression, min) = (shape.aggression_permille, shape.min_percent);
        faults.range(
            &format!("{place}.aggression_permille"),
            aggression,
            1,
            1_000_000,
        );
        faults.range(&format!("{place}.min_percent"), min, 0, 100);
    }
}
