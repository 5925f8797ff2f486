//! Tests of the timeline of failures.

use super::*;
use evenkeel_sim::engine::command::{Command, FaultKind};
use evenkeel_sim::engine::{Engine, EventBudget};
use evenkeel_sim::ids::ServerId;
use evenkeel_sim::scenario::preset::default_scenario;

fn run(engine: &mut Engine, secs: u64) {
    engine.run_until(SimTime::from_us(secs * 1_000_000), EventBudget::UNBOUNDED);
}

fn broken() -> Engine {
    let mut engine = Engine::new(&default_scenario(), 7);
    engine.set_watched(true);
    run(&mut engine, 10);
    let kill = Command::Fault(ServerId(1), FaultKind::Crash);
    engine.apply(kill).expect("B is there");
    run(&mut engine, 30);
    let revive = Command::Fault(ServerId(1), FaultKind::Restore);
    engine.apply(revive).expect("B is there");
    run(&mut engine, 55);
    engine
}

#[test]
fn a_kill_is_told_from_the_fault_to_the_way_back() {
    let engine = broken();
    let table = table(engine.view(), 60);
    let told: Vec<&str> = table
        .rows
        .iter()
        .filter(|row| row[1].text == "B")
        .map(|row| row[2].text.as_str())
        .collect();
    let place = |part: &str| told.iter().position(|text| text.contains(part));
    let killed = place("Server B was killed.").expect("it was");
    let ejected = place("is ejected for 10 seconds").expect("it was");
    let failed = place("a check failed");
    assert!(killed < ejected, "{told:?}");
    assert!(failed.is_some(), "{told:?}");
    assert!(place("passes its checks again").is_some_and(|up| up > ejected));
    let lost = engine.view().checks().and_then(|all| {
        let (_, lane) = all.lanes().find(|(_, lane)| lane.server == ServerId(1))?;
        lane.episodes.back().map(|episode| episode.lost)
    });
    let lost = lost.expect("there is an episode");
    assert!(lost > 0);
    let sentence = headline(engine.view());
    assert!(
        sentence.contains(&format!(" {lost} requests were sent there and lost")),
        "{sentence}"
    );
}

#[test]
fn every_endpoint_has_a_lane_and_everything_told_can_be_read_in_it() {
    let engine = broken();
    let chart = chart(engine.view(), 60, 700.0);
    let rows = table(engine.view(), 60).rows.len();
    assert_eq!(chart.stops.len(), rows);
    assert_eq!(chart.height, 4.0 * PITCH + super::super::chart::axes::BELOW);
    let mut keys: Vec<u64> = chart.stops.iter().map(|stop| stop.key).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), rows, "each has a key of its own");
}

#[test]
fn nothing_yet() {
    let engine = Engine::new(&default_scenario(), 7);
    assert!(headline(engine.view()).starts_with("Nothing has failed yet."));
    assert!(chart(engine.view(), 60, 320.0).stops.is_empty());
}
