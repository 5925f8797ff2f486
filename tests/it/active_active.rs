//! Two balancers at work: one dies and the other takes all, which it can at 40 % each and cannot at
//! 70 %.

use evenkeel::sim::engine::Engine;
use evenkeel::sim::engine::command::{Command, NodeFault, SiteCommand};
use evenkeel::sim::ids::BalancerId;
use evenkeel::sim::metrics::outcome::{Failure, Outcome, Rejection};
use evenkeel::sim::scenario::topology::ClientSpread;

use crate::support::{run_secs, scene_file};

fn kill(engine: &mut Engine) {
    engine
        .apply(Command::Site(SiteCommand::Node(
            BalancerId(0),
            NodeFault::Kill,
        )))
        .expect("it is there");
}

/// The share that was answered and the 99th percentile in milliseconds, from 25 to 55 seconds after
/// the death of the first balancer.
fn after(scene: &str) -> (f64, u64) {
    let mut engine = Engine::new(&scene_file(scene), 7);
    run_secs(&mut engine, 30);
    assert_eq!(
        engine.view().totals().unanswered(),
        0,
        "{scene}: all well before"
    );
    let reached = |engine: &Engine, id: usize| engine.view().topology().nodes[id].reached as f64;
    let even = reached(&engine, 0) / reached(&engine, 1);
    assert!((0.85..1.18).contains(&even), "both work: {even}");
    kill(&mut engine);
    run_secs(&mut engine, 25);
    let before = *engine.view().totals();
    run_secs(&mut engine, 30);
    let (now, view) = (*engine.view().totals(), engine.view());
    let answered = (now.answered - before.answered) as f64;
    let p99 = view.recorder().windows().back().and_then(|one| one.latency);
    let p99 = p99.expect("some were answered").p99.as_us() / 1_000;
    (answered / (now.arrived - before.arrived) as f64, p99)
}

#[test]
fn at_40_percent_each_the_other_takes_all() {
    let (answered, _) = after("active_active_40");
    assert!(answered > 0.97, "{answered}");
}

#[test]
fn at_70_percent_each_the_other_melts_down() {
    // 1.4 times what one can do: at most 1 / 1.4 of it is answered.
    let (answered, _) = after("active_active_70");
    assert!((0.6..0.76).contains(&answered), "{answered}");
    let mut engine = Engine::new(&scene_file("active_active_70"), 7);
    run_secs(&mut engine, 10);
    kill(&mut engine);
    run_secs(&mut engine, 40);
    let busy = Outcome::Rejected(Rejection::BalancerBusy);
    assert!(engine.view().totals().of(busy) > 100);
}

#[test]
fn clients_of_a_silent_address_try_the_other() {
    let mut scene = scene_file("active_active_40");
    // Nobody takes the dead one's address out of the name.
    scene.dns = None;
    let mut engine = Engine::new(&scene, 7);
    run_secs(&mut engine, 20);
    kill(&mut engine);
    run_secs(&mut engine, 40);
    let view = engine.view();
    let unreachable = view.totals().of(Outcome::Failed(Failure::Unreachable));
    assert_eq!(unreachable, 0, "every one of them got through in the end");
    // Half of all new connections are a second late.
    let late = view.recorder().windows().back().and_then(|one| one.latency);
    let (p50, p95) = late.map_or((0, 0), |all| (all.p50.as_us(), all.p95.as_us()));
    assert!(p95 > p50 + 600_000, "{p50} {p95}");
}

#[test]
fn a_router_that_hashes_sees_the_death_after_its_delay() {
    let mut scene = scene_file("active_active_40");
    scene.dns = None;
    let pair = scene.pair.as_mut().expect("it has one");
    pair.spread = ClientSpread::Ecmp;
    pair.vip = Some(std::net::IpAddr::from([203, 0, 113, 10]));
    let mut engine = Engine::new(&scene, 7);
    run_secs(&mut engine, 20);
    kill(&mut engine);
    run_secs(&mut engine, 15);
    let before = *engine.view().totals();
    run_secs(&mut engine, 20);
    let now = *engine.view().totals();
    assert_eq!(now.unanswered(), before.unanswered());
    assert!(now.answered > before.answered + 700);
}
