//! Configurations on the command line: `import`, `export`, `check`, `explain`, and in place of a scene.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::cli::{evenkeel, text};

/// The program with something on its standard input.
fn piped(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_evenkeel"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);
    child.wait_with_output().expect("the program ends")
}

/// What a call prints that comes to its end.
#[track_caller]
fn printed(arguments: &[&str]) -> String {
    let output = evenkeel(arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

fn json(output: &str) -> Value {
    serde_json::from_str(output).expect("it is JSON")
}

#[test]
fn a_configuration_becomes_a_scene_and_another_configuration() {
    let file = "tests/conf/54-offload.cfg";
    let output = evenkeel(&["import", file]);
    assert!(output.status.success());
    let remarks = text(&output.stderr);
    assert!(remarks.contains("54-offload.cfg:7:5: note: "), "{remarks}");
    let scene = text(&output.stdout);
    assert_eq!(json(&scene)["servers"].as_array().map(Vec::len), Some(5));
    let exported = piped(&["export", "-", "--to", "nginx"], &scene);
    assert!(text(&exported.stdout).contains("server 10.0.1.2:80"));
    let straight = evenkeel(&["export", file, "--to", "nginx"]);
    let named = |text: &str| text.replace("54-offload.cfg, from", "…, from");
    assert_eq!(
        named(&text(&straight.stdout))
            .lines()
            .skip(1)
            .collect::<Vec<_>>(),
        text(&exported.stdout).lines().skip(1).collect::<Vec<_>>()
    );
}

#[test]
fn a_listener_is_chosen_by_name_or_port() {
    let file = "tests/conf/58-several-listens.cfg";
    for (front, server) in [
        ("redis", "r1"),
        (":6379", "r1"),
        ("tls/wiki", "w1"),
        ("5432", "p1"),
    ] {
        let scene = json(&printed(&["import", file, "--front", front]));
        assert_eq!(scene["servers"][0]["name"], server, "{front}");
    }
    let output = evenkeel(&["import", file, "--front", "nowhere"]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(
        said.contains("no listener \"nowhere\"; there are: pg, redis, tls/other"),
        "{said}"
    );
}

#[test]
fn a_check_tells_errors_with_their_files_and_fails() {
    let good = evenkeel(&["check", "tests/conf/57-one-name.cfg"]);
    assert_eq!(good.status.code(), Some(0));
    let bad = evenkeel(&[
        "check",
        "tests/conf/57-one-name.cfg",
        "tests/conf/50-mark-and-old.cfg",
    ]);
    assert_eq!(bad.status.code(), Some(1));
    let said = text(&bad.stdout);
    assert!(
        said.contains("50-mark-and-old.cfg:4:2: error: \"contimeout\""),
        "{said}"
    );
    let found = json(&text(
        &evenkeel(&["check", "tests/conf/54-offload.cfg", "--as", "json"]).stdout,
    ));
    assert_eq!(found["format"], "haproxy");
    assert_eq!(found["listeners"][0]["name"], "https-in");
    let remarks = found["remarks"].as_array().expect("a list");
    assert!(remarks.iter().all(|one| one["line"].as_u64() >= Some(1)));
    let sarif = json(&text(
        &evenkeel(&["check", "tests/conf/50-mark-and-old.cfg", "--as", "sarif"]).stdout,
    ));
    let result = &sarif["runs"][0]["results"][2];
    assert_eq!(sarif["version"], "2.1.0");
    assert_eq!(result["level"], "error");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["region"]["startLine"], 4);
    assert_eq!(
        place["artifactLocation"]["uri"],
        "tests/conf/50-mark-and-old.cfg"
    );
}

#[test]
fn what_does_not_bear_on_balancing_is_a_count() {
    let short = printed(&["check", "tests/conf/53-two-sites.conf"]);
    assert!(short.contains("without effect on balancing: "), "{short}");
    assert!(!short.contains("\"gzip\""), "{short}");
    assert!(short.contains("listener * shop.example (443)"), "{short}");
    let long = printed(&["check", "tests/conf/53-two-sites.conf", "--all"]);
    assert!(long.contains("\"gzip\" is not simulated"), "{long}");
}

#[test]
fn a_configuration_runs_like_a_scene() {
    let file = "tests/conf/57-one-name.cfg";
    let run = json(&printed(&["run", file, "--rate", "20", "--seconds", "30"]));
    let text_of_run = run.to_string();
    assert!(
        text_of_run.contains("\"a\"") && text_of_run.contains("\"b\""),
        "{text_of_run}"
    );
    let slow = json(&printed(&["run", file, "--rate", "5", "--seconds", "30"]));
    assert_ne!(run["digest"], slow["digest"]);
    let input = std::fs::read_to_string(file).expect("a fixture");
    let piped = piped(&["run", "-", "--rate", "20", "--seconds", "30"], &input);
    assert_eq!(json(&text(&piped.stdout))["digest"], run["digest"]);
}

#[test]
fn a_configuration_with_errors_runs_and_tells_them() {
    let output = evenkeel(&["run", "tests/conf/50-mark-and-old.cfg", "--seconds", "1"]);
    assert!(output.status.success());
    let said = text(&output.stderr);
    assert!(said.contains("50-mark-and-old.cfg:4:2 error: "), "{said}");
    assert_eq!(said.lines().count(), 3, "errors alone: {said}");
}

#[test]
fn a_request_is_explained_by_its_rules() {
    let file = "tests/conf/54-offload.cfg";
    let to = |arguments: &[&str]| {
        let output = evenkeel(&[&["explain", file], arguments].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let api = to(&["--host", "API.example", "--path", "/cart"]);
    assert!(
        api.contains("rule 2: host api.example → pool api\npool api, by weighted_least"),
        "{api}"
    );
    assert!(api.contains("  api2 10.0.1.2:80, weight 1\n"), "{api}");
    // The rules are asked in their order.
    let file = to(&["--host", "api.example", "--path", "/static/a.css"]);
    assert!(
        file.contains("rule 1: path /static/ → pool static"),
        "{file}"
    );
    let rest = to(&["--path", "/"]);
    assert!(
        rest.contains("pool web, by weighted_round_robin:\n  web1"),
        "{rest}"
    );
    let wrong = evenkeel(&["explain", "tests/conf/54-offload.cfg", "--header", "none"]);
    assert_eq!(wrong.status.code(), Some(2));
}
