//! Writes an Envoy cluster: policy, checks, outlier detection, limits, endpoints.

use super::duration;
use super::print::{PROGRAM, TYPES};
use crate::algorithms::{EnvoyExtension, EnvoyPolicy, to_envoy};
use crate::pools::Pool;
use crate::remark::Remark;
use crate::text::{ConfigWriter, host_and_port, placeholder_address, truncated};
use evenkeel_sim::balance::endpoint::Tier;
use evenkeel_sim::balance::slow_start::{EnvoySlowStartCurve, SlowStart, SlowStartCurve};
use evenkeel_sim::balance::spec::BalancerSpec;
use evenkeel_sim::health::active::ActiveConfig;
use evenkeel_sim::health::passive::{PassiveRule, PassiveSpec};
use evenkeel_sim::scenario::ServerSpec;
use evenkeel_sim::time::SimDuration;

/// Writes the content of a cluster, below its name.
pub(super) fn cluster(balancer: &BalancerSpec, pool: &Pool<'_>, out: &mut ConfigWriter) {
    let policy = &to_envoy(pool.algorithm, pool.draws);
    // Names are looked up once and again; addresses need no look-up and are taken as they are.
    out.line("type: STRICT_DNS");
    out.line("connect_timeout: 5s");
    if let Some(remark) = &policy.remark {
        out.comment(remark);
    }
    match &policy.extension {
        Some(extension) => load_balancing_policy(balancer, extension, out),
        None => out.line(format_args!("lb_policy: {}", policy.policy)),
    }
    lb_config(balancer, policy, out);
    common(balancer, policy, out);
    if let Some(active) = &balancer.active_checks {
        health_checks(active, out);
    }
    if let Some(passive) = &balancer.passive_checks {
        outliers(passive, out);
    }
    limits(balancer, pool, out);
    out.line("load_assignment:");
    out.indented(|out| {
        out.line(format_args!("cluster_name: {}", pool.name));
        endpoints(pool, policy.weighted, out);
    });
}

fn load_balancing_policy(
    balancer: &BalancerSpec,
    extension: &EnvoyExtension,
    out: &mut ConfigWriter,
) {
    let settings = (extension.settings)(balancer).unwrap_or_default();
    let settings: Vec<String> = settings
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| setting(name, value.as_u64()?))
        .collect();
    let (name, message) = (extension.name, extension.message);
    out.line("load_balancing_policy:");
    out.indented(|out| {
        out.line("policies:");
        out.line("- typed_extension_config:");
        out.indented(|out| {
            out.indented(|out| {
                out.line(format_args!("name: envoy.load_balancing_policies.{name}"));
                out.line("typed_config:");
                out.indented(|out| {
                    out.line(format_args!(
                        "\"@type\": {TYPES}.load_balancing_policies.{name}.v3.{message}"
                    ));
                    for setting in &settings {
                        out.line(setting);
                    }
                });
            });
        });
    });
}

/// A setting of an extension: its name in a scene without the unit, and its value as Envoy writes it.
fn setting(name: &str, value: u64) -> Option<String> {
    if let Some(name) = name.strip_suffix("_us") {
        return Some(format!("{name}: {}", duration(SimDuration::from_us(value))));
    }
    let name = name.strip_suffix("_permille")?;
    Some(format!("{name}: {:?}", value as f64 / 1e3))
}

fn lb_config(balancer: &BalancerSpec, policy: &EnvoyPolicy, out: &mut ConfigWriter) {
    let slow = balancer.slow_start.as_ref();
    let (name, starts) = match policy.policy {
        "ROUND_ROBIN" => ("round_robin_lb_config", true),
        "LEAST_REQUEST" => ("least_request_lb_config", true),
        "RING_HASH" => ("ring_hash_lb_config", false),
        _ => ("", false),
    };
    if slow.is_some() && !starts {
        out.comment(Remark::SlowStartPolicy);
    }
    match name {
        "ring_hash_lb_config" => {
            out.line(format_args!("{name}: {{ minimum_ring_size: 1024 }}"));
        }
        "" => {}
        _ if policy.choices.is_none() && slow.is_none() => {}
        _ => {
            out.line(format_args!("{name}:"));
            out.indented(|out| {
                if let Some(choices) = policy.choices {
                    out.line(format_args!("choice_count: {choices}"));
                }
                if let Some(slow) = slow {
                    slow_start(slow, out);
                }
            });
        }
    }
}

fn slow_start(slow: &SlowStart, out: &mut ConfigWriter) {
    let shape = match slow.shape {
        SlowStartCurve::Envoy(shape) => shape,
        _ => {
            out.comment(Remark::SlowStartShape { program: PROGRAM });
            EnvoySlowStartCurve {
                min_percent: 1,
                ..EnvoySlowStartCurve::default()
            }
        }
    };
    out.line("slow_start_config:");
    out.indented(|out| {
        out.line(format_args!(
            "slow_start_window: {}",
            duration(slow.window_us)
        ));
        let aggression = shape.aggression_permille.ratio();
        out.line("aggression:");
        out.indented(|out| {
            out.line(format_args!("default_value: {aggression:?}"));
            out.line("runtime_key: slow_start.aggression");
        });
        out.line(format_args!(
            "min_weight_percent: {{ value: {} }}",
            shape.min_percent
        ));
    });
}

fn common(balancer: &BalancerSpec, policy: &EnvoyPolicy, out: &mut ConfigWriter) {
    out.line("common_lb_config:");
    out.indented(|out| {
        // Below one percent, of up to a hundred hosts, nobody is healthy: the scene fails open.
        let percent = balancer.panic_percent.max(balancer.fail_open.into());
        out.line(format_args!(
            "healthy_panic_threshold: {{ value: {percent} }}"
        ));
        if let Some(factor) = policy.balance_factor {
            out.line(format_args!(
                "consistent_hashing_lb_config: {{ hash_balance_factor: {factor} }}"
            ));
        }
    });
}

fn health_checks(active: &ActiveConfig, out: &mut ConfigWriter) {
    out.line("health_checks:");
    out.line(format_args!("- timeout: {}", duration(active.timeout_us)));
    out.indented(|out| {
        out.line(format_args!("interval: {}", duration(active.interval_us)));
        // Envoy slows down for hosts that never got traffic; the scene does not.
        out.line(format_args!(
            "no_traffic_interval: {}",
            duration(active.interval_us)
        ));
        out.line(format_args!(
            "unhealthy_interval: {}",
            duration(active.down_interval_us)
        ));
        out.line(format_args!("unhealthy_threshold: {}", active.fall));
        out.line(format_args!("healthy_threshold: {}", active.rise));
        out.line("http_health_check:");
        out.indented(|out| {
            out.line("path: /health");
            // Any other status would take a host out at once, whatever the threshold.
            out.line("retriable_statuses: [{ start: 500, end: 600 }]");
        });
    });
}

fn outliers(passive: &PassiveSpec, out: &mut ConfigWriter) {
    let (failures, base) = match passive.rule {
        PassiveRule::Consecutive => (passive.consecutive_failures, passive.base_ejection_us),
        PassiveRule::Nginx => (
            passive.max_fails.max(1),
            SimDuration::from_secs(u64::from(passive.fail_timeout_s.max(1))),
        ),
        PassiveRule::Haproxy => (passive.error_limit, PassiveSpec::default().base_ejection_us),
    };
    if passive.rule != PassiveRule::Consecutive {
        out.comment(Remark::PassiveNearest { program: PROGRAM });
    }
    let longest = base.max(passive.max_ejection_us);
    out.line("outlier_detection:");
    out.indented(|out| {
        out.line(format_args!("consecutive_5xx: {failures}"));
        out.line(format_args!("base_ejection_time: {}", duration(base)));
        out.line(format_args!("max_ejection_time: {}", duration(longest)));
        out.line(format_args!(
            "max_ejection_percent: {}",
            passive.max_ejection_percent
        ));
        // The scene ejects by failures in a row alone.
        out.line("enforcing_success_rate: 0");
    });
}

fn limits(balancer: &BalancerSpec, pool: &Pool<'_>, out: &mut ConfigWriter) {
    if pool
        .servers
        .iter()
        .any(|(_, _, server)| server.max_conns.is_some())
    {
        out.comment(Remark::NoServerLimit { program: PROGRAM });
    }
    let own_queue = |server: &ServerSpec| server.max_queue.is_some();
    if pool.servers.iter().any(|(_, _, server)| own_queue(server)) {
        out.comment(Remark::NoOwnQueue { program: PROGRAM });
    }
    let budget = balancer
        .retries
        .budget_permille
        .filter(|_| balancer.retries.tries > 1);
    // Envoy has at most three retries under way at once unless it is told otherwise; the scene knows no such limit.
    let unbounded = balancer.retries.tries > 1 && budget.is_none();
    if balancer.queue.is_none() && budget.is_none() && !unbounded {
        return;
    }
    out.line("circuit_breakers:");
    out.indented(|out| {
        out.line("thresholds:");
        out.line("- priority: DEFAULT");
        out.indented(|out| {
            if let Some(queue) = &balancer.queue {
                out.line(format_args!("max_pending_requests: {}", queue.limit));
            }
            if unbounded {
                out.line(format_args!("max_retries: {}", u32::MAX));
            }
            if let Some(permille) = budget {
                out.comment(Remark::EnvoyBudget);
                out.line("retry_budget:");
                out.indented(|out| {
                    let percent = f64::from(permille.0) / 10.0;
                    out.line(format_args!("budget_percent: {{ value: {percent:?} }}"));
                    out.line("min_retry_concurrency: 0");
                });
            }
        });
    });
}

fn endpoints(pool: &Pool<'_>, weighted: bool, out: &mut ConfigWriter) {
    if pool.servers.is_empty() {
        out.line("endpoints: []");
        return;
    }
    out.line("endpoints:");
    let mut priority = 0;
    for tier in [Tier::Primary, Tier::Backup] {
        let is_its = |server: &ServerSpec| server.tier == tier;
        let mut members = pool
            .servers
            .iter()
            .filter(|(_, _, server)| is_its(server))
            .peekable();
        // Priorities must begin at 0 and leave none out.
        if members.peek().is_none() {
            continue;
        }
        out.line(format_args!("- priority: {priority}"));
        priority += 1;
        out.indented(|out| {
            out.line("lb_endpoints:");
            for (place, _, server) in members {
                endpoint(*place, server, weighted, out);
            }
        });
    }
}

fn endpoint(place: usize, server: &ServerSpec, weighted: bool, out: &mut ConfigWriter) {
    let placeholder_address = placeholder_address(place);
    let (host, port) = host_and_port(&server.address)
        .or_else(|| host_and_port(&placeholder_address))
        .unwrap_or(("192.0.2.1", None));
    let host = host.trim_start_matches('[').trim_end_matches(']');
    out.comment(Remark::Machine {
        name: truncated(&server.name),
    });
    out.line("- endpoint:");
    out.indented(|out| {
        out.indented(|out| {
            out.line("address:");
            out.indented(|out| {
                out.line(format_args!(
                    "socket_address: {{ address: \"{host}\", port_value: {} }}",
                    port.unwrap_or(80)
                ));
            });
        });
        if weighted && server.weight > 1 {
            out.line(format_args!("load_balancing_weight: {}", server.weight));
        }
        if server.weight == 0 {
            out.comment(Remark::WeightZero);
            out.line("health_status: DRAINING");
        }
    });
}
