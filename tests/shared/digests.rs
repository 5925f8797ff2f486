//! One run for each algorithm and layer, with trouble on the way: their digests must be the same on
//! the host and in a browser. `tests/golden/digests.txt` holds them; `EVENKEEL_WRITE=1 cargo test
//! --test it digests` writes it anew after a change of the rules.

use evenkeel::sim::balance::algorithm::CATALOGUE;
use evenkeel::sim::balance::spec::Layer;
use evenkeel::sim::engine::command::{Command, FaultKind};
use evenkeel::sim::engine::{Engine, EventBudget};
use evenkeel::sim::ids::ServerId;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::time::{SimTime, Span};

/// What the digests should be: a line a run.
pub const GOLDEN: &str = include_str!("../golden/digests.txt");

/// What the digests are here.
pub fn lines() -> String {
    let mut text = String::new();
    text += &format!("default {}\n", plain(60));
    for row in CATALOGUE {
        for (layer, name) in [(Layer::L4, "l4"), (Layer::L7, "l7")] {
            let mut scenario = default_scenario();
            scenario.balancer.algorithm = row.algorithm;
            scenario.balancer.engine = row.flavours[0].0;
            scenario.balancer.layer = layer;
            let mut engine = Engine::new(&scenario, 7);
            let script = [
                Command::Fault(ServerId(1), FaultKind::Crash),
                Command::SetWeight(ServerId(0), 3),
                Command::Fault(ServerId(2), FaultKind::Slow(4_000)),
                Command::Fault(ServerId(1), FaultKind::Restore),
                Command::AddServer,
            ];
            for command in script {
                run(&mut engine, 12);
                engine.apply(command).expect("the command is possible");
            }
            run(&mut engine, 12);
            text += &format!("{} {name} {}\n", row.id, engine.view().digest());
        }
    }
    text
}

/// The digest of the default scene after some seconds: what `headless run default` prints.
fn plain(secs: u64) -> String {
    let scenario = default_scenario();
    let mut engine = Engine::new(&scenario, scenario.seed);
    run(&mut engine, secs);
    engine.view().digest().to_string()
}

fn run(engine: &mut Engine, secs: u64) {
    let until: SimTime = engine.view().now() + Span::from_secs(secs);
    engine.run_until(until, EventBudget::UNBOUNDED);
}
