//! A request that came to nothing is tried again elsewhere: how often, for what, and within which
//! budget.

use evenkeel::sim::balance::algorithm::Implementation;
use evenkeel::sim::balance::retry::RetryOn;
use evenkeel::sim::balance::spec::Layer;
use evenkeel::sim::engine::Engine;
use evenkeel::sim::engine::command::FaultKind;
use evenkeel::sim::fleet::spec::RequestKind;
use evenkeel::sim::metrics::outcome::Totals;
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::units::Permille;

use crate::support::{fault, picks, run_secs, tries, world};

/// No checks: only retries stand between a broken server and its clients.
fn unchecked(tries: u32, on: &[RetryOn], edit: impl FnOnce(&mut Scenario)) -> Engine {
    world(|scene| {
        scene.balancer.active_checks = None;
        scene.balancer.passive_checks = None;
        scene.balancer.retries.tries = tries;
        scene.balancer.retries.on = on.to_vec();
        edit(scene);
    })
}

fn totals(engine: &Engine) -> Totals {
    *engine.view().totals()
}

/// Tries are requests sent, plus retries: none is counted twice and none is lost.
fn assert_tries_add_up(engine: &Engine) {
    let view = engine.view();
    let tries: u64 = tries(engine).iter().sum();
    let picks: u64 = picks(engine).iter().sum();
    assert_eq!(tries, picks);
    assert!(tries >= totals(engine).retries);
    let sent = tries - totals(engine).retries;
    let ended = totals(engine).ended();
    assert!(
        (ended..=ended + view.in_flight() as u64).contains(&sent),
        "{sent} sent, {ended} ended"
    );
}

#[test]
fn a_second_try_hides_a_dead_server_from_its_clients() {
    let mut engine = unchecked(2, &[RetryOn::Refused, RetryOn::Reset], |scene| {
        scene
            .classes
            .retain(|class| class.kind != RequestKind::Checkout);
    });
    run_secs(&mut engine, 5);
    fault(&mut engine, "B", FaultKind::Crash);
    run_secs(&mut engine, 30);
    let all = totals(&engine);
    assert_eq!(all.failed, 0, "{all:?}");
    assert!(all.retries > 150, "about a quarter of 900: {all:?}");
    assert_tries_add_up(&engine);
}

#[test]
fn only_what_is_listed_is_tried_again() {
    for (fault_kind, cause) in [
        (FaultKind::Crash, RetryOn::Refused),
        (FaultKind::Hang, RetryOn::TimedOut),
        (FaultKind::Fail(Permille(1_000)), RetryOn::ServerError),
    ] {
        for listed in [false, true] {
            let on = [if listed { cause } else { RetryOn::QueueFull }];
            let mut engine = unchecked(2, &on, |scene| {
                scene.arrivals.rate_rps = 10.0;
                scene.balancer.request_timeout_us = evenkeel::sim::time::SimDuration::from_secs(6);
            });
            fault(&mut engine, "B", fault_kind);
            run_secs(&mut engine, 60);
            let all = totals(&engine);
            assert_eq!(all.retries > 50, listed, "{fault_kind:?}: {all:?}");
            assert_tries_add_up(&engine);
        }
    }
}

#[test]
fn a_checkout_is_not_sent_twice_unless_it_was_refused_or_may_be() {
    let failed = |fault_kind, non_idempotent| {
        let on = [RetryOn::Refused, RetryOn::ServerError];
        let mut engine = unchecked(2, &on, |scene| {
            scene
                .classes
                .retain(|class| class.kind == RequestKind::Checkout);
            scene.arrivals.rate_rps = 10.0;
            scene.balancer.retries.non_idempotent = non_idempotent;
        });
        fault(&mut engine, "B", fault_kind);
        run_secs(&mut engine, 60);
        totals(&engine).failed
    };
    assert!(failed(FaultKind::Fail(Permille(1_000)), false) > 100);
    assert_eq!(failed(FaultKind::Fail(Permille(1_000)), true), 0);
    assert_eq!(failed(FaultKind::Crash, false), 0);
}

#[test]
fn nobody_is_tried_twice_for_one_request() {
    let mut engine = unchecked(100, &[RetryOn::ServerError], |scene| {
        scene
            .classes
            .retain(|class| class.kind != RequestKind::Checkout);
        scene.arrivals.rate_rps = 4.0;
    });
    for name in ["A", "B", "C", "D"] {
        fault(&mut engine, name, FaultKind::Fail(Permille(1_000)));
    }
    run_secs(&mut engine, 60);
    let all = totals(&engine);
    assert_eq!(all.answered, 0);
    let per_request = all.retries as f64 / all.ended() as f64;
    assert!((3.0..3.3).contains(&per_request), "{per_request}");
    for (_, request) in engine.view().requests() {
        let mut seen = request.tried.clone();
        seen.extend(request.current.map(|try_| try_.endpoint));
        let tries = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), tries);
    }
    assert_tries_add_up(&engine);
}

/// A scene as in Envoy whose only server fails every answer.
fn envoy_alone(tries: u32, on: &[RetryOn], how: FaultKind) -> Engine {
    let mut engine = unchecked(tries, on, |scene| {
        scene.balancer.engine = Implementation::Envoy;
        scene.servers.truncate(1);
        scene.arrivals.rate_rps = 2.0;
    });
    fault(&mut engine, "A", how);
    run_secs(&mut engine, 60);
    assert_tries_add_up(&engine);
    engine
}

#[test]
fn envoy_sends_a_retry_to_a_host_again_if_it_finds_no_other() {
    // Checkouts too: it does not look at the method.
    let failing = FaultKind::Fail(Permille(1_000));
    let engine = envoy_alone(3, &[RetryOn::ServerError], failing);
    let all = totals(&engine);
    assert_eq!(all.answered, 0);
    let per_request = all.retries as f64 / all.ended() as f64;
    assert!((2.0..2.1).contains(&per_request), "{per_request}");
}

#[test]
fn what_envoy_calls_a_reset_is_a_refused_connection_too() {
    for (on, retries) in [(RetryOn::Reset, 2.0), (RetryOn::ServerError, 0.0)] {
        let engine = envoy_alone(3, &[on], FaultKind::Crash);
        let all = totals(&engine);
        let per_request = all.retries as f64 / all.ended() as f64;
        assert!((per_request - retries).abs() < 0.1, "{on:?}: {per_request}");
    }
}

#[test]
fn the_budget_bounds_retries_to_its_share() {
    let mut engine = unchecked(4, &[RetryOn::ServerError], |scene| {
        scene.balancer.retries.budget_permille = Some(Permille(200));
        scene.balancer.retries.non_idempotent = true;
    });
    for name in ["A", "B", "C", "D"] {
        fault(&mut engine, name, FaultKind::Fail(Permille(1_000)));
    }
    run_secs(&mut engine, 120);
    let all = totals(&engine);
    let share = all.retries as f64 / all.arrived as f64;
    assert!((0.18..=0.2).contains(&share), "{share}");
    assert_tries_add_up(&engine);
}

#[test]
fn at_l4_nothing_is_tried_again() {
    let mut engine = unchecked(4, &[RetryOn::Refused, RetryOn::Reset], |scene| {
        scene.balancer.layer = Layer::L4;
    });
    fault(&mut engine, "B", FaultKind::Crash);
    run_secs(&mut engine, 20);
    assert_eq!(totals(&engine).retries, 0);
    assert!(totals(&engine).failed > 50);
}

#[test]
fn nginx_goes_on_to_the_backups_once_every_primary_was_tried() {
    let mut engine = unchecked(5, &[RetryOn::Refused], |scene| {
        scene.servers[3].tier = evenkeel::sim::balance::endpoint::Tier::Backup;
        scene.arrivals.rate_rps = 10.0;
    });
    for name in ["A", "B", "C"] {
        fault(&mut engine, name, FaultKind::Crash);
    }
    run_secs(&mut engine, 30);
    let all = totals(&engine);
    assert_eq!(all.failed, 0, "{all:?}");
    assert!(all.answered > 200);
}
