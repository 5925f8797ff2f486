//! Questions about nginx.

use std::net::Ipv4Addr;

use evenkeel::sim::balance::algorithm::{Algorithm, Implementation};
use evenkeel::sim::engine::Engine;
use evenkeel::sim::engine::command::{Command, FaultKind};
use evenkeel::sim::engine::observations::ObservationKind;
use evenkeel::sim::fleet::spec::RequestKind;
use evenkeel::sim::health::passive::{PassiveRule, PassiveSpec};
use evenkeel::sim::metrics::outcome::{Failure, Outcome, Rejection};
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::time::{SimDuration, SimTime};
use evenkeel::sim::units::Permille;

use super::{ERROR_OR_TIMEOUT, client, follow, letters, plain};
use crate::support::{fault, member, run_ms, send, tries, world};

/// Each request is tried on one more server, and `max_fails` failures take a server out for `fail_timeout_s` seconds.
fn max_fails(scene: &mut Scenario, max_fails: u32, fail_timeout_s: u32) {
    scene.balancer.passive_checks = Some(PassiveSpec {
        rule: PassiveRule::Nginx,
        max_fails,
        fail_timeout_s,
        ..PassiveSpec::default()
    });
    scene.balancer.retries.tries = 2;
    scene.balancer.retries.on = ERROR_OR_TIMEOUT.to_vec();
}

/// Case 1. Does a server of weight 5 beside two of weight 1 get its five requests at one stroke?
/// <https://git.wintercv.cn/mirror/nginx/commits/commit/2c9691431229bfe33e81c5a03a70792548b28e22/src/http/ngx_http_upstream_round_robin.h>
#[test]
fn weights_of_five_one_and_one_give_a_a_b_a_c_a_a() {
    let mut engine = world(|scene| {
        plain(scene, 3, 1, 10);
        scene.servers[0].weight = 5;
    });
    let told = follow(&mut engine, 215);
    assert_eq!(letters(&told), "AABACAA".repeat(3));
}

/// Case 2. Why does every request get a 502 after each of two servers failed once?
/// <https://mailman.nginx.org/pipermail/nginx/2017-May/053758.html>
///
/// `fail_timeout` is 10 s; nginx counts whole seconds, so a server that fails in second 1 is back in second 12.
#[test]
fn two_failed_servers_of_nginx_answer_502_until_the_time_out_ends() {
    let mut engine = world(|scene| {
        plain(scene, 2, 1, 50);
        max_fails(scene, 1, 10);
    });
    run_ms(&mut engine, 1_020);
    fault(&mut engine, "A", FaultKind::Crash);
    run_ms(&mut engine, 3_000);
    fault(&mut engine, "B", FaultKind::Crash);
    let mut told = follow(&mut engine, 1_000);
    fault(&mut engine, "A", FaultKind::Restore);
    fault(&mut engine, "B", FaultKind::Restore);
    told.extend(follow(&mut engine, 7_000));
    let no_live = Outcome::Rejected(Rejection::NoEndpoint);
    let ends = |one: &super::Told| (one.tried.clone(), one.outcome);
    assert_eq!(ends(&told[0]), ("B".to_owned(), no_live));
    let back = SimTime::from_us(12_000_000);
    let (meanwhile, after): (Vec<_>, Vec<_>) = told[1..].iter().partition(|one| one.born < back);
    // One every 50 ms, from 4.1 s to 11.95 s.
    assert_eq!(meanwhile.len(), 158);
    for one in meanwhile {
        assert_eq!(ends(one), (String::new(), no_live));
        assert_eq!(one.took, SimDuration::ZERO);
    }
    assert_eq!(after[0].born, back);
    assert_eq!(ends(after[0]), ("A".to_owned(), Outcome::Answered));
}

/// Case 3. Why does `max_fails` do nothing while a group has one server?
/// <https://www.netdata.cloud/guides/nginx/nginx-no-live-upstreams/>,
/// <http://nginx.org/en/docs/http/ngx_http_upstream_module.html#server>
#[test]
fn max_fails_is_ignored_until_there_is_a_second_server() {
    let mut engine = world(|scene| {
        plain(scene, 1, 1, 50);
        max_fails(scene, 1, 30);
    });
    fault(&mut engine, "A", FaultKind::Crash);
    run_ms(&mut engine, 20_010);
    let refused = Outcome::Failed(Failure::Refused);
    assert_eq!(engine.view().totals().of(refused), 400);
    assert_eq!(tries(&engine), [400], "one try for each request");
    send(&mut engine, Command::AddServer);
    run_ms(&mut engine, 20_000);
    assert_eq!(tries(&engine), [401, 400], "one failure is enough now");
    assert_eq!(engine.view().totals().of(refused), 400);
}

/// Case 4. Why does one of two equal servers get next to nothing for hours?
/// <https://github.com/nginx/nginx/issues/524>
///
/// The thread has `fail_timeout=10000s`. A scene allows an hour at most, so it is an hour here.
#[test]
fn three_early_failures_keep_a_server_out_for_the_whole_fail_timeout() {
    let mut engine = world(|scene| {
        plain(scene, 2, 1, 1_000);
        max_fails(scene, 3, 3_600);
    });
    fault(&mut engine, "B", FaultKind::Crash);
    while member(&engine, "B").endpoint.counts.failed < 3 {
        run_ms(&mut engine, 100);
    }
    fault(&mut engine, "B", FaultKind::Restore);
    let failed_in = engine.view().now().whole_secs();
    assert!(failed_in < 20, "{failed_in} s");
    let back = SimTime::from_us((failed_in + 3_601) * 1_000_000);
    let told = ObservationKind::Ejected { until: back };
    let view = engine.view();
    assert!(view.facts().iter().any(|fact| fact.kind == told));
    let before = tries(&engine)[0];
    let rest = back.since(view.now()).as_us() / 1_000;
    run_ms(&mut engine, rest - 100);
    assert_eq!(tries(&engine), [before + 3_600, 3], "all went to A");
    run_ms(&mut engine, 4_000);
    assert_eq!(tries(&engine)[1], 5, "half of them again");
}

/// The servers that got the one request, and its end, where the first of two dies on it.
fn resets_after_reading(kind: RequestKind, non_idempotent: bool) -> (String, Outcome) {
    let mut engine = world(|scene| {
        plain(scene, 2, 1_000, 100);
        scene.links.server_us = SimDuration::from_ms(1);
        scene.classes[0].kind = kind;
        scene.balancer.retries.tries = 2;
        scene.balancer.retries.on = ERROR_OR_TIMEOUT.to_vec();
        scene.balancer.retries.non_idempotent = non_idempotent;
    });
    assert_eq!(
        engine.view().scenario().classes[0].method(),
        if kind == RequestKind::Checkout {
            "POST"
        } else {
            "GET"
        }
    );
    follow(&mut engine, 150);
    fault(&mut engine, "A", FaultKind::Crash);
    send(&mut engine, Command::SetTraffic(0));
    let told = follow(&mut engine, 5_000);
    assert_eq!(told.len(), 1);
    (told[0].tried.clone(), told[0].outcome)
}

/// Case 5. Why did 502s become more for POST, and not for GET, after an upgrade?
/// <https://github.com/openresty/openresty/issues/200>
#[test]
fn a_get_that_was_reset_is_sent_again_and_a_post_is_not() {
    let again = ("AB".to_owned(), Outcome::Answered);
    let reset = Outcome::Failed(Failure::Reset);
    assert_eq!(resets_after_reading(RequestKind::Page, false), again);
    let post = resets_after_reading(RequestKind::Checkout, false);
    assert_eq!(post, ("A".to_owned(), reset));
    assert_eq!(resets_after_reading(RequestKind::Checkout, true), again);
}

/// What each of three servers gets of 3,000 requests under `ip_hash` from clients with these addresses.
fn hashed(addresses: impl Iterator<Item = Ipv4Addr>, implementation: Implementation) -> Vec<u64> {
    let mut engine = world(|scene| {
        plain(scene, 3, 1, 10);
        scene.clients = addresses.map(|one| client(one.into(), 1)).collect();
        super::by(scene, Algorithm::IpHash, implementation);
    });
    run_ms(&mut engine, 30_005);
    let mut got = tries(&engine);
    assert_eq!(got.iter().sum::<u64>(), 3_000);
    got.sort_unstable();
    got
}

/// Case 26. Why does `ip_hash` behind another proxy send everybody to one server?
/// <https://github.com/goplus/builder/issues/1753>,
/// <https://github.com/spantaleev/matrix-docker-ansible-deploy/issues/1022>
///
/// Sixty addresses, each as likely on one server as on another: four standard deviations are 15 of 20.
#[test]
fn ip_hash_sends_one_network_to_one_server_and_spreads_many() {
    let nginx = Implementation::Nginx;
    let proxy = (0..60).map(|_| Ipv4Addr::new(203, 0, 113, 7));
    assert_eq!(hashed(proxy, nginx), [0, 0, 3_000]);
    let network = || (1..=60).map(|host| Ipv4Addr::new(203, 0, 113, host));
    assert_eq!(
        hashed(network(), nginx),
        [0, 0, 3_000],
        "three octets are the key"
    );
    let many = (1..=60).map(|network| Ipv4Addr::new(198, 51, network, 7));
    for spread in [
        hashed(many, nginx),
        // HAProxy's `source` reads the whole address.
        hashed(network(), Implementation::Haproxy),
    ] {
        assert!(spread[0] > 200 && spread[2] < 1_800, "{spread:?}");
    }
}

/// Sends one request after another for a while; tells the servers, and how long requests took on the first.
fn least_conn(gap_ms: u64, factor: Option<u32>) -> (String, SimDuration) {
    let mut engine: Engine = world(|scene| {
        plain(scene, 3, 20, gap_ms);
        super::by(scene, Algorithm::LeastConnections, Implementation::Nginx);
    });
    if let Some(factor) = factor {
        fault(&mut engine, "A", FaultKind::Slow(Permille(factor)));
    }
    let told = follow(&mut engine, 200 * gap_ms + 1);
    let on_a = told.iter().find(|one| one.tried == "A");
    (letters(&told), on_a.expect("it gets some").took)
}

/// Case 23, the first half: does `least_conn` see that a server is busy with what others opened?
/// <https://github.com/apache/apisix/issues/9225>
///
/// A server that is busy for others is one that is four times as slow. Requests 100 ms apart never overlap, so the
/// balancer has none of its own open. Those 10 ms apart do, and then the own ones keep away from it.
#[test]
fn least_conn_sees_load_of_others_only_through_its_own_open_requests() {
    let (idle, fast) = least_conn(100, None);
    let (busy, slow) = least_conn(100, Some(4_000));
    assert_eq!(idle, busy);
    assert_eq!((fast.as_us(), slow.as_us()), (20_000, 80_000));
    let on_a = |gap, factor| {
        let (servers, _) = least_conn(gap, factor);
        servers.matches('A').count()
    };
    let (free, loaded) = (on_a(10, None), on_a(10, Some(4_000)));
    assert!(free > 60, "a third of 200: {free}");
    assert!(loaded < free * 2 / 3, "{loaded} of {free}");
}
