//! L4 and L7 as mechanism: connections that live, rules, pools, what the work costs, WebSockets. Each
//! scene that comes with the program shows what it is there for.

use evenkeel::scene::layers::LayerFigures;
use evenkeel::sim::balance::l7::keepalive::KeepaliveSpec;
use evenkeel::sim::balance::l7::processor::ProcessorSpec;
use evenkeel::sim::balance::l7::token_bucket::RateLimit;
use evenkeel::sim::balance::spec::{Layer, ReturnPath};
use evenkeel::sim::engine::Engine;
use evenkeel::sim::engine::command::{Command, FaultKind};
use evenkeel::sim::engine::frontend::FrontendCommand;
use evenkeel::sim::engine::observations::ObservationKind;
use evenkeel::sim::fleet::spec::{ArrivalProcess, ConnectionSpec, Work};
use evenkeel::sim::ids::{EndpointId, UpstreamId};
use evenkeel::sim::metrics::outcome::{Outcome, Rejection};
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::scenario::validate::faults;
use evenkeel::sim::time::SimDuration;

use crate::support::{belief, fault, member, run_secs, scene_file, send, tries_of, world};

/// A scene that comes with the program, changed, after some seconds.
fn scene(name: &str, secs: u64, edit: impl FnOnce(&mut Scenario)) -> Engine {
    let mut scenario = scene_file(name);
    edit(&mut scenario);
    assert_eq!(faults(&scenario), [], "the edited scene is valid");
    let mut engine = Engine::new(&scenario, scenario.seed);
    run_secs(&mut engine, secs);
    engine
}

fn at(layer: Layer) -> impl FnOnce(&mut Scenario) {
    move |scene| scene.balancer.layer = layer
}

fn rejected(engine: &Engine, why: Rejection) -> u64 {
    engine.view().totals().of(Outcome::Rejected(why))
}

fn front(engine: &mut Engine, command: FrontendCommand) {
    send(engine, Command::Frontend(command));
}

#[test]
fn long_connections_pile_up_at_l4_and_spread_at_l7_with_the_same_traffic() {
    for name in ["l4_keepalive", "grpc_trap"] {
        let (l4, l7) = (
            scene(name, 120, at(Layer::L4)),
            scene(name, 120, at(Layer::L7)),
        );
        assert_eq!(l4.view().totals().arrived, l7.view().totals().arrived);
        let spread = |engine: &Engine| {
            LayerFigures::of(engine.view())
                .spread
                .expect("there were tries")
        };
        assert!(spread(&l4) > 1.8, "{name} at L4: {}", spread(&l4));
        assert!(spread(&l7) < 1.1, "{name} at L7: {}", spread(&l7));
    }
}

#[test]
fn a_connection_stays_with_its_server_until_that_dies() {
    let mut engine = scene("l4_keepalive", 20, |_| ());
    let tied = |engine: &Engine| {
        let alpha = evenkeel::sim::ids::ClientId(0);
        let ties = |id: &EndpointId| engine.view().ties(alpha, *id) > 0;
        let ids: Vec<EndpointId> = engine.view().members().map(|one| one.endpoint.id).collect();
        ids.into_iter().find(ties)
    };
    let first = tied(&engine).expect("it is connected");
    run_secs(&mut engine, 20);
    assert_eq!(tied(&engine), Some(first));
    let name = engine
        .view()
        .balancer()
        .endpoint(first)
        .expect("it is there")
        .config
        .name
        .clone();
    fault(&mut engine, &name, FaultKind::Crash);
    let reset = |kind: ObservationKind| matches!(kind, ObservationKind::ConnectionsReset { count } if count > 0);
    assert!(engine.view().facts().iter().any(|fact| reset(fact.kind)));
    run_secs(&mut engine, 30);
    let second = tied(&engine).expect("it is connected again");
    assert_ne!(second, first);
}

#[test]
fn what_is_written_decides_the_pool() {
    let engine = scene("l7_routing", 120, |_| ());
    let rules = &engine.view().balancer().front().rules;
    assert_eq!(tries_of(&engine, 1), rules.counts(2).matched, "checkouts");
    assert_eq!(tries_of(&engine, 2), rules.counts(3).matched, "gRPC");
    let tally = *engine.view().balancer().front().tally();
    assert_eq!(tally.answered, rules.counts(1).matched, "static files");
    assert!(
        [
            tries_of(&engine, 0),
            tries_of(&engine, 1),
            tries_of(&engine, 2)
        ]
        .iter()
        .all(|n| *n > 100)
    );
    assert_eq!(
        tally.requests,
        tries_of(&engine, 0) + tries_of(&engine, 1) + tries_of(&engine, 2) + tally.answered
    );
    // The pool's own algorithm.
    let pay = engine
        .view()
        .balancer()
        .upstream(UpstreamId(1))
        .config()
        .picker
        .algorithm
        .row()
        .id;
    assert_eq!(pay, "least_connections");
    // At L4 nothing can be read.
    let l4 = scene("l7_routing", 120, at(Layer::L4));
    assert_eq!((tries_of(&l4, 1), tries_of(&l4, 2)), (0, 0));
    assert!(tries_of(&l4, 0) > 1_000);
}

/// One client with one request every ten seconds: nobody ever waits for anybody.
fn alone(scene: &mut Scenario, layer: Layer) {
    let ms = SimDuration::from_ms;
    scene.clients.truncate(1);
    scene.clients[0].users = 1;
    scene.clients[0].requests_per_connection = 1;
    scene.classes.truncate(1);
    scene.classes[0].work = Work::Fixed { us: ms(20) };
    scene.arrivals.process = ArrivalProcess::Steady;
    scene.arrivals.rate_rps = 0.1;
    (scene.links.client_us, scene.links.server_us) = (ms(100), ms(50));
    let spec = &mut scene.balancer;
    spec.layer = layer;
    (spec.forward_us, spec.tls_us, spec.parse_us) = (ms(3), ms(30), ms(7));
    scene.connections = Some(ConnectionSpec {
        tls: true,
        idle_us: SimDuration::ZERO,
    });
}

fn mean_ms(edit: impl FnOnce(&mut Scenario)) -> u64 {
    let mut engine = world(edit);
    run_secs(&mut engine, 1_000);
    let mean = engine.view().recorder().run_mean().expect("answers came");
    mean.as_us() / 1_000
}

#[test]
fn every_step_of_a_connection_is_in_the_latency() {
    // SYN, TLS, request; the way to the client is 100 ms, that to the server 50.
    assert_eq!(
        mean_ms(|s| alone(s, Layer::L7)),
        200 + 200 + 30 + 300 + 7 + 20
    );
    // At L4 all three go to the server, which ends TLS.
    assert_eq!(
        mean_ms(|s| alone(s, Layer::L4)),
        300 + 300 + 30 + 300 + 3 + 20
    );
    let plain = |s: &mut Scenario| {
        alone(s, Layer::L7);
        s.connections = Some(ConnectionSpec {
            tls: false,
            idle_us: SimDuration::ZERO,
        });
    };
    assert_eq!(mean_ms(plain), 200 + 300 + 7 + 20);
    // All but the first of a hundred handshakes are resumed.
    let resumed = |s: &mut Scenario| {
        alone(s, Layer::L7);
        s.balancer.ticket_us = SimDuration::from_secs(60);
        s.balancer.tls_resumed_us = SimDuration::from_ms(5);
    };
    assert_eq!(mean_ms(resumed), 200 + 200 + 5 + 300 + 7 + 20);
    // A new connection to the server for each request is one more round trip there.
    let dialled = |s: &mut Scenario| {
        alone(s, Layer::L7);
        s.balancer.keepalive = Some(KeepaliveSpec {
            idle: 0,
            ..KeepaliveSpec::default()
        });
    };
    assert_eq!(mean_ms(dialled), 200 + 200 + 30 + 300 + 7 + 20 + 100);
}

#[test]
fn an_idle_connection_is_closed_and_the_next_request_opens_one() {
    let kept = |idle_s| {
        move |s: &mut Scenario| {
            alone(s, Layer::L7);
            s.clients[0].requests_per_connection = 1_000_000;
            s.connections = Some(ConnectionSpec {
                tls: true,
                idle_us: SimDuration::from_secs(idle_s),
            });
        }
    };
    let request = 300 + 7 + 20;
    assert_eq!(mean_ms(kept(5)), 200 + 200 + 30 + request, "each time anew");
    assert!(mean_ms(kept(20)) < request + 10, "once for a hundred");
}

#[test]
fn a_web_socket_needs_a_rule_at_l7_and_none_at_l4() {
    let mut engine = scene("websocket", 30, |_| ());
    let refused = rejected(&engine, Rejection::NoUpgrade);
    assert!(refused > 30, "{refused}");
    assert_eq!(engine.view().sockets().opened(), 0);
    front(&mut engine, FrontendCommand::SwitchRule(0, true));
    // What was under way is refused still.
    run_secs(&mut engine, 3);
    let refused = rejected(&engine, Rejection::NoUpgrade);
    run_secs(&mut engine, 30);
    assert_eq!(rejected(&engine, Rejection::NoUpgrade), refused);
    let open = engine.view().sockets().count();
    assert!(open > 20, "{open}");
    // They count as load, and they break with their server.
    let at_a = member(&engine, "A").endpoint.connections;
    assert!(at_a > 0);
    fault(&mut engine, "A", FaultKind::Crash);
    assert_eq!(engine.view().sockets().broken(), at_a);
    assert_eq!(engine.view().sockets().count(), open - at_a as usize);

    let l4 = scene("websocket", 60, at(Layer::L4));
    assert_eq!(rejected(&l4, Rejection::NoUpgrade), 0);
    assert!(l4.view().sockets().count() > 20);
}

#[test]
fn the_limit_lets_its_rate_through_and_no_more() {
    let only_bot = |s: &mut Scenario| {
        s.clients.retain(|client| client.name == "bot");
        s.classes.truncate(1);
    };
    let mut engine = scene("rate_limit", 600, only_bot);
    let limit = engine.view().balancer().front().rules.counts(1);
    let passed = limit.matched - limit.denied;
    // Five at once and two a second, as long as there are always some more.
    assert!(passed <= 5 + 2 * 600 && passed + 5 >= 2 * 600, "{passed}");
    assert!(rejected(&engine, Rejection::RateLimited) > 7_000);
    front(
        &mut engine,
        FrontendCommand::SetLimit(
            1,
            RateLimit {
                rate_permille: 1_000_000,
                burst: 100,
            },
        ),
    );
    let denied = limit.denied;
    run_secs(&mut engine, 60);
    let now = engine.view().balancer().front().rules.counts(1);
    assert!(now.denied <= denied + 5, "{} then {}", denied, now.denied);
}

#[test]
fn who_is_turned_away_is_told_why_and_reaches_no_server() {
    let engine = scene("rate_limit", 120, |_| ());
    let (view, rules) = (engine.view(), &engine.view().balancer().front().rules);
    let counts: Vec<u64> = (0..3).map(|place| rules.counts(place).denied).collect();
    let [blocked, limited, unknown] = counts[..] else {
        panic!("three rules that refuse");
    };
    let near = |told: u64, counted: u64| counted > 20 && counted - told < 10;
    assert!(near(rejected(&engine, Rejection::Forbidden), blocked));
    assert!(near(rejected(&engine, Rejection::RateLimited), limited));
    assert!(near(rejected(&engine, Rejection::Unauthorized), unknown));
    let refused = blocked + limited + unknown;
    assert_eq!(
        view.balancer().front().tally().requests,
        tries_of(&engine, 0) + refused
    );
}

#[test]
fn one_in_ten_goes_to_the_new_version() {
    let mut engine = scene("ab_split", 600, |_| ());
    let (old, new) = (tries_of(&engine, 0), tries_of(&engine, 1));
    let expected = (old + new) as f64 / 10.0;
    // Five standard deviations of a binomial.
    assert!(
        (new as f64 - expected).abs() < 5.0 * (expected * 0.9).sqrt(),
        "{new} of {}",
        old + new
    );
    front(&mut engine, FrontendCommand::SetSplit(1, 50));
    run_secs(&mut engine, 600);
    let (old, new) = (tries_of(&engine, 0) - old, tries_of(&engine, 1) - new);
    let all = (old + new) as f64;
    assert!(
        (new as f64 / all - 0.5).abs() < 5.0 * 0.5 / all.sqrt(),
        "{new} of {all}"
    );
}

#[test]
fn without_a_share_nothing_reaches_the_new_version() {
    let mut engine = scene("ab_split", 60, |_| ());
    front(&mut engine, FrontendCommand::SetSplit(1, 100));
    run_secs(&mut engine, 5);
    let (old, new) = (tries_of(&engine, 0), tries_of(&engine, 1));
    run_secs(&mut engine, 120);
    assert_eq!(tries_of(&engine, 1), new);
    assert!(tries_of(&engine, 0) - old > 500);
}

#[test]
fn a_saturated_l7_balancer_queues_and_l4_does_not() {
    let mut l7 = scene("l7_saturated", 60, |_| ());
    let l4 = scene("l7_saturated", 60, at(Layer::L4));
    let busy = |engine: &Engine| {
        let processor = engine
            .view()
            .balancer()
            .front()
            .processor()
            .expect("it has one");
        let now = engine.view().now();
        (processor.share_permille(now), processor.waiting(now))
    };
    assert!(busy(&l7).0 == 1_000 && busy(&l7).1 > 50, "{:?}", busy(&l7));
    assert!(busy(&l4).0 < 250 && busy(&l4).1 < 3, "{:?}", busy(&l4));
    let rate = |engine: &Engine| LayerFigures::of(engine.view()).per_core.expect("it worked");
    assert!(rate(&l4) > 10.0 * rate(&l7), "{} {}", rate(&l4), rate(&l7));
    assert!(rejected(&l7, Rejection::BalancerBusy) > 0);
    // The servers have next to nothing to do meanwhile.
    assert!(member(&l7, "A").server.waiting().is_empty());
    front(&mut l7, FrontendCommand::SetCores(4));
    run_secs(&mut l7, 60);
    assert!(busy(&l7).0 < 900 && busy(&l7).1 < 10, "{:?}", busy(&l7));
}

#[test]
fn answers_that_pass_the_balancer_by_cost_it_nothing_and_tell_it_nothing() {
    let run = |path| {
        let mut engine = scene("direct_return", 20, |s| {
            s.balancer.return_path = path;
            s.balancer.active_checks = None;
            s.balancer.processor = Some(ProcessorSpec::default());
        });
        let busy = engine
            .view()
            .balancer()
            .front()
            .busy_us(engine.view().now());
        fault(&mut engine, "A", FaultKind::Crash);
        run_secs(&mut engine, 8);
        (busy, belief(&engine, "A"))
    };
    let (through, seen) = run(ReturnPath::Nat);
    let (past, unseen) = run(ReturnPath::Direct);
    assert_eq!((seen, unseen), ("ejected", "healthy"));
    assert!(past * 10 < through * 7, "{past} {through}");
}

#[test]
fn a_rule_of_another_kind_is_refused() {
    let mut engine = scene("rate_limit", 1, |_| ());
    let mut refuse = |command, words: &str| {
        let error = engine.apply(Command::Frontend(command)).expect_err(words);
        assert!(error.to_string().contains(words), "{error}");
    };
    let limit = RateLimit {
        rate_permille: 1,
        burst: 1,
    };
    refuse(
        FrontendCommand::SetLimit(0, limit),
        "Rule number 1 sets no limit",
    );
    refuse(
        FrontendCommand::SetSplit(1, 5),
        "Rule number 2 does not split between two pools",
    );
    refuse(
        FrontendCommand::SwitchRule(9, true),
        "There is no rule number 10",
    );
    refuse(FrontendCommand::SetCores(2), "This scene lacks: Processor");
    let zero = RateLimit { burst: 0, ..limit };
    refuse(
        FrontendCommand::SetLimit(1, zero),
        "Burst must be between 1 and 1000000",
    );
}
