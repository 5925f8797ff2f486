//! What a scenario says of retries, slow start, panic, queues, limits and rules: off unless it is
//! said, and refused with its place where it is wrong.

use evenkeel::sim::scenario::preset::{DEFAULT_JSON, default_scenario};
use evenkeel::sim::scenario::validate::parse;
use serde_json::{Value, json};

fn default_json() -> Value {
    serde_json::from_str(DEFAULT_JSON).expect("the default scene is JSON")
}

/// The default scene with one value put in at a place like `balancer.retries.tries`.
fn with(place: &str, value: Value) -> String {
    let mut scene = default_json();
    let path = format!("/{}", place.replace('.', "/"));
    let (parent, name) = path.rsplit_once('/').expect("a path has a name");
    let parent = scene.pointer_mut(parent).expect("the place is there");
    parent[name] = value;
    scene.to_string()
}

fn refused(place: &str, value: Value, expected: &str) {
    let error = parse(&with(place, value)).expect_err(place);
    assert!(error.to_string().contains(expected), "{place}: {error}");
}

#[test]
fn everything_new_is_off_unless_it_is_said() {
    let mut scene = default_json();
    let balancer = scene["balancer"].as_object_mut().expect("an object");
    for name in [
        "retries",
        "slow_start",
        "panic_percent",
        "fail_open",
        "queue",
        "sticky_cookie",
    ] {
        assert!(balancer.remove(name).is_some(), "{name} is in the example");
    }
    let passive = balancer["passive_checks"]
        .as_object_mut()
        .expect("an object");
    passive.retain(|name, _| {
        matches!(
            name.as_str(),
            "consecutive_failures" | "base_ejection_us" | "degraded_over_us"
        )
    });
    for server in scene["servers"].as_array_mut().expect("a list") {
        let server = server.as_object_mut().expect("an object");
        assert!(server.remove("max_conns").is_some() && server.remove("discipline").is_some());
    }
    assert_eq!(parse(&scene.to_string()), Ok(default_scenario()));
}

#[test]
fn wrong_numbers_are_refused_with_their_place() {
    refused(
        "balancer.retries.tries",
        json!(0),
        "balancer.retries.tries: 0 is not between 1 and",
    );
    refused(
        "balancer.retries.on",
        json!(["reset", "reset"]),
        "balancer.retries.on[1]: stands there twice",
    );
    refused(
        "balancer.retries.on",
        json!(["bored"]),
        "unknown variant `bored`",
    );
    refused(
        "balancer.retries.budget_permille",
        json!(1_001),
        "balancer.retries.budget_permille: 1001",
    );
    refused(
        "balancer.slow_start",
        json!({ "window_us": 10, "shape": "linear" }),
        "balancer.slow_start.window_us: 10",
    );
    refused(
        "balancer.slow_start",
        json!({ "window_us": 500_000, "shape": "haproxy" }),
        "balancer.slow_start.window_us: 500000 is not between 1000000",
    );
    refused(
        "balancer.slow_start",
        json!({ "window_us": 5_000_000, "shape": { "envoy": { "aggression_permille": 0 } } }),
        "balancer.slow_start.shape.envoy.aggression_permille: 0",
    );
    refused(
        "balancer.panic_percent",
        json!(101),
        "balancer.panic_percent: 101",
    );
    refused(
        "balancer.queue",
        json!({ "limit": 100_001 }),
        "balancer.queue.limit: 100001",
    );
    refused(
        "balancer.queue",
        json!({ "timeout_us": 0 }),
        "balancer.queue.timeout_us: 0",
    );
    refused("servers.1.max_conns", json!(0), "servers[1].max_conns: 0");
    refused(
        "servers.1.discipline",
        json!("lifo"),
        "unknown variant `lifo`",
    );
}

#[test]
fn wrong_passive_rules_are_refused_with_their_place() {
    let place = |name: &str| format!("balancer.passive_checks.{name}");
    for (name, value) in [
        ("max_ejection_percent", 101),
        ("max_ejection_us", 0),
        ("max_fails", 1_001),
        ("fail_timeout_s", 3_601),
        ("error_limit", 0),
    ] {
        refused(
            &place(name),
            json!(value),
            &format!("{}: {value}", place(name)),
        );
    }
    refused(&place("rule"), json!("magic"), "unknown variant `magic`");
    let mut scene = default_json();
    scene["balancer"]["active_checks"] = Value::Null;
    scene["balancer"]["passive_checks"]["rule"] = json!("haproxy");
    let error = parse(&scene.to_string()).expect_err("nothing to count on");
    let words = "balancer.passive_checks.rule: haproxy works on the counter of active_checks";
    assert!(error.to_string().contains(words), "{error}");
}
