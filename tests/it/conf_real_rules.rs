//! The real programs, started from an export, refuse, count and send on as the scene's rules do.
#![allow(
    clippy::disallowed_methods,
    reason = "a native test with real programs, real servers and real time"
)]

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use evenkeel::conf::ConfigFormat;
use evenkeel::sim::balance::algorithm::Implementation;
use evenkeel::sim::balance::l7::request_head::RequestHead;
use evenkeel::sim::balance::l7::rule_table::{RouteVerdict, RuleTable};
use evenkeel::sim::balance::l7::rules::RouteAction;
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::time::SimTime;

use crate::conf_programs::{Program, folder};
use crate::conf_real::{Fleet, PATIENCE, connect, start};

/// Each pool has one server, so the server that answers tells the pool.
const POOLS: [&str; 4] = ["main", "grpc", "pay", "new"];

/// The bucket fills so slowly that no time of a test matters.
const RULES: &str = r#"[
    {"when": {"contains": "'or(1"}, "then": "block"},
    {"when": {"path": "/admin", "method": "POST"}, "then": "block"},
    {"when": {"path": "/login"}, "then": {"limit": {"rate_permille": 17, "burst": 3}}},
    {"when": {"path": "/account"}, "then": {"auth": "authorization"}},
    {"then": {"inject": ["x-real-ip", "x-forwarded-for"]}},
    {"when": {"header": {"name": "content-type", "value": "application/grpc"}}, "then": {"pool": "grpc"}},
    {"when": {"path": "/pay", "host": "shop.example"}, "then": {"pool": "pay"}},
    {"when": {"cookie": {"name": "tester", "value": "yes"}}, "then": {"pool": "new"}},
    {"when": {"path": "/try"}, "then": {"split": [{"pool": "new", "share": 1}, {"pool": "main", "share": 1}]}}
]"#;

struct Asked {
    method: &'static str,
    path: &'static str,
    host: &'static str,
    headers: Vec<(String, String)>,
    cookies: Vec<(String, String)>,
    source: Ipv4Addr,
}

fn get(path: &'static str) -> Asked {
    Asked {
        method: "GET",
        path,
        host: "shop.example",
        headers: Vec::new(),
        cookies: Vec::new(),
        source: Ipv4Addr::new(127, 0, 0, 9),
    }
}

fn with(path: &'static str, name: &str, value: &str) -> Asked {
    Asked {
        headers: vec![(name.to_owned(), value.to_owned())],
        ..get(path)
    }
}

/// Requests of every kind the rules know, and near misses.
fn asked() -> Vec<Asked> {
    let mut all = vec![
        get("/"),
        get("/page?q='OR(1"),
        get("/page?q='or1"),
        get("/admin"),
        Asked {
            method: "POST",
            ..get("/admin/users")
        },
        get("/account"),
        with("/account", "Authorization", "Basic eDp5"),
        with("/cart.Service/Add", "Content-Type", "application/grpc"),
        with("/pay", "content-type", "application/grpc"),
        with("/pay", "content-type", "text/plain"),
        get("/payment"),
        Asked {
            host: "other.example",
            ..get("/pay")
        },
        Asked {
            cookies: vec![
                ("a".to_owned(), "b".to_owned()),
                ("tester".to_owned(), "yes".to_owned()),
            ],
            ..get("/")
        },
        Asked {
            cookies: vec![("tester".to_owned(), "no".to_owned())],
            ..get("/")
        },
    ];
    // More than the bucket holds, and then somebody else.
    all.extend((0..5).map(|_| get("/login")));
    all.push(Asked {
        source: Ipv4Addr::new(127, 0, 0, 10),
        ..get("/login")
    });
    all
}

/// Status and pool, as the scene has it.
fn simulated(table: &mut RuleTable, asked: &Asked) -> (u16, Option<usize>) {
    let letter = RequestHead {
        path: asked.path,
        host: asked.host,
        method: asked.method,
        headers: &asked.headers,
        cookies: &asked.cookies,
    };
    let decision = table.decide(SimTime::from_us(1), IpAddr::V4(asked.source), &letter);
    match decision.verdict {
        RouteVerdict::Pool(pool) => (200, Some(pool)),
        RouteVerdict::Answer => (200, None),
        RouteVerdict::Deny(denial) => (denial.status(), None),
    }
}

/// Status and pool, as the program has it.
fn real(fleet: &Fleet, to: SocketAddr, asked: &Asked) -> (u16, Option<usize>) {
    let mut stream = connect(to, asked.source);
    let mut text = format!("{} {} HTTP/1.1\r\n", asked.method, asked.path);
    text += &format!("Host: {}\r\nConnection: close\r\n", asked.host);
    if asked.method == "POST" {
        text += "Content-Length: 0\r\n";
    }
    for (name, value) in &asked.headers {
        text += &format!("{name}: {value}\r\n");
    }
    let cookies: Vec<String> = asked
        .cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    if !cookies.is_empty() {
        text += &format!("Cookie: {}\r\n", cookies.join("; "));
    }
    text += "\r\n";
    stream.write_all(text.as_bytes()).expect("it can be sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let status = answer.get(9..12).and_then(|status| status.parse().ok());
    let status = status.unwrap_or_else(|| panic!("a status: {answer}"));
    let pool = (status == 200).then(|| fleet.got.recv_timeout(PATIENCE).expect("a server got it"));
    (status, pool)
}

fn scene(fleet: &Fleet) -> Scenario {
    let mut scene = default_scenario();
    scene.name = "rules".to_owned();
    (scene.balancer.active_checks, scene.balancer.passive_checks) = (None, None);
    POOLS[0].clone_into(&mut scene.balancer.pool);
    scene.pools = POOLS[1..]
        .iter()
        .map(|name| {
            let text = format!(r#"{{"name": "{name}", "algorithm": "round_robin"}}"#);
            serde_json::from_str(&text).expect("a pool")
        })
        .collect();
    scene.rules = serde_json::from_str(RULES).expect("they are rules");
    let pools = std::iter::once(None).chain(POOLS[1..].iter().map(|name| Some((*name).to_owned())));
    for ((server, pool), address) in scene.servers.iter_mut().zip(pools).zip(&fleet.addresses) {
        server.pool = pool;
        server.address = address.to_string();
    }
    scene
}

fn program_rules_as_the_scene(dialect: ConfigFormat, engine: Implementation) {
    let Some(program) = Program::find(dialect) else {
        return;
    };
    let fleet = Fleet::start(POOLS.len(), false);
    let mut scene = scene(&fleet);
    scene.balancer.engine = engine;
    if dialect == ConfigFormat::Envoy {
        // It has no bucket for an address, and the export says so.
        scene
            .rules
            .retain(|rule| !matches!(rule.then, RouteAction::Limit(_)));
    }
    let folder = folder(&format!("rules-{}", dialect.id()));
    let (running, address) = start(&program, &scene, &folder);
    let names = scene.pool_names();
    let mut table = RuleTable::new(&scene.rules, &names, scene.seed, 0);
    for asked in asked() {
        let (real, simulated) = (real(&fleet, address, &asked), simulated(&mut table, &asked));
        let place = format!("{}: {} {}", dialect.label(), asked.method, asked.path);
        assert_eq!(
            real, simulated,
            "{place} {:?} {:?}",
            asked.headers, asked.cookies
        );
    }
    // By lot: each side gets some of so many, and nobody else gets any.
    let tries = || (0..40).map(|_| get("/try"));
    let drawn: BTreeSet<_> = tries().map(|one| real(&fleet, address, &one)).collect();
    let expected: BTreeSet<_> = tries().map(|one| simulated(&mut table, &one)).collect();
    assert_eq!(drawn, expected, "{}", dialect.label());
    assert_eq!(drawn.len(), 2);
    drop(running);
    std::fs::remove_dir_all(folder).expect("the folder is ours");
}

#[test]
fn nginx_rules_as_the_scene_does() {
    program_rules_as_the_scene(ConfigFormat::Nginx, Implementation::Nginx);
}

#[test]
fn haproxy_rules_as_the_scene_does() {
    program_rules_as_the_scene(ConfigFormat::Haproxy, Implementation::Haproxy);
}

#[test]
fn envoy_rules_as_the_scene_does() {
    program_rules_as_the_scene(ConfigFormat::Envoy, Implementation::Envoy);
}
