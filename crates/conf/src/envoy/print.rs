//! Writes a scene as a whole Envoy configuration: one listener, and a cluster for each pool.

use super::cluster::cluster;
use super::duration;
use super::rules::{for_all, headers, limit, routes};
use crate::ConfigFormat;
use crate::algorithms::{EnvoyHash, EnvoyPolicy, to_envoy};
use crate::pools::{Pool, pools};
use crate::remark::Remark;
use crate::text::{ConfigWriter, truncated};
use crate::unsupported::beyond;
use evenkeel_sim::balance::algorithm::Implementation;
use evenkeel_sim::balance::retry::{RetryOn, RetrySpec};
use evenkeel_sim::balance::spec::{BalancerSpec, Layer};
use evenkeel_sim::scenario::Scenario;

pub(super) const PROGRAM: &str = "Envoy";
pub(super) const TYPES: &str = "type.googleapis.com/envoy.extensions";

/// Writes the scene as Envoy's configuration.
#[must_use]
pub fn print(scene: &Scenario) -> String {
    let balancer = &scene.balancer;
    let pools = pools(scene);
    let mut out = ConfigWriter::new("  ");
    out.comment(Remark::Title {
        scene: truncated(&scene.name),
    });
    out.comment(Remark::NotHere);
    for remark in beyond(scene, ConfigFormat::Envoy) {
        out.comment(remark);
    }
    if balancer.engine != Implementation::Envoy {
        out.comment(Remark::OtherForm {
            form: balancer.engine.label(),
            program: PROGRAM,
        });
    }
    out.line("static_resources:");
    out.indented(|out| {
        out.line("listeners:");
        out.line("- name: web");
        out.indented(|out| listener(scene, &pools, out));
        out.line("clusters:");
        for pool in &pools {
            out.line(format_args!("- name: {}", pool.name));
            out.indented(|out| cluster(balancer, pool, out));
        }
    });
    out.finish()
}

/// Writes a typed extension: its name, its type, and the fields that `inside` writes.
pub(super) fn extension(
    out: &mut ConfigWriter,
    name: &str,
    kind: &str,
    inside: impl FnOnce(&mut ConfigWriter),
) {
    out.line(format_args!("- name: {name}"));
    out.indented(|out| {
        out.line("typed_config:");
        out.indented(|out| {
            out.line(format_args!("\"@type\": {TYPES}.{kind}"));
            inside(out);
        });
    });
}

fn listener(scene: &Scenario, pools: &[Pool<'_>], out: &mut ConfigWriter) {
    let balancer = &scene.balancer;
    out.line("address:");
    out.indented(|out| out.line("socket_address: { address: 0.0.0.0, port_value: 80 }"));
    if balancer.tls_us.as_us() > 0 && balancer.layer == Layer::L7 {
        out.comment(Remark::EnvoyTls);
    }
    out.line("filter_chains:");
    out.line("- filters:");
    out.indented(|out| match balancer.layer {
        Layer::L4 => tcp(balancer, &pools[0], out),
        Layer::L7 => http(scene, pools, out),
    });
}

fn policy_of(pool: &Pool<'_>) -> EnvoyPolicy {
    to_envoy(pool.algorithm, pool.draws)
}

fn tcp(balancer: &BalancerSpec, pool: &Pool<'_>, out: &mut ConfigWriter) {
    let kind = "filters.network.tcp_proxy.v3.TcpProxy";
    extension(out, "envoy.filters.network.tcp_proxy", kind, |out| {
        out.line("stat_prefix: web");
        out.line(format_args!("cluster: {}", pool.name));
        out.line(format_args!(
            "idle_timeout: {}",
            duration(balancer.request_timeout_us)
        ));
        if balancer.retries.tries > 1 {
            out.comment(Remark::RetriesL4);
        }
        if policy_of(pool).hash != EnvoyHash::None {
            out.line("hash_policy:");
            out.line("- source_ip: {}");
        }
    });
}

fn http(scene: &Scenario, pools: &[Pool<'_>], out: &mut ConfigWriter) {
    let balancer = &scene.balancer;
    let kind = "filters.network.http_connection_manager.v3.HttpConnectionManager";
    extension(
        out,
        "envoy.filters.network.http_connection_manager",
        kind,
        |out| {
            out.line("stat_prefix: web");
            for_all(&scene.rules, out);
            out.line("route_config:");
            out.indented(|out| {
                out.line("name: all");
                headers(&scene.rules, out);
                out.line("virtual_hosts:");
                out.line("- name: all");
                out.indented(|out| {
                    out.line("domains: [\"*\"]");
                    out.line("routes:");
                    routes(scene, pools, out);
                    out.line("- match: { prefix: \"/\" }");
                    out.indented(|out| {
                        out.line("route:");
                        out.indented(|out| route(balancer, &[(&pools[0], 1)], out));
                    });
                });
            });
            out.line("http_filters:");
            limit(&scene.rules, out);
            if balancer.sticky_cookie {
                sticky(out);
            }
            extension(
                out,
                "envoy.filters.http.router",
                "filters.http.router.v3.Router",
                |_| {},
            );
        },
    );
}

/// Writes the target of a route: one cluster, or several by their shares.
pub(super) fn route(balancer: &BalancerSpec, to: &[(&Pool<'_>, u32)], out: &mut ConfigWriter) {
    match to {
        [(pool, _)] => out.line(format_args!("cluster: {}", pool.name)),
        _ => {
            out.line("weighted_clusters:");
            out.indented(|out| {
                out.line("clusters:");
                for (pool, share) in to {
                    out.line(format_args!("- {{ name: {}, weight: {share} }}", pool.name));
                }
            });
        }
    }
    // What is hashed stands at the route, so the first pool that hashes counts.
    let mut hashes = to.iter().map(|(pool, _)| policy_of(pool).hash);
    let hash = hashes.find(|hash| *hash != EnvoyHash::None);
    let timeout = balancer.request_timeout_us;
    let tries = balancer.retries.tries.max(1);
    // The whole time for all tries; each may take as long as in the scene.
    out.line(format_args!(
        "timeout: {}",
        duration(timeout.times(tries.into()))
    ));
    match hash.unwrap_or_default() {
        EnvoyHash::None => {}
        EnvoyHash::Source => {
            out.line("hash_policy:");
            out.line("- connection_properties: { source_ip: true }");
        }
        EnvoyHash::Path => {
            out.line("hash_policy:");
            out.line("- header: { header_name: \":path\" }");
        }
    }
    retries(balancer, out);
}

fn retries(balancer: &BalancerSpec, out: &mut ConfigWriter) {
    let spec = &balancer.retries;
    let on = causes(spec);
    if spec.tries <= 1 || on.is_empty() {
        return;
    }
    out.line("retry_policy:");
    out.indented(|out| {
        out.line(format_args!("retry_on: \"{}\"", on.join(",")));
        if spec.on.contains(&RetryOn::ServerError) || spec.on.contains(&RetryOn::QueueFull) {
            let codes = [(RetryOn::ServerError, "500"), (RetryOn::QueueFull, "503")];
            let codes: Vec<&str> = codes
                .iter()
                .filter(|(cause, _)| spec.on.contains(cause))
                .map(|(_, code)| *code)
                .collect();
            out.line(format_args!(
                "retriable_status_codes: [{}]",
                codes.join(", ")
            ));
        }
        out.line(format_args!("num_retries: {}", spec.tries - 1));
        out.line(format_args!(
            "per_try_timeout: {}",
            duration(balancer.request_timeout_us)
        ));
        // Never the same server twice.
        out.line("retry_host_predicate:");
        out.line("- name: envoy.retry_host_predicates.previous_hosts");
        out.indented(|out| {
            out.line("typed_config:");
            out.indented(|out| {
                out.line(format_args!(
                    "\"@type\": {TYPES}.retry.host.previous_hosts.v3.PreviousHostsPredicate"
                ));
            });
        });
        out.line("host_selection_retry_max_attempts: 5");
    });
}

fn causes(spec: &RetrySpec) -> Vec<&'static str> {
    let has = |cause| spec.on.contains(&cause);
    let named = [
        (has(RetryOn::Refused), "connect-failure"),
        (has(RetryOn::Reset) || has(RetryOn::TimedOut), "reset"),
        (
            has(RetryOn::ServerError) || has(RetryOn::QueueFull),
            "retriable-status-codes",
        ),
    ];
    named
        .iter()
        .filter(|(on, _)| *on)
        .map(|(_, word)| *word)
        .collect()
}

/// Writes the filter for the balancer's own cookie, which names the server.
fn sticky(out: &mut ConfigWriter) {
    let kind = "filters.http.stateful_session.v3.StatefulSession";
    extension(out, "envoy.filters.http.stateful_session", kind, |out| {
        out.line("session_state:");
        out.indented(|out| {
            out.line("name: envoy.http.stateful_session.cookie");
            out.line("typed_config:");
            out.indented(|out| {
                out.line(format_args!(
                    "\"@type\": {TYPES}.http.stateful_session.cookie.v3.CookieBasedSessionState"
                ));
                out.line("cookie: { name: srv, path: / }");
            });
        });
    });
}
