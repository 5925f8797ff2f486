//! A limit of connections for each endpoint, and the queue at the balancer behind it.

use evenkeel::sim::balance::algorithm::{Algorithm, Implementation};
use evenkeel::sim::balance::endpoint::{AdminState, Tier};
use evenkeel::sim::balance::retry::RetrySpec;
use evenkeel::sim::balance::set::BackupRule;
use evenkeel::sim::balance::spec::{Layer, QueueSpec};
use evenkeel::sim::engine::Engine;
use evenkeel::sim::engine::command::{Command, FaultKind};
use evenkeel::sim::engine::request::Phase;
use evenkeel::sim::fleet::spec::Work;
use evenkeel::sim::ids::ServerId;
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::time::SimDuration;
use evenkeel::sim::units::Permille;

use crate::support::{fault, id_of, run_ms, run_secs, send, tries, world};

/// Four servers that take `most` at once, 100 ms each: 40 · `most` requests a second.
fn limited(most: u32, queue: Option<QueueSpec>, edit: impl FnOnce(&mut Scenario)) -> Engine {
    world(|scene| {
        for server in &mut scene.servers {
            server.max_conns = Some(most);
            server.workers = 20;
        }
        scene.classes.truncate(1);
        scene.classes[0].work = Work::Fixed {
            us: SimDuration::from_ms(100),
        };
        scene.links.client_us = SimDuration::ZERO;
        scene.links.server_us = SimDuration::ZERO;
        // Whoever is sent first is read first.
        (scene.balancer.tls_us, scene.balancer.parse_us) = (SimDuration::ZERO, SimDuration::ZERO);
        scene.balancer.active_checks = None;
        scene.balancer.queue = queue;
        edit(scene);
    })
}

fn waiting(engine: &Engine) -> Vec<u64> {
    let mut numbers: Vec<u64> = engine
        .view()
        .requests()
        .filter(|(_, request)| matches!(request.phase, Phase::Queued { .. }))
        .map(|(_, request)| request.number)
        .collect();
    numbers.sort_unstable();
    numbers
}

fn words(engine: &Engine) -> Vec<&'static str> {
    let mut words: Vec<&str> = engine
        .view()
        .flashes()
        .iter()
        .map(|flash| flash.outcome.word())
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

#[test]
fn nobody_ever_has_more_than_the_limit() {
    for layer in [Layer::L4, Layer::L7] {
        let mut engine = limited(1, Some(QueueSpec::default()), |scene| {
            scene.arrivals.rate_rps = 60.0;
            scene.balancer.layer = layer;
            for client in &mut scene.clients {
                client.requests_per_connection = 1;
            }
        });
        for _ in 0..500 {
            run_ms(&mut engine, 10);
            for member in engine.view().members() {
                assert!(member.endpoint.active <= 1);
            }
        }
        let busy = engine
            .view()
            .members()
            .map(|m| m.endpoint.active)
            .sum::<u32>();
        assert_eq!(busy, 4, "the queue never runs dry at 150 % load");
        assert!(engine.view().totals().answered > 180);
    }
}

#[test]
fn who_waits_goes_first_come_first_served_to_whoever_has_room() {
    let mut engine = limited(1, Some(QueueSpec::default()), |scene| {
        scene.arrivals.rate_rps = 60.0;
    });
    run_secs(&mut engine, 2);
    let mut before = waiting(&engine);
    assert!(before.len() > 20);
    for _ in 0..200 {
        run_ms(&mut engine, 5);
        let now = waiting(&engine);
        // Those that left were the first.
        let left = before.iter().filter(|number| !now.contains(number)).count();
        assert!(before[left..].iter().all(|number| now.contains(number)));
        before = now;
    }
}

#[test]
fn a_full_queue_and_a_long_wait_turn_away_with_reasons_of_their_own() {
    let short = QueueSpec {
        limit: 5,
        timeout_us: SimDuration::from_secs(10),
    };
    let busy = |scene: &mut Scenario| scene.arrivals.rate_rps = 80.0;
    let mut engine = limited(1, Some(short), busy);
    run_secs(&mut engine, 10);
    assert_eq!(words(&engine), ["balancer queue full"]);
    let rejected = engine.view().totals().rejected;
    assert!((350..=450).contains(&rejected), "{rejected}");

    let impatient = QueueSpec {
        limit: 10_000,
        timeout_us: SimDuration::from_ms(500),
    };
    let mut engine = limited(1, Some(impatient), busy);
    run_secs(&mut engine, 10);
    assert_eq!(words(&engine), ["waited too long at the balancer"]);
    let longest = waiting(&engine).len();
    assert!(longest <= 50, "half a second of 80 a second: {longest}");

    let mut engine = limited(1, None, busy);
    run_secs(&mut engine, 10);
    assert_eq!(words(&engine), ["balancer queue full"]);
}

#[test]
fn room_that_comes_from_outside_is_used_at_once() {
    let patient = QueueSpec {
        limit: 10_000,
        timeout_us: SimDuration::from_secs(600),
    };
    let mut engine = limited(1, Some(patient), |scene| scene.arrivals.rate_rps = 60.0);
    run_secs(&mut engine, 5);
    let before = waiting(&engine).len();
    for _ in 0..6 {
        send(&mut engine, Command::AddServer);
    }
    assert_eq!(waiting(&engine).len(), before - 6);
    run_secs(&mut engine, 20);
    assert_eq!(waiting(&engine).len(), 0);
    assert_eq!(engine.view().totals().unanswered(), 0);
}

#[test]
fn who_waits_while_everyone_goes_is_served_when_someone_is_back() {
    let mut engine = limited(2, Some(QueueSpec::default()), |scene| {
        scene.arrivals.rate_rps = 100.0;
    });
    run_secs(&mut engine, 3);
    assert!(!waiting(&engine).is_empty());
    for name in ["A", "B", "C"] {
        let id = id_of(&engine, name);
        send(&mut engine, Command::RemoveServer(id));
    }
    fault(&mut engine, "D", FaultKind::Crash);
    run_secs(&mut engine, 5);
    fault(&mut engine, "D", FaultKind::Restore);
    let answered = engine.view().totals().answered;
    run_secs(&mut engine, 30);
    assert!(engine.view().totals().answered > answered + 300);
    assert!(engine.view().is_conserved());
}

/// In a panic health is ignored, so the one server that a key may have is picked although it is ejected.
#[test]
fn who_waits_for_one_server_goes_on_waiting_for_it_in_a_panic() {
    let mut engine = limited(1, Some(QueueSpec::default()), |scene| {
        scene.arrivals.rate_rps = 60.0;
        scene.servers.truncate(2);
        scene.classes[0].items = 1;
        scene.balancer.engine = Implementation::Haproxy;
        scene.balancer.algorithm = Algorithm::KeyHash;
        scene.balancer.panic_percent = 100;
        scene.balancer.retries = RetrySpec::default();
    });
    run_secs(&mut engine, 2);
    assert!(!waiting(&engine).is_empty(), "they wait for one server");
    for name in ["A", "B"] {
        fault(&mut engine, name, FaultKind::Fail(Permille(1_000)));
    }
    run_secs(&mut engine, 10);
    let ejected = engine.view().members().any(|one| one.endpoint.is_ejected());
    assert!(ejected && engine.view().balancer().upstreams()[0].is_panicking());
    assert!(engine.view().is_conserved());
    let used = tries(&engine).into_iter().filter(|tries| *tries > 0);
    assert_eq!(used.count(), 1, "nobody else may have the key");
}

/// HAProxy 2.8 with one server that is full: `set server … weight 0` leaves those who wait where they are, `state
/// drain` turns them away.
#[test]
fn weight_0_turns_nobody_away_who_waits_and_a_drain_does() {
    for algorithm in [
        Algorithm::RoundRobin,
        Algorithm::LeastConnections,
        Algorithm::WeightedRoundRobin,
    ] {
        let mut engine = limited(1, Some(QueueSpec::default()), |scene| {
            scene.arrivals.rate_rps = 60.0;
            scene.servers.truncate(1);
            scene.balancer.engine = Implementation::Haproxy;
            scene.balancer.algorithm = algorithm;
            scene.balancer.passive_checks = None;
        });
        run_secs(&mut engine, 1);
        let before = waiting(&engine);
        assert!(before.len() > 10, "{before:?}");
        let id = id_of(&engine, "A");
        send(&mut engine, Command::SetWeight(id, 0));
        assert_eq!(waiting(&engine), before, "{algorithm:?}");
        send(&mut engine, Command::SetAdmin(id, AdminState::Drain));
        assert!(waiting(&engine).is_empty(), "{algorithm:?}");
        assert!(engine.view().is_conserved());
    }
}

/// Without `option allbackups` HAProxy sends everything to the first backup, full or not: who finds it full waits in
/// its own queue, and is turned away where that has no room (`maxqueue`).
#[test]
fn the_one_backup_that_serves_has_a_queue_of_its_own() {
    let own_queue = |algorithm, backups| {
        let mut engine = limited(1, Some(QueueSpec::default()), |scene| {
            scene.arrivals.rate_rps = 60.0;
            scene.servers.truncate(2);
            for server in &mut scene.servers {
                (server.tier, server.max_queue) = (Tier::Backup, Some(3));
            }
            scene.balancer.backups = backups;
            scene.balancer.engine = Implementation::Haproxy;
            scene.balancer.algorithm = algorithm;
            scene.balancer.passive_checks = None;
        });
        run_secs(&mut engine, 2);
        let queued = engine.view().members().map(|one| one.endpoint.queued);
        (queued.collect::<Vec<_>>(), waiting(&engine).len())
    };
    for algorithm in [
        Algorithm::RoundRobin,
        Algorithm::LeastConnections,
        Algorithm::First,
    ] {
        assert_eq!(
            own_queue(algorithm, BackupRule::First),
            (vec![3, 0], 3),
            "{algorithm:?}"
        );
    }
    let (queued, all) = own_queue(Algorithm::RoundRobin, BackupRule::All);
    assert_eq!(queued, [0, 0]);
    assert!(all > 20, "{all} wait for either");
}

/// HAProxy 2.8, tried with two servers of `maxconn 1`: a server that had no weight or drained, and is back, stays idle
/// while requests wait, until a request ends somewhere; one that was in maintenance takes the next at once. Meanwhile
/// round robin sends new requests behind those that wait, and leastconn does not.
#[test]
fn a_server_that_is_back_asks_for_who_waits_only_after_maintenance() {
    let after = |algorithm, off, on| {
        let mut engine = limited(1, Some(QueueSpec::default()), |scene| {
            scene.arrivals.rate_rps = 60.0;
            scene.servers.truncate(2);
            scene.classes[0].work = Work::Fixed {
                us: SimDuration::from_secs(60),
            };
            scene.balancer.request_timeout_us = SimDuration::from_secs(600);
            scene.balancer.engine = Implementation::Haproxy;
            scene.balancer.algorithm = algorithm;
            scene.balancer.passive_checks = None;
        });
        run_secs(&mut engine, 1);
        send(&mut engine, off);
        // Its own request ends, and nobody comes.
        let ended = |engine: &Engine| engine.view().totals().answered;
        while ended(&engine) == 0 {
            run_ms(&mut engine, 10);
        }
        let before = tries(&engine)[0];
        send(&mut engine, on);
        run_ms(&mut engine, 1);
        let at_once = tries(&engine)[0] - before;
        run_ms(&mut engine, 500);
        (at_once, tries(&engine)[0] - before)
    };
    let a = ServerId(0);
    let ready = Command::SetAdmin(a, AdminState::Ready);
    let drain = Command::SetAdmin(a, AdminState::Drain);
    let maint = Command::SetAdmin(a, AdminState::Maint);
    for algorithm in [Algorithm::RoundRobin, Algorithm::LeastConnections] {
        let new_ones = u64::from(algorithm == Algorithm::LeastConnections);
        let heavy = Command::SetWeight(a, 1);
        let light = Command::SetWeight(a, 0);
        assert_eq!(
            after(algorithm, light, heavy),
            (0, new_ones),
            "{algorithm:?}"
        );
        assert_eq!(
            after(algorithm, drain.clone(), ready.clone()),
            (0, new_ones),
            "{algorithm:?}"
        );
        assert_eq!(
            after(algorithm, maint.clone(), ready.clone()),
            (1, 1),
            "{algorithm:?}"
        );
    }
}
