//! The help of the command line, its examples, its two names, and its completions.

use std::process::{Command, Output};

use crate::cli::{evenkeel, text};

/// What the program prints; it must succeed.
#[track_caller]
fn printed(arguments: &[&str]) -> String {
    let output = evenkeel(arguments);
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        text(&output.stderr)
    );
    assert!(
        output.stderr.is_empty(),
        "{arguments:?}: {}",
        text(&output.stderr)
    );
    text(&output.stdout)
}

/// The subcommands that the help lists, `help` aside.
fn subcommands() -> Vec<String> {
    let help = printed(&["--help"]);
    let (_, list) = help.split_once("Commands:\n").expect("a list");
    let (list, _) = list.split_once("\n\n").expect("its end");
    let first = |line: &str| line.split_whitespace().next().map(str::to_owned);
    let names = list.lines().filter(|line| !line.starts_with("   "));
    names
        .filter_map(first)
        .filter(|name| name != "help")
        .collect()
}

/// The lines of a text that call the program.
fn calls(text: &str) -> Vec<&str> {
    let lines = text.lines().map(str::trim);
    lines.filter(|line| line.starts_with("evenkeel ")).collect()
}

#[test]
fn every_subcommand_has_help_with_an_example() {
    let names = subcommands();
    for name in [
        "run",
        "replay",
        "compare",
        "link",
        "picture",
        "figures",
        "completions",
    ] {
        assert!(names.iter().any(|known| known == name), "{name}: {names:?}");
    }
    for name in &names {
        let (short, long) = (printed(&[name, "-h"]), printed(&[name, "--help"]));
        assert_eq!(printed(&["help", name]), long, "{name}");
        for help in [&short, &long] {
            assert!(help.contains(&format!("Usage: evenkeel {name}")), "{help}");
            assert!(
                help.lines().all(|line| line.chars().count() <= 100),
                "{help}"
            );
            let start = format!("evenkeel {name}");
            let calls = calls(help);
            assert!(!calls.is_empty(), "{name} has an example");
            assert!(calls.iter().all(|call| call.starts_with(&start)), "{help}");
        }
    }
}

/// A configuration that a scene follows to the letter.
const NGINX: &str = "upstream u { server 10.0.0.1:80; }
server { listen 80; server_name shop.example; location / { proxy_pass http://u; } }
";
/// As [`NGINX`].
const HAPROXY: &str = "frontend shop
  mode http
  bind :80
  default_backend shop
backend shop
  mode http
  option redispatch
  server a 10.0.0.1:80
";

/// A shell in an empty folder with the program on its path, a scene and a trace.
#[cfg(unix)]
fn in_a_shell(line: &str) -> Output {
    let folder = crate::conf_programs::folder("cli");
    let scene = "assets/scenarios/plain.json";
    for name in ["my-scene.json", "scene.json"] {
        std::fs::copy(scene, folder.join(name)).expect("a scene");
    }
    for (name, text) in [
        ("nginx.conf", NGINX),
        ("haproxy.cfg", HAPROXY),
        ("part-1.conf", NGINX),
    ] {
        std::fs::write(folder.join(name), text).expect("a configuration");
    }
    for shared in ["tests", "assets"] {
        let here = std::env::current_dir().expect("the project").join(shared);
        std::os::unix::fs::symlink(here, folder.join(shared)).expect("a link");
    }
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_evenkeel"));
    let bin = program.parent().expect("a folder").display();
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("sh")
        .args(["-c", line])
        .env("PATH", format!("{bin}:{path}"))
        .current_dir(&folder)
        .output()
        .expect("a shell");
    let _ = std::fs::remove_dir_all(&folder);
    output
}

#[cfg(unix)]
#[test]
fn every_example_of_the_help_and_of_the_readme_can_be_run() {
    let mut texts = vec![printed(&["--help"])];
    for name in subcommands() {
        texts.push(printed(&[&name, "--help"]));
    }
    let readme = std::fs::read_to_string("README.md").expect("README");
    let (_, section) = readme
        .split_once("## On the command line")
        .expect("the section");
    texts.push(section.split("\n## ").next().unwrap_or_default().to_owned());
    let mut tried = 0;
    for line in texts.iter().flat_map(|text| calls(text)) {
        // These take half a minute, or write into a home.
        if line == "evenkeel figures" || line.starts_with("evenkeel completions") {
            continue;
        }
        let output = in_a_shell(line);
        assert!(output.status.success(), "{line}: {}", text(&output.stderr));
        assert!(output.stderr.is_empty(), "{line}: {}", text(&output.stderr));
        tried += 1;
    }
    assert!(tried > 12, "{tried} examples");
}

#[test]
fn the_help_of_do_has_commands_that_a_shell_can_give() {
    let help = printed(&["run", "--help"]);
    let (_, examples) = help.split_once("Servers:\n").expect("a list of commands");
    let commands: Vec<&str> = examples
        .lines()
        .map(str::trim)
        .take_while(|line| line.starts_with(['{', '"']))
        .filter_map(|line| line.split("  ").next())
        .collect();
    assert!(commands.len() >= 10, "{commands:?}");
    let mut arguments = vec!["run", "default", "--seconds", "3"];
    let values: Vec<String> = commands
        .iter()
        .map(|command| format!("1.5 {command}"))
        .collect();
    for value in &values {
        arguments.extend(["--do", value]);
    }
    printed(&arguments);
}

#[test]
fn headless_is_a_second_name_of_the_same_program() {
    let kill = "1.25 {\"fault\":[1,\"crash\"]}";
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["run", "--help"],
        &["run", "default", "--seconds", "9", "--do", kill],
        &["run", "default"],
        &["link", "default", "--do", kill],
        &["picture", "default", "--seconds", "3"],
        &[
            "compare",
            "default",
            "--seconds",
            "5",
            "--algorithms",
            "ip_hash,first",
        ],
        &[
            "compare",
            "default",
            "--seconds",
            "5",
            "--algorithms",
            "psychic",
        ],
        &["replay", "tests/golden/nginx_rr_w5_1_1.json"],
        &["completions", "fish"],
        &["run", "nowhere.json", "--seconds", "5"],
    ] {
        let one = evenkeel(arguments);
        let two = Command::new(env!("CARGO_BIN_EXE_headless"))
            .args(arguments)
            .env("COLUMNS", "200")
            .output()
            .expect("it starts");
        assert_eq!(one.status, two.status, "{arguments:?}");
        assert_eq!(text(&one.stdout), text(&two.stdout), "{arguments:?}");
        assert_eq!(text(&one.stderr), text(&two.stderr), "{arguments:?}");
    }
}

#[test]
fn every_shell_has_completions_with_subcommands_options_and_values() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = printed(&["completions", shell]);
        let mut words = subcommands();
        words.extend(["seconds", "theme"].map(str::to_owned));
        // clap_complete gives the other two no values.
        if ["bash", "fish", "zsh"].contains(&shell) {
            words.extend(["dark", "round_robin"].map(str::to_owned));
        }
        for word in words {
            assert!(script.contains(&word), "{shell}: {word}");
        }
    }
    let version = printed(&["--version"]);
    assert_eq!(version, format!("evenkeel {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn times_of_commands_may_have_fractions_of_a_second() {
    let digest = |command: &str| {
        let arguments = ["run", "default", "--seconds", "20", "--do", command];
        let report: serde_json::Value =
            serde_json::from_str(&printed(&arguments)).expect("it is JSON");
        report["digest"].clone()
    };
    let crash = "{\"fault\":[1,\"crash\"]}";
    let at = |seconds: &str| digest(&format!("{seconds} {crash}"));
    assert_eq!(at("5"), at("5.000000"));
    assert_eq!(at("5.25"), at("5.250000"));
    // A request or a probe lies between any two of these.
    let all = [at("5"), at("5.25"), at("5.9"), at("6")];
    for (place, one) in all.iter().enumerate() {
        assert!(!all[..place].contains(one), "{all:?}");
    }
    // A microsecond is kept: the log of the run has it.
    let link = |seconds: &str| printed(&["link", "default", "--do", &format!("{seconds} {crash}")]);
    assert_ne!(link("5.000001"), link("5"));
    let run = link("5.000001");
    let run = evenkeel::sim::share::find(run.trim()).expect("a run");
    let run = evenkeel::sim::share::decode(run).expect("a link");
    assert_eq!(run.log[0].at.as_us(), 5_000_001);
}
