//! The validation of the names that pools, servers and rules refer to.

use super::balancer::implementation;
use crate::balance::l7::rules::{RouteAction, Rule, SplitWeight};
use crate::field::Faults;
use crate::scenario::Scenario;

/// Checks `pools`, `servers[].pool` and `rules`, as far as they refer to each other.
pub(super) fn check(faults: &mut Faults, scenario: &Scenario) {
    let names = scenario.pool_names();
    for (index, spec) in scenario.pools.iter().enumerate() {
        implementation(
            faults,
            &format!("pools[{index}]"),
            spec.algorithm,
            spec.engine,
        );
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
    for (index, spec) in scenario.rules.iter().enumerate() {
        rule(faults, &format!("rules[{index}]"), spec, &names);
    }
}

fn known(faults: &mut Faults, place: &str, name: &str, names: &[String]) {
    faults.check(names.iter().any(|known| known == name), place, || {
        format!(
            "there is no pool \"{name}\"; there are: {}",
            names.join(", ")
        )
    });
}

pub(super) fn rule(faults: &mut Faults, place: &str, spec: &Rule, names: &[String]) {
    let place = format!("{place}.then");
    match &spec.then {
        RouteAction::Pool(name) => known(faults, &format!("{place}.pool"), name, names),
        RouteAction::Split(parts) => split(faults, &format!("{place}.split"), parts, names),
        RouteAction::Inject(headers) => {
            faults.check(!headers.is_empty(), &format!("{place}.inject"), || {
                "names no header".into()
            });
        }
        _ => {}
    }
}

fn split(faults: &mut Faults, place: &str, parts: &[SplitWeight], names: &[String]) {
    for (index, part) in parts.iter().enumerate() {
        known(faults, &format!("{place}[{index}].pool"), &part.pool, names);
    }
    super::shares(faults, place, parts.iter().map(|part| part.share));
}
