//! Validation: from text to a scenario that the engine may trust. All faults are collected, each with its place.

use std::fmt;

use super::limits::{
    MAX_CLASSES, MAX_CLIENTS, MAX_FILE, MAX_PEOPLE, MAX_RATE_RPS, MAX_SERVERS, MAX_SLOTS,
    MAX_SPAN_US, MAX_TEXT, MAX_USERS,
};
use super::{Scenario, ServerSpec};
use crate::balance::endpoint::MAX_WEIGHT;
use crate::balance::l7::rules::Rule;
use crate::fleet::spec::{ArrivalProcess, ClassSpec, ClientSpec, Work};
use crate::time::SimDuration;

mod balancer;
mod edge;
mod rules;

/// One fault of a scenario, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidationError {
    /// The place: `servers[2].weight`, or line and column of text that cannot be read.
    pub place: String,
    /// The reason: what is wrong and what would be right.
    pub reason: String,
}

/// All faults of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError(pub Vec<ValidationError>);

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            let gap = if index == 0 { "" } else { "; " };
            write!(f, "{gap}{}: {}", fault.place, fault.reason)?;
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
    let mut faults = ValidationErrors::default();
    faults.check(scenario.version == 1, "version", || {
        "only version 1 is known".into()
    });
    faults.text("name", &scenario.name);
    let rate = scenario.arrivals.rate_rps;
    faults.check(
        (0.0..=MAX_RATE_RPS).contains(&rate),
        "arrivals.rate_rps",
        || format!("{rate} is not between 0 and {MAX_RATE_RPS}"),
    );
    arrivals(&mut faults, scenario);
    faults.count("clients", scenario.clients.len(), MAX_CLIENTS);
    faults.count("classes", scenario.classes.len(), MAX_CLASSES);
    faults.check(scenario.servers.len() <= MAX_SERVERS, "servers", || {
        format!(
            "{} are more than the limit of {MAX_SERVERS}",
            scenario.servers.len()
        )
    });
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
    for (index, spec) in scenario.clients.iter().enumerate() {
        client(&mut faults, &format!("clients[{index}]"), spec);
    }
    for (index, spec) in scenario.classes.iter().enumerate() {
        class(&mut faults, &format!("classes[{index}]"), spec);
    }
    for (index, spec) in scenario.servers.iter().enumerate() {
        server(&mut faults, &format!("servers[{index}]"), spec);
        let twin = scenario.servers[..index]
            .iter()
            .position(|other| other.name == spec.name);
        faults.check(twin.is_none(), &format!("servers[{index}].name"), || {
            format!(
                "\"{}\" is the name of servers[{}] already",
                spec.name,
                twin.unwrap_or(0)
            )
        });
    }
    faults.span("links.client_us", scenario.links.client_us, 0);
    faults.span("links.server_us", scenario.links.server_us, 0);
    if let Some(connections) = &scenario.connections {
        faults.span("connections.idle_us", connections.idle_us, 0);
    }
    balancer::check(&mut faults, &scenario.balancer);
    rules::check(&mut faults, scenario);
    edge::check(&mut faults, scenario);
    faults.0
}

/// All faults of one rule, given the names of the pools.
#[must_use]
pub fn rule_faults(rule: &Rule, pools: &[String]) -> Vec<ValidationError> {
    let mut faults = ValidationErrors::default();
    rules::rule(&mut faults, "rule", rule, pools);
    faults.0
}

fn arrivals(faults: &mut ValidationErrors, scenario: &Scenario) {
    let spec = &scenario.arrivals;
    faults.span("arrivals.think_us", spec.think_us, 0);
    if let Some(bursts) = spec.bursts {
        faults.span("arrivals.bursts.on_us", bursts.on_us, 1_000);
        faults.span("arrivals.bursts.off_us", bursts.off_us, 1_000);
    }
    if let Some(spike) = spec.spike {
        faults.span("arrivals.spike.at_us", spike.at_us, 0);
        faults.span("arrivals.spike.for_us", spike.for_us, 1_000);
        faults.range(
            "arrivals.spike.times_permille",
            spike.times_permille,
            0,
            1_000_000,
        );
    }
    if spec.process == ArrivalProcess::ClosedLoop {
        let users: u64 = scenario
            .clients
            .iter()
            .map(|client| u64::from(client.users))
            .sum();
        faults.check(users <= MAX_PEOPLE, "clients", || {
            format!("{users} users are more than the limit of {MAX_PEOPLE} in a closed loop")
        });
    }
}

fn client(faults: &mut ValidationErrors, place: &str, spec: &ClientSpec) {
    faults.text(&format!("{place}.name"), &spec.name);
    faults.length(&format!("{place}.note"), &spec.note);
    faults.range(&format!("{place}.users"), spec.users, 1, MAX_USERS);
    faults.range(&format!("{place}.share"), spec.share, 0, 1_000_000);
    let place = format!("{place}.requests_per_connection");
    faults.range(&place, spec.requests_per_connection, 1, 1_000_000);
}

fn class(faults: &mut ValidationErrors, place: &str, spec: &ClassSpec) {
    faults.range(&format!("{place}.share"), spec.share, 0, 1_000_000);
    faults.range(&format!("{place}.items"), spec.items, 1, 1_000_000);
    faults.text(&format!("{place}.path"), &spec.path);
    rules::letter(faults, place, spec);
    let work = format!("{place}.work");
    match spec.work {
        Work::Fixed { us } => faults.span(&format!("{work}.us"), us, 1),
        Work::Exponential { mean_us } => faults.span(&format!("{work}.mean_us"), mean_us, 1),
        Work::LogNormal { median_us, sigma } => {
            faults.span(&format!("{work}.median_us"), median_us, 1);
            faults.check(
                (0.0..=4.0).contains(&sigma),
                &format!("{work}.sigma"),
                || format!("{sigma} is not between 0 and 4"),
            );
        }
        Work::Bimodal {
            us,
            rare_us,
            rare_permille,
        } => {
            faults.span(&format!("{work}.us"), us, 1);
            faults.span(&format!("{work}.rare_us"), rare_us, 1);
            faults.range(&format!("{work}.rare_permille"), rare_permille, 0, 1_000);
        }
        Work::Pareto { min_us, alpha } => {
            faults.span(&format!("{work}.min_us"), min_us, 1);
            faults.check(
                alpha > 1.0 && alpha <= 100.0,
                &format!("{work}.alpha"),
                || format!("{alpha} is not over 1 and up to 100"),
            );
        }
    }
}

fn server(faults: &mut ValidationErrors, place: &str, spec: &ServerSpec) {
    faults.text(&format!("{place}.name"), &spec.name);
    faults.text(&format!("{place}.address"), &spec.address);
    faults.range(&format!("{place}.weight"), spec.weight, 0, MAX_WEIGHT);
    faults.range(&format!("{place}.workers"), spec.workers, 1, MAX_SLOTS);
    faults.range(&format!("{place}.queue"), spec.queue, 0, MAX_SLOTS);
    if let Some(most) = spec.max_conns {
        faults.range(&format!("{place}.max_conns"), most, 1, 1_000_000);
    }
    faults.range(
        &format!("{place}.speed_permille"),
        spec.speed_permille,
        1,
        1_000_000,
    );
}

fn shares(faults: &mut ValidationErrors, list: &str, mut shares: impl Iterator<Item = u32>) {
    let any = shares.any(|share| share > 0);
    faults.check(any, list, || "at least one needs a share over 0".into());
}

/// A collector of faults.
#[derive(Default)]
struct ValidationErrors(Vec<ValidationError>);

impl ValidationErrors {
    fn check(&mut self, good: bool, place: &str, reason: impl FnOnce() -> String) {
        if !good {
            self.0.push(ValidationError {
                place: place.to_string(),
                reason: reason(),
            });
        }
    }

    fn range(&mut self, place: &str, value: u32, min: u32, max: u32) {
        self.check((min..=max).contains(&value), place, || {
            format!("{value} is not between {min} and {max}")
        });
    }

    fn span(&mut self, place: &str, span: SimDuration, min: u64) {
        let us = span.as_us();
        self.check((min..=MAX_SPAN_US).contains(&us), place, || {
            format!("{us} is not between {min} and {MAX_SPAN_US} microseconds")
        });
    }

    fn count(&mut self, place: &str, count: usize, max: usize) {
        self.check(count >= 1 && count <= max, place, || {
            format!("{count} entries; between 1 and {max} are needed")
        });
    }

    fn text(&mut self, place: &str, text: &str) {
        self.check(!text.trim().is_empty(), place, || "is empty".into());
        self.length(place, text);
    }

    fn length(&mut self, place: &str, text: &str) {
        let length = text.chars().count();
        self.check(length <= MAX_TEXT, place, || {
            format!("{length} characters are more than the limit of {MAX_TEXT}")
        });
    }
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
        assert_eq!(places, ["clients", "clients", "servers[0].workers"]);
        let large = " ".repeat(MAX_FILE + 1);
        assert!(
            parse(&large)
                .expect_err("too large")
                .to_string()
                .starts_with("file: ")
        );
    }
}
