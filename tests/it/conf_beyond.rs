//! Nothing of a scene is left out of an export in silence: every field that a balancer's configuration
//! could be asked for changes the text, as a directive or as a comment.

use evenkeel::conf::{ConfigFormat, export, import};
use evenkeel::sim::balance::algorithm::Algorithm;
use evenkeel::sim::balance::l7::keepalive::KeepaliveSpec;
use evenkeel::sim::balance::pickers::client_side_wrr::LoadWeights;
use evenkeel::sim::balance::spec::{Layer, ReturnPath};
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::time::SimDuration;
use evenkeel::sim::units::Permille;

use crate::conf_scenes::presets;

/// A scene of the project.
fn preset(name: &str) -> Scenario {
    let found = presets().into_iter().find(|(own, _)| own == name);
    found.unwrap_or_else(|| panic!("{name} is there")).1
}

#[test]
fn envoy_gets_the_settings_of_weights_by_load_reports() {
    let mut scene = default_scenario();
    scene.balancer.algorithm = Algorithm::ClientSideWeightedRoundRobin;
    scene.balancer.load_weights = LoadWeights {
        blackout_period_us: SimDuration::from_ms(2_500),
        error_utilization_penalty_permille: Permille(1_250),
        ..LoadWeights::DEFAULT
    };
    let text = export(&scene, ConfigFormat::Envoy);
    for setting in [
        "blackout_period: 2.5s",
        "weight_expiration_period: 180s",
        "error_utilization_penalty: 1.25",
    ] {
        assert!(text.contains(setting), "{setting}: {text}");
    }
}

type Change = (&'static str, fn(&mut Scenario));

const CHANGES: &[Change] = &[
    ("a processor", |scene| {
        scene.balancer.processor = preset("l7_saturated").balancer.processor;
    }),
    ("a pair", |scene| scene.pair = preset("active_passive").pair),
    ("a world", |scene| scene.world = preset("world").world),
    ("a name", |scene| scene.dns = preset("world").dns),
    ("kept connections", |scene| {
        scene.balancer.keepalive = Some(KeepaliveSpec::default());
    }),
    ("no kept connections", |scene| {
        scene.balancer.keepalive = Some(KeepaliveSpec {
            idle: 0,
            ..KeepaliveSpec::default()
        });
    }),
    ("resumed sessions", |scene| {
        scene.balancer.ticket_us = SimDuration::from_secs(300);
    }),
    ("pools and rules", |scene| {
        let other = preset("l7_routing");
        (scene.pools, scene.rules) = (other.pools, other.rules);
    }),
    ("a rule that is off", |scene| {
        scene.rules = preset("rate_limit").rules;
        for rule in &mut scene.rules {
            rule.on = false;
        }
    }),
    ("a split", |scene| {
        let other = preset("ab_split");
        (scene.pools, scene.rules) = (other.pools, other.rules);
    }),
    ("no active checks", |scene| {
        scene.balancer.active_checks = None;
    }),
    ("no passive checks", |scene| {
        scene.balancer.passive_checks = None;
    }),
    ("panic", |scene| scene.balancer.panic_percent = 50),
    ("fail open", |scene| scene.balancer.fail_open = true),
    ("a cookie", |scene| scene.balancer.sticky_cookie = true),
    ("a queue", |scene| {
        scene.balancer.queue = Some(Default::default());
    }),
    ("a limit", |scene| scene.servers[0].max_conns = Some(7)),
    ("a queue of its own", |scene| {
        scene.servers[0].max_queue = Some(7);
    }),
    ("no TLS", |scene| scene.balancer.tls_us = SimDuration::ZERO),
];

/// What only a scene at L4 has.
const AT_L4: &[Change] = &[
    ("direct return", |scene| {
        scene.balancer.return_path = ReturnPath::Direct;
    }),
    ("rules", |scene| scene.rules = preset("rate_limit").rules),
];

fn all_are_told(scene: &Scenario, changes: &[Change]) {
    for dialect in ConfigFormat::ALL {
        let before = export(scene, dialect);
        for (what, change) in changes {
            let mut changed = scene.clone();
            change(&mut changed);
            assert_ne!(&changed, scene, "{what} is a change");
            let after = export(&changed, dialect);
            assert_ne!(after, before, "{what} is told in {}", dialect.label());
        }
    }
}

#[test]
fn nothing_is_left_out_in_silence() {
    let mut scene = default_scenario();
    scene.balancer.tls_us = SimDuration::from_ms(100);
    all_are_told(&scene, CHANGES);
    scene.balancer.layer = Layer::L4;
    all_are_told(&scene, AT_L4);
}

#[test]
fn kept_connections_come_back() {
    let mut scene = default_scenario();
    for idle in [1, 32, 10_000] {
        scene.balancer.keepalive = Some(KeepaliveSpec {
            idle,
            timeout_us: SimDuration::from_ms(1_500),
        });
        for dialect in [ConfigFormat::Nginx, ConfigFormat::Haproxy] {
            let text = export(&scene, dialect);
            let back = import(&text, &default_scenario()).scene.expect("a scene");
            assert_eq!(back.balancer.keepalive, scene.balancer.keepalive, "{text}");
        }
    }
}
