//! Writes a scene as a whole HAProxy configuration that starts.

use super::print_rules::{rules, table, tables};
use crate::ConfigFormat;
use crate::algorithms::to_haproxy;
use crate::pools::{Pool, pools};
use crate::remark::Remark;
use crate::text::{ConfigWriter, host_and_port, placeholder_address, time, truncated};
use crate::unsupported::beyond;
use evenkeel_sim::balance::algorithm::{HashOptions, Implementation};
use evenkeel_sim::balance::endpoint::Tier;
use evenkeel_sim::balance::retry::RetryOn;
use evenkeel_sim::balance::set::BackupRule;
use evenkeel_sim::balance::slow_start::SlowStartCurve;
use evenkeel_sim::balance::spec::{BalancerSpec, Layer};
use evenkeel_sim::health::active::InitState;
use evenkeel_sim::health::observe::{Observe, OnError};
use evenkeel_sim::health::passive::{PassiveRule, PassiveSpec};
use evenkeel_sim::scenario::Scenario;

const PROGRAM: &str = "HAProxy";

/// Writes the scene as HAProxy's configuration.
#[must_use]
pub fn print(scene: &Scenario) -> String {
    let balancer = &scene.balancer;
    let tcp = balancer.layer == Layer::L4;
    let pools = pools(scene);
    let mut out = ConfigWriter::new("    ");
    out.comment(Remark::Title {
        scene: truncated(&scene.name),
    });
    out.comment(Remark::NotHere);
    for remark in beyond(scene, ConfigFormat::Haproxy) {
        out.comment(remark);
    }
    section(&mut out, "global", |out| {
        // One thread: each has a part of the state of its own.
        out.line("nbthread 1");
    });
    section(&mut out, "defaults", |out| {
        out.line(if tcp { "mode tcp" } else { "mode http" });
        out.line("timeout connect 5s");
        out.line("timeout client 1m");
        out.line(format_args!(
            "timeout server {}",
            time(balancer.request_timeout_us)
        ));
    });
    let tables = if tcp {
        Vec::new()
    } else {
        tables(&scene.rules, &pools)
    };
    section(&mut out, "frontend web", |out| {
        out.line("bind :80");
        if balancer.tls_us.as_us() > 0 && !tcp {
            out.comment(Remark::Tls);
            out.comment("bind :443 ssl crt /etc/haproxy/site.pem");
        }
        if !tcp {
            rules(&scene.rules, &pools, &tables, out);
        }
        out.line(format_args!("default_backend {}", pools[0].name));
    });
    for pool in &pools {
        let head = format!("backend {}", pool.name);
        section(&mut out, &head, |out| backend(scene, pool, tcp, out));
    }
    for own in &tables {
        let head = format!("backend {}", own.name);
        section(&mut out, &head, |out| table(own, out));
    }
    out.finish()
}

fn section(out: &mut ConfigWriter, head: &str, inside: impl FnOnce(&mut ConfigWriter)) {
    out.blank_line();
    out.line(head);
    out.indented(inside);
}

fn backend(scene: &Scenario, pool: &Pool<'_>, tcp: bool, out: &mut ConfigWriter) {
    let balancer = &scene.balancer;
    remarks(balancer, pool.engine, out);
    let spelling = to_haproxy(pool.algorithm, pool.draws, tcp);
    if let Some(remark) = &spelling.remark {
        out.comment(remark);
    }
    for line in with_haproxy_options(spelling.lines.clone(), balancer) {
        out.line(&line);
    }
    queue(scene, out);
    if tcp {
        if balancer.retries.tries > 1 {
            out.comment(Remark::RetriesL4);
        }
        out.line("retries 0");
    } else {
        retries(balancer, out);
    }
    let sticky = balancer.sticky_cookie && !tcp;
    if sticky {
        out.line("cookie SRV insert indirect nocache");
    }
    let backups = pool
        .servers
        .iter()
        .filter(|(_, _, server)| server.tier == Tier::Backup);
    if backups.count() > 1 && balancer.backups == BackupRule::All {
        out.line("option allbackups");
    }
    checks(balancer, tcp, out);
    servers(pool, spelling.weighted, sticky, out);
}

/// The lines of an algorithm, with the settings that only HAProxy has.
fn with_haproxy_options(lines: Vec<String>, balancer: &BalancerSpec) -> Vec<String> {
    if balancer.static_table && lines == ["balance roundrobin"] {
        return vec!["balance static-rr".to_owned()];
    }
    let hash = balancer.hash;
    let hashes = lines[0] == "balance source" || lines[0] == "balance uri";
    if !hashes || hash == HashOptions::default() {
        return lines;
    }
    let ring = hash.consistent || lines.iter().any(|line| line == "hash-type consistent");
    let mut kind = vec![if ring { "consistent" } else { "map-based" }];
    if let Some(function) = hash.function {
        kind.push(function.word());
        kind.extend(hash.avalanche.then_some("avalanche"));
    }
    let mut found = vec![lines[0].clone(), format!("hash-type {}", kind.join(" "))];
    let rest = lines[1..].iter();
    found.extend(rest.filter(|line| !line.starts_with("hash-type")).cloned());
    found
}

/// Remarks on what the scene's balancer does and HAProxy does not.
fn remarks(balancer: &BalancerSpec, engine: Implementation, out: &mut ConfigWriter) {
    if engine != Implementation::Haproxy {
        out.comment(Remark::OtherForm {
            form: engine.label(),
            program: PROGRAM,
        });
    }
    if balancer.panic_percent > 0 {
        out.comment(Remark::Panic { program: PROGRAM });
    }
    if balancer.fail_open {
        out.comment(Remark::FailOpen { program: PROGRAM });
    }
}

fn queue(scene: &Scenario, out: &mut ConfigWriter) {
    let has_limit = scene
        .servers
        .iter()
        .any(|server| server.max_conns.is_some());
    match &scene.balancer.queue {
        Some(queue) => {
            out.comment(Remark::QueueBound { limit: queue.limit });
            out.line(format_args!("timeout queue {}", time(queue.timeout_us)));
        }
        None if has_limit => out.comment(Remark::QueueAlways),
        None => {}
    }
}

fn retries(balancer: &BalancerSpec, out: &mut ConfigWriter) {
    let spec = &balancer.retries;
    if spec.tries <= 1 || spec.on.is_empty() {
        out.line("retries 0");
        return;
    }
    let words: Vec<&str> = spec.on.iter().map(|cause| cause_word(*cause)).collect();
    if let Some(permille) = spec.budget_permille {
        out.comment(Remark::Budget {
            percent: format!("{}", f64::from(permille.0) / 10.0),
            program: PROGRAM,
        });
    }
    out.line(format_args!("retries {}", spec.tries - 1));
    out.line("option redispatch 1");
    out.line(format_args!("retry-on {}", words.join(" ")));
    if !spec.non_idempotent {
        out.line("http-request disable-l7-retry if METH_POST");
    }
}

const fn cause_word(cause: RetryOn) -> &'static str {
    match cause {
        RetryOn::Refused => "conn-failure",
        RetryOn::Reset => "empty-response",
        RetryOn::TimedOut => "response-timeout",
        RetryOn::ServerError => "500",
        RetryOn::QueueFull => "503",
    }
}

/// Writes the checks, for all servers at once.
fn checks(balancer: &BalancerSpec, tcp: bool, out: &mut ConfigWriter) {
    let mut words = String::new();
    if let Some(active) = &balancer.active_checks {
        if active.init == InitState::FullyUp {
            out.comment(Remark::StartsAtRise);
        }
        out.line("option httpchk GET /health");
        out.line("http-check expect status 200");
        out.line(format_args!("timeout check {}", time(active.timeout_us)));
        words += &format!(
            " check inter {} fastinter {} downinter {} rise {} fall {}",
            time(active.interval_us),
            time(active.fast_interval_us),
            time(active.down_interval_us),
            active.rise,
            active.fall
        );
    }
    match &balancer.passive_checks {
        Some(_) if balancer.active_checks.is_none() => out.comment(Remark::PassiveNeedsActive),
        Some(passive) => {
            if passive.rule != PassiveRule::Haproxy {
                out.comment(Remark::PassiveNearest { program: PROGRAM });
            }
            words += &observe(passive, tcp);
        }
        None => {}
    }
    if let Some(slow) = &balancer.slow_start {
        if slow.shape != SlowStartCurve::Haproxy {
            out.comment(Remark::SlowStartShape { program: PROGRAM });
        }
        words += &format!(" slowstart {}", time(slow.window_us));
    }
    if let Some(kept) = balancer.keepalive.filter(|_| !tcp) {
        let (idle, delay) = (kept.idle, time(kept.timeout_us));
        words += &format!(" pool-max-conn {idle} pool-purge-delay {delay}");
    }
    if !words.is_empty() {
        out.line(format_args!("default-server{words}"));
    }
}

fn observe(passive: &PassiveSpec, tcp: bool) -> String {
    let (limit, on_error) = match passive.rule {
        PassiveRule::Haproxy => (passive.error_limit, passive.on_error),
        PassiveRule::Nginx => (passive.max_fails.max(1), OnError::MarkDown),
        PassiveRule::Consecutive => (passive.consecutive_failures, OnError::MarkDown),
    };
    let layer = match passive.observe {
        Observe::Nothing if passive.rule == PassiveRule::Haproxy => return String::new(),
        Observe::Layer4 => "layer4",
        _ if tcp => "layer4",
        _ => "layer7",
    };
    let on_error = match on_error {
        OnError::FastInter => "fastinter",
        OnError::FailCheck => "fail-check",
        OnError::SuddenDeath => "sudden-death",
        OnError::MarkDown => "mark-down",
    };
    format!(" observe {layer} error-limit {limit} on-error {on_error}")
}

fn servers(pool: &Pool<'_>, weighted: bool, sticky: bool, out: &mut ConfigWriter) {
    if pool.servers.is_empty() {
        out.comment(Remark::NoServers);
        out.line(format_args!(
            "server none {} disabled",
            placeholder_address(0)
        ));
    }
    for (place, name, server) in &pool.servers {
        let address = match host_and_port(&server.address) {
            Some((host, port)) => format!("{host}:{}", port.unwrap_or(80)),
            None => placeholder_address(*place),
        };
        let mut line = format!("server {name} {address}");
        if server.weight == 0 || (weighted && server.weight != 1) {
            line += &format!(" weight {}", server.weight);
        }
        if let Some(most) = server.max_conns {
            line += &format!(" maxconn {most}");
        }
        if let Some(most) = server.max_queue {
            line += &format!(" maxqueue {most}");
        }
        if sticky {
            line += &format!(" cookie {name}");
        }
        if server.tier == Tier::Backup {
            line += " backup";
        }
        if truncated(&server.name) != *name {
            out.comment(Remark::Replaced {
                was: truncated(&server.name),
            });
        }
        out.line(line);
    }
}
