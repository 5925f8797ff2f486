//! Questions about HAProxy.

use evenkeel::sim::balance::algorithm::{Algorithm, HashOptions, Implementation};
use evenkeel::sim::balance::endpoint::{Tier, WEIGHT_UNIT};
use evenkeel::sim::balance::retry::RetryOn;
use evenkeel::sim::balance::set::BackupRule;
use evenkeel::sim::balance::slow_start::{SlowStart, SlowStartCurve};
use evenkeel::sim::balance::spec::QueueSpec;
use evenkeel::sim::engine::Engine;
use evenkeel::sim::engine::command::{Command, FaultKind};
use evenkeel::sim::engine::request::Phase;
use evenkeel::sim::fleet::spec::{ArrivalProcess, Work};
use evenkeel::sim::health::active::ActiveConfig;
use evenkeel::sim::metrics::outcome::{Failure, Outcome, Rejection};
use evenkeel::sim::time::SimDuration;
use evenkeel::sim::units::Permille;

use super::{by, follow, plain};
use crate::support::{belief, fault, member, picks, run_ms, send, tries, wait_for, world};

const HAPROXY: Implementation = Implementation::Haproxy;

/// Requests on A for each one on B, over a run and at one time, where A is half as fast and 20 users never pause.
fn slow_and_fast(algorithm: Algorithm) -> (f64, f64) {
    let mut engine = world(|scene| {
        plain(scene, 2, 10, 10);
        scene.classes[0].work = Work::Exponential {
            mean_us: SimDuration::from_ms(10),
        };
        scene.servers[0].speed_permille = Permille(500);
        for server in &mut scene.servers {
            server.weight = 9;
        }
        scene.arrivals.process = ArrivalProcess::ClosedLoop;
        scene.clients[0].users = 20;
        by(scene, algorithm, HAPROXY);
    });
    let mut open = [0_u64; 2];
    for _ in 0..3_000 {
        run_ms(&mut engine, 10);
        for (sum, one) in open.iter_mut().zip(engine.view().members()) {
            *sum += u64::from(one.endpoint.in_progress);
        }
    }
    let got = tries(&engine);
    let ratio = |[a, b]: [u64; 2]| a as f64 / b as f64;
    (ratio([got[0], got[1]]), ratio(open))
}

/// Case 9. Why does leastconn give one of two servers of equal weight half of the sessions?
/// <https://github.com/haproxy/haproxy/issues/1099>
///
/// Some 50,000 requests of 20 ms and 10 ms on average; 5 % is allowed where chance decides.
#[test]
fn leastconn_equals_what_is_open_and_roundrobin_equals_the_counts() {
    let near = |found: f64, asked: f64| (found / asked - 1.0).abs() < 0.05;
    let (counts, open) = slow_and_fast(Algorithm::WeightedLeastConnections);
    assert!(near(counts, 0.5) && near(open, 1.0), "{counts} {open}");
    let (counts, open) = slow_and_fast(Algorithm::WeightedRoundRobin);
    assert!((counts - 1.0).abs() < 0.001, "{counts}");
    assert!(near(open, 2.0), "{open}");
}

/// Case 10. Why do ten connections not divide as weights 2 and 5 say?
/// <https://github.com/haproxy/haproxy/issues/1393>
#[test]
fn four_connections_cannot_divide_as_two_to_five() {
    let mut engine = world(|scene| {
        plain(scene, 2, 3_000_000, 10);
        (scene.servers[0].weight, scene.servers[1].weight) = (2, 5);
        by(scene, Algorithm::WeightedLeastConnections, HAPROXY);
    });
    run_ms(&mut engine, 45);
    let view = engine.view();
    let members = || view.members().map(|one| one.endpoint);
    let open: Vec<u32> = members().map(|one| one.in_progress).collect();
    assert_eq!(open, [1, 3]);
    let shares: Vec<_> = members().map(|one| view.share(one.id)).collect();
    assert_eq!(shares, [Some(0.25), Some(0.75)]);
    let asked: Vec<f64> = members()
        .filter_map(|one| view.balancer().expected_share(one.id))
        .collect();
    assert_eq!(asked, [2.0 / 7.0, 5.0 / 7.0]);
    assert!(view.facts().is_empty(), "nobody calls it a fault");
}

/// Case 11. Why do 90 of 100 requests with one key get a 503 while nine servers are idle?
/// <https://github.com/haproxy/haproxy/issues/2893>
#[test]
fn one_key_fills_one_server_and_leaves_nine_idle() {
    let mut engine = world(|scene| {
        plain(scene, 10, 5_000, 10);
        for server in &mut scene.servers {
            (server.max_conns, server.max_queue) = (Some(10), Some(10));
        }
        by(scene, Algorithm::KeyHash, HAPROXY);
        scene.balancer.hash = HashOptions {
            consistent: true,
            ..HashOptions::default()
        };
        scene.balancer.queue = Some(QueueSpec {
            limit: 1_000,
            timeout_us: SimDuration::from_secs(60),
        });
    });
    run_ms(&mut engine, 1_005);
    send(&mut engine, Command::SetTraffic(0));
    let served = |engine: &Engine| {
        let mut got = tries(engine);
        got.sort_unstable();
        (got[..9].iter().sum::<u64>(), got[9])
    };
    assert_eq!(engine.view().totals().arrived, 100);
    assert_eq!(served(&engine), (0, 10));
    let waits = |phase| matches!(phase, Phase::Queued { .. });
    let waiting = engine.view().requests();
    assert_eq!(waiting.filter(|(_, one)| waits(one.phase)).count(), 10);
    let refused = Outcome::Rejected(Rejection::BalancerQueueFull);
    assert_eq!(engine.view().totals().of(refused), 80);
    run_ms(&mut engine, 20_000);
    assert_eq!(
        served(&engine),
        (0, 20),
        "whoever waited, waited for that one"
    );
    assert_eq!(engine.view().totals().answered, 20);
}

/// Case 12. Why does a request that was refused wait a second before it is tried again?
/// <https://github.com/haproxy/haproxy/issues/1867>
///
/// HAProxy waits for the time limit of a connection where that is below a second. A scene has no such limit, so it is
/// the whole second here.
#[test]
fn each_retry_on_the_server_that_refused_costs_a_second() {
    for retries in 0..4_u32 {
        let mut engine = world(|scene| {
            plain(scene, 1, 1, 10_000);
            by(scene, Algorithm::RoundRobin, HAPROXY);
            scene.balancer.retries.tries = retries + 1;
            scene.balancer.retries.on = vec![RetryOn::Refused];
        });
        fault(&mut engine, "A", FaultKind::Crash);
        let told = follow(&mut engine, 19_000);
        assert_eq!(told.len(), 1);
        let one = &told[0];
        assert_eq!(one.tried, "A".repeat(retries as usize + 1));
        assert_eq!(one.took, SimDuration::from_secs(retries.into()));
        assert_eq!(one.outcome, Outcome::Failed(Failure::Refused));
    }
}

/// Case 13, the half about `option redispatch 1`: does the second try of a request reach another server?
/// <https://github.com/ray-project/ray/pull/63622>
///
/// The simulation has no `option redispatch` without a number, which moves the last try alone.
#[test]
fn redispatch_1_leaves_the_dead_server_with_the_second_try() {
    let mut engine = world(|scene| {
        plain(scene, 4, 1, 10);
        by(scene, Algorithm::RoundRobin, HAPROXY);
        scene.balancer.retries.tries = 4;
        scene.balancer.retries.on = vec![RetryOn::Refused];
    });
    fault(&mut engine, "A", FaultKind::Crash);
    let told = follow(&mut engine, 2_005);
    assert_eq!((told.len(), told[0].tried.as_str()), (200, "AB"));
    let (first_dead, others): (Vec<_>, Vec<_>) =
        told.iter().partition(|one| one.tried.starts_with('A'));
    assert!(first_dead.len() > 40 && others.len() > 100);
    for one in first_dead {
        assert_eq!((one.tried.len(), one.tried.matches('A').count()), (2, 1));
        assert_eq!(one.took, SimDuration::from_ms(1), "nobody waits");
    }
    assert!(others.iter().all(|one| one.tried.len() == 1));
    assert_eq!(engine.view().totals().unanswered(), 0);
}

/// Three servers of weights 200, 150 and 100, and a fourth, which is a backup or has weight 50.
fn four_servers(backup: bool) -> Engine {
    world(|scene| {
        plain(scene, 4, 1, 10);
        for (server, weight) in scene.servers.iter_mut().zip([200, 150, 100, 50]) {
            server.weight = weight;
        }
        if backup {
            scene.servers[3].tier = Tier::Backup;
        }
        scene.balancer.backups = BackupRule::First;
        scene.balancer.active_checks = Some(ActiveConfig::default());
        by(scene, Algorithm::WeightedRoundRobin, HAPROXY);
    })
}

/// Case 16. Is a backup server the same as one of low weight?
/// <https://serveraide.com/difference-betwwen-two-haproxy-configurations-209102>
#[test]
fn a_backup_gets_nothing_while_a_weight_of_50_gets_a_tenth() {
    let mut weighted = four_servers(false);
    run_ms(&mut weighted, 5_005);
    assert_eq!(picks(&weighted), [200, 150, 100, 50]);
    let mut engine = four_servers(true);
    run_ms(&mut engine, 4_505);
    assert_eq!(picks(&engine), [200, 150, 100, 0]);
    for name in ["A", "B", "C"] {
        fault(&mut engine, name, FaultKind::Crash);
    }
    for name in ["A", "B", "C"] {
        wait_for(&mut engine, name, "down", 30);
    }
    let before = picks(&engine);
    run_ms(&mut engine, 5_000);
    let more: Vec<u64> = picks(&engine)
        .iter()
        .zip(before)
        .map(|(now, before)| now - before)
        .collect();
    assert_eq!(more, [0, 0, 0, 500]);
}

/// Case 17. Does `slowstart` spare a server that is new, or one that comes back?
/// <https://github.com/haproxytech/kubernetes-ingress/issues/625>
#[test]
fn slowstart_spares_who_comes_back_and_nobody_at_the_start() {
    let mut engine = world(|scene| {
        plain(scene, 4, 1, 10);
        by(scene, Algorithm::WeightedRoundRobin, HAPROXY);
        scene.balancer.active_checks = Some(ActiveConfig::default());
        scene.balancer.slow_start = Some(SlowStart {
            window_us: SimDuration::from_secs(60),
            shape: SlowStartCurve::Haproxy,
        });
    });
    run_ms(&mut engine, 4_005);
    assert_eq!(picks(&engine), [100; 4]);
    fault(&mut engine, "B", FaultKind::Crash);
    wait_for(&mut engine, "B", "down", 30);
    fault(&mut engine, "B", FaultKind::Restore);
    wait_for(&mut engine, "B", "slow start", 10);
    // Sixteenths of the weight by whole seconds, the first at once; looked at every three seconds.
    let mut second = 0;
    while belief(&engine, "B") == "slow start" {
        let sixteenths = (16 * (second - second % 3) + 60) / 60;
        let share = member(&engine, "B").endpoint.ramp * 16 / WEIGHT_UNIT;
        assert_eq!(share, sixteenths, "second {second}");
        run_ms(&mut engine, 1_000);
        second += 1;
    }
    // (16 · 57 + 60) / 60 is 16: the last sixteenth rounds up to the whole three seconds before the end.
    assert_eq!(second, 57);
    assert_eq!(belief(&engine, "B"), "healthy");
}
