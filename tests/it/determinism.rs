//! The same scene and seed give the same run, however it is cut into frames and whoever looks.

use std::sync::LazyLock;

use evenkeel::sim::balance::spec::Layer;
use evenkeel::sim::engine::command::{Command, FaultKind, LogEntry};
use evenkeel::sim::engine::{Engine, EventBudget};
use evenkeel::sim::hash::Digest;
use evenkeel::sim::ids::ServerId;
use evenkeel::sim::metrics::outcome::Totals;
use evenkeel::sim::run::Run;
use evenkeel::sim::time::SimTime;
use proptest::prelude::*;

use crate::any_scene::any_scene;
use crate::cases::cases;
use crate::support::{at_ms, run_secs, send, world};

/// A script of commands at fixed times: a crash and its repair, weights, a layer.
const SCRIPT: [(u64, Command); 5] = [
    (4_000, Command::Fault(ServerId(1), FaultKind::Crash)),
    (9_500, Command::SetWeight(ServerId(0), 3)),
    (12_000, Command::SetLayer(Layer::L4)),
    (17_250, Command::Fault(ServerId(1), FaultKind::Restore)),
    (20_000, Command::SetTraffic(60_000)),
];

/// Runs the script for 30 s, stopping on the way at `cuts` (milliseconds) and with a bounded number
/// of events a call.
fn scripted(cuts: &[u64], budget: u64) -> Engine {
    let mut engine = world(|_| ());
    let mut stops: Vec<u64> = cuts
        .iter()
        .copied()
        .chain(SCRIPT.iter().map(|(at, _)| *at))
        .collect();
    stops.push(30_000);
    stops.sort_unstable();
    for stop in stops {
        let run = |engine: &mut Engine| engine.run_until(at_ms(stop), EventBudget(budget));
        while run(&mut engine) == evenkeel::sim::engine::Progress::OutOfBudget {}
        for (at, command) in SCRIPT {
            if at == stop
                && !engine
                    .view()
                    .log()
                    .iter()
                    .any(|entry| entry.command == command)
            {
                send(&mut engine, command);
            }
        }
    }
    engine
}

/// What the script comes to when nothing cuts it.
static WHOLE: LazyLock<(Digest, Totals, u64)> = LazyLock::new(|| sum(&scripted(&[], u64::MAX)));

fn sum(engine: &Engine) -> (Digest, Totals, u64) {
    let view = engine.view();
    (view.digest(), *view.totals(), view.events())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(16)))]

    #[test]
    fn cutting_a_run_into_frames_changes_nothing(
        cuts in prop::collection::vec(0_u64..30_000, 0..60),
        budget in 1_u64..500,
    ) {
        prop_assert_eq!(sum(&scripted(&cuts, budget)), *WHOLE);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(20)))]

    #[test]
    fn frames_watching_and_cloning_change_nothing_whatever_the_rules(
        scenario in any_scene(),
        cuts in prop::collection::vec(0_u64..40_000, 0..20),
        seed in any::<u64>(),
    ) {
        let mut whole = Engine::new(&scenario, seed);
        let mut sliced = Engine::new(&scenario, seed);
        sliced.set_watched(true);
        let mut cuts = cuts;
        cuts.sort_unstable();
        for (at, fault) in [(5_000, FaultKind::Crash), (20_000, FaultKind::Restore)] {
            whole.run_until(at_ms(at), EventBudget::UNBOUNDED);
            for cut in cuts.iter().filter(|cut| **cut < at) {
                sliced.run_until(at_ms(*cut), EventBudget::UNBOUNDED);
            }
            sliced.run_until(at_ms(at), EventBudget::UNBOUNDED);
            sliced = sliced.clone();
            for id in [ServerId(0), ServerId(1)] {
                send(&mut whole, Command::Fault(id, fault));
                send(&mut sliced, Command::Fault(id, fault));
            }
        }
        whole.run_until(at_ms(40_000), EventBudget::UNBOUNDED);
        sliced.run_until(at_ms(40_000), EventBudget::UNBOUNDED);
        prop_assert_eq!(sum(&sliced), sum(&whole));
    }
}

#[test]
fn another_seed_is_another_run() {
    let scenario = evenkeel::sim::scenario::preset::default_scenario();
    let digest = |seed| {
        let mut engine = Engine::new(&scenario, seed);
        run_secs(&mut engine, 10);
        engine.view().digest()
    };
    assert_eq!(digest(7), digest(7));
    assert_ne!(digest(7), digest(8));
}

#[test]
fn watching_decisions_changes_nothing() {
    for row in evenkeel::sim::balance::algorithm::CATALOGUE {
        for implementation in row.flavours {
            let run = |watched| {
                let mut engine = world(|scene| {
                    scene.balancer.algorithm = row.algorithm;
                    scene.balancer.engine = *implementation;
                });
                engine.set_watched(watched);
                run_secs(&mut engine, 20);
                engine.view().digest()
            };
            assert_eq!(run(true), run(false), "{} {}", row.id, implementation.id());
        }
    }
}

#[test]
fn a_clone_has_the_same_future() {
    let mut engine = scripted(&[], u64::MAX);
    let mut twin = engine.clone();
    run_secs(&mut engine, 30);
    run_secs(&mut twin, 30);
    assert_eq!(engine.view().digest(), twin.view().digest());
}

#[test]
fn the_log_gives_the_run_again() {
    let first = scripted(&[], u64::MAX);
    let run = Run::of(first.view());
    let again = run.replay();
    assert_eq!(again.view().digest(), first.view().digest());
    assert_eq!(Run::of(again.view()), run);
}

#[test]
fn a_log_out_of_order_or_with_impossible_commands_is_put_right() {
    let first = scripted(&[], u64::MAX);
    let mut run = Run::of(first.view());
    run.log.reverse();
    run.log.push(LogEntry {
        at: at_ms(100),
        command: Command::RemoveServer(ServerId(99)),
    });
    let again = run.replay();
    assert_eq!(again.view().digest(), first.view().digest());
    assert_eq!(again.view().log(), first.view().log());
    // Of two settings of the same thing at the same instant the later one holds.
    let set = |rate| LogEntry {
        at: at_ms(5),
        command: Command::SetTraffic(rate),
    };
    run.log = vec![set(1_000), set(2_000)];
    assert_eq!(run.ordered_log(), [set(2_000)]);
}

#[test]
fn a_step_stops_at_the_end_of_the_instant_of_the_next_pick() {
    let mut stepped = world(|_| ());
    for pick in 1..=200 {
        assert!(stepped.run_to_next_pick(SimTime::FAR));
        assert!(stepped.view().balancer().decision().number >= pick);
    }
    let mut whole = world(|_| ());
    whole.run_until(stepped.view().now(), EventBudget::UNBOUNDED);
    assert_eq!(stepped.view().digest(), whole.view().digest());
    assert_eq!(stepped.view().events(), whole.view().events());
}

#[test]
fn a_step_without_traffic_ends_at_its_bound() {
    let mut engine = world(|scene| scene.arrivals.rate_rps = 0.0);
    assert!(!engine.run_to_next_pick(at_ms(5_000)));
    assert_eq!(engine.view().now(), at_ms(5_000));
}

#[test]
fn the_traffic_is_the_same_whatever_the_balancer_does() {
    let arrivals = |edit: fn(&mut evenkeel::sim::scenario::Scenario)| {
        let mut engine = world(edit);
        let mut seen = std::collections::BTreeMap::new();
        for ms in 0..10_000 {
            engine.run_until(at_ms(ms), EventBudget::UNBOUNDED);
            for (_, request) in engine.view().requests() {
                seen.insert(request.number, (request.born, request.draw));
            }
        }
        seen
    };
    let usual = arrivals(|_| ());
    let other = arrivals(|scene| {
        scene.balancer.layer = Layer::L4;
        scene.servers.truncate(1);
        scene.servers[0].workers = 1;
    });
    assert!(usual.len() > 200);
    assert_eq!(usual, other);
}
