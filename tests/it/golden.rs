//! Recorded traces of real nginx and HAProxy, decided again pick for pick.

use std::fs;
use std::path::{Path, PathBuf};

use evenkeel::replay::{Line, Try, decide, replay};
use serde_json::Value;

/// What was recorded and must never be looked at.
const ANSWERS: [&str; 8] =
    ["picked", "status", "tries", "try_status", "cw", "ew_after_fail", "active_before", "worker"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// The traces that hold decisions, by name.
fn traces(engine: &str) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder()).expect("the folder is there") {
        let path = entry.expect("readable").path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("readable");
        let trace: Value = serde_json::from_str(&text).expect("JSON");
        let statistical = trace["statistical"].as_bool().unwrap_or(false);
        if trace["engine"] == engine && !statistical {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            found.push((name, text, trace));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

/// The servers that the recording tried for a request, as a line of the output.
fn recorded(request: &Value) -> String {
    let names = |list: &[Value]| {
        let names: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
        names.join(",")
    };
    match (list(request, "tries"), request["picked"].as_str()) {
        ([], Some("up")) => "-".to_owned(),
        ([], Some(picked)) => picked.to_owned(),
        (tries, _) => names(tries),
    }
}

/// Compares line by line, so that a failure names the first request that differs.
fn compare(name: &str, found: &[String], expected: &[String]) {
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert_eq!(found, expected, "{name}: line {at}");
    }
    assert_eq!(found.len(), expected.len(), "{name}: lines");
}

#[test]
fn every_pick_of_nginx() {
    let traces = traces("nginx");
    assert!(traces.len() >= 26, "{}", traces.len());
    for (name, text, trace) in &traces {
        let expected: Vec<String> = list(trace, "requests")
            .iter()
            .filter(|request| request["op"] != "close")
            .map(recorded)
            .collect();
        let found = replay(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        compare(name, &found, &expected);
    }
}

/// The state after each check, as HAProxy's log has it: it is the same rule that the timeline shows.
fn logged_states(trace: &Value) -> Vec<String> {
    let logged = |row: &Value| {
        let text = row["msg"].as_str()?;
        let name = text.strip_prefix("Health check for server b/")?.split(' ').next()?;
        let status = text.rsplit_once("status: ")?.1.trim_end_matches('.');
        Some(format!("{name} {status}"))
    };
    list(trace, "log").iter().filter_map(logged).collect()
}

#[test]
fn every_pick_of_haproxy() {
    let traces = traces("haproxy");
    assert!(traces.len() >= 36, "{}", traces.len());
    for (name, text, trace) in &traces {
        let expected: Vec<String> = list(trace, "requests")
            .iter()
            .filter(|request| request["op"] != "close")
            .map(recorded)
            .collect();
        let found = replay(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let is_state = |line: &&String| line.contains(' ');
        let picks: Vec<String> = found.iter().filter(|line| !is_state(line)).cloned().collect();
        compare(name, &picks, &expected);
        assert_eq!(found.iter().filter(is_state).count(), list(trace, "probes").len(), "{name}");
    }
}

#[test]
fn every_logged_state_of_haproxy() {
    let mut compared = 0;
    for (name, text, trace) in traces("haproxy") {
        if list(&trace, "probes").is_empty() {
            continue;
        }
        let decisions = replay(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        // HAProxy logs a check only where it moved the counter. Errors seen in traffic move it too,
        // between the checks.
        let observed = text.contains("observe");
        let mut last: std::collections::BTreeMap<&str, &str> = std::collections::BTreeMap::new();
        let mut changes = Vec::new();
        for line in decisions.iter().filter(|line| line.contains(' ')) {
            let (server, _) = line.split_once(' ').expect("a state");
            if last.insert(server, line) != Some(line) {
                changes.push(line.clone());
            }
        }
        let logged = logged_states(&trace);
        if observed {
            assert!(logged.len() > changes.len(), "{name}");
            continue;
        }
        assert_eq!(changes, logged, "{name}");
        compared += logged.len();
    }
    assert!(compared > 20, "{compared}");
}

#[test]
fn every_current_weight_of_nginx() {
    let mut compared = 0;
    for (name, text, trace) in traces("nginx") {
        let decisions = decide(&text, true).unwrap_or_else(|error| panic!("{name}: {error}"));
        for (at, (request, line)) in
            list(&trace, "requests").iter().zip(&decisions.lines).enumerate()
        {
            let (Line::Tries(tries), [_, ..]) = (line, list(request, "cw")) else { continue };
            let found: Vec<Option<i64>> = tries.iter().map(|Try { score, .. }| *score).collect();
            let expected: Vec<Option<i64>> =
                list(request, "cw").iter().map(Value::as_i64).collect();
            assert_eq!(found, expected, "{name}: request {at}");
            compared += found.len();
        }
    }
    assert!(compared > 3_000, "{compared}");
}

/// The trace without anything that was recorded.
fn stripped(trace: &Value) -> Value {
    let mut bare = trace.clone();
    let fields = bare.as_object_mut().expect("an object");
    fields.remove("log");
    if let Some(requests) = fields.get_mut("requests").and_then(Value::as_array_mut) {
        for request in requests {
            let closes = request["op"] == "close";
            let request = request.as_object_mut().expect("an object");
            for answer in ANSWERS {
                request.remove(answer);
            }
            if closes {
                request.remove("server");
            }
        }
    }
    if let Some(timeline) = fields.get_mut("timeline").and_then(Value::as_array_mut) {
        timeline.retain(|row| row["status"].is_null());
    }
    bare
}

#[test]
fn the_recorded_answers_are_never_read() {
    for engine in ["nginx", "haproxy"] {
        for (name, text, trace) in traces(engine) {
            let bare = stripped(&trace).to_string();
            assert!(!bare.contains("\"picked\"") && !bare.contains("\"cw\""));
            assert_eq!(replay(&text), replay(&bare), "{name}");
        }
    }
}

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

#[test]
fn a_wrong_trace_names_the_place() {
    let cases = [
        (NGINX, "\"open\"", "\"x\"", "requests[0].op: unknown operation \"x\""),
        (NGINX, "\"nginx\"", "\"envoy\"", "engine: unknown engine \"envoy\""),
        (NGINX, "\"weight\":2", "\"weight\":0", "servers[0].weight: must be a whole number from 1"),
        (NGINX, "\"weight\":2", "\"weight\":-3", "servers[0].weight: must be a whole number"),
        (NGINX, "\"name\":\"b\"", "\"name\":\"a\"", "servers[1].name: \"a\" is there twice"),
        (NGINX, "least_conn", "most_conn", "upstream[0]: unknown directive \"most_conn "),
        (NGINX, "weight=2", "weight=x", "upstream[1]: weight must be a number"),
        (NGINX, "least_conn", "ip_hash", "servers[1].backup: nginx allows no backup"),
        (NGINX, "http_503", "http_777", "location: unknown condition \"http_777\""),
        (NGINX, "refuse a", "refuse z", "events[0].event: there is no server \"z\""),
        (NGINX, "refuse a", "explode a", "events[0].event: unknown event \"explode a\""),
        (NGINX, "10.1.1.1", "10.1.1.999", "requests[1].client_ip: must be an IP address"),
        (NGINX, "\"close\",\"id\":1", "\"close\",\"id\":2", "requests[2].id: 2 is not open"),
        (NGINX, "\"requests\"", "\"queries\"", "requests: is missing"),
        (
            NGINX,
            "\"engine\"",
            "\"statistical\":true,\"engine\"",
            "statistical: a statistical trace",
        ),
        (NGINX, "\"engine\"", "engine", "line 1 column 2: is not JSON"),
        (HAPROXY, "balance uri", "balance luck", "config[0]: unknown balance \"luck\""),
        (HAPROXY, "consistent", "inconsistent", "config[1]: unknown hash-type"),
        (HAPROXY, "slowstart 3s", "slowstart 3y", "config[2]: unknown time \"3y\""),
        (HAPROXY, "server b 10", "server c 10", "config[3]: there is no server \"c\""),
        (HAPROXY, "\"weight\":2", "\"weight\":300", "servers[0].weight: must be"),
        (HAPROXY, "b/b weight 3", "b/b weight 999", "requests[0].before[0]: \"999\" is no weight"),
        (HAPROXY, "set server b/b", "set fire b/b", "requests[0].before[0]: unknown command"),
        (HAPROXY, "\"hang\"", "[]", "probes[1].answer: must be a status or a word"),
        (HAPROXY, "\"t_ms\":30", "\"t_ms\":1e30", "probes[1].t_ms: must be a whole number"),
    ];
    for (trace, from, to, expected) in cases {
        assert!(trace.contains(from), "{from}");
        let error = replay(&trace.replacen(from, to, 1)).expect_err(to).to_string();
        assert!(error.starts_with(expected), "{error:?} is not {expected:?}");
    }
}

/// A number from a small generator, enough to choose what to damage.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
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
