//! What the command line says of wrong calls and wrong files, and how it ends.

use std::process::Command;

use crate::cli::{evenkeel, text};

/// A call that fails with this status, prints nothing, and says these words on standard error.
#[track_caller]
fn refuses(arguments: &[&str], status: i32, words: &[&str]) {
    let output = evenkeel(arguments);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}");
    for words in words {
        assert!(said.contains(words), "{arguments:?}: {words}: {said}");
    }
    assert!(output.stdout.is_empty(), "{arguments:?}");
}

#[test]
fn a_wrong_call_is_named_with_its_reason() {
    for (arguments, words) in [
        ("", "Usage: evenkeel <COMMAND>"),
        ("dance", "unrecognized subcommand 'dance'"),
        ("runn default", "a similar subcommand exists: 'run'"),
        ("run", "<SCENE>"),
        ("run default", "--seconds <SECONDS> is needed: only a link"),
        ("run default", "Usage: evenkeel run [OPTIONS] <SCENE>"),
        ("run default --seconds", "'--seconds <SECONDS>'"),
        (
            "run default --seconds many",
            "'many' for '--seconds <SECONDS>'",
        ),
        ("run default --seconds -1", "'-1' for '--seconds <SECONDS>'"),
        (
            "run default --seconds 1.5",
            "a whole number from 0 to 86400",
        ),
        (
            "run default --seconds 86401",
            "a whole number from 0 to 86400",
        ),
        (
            "run default --seconds 5 --seed x",
            "'x' for '--seed <SEED>'",
        ),
        (
            "run default --secnds 5",
            "a similar argument exists: '--seconds'",
        ),
        ("run default --seconds 5 --theme dark", "'--theme'"),
        ("run default more --seconds 5", "unexpected argument 'more'"),
        (
            "picture default --theme drak",
            "a similar value exists: 'dark'",
        ),
        (
            "picture default --theme no",
            "[possible values: auto, light, dark]",
        ),
        (
            "compare default --seconds 5",
            "--algorithms <NAME[:ENGINE]>",
        ),
        (
            "compare default --algorithms ip_hash",
            "--seconds <SECONDS>",
        ),
        ("completions cmd", "[possible values: bash, elvish, fish"),
        ("replay", "<TRACE>"),
        (
            "figures nowhere",
            "nowhere: there is no such figure; there are ",
        ),
    ] {
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        refuses(&arguments, 2, &[words]);
    }
}

#[test]
fn an_unknown_algorithm_is_told_from_a_form_that_does_not_exist() {
    let compare = |names| {
        [
            "compare",
            "default",
            "--seconds",
            "5",
            "--algorithms",
            names,
        ]
    };
    let names = "[possible values: round_robin, weighted_round_robin,";
    refuses(
        &compare("psychic"),
        2,
        &["'psychic' for '--algorithms", names],
    );
    let near = "a similar value exists: 'round_robin'";
    refuses(
        &compare("ip_hash,round_robbin:nginx"),
        2,
        &["'round_robbin'", near],
    );
    let forms = "ipvs has no form of ip_hash; there are nginx";
    refuses(
        &compare("maglev,ip_hash:ipvs"),
        2,
        &["'ip_hash:ipvs'", forms],
    );
    refuses(&compare("ip_hash:"), 2, &["there are nginx"]);
    refuses(&compare("ip_hash,,maglev"), 2, &["--algorithms", names]);
}

#[test]
fn a_wrong_command_is_named_with_its_reason() {
    for (command, words) in [
        ("20 nonsense", "the command nonsense is not JSON: expected"),
        ("20", "seconds, a blank and a command are needed"),
        ("--seed 3", "\"--seed\" is not a number of seconds"),
        (
            "-1 \"add_server\"",
            "-1 seconds are before the start of the run",
        ),
        ("NaN \"add_server\"", "\"NaN\" is not a number of seconds"),
        (
            "1.2345678 \"add_server\"",
            "finer than a microsecond: at most 6 digits",
        ),
        (
            "86401 \"add_server\"",
            "later than a run may be: at most 86400",
        ),
        (
            "18446744073709551615 \"add_server\"",
            "later than a run may be",
        ),
        ("1 {\"fault\":[-1,\"crash\"]}", "integer `-1`"),
        (
            "1 \"add_servr\"",
            "unknown variant `add_servr`, expected one of `fault`",
        ),
    ] {
        let named = format!("'{command}' for '--do <SECONDS COMMAND>'");
        for subcommand in ["run", "link", "picture"] {
            let arguments = [subcommand, "default", "--seconds", "5", "--do", command];
            refuses(&arguments, 2, &[&named, words]);
        }
    }
}

#[test]
fn a_command_that_cannot_be_carried_out_fails_the_run() {
    for subcommand in ["run", "link", "picture"] {
        let command = "2.5 {\"fault\":[9,\"crash\"]}";
        let arguments = [subcommand, "default", "--seconds", "5", "--do", command];
        refuses(&arguments, 1, &["--do: at 2.5 s: This server is no longer"]);
    }
    // Nobody who opens the link would be told.
    let later = "200 {\"edge\":{\"set_ttl\":0}}";
    refuses(
        &["link", "default", "--do", later],
        1,
        &["--do: at 200 s: "],
    );
    let many: Vec<String> = (0..2_001)
        .flat_map(|_| ["--do".to_owned(), "1 {\"set_weight\":[0,1]}".to_owned()])
        .collect();
    let mut arguments = vec!["link", "default"];
    arguments.extend(many.iter().map(String::as_str));
    refuses(&arguments, 1, &["Commands are at most 2000"]);
}

#[test]
fn a_wrong_file_or_link_is_named_with_its_place() {
    let folder = std::env::temp_dir().join(format!("evenkeel-test-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    let file = folder.join("scene.json");
    let scene = include_str!("../../assets/scenarios/default.json");
    std::fs::write(&file, scene.replacen("\"workers\": 3", "\"workers\": 0", 2)).expect("written");
    let path = file.to_str().expect("a plain path");
    let fault = format!("{path}: servers[1].workers: 0 is not between 1 and 10000");
    for subcommand in ["run", "link", "picture"] {
        refuses(&[subcommand, path, "--seconds", "5"], 2, &[&fault]);
    }
    let compare = ["--seconds", "5", "--algorithms", "ip_hash"];
    refuses(&[&["compare", path], &compare[..]].concat(), 2, &[&fault]);
    std::fs::remove_dir_all(&folder).expect("the test's own folder goes");
    for (arguments, words) in [
        (
            &["run", "nowhere.json", "--seconds", "5"][..],
            "nowhere.json: ",
        ),
        (&["run", "assets", "--seconds", "5"], "assets: "),
        (
            &["run", "README.md", "--seconds", "5"],
            "README.md: line 1 column 1",
        ),
        (&["replay", "nowhere.json"], "nowhere.json: "),
        (
            &["replay", "assets/scenarios/default.json"],
            "default.json: engine: is missing",
        ),
        (&["run", "https://example.org/"], "no run in the link"),
        (&["run", "#run=AY3v"], "missing or was changed"),
        (&["link", "#run=AY3v<"], "which no link to a scene has"),
    ] {
        refuses(arguments, 2, &[words]);
    }
    let link = &["compare", "#run=AY3vAA"][..];
    refuses(
        &[link, &compare[..]].concat(),
        2,
        &["a scene file or `default` is needed"],
    );
}

#[cfg(unix)]
#[test]
fn arguments_that_are_no_text_are_refused_or_are_paths() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let strange = OsStr::from_bytes(b"\xff\xfe.json");
    let run = |arguments: &[&OsStr]| {
        let output = Command::new(env!("CARGO_BIN_EXE_evenkeel"))
            .args(arguments)
            .output()
            .expect("it starts");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        text(&output.stderr)
    };
    let word = OsStr::new;
    let all = [word("run"), word("default"), word("--seconds"), word("5")];
    assert!(run(&[word("run"), strange, word("--seconds"), word("5")]).contains(".json: No such"));
    assert!(run(&[word("replay"), strange]).contains(".json: No such"));
    for last in [
        &[word("--seconds"), strange][..],
        &[word("--seed"), strange],
        &[word("--do"), strange],
        &[strange],
    ] {
        let said = run(&[&all[..], last].concat());
        assert!(
            said.starts_with("error: ") && !said.contains("panicked"),
            "{said}"
        );
    }
    let compare = [
        word("compare"),
        word("default"),
        word("--algorithms"),
        strange,
    ];
    for arguments in [&compare[..], &[word("figures"), strange], &[strange]] {
        let said = run(arguments);
        assert!(
            said.starts_with("error: ") && !said.contains("panicked"),
            "{said}"
        );
    }
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    for arguments in [
        &["run", "default", "--seconds", "20"][..],
        &["picture", "default"],
        &["replay", "tests/golden/nginx_rr_w5_1_1.json"],
        &["completions", "bash"],
        &["run", "--help"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = Command::new(env!("CARGO_BIN_EXE_evenkeel"))
            .args(arguments)
            .stdout(writer)
            .output()
            .expect("it starts");
        let end = (output.status.code(), text(&output.stderr));
        assert_eq!(end, (Some(0), String::new()), "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error() {
    let full = || std::fs::File::options().write(true).open("/dev/full");
    for arguments in [
        &["run", "default", "--seconds", "5"][..],
        &["picture", "default"],
        &["completions", "zsh"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_evenkeel"))
            .args(arguments)
            .stdout(full().expect("a device that is always full"))
            .output()
            .expect("it starts");
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let said = text(&output.stderr);
        assert!(said.starts_with("standard output: "), "{said}");
    }
}
