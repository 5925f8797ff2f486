//! Damaged scenarios and traces: an error that names place and reason, or a run; never a panic,
//! never a hang. `make fuzz` throws far more than a usual run.

use super::cases::cases;
use super::mutate::Mutator;
use evenkeel::replay::replay;
use evenkeel::sim::engine::{Engine, EventBudget};
use evenkeel::sim::scenario::validate::parse;
use evenkeel::sim::time::{SimDuration, SimTime};
use serde_json::Value;

/// Texts that a field of a trace may hold, in places where they do not belong.
pub const TRACE_WORDS: &[&str] = &[
    "\"server a 10.0.0.1:80 weight=65535;\"",
    "\"hash $arg_k consistent;\"",
    "\"random two;\"",
    "\"proxy_next_upstream_tries 99;\"",
    "\"balance random(255)\"",
    "\"balance static-rr\"",
    "\"balance leastconn\"",
    "\"balance first\"",
    "\"option allbackups\"",
    "\"server b 10.0.0.2:80 slowstart 1d check\"",
    "\"disable server b/a\"",
    "\"listen a\"",
    "\"open\"",
];

/// And of a scenario.
const SCENE_WORDS: &[&str] = &[
    "\"l4\"",
    "\"haproxy\"",
    "\"envoy\"",
    "\"ipvs\"",
    "\"maglev\"",
    "\"consistent_hash\"",
    "\"bounded_load_hash\"",
    "\"peak_ewma\"",
    "\"first\"",
    "\"sharing\"",
    "\"backup\"",
    "\"closed_loop\"",
    "\"mark_down\"",
    "3600000000",
    "10000",
    "1024",
];

/// The JSON files of a folder up to a size, in order.
fn files(folder: &str, largest: u64) -> Vec<String> {
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder of the project")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .filter(|path| path.metadata().is_ok_and(|about| about.len() <= largest))
        .collect();
    paths.sort();
    let read = |path| std::fs::read_to_string(path).expect("it can be read");
    paths.into_iter().map(read).collect()
}

#[test]
fn a_damaged_scenario_is_an_error_or_runs() {
    let bases = files("assets/scenarios", 64_000);
    let documents: Vec<Value> = bases
        .iter()
        .map(|text| serde_json::from_str(text).expect("JSON"))
        .collect();
    let mut mutator = Mutator::new(1);
    let (mut refused, mut ran) = (0, 0);
    let rounds = cases(400) as usize;
    for round in 0..rounds {
        let base = round % bases.len();
        let text = if round % 5 == 0 {
            mutator.text(&bases[base])
        } else {
            mutator.json(&documents[base], SCENE_WORDS)
        };
        match parse(&text) {
            Err(error) => {
                refused += 1;
                for fault in error.0 {
                    assert!(
                        !fault.place.is_empty() && !fault.reason.is_empty(),
                        "{text}"
                    );
                }
            }
            Ok(scenario) => {
                ran += 1;
                let mut engine = Engine::new(&scenario, scenario.seed);
                engine.run_until(
                    SimTime::ZERO + SimDuration::from_secs(3),
                    EventBudget(2_000),
                );
                assert!(engine.view().is_conserved(), "{text}");
            }
        }
    }
    let least = rounds / 40;
    assert!(
        refused > least && ran > least,
        "{refused} refused, {ran} ran"
    );
}

#[test]
fn a_damaged_trace_is_an_error_or_is_replayed() {
    let bases = files("tests/golden", 7_000);
    let documents: Vec<Value> = bases
        .iter()
        .map(|text| serde_json::from_str(text).expect("JSON"))
        .collect();
    let mut mutator = Mutator::new(2);
    let (mut refused, mut replayed) = (0, 0);
    let rounds = cases(400) as usize;
    for round in 0..rounds {
        let base = round % bases.len();
        let text = if round % 5 == 0 {
            mutator.text(&bases[base])
        } else {
            mutator.json(&documents[base], TRACE_WORDS)
        };
        match replay(&text) {
            Ok(_) => replayed += 1,
            Err(error) => {
                refused += 1;
                assert!(!error.reason.is_empty(), "{text}");
            }
        }
    }
    let least = rounds / 40;
    assert!(
        refused > least && replayed > least,
        "{refused} refused, {replayed} replayed"
    );
}
