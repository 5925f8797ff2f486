//! The rules of a scene as locations, limits and headers of nginx.

use crate::conf::pools::{Pool, path_alone, written};
use crate::conf::remark::Remark;
use crate::conf::text::{Writer, own};
use crate::sim::balance::front::rules::{Action, Injected, Rule, When};
use crate::sim::balance::front::token_bucket::Limit;

/// A rule for every request.
fn is_for_all(rule: &Rule) -> bool {
    rule.when == When::default()
}

/// A limit that nginx can have, with its place among the rules.
fn limit_of(place: usize, rule: &Rule) -> Option<(usize, Limit)> {
    match (&rule.then, rule.on && is_for_all(rule)) {
        (Action::Limit(limit), true) => Some((place, *limit)),
        _ => None,
    }
}

fn limits(rules: &[Rule]) -> impl Iterator<Item = (usize, Limit)> {
    rules
        .iter()
        .enumerate()
        .filter_map(|(place, rule)| limit_of(place, rule))
}

/// The zones that limits count in.
pub(super) fn zones(rules: &[Rule], out: &mut Writer) {
    for (place, limit) in limits(rules) {
        let permille = u64::from(limit.rate_permille);
        let rate = if permille.is_multiple_of(1_000) {
            format!("{}r/s", permille / 1_000)
        } else {
            format!("{}r/m", (permille * 60).div_ceil(1_000))
        };
        let zone = format!("limit{place}:10m");
        out.line(format_args!(
            "limit_req_zone $binary_remote_addr zone={zone} rate={rate};"
        ));
    }
}

/// What holds for all locations.
pub(super) fn headers(rules: &[Rule], out: &mut Writer) {
    for (place, limit) in limits(rules) {
        let burst = limit.burst.saturating_sub(1);
        let burst = if burst > 0 {
            format!(" burst={burst} nodelay")
        } else {
            String::new()
        };
        out.line(format_args!("limit_req zone=limit{place}{burst};"));
        out.line("limit_req_status 429;");
    }
    let on = |rule: &&Rule| rule.on && is_for_all(rule);
    let mut upgrades = false;
    let mut injected: Vec<Injected> = Vec::new();
    for rule in rules.iter().filter(on) {
        match &rule.then {
            Action::Upgrade => upgrades = true,
            Action::Inject(headers) => injected.extend(headers),
            _ => {}
        }
    }
    injected.sort_unstable();
    injected.dedup();
    out.line("proxy_http_version 1.1;");
    if upgrades {
        out.line("proxy_set_header Upgrade $http_upgrade;");
        out.line("proxy_set_header Connection $http_connection;");
    } else {
        out.line("proxy_set_header Connection \"\";");
    }
    for header in injected {
        let value = match header {
            Injected::XRealIp => "$remote_addr",
            Injected::XForwardedFor => "$proxy_add_x_forwarded_for",
            Injected::XForwardedProto => "$scheme",
            Injected::XRequestId => "$request_id",
        };
        out.line(format_args!("proxy_set_header {} {value};", header.name()));
    }
}

/// A location for each rule that looks at the path alone; a remark for every other one.
pub(super) fn locations(rules: &[Rule], pools: &[Pool<'_>], out: &mut Writer) {
    let mut paths: Vec<&str> = vec!["/"];
    for (place, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.on) {
        let is_written = limit_of(place, rule).is_some()
            || (is_for_all(rule) && matches!(rule.then, Action::Upgrade | Action::Inject(_)));
        if is_written {
            continue;
        }
        let line = match &rule.then {
            Action::Pool(pool) => {
                written(pools, pool).map(|name| format!("proxy_pass http://{name};"))
            }
            Action::Static => Some("root /var/www;".to_owned()),
            Action::Block => Some("return 403;".to_owned()),
            _ => None,
        };
        // The first rule for a path counts, and nginx wants each location once.
        let path = path_alone(rule).filter(|path| !paths.contains(path));
        if let (Some(path), Some(line)) = (path, line) {
            paths.push(path);
            out.block(format_args!("location {path}"), |out| out.line(line));
        } else {
            let rule = if rule.name.is_empty() {
                (place + 1).to_string()
            } else {
                own(&rule.name)
            };
            out.comment(Remark::Rule { rule });
        }
    }
}
