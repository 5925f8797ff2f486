//! Traces that are wrong: an error that names the place, never a panic.

use super::cases::cases;
use super::fuzz::TRACE_WORDS;
use super::mutate::Mutator;
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

#[test]
fn a_damaged_trace_is_an_error_and_never_a_panic() {
    let rounds = cases(1_000);
    let (mut refused, mut replayed) = (0, 0);
    let mut mutator = Mutator::new(1);
    for base in [NGINX, HAPROXY] {
        let good: Value = serde_json::from_str(base).expect("JSON");
        for round in 0..rounds {
            let text = if round % 5 == 0 {
                mutator.text(base)
            } else {
                mutator.json(&good, TRACE_WORDS)
            };
            match replay(&text) {
                Ok(_) => replayed += 1,
                Err(error) => {
                    assert!(!error.reason.is_empty());
                    refused += 1;
                }
            }
        }
    }
    assert!(
        refused > rounds * 2 / 5 && replayed > rounds / 25,
        "{refused} {replayed}"
    );
}
