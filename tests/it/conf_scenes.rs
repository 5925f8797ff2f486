//! The scenes that configurations are made from: those of the project, and random ones.

use std::path::Path;

use evenkeel::sim::balance::algorithm::{CATALOGUE, Implementation};
use evenkeel::sim::balance::endpoint::Tier;
use evenkeel::sim::balance::spec::Layer;
use evenkeel::sim::scenario::validate::{faults, parse};
use evenkeel::sim::scenario::{PoolSpec, Scenario, ServerSpec};
use evenkeel::sim::time::SimDuration;
use evenkeel::sim::units::Permille;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::any_scene::any_scene;

/// Every scene in `assets/scenarios`, with its file's name.
pub fn presets() -> Vec<(String, Scenario)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("assets/scenarios").expect("the folder of scenes") {
        let path = entry.expect("it can be read").path();
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("it can be read");
        if let Ok(scene) = parse(&text) {
            found.push((name(&path), scene));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(!found.is_empty(), "there are scenes");
    found
}

fn name(path: &Path) -> String {
    path.file_stem()
        .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}

/// Names and addresses as people type them, and as nobody should.
const NAMES: &[&str] = &[
    "A",
    "web-1",
    "α",
    "front end",
    "<img src=x onerror=alert(1)>",
    "a;}\nevil",
    "#",
    "\"",
    "'; drop",
    "\u{202e}x",
    "a\\",
    "s1",
    "{",
    "${x}",
    "server",
];
const ADDRESSES: &[&str] = &[
    "10.0.0.1:8080",
    "10.0.0.2",
    "[2001:db8::1]:443",
    "127.0.0.1:1",
    "no such;host",
    "",
    " ",
    "a b:80",
    "10.0.0.3:0",
    "10.0.0.4:99999",
    "; } }",
    "unix:/run/app.sock",
    "[::1",
    "-x:80",
];

fn any_server() -> impl Strategy<Value = ServerSpec> {
    let text = (prop::sample::select(NAMES), prop::sample::select(ADDRESSES));
    let most = || prop::option::of(1_u32..2_000);
    let limits = (most(), most(), 0_u32..=256, any::<bool>());
    (text, limits).prop_map(
        |((name, address), (max_conns, max_queue, weight, backup))| ServerSpec {
            name: name.to_owned(),
            address: address.to_owned(),
            weight,
            tier: if backup { Tier::Backup } else { Tier::Primary },
            workers: 1,
            queue: 10,
            max_conns,
            max_queue,
            speed_permille: Permille::ONE,
            discipline: Default::default(),
            pool: None,
        },
    )
}

/// Any algorithm in any form there is of it, at either layer, in front of any servers.
pub fn any_export() -> impl Strategy<Value = Scenario> {
    let picker = (
        0..CATALOGUE.len(),
        0..Implementation::ALL.len(),
        prop::option::of(1_u8..=16),
    );
    let servers = prop::collection::vec(any_server(), 0..8);
    let times = (1_u64..20_000_000, any::<bool>(), any::<bool>());
    (any_scene(), picker, servers, times).prop_map(|(mut scene, picker, servers, times)| {
        let row = &CATALOGUE[picker.0];
        scene.balancer.algorithm = row.algorithm;
        scene.balancer.engine = row.form(Implementation::ALL[picker.1]);
        scene.balancer.draws = picker.2;
        let (us, l4, checks_off) = times;
        scene.balancer.request_timeout_us = SimDuration::from_us(us);
        scene.balancer.layer = if l4 { Layer::L4 } else { Layer::L7 };
        if checks_off {
            scene.balancer.active_checks = None;
        }
        if us % 5 > 0 {
            scene.servers = servers;
        }
        if us % 3 == 0 {
            with_pools(&mut scene, picker.0);
        }
        scene
    })
}

/// Rules of every kind, some of them with texts that no program could have as they are.
const RULES: &str = r#"[
    {"then": {"limit": {"rate_permille": 2500, "burst": 4}}},
    {"then": {"inject": ["x-real-ip", "x-forwarded-for", "x-forwarded-proto", "x-request-id"]}},
    {"then": "upgrade"},
    {"when": {"path": "/login", "method": "POST"}, "then": {"limit": {"rate_permille": 500, "burst": 1}}},
    {"when": {"cookie": {"name": "a b", "value": "é"}}, "then": {"limit": {"rate_permille": 1, "burst": 1000000}}},
    {"when": {"path": "/pay"}, "then": {"pool": "pay"}},
    {"when": {"path": "/pay"}, "then": "static"},
    {"when": {"path": "/static/"}, "then": "static"},
    {"when": {"path": "/admin", "host": "shop.example"}, "then": "block"},
    {"when": {"path": "/x {}; # \"'"}, "then": "block"},
    {"when": {"contains": "' or 1=1"}, "then": "block"},
    {"when": {"contains": "union"}, "then": "block"},
    {"when": {"header": {"name": "content-type", "value": "application/grpc"}}, "then": {"pool": "<b>"}},
    {"when": {"cookie": {"name": "beta", "value": null}}, "then": {"pool": "pay"}},
    {"when": {"header": {"name": "x-q", "value": "\\\"${x}\\"}}, "then": "block"},
    {"when": {"path": "/a\"b$c\\d(e)*"}, "then": "block"},
    {"when": {"contains": "}"}, "then": "block"},
    {"when": {"contains": "-v"}, "then": "block"},
    {"when": {"method": "POST"}, "then": {"auth": "authorization"}},
    {"then": {"auth": "x y\n"}},
    {"when": {"path": "/new", "cookie": {"name": "tester", "value": "yes"}},
     "then": {"split": [{"pool": "pay", "share": 1}, {"pool": "<b>", "share": 0}, {"pool": "main", "share": 2}]}},
    {"name": "a\nb", "then": {"split": [{"pool": "pay", "share": 1}, {"pool": "main", "share": 9}]}},
    {"when": {"path": "/off"}, "then": "block", "on": false}
]"#;

/// Two more pools, some of the servers in them, and rules.
fn with_pools(scene: &mut Scenario, picker: usize) {
    for (name, place) in [("pay", picker + 3), ("<b>", picker + 7)] {
        let row = &CATALOGUE[place % CATALOGUE.len()];
        scene.pools.push(PoolSpec {
            name: name.to_owned(),
            algorithm: row.algorithm,
            engine: row.form(Implementation::Nginx),
            draws: None,
        });
    }
    scene.rules = serde_json::from_str(RULES).expect("they are rules");
    for (place, server) in scene.servers.iter_mut().enumerate() {
        let pools = [None, Some("pay".to_owned()), Some("<b>".to_owned())];
        server.pool = pools[place % 3].clone();
    }
}

/// As many random scenes, the same ones at each run. Not all would be accepted as scenario files:
/// an export must stand more than that.
pub fn random_scenes(count: usize) -> Vec<Scenario> {
    let mut runner = TestRunner::deterministic();
    let strategy = any_export();
    let mut make = || {
        strategy
            .new_tree(&mut runner)
            .expect("it can be made")
            .current()
    };
    (0..count).map(|_| make()).collect()
}

#[test]
fn random_scenes_are_of_many_kinds() {
    let scenes = random_scenes(300);
    let forms: std::collections::BTreeSet<_> = scenes
        .iter()
        .map(|scene| (scene.balancer.algorithm, scene.balancer.layer))
        .collect();
    assert_eq!(
        forms.len(),
        CATALOGUE.len() * 2,
        "every algorithm at both layers"
    );
    let valid = scenes
        .iter()
        .filter(|scene| faults(scene).is_empty())
        .count();
    assert!(valid > 40, "{valid} are valid scenes");
}
