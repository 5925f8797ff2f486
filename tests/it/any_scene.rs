//! Random scenes for property tests: some of everything that a balancer and its servers can be told.

use evenkeel::edit::check::bounds;
use evenkeel::edit::json_path::JsonPath;
use evenkeel::edit::make::{begin, make};
use evenkeel::edit::schema::Schema;
use evenkeel::sim::balance::algorithm::{HashOptions, Implementation};
use evenkeel::sim::balance::endpoint::Tier;
use evenkeel::sim::balance::l7::keepalive::KeepaliveSpec;
use evenkeel::sim::balance::l7::processor::ProcessorSpec;
use evenkeel::sim::balance::pickers::haproxy::HashFunction;
use evenkeel::sim::balance::retry::{RetryOn, RetrySpec};
use evenkeel::sim::balance::set::BackupRule;
use evenkeel::sim::balance::slow_start::{EnvoySlowStartCurve, SlowStart, SlowStartCurve};
use evenkeel::sim::balance::spec::{Layer, QueueSpec, ReturnPath};
use evenkeel::sim::fleet::spec::{ConnectionSpec, Discipline, RequestKind};
use evenkeel::sim::health::active::ActiveConfig;
use evenkeel::sim::health::observe::OnError;
use evenkeel::sim::health::passive::{PassiveRule, PassiveSpec};
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::scenario::topology::{ClientSpread, DnsSpec, PairMode};
use evenkeel::sim::scenario::validate::faults;
use evenkeel::sim::time::SimDuration;
use evenkeel::sim::units::Permille;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::scene_schema::{BOOK, walk};
use crate::support::scene_file;

/// Passive checks by any rule, or none.
pub fn any_passive() -> impl Strategy<Value = Option<PassiveSpec>> {
    let rule = prop_oneof![
        Just(PassiveRule::Consecutive),
        Just(PassiveRule::Nginx),
        Just(PassiveRule::Haproxy)
    ];
    let on_error = prop_oneof![
        Just(OnError::FastInter),
        Just(OnError::FailCheck),
        Just(OnError::SuddenDeath),
        Just(OnError::MarkDown)
    ];
    let numbers = (1_u32..5, 0_u32..5, 0_u32..=100, any::<bool>());
    let config = (rule, on_error, numbers).prop_map(|(rule, on_error, numbers)| {
        let (errors, fail_timeout_s, max_ejection_percent, count_server_errors) = numbers;
        PassiveSpec {
            rule,
            on_error,
            fail_timeout_s,
            max_ejection_percent,
            count_server_errors,
            consecutive_failures: errors,
            error_limit: errors,
            max_fails: errors - 1,
            ..PassiveSpec::default()
        }
    });
    prop::option::of(config)
}

fn any_retries() -> impl Strategy<Value = RetrySpec> {
    let causes = vec![
        RetryOn::Refused,
        RetryOn::Reset,
        RetryOn::TimedOut,
        RetryOn::ServerError,
        RetryOn::QueueFull,
    ];
    let on = prop::sample::subsequence(causes, 0..=5);
    let budget = prop::option::of((0_u32..=1_000).prop_map(Permille));
    let spec = |(tries, on, budget_permille, non_idempotent)| RetrySpec {
        tries,
        on,
        budget_permille,
        non_idempotent,
    };
    (1_u32..5, on, budget, any::<bool>()).prop_map(spec)
}

fn any_slow_start() -> impl Strategy<Value = Option<SlowStart>> {
    let shape = prop_oneof![
        Just(SlowStartCurve::Linear),
        Just(SlowStartCurve::Haproxy),
        Just(SlowStartCurve::Envoy(EnvoySlowStartCurve::default()))
    ];
    let rule = (1_u64..10, shape).prop_map(|(secs, shape)| SlowStart {
        window_us: SimDuration::from_secs(secs),
        shape,
    });
    prop::option::of(rule)
}

fn any_queue() -> impl Strategy<Value = Option<QueueSpec>> {
    let queue = (0_u32..20, 1_u64..3_000).prop_map(|(limit, ms)| QueueSpec {
        limit,
        timeout_us: SimDuration::from_ms(ms),
    });
    prop::option::of(queue)
}

/// What a balancer does before it picks: rules with pools, a processor, connections that live. Half
/// of the scenes have none of it.
fn any_front() -> impl Strategy<Value = Option<Frontend>> {
    let processor = prop::option::of((1_u32..4, 0_u64..200, 0_u32..20)).prop_map(|spec| {
        spec.map(|(cores, ms, backlog)| ProcessorSpec {
            cores,
            packet_us: SimDuration::from_ms(ms / 100),
            full_handshake_us: SimDuration::from_ms(ms),
            resumed_handshake_us: SimDuration::from_ms(ms / 10),
            request_us: SimDuration::from_ms(ms / 3),
            backlog,
        })
    });
    let keepalive = prop::option::of((0_u32..3).prop_map(|idle| KeepaliveSpec {
        idle,
        timeout_us: SimDuration::from_secs(3),
    }));
    let connections = prop::option::of((any::<bool>(), 0_u64..3)).prop_map(|spec| {
        spec.map(|(tls, secs)| ConnectionSpec {
            tls,
            idle_us: SimDuration::from_secs(secs),
        })
    });
    let switches = (any::<[bool; 8]>(), any::<bool>(), 0_u64..8);
    prop::option::of((processor, keepalive, connections, switches))
}

/// See [`any_front`].
type Frontend = (
    Option<ProcessorSpec>,
    Option<KeepaliveSpec>,
    Option<ConnectionSpec>,
    ([bool; 8], bool, u64),
);

/// Every kind of rule, two of them with pools, and WebSockets.
const RULES: &str = r#"[
    {"then": {"limit": {"rate_permille": 3000, "burst": 2}}},
    {"when": {"path": "/page/3"}, "then": "block"},
    {"then": {"inject": ["x-real-ip", "x-forwarded-for"]}},
    {"when": {"path": "/chat"}, "then": "upgrade"},
    {"when": {"path": "/static/1"}, "then": "static"},
    {"when": {"path": "/checkout"}, "then": {"auth": "authorization"}},
    {"when": {"header": {"name": "content-type"}}, "then": {"pool": "grpc"}},
    {"then": {"split": [{"pool": "main", "share": 2}, {"pool": "side", "share": 1}]}}
]"#;

fn furnish(scene: &mut Scenario, front: Frontend) {
    let (processor, keepalive, connections, (rules, direct, hold_s)) = front;
    let spec = &mut scene.balancer;
    (spec.processor, spec.keepalive) = (processor, keepalive);
    spec.ticket_us = SimDuration::from_secs(5);
    if direct {
        spec.return_path = ReturnPath::Direct;
    }
    scene.connections = connections;
    let mut chat = scene.classes[0].clone();
    chat.kind = RequestKind::WebSocket;
    chat.path = "/chat".to_string();
    chat.method.clear();
    chat.items = 1;
    chat.hold_us = SimDuration::from_secs(hold_s);
    scene.classes.push(chat);
    scene.rules = serde_json::from_str(RULES).expect("the rules are well formed");
    for (rule, on) in scene.rules.iter_mut().zip(rules) {
        rule.on = on;
    }
    let pool = |name: &str, algorithm: &str| {
        let pool = format!(r#"{{"name": "{name}", "algorithm": "{algorithm}"}}"#);
        serde_json::from_str(&pool).expect("the pool is well formed")
    };
    scene.pools = vec![pool("grpc", "least_connections"), pool("side", "ip_hash")];
    scene.servers[2].pool = Some("side".to_string());
    scene.servers[3].pool = Some("grpc".to_string());
}

/// What HAProxy has several ways of.
fn any_ways() -> impl Strategy<Value = (HashOptions, bool, BackupRule)> {
    let function = prop::option::of(prop::sample::select(&HashFunction::ALL));
    let backups = prop_oneof![Just(BackupRule::All), Just(BackupRule::First)];
    let ways = (function, any::<[bool; 3]>(), backups);
    ways.prop_map(|(function, [avalanche, consistent, table], backups)| {
        let hash = HashOptions {
            function,
            avalanche: avalanche && function.is_some(),
            consistent,
        };
        (hash, table, backups)
    })
}

/// The default scene with random rules and limits. With retries, since that is where two of the
/// rules work.
pub fn any_scene() -> impl Strategy<Value = Scenario> {
    let panic_percent = prop_oneof![Just(0_u32), 1_u32..=100];
    let passive = any_passive();
    let rules = (
        any_retries(),
        any_slow_start(),
        any_queue(),
        panic_percent,
        passive,
    );
    let server = (prop::option::of(1_u32..8), any::<[bool; 2]>());
    let servers = prop::collection::vec(server, 4);
    let switches = (any::<[bool; 3]>(), any_ways());
    let world = (rules, servers, switches, 1_u64..12, any_front());
    world.prop_map(|(rules, servers, (switches, ways), timeout_s, front)| {
        let mut scene = default_scenario();
        if let Some(front) = front {
            furnish(&mut scene, front);
        }
        let spec = &mut scene.balancer;
        (spec.retries, spec.slow_start, spec.queue) = (rules.0, rules.1, rules.2);
        (spec.panic_percent, spec.passive_checks) = (rules.3, rules.4);
        let [fail_open, sticky_cookie, haproxy] = switches;
        (spec.fail_open, spec.sticky_cookie) = (fail_open, sticky_cookie);
        spec.request_timeout_us = SimDuration::from_secs(timeout_s);
        if haproxy {
            spec.engine = Implementation::Haproxy;
            (spec.hash, spec.static_table, spec.backups) = ways;
        }
        for (server, (most, [backup, sharing])) in scene.servers.iter_mut().zip(servers) {
            (server.max_conns, server.max_queue) = (most, most.filter(|most| most % 2 == 1));
            if backup {
                server.tier = Tier::Backup;
            }
            if sharing {
                server.discipline = Discipline::Sharing;
            }
        }
        scene
    })
}

/// A random scene behind two balancers, of either mode and at either layer.
pub fn any_pair() -> impl Strategy<Value = Scenario> {
    let mode = prop_oneof![Just(PairMode::ActivePassive), Just(PairMode::ActiveActive)];
    let spread = prop_oneof![Just(ClientSpread::Dns), Just(ClientSpread::Ecmp)];
    let named = prop::option::of(0_u64..5_000);
    let pair = (mode, spread, any::<[bool; 4]>(), 1_u32..200, named);
    (any_scene(), pair).prop_map(|(mut scene, pair)| {
        let (mode, spread, [preempt, shared, standby, l4], advert_cs, ttl_ms) = pair;
        let mut spec = scene_file("active_passive").pair.expect("it has a pair");
        (spec.mode, spec.spread, spec.advert_cs) = (mode, spread, advert_cs);
        (spec.preempt, spec.shared_connections, spec.standby_checks) = (preempt, shared, standby);
        scene.pair = Some(spec);
        scene.dns = ttl_ms.map(|ms| DnsSpec {
            ttl_us: SimDuration::from_ms(ms),
            checks: Some(ActiveConfig::default()),
            ..DnsSpec::default()
        });
        if l4 {
            scene.balancer.layer = Layer::L4;
        }
        scene.clients[0].requests_per_connection = 30;
        scene
    })
}

/// As [`any_scene`], with some fields of the balancer and of the servers at values that the schema allows. The schema is
/// made from the types, so a new field is among them.
pub fn any_fields() -> impl Strategy<Value = Scenario> {
    let changes = prop::collection::vec((any::<u32>(), any::<u32>()), 1..12);
    (any_scene(), changes).prop_map(|(scene, changes)| {
        changes
            .into_iter()
            .fold(scene, |scene, (which, what)| changed(scene, which, what))
    })
}

/// A scene with one field changed, or as it was if the change needs another one beside it.
fn changed(scene: Scenario, which: u32, what: u32) -> Scenario {
    let mut value = serde_json::to_value(&scene).expect("a scene can be written");
    let mut fields: Vec<(&Schema, JsonPath)> = Vec::new();
    walk(
        BOOK.root(),
        &JsonPath::default(),
        &value,
        &mut |schema, place, value| {
            for (name, field) in BOOK.fields(schema) {
                let place = place.field(name);
                let inside =
                    ["balancer.", "servers["].map(|part| place.to_string().starts_with(part));
                if inside.contains(&true) && value.get(name).is_some() {
                    fields.push((field, place));
                }
            }
        },
    );
    let (schema, place) = &fields[which as usize % fields.len()];
    *place.get_mut(&mut value).expect("it is there") = drawn(schema, what);
    let changed = serde_json::from_value(value);
    changed
        .ok()
        .filter(|scene| faults(scene).is_empty())
        .unwrap_or(scene)
}

/// Some value that a schema allows. Times are between ten milliseconds and a minute, numbers at most ten thousand, so
/// that a run is soon over.
fn drawn(schema: &'static Schema, what: u32) -> Value {
    if BOOK.optional(schema).is_some() && what.is_multiple_of(3) {
        return Value::Null;
    }
    let schema = BOOK.optional(schema).unwrap_or(schema);
    let solved = BOOK.resolve(schema);
    if let Some(form) = solved
        .one_of
        .get(what as usize % solved.one_of.len().max(1))
    {
        return make(&BOOK, form);
    }
    let number = |bound: Option<serde_json::Number>| bound.and_then(|bound| bound.as_f64());
    match solved.kind.as_str() {
        "boolean" => json!(what.is_multiple_of(2)),
        "integer" => {
            let bounds = bounds(&BOOK, schema);
            let (low, high) = if solved.unit == "ms" {
                (1e4, 6e7)
            } else {
                (0.0, 1e4)
            };
            let least = number(bounds.least).unwrap_or(0.0).max(low);
            let most = number(bounds.most).unwrap_or(high).min(high).max(least);
            // As many small numbers as large ones.
            let part = f64::from(what) / f64::from(u32::MAX);
            json!((least + (libm::pow(most - least + 1.0, part) - 1.0)) as u64)
        }
        _ => begin(&BOOK, schema),
    }
}
