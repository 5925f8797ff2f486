//! One run for each algorithm and layer, with trouble on the way: their digests must be the same on
//! the host and in a browser. `tests/golden/digests.txt` holds them; `EVENKEEL_WRITE=1 cargo test
//! --test it digests` writes it anew after a change of the rules.

use evenkeel::sim::balance::algorithm::{CATALOGUE, Implementation};
use evenkeel::sim::balance::slow_start::{EnvoySlowStartCurve, SlowStart, SlowStartCurve};
use evenkeel::sim::balance::spec::{Layer, QueueSpec};
use evenkeel::sim::engine::command::{Command, FaultKind};
use evenkeel::sim::engine::{Engine, EventBudget};
use evenkeel::sim::fleet::spec::Discipline;
use evenkeel::sim::health::passive::{PassiveRule, PassiveSpec};
use evenkeel::sim::ids::ServerId;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::time::{SimDuration, SimTime};
use evenkeel::sim::units::Permille;

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
            scenario.balancer.engine = row.flavours[0];
            scenario.balancer.layer = layer;
            let mut engine = Engine::new(&scenario, 7);
            let script = [
                Command::Fault(ServerId(1), FaultKind::Crash),
                Command::SetWeight(ServerId(0), 3),
                Command::Fault(ServerId(2), FaultKind::Slow(Permille(4_000))),
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
    for (engine, name) in [
        (Implementation::Nginx, "nginx"),
        (Implementation::Haproxy, "haproxy"),
    ] {
        text += &format!("rules {name} {}\n", rules(engine));
    }
    text
}

/// The digest of a run in which every rule has something to do: retries within a budget, slow start
/// by Envoy's power, connection limits with a queue, shared workers, cookies, panic.
fn rules(engine: Implementation) -> String {
    let mut scenario = default_scenario();
    let spec = &mut scenario.balancer;
    spec.engine = engine;
    spec.retries.tries = 3;
    spec.retries.budget_permille = Some(Permille(300));
    spec.slow_start = Some(SlowStart {
        window_us: SimDuration::from_secs(9),
        shape: SlowStartCurve::Envoy(EnvoySlowStartCurve {
            aggression_permille: Permille(1_700),
            min_percent: 10,
        }),
    });
    spec.queue = Some(QueueSpec::default());
    spec.panic_percent = 40;
    spec.sticky_cookie = engine == Implementation::Haproxy;
    let rule = match engine {
        Implementation::Haproxy => PassiveRule::Haproxy,
        _ => PassiveRule::Nginx,
    };
    spec.passive_checks = Some(PassiveSpec {
        rule,
        ..PassiveSpec::default()
    });
    for server in &mut scenario.servers {
        server.discipline = Discipline::Sharing;
        server.max_conns = Some(5);
    }
    let mut engine = Engine::new(&scenario, 7);
    for fault in [
        FaultKind::Crash,
        FaultKind::Restore,
        FaultKind::Slow(Permille(3_300)),
    ] {
        for id in 0..3 {
            run(&mut engine, 7);
            engine
                .apply(Command::Fault(ServerId(id), fault))
                .expect("the command is possible");
        }
    }
    run(&mut engine, 20);
    engine.view().digest().to_string()
}

/// The digest of the default scene after some seconds: what `headless run default` prints.
fn plain(secs: u64) -> String {
    let scenario = default_scenario();
    let mut engine = Engine::new(&scenario, scenario.seed);
    run(&mut engine, secs);
    engine.view().digest().to_string()
}

fn run(engine: &mut Engine, secs: u64) {
    let until: SimTime = engine.view().now() + SimDuration::from_secs(secs);
    engine.run_until(until, EventBudget::UNBOUNDED);
}
