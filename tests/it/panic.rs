//! When too few endpoints are healthy: health is ignored, or not; and how many may be ejected.

use evenkeel::sim::balance::endpoint::{AdminState, Tier};
use evenkeel::sim::engine::Engine;
use evenkeel::sim::engine::command::{Command, FaultKind};
use evenkeel::sim::engine::observations::ObservationKind;
use evenkeel::sim::scenario::Scenario;

use crate::support::{belief, fault, id_of, member, run_secs, send, wait_for, world};

fn picks_in(engine: &mut Engine, name: &str, secs: u64) -> u64 {
    let picks = |engine: &Engine| member(engine, name).endpoint.counts.picks;
    let before = picks(engine);
    run_secs(engine, secs);
    picks(engine) - before
}

/// Active checks only, and these servers dead until the balancer knows.
fn down(names: &[&str], edit: impl FnOnce(&mut Scenario)) -> Engine {
    let mut engine = world(|scene| {
        scene.balancer.passive_checks = None;
        edit(scene);
    });
    for name in names {
        fault(&mut engine, name, FaultKind::Crash);
    }
    for name in names {
        wait_for(&mut engine, name, "down", 40);
    }
    engine
}

#[test]
fn below_the_threshold_everyone_ready_is_used() {
    // Two of four healthy is not below 50 %, one is.
    let half = |scene: &mut Scenario| scene.balancer.panic_percent = 50;
    let mut engine = down(&["A", "B"], half);
    assert!(!engine.view().balancer().is_panicking());
    assert_eq!(picks_in(&mut engine, "A", 5), 0);
    fault(&mut engine, "C", FaultKind::Crash);
    wait_for(&mut engine, "C", "down", 40);
    assert!(engine.view().balancer().is_panicking());
    assert!(picks_in(&mut engine, "A", 5) > 20);
    assert_eq!(belief(&engine, "A"), "down", "the belief is the same");

    fault(&mut engine, "A", FaultKind::Restore);
    wait_for(&mut engine, "A", "healthy", 20);
    assert!(!engine.view().balancer().is_panicking());
    assert_eq!(picks_in(&mut engine, "C", 5), 0);
    let told: Vec<ObservationKind> = engine
        .view()
        .facts()
        .iter()
        .map(|fact| fact.kind)
        .filter(|kind| {
            matches!(
                kind,
                ObservationKind::PanicBegan | ObservationKind::PanicEnded
            )
        })
        .collect();
    assert_eq!(
        told,
        [ObservationKind::PanicBegan, ObservationKind::PanicEnded]
    );
}

#[test]
fn while_the_others_can_carry_all_traffic_nobody_panics() {
    // Envoy trusts each to carry 1.4 times its part: three of four carry all, two of four do not.
    let always = |scene: &mut Scenario| scene.balancer.panic_percent = 100;
    let mut engine = down(&["A"], always);
    assert!(!engine.view().balancer().is_panicking());
    assert_eq!(picks_in(&mut engine, "A", 5), 0);
    fault(&mut engine, "B", FaultKind::Crash);
    wait_for(&mut engine, "B", "down", 40);
    assert!(engine.view().balancer().is_panicking());
    assert!(picks_in(&mut engine, "A", 5) > 20);
}

#[test]
fn panic_spares_who_is_drained_or_in_maintenance() {
    let mut engine = world(|scene| scene.balancer.panic_percent = 100);
    for (name, admin) in [("A", AdminState::Drain), ("B", AdminState::Maint)] {
        let id = id_of(&engine, name);
        send(&mut engine, Command::SetAdmin(id, admin));
    }
    fault(&mut engine, "C", FaultKind::Crash);
    wait_for(&mut engine, "C", "ejected", 20);
    assert!(engine.view().balancer().is_panicking());
    assert!(picks_in(&mut engine, "C", 3) > 20);
    assert_eq!(picks_in(&mut engine, "A", 5), 0);
    assert_eq!(picks_in(&mut engine, "B", 5), 0);
}

#[test]
fn fail_open_waits_until_nobody_is_healthy() {
    let open = |scene: &mut Scenario| scene.balancer.fail_open = true;
    let mut engine = down(&["A", "B", "C"], open);
    assert_eq!(picks_in(&mut engine, "A", 5), 0);
    fault(&mut engine, "D", FaultKind::Crash);
    wait_for(&mut engine, "D", "down", 40);
    for name in ["A", "B", "C", "D"] {
        assert!(picks_in(&mut engine, name, 5) > 20);
    }
    let mut closed = down(&["A", "B", "C", "D"], |_| ());
    let before = closed.view().totals().rejected;
    run_secs(&mut closed, 5);
    assert!(closed.view().totals().rejected > before + 100);
}

#[test]
fn healthy_backups_serve_before_anyone_panics() {
    let with_backup = |scene: &mut Scenario| {
        scene.servers[3].tier = Tier::Backup;
        scene.balancer.fail_open = true;
    };
    let mut engine = down(&["A", "B", "C"], with_backup);
    assert_eq!(picks_in(&mut engine, "A", 5), 0);
    assert!(picks_in(&mut engine, "D", 5) > 100);
    fault(&mut engine, "A", FaultKind::Restore);
    wait_for(&mut engine, "A", "healthy", 20);
    assert_eq!(picks_in(&mut engine, "D", 5), 0, "the primaries are back");
}

#[test]
fn no_more_are_ejected_than_the_limit_allows() {
    let mut engine = world(|scene| {
        scene.balancer.active_checks = None;
        let passive = scene.balancer.passive_checks.as_mut();
        passive.expect("they are on").max_ejection_percent = 50;
    });
    for name in ["A", "B", "C", "D"] {
        fault(&mut engine, name, FaultKind::Crash);
    }
    for _ in 0..60 {
        run_secs(&mut engine, 1);
        let ejected = engine
            .view()
            .members()
            .filter(|member| member.endpoint.is_ejected());
        assert!(ejected.count() <= 2);
    }
    let facts = engine.view().facts();
    let ejections = facts
        .iter()
        .filter(|fact| matches!(fact.kind, ObservationKind::Ejected { .. }));
    assert!(ejections.count() >= 4);
}
