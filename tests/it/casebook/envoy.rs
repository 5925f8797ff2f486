//! Questions about Envoy and Istio.

use evenkeel::sim::balance::algorithm::{Algorithm, Implementation};
use evenkeel::sim::engine::Engine;
use evenkeel::sim::engine::command::FaultKind;
use evenkeel::sim::health::passive::PassiveSpec;
use evenkeel::sim::metrics::outcome::{Failure, Outcome, Rejection};
use evenkeel::sim::time::SimDuration;
use evenkeel::sim::units::Permille;

use super::{by, name, plain};
use crate::support::{fault, run_ms, tries, world};

/// So many hosts that fail every request; five failures in a row eject one for 30 s. A request comes every 10 ms, in
/// the middle of each ten.
fn failing(hosts: usize, panic_percent: u32, max_ejection_percent: u32) -> Engine {
    let mut engine = world(|scene| {
        plain(scene, hosts, 1, 10);
        by(scene, Algorithm::RoundRobin, Implementation::Envoy);
        scene.balancer.panic_percent = panic_percent;
        scene.balancer.passive_checks = Some(PassiveSpec {
            consecutive_failures: 5,
            base_ejection_us: SimDuration::from_secs(30),
            max_ejection_percent,
            ..PassiveSpec::default()
        });
    });
    for host in 0..hosts {
        fault(&mut engine, &name(host), FaultKind::Fail(Permille(1_000)));
    }
    run_ms(&mut engine, 5);
    engine
}

fn ejected(engine: &Engine) -> usize {
    let members = engine.view().members();
    members.filter(|one| one.endpoint.is_ejected()).count()
}

fn count(engine: &Engine, outcome: Outcome) -> u64 {
    engine.view().totals().of(outcome)
}

const SERVER_ERROR: Outcome = Outcome::Failed(Failure::ServerError);
const NO_UPSTREAM: Outcome = Outcome::Rejected(Rejection::NoEndpoint);

/// Case 18. Why does a host that is ejected still get every request?
/// <https://github.com/envoyproxy/envoy/issues/2671>
#[test]
fn in_a_panic_ejected_hosts_get_every_request() {
    let mut engine = failing(2, 50, 100);
    run_ms(&mut engine, 1_000);
    assert_eq!(ejected(&engine), 2);
    assert_eq!(count(&engine, SERVER_ERROR), 100, "of 100 requests");
    assert_eq!(tries(&engine), [50, 50]);
    let mut engine = failing(2, 0, 100);
    run_ms(&mut engine, 1_000);
    assert_eq!(ejected(&engine), 2);
    assert_eq!(count(&engine, SERVER_ERROR), 10);
    assert_eq!(count(&engine, NO_UPSTREAM), 90);
    assert_eq!(tries(&engine), [5, 5], "no upstream for the rest");
}

/// Case 19, the half about the new rule: does a limit of 10 % let one of two hosts be ejected?
/// <https://github.com/envoyproxy/envoy/issues/17504>, <https://github.com/envoyproxy/envoy/pull/27909>
///
/// The simulation's Envoy is version 1.40. The rule before that change, by which one may always go, is not in it.
#[test]
fn a_limit_of_ten_percent_ejects_neither_of_two_hosts() {
    let most = |percent| {
        let mut engine = failing(2, 0, percent);
        let mut most = 0;
        for _ in 0..200 {
            run_ms(&mut engine, 10);
            most = most.max(ejected(&engine));
        }
        most
    };
    assert_eq!([most(10), most(50), most(100)], [0, 1, 2]);
}

/// Case 20. Why are there fifteen errors before all of three hosts are out, if five are configured?
/// <https://github.com/istio/istio/issues/45128>
#[test]
fn five_errors_for_each_of_three_hosts_are_fifteen() {
    let mut engine = failing(3, 0, 100);
    let mut left_at = Vec::new();
    for _ in 0..100 {
        run_ms(&mut engine, 10);
        while left_at.len() < ejected(&engine) {
            left_at.push(count(&engine, SERVER_ERROR));
        }
    }
    assert_eq!(left_at, [13, 14, 15]);
    assert_eq!(count(&engine, SERVER_ERROR), 15);
    assert_eq!(count(&engine, NO_UPSTREAM), 85);
}
