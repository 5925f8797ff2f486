//! Writes a scene as a whole nginx configuration that starts.

use super::print_rules::RulePlan;
use crate::ConfigFormat;
use crate::algorithms::{AlgorithmDirective, allows_no_backup, to_nginx};
use crate::pools::{Pool, pools};
use crate::remark::Remark;
use crate::text::{ConfigWriter, host_and_port, placeholder_address, time, truncated};
use crate::unsupported::beyond;
use evenkeel_sim::balance::algorithm::Implementation;
use evenkeel_sim::balance::endpoint::Tier;
use evenkeel_sim::balance::l7::rules::Rule;
use evenkeel_sim::balance::retry::RetryOn;
use evenkeel_sim::balance::spec::{BalancerSpec, Layer};
use evenkeel_sim::health::passive::PassiveRule;
use evenkeel_sim::scenario::{Scenario, ServerSpec};

const PROGRAM: &str = "nginx";

/// Writes the scene as nginx's configuration.
#[must_use]
pub fn print(scene: &Scenario) -> String {
    let stream = scene.balancer.layer == Layer::L4;
    let mut out = ConfigWriter::new("    ");
    out.comment(Remark::Title {
        scene: truncated(&scene.name),
    });
    out.comment(Remark::NotHere);
    for remark in beyond(scene, ConfigFormat::Nginx) {
        out.comment(remark);
    }
    if stream {
        // Where nginx's stream module is a file of its own, this loads it.
        out.line("include /etc/nginx/modules-enabled/*.conf;");
    }
    // One process. The upstreams have a `zone`: several would share one state.
    out.line("worker_processes 1;");
    out.blank_line();
    out.line("events {}");
    out.blank_line();
    let context = if stream { "stream" } else { "http" };
    out.block(context, |out| {
        remarks(scene, out);
        let pools = pools(scene);
        for pool in &pools {
            upstream(&scene.balancer, pool, stream, out);
            out.blank_line();
        }
        let rules: &[Rule] = if stream { &[] } else { &scene.rules };
        let plan = RulePlan::new(rules, &pools);
        plan.reader(&pools, out);
        server(scene, &pools, (stream, &plan), out);
    });
    out.finish()
}

/// Remarks on what the scene's balancer does and nginx does not.
fn remarks(scene: &Scenario, out: &mut ConfigWriter) {
    let balancer = &scene.balancer;
    if balancer.engine != Implementation::Nginx {
        other_form(balancer.engine, out);
    }
    if let Some(checks) = &balancer.active_checks {
        let plus = format!(
            "health_check interval={} fails={} passes={} uri=/health;",
            time(checks.interval_us),
            checks.fall,
            checks.rise
        );
        out.comment(Remark::NginxChecks { plus });
    }
    if let Some(slow) = &balancer.slow_start {
        out.comment(Remark::NginxOnlyPlus {
            directive: format!("slow_start={} at each server", time(slow.window_us)),
        });
    }
    if balancer.sticky_cookie {
        out.comment(Remark::NginxPlus {
            directive: "sticky cookie srv_id;".to_owned(),
        });
    }
    if let Some(queue) = &balancer.queue {
        out.comment(Remark::NginxOnlyPlus {
            directive: format!("queue {} timeout={};", queue.limit, time(queue.timeout_us)),
        });
    }
    if scene.servers.iter().any(|one| one.max_queue.is_some()) {
        out.comment(Remark::NoOwnQueue { program: PROGRAM });
    }
    if balancer.panic_percent > 0 {
        out.comment(Remark::Panic { program: PROGRAM });
    }
    if balancer.fail_open {
        out.comment(Remark::FailOpen { program: PROGRAM });
    }
}

fn upstream(balancer: &BalancerSpec, pool: &Pool<'_>, stream: bool, out: &mut ConfigWriter) {
    let spelling = to_nginx(pool.algorithm, pool.draws, stream);
    let name = &pool.name;
    out.block(format_args!("upstream {name}"), |out| {
        // A kibibyte holds a server, and there is room to spare.
        let kib = (pool.servers.len() * 2).max(64);
        out.line(format_args!("zone {name} {kib}k;"));
        if pool.engine != balancer.engine && pool.engine != Implementation::Nginx {
            other_form(pool.engine, out);
        }
        if let Some(remark) = &spelling.remark {
            out.comment(remark);
        }
        for line in &spelling.lines {
            out.line(format_args!("{line};"));
        }
        let passive = balancer.passive_checks;
        if !stream && passive.is_some_and(|one| one.rule != PassiveRule::Nginx) {
            out.comment(Remark::PassiveNearest { program: PROGRAM });
        }
        servers(balancer, pool, &spelling, stream, out);
        match &balancer.keepalive {
            Some(kept) if !stream && kept.idle > 0 => {
                out.line(format_args!("keepalive {};", kept.idle));
                out.line(format_args!("keepalive_timeout {};", time(kept.timeout_us)));
            }
            _ => {}
        }
    });
}

fn other_form(form: Implementation, out: &mut ConfigWriter) {
    out.comment(Remark::OtherForm {
        form: form.label(),
        program: PROGRAM,
    });
}

fn servers(
    balancer: &BalancerSpec,
    pool: &Pool<'_>,
    spelling: &AlgorithmDirective,
    stream: bool,
    out: &mut ConfigWriter,
) {
    if pool.servers.is_empty() {
        out.comment(Remark::NoServers);
        out.line(format_args!("server {} down;", placeholder_address(0)));
        return;
    }
    let no_backups = spelling
        .lines
        .iter()
        .any(|line| line.split([' ', ';']).next().is_some_and(allows_no_backup));
    let all_backups = pool
        .servers
        .iter()
        .all(|(_, _, server)| server.tier == Tier::Backup);
    if all_backups {
        out.comment(Remark::BackupsOnly);
    }
    let passive = passive(balancer);
    for (place, name, server) in &pool.servers {
        let backup = server.tier == Tier::Backup && !all_backups;
        let line = server_line(
            server,
            *place,
            (stream, spelling.weighted, backup && !no_backups),
            &passive,
        );
        // A name in other letters stands there as it is; the comment is one word to be read back.
        let label = truncated(&server.name);
        let label = if label.contains(char::is_whitespace) {
            name
        } else {
            &label
        };
        if server.weight == 0 {
            out.comment(Remark::WeightZero);
        }
        if backup && no_backups {
            out.comment(Remark::NoBackupWithMethod);
            out.comment(format_args!("{line}; {label}"));
        } else {
            out.line(format_args!("{line}; # {label}"));
        }
    }
}

/// The parameters of every server that make the scene's passive checks.
fn passive(balancer: &BalancerSpec) -> String {
    let Some(config) = &balancer.passive_checks else {
        return " max_fails=0".to_owned();
    };
    match config.rule {
        PassiveRule::Nginx if config.max_fails == 0 => " max_fails=0".to_owned(),
        PassiveRule::Nginx => format!(
            " max_fails={} fail_timeout={}s",
            config.max_fails, config.fail_timeout_s
        ),
        PassiveRule::Consecutive => format!(
            " max_fails={} fail_timeout={}",
            config.consecutive_failures,
            time(config.base_ejection_us)
        ),
        PassiveRule::Haproxy => format!(" max_fails={}", config.error_limit),
    }
}

fn server_line(
    server: &ServerSpec,
    place: usize,
    (stream, weighted, backup): (bool, bool, bool),
    passive: &str,
) -> String {
    let address = match host_and_port(&server.address) {
        // At L4 there is no port that goes without saying.
        Some((host, None)) if stream => format!("{host}:80"),
        Some(_) => server.address.clone(),
        None => placeholder_address(place),
    };
    let mut line = format!("server {address}");
    if weighted && server.weight > 1 {
        line += &format!(" weight={}", server.weight);
    }
    if let Some(most) = server.max_conns {
        line += &format!(" max_conns={most}");
    }
    line += passive;
    if server.weight == 0 {
        line += " down";
    }
    if backup {
        line += " backup";
    }
    line
}

fn server(
    scene: &Scenario,
    pools: &[Pool<'_>],
    (stream, plan): (bool, &RulePlan<'_>),
    out: &mut ConfigWriter,
) {
    let balancer = &scene.balancer;
    let timeout = time(balancer.request_timeout_us);
    let main = &pools[0].name;
    out.block("server", |out| {
        out.line("listen 80;");
        if stream {
            if balancer.retries.tries > 1 {
                out.comment(Remark::RetriesL4);
            }
            out.line("proxy_next_upstream off;");
            out.line(format_args!("proxy_timeout {timeout};"));
            out.line(format_args!("proxy_pass {main};"));
            return;
        }
        if balancer.tls_us.as_us() > 0 {
            out.comment(Remark::Tls);
            out.comment("listen 443 ssl;");
            out.comment("ssl_certificate /etc/nginx/site.pem;");
            out.comment("ssl_certificate_key /etc/nginx/site.key;");
        }
        out.line(format_args!("proxy_read_timeout {timeout};"));
        retries(balancer, out);
        plan.lines(main, out);
        plan.locations(pools, out);
    });
}

fn retries(balancer: &BalancerSpec, out: &mut ConfigWriter) {
    let spec = &balancer.retries;
    let has = |cause| spec.on.contains(&cause);
    let mut words: Vec<&str> = Vec::new();
    if spec.tries > 1 {
        let named = [
            (has(RetryOn::Refused) || has(RetryOn::Reset), "error"),
            (has(RetryOn::TimedOut), "timeout"),
            (has(RetryOn::ServerError), "http_500"),
            (has(RetryOn::QueueFull), "http_503"),
        ];
        words.extend(named.iter().filter(|(on, _)| *on).map(|(_, word)| word));
    }
    if words.is_empty() {
        out.line("proxy_next_upstream off;");
        return;
    }
    let counts = balancer
        .passive_checks
        .is_some_and(|passive| passive.count_server_errors);
    if !counts && (has(RetryOn::ServerError) || has(RetryOn::QueueFull)) {
        out.comment(Remark::RetriesCount);
    }
    if let Some(permille) = spec.budget_permille {
        let percent = format!("{}", f64::from(permille.0) / 10.0);
        out.comment(Remark::Budget {
            percent,
            program: PROGRAM,
        });
    }
    if spec.non_idempotent {
        words.push("non_idempotent");
    }
    out.line(format_args!("proxy_next_upstream {};", words.join(" ")));
    out.line(format_args!("proxy_next_upstream_tries {};", spec.tries));
}
