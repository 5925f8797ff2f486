//! What the command line prints, as a shell calls it.

use std::process::{Command, Output};

/// Runs the program to its end.
pub fn evenkeel(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_evenkeel"))
        .args(arguments)
        // The width of the help.
        .env("COLUMNS", "200")
        .output()
        .expect("it starts")
}

/// What a program printed.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_run_prints_one_json_object_that_adds_up() {
    let output = evenkeel(&["run", "default", "--seconds", "60", "--seed", "3"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let number = |name: &str| {
        report[name]
            .as_u64()
            .unwrap_or_else(|| panic!("{name} is there"))
    };
    assert_eq!(number("seed"), 3);
    assert_eq!(number("simulated_seconds"), 60);
    let ends = ["answered", "failed", "rejected", "timed_out", "in_flight"].map(number);
    assert_eq!(number("arrived"), ends.iter().sum::<u64>());
    let servers = report["servers"].as_array().expect("a list");
    let share: f64 = servers
        .iter()
        .filter_map(|server| server["share"].as_f64())
        .sum();
    assert!((share - 1.0).abs() < 1e-9);
    assert!(report["latency"]["p99_us"].as_u64() >= report["latency"]["p50_us"].as_u64());
    assert_eq!(report["digest"].as_str().map(str::len), Some(16));
    let again = evenkeel(&[
        "run",
        "assets/scenarios/default.json",
        "--seed",
        "3",
        "--seconds",
        "60",
    ]);
    assert_eq!(text(&again.stdout), text(&output.stdout));
}

#[test]
fn every_change_of_rules_and_pairs_can_be_asked_for() {
    let run = |scene: &str, acts: &[&str]| {
        let path = format!("assets/scenarios/{scene}.json");
        let mut arguments = vec!["run", path.as_str(), "--seconds", "30"];
        for act in acts {
            arguments.extend(["--do", act]);
        }
        evenkeel(&arguments)
    };
    let done = run(
        "l7_routing",
        &[
            r#"5 {"front":{"add_rule":[0,{"name":"mine","when":{"path":"/"},"then":"block"}]}}"#,
            r#"9 {"front":{"move_rule":[0,1]}}"#,
            r#"9 {"front":{"set_rule":[0,{"name":"other","then":{"pool":"pay"}}]}}"#,
            r#"20 {"front":{"remove_rule":0}}"#,
            r#"21 {"front":{"set_pool_algorithm":[1,"least_connections","nginx"]}}"#,
            r#"21 {"front":{"set_keepalive":{"idle":4,"timeout_us":1000000}}}"#,
        ],
    );
    assert!(done.status.success(), "{}", text(&done.stderr));
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).expect("it is JSON");
    let mine = &report["work"][0]["rules"][0];
    assert_eq!(mine["name"], "mine", "{}", report["work"]);
    assert!(mine["denied"].as_u64() > Some(100), "{mine}");
    let done = run(
        "active_passive",
        &[
            r#"5 {"edge":{"set_preempt":[0,true]}}"#,
            r#"5 {"edge":{"set_advert_interval":[0,50]}}"#,
            r#"5 {"edge":{"set_standby_checks":[0,true]}}"#,
            r#"5 {"edge":{"set_shared_connections":[0,true]}}"#,
            r#"6 {"edge":{"set_priority":[1,250]}}"#,
        ],
    );
    assert!(done.status.success(), "{}", text(&done.stderr));
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).expect("it is JSON");
    let second = &report["balancers"][1];
    assert_eq!(
        (&second["vrrp"], &second["priority"]),
        (&"active".into(), &250.into())
    );
    let wrong = run(
        "l7_routing",
        &[r#"5 {"front":{"add_rule":[0,{"then":{"pool":"nowhere"}}]}}"#],
    );
    assert_eq!(wrong.status.code(), Some(1));
    let said = text(&wrong.stderr);
    assert!(
        said.contains("at 5 s: rule.then.pool: there is no pool \"nowhere\"; there are:"),
        "{said}"
    );
}

#[test]
fn a_run_takes_commands_and_prints_takeovers_and_sites() {
    let kill = "20 {\"edge\":{\"box\":[0,\"kill\"]}}";
    let scene = "assets/scenarios/active_passive.json";
    let output = evenkeel(&["run", scene, "--seconds", "40", "--do", kill]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let second = &report["balancers"][1];
    assert_eq!(second["vrrp"], "active");
    let takeover = &second["takeovers"][0];
    assert_eq!(takeover["within_us"], 3_609_375);
    assert!(takeover["took_us"].as_u64() <= Some(3_609_375 + 150_000));
    let scene = "assets/scenarios/world.json";
    let kill = "20 {\"edge\":{\"kill_site\":1}}";
    let output = evenkeel(&["run", scene, "--seconds", "40", "--do", kill]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!(report["sites"].as_array().map(Vec::len), Some(4));
    assert!(report["sites"][1]["failed"].as_u64() > Some(50));
    assert_eq!(report["failed_users"].as_array().map(Vec::len), Some(40));
}

#[test]
fn a_run_prints_reasons_classes_and_what_each_server_took() {
    let output = evenkeel(&["run", "default", "--seconds", "60"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let fairness = report["fairness"].as_f64().expect("there were picks");
    assert!((0.99..=1.0).contains(&fairness), "{fairness}");
    let reasons = report["reasons"].as_object().expect("an object");
    let counted: u64 = reasons.values().filter_map(serde_json::Value::as_u64).sum();
    let lost = ["failed", "rejected", "timed_out"].map(|name| report[name].as_u64().unwrap_or(0));
    assert_eq!(counted, lost.iter().sum::<u64>());
    for list in ["classes", "servers"] {
        let rows = report[list].as_array().expect("a list");
        let answered: u64 = rows.iter().filter_map(|row| row["answered"].as_u64()).sum();
        // A try that was answered may not have reached its client yet.
        let all = report["answered"].as_u64().expect("a number");
        assert!(
            (all..all + 60).contains(&answered),
            "{list}: {answered} of {all}"
        );
        for row in rows {
            let at = |name: &str| row["latency"][name].as_u64().expect("it was used");
            assert!(at("p50_us") <= at("p95_us") && at("p95_us") <= at("p99_us"));
            assert!(at("mean_us") > 100_000);
        }
    }
}

#[test]
fn compare_prints_a_line_an_algorithm_on_the_same_traffic() {
    let arguments = "compare default --seconds 60 --seed 3 --algorithms";
    let mut words: Vec<&str> = arguments.split(' ').collect();
    words.push("round_robin,least_connections,least_connections:haproxy,ip_hash");
    let output = evenkeel(&words);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let table = text(&output.stdout);
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(rows.len(), 5);
    assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{table}");
    let names: Vec<(&str, &str)> = rows[1..].iter().map(|row| (row[0], row[1])).collect();
    let expected = [
        ("round_robin", "nginx"),
        ("least_connections", "nginx"),
        ("least_connections", "haproxy"),
        ("ip_hash", "nginx"),
    ];
    assert_eq!(names, expected);
    let fairness = |row: &[&str]| row[11].parse::<f64>().expect("a number");
    assert!(
        fairness(&rows[1]) > 0.999 && fairness(&rows[4]) < 0.9,
        "{table}"
    );
}

#[test]
fn a_link_is_made_and_run_to_its_place_in_time() {
    let made = evenkeel(&["link", "default", "--seconds", "60", "--seed", "3"]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let link = text(&made.stdout).trim().to_string();
    let file = evenkeel(&["run", "default", "--seconds", "60", "--seed", "3"]);
    for argument in [
        link.clone(),
        format!("https://example.org/x/?embed=1{link}"),
    ] {
        let run = evenkeel(&["run", &argument]);
        assert_eq!(text(&run.stdout), text(&file.stdout), "{argument}");
    }
    let longer = evenkeel(&["run", &link, "--seconds", "70"]);
    assert!(text(&longer.stdout).contains("\"at_us\": 70000000"));
    let damaged = evenkeel(&["run", &link[..link.len() - 2]]);
    assert_eq!(damaged.status.code(), Some(2));
    assert!(text(&damaged.stderr).contains("missing or was changed"));
    let empty = evenkeel(&["run", "https://example.org/"]);
    assert!(text(&empty.stderr).contains("no run in the link"));
}

#[test]
fn a_run_prints_what_the_balancers_work_came_to() {
    let scene = |name: &str| {
        let file = format!("assets/scenarios/{name}.json");
        let output = evenkeel(&["run", &file, "--seconds", "60"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("it is JSON")
    };
    let report = scene("rate_limit");
    let work = &report["work"][0];
    assert!(work["added_us"].as_u64() > Some(40_000), "{work}");
    assert!(
        work["requests_per_core"]
            .as_f64()
            .is_some_and(|rate| rate > 1.0)
    );
    assert!(
        work["busiest_server"]
            .as_f64()
            .is_some_and(|times| times < 1.1)
    );
    for (place, status) in [(0, "403 forbidden"), (1, "429 too many requests")] {
        let denied = work["rules"][place]["denied"].as_u64();
        let told = report["reasons"][status].as_u64();
        assert!(
            told > Some(10) && told <= denied,
            "{status}: {told:?} of {denied:?}"
        );
    }
    let saturated = scene("l7_saturated");
    let processor = &saturated["work"][0]["processor"];
    assert_eq!(
        processor["busy_permille"].as_u64(),
        Some(1_000),
        "{processor}"
    );
    let sockets = scene("websocket");
    assert!(sockets["web_sockets"].is_null());
    assert!(sockets["reasons"]["426 upgrade required"].as_u64() > Some(30));
}
