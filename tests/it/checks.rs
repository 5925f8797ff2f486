//! A killed server is found by active checks, by passive checks, or not at all; and comes back.

use std::collections::{BTreeMap, BTreeSet};

use evenkeel::sim::engine::Engine;
use evenkeel::sim::engine::command::{Command, FaultKind};
use evenkeel::sim::engine::observations::ObservationKind;
use evenkeel::sim::engine::request::Phase;
use evenkeel::sim::fleet::spec::Work;
use evenkeel::sim::time::SimDuration;
use evenkeel::sim::units::Permille;

use crate::support::{belief, fault, id_of, member, run_ms, run_secs, send, wait_for, world};

fn only_active() -> Engine {
    world(|scene| scene.balancer.passive_checks = None)
}

fn only_passive() -> Engine {
    world(|scene| scene.balancer.active_checks = None)
}

fn picks(engine: &Engine, name: &str) -> u64 {
    member(engine, name).endpoint.counts.picks
}

#[test]
fn active_checks_alone_take_a_killed_server_down_after_three_refusals() {
    let mut engine = only_active();
    run_secs(&mut engine, 5);
    fault(&mut engine, "B", FaultKind::Crash);
    let took = wait_for(&mut engine, "B", "down", 20);
    // The next check is at most 10 s away, then two more, each 2 s after the last one's end.
    assert!(
        took > SimDuration::from_secs(4) && took < SimDuration::from_ms(16_200),
        "{took:?}"
    );
    assert!(member(&engine, "B").endpoint.counts.failed > 20);
    let before = picks(&engine, "B");
    run_secs(&mut engine, 10);
    assert_eq!(picks(&engine, "B"), before, "a down endpoint is not picked");

    fault(&mut engine, "B", FaultKind::Restore);
    let took = wait_for(&mut engine, "B", "healthy", 10);
    assert!(took < SimDuration::from_ms(5_600), "{took:?}");
    run_secs(&mut engine, 5);
    assert!(picks(&engine, "B") > before);
}

#[test]
fn passive_checks_alone_eject_after_three_failures_for_ten_seconds_times_the_row() {
    let mut engine = only_passive();
    run_secs(&mut engine, 5);
    fault(&mut engine, "B", FaultKind::Crash);
    let took = wait_for(&mut engine, "B", "ejected", 5);
    assert!(took < SimDuration::from_secs(2), "{took:?}");
    for row in 1..=3 {
        let gone = wait_for(&mut engine, "B", "healthy", 40);
        let expected = SimDuration::from_secs(10 * row);
        assert!(
            gone <= expected && gone + SimDuration::from_ms(20) >= expected,
            "{row}: {gone:?}"
        );
        wait_for(&mut engine, "B", "ejected", 5);
    }
    fault(&mut engine, "B", FaultKind::Restore);
    wait_for(&mut engine, "B", "healthy", 60);
    run_secs(&mut engine, 30);
    assert_eq!(belief(&engine, "B"), "healthy");
}

#[test]
fn without_checks_a_dead_server_keeps_its_share_and_loses_it_all() {
    let mut engine = world(|scene| {
        scene.balancer.active_checks = None;
        scene.balancer.passive_checks = None;
    });
    run_secs(&mut engine, 5);
    fault(&mut engine, "B", FaultKind::Crash);
    let before = *engine.view().totals();
    run_secs(&mut engine, 60);
    let after = *engine.view().totals();
    let lost = (after.failed - before.failed) as f64 / (after.ended() - before.ended()) as f64;
    assert!((lost - 0.25).abs() < 0.02, "{lost}");
    assert_eq!(belief(&engine, "B"), "healthy");
}

#[test]
fn a_crash_resets_what_is_there_and_refuses_what_comes() {
    let mut engine = world(|scene| {
        scene.balancer.active_checks = None;
        scene.balancer.passive_checks = None;
    });
    run_secs(&mut engine, 10);
    let there =
        member(&engine, "A").server.running().len() + member(&engine, "A").server.waiting().len();
    assert!(there > 0);
    fault(&mut engine, "A", FaultKind::Crash);
    let words: Vec<&str> = engine
        .view()
        .flashes()
        .iter()
        .map(|flash| flash.outcome.word())
        .collect();
    assert_eq!(words, vec!["reset"; there]);
    run_ms(&mut engine, 500);
    assert!(
        engine
            .view()
            .flashes()
            .iter()
            .any(|flash| flash.outcome.word() == "refused")
    );
}

#[test]
fn a_hanging_server_times_out_its_requests_and_its_checks() {
    let mut engine = only_active();
    run_secs(&mut engine, 5);
    fault(&mut engine, "C", FaultKind::Hang);
    // 3 checks that wait 3 s each, 2 s apart, the first at most 10 s away.
    let took = wait_for(&mut engine, "C", "down", 30);
    assert!(
        took >= SimDuration::from_secs(13) && took < SimDuration::from_ms(23_100),
        "{took:?}"
    );
    run_secs(&mut engine, 10);
    let counts = member(&engine, "C").endpoint.counts;
    assert!(counts.timed_out > 50 && counts.failed == 0, "{counts:?}");
    assert_eq!(engine.view().totals().failed, 0);

    fault(&mut engine, "C", FaultKind::Restore);
    wait_for(&mut engine, "C", "healthy", 10);
    let answered = member(&engine, "C").endpoint.counts.answered;
    run_secs(&mut engine, 10);
    assert!(member(&engine, "C").endpoint.counts.answered > answered + 20);
}

#[test]
fn active_checks_do_not_see_failing_answers_but_passive_ones_do() {
    let mut engine = only_active();
    fault(&mut engine, "D", FaultKind::Fail(Permille(1_000)));
    run_secs(&mut engine, 60);
    assert_eq!(belief(&engine, "D"), "healthy");
    assert!(engine.view().totals().failed > 300);

    let mut engine = only_passive();
    fault(&mut engine, "D", FaultKind::Fail(Permille(1_000)));
    wait_for(&mut engine, "D", "ejected", 5);
}

#[test]
fn a_share_of_failures_is_that_share() {
    let mut engine = world(|scene| scene.balancer.passive_checks = None);
    fault(&mut engine, "D", FaultKind::Fail(Permille(300)));
    run_secs(&mut engine, 400);
    let counts = member(&engine, "D").endpoint.counts;
    let share = counts.failed as f64 / (counts.failed + counts.answered) as f64;
    // About 3,000 answers: four standard deviations of a binomial are 0.033.
    assert!((share - 0.3).abs() < 0.033, "{share}");
}

#[test]
fn a_slow_server_is_degraded_and_its_weight_is_halved_until_it_is_fast() {
    let mut engine = world(|scene| {
        scene.balancer.active_checks = None;
        for class in &mut scene.classes {
            class.work = Work::Fixed {
                us: SimDuration::from_ms(250),
            };
        }
        scene.servers[0].workers = 200;
        scene.servers[0].queue = 1_000;
        scene.balancer.request_timeout_us = SimDuration::from_secs(600);
    });
    fault(&mut engine, "A", FaultKind::Slow(Permille(40_000)));
    wait_for(&mut engine, "A", "degraded", 60);
    let start = picks(&engine, "A");
    let all = |engine: &Engine| engine.view().balancer().decision().number;
    let before = all(&engine);
    run_secs(&mut engine, 60);
    let share = (picks(&engine, "A") - start) as f64 / (all(&engine) - before) as f64;
    assert!(
        (share - 1.0 / 7.0).abs() < 0.01,
        "half of a quarter, of what is left: {share}"
    );
    let id = member(&engine, "A").endpoint.id;
    let expected = engine
        .view()
        .balancer()
        .expected_share(id)
        .expect("weights ask");
    assert!((expected - 1.0 / 7.0).abs() < 1e-9);

    fault(&mut engine, "A", FaultKind::Restore);
    wait_for(&mut engine, "A", "healthy", 60);
}

#[test]
fn draining_finishes_what_it_has_and_takes_nothing_new() {
    let mut engine = world(|_| ());
    run_secs(&mut engine, 5);
    let id = id_of(&engine, "B");
    send(
        &mut engine,
        Command::SetAdmin(id, evenkeel::sim::balance::endpoint::AdminState::Drain),
    );
    assert_eq!(belief(&engine, "B"), "draining");
    let before = picks(&engine, "B");
    run_secs(&mut engine, 10);
    assert_eq!(picks(&engine, "B"), before);
    assert_eq!(member(&engine, "B").endpoint.in_progress, 0);
    assert_eq!(engine.view().totals().failed, 0);
    send(
        &mut engine,
        Command::SetAdmin(id, evenkeel::sim::balance::endpoint::AdminState::Ready),
    );
    run_secs(&mut engine, 5);
    assert!(picks(&engine, "B") > before);
}

#[test]
fn switching_checks_off_forgets_what_they_found() {
    let mut engine = world(|_| ());
    fault(&mut engine, "B", FaultKind::Crash);
    wait_for(&mut engine, "B", "down", 30);
    send(&mut engine, Command::SetActiveChecks(None));
    send(&mut engine, Command::SetPassiveChecks(None));
    assert_eq!(belief(&engine, "B"), "healthy");
    run_secs(&mut engine, 20);
    assert_eq!(belief(&engine, "B"), "healthy", "nothing looks any more");
    send(
        &mut engine,
        Command::SetActiveChecks(Some(Default::default())),
    );
    wait_for(&mut engine, "B", "down", 30);
}

#[test]
fn a_full_queue_turns_requests_away_without_an_ejection() {
    let mut engine = world(|scene| {
        for server in &mut scene.servers {
            server.workers = 1;
            server.queue = 1;
        }
    });
    run_secs(&mut engine, 30);
    let totals = engine.view().totals();
    assert!(totals.rejected > 300 && totals.failed == 0, "{totals:?}");
    let ejected = engine
        .view()
        .facts()
        .iter()
        .any(|fact| matches!(fact.kind, ObservationKind::Ejected { .. }));
    assert!(!ejected);
}

#[test]
fn removing_a_server_ends_its_requests_as_removed() {
    let mut engine = world(|_| ());
    run_secs(&mut engine, 10);
    let theirs = u64::from(member(&engine, "D").endpoint.in_progress);
    assert!(theirs > 0);
    let id = id_of(&engine, "D");
    send(&mut engine, Command::RemoveServer(id));
    let removed = engine
        .view()
        .flashes()
        .iter()
        .filter(|flash| flash.outcome.word() == "removed");
    assert_eq!(removed.count() as u64, theirs);
    run_secs(&mut engine, 2);
    assert_eq!(engine.view().totals().failed, theirs);
}

#[test]
fn slowing_down_a_dead_server_does_not_revive_it() {
    let mut engine = only_passive();
    fault(&mut engine, "A", FaultKind::Crash);
    fault(&mut engine, "A", FaultKind::Slow(Permille(4_000)));
    fault(&mut engine, "A", FaultKind::Fail(Permille(500)));
    run_secs(&mut engine, 2);
    let trouble = member(&engine, "A").server.trouble();
    assert_eq!(
        trouble,
        Some(evenkeel::sim::fleet::server::ServerFault::Crashed)
    );
    assert_eq!(member(&engine, "A").endpoint.counts.answered, 0);
    fault(&mut engine, "A", FaultKind::Restore);
    assert_eq!(member(&engine, "A").server.trouble(), None);
}

/// Attempts at B by when their packet to the server set off after the attempt began, in milliseconds.
fn waits_for_b(engine: &mut Engine, secs: u64) -> BTreeMap<u64, BTreeSet<(u64, u32)>> {
    let b = id_of(engine, "B");
    let mut waits: BTreeMap<u64, BTreeSet<(u64, u32)>> = BTreeMap::new();
    for _ in 0..secs * 20 {
        run_ms(engine, 50);
        for (_, request) in engine.view().requests() {
            if let (Some(current), Phase::ToServer(trip)) = (request.current, request.phase)
                && current.server == b
            {
                let waited = trip.depart.since(current.sent_at).as_us() / 1_000;
                let attempt = (request.number, request.attempt);
                waits.entry(waited).or_default().insert(attempt);
            }
        }
    }
    waits
}

/// RFC 6298: the time-out doubles with each loss. Here the round trip takes 700 ms, and Linux adds 200 ms.
#[test]
fn a_lost_packet_is_sent_again_after_a_time_out_that_doubles() {
    let mut engine = world(|scene| {
        scene.balancer.passive_checks = None;
        scene.balancer.active_checks = None;
        scene.balancer.request_timeout_us = SimDuration::from_secs(3_600);
        scene.links.server_us = SimDuration::from_ms(350);
    });
    fault(&mut engine, "B", FaultKind::Loss(Permille(300)));
    let waits = waits_for_b(&mut engine, 600);
    let count = |ms: u64| waits.get(&ms).map_or(0, BTreeSet::len) as f64;
    let known: Vec<u64> = (0..16).map(|losses| 900 * ((1 << losses) - 1)).collect();
    assert_eq!(known[..4], [0, 900, 2_700, 6_300]);
    let found: Vec<&u64> = waits.keys().collect();
    assert!(found.iter().all(|ms| known.contains(ms)), "{found:?}");
    let all: f64 = known.iter().map(|ms| count(*ms)).sum();
    assert!(all > 400.0, "{all}");
    // 30 % once or more, 9 % twice or more. (Five standard deviations.)
    let within = |found: f64, share: f64| {
        let bound = 5.0 * (share * (1.0 - share) / all).sqrt();
        assert!((found / all - share).abs() < bound, "{found} of {all}");
    };
    within(all - count(0), 0.3);
    within(all - count(0) - count(900), 0.09);
    // What was lost only came late.
    assert_eq!(member(&engine, "B").endpoint.counts.failed, 0);
    fault(&mut engine, "B", FaultKind::Restore);
    run_secs(&mut engine, 60);
    let waits = waits_for_b(&mut engine, 60);
    assert_eq!(waits.keys().collect::<Vec<_>>(), [&0]);
}

#[test]
fn probes_and_requests_that_time_out_show_a_link_that_loses_packets() {
    let mut engine = only_active();
    fault(&mut engine, "B", FaultKind::Loss(Permille(500)));
    wait_for(&mut engine, "B", "down", 600);
    let mut engine = only_passive();
    fault(&mut engine, "B", FaultKind::Loss(Permille(500)));
    wait_for(&mut engine, "B", "ejected", 600);
    assert!(member(&engine, "B").endpoint.counts.timed_out > 0);
    assert_eq!(member(&engine, "A").endpoint.counts.timed_out, 0);
}
