//! What a scenario does not say has its default, and what is wrong in it is refused with its place.

use evenkeel::edit::json_path::{JsonPath, PathSegment};
use evenkeel::sim::scenario::preset::{DEFAULT_JSON, default_scenario};
use evenkeel::sim::scenario::validate::parse;
use serde_json::{Value, json};

use crate::scene_schema::{BOOK, walk};

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

/// A file that says no more than it must is the scene of one that says every default: an older file, or an older link,
/// lacks what came later.
#[test]
fn a_field_that_is_not_said_has_its_default() {
    let mut scene = default_json();
    let mut said: Vec<JsonPath> = Vec::new();
    walk(
        BOOK.root(),
        &JsonPath::default(),
        &default_json(),
        &mut |schema, place, value| {
            for (name, field) in BOOK.fields(schema) {
                let here = value.get(name);
                if here.is_some() && here == field.default.as_ref() {
                    said.push(place.field(name));
                }
            }
        },
    );
    assert!(said.len() > 40, "{}", said.len());
    // The innermost last in the list, so from the end: what is around them may go as well.
    for place in said.into_iter().rev() {
        let (name, parent) = place.0.split_last().expect("a field has a name");
        let PathSegment::Field(name) = name else {
            unreachable!("{place} is a field");
        };
        let parent = JsonPath(parent.to_vec());
        let object = parent.get_mut(&mut scene).and_then(Value::as_object_mut);
        object.expect("an object").remove(name);
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

#[test]
fn wrong_pools_and_rules_are_refused_with_their_place() {
    let rules = |then: Value| json!([{ "then": "static" }, { "then": then }]);
    for (then, expected) in [
        (
            json!({ "pool": "pay" }),
            "rules[1].then.pool: there is no pool \"pay\"; there are: main",
        ),
        (
            json!({ "split": [{ "pool": "main", "share": 1 }] }),
            "rules[1].then.split: 1 parts; between 2 and 8 are needed",
        ),
        (
            json!({ "split": [{ "pool": "main", "share": 0 }, { "pool": "x", "share": 0 }] }),
            "rules[1].then.split[1].pool: there is no pool \"x\"",
        ),
        (
            json!({ "limit": { "rate_permille": 0, "burst": 1 } }),
            "rules[1].then.limit.rate_permille: 0 is not between 1",
        ),
        (
            json!({ "inject": [] }),
            "rules[1].then.inject: names no header",
        ),
        (
            json!({ "inject": ["x-real-ip", "x-real-ip"] }),
            "rules[1].then.inject[1]: stands there twice",
        ),
        (json!({ "auth": "" }), "rules[1].then.auth: is empty"),
        (json!("explode"), "unknown variant `explode`"),
    ] {
        refused("rules", rules(then), expected);
    }
    refused(
        "rules",
        json!([{ "when": { "pith": "/" }, "then": "static" }]),
        "unknown field `pith`",
    );
    refused(
        "servers.2.pool",
        json!("pay"),
        "servers[2].pool: there is no pool \"pay\"; there are: main",
    );
    let pool = |name: &str| json!({ "name": name, "algorithm": "round_robin" });
    refused(
        "pools",
        json!([pool("main")]),
        "pools[0].name: \"main\" is the name of another pool already",
    );
    refused(
        "pools",
        json!([pool("pay"), pool("pay")]),
        "pools[1].name: \"pay\" is the name of another pool already",
    );
    refused(
        "pools",
        json!([{ "name": "pay", "algorithm": "maglev", "engine": "nginx" }]),
        "pools[0].engine: nginx has no form of",
    );
    refused(
        "balancer.processor",
        json!({ "cores": 0 }),
        "balancer.processor.cores: 0 is not between 1 and 256",
    );
    refused(
        "balancer.keepalive",
        json!({ "idle": 10_001 }),
        "balancer.keepalive.idle: 10001",
    );
    refused(
        "classes.0.hold_us",
        json!(1),
        "classes[0].hold_us: only a web_socket stays open",
    );
}
