//! The validation of pools, rules and request heads.

use super::ValidationErrors;
use crate::balance::l7::rules::{
    AddedHeader, HeaderMatch, RouteAction, RouteMatch, Rule, SplitWeight,
};
use crate::balance::l7::token_bucket::RateLimit;
use crate::fleet::spec::{ClassSpec, RequestKind};
use crate::scenario::limits::{MAX_HEADERS, MAX_POOLS, MAX_RATE_RPS, MAX_RULES};
use crate::scenario::{PoolSpec, Scenario};

/// The most sides of a traffic split.
const MAX_PARTS: usize = 8;

/// Checks `pools`, `servers[].pool` and `rules`.
pub(super) fn check(faults: &mut ValidationErrors, scenario: &Scenario) {
    let names = scenario.pool_names();
    faults.check(names.len() <= MAX_POOLS, "pools", || {
        format!(
            "{} with the main one are more than the limit of {MAX_POOLS}",
            names.len()
        )
    });
    for (index, spec) in scenario.pools.iter().enumerate() {
        pool(faults, &format!("pools[{index}]"), spec);
        // The main pool is the first of the names.
        let twin = names[..=index].contains(&spec.name);
        faults.check(!twin, &format!("pools[{index}].name"), || {
            format!("\"{}\" is the name of another pool already", spec.name)
        });
    }
    for (index, server) in scenario.servers.iter().enumerate() {
        if let Some(name) = &server.pool {
            known(faults, &format!("servers[{index}].pool"), name, &names);
        }
    }
    faults.check(scenario.rules.len() <= MAX_RULES, "rules", || {
        format!(
            "{} are more than the limit of {MAX_RULES}",
            scenario.rules.len()
        )
    });
    for (index, spec) in scenario.rules.iter().enumerate() {
        rule(faults, &format!("rules[{index}]"), spec, &names);
    }
}

fn known(faults: &mut ValidationErrors, place: &str, name: &str, names: &[String]) {
    faults.check(names.iter().any(|known| known == name), place, || {
        format!(
            "there is no pool \"{name}\"; there are: {}",
            names.join(", ")
        )
    });
}

fn pool(faults: &mut ValidationErrors, place: &str, spec: &PoolSpec) {
    faults.text(&format!("{place}.name"), &spec.name);
    faults.range(
        &format!("{place}.draws"),
        spec.draws.unwrap_or(2).into(),
        1,
        16,
    );
    faults.check(
        spec.algorithm.row().has(spec.engine),
        &format!("{place}.engine"),
        || {
            format!(
                "{} has no form of {}",
                spec.engine.label(),
                spec.algorithm.row().id
            )
        },
    );
}

pub(super) fn rule(faults: &mut ValidationErrors, place: &str, spec: &Rule, names: &[String]) {
    faults.length(&format!("{place}.name"), &spec.name);
    when(faults, &format!("{place}.when"), &spec.when);
    let place = format!("{place}.then");
    match &spec.then {
        RouteAction::Pool(name) => known(faults, &format!("{place}.pool"), name, names),
        RouteAction::Split(parts) => split(faults, &format!("{place}.split"), parts, names),
        RouteAction::Auth(header) => faults.text(&format!("{place}.auth"), header),
        RouteAction::Limit(limit) => limits(faults, &format!("{place}.limit"), limit),
        RouteAction::Inject(headers) => injected(faults, &format!("{place}.inject"), headers),
        RouteAction::Static | RouteAction::Block | RouteAction::Upgrade => {}
    }
}

fn when(faults: &mut ValidationErrors, place: &str, spec: &RouteMatch) {
    let texts = [
        ("path", &spec.path),
        ("contains", &spec.contains),
        ("host", &spec.host),
        ("method", &spec.method),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            faults.text(&format!("{place}.{name}"), text);
        }
    }
    for (name, pair) in [("header", &spec.header), ("cookie", &spec.cookie)] {
        if let Some(HeaderMatch { name: own, value }) = pair {
            faults.text(&format!("{place}.{name}.name"), own);
            faults.length(
                &format!("{place}.{name}.value"),
                value.as_deref().unwrap_or_default(),
            );
        }
    }
}

fn split(faults: &mut ValidationErrors, place: &str, parts: &[SplitWeight], names: &[String]) {
    faults.check((2..=MAX_PARTS).contains(&parts.len()), place, || {
        format!(
            "{} parts; between 2 and {MAX_PARTS} are needed",
            parts.len()
        )
    });
    for (index, part) in parts.iter().enumerate() {
        known(faults, &format!("{place}[{index}].pool"), &part.pool, names);
        faults.range(&format!("{place}[{index}].share"), part.share, 0, 1_000_000);
    }
    super::shares(faults, place, parts.iter().map(|part| part.share));
}

fn limits(faults: &mut ValidationErrors, place: &str, limit: &RateLimit) {
    let most = MAX_RATE_RPS as u32 * 1_000;
    faults.range(
        &format!("{place}.rate_permille"),
        limit.rate_permille,
        1,
        most,
    );
    faults.range(&format!("{place}.burst"), limit.burst, 1, 1_000_000);
}

fn injected(faults: &mut ValidationErrors, place: &str, headers: &[AddedHeader]) {
    faults.check(!headers.is_empty(), place, || "names no header".into());
    for (index, header) in headers.iter().enumerate() {
        let twice = headers[..index].contains(header);
        faults.check(!twice, &format!("{place}[{index}]"), || {
            "stands there twice".into()
        });
    }
}

/// Validates the method, host, headers and cookies of a class.
pub(super) fn letter(faults: &mut ValidationErrors, place: &str, spec: &ClassSpec) {
    faults.length(&format!("{place}.host"), &spec.host);
    faults.length(&format!("{place}.method"), &spec.method);
    for (list, pairs) in [("headers", &spec.headers), ("cookies", &spec.cookies)] {
        let place = format!("{place}.{list}");
        faults.check(pairs.len() <= MAX_HEADERS, &place, || {
            format!("{} are more than the limit of {MAX_HEADERS}", pairs.len())
        });
        for (name, value) in pairs {
            faults.text(&place, name);
            faults.length(&format!("{place}.{name}"), value);
        }
    }
    faults.span(&format!("{place}.hold_us"), spec.hold_us, 0);
    let holds = spec.hold_us.as_us() > 0;
    faults.check(
        !holds || spec.kind == RequestKind::WebSocket,
        &format!("{place}.hold_us"),
        || "only a web_socket stays open".into(),
    );
}
