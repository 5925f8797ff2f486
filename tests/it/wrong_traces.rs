//! Traces that are wrong: an error that names the place, never a panic.

use evenkeel::replay::replay;
use serde_json::Value;

/// A small trace with something in every field that is read.
const NGINX: &str = r#"{"engine":"nginx","upstream":["least_conn;","server 10.0.0.1:80 weight=2;",
    "server 10.0.0.2:80 backup;"],"location":"proxy_next_upstream error http_503;",
    "servers":[{"name":"a","address":"10.0.0.1:80","weight":2},
    {"name":"b","address":"10.0.0.2:80","weight":1,"backup":true}],
    "events":[{"t_ms":1,"before_request":1,"event":"refuse a"}],
    "requests":[{"op":"open","id":1,"sec":0},{"sec":1,"client_ip":"10.1.1.1","key":"k"},
    {"op":"close","id":1}]}"#;
const HAPROXY: &str = r#"{"engine":"haproxy","config":["balance uri","hash-type consistent",
    "server a 10.0.0.1:80 weight 2 check slowstart 3s observe layer7 error-limit 1",
    "server b 10.0.0.2:80 check"],"servers":[{"name":"a","address":"10.0.0.1:80","weight":2},
    {"name":"b","address":"10.0.0.2:80","weight":1,"id":7,"maxconn":1}],
    "timeline":[{"t_ms":5,"event":"a status 500"},{"t_ms":9,"server":"a","status":"UP"}],
    "requests":[{"t_ms":6,"key":"/x","before":["set server b/b weight 3"]},
    {"t_ms":7,"op":"open","id":1},{"t_ms":9,"op":"close","id":1}],
    "probes":[{"t_ms":8,"server":"a","answer":200},{"t_ms":30,"server":"a","answer":"hang"}]}"#;

#[test]
fn the_small_traces_are_good() {
    assert_eq!(replay(NGINX), Ok(vec!["a".to_owned(), "a,b".to_owned()]));
    assert_eq!(replay(HAPROXY).map(|lines| lines.len()), Ok(4));
}

/// A trace, what is wrong in it, and how the message begins.
const WRONG: &[(&str, &str, &str, &str)] = &[
    (
        NGINX,
        "\"open\"",
        "\"x\"",
        "requests[0].op: unknown operation \"x\"",
    ),
    (
        NGINX,
        "\"nginx\"",
        "\"envoy\"",
        "engine: unknown engine \"envoy\"",
    ),
    (
        NGINX,
        "\"weight\":2",
        "\"weight\":0",
        "servers[0].weight: must be a whole number from 1",
    ),
    (
        NGINX,
        "\"weight\":2",
        "\"weight\":-3",
        "servers[0].weight: must be a whole number",
    ),
    (
        NGINX,
        "\"name\":\"b\"",
        "\"name\":\"a\"",
        "servers[1].name: \"a\" is there twice",
    ),
    (
        NGINX,
        "least_conn",
        "most_conn",
        "upstream[0]: unknown directive \"most_conn ",
    ),
    (
        NGINX,
        "weight=2",
        "weight=x",
        "upstream[1]: weight must be a number",
    ),
    (
        NGINX,
        "least_conn",
        "ip_hash",
        "servers[1].backup: nginx allows no backup",
    ),
    (
        NGINX,
        "http_503",
        "http_777",
        "location: unknown condition \"http_777\"",
    ),
    (
        NGINX,
        "refuse a",
        "refuse z",
        "events[0].event: there is no server \"z\"",
    ),
    (
        NGINX,
        "refuse a",
        "explode a",
        "events[0].event: unknown event \"explode a\"",
    ),
    (
        NGINX,
        "10.1.1.1",
        "10.1.1.999",
        "requests[1].client_ip: must be an IP address",
    ),
    (
        NGINX,
        "\"close\",\"id\":1",
        "\"close\",\"id\":2",
        "requests[2].id: 2 is not open",
    ),
    (NGINX, "\"requests\"", "\"queries\"", "requests: is missing"),
    (
        NGINX,
        "\"engine\"",
        "\"statistical\":true,\"engine\"",
        "statistical: a statistical trace",
    ),
    (
        NGINX,
        "\"engine\"",
        "engine",
        "line 1 column 2: is not JSON",
    ),
    (
        HAPROXY,
        "balance uri",
        "balance luck",
        "config[0]: unknown balance \"luck\"",
    ),
    (
        HAPROXY,
        "consistent",
        "inconsistent",
        "config[1]: unknown hash-type",
    ),
    (
        HAPROXY,
        "slowstart 3s",
        "slowstart 3y",
        "config[2]: unknown time \"3y\"",
    ),
    (
        HAPROXY,
        "server b 10",
        "server c 10",
        "config[3]: there is no server \"c\"",
    ),
    (
        HAPROXY,
        "\"weight\":2",
        "\"weight\":300",
        "servers[0].weight: must be",
    ),
    (
        HAPROXY,
        "b/b weight 3",
        "b/b weight 999",
        "requests[0].before[0]: \"999\" is no weight",
    ),
    (
        HAPROXY,
        "set server b/b",
        "set fire b/b",
        "requests[0].before[0]: unknown command",
    ),
    (
        HAPROXY,
        "\"hang\"",
        "[]",
        "probes[1].answer: must be a status or a word",
    ),
    (
        HAPROXY,
        "\"t_ms\":30",
        "\"t_ms\":1e30",
        "probes[1].t_ms: must be a whole number",
    ),
];

#[test]
fn a_wrong_trace_names_the_place() {
    for &(trace, from, to, expected) in WRONG {
        assert!(trace.contains(from), "{from}");
        let error = replay(&trace.replacen(from, to, 1))
            .expect_err(to)
            .to_string();
        assert!(error.starts_with(expected), "{error:?} is not {expected:?}");
    }
}

/// A number from a small generator, enough to choose what to damage.
fn next(state: &mut u64) -> usize {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as usize
}

/// Every value of a document, by pointer.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                pointers(value, &format!("{at}/{index}"), found);
            }
        }
        Value::Object(fields) => {
            for (key, value) in fields {
                pointers(value, &format!("{at}/{key}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn a_damaged_trace_is_an_error_and_never_a_panic() {
    let absurd: Vec<Value> = [
        "null",
        "-1",
        "0",
        "1e300",
        "18446744073709551615",
        "\"\"",
        "\"x\"",
        "[]",
        "{}",
        "true",
        "65535",
        "4294967295",
        "\"server a 10.0.0.1:80 weight=65535;\"",
        "\"hash $arg_k consistent;\"",
        "\"balance random(255)\"",
        "\"balance static-rr\"",
        "\"open\"",
        "\"listen a\"",
        "\"server b 10.0.0.2:80 slowstart 1d check\"",
        "\"disable server b/a\"",
        "\"::1\"",
        "\"balance leastconn\"",
        "\"balance first\"",
        "\"random two;\"",
        "\"option allbackups\"",
        "\"\\u0000\"",
        "\"proxy_next_upstream_tries 99;\"",
        "1099511627776",
    ]
    .iter()
    .map(|text| serde_json::from_str(text).expect("JSON"))
    .collect();
    let (mut state, mut refused, mut replayed) = (1, 0, 0);
    for base in [NGINX, HAPROXY] {
        let good: Value = serde_json::from_str(base).expect("JSON");
        let mut places = Vec::new();
        pointers(&good, "", &mut places);
        for _ in 0..20_000 {
            let mut trace = good.clone();
            for _ in 0..=next(&mut state) % 4 {
                let place = &places[next(&mut state) % places.len()];
                let value = absurd[next(&mut state) % absurd.len()].clone();
                if let Some(target) = trace.pointer_mut(place) {
                    *target = value;
                }
            }
            match replay(&trace.to_string()) {
                Ok(_) => replayed += 1,
                Err(error) => {
                    assert!(!error.reason.is_empty());
                    refused += 1;
                }
            }
        }
        for _ in 0..5_000 {
            let mut bytes = base.as_bytes().to_vec();
            for _ in 0..=next(&mut state) % 3 {
                let at = next(&mut state) % bytes.len();
                bytes[at] = (next(&mut state) % 128) as u8;
            }
            bytes.truncate(bytes.len() - next(&mut state) % 3);
            let _ = replay(&String::from_utf8_lossy(&bytes));
        }
    }
    assert!(refused > 10_000 && replayed > 1_000, "{refused} {replayed}");
}
