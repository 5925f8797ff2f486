//! What each server gets in a whole run, beside what the algorithm aims at: the columns "Share" and
//! "Expected" of the page.

use std::collections::{BTreeMap, BTreeSet};

use evenkeel::sim::balance::algorithm::{Algorithm, CATALOGUE, Implementation};
use evenkeel::sim::balance::spec::Layer;
use evenkeel::sim::engine::command::Command;
use evenkeel::sim::engine::{Engine, EventBudget};
use evenkeel::sim::ids::ServerId;
use evenkeel::sim::time::SimDuration;

use crate::support::{picks, run_secs, send, world};

/// Share and expected share of each server.
fn shares(engine: &Engine) -> Vec<(Option<f64>, Option<f64>)> {
    let view = engine.view();
    let of = |id| (view.share(id), view.balancer().expected_share(id));
    view.members().map(|one| of(one.endpoint.id)).collect()
}

/// How far a share may be from what the row asks for after some 12,000 picks.
fn bound(id: &str, engine: Implementation) -> f64 {
    match (id, engine) {
        // HAProxy draws from a ring, whose points lie unevenly for small weights.
        ("random" | "weighted_random", Implementation::Haproxy) => 0.1,
        ("round_robin" | "weighted_round_robin", _) => 0.002,
        // Four deviations of a binomial.
        ("random" | "weighted_random", _) => 0.018,
        // It flattens weights under load: tests/it/picker_laws.rs says how far.
        ("weighted_least_connections" | "power_of_two", Implementation::Envoy) => 0.2,
        // Who has the fewest decides, and requests last differently.
        _ => 0.03,
    }
}

#[test]
fn every_server_gets_what_its_weight_and_the_algorithm_say() {
    for row in CATALOGUE {
        for implementation in row.flavours {
            let mut engine = world(|scene| {
                (scene.balancer.algorithm, scene.balancer.engine) =
                    (row.algorithm, *implementation);
                // Very many at once, so that whoever has the fewest for its weight has many.
                scene.arrivals.rate_rps = 600.0;
                for server in &mut scene.servers {
                    server.workers = 200;
                }
            });
            send(&mut engine, Command::RemoveServer(ServerId(3)));
            send(&mut engine, Command::SetWeight(ServerId(0), 3));
            run_secs(&mut engine, 20);
            let shares = shares(&engine);
            let what = format!("{} {}: {shares:?}", row.id, implementation.id());
            assert_eq!(shares.len(), 3);
            let all: f64 = shares.iter().filter_map(|(share, _)| *share).sum();
            assert!((all - 1.0).abs() < 1e-9, "{what}");
            for (slot, (share, expected)) in shares.iter().enumerate() {
                let share = share.expect("there were picks");
                match expected {
                    // Four addresses and a first server with room for all ask for nobody else.
                    None if ["ip_hash", "first"].contains(&row.id) => {}
                    None => assert!(share > 0.02, "{what}"),
                    Some(expected) => {
                        let by_weight = if slot == 0 { 0.6 } else { 0.2 };
                        let asked = [by_weight, 1.0 / 3.0];
                        assert!(
                            asked.iter().any(|one| (one - expected).abs() < 1e-9),
                            "{what}"
                        );
                        let off = (share - expected).abs();
                        assert!(off < bound(row.id, *implementation), "{what}");
                    }
                }
            }
        }
    }
}

#[test]
fn weights_count_where_the_algorithm_honours_them() {
    for (algorithm, expected) in [
        (Algorithm::RoundRobin, Some(0.25)),
        (Algorithm::WeightedRoundRobin, Some(0.5)),
        (Algorithm::Random, Some(0.25)),
        (Algorithm::WeightedRandom, Some(0.5)),
        (Algorithm::LeastConnections, Some(0.25)),
        (Algorithm::WeightedLeastConnections, Some(0.5)),
        (Algorithm::IpHash, None),
        (Algorithm::KeyHash, None),
        (Algorithm::ConsistentHash, None),
    ] {
        let mut engine = world(|scene| scene.balancer.algorithm = algorithm);
        send(&mut engine, Command::SetWeight(ServerId(0), 3));
        run_secs(&mut engine, 1);
        let (_, found) = shares(&engine)[0];
        assert_eq!(found, expected, "{algorithm:?}");
    }
}

#[test]
fn shares_count_from_the_last_change_of_what_decides_them() {
    let mut engine = world(|_| ());
    for change in [
        Command::SetWeight(ServerId(0), 2),
        Command::SetAlgorithm(Algorithm::Random, Implementation::Nginx),
        Command::SetLayer(Layer::L4),
        Command::AddServer,
        Command::RemoveServer(ServerId(1)),
    ] {
        run_secs(&mut engine, 5);
        assert!(shares(&engine).iter().any(|(share, _)| *share > Some(0.0)));
        let before: u64 = picks(&engine).iter().sum();
        send(&mut engine, change.clone());
        let none = shares(&engine).iter().all(|(share, _)| share.is_none());
        assert!(none, "{change:?}");
        // The counts of the whole run go on; those of a server that is gone go with it.
        let after: u64 = picks(&engine).iter().sum();
        let gone = change == Command::RemoveServer(ServerId(1));
        assert!(gone || after == before, "{change:?}");
    }
}

#[test]
fn fairness_is_of_picks_for_each_unit_of_weight() {
    let fairness = |algorithm| {
        let mut engine = world(|scene| {
            scene.balancer.algorithm = algorithm;
            scene.servers.truncate(3);
            scene.servers[0].weight = 3;
        });
        run_secs(&mut engine, 200);
        engine.view().fairness().expect("there were picks")
    };
    let fair = fairness(Algorithm::WeightedRoundRobin);
    assert!(fair > 0.9999, "{fair}");
    // A third each is a third of what the first is due: (1/3 + 1 + 1)² / (3 · (1/9 + 1 + 1)).
    let equal = fairness(Algorithm::RoundRobin);
    assert!((equal - 49.0 / 57.0).abs() < 0.001, "{equal}");
}

/// The servers to which each client's requests go, by address, in so many seconds.
fn went_to(engine: &mut Engine, secs: u64) -> BTreeMap<String, BTreeSet<ServerId>> {
    let mut seen: BTreeMap<String, BTreeSet<ServerId>> = BTreeMap::new();
    for _ in 0..secs * 100 {
        let until = engine.view().now() + SimDuration::from_ms(10);
        engine.run_until(until, EventBudget::UNBOUNDED);
        let view = engine.view();
        for (_, request) in view.requests() {
            let client = &view.scenario().clients[request.draw.client.index()];
            if let Some(attempt) = request.current {
                let servers = seen.entry(client.address.to_string()).or_default();
                servers.insert(attempt.server);
            }
        }
    }
    seen
}

#[test]
fn ip_hash_keeps_each_address_on_one_server_and_round_robin_does_not() {
    let mut hash = world(|scene| scene.balancer.algorithm = Algorithm::IpHash);
    let seen = went_to(&mut hash, 60);
    assert_eq!(seen.len(), 4, "{seen:?}");
    assert!(seen.values().all(|servers| servers.len() == 1), "{seen:?}");
    let mut turns = world(|_| ());
    let seen = went_to(&mut turns, 60);
    assert!(seen.values().all(|servers| servers.len() == 4), "{seen:?}");
}
