//! Lists the parts of a scene that a configuration of one balancer cannot express. Every export names them in comments,
//! so that nothing is left out without a remark.

use super::ConfigFormat;
use super::remark::Remark;
use super::text::{time, truncated};
use evenkeel_sim::balance::spec::{BalancerSpec, Layer, ReturnPath};
use evenkeel_sim::scenario::Scenario;

/// The remarks for the head of a program's text.
pub(super) fn beyond(scene: &Scenario, program: ConfigFormat) -> Vec<Remark> {
    let balancer = &scene.balancer;
    let mut found = Vec::new();
    if let Some(world) = &scene.world {
        let sites = world.sites.len();
        found.push(Remark::World { sites });
    } else if scene.dns.is_some() {
        found.push(Remark::Dns);
    }
    found.extend(scene.pair.as_ref().map(|_| Remark::Pair));
    if let Some(processor) = &balancer.processor {
        let cores = processor.cores;
        let directive = match program {
            ConfigFormat::Nginx => format!("worker_processes {cores};"),
            ConfigFormat::Haproxy => format!("nbthread {cores}"),
            ConfigFormat::Envoy => format!("--concurrency {cores}"),
        };
        found.push(Remark::Cores { cores, directive });
    }
    match balancer.layer {
        Layer::L4 => at_l4(scene, program, &mut found),
        Layer::L7 => at_l7(scene, program, &mut found),
    }
    found
}

fn at_l4(scene: &Scenario, program: ConfigFormat, found: &mut Vec<Remark>) {
    let (rules, pools) = (scene.rules.len(), scene.pools.len());
    if rules + pools > 0 {
        found.push(Remark::OnlyAtL7 { rules, pools });
    }
    if scene.balancer.return_path == ReturnPath::Direct {
        let program = program.label();
        found.push(Remark::Direct { program });
    }
}

fn at_l7(scene: &Scenario, program: ConfigFormat, found: &mut Vec<Remark>) {
    for (place, rule) in scene.rules.iter().enumerate().filter(|(_, rule)| !rule.on) {
        let rule = if rule.name.is_empty() {
            (place + 1).to_string()
        } else {
            truncated(&rule.name)
        };
        found.push(Remark::RuleOff { rule });
    }
    let balancer = &scene.balancer;
    found.extend(tickets(balancer, program));
    if let Some(kept) = &balancer.keepalive {
        let idle = kept.idle;
        match program {
            ConfigFormat::Nginx if idle == 0 => found.push(Remark::NoKeepalive),
            ConfigFormat::Nginx => {}
            ConfigFormat::Haproxy => found.push(Remark::PurgeDelay),
            ConfigFormat::Envoy => found.push(Remark::EnvoyKeepalive { idle }),
        }
    } else if program == ConfigFormat::Nginx {
        found.push(Remark::KeepaliveFree);
    }
}

/// The remark on how long a TLS session may be resumed, if TLS ends at the balancer.
fn tickets(balancer: &BalancerSpec, program: ConfigFormat) -> Option<Remark> {
    let lifetime = balancer.ticket_us;
    if balancer.tls_us.as_us() == 0 || lifetime.as_us() == 0 {
        return None;
    }
    // They count whole seconds.
    let seconds = lifetime.as_us().div_ceil(1_000_000);
    let directive = match program {
        ConfigFormat::Nginx => format!("ssl_session_timeout {};", time(lifetime)),
        ConfigFormat::Haproxy => format!("tune.ssl.lifetime {seconds}"),
        ConfigFormat::Envoy => format!("session_timeout: {seconds}s"),
    };
    Some(Remark::Tickets { directive })
}
