//! The digests of the host; `tests/web` compares those of a browser with the same file.

#[path = "../shared/digests.rs"]
mod shared;

#[test]
fn the_runs_have_their_golden_digests() {
    let here = shared::lines();
    if std::env::var_os("EVENKEEL_WRITE").is_some() {
        std::fs::write("tests/golden/digests.txt", &here).expect("the file can be written");
        return;
    }
    assert_eq!(here, shared::GOLDEN);
}

#[test]
fn the_command_line_prints_the_same_digest() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_headless"))
        .args(["run", "default", "--seconds", "60"])
        .output()
        .expect("it starts");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let line = format!("default {}", report["digest"].as_str().expect("a digest"));
    assert_eq!(shared::GOLDEN.lines().next(), Some(line.as_str()));
}
