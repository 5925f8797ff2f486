//! Recorded traces of real nginx and HAProxy, decided again pick for pick.

use std::fs;
use std::path::{Path, PathBuf};

use evenkeel::replay::{ReplayedAttempt, ReplayedLine, decide, replay};
use evenkeel::sim::balance::algorithm::{Algorithm, Implementation};
use evenkeel::sim::engine::Engine;
use evenkeel::sim::engine::view::Member;
use evenkeel::sim::fleet::spec::ArrivalProcess;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::scenario::{Scenario, ServerSpec};
use evenkeel::sim::time::SimTime;
use serde_json::Value;

/// What was recorded and must never be looked at.
const ANSWERS: [&str; 8] = [
    "picked",
    "status",
    "tries",
    "try_status",
    "cw",
    "ew_after_fail",
    "active_before",
    "worker",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// A recording by the name of its file.
pub fn trace(name: &str) -> Value {
    let path = folder().join(format!("{name}.json"));
    let text = fs::read_to_string(path).expect("the trace is there");
    serde_json::from_str(&text).expect("JSON")
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
            let name = path
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            found.push((name, text, trace));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// The list of that name in a recording; empty where there is none.
pub fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
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
        let name = text
            .strip_prefix("Health check for server b/")?
            .split(' ')
            .next()?;
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
        let picks: Vec<String> = found
            .iter()
            .filter(|line| !is_state(line))
            .cloned()
            .collect();
        compare(name, &picks, &expected);
        assert_eq!(
            found.iter().filter(is_state).count(),
            list(trace, "probes").len(),
            "{name}"
        );
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
        for (at, (request, line)) in list(&trace, "requests")
            .iter()
            .zip(&decisions.lines)
            .enumerate()
        {
            let (ReplayedLine::Tries(tries), [_, ..]) = (line, list(request, "cw")) else {
                continue;
            };
            let found: Vec<Option<i64>> = tries
                .iter()
                .map(|ReplayedAttempt { score, .. }| *score)
                .collect();
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

/// The scene that a recording's servers make, without faults or checks.
fn recorded_scene(trace: &Value) -> Scenario {
    let mut scene = default_scenario();
    let directive = trace["directive"].as_str().unwrap_or_default();
    let spec = &mut scene.balancer;
    spec.algorithm = Algorithm::WeightedRoundRobin;
    spec.static_table = directive == "balance static-rr";
    spec.engine = if trace["engine"] == "haproxy" {
        Implementation::Haproxy
    } else {
        Implementation::Nginx
    };
    (spec.active_checks, spec.passive_checks) = (None, None);
    let first = scene.servers[0].clone();
    let server = |one: &Value| ServerSpec {
        name: one["name"].as_str().expect("a name").to_owned(),
        weight: one["weight"].as_u64().expect("a weight") as u32,
        ..first.clone()
    };
    scene.servers = list(trace, "servers").iter().map(server).collect();
    scene.arrivals.process = ArrivalProcess::Steady;
    scene
}

/// A scene starts as the program does, which knows all its servers before the first pick.
#[test]
fn a_scene_takes_turns_as_the_programs_do() {
    let mut compared = 0;
    for (name, text, trace) in traces("haproxy").into_iter().chain(traces("nginx")) {
        let directive = trace["directive"].as_str().unwrap_or_default();
        let in_turn = [
            "balance roundrobin",
            "balance static-rr",
            "(default round robin)",
        ];
        let eventful = [
            "before", "probes", "fail", "backup", "tries", "\"down\"", "disable",
        ];
        if !in_turn.contains(&directive) || eventful.iter().any(|word| text.contains(word)) {
            continue;
        }
        let mut engine = Engine::new(&recorded_scene(&trace), 7);
        let mut before = vec![0; list(&trace, "servers").len()];
        for (at, request) in list(&trace, "requests").iter().enumerate() {
            assert!(engine.run_to_next_pick(SimTime::FAR));
            let picks = |member: Member<'_>| member.endpoint.counts.picks;
            let after: Vec<u64> = engine.view().members().map(picks).collect();
            let picked = after
                .iter()
                .zip(&before)
                .position(|(after, before)| after > before);
            let name_of = |place: usize| trace["servers"][place]["name"].as_str();
            assert_eq!(
                picked.and_then(name_of),
                request["picked"].as_str(),
                "{name}: {at}"
            );
            before = after;
        }
        compared += 1;
    }
    assert!(compared >= 10, "{compared} recordings");
}

/// With a hash a request waits for its server, as long as there is room in that server's queue.
#[test]
fn requests_for_one_key_wait_for_one_server() {
    let trace = r#"{"engine":"haproxy","config":["balance uri","server a 10.0.0.1:80 maxconn 1 maxqueue 1",
        "server b 10.0.0.2:80 maxconn 1 maxqueue 1"],
        "servers":[{"name":"a","address":"10.0.0.1:80","weight":1,"maxconn":1,"maxqueue":1},
        {"name":"b","address":"10.0.0.2:80","weight":1,"maxconn":1,"maxqueue":1}],
        "requests":[{"op":"open","id":1,"key":"/x"},{"op":"open","id":2,"key":"/x"},
        {"op":"open","id":3,"key":"/x"},{"op":"close","id":1},{"op":"open","id":4,"key":"/x"},
        {"op":"close","id":3},{"op":"close","id":4},{"op":"open","id":5,"key":"/x"}]}"#;
    let lines = replay(trace).expect("it can be read");
    let server = lines[0].as_str();
    assert!(["a", "b"].contains(&server), "{lines:?}");
    // The third finds the queue full, the fourth is given up while it waits, the fifth waits in its place.
    assert_eq!(lines, [server, server, "-", "-", "-"]);
}
