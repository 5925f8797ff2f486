//! Passive checks by other engines' rules: nginx's trial and whole seconds, HAProxy's `observe`.

use evenkeel::sim::balance::retry::RetryOn;
use evenkeel::sim::engine::Engine;
use evenkeel::sim::engine::command::{Command, FaultKind};
use evenkeel::sim::engine::observations::ObservationKind;
use evenkeel::sim::health::active::{ActiveConfig, InitState};
use evenkeel::sim::health::observe::OnError;
use evenkeel::sim::health::passive::{PassiveRule, PassiveSpec};
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::time::SimDuration;
use evenkeel::sim::units::Permille;

use crate::support::{belief, fault, id_of, member, run_ms, run_secs, send, wait_for, world};

fn nginx(max_fails: u32, fail_timeout_s: u32, edit: impl FnOnce(&mut Scenario)) -> Engine {
    world(|scene| {
        scene.balancer.active_checks = None;
        scene.links.client_us = SimDuration::from_ms(1);
        scene.links.server_us = SimDuration::from_ms(1);
        scene.balancer.passive_checks = Some(PassiveSpec {
            rule: PassiveRule::Nginx,
            max_fails,
            fail_timeout_s,
            ..PassiveSpec::default()
        });
        edit(scene);
    })
}

/// When a server was ejected, in milliseconds.
fn ejections(engine: &Engine) -> Vec<u64> {
    engine
        .view()
        .facts()
        .iter()
        .filter(|fact| matches!(fact.kind, ObservationKind::Ejected { .. }))
        .map(|fact| fact.at.as_us() / 1_000)
        .collect()
}

#[test]
fn nginx_counts_max_fails_then_sends_one_trial_every_three_seconds() {
    let mut engine = nginx(3, 2, |_| ());
    run_ms(&mut engine, 500);
    fault(&mut engine, "B", FaultKind::Crash);
    run_secs(&mut engine, 16);
    let counts = member(&engine, "B").endpoint.counts;
    let at = ejections(&engine);
    // Three failures, then a trial each time the whole second is three further on: fail_timeout=2s
    // is up to 3 s, and one failed trial is enough.
    assert!(at.len() >= 5, "{at:?}");
    for pair in at.windows(2).skip(1) {
        let gap = pair[1] - pair[0];
        assert!((2_800..=3_400).contains(&gap), "{at:?}");
    }
    let resets = counts.failed - (at.len() as u64 - 1);
    assert!((3..=8).contains(&resets), "{counts:?} {at:?}");
}

#[test]
fn nginx_holds_the_others_off_until_the_trial_is_back() {
    let mut engine = nginx(1, 2, |scene| {
        scene.balancer.request_timeout_us = SimDuration::from_secs(30);
    });
    run_ms(&mut engine, 500);
    fault(&mut engine, "B", FaultKind::Crash);
    wait_for(&mut engine, "B", "ejected", 5);
    fault(&mut engine, "B", FaultKind::Hang);
    let before = member(&engine, "B").endpoint.counts.tries;
    // The trial hangs, and with it the next one, three seconds later.
    run_secs(&mut engine, 5);
    let trials = member(&engine, "B").endpoint.counts.tries - before;
    assert!((1..=2).contains(&trials), "{trials}");
    fault(&mut engine, "B", FaultKind::Restore);
    wait_for(&mut engine, "B", "healthy", 10);
    run_secs(&mut engine, 10);
    let tries = member(&engine, "B").endpoint.counts.tries - before;
    assert!(tries > 50, "{tries}");
}

#[test]
fn nginx_counts_a_5xx_only_where_it_leads_to_another_try() {
    let ejected = |tries, count_server_errors| {
        let mut engine = nginx(1, 10, |scene| {
            let passive = scene.balancer.passive_checks.as_mut();
            passive.expect("set").count_server_errors = count_server_errors;
            scene.balancer.retries.tries = tries;
            scene.balancer.retries.on = vec![RetryOn::ServerError];
        });
        fault(&mut engine, "B", FaultKind::Fail(Permille(1_000)));
        run_secs(&mut engine, 8);
        !ejections(&engine).is_empty()
    };
    assert!(!ejected(2, false), "a 500 is not in the default");
    assert!(!ejected(1, true), "the last answer goes to the client");
    assert!(ejected(2, true));
}

#[test]
fn nginx_never_takes_out_a_server_that_stands_alone() {
    let mut engine = nginx(1, 10, |scene| scene.servers.truncate(2));
    fault(&mut engine, "A", FaultKind::Crash);
    wait_for(&mut engine, "A", "ejected", 5);
    let id = id_of(&engine, "B");
    send(&mut engine, Command::RemoveServer(id));
    assert_eq!(belief(&engine, "A"), "healthy");
    run_secs(&mut engine, 5);
    assert_eq!(belief(&engine, "A"), "healthy");
    assert_eq!(engine.view().totals().rejected, 0);
}

#[test]
fn the_rule_can_be_changed_while_running() {
    let mut engine = nginx(1, 30, |_| ());
    fault(&mut engine, "B", FaultKind::Crash);
    wait_for(&mut engine, "B", "ejected", 5);
    send(
        &mut engine,
        Command::SetPassiveChecks(Some(PassiveSpec::default())),
    );
    assert_eq!(belief(&engine, "B"), "healthy");
    wait_for(&mut engine, "B", "ejected", 5);
    send(&mut engine, Command::SetPassiveChecks(None));
    assert_eq!(belief(&engine, "B"), "healthy");
}

/// Two servers, checked each second, 20 requests a second, as in the recorded traces.
fn observed(on_error: OnError) -> Engine {
    world(|scene| {
        scene.servers.truncate(2);
        scene.arrivals.rate_rps = 20.0;
        scene.arrivals.process = evenkeel::sim::fleet::spec::ArrivalProcess::Steady;
        scene.links.client_us = SimDuration::from_ms(1);
        scene.links.server_us = SimDuration::from_ms(1);
        scene.classes.truncate(1);
        scene.classes[0].work = evenkeel::sim::fleet::spec::Work::Fixed {
            us: SimDuration::from_ms(1),
        };
        let second = SimDuration::from_secs(1);
        scene.balancer.active_checks = Some(ActiveConfig {
            interval_us: second,
            fast_interval_us: second,
            down_interval_us: second,
            timeout_us: second,
            rise: 2,
            fall: 3,
            init: InitState::Up,
        });
        scene.balancer.passive_checks = Some(PassiveSpec {
            rule: PassiveRule::Haproxy,
            error_limit: 5,
            on_error,
            ..PassiveSpec::default()
        });
    })
}

#[test]
fn five_errors_count_as_one_failed_check_which_the_next_good_one_wipes_out() {
    let mut engine = observed(OnError::FailCheck);
    run_secs(&mut engine, 3);
    fault(&mut engine, "A", FaultKind::Fail(Permille(1_000)));
    let mut seen = Vec::new();
    for _ in 0..500 {
        run_ms(&mut engine, 10);
        let counter = member(&engine, "A").endpoint.check.counter();
        if seen.last() != Some(&counter) {
            seen.push(counter);
        }
    }
    assert_eq!(seen[..4], [(3, 3), (2, 3), (1, 3), (3, 3)]);
    assert!(seen.iter().all(|(left, _)| *left > 0), "never down");
    assert!(engine.view().totals().failed >= 45);
}

#[test]
fn mark_down_flaps_with_a_period_of_two_seconds() {
    let mut engine = observed(OnError::MarkDown);
    run_secs(&mut engine, 3);
    fault(&mut engine, "A", FaultKind::Fail(Permille(1_000)));
    run_secs(&mut engine, 20);
    let flips: Vec<u64> = engine
        .view()
        .facts()
        .iter()
        .filter(|fact| fact.kind == ObservationKind::WentDown)
        .map(|fact| fact.at.as_us() / 1_000)
        .collect();
    assert!(flips.len() >= 8, "{flips:?}");
    let gaps: Vec<u64> = flips.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let mean = gaps.iter().sum::<u64>() as f64 / gaps.len() as f64;
    assert!((1_900.0..=2_200.0).contains(&mean), "{flips:?}");
}
