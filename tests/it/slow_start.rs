//! Who comes back gets its share little by little, by the rule of its engine.

use evenkeel::sim::balance::endpoint::{AdminState, WEIGHT_UNIT};
use evenkeel::sim::balance::slow_start::{EnvoySlowStartCurve, SlowStart, SlowStartCurve};
use evenkeel::sim::engine::Engine;
use evenkeel::sim::engine::command::{Command, FaultKind};
use evenkeel::sim::time::SimDuration;

use crate::support::{belief, fault, id_of, member, run_ms, run_secs, send, wait_for, world};

fn starting(shape: SlowStartCurve, window_s: u64) -> Engine {
    world(|scene| {
        scene.balancer.passive_checks = None;
        scene.balancer.slow_start = Some(SlowStart {
            window_us: SimDuration::from_secs(window_s),
            shape,
        });
    })
}

/// The shares that a server has from now on, every second, in percent, until it is whole.
fn ramp(engine: &mut Engine, name: &str) -> Vec<u32> {
    let mut seen = Vec::new();
    while belief(engine, name) == "slow start" {
        seen.push(member(engine, name).endpoint.ramp * 100 / WEIGHT_UNIT);
        run_secs(engine, 1);
    }
    seen
}

#[test]
fn nobody_starts_slowly_at_the_start_of_a_run() {
    let mut engine = starting(SlowStartCurve::Linear, 60);
    run_ms(&mut engine, 10);
    for name in ["A", "B", "C", "D"] {
        assert_eq!(belief(&engine, name), "healthy");
    }
}

#[test]
fn a_revived_server_grows_by_haproxys_sixteenths() {
    let mut engine = starting(SlowStartCurve::Haproxy, 10);
    fault(&mut engine, "B", FaultKind::Crash);
    wait_for(&mut engine, "B", "down", 30);
    fault(&mut engine, "B", FaultKind::Restore);
    wait_for(&mut engine, "B", "slow start", 10);
    // 1, 2, 4, 5, 7, 9, 10, 12, 13, 15 sixteenths.
    assert_eq!(
        ramp(&mut engine, "B"),
        [6, 12, 25, 31, 43, 56, 62, 75, 81, 93]
    );
    assert_eq!(belief(&engine, "B"), "healthy");
}

#[test]
fn what_is_added_while_running_and_what_leaves_maintenance_starts_slowly() {
    let mut engine = starting(SlowStartCurve::Linear, 10);
    run_secs(&mut engine, 3);
    send(&mut engine, Command::AddServer);
    assert_eq!(belief(&engine, "E"), "slow start");
    let shares = ramp(&mut engine, "E");
    assert_eq!(shares, [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);

    let id = id_of(&engine, "A");
    send(&mut engine, Command::SetAdmin(id, AdminState::Maint));
    assert_eq!(belief(&engine, "A"), "maintenance");
    let before = member(&engine, "A").endpoint.counts.picks;
    run_secs(&mut engine, 10);
    assert_eq!(member(&engine, "A").endpoint.counts.picks, before);
    send(&mut engine, Command::SetAdmin(id, AdminState::Ready));
    assert_eq!(belief(&engine, "A"), "slow start");
    run_secs(&mut engine, 11);
    assert_eq!(belief(&engine, "A"), "healthy");
}

#[test]
fn the_end_of_an_ejection_starts_slowly_with_envoys_minimum() {
    let shape = SlowStartCurve::Envoy(EnvoySlowStartCurve::default());
    let mut engine = world(|scene| {
        scene.balancer.active_checks = None;
        scene.balancer.slow_start = Some(SlowStart {
            window_us: SimDuration::from_secs(20),
            shape,
        });
    });
    fault(&mut engine, "B", FaultKind::Crash);
    wait_for(&mut engine, "B", "ejected", 10);
    fault(&mut engine, "B", FaultKind::Restore);
    wait_for(&mut engine, "B", "slow start", 40);
    let shares = ramp(&mut engine, "B");
    assert_eq!(shares[..5], [10, 10, 10, 15, 20]);
    assert!(shares.len() >= 20);
}

#[test]
fn picks_follow_the_growing_weight() {
    let mut engine = starting(SlowStartCurve::Linear, 40);
    run_secs(&mut engine, 1);
    send(&mut engine, Command::AddServer);
    let picks = |engine: &Engine| {
        let all = engine.view().balancer().decision().number;
        (member(engine, "E").endpoint.counts.picks, all)
    };
    let before = picks(&engine);
    run_secs(&mut engine, 40);
    let after = picks(&engine);
    let share = (after.0 - before.0) as f64 / (after.1 - before.1) as f64;
    // The mean of w / (4 + w) for w from 0 to 1 is 1 - 4 ln(5 / 4) = 0.107.
    assert!((share - 0.107).abs() < 0.01, "{share}");
}

#[test]
fn who_goes_down_while_starting_starts_anew() {
    let mut engine = starting(SlowStartCurve::Linear, 60);
    run_secs(&mut engine, 1);
    send(&mut engine, Command::AddServer);
    run_secs(&mut engine, 30);
    fault(&mut engine, "E", FaultKind::Crash);
    wait_for(&mut engine, "E", "down", 30);
    fault(&mut engine, "E", FaultKind::Restore);
    wait_for(&mut engine, "E", "slow start", 10);
    assert!(member(&engine, "E").endpoint.ramp < WEIGHT_UNIT / 20);
    run_secs(&mut engine, 30);
    assert_eq!(member(&engine, "E").endpoint.ramp, WEIGHT_UNIT / 2);
}
