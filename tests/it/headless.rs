//! The command line, as a shell calls it.

use std::process::{Command, Output};

fn headless(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_headless"))
        .args(arguments)
        .output()
        .expect("it starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_run_prints_one_json_object_that_adds_up() {
    let output = headless(&["run", "default", "--seconds", "60", "--seed", "3"]);
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
    let again = headless(&[
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
fn wrong_calls_and_wrong_files_name_the_place_and_exit_with_2() {
    let folder = std::env::temp_dir().join(format!("evenkeel-test-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    let file = folder.join("scene.json");
    let scene = include_str!("../../assets/scenarios/default.json");
    std::fs::write(&file, scene.replacen("\"workers\": 3", "\"workers\": 0", 2)).expect("written");
    let path = file.to_str().expect("a plain path");
    let cases = [
        (
            vec!["run", path, "--seconds", "5"],
            "servers[1].workers: 0 is not between 1 and 10000",
        ),
        (
            vec!["run", "nowhere.json", "--seconds", "5"],
            "nowhere.json: ",
        ),
        (
            vec!["run", "default", "--seconds", "many"],
            "--seconds many",
        ),
        (
            vec!["run", "default", "--seconds", "9999999"],
            "at most 86400",
        ),
        (vec!["run", "default"], "usage:"),
        (vec!["dance"], "usage:"),
        (vec!["replay", "nowhere.json"], "nowhere.json: "),
    ];
    for (arguments, words) in cases {
        let output = headless(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            text(&output.stderr).contains(words),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
        assert!(output.stdout.is_empty());
    }
    std::fs::remove_dir_all(&folder).expect("the test's own folder goes");
}
