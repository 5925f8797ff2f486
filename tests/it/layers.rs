//! L4 picks for a connection, L7 for a request; and L7 costs time.

use evenkeel::sim::balance::spec::{Layer, ReturnPath};
use evenkeel::sim::engine::command::{Command, FaultKind};
use evenkeel::sim::fleet::spec::Work;
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::time::SimDuration;
use evenkeel::sim::units::Permille;

use crate::support::{belief, fault, picks, run_secs, send, tries, world};

/// The keep-alive browser alone, with many requests on each connection.
fn browser(scene: &mut Scenario, layer: Layer) {
    scene.balancer.layer = layer;
    scene
        .clients
        .retain(|client| client.requests_per_connection > 1);
    scene.arrivals.rate_rps = 10.0;
}

#[test]
fn a_keep_alive_client_stays_on_one_server_at_l4_and_spreads_at_l7() {
    let mut l4 = world(|scene| browser(scene, Layer::L4));
    run_secs(&mut l4, 15);
    let used = tries(&l4).into_iter().filter(|tries| *tries > 0).count();
    assert_eq!(used, 1, "{:?}", tries(&l4));
    let picks: u64 = picks(&l4).iter().sum();
    assert_eq!(picks, 1, "one connection, one pick");

    let mut l7 = world(|scene| browser(scene, Layer::L7));
    run_secs(&mut l7, 15);
    let (min, max) = (tries(&l7).into_iter().min(), tries(&l7).into_iter().max());
    assert!(
        max.zip(min).is_some_and(|(max, min)| max - min <= 1),
        "{:?}",
        tries(&l7)
    );
}

#[test]
fn least_connections_counts_connections_at_l4_and_requests_at_l7() {
    let mut engine = world(|scene| browser(scene, Layer::L4));
    run_secs(&mut engine, 10);
    let active: u32 = engine
        .view()
        .members()
        .map(|member| member.endpoint.active)
        .sum();
    assert_eq!(active, 1);
    send(&mut engine, Command::SetLayer(Layer::L7));
    run_secs(&mut engine, 10);
    for member in engine.view().members() {
        assert_eq!(member.endpoint.active, member.endpoint.in_progress);
    }
    send(&mut engine, Command::SetLayer(Layer::L4));
    run_secs(&mut engine, 10);
    let active: u32 = engine
        .view()
        .members()
        .map(|member| member.endpoint.active)
        .sum();
    assert_eq!(active, 1);
}

#[test]
fn l7_costs_tls_for_a_new_connection_and_parsing_for_each_request() {
    let run = |layer, requests_per_connection| {
        let mut engine = world(|scene| {
            browser(scene, layer);
            scene.clients[0].requests_per_connection = requests_per_connection;
            // Nobody waits for a worker, so the layers differ by their own work alone.
            scene.classes.truncate(1);
            scene.classes[0].work = Work::Fixed {
                us: SimDuration::from_ms(100),
            };
            for server in &mut scene.servers {
                server.workers = 1_000;
            }
        });
        run_secs(&mut engine, 200);
        let view = engine.view();
        (view.recorder().answered_us(), view.totals().answered)
    };
    let mean_us = |(sum, answers): (u128, u64)| sum / u128::from(answers);
    let (l4, l7) = (run(Layer::L4, 1), run(Layer::L7, 1_000_000));
    let fresh = run(Layer::L7, 1);
    // At L4 forwarding is 2 ms; at L7 parsing is 40 ms, and TLS 120 ms for each connection.
    assert_eq!(mean_us(fresh) - mean_us(l4), 158_000, "{l4:?} {fresh:?}");
    // The one connection is new once.
    let kept = (l7.0 - 120_000, l7.1);
    assert_eq!(mean_us(kept) - mean_us(l4), 38_000, "{l4:?} {l7:?}");
    assert!(l7.1 > 1_800);
}

#[test]
fn a_broken_connection_is_opened_anew_elsewhere() {
    for path in [ReturnPath::Nat, ReturnPath::Direct] {
        let mut engine = world(|scene| {
            browser(scene, Layer::L4);
            scene.balancer.return_path = path;
            scene.balancer.active_checks = None;
        });
        run_secs(&mut engine, 10);
        let names = ["A", "B", "C", "D"];
        let before = tries(&engine);
        let on = before
            .iter()
            .position(|tries| *tries > 0)
            .expect("one server is used");
        fault(&mut engine, names[on], FaultKind::Crash);
        run_secs(&mut engine, 10);
        let mut after = tries(&engine);
        after.remove(on);
        let elsewhere: u64 = after.iter().sum();
        assert!(elsewhere > 60, "{path:?}: {:?}", tries(&engine));
        let totals = engine.view().totals();
        assert!(totals.failed < 30, "{path:?}: {totals:?}");
    }
}

#[test]
fn at_l4_an_answer_is_a_sealed_envelope_and_a_5xx_is_not_seen() {
    let failing = |layer| {
        let mut engine = world(|scene| scene.balancer.layer = layer);
        fault(&mut engine, "B", FaultKind::Fail(Permille(1_000)));
        run_secs(&mut engine, 8);
        (belief(&engine, "B"), engine.view().totals().failed > 0)
    };
    assert_eq!(failing(Layer::L7), ("ejected", true));
    assert_eq!(failing(Layer::L4), ("healthy", true));
}
