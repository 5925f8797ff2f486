//! A sticky cookie at L7: a user stays where the last answer came from, as long as that works.

use evenkeel::sim::balance::algorithm::Implementation;
use evenkeel::sim::balance::endpoint::AdminState;
use evenkeel::sim::balance::picker::Reason;
use evenkeel::sim::balance::spec::{Layer, QueueSpec};
use evenkeel::sim::engine::Engine;
use evenkeel::sim::engine::command::{Command, FaultKind};
use evenkeel::sim::time::SimDuration;
use evenkeel::sim::units::Permille;

use crate::support::{fault, id_of, member, run_ms, run_secs, send, tries, wait_for, world};

/// One browser that sends five requests a second, slowly enough to have its cookie.
fn browser(edit: impl FnOnce(&mut evenkeel::sim::scenario::Scenario)) -> Engine {
    world(|scene| {
        scene.clients.truncate(2);
        scene.clients.remove(0);
        scene.arrivals.rate_rps = 5.0;
        scene.balancer.sticky_cookie = true;
        edit(scene);
    })
}

/// The only server that got anything in the last seconds.
fn only_one(engine: &mut Engine, secs: u64) -> String {
    let before = tries(engine);
    run_secs(engine, secs);
    let used: Vec<String> = engine
        .view()
        .members()
        .zip(before)
        .filter(|(member, before)| member.endpoint.counts.tries > *before)
        .map(|(member, _)| member.server.spec.name.clone())
        .collect();
    assert_eq!(used.len(), 1, "{used:?}");
    used[0].clone()
}

#[test]
fn an_error_carries_the_cookie_too() {
    let mut engine = browser(|scene| scene.balancer.passive_checks = None);
    for name in ["A", "B", "C", "D"] {
        fault(&mut engine, name, FaultKind::Fail(Permille(1_000)));
    }
    // The first requests may go out before the first answer is back.
    run_secs(&mut engine, 10);
    only_one(&mut engine, 30);
    assert_eq!(engine.view().totals().answered, 0);
}

#[test]
fn a_user_stays_where_the_last_answer_came_from() {
    let mut engine = browser(|_| ());
    engine.set_watched(true);
    run_secs(&mut engine, 10);
    only_one(&mut engine, 30);
    let picked = engine.view().balancer().decision().picked;
    assert!(matches!(picked, Some((_, Reason::Pinned))), "{picked:?}");

    let mut free = browser(|scene| scene.balancer.sticky_cookie = false);
    run_secs(&mut free, 40);
    assert!(tries(&free).iter().all(|tries| *tries > 20));
    let mut l4 = browser(|scene| scene.balancer.layer = Layer::L4);
    run_secs(&mut l4, 40);
    assert!(tries(&l4).iter().all(|tries| *tries > 20));
}

#[test]
fn draining_keeps_its_own_and_maintenance_does_not() {
    let mut engine = browser(|_| ());
    run_secs(&mut engine, 10);
    let upstream_ref = only_one(&mut engine, 10);
    let id = id_of(&engine, &upstream_ref);
    send(&mut engine, Command::SetAdmin(id, AdminState::Drain));
    assert_eq!(only_one(&mut engine, 20), upstream_ref);
    send(&mut engine, Command::SetAdmin(id, AdminState::Maint));
    run_secs(&mut engine, 10);
    assert_ne!(only_one(&mut engine, 20), upstream_ref);
}

/// What waits in a server's own queue goes elsewhere when the server is drained, though the cookie names it (HAProxy
/// 2.8, src/queue.c: `pendconn_redistribute`).
#[test]
fn who_waits_for_a_server_that_is_drained_goes_to_another() {
    let mut engine = browser(|scene| {
        scene.balancer.engine = Implementation::Haproxy;
        scene.balancer.passive_checks = None;
        scene.balancer.retries.tries = 2;
        scene.balancer.queue = Some(QueueSpec {
            limit: 50,
            timeout_us: SimDuration::from_secs(60),
        });
        scene.balancer.request_timeout_us = SimDuration::from_secs(60);
        for server in &mut scene.servers {
            server.max_conns = Some(1);
        }
    });
    run_secs(&mut engine, 10);
    let name = only_one(&mut engine, 10);
    fault(&mut engine, &name, FaultKind::Hang);
    run_secs(&mut engine, 3);
    let waiting = member(&engine, &name).endpoint.queued;
    assert!(waiting >= 10, "{waiting} wait");
    let before = tries(&engine);
    let drain = Command::SetAdmin(id_of(&engine, &name), AdminState::Drain);
    send(&mut engine, drain);
    assert_eq!(member(&engine, &name).endpoint.queued, 0);
    run_ms(&mut engine, 1);
    // Each of the three others takes one at once; the rest wait for them.
    let more: Vec<u64> = tries(&engine)
        .iter()
        .zip(before)
        .map(|(now, then)| now - then)
        .collect();
    assert_eq!(more.iter().sum::<u64>(), 3, "{more:?}");
}

#[test]
fn a_user_moves_when_its_server_is_down_and_stays_there_after() {
    let mut engine = browser(|_| ());
    run_secs(&mut engine, 10);
    let upstream_ref = only_one(&mut engine, 10);
    fault(&mut engine, &upstream_ref, FaultKind::Crash);
    wait_for(&mut engine, &upstream_ref, "ejected", 10);
    run_secs(&mut engine, 10);
    let next = only_one(&mut engine, 10);
    assert_ne!(next, upstream_ref);
    fault(&mut engine, &upstream_ref, FaultKind::Restore);
    wait_for(&mut engine, &upstream_ref, "healthy", 90);
    assert_eq!(only_one(&mut engine, 20), next);
    assert!(member(&engine, &upstream_ref).endpoint.counts.failed > 0);
}

#[test]
fn forty_people_behind_one_address_spread_and_stay() {
    let mut engine = world(|scene| {
        scene.clients.truncate(1);
        scene.arrivals.rate_rps = 20.0;
        scene.balancer.sticky_cookie = true;
    });
    run_secs(&mut engine, 200);
    assert!(tries(&engine).iter().all(|tries| *tries > 300));
}
