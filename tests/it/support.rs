//! What the tests share: worlds that are quick to set up and to read.

use evenkeel::sim::engine::command::{Command, FaultKind};
use evenkeel::sim::engine::view::Member;
use evenkeel::sim::engine::{Engine, EventBudget};
use evenkeel::sim::ids::{ServerId, UpstreamId};
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::scenario::validate::{faults, parse};
use evenkeel::sim::time::{SimDuration, SimTime};

/// A world from the default scene, changed by `edit`.
pub fn world(edit: impl FnOnce(&mut Scenario)) -> Engine {
    let mut scenario = default_scenario();
    edit(&mut scenario);
    assert_eq!(faults(&scenario), [], "the edited scene is valid");
    Engine::new(&scenario, 7)
}

/// A scene of `assets/scenarios` by the name of its file.
pub fn scene_file(name: &str) -> Scenario {
    let path = format!("assets/scenarios/{name}.json");
    let text = std::fs::read_to_string(&path).expect("the scene is there");
    parse(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Runs for some more simulated milliseconds.
pub fn run_ms(engine: &mut Engine, ms: u64) {
    let until = engine.view().now() + SimDuration::from_ms(ms);
    engine.run_until(until, EventBudget::UNBOUNDED);
}

/// Runs for some more simulated seconds.
pub fn run_secs(engine: &mut Engine, secs: u64) {
    run_ms(engine, secs * 1_000);
}

/// Gives a command that must be possible.
pub fn send(engine: &mut Engine, command: Command) {
    engine.apply(command).expect("the command is possible");
}

/// Breaks or mends the server of that name.
pub fn fault(engine: &mut Engine, name: &str, fault: FaultKind) {
    let id = id_of(engine, name);
    send(engine, Command::Fault(id, fault));
}

/// The identity of the server of that name.
pub fn id_of(engine: &Engine, name: &str) -> ServerId {
    member(engine, name).server.id
}

/// The server of that name, truth beside belief.
pub fn member<'a>(engine: &'a Engine, name: &str) -> Member<'a> {
    engine
        .view()
        .members()
        .find(|member| member.server.spec.name == name)
        .unwrap_or_else(|| panic!("there is a server {name}"))
}

/// What the balancer believes of the server of that name.
pub fn belief(engine: &Engine, name: &str) -> &'static str {
    member(engine, name).endpoint.belief().word()
}

/// Runs until the balancer believes `word` of the server, at most `secs` seconds; gives how long it
/// took.
pub fn wait_for(engine: &mut Engine, name: &str, word: &str, secs: u64) -> SimDuration {
    let start = engine.view().now();
    for _ in 0..secs * 100 {
        if belief(engine, name) == word {
            return engine.view().now().since(start);
        }
        run_ms(engine, 10);
    }
    panic!(
        "{name} is {} and not {word} after {secs} s",
        belief(engine, name)
    );
}

/// The time that is `ms` milliseconds after the start.
pub fn at_ms(ms: u64) -> SimTime {
    SimTime::from_us(ms * 1_000)
}

/// How many tries the balancer has sent to each server, in configuration order.
pub fn tries(engine: &Engine) -> Vec<u64> {
    let members = engine.view().members();
    members.map(|member| member.endpoint.counts.tries).collect()
}

/// How often each server was picked, in configuration order.
pub fn picks(engine: &Engine) -> Vec<u64> {
    let members = engine.view().members();
    members.map(|member| member.endpoint.counts.picks).collect()
}

/// How many tries the balancer has sent to a pool.
pub fn tries_of(engine: &Engine, pool: u32) -> u64 {
    let upstream = engine.view().balancer().upstream(UpstreamId(pool));
    let endpoints = upstream.endpoints().iter();
    endpoints.map(|one| one.counts.tries).sum()
}
