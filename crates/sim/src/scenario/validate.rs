//! Validation: from text to a scenario that the engine may trust. All faults are collected, each with its place. What one
//! field may hold is said beside its struct ([`crate::field`]); here is what depends on several.

use std::fmt;

use super::limits::{MAX_FILE, MAX_PEOPLE};
use super::{Scenario, ServerSpec};
use crate::balance::l7::rules::Rule;
pub use crate::field::ValidationError;
use crate::field::{Checked, Faults};
use crate::fleet::spec::{ArrivalProcess, ClassSpec, RequestKind};

mod balancer;
mod edge;
mod rules;

/// All faults of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError(pub Vec<ValidationError>);

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            let gap = if index == 0 { "" } else { "; " };
            write!(f, "{gap}{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ScenarioError {}

/// Reads and checks a scenario file.
///
/// # Errors
/// Every fault found, each with its place.
pub fn parse(text: &str) -> Result<Scenario, ScenarioError> {
    let fail = |place: &str, reason: String| {
        ScenarioError(vec![ValidationError {
            place: place.to_string(),
            reason,
        }])
    };
    if text.len() > MAX_FILE {
        return Err(fail(
            "file",
            format!("{} bytes, at most {MAX_FILE} are read", text.len()),
        ));
    }
    let scenario: Scenario = serde_json::from_str(text).map_err(|error| {
        let place = format!("line {} column {}", error.line(), error.column());
        let text = error.to_string();
        let reason = text.split(" at line ").next().unwrap_or(&text).to_string();
        fail(&place, reason)
    })?;
    let faults = faults(&scenario);
    if faults.is_empty() {
        Ok(scenario)
    } else {
        Err(ScenarioError(faults))
    }
}

/// All faults of a scenario: if there are none, the engine accepts it.
#[must_use]
pub fn faults(scenario: &Scenario) -> Vec<ValidationError> {
    let mut faults = Faults::default();
    faults.check(scenario.version == 1, "version", || {
        "only version 1 is known".into()
    });
    scenario.check("", &mut faults);
    shares(
        &mut faults,
        "clients",
        scenario.clients.iter().map(|client| client.share),
    );
    shares(
        &mut faults,
        "classes",
        scenario.classes.iter().map(|class| class.share),
    );
    closed_loop(&mut faults, scenario);
    for (index, spec) in scenario.classes.iter().enumerate() {
        web_socket(&mut faults, index, spec);
    }
    for (index, spec) in scenario.servers.iter().enumerate() {
        twin(&mut faults, index, spec, &scenario.servers[..index]);
    }
    balancer::check(&mut faults, &scenario.balancer);
    rules::check(&mut faults, scenario);
    edge::check(&mut faults, scenario);
    faults.0
}

/// All faults of one rule, given the names of the pools.
#[must_use]
pub fn rule_faults(rule: &Rule, pools: &[String]) -> Vec<ValidationError> {
    let mut faults = Faults::default();
    rule.check("rule", &mut faults);
    rules::rule(&mut faults, "rule", rule, pools);
    faults.0
}

fn closed_loop(faults: &mut Faults, scenario: &Scenario) {
    if scenario.arrivals.process == ArrivalProcess::ClosedLoop {
        let users = scenario
            .clients
            .iter()
            .map(|client| u64::from(client.users));
        let users: u64 = users.sum();
        faults.check(users <= MAX_PEOPLE, "clients", || {
            format!("{users} users are more than the limit of {MAX_PEOPLE} in a closed loop")
        });
    }
}

fn web_socket(faults: &mut Faults, index: usize, spec: &ClassSpec) {
    let holds = spec.hold_us.as_us() > 0;
    faults.check(
        !holds || spec.kind == RequestKind::WebSocket,
        &format!("classes[{index}].hold_us"),
        || "only a web_socket stays open".into(),
    );
}

/// Checks that no earlier server has the same name.
fn twin(faults: &mut Faults, index: usize, spec: &ServerSpec, earlier: &[ServerSpec]) {
    let twin = earlier.iter().position(|other| other.name == spec.name);
    faults.check(twin.is_none(), &format!("servers[{index}].name"), || {
        format!(
            "\"{}\" is the name of servers[{}] already",
            spec.name,
            twin.unwrap_or(0)
        )
    });
}

fn shares(faults: &mut Faults, list: &str, mut shares: impl Iterator<Item = u32>) {
    let any = shares.any(|share| share > 0);
    faults.check(any, list, || "at least one needs a share over 0".into());
}

#[cfg(test)]
mod tests {
    use super::super::preset::{DEFAULT_JSON, default_scenario};
    use super::*;

    fn refused(from: &str, to: &str, expected: &str) {
        assert!(
            DEFAULT_JSON.contains(from),
            "{from:?} stands in the default scene"
        );
        let error = parse(&DEFAULT_JSON.replacen(from, to, 1)).expect_err(to);
        assert!(error.to_string().contains(expected), "{to}: {error}");
    }

    #[test]
    fn the_default_scene_is_valid_and_survives_a_round_trip() {
        let scenario = default_scenario();
        let text = serde_json::to_string(&scenario).expect("a scenario can be written");
        assert_eq!(parse(&text), Ok(scenario));
    }

    #[test]
    fn faults_name_place_and_reason() {
        refused(
            "\"weight\": 1",
            "\"weight\": 257",
            "servers[0].weight: 257 is not between 0 and 256",
        );
        refused("\"weight\": 1", "\"weight\": -1", "line ");
        refused(
            "\"rate_rps\": 30",
            "\"rate_rps\": -1",
            "arrivals.rate_rps: -1",
        );
        refused(
            "\"name\": \"B\"",
            "\"name\": \"A\"",
            "servers[1].name: \"A\" is the name of servers[0]",
        );
        refused(
            "weighted_round_robin",
            "psychic",
            "unknown variant `psychic`",
        );
        refused(
            "\"version\": 1",
            "\"version\": 2",
            "version: only version 1",
        );
        refused("\"seed\": 7", "\"sead\": 7", "unknown field `sead`");
        refused("203.0.113.7", "203.0.113", "invalid IP address");
        refused(
            "\"fall\": 3",
            "\"fall\": 0",
            "balancer.active_checks.fall: 0",
        );
        refused("350000", "9999999999", "links.client_us: 9999999999");
    }

    #[test]
    fn all_faults_are_told_at_once_and_large_files_are_refused() {
        let mut scenario = default_scenario();
        scenario.clients.clear();
        scenario.servers[0].workers = 0;
        let places: Vec<String> = faults(&scenario)
            .into_iter()
            .map(|fault| fault.place)
            .collect();
        assert_eq!(places, ["clients", "servers[0].workers", "clients"]);
        let large = " ".repeat(MAX_FILE + 1);
        assert!(
            parse(&large)
                .expect_err("too large")
                .to_string()
                .starts_with("file: ")
        );
    }
}
