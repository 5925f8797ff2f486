//! The house rules that neither cargo nor clippy keeps: which layers of the simulation may use which,
//! how long a file may be, and where an algorithm is matched. What a crate may use is in its
//! Cargo.toml; what nobody may call is in clippy.toml.

use std::path::{Path, PathBuf};

/// What each part of `crates/sim/src` may use besides itself. A part that is not listed may use all.
const LAYERS: &[(&str, &[&str])] = &[
    ("time", &[]),
    ("units", &[]),
    ("ids", &[]),
    ("hash", &[]),
    ("rng", &[]),
    ("queue", &["time"]),
    // Its macro is at the root of the crate.
    ("field", &["time", "units", "scene_fields"]),
    ("health", &["time", "field"]),
    ("metrics", &["time"]),
    (
        "balance",
        &["time", "units", "ids", "rng", "hash", "field", "health"],
    ),
    ("gslb", &["time", "units", "ids", "rng", "health"]),
    ("ha", &["time"]),
    ("fleet", &["time", "units", "ids", "rng", "field"]),
    (
        "scenario",
        &[
            "time", "units", "ids", "field", "balance", "gslb", "ha", "fleet", "health",
        ],
    ),
];

/// Signs of something unfinished that clippy does not look for.
const BANNED_WORDS: &[(&str, &str)] = &[
    ("FIXME", "unfinished"),
    ("#[ignore", "a test that does not run"),
];

/// Every Rust file of the page and of the crates, in order.
pub fn sources() -> Vec<PathBuf> {
    [files("crates", "rs"), files("src", "rs")].concat()
}

/// The files under a folder, in order.
pub fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the project") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The code of a file without its unit tests and comments.
pub fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).expect("it can be read");
    let code = text
        .split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or_default();
    let strip = |line: &str| line.split("//").next().unwrap_or_default().to_string() + "\n";
    code.lines().map(strip).collect()
}

/// The names that follow `before` in a file's code.
fn names_after<'a>(code: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    code.split(before)
        .skip(1)
        .map(move |rest| &rest[..rest.find(|c| !word(c)).unwrap_or(rest.len())])
}

/// The names that stand before `after` in a file's code.
fn names_before<'a>(code: &'a str, after: &'a str) -> impl Iterator<Item = &'a str> {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    code.split(after)
        .map(move |before| &before[before.rfind(|c| !word(c)).map_or(0, |at| at + 1)..])
}

/// The parts of the simulation that a file of it uses. `path` starts in `crates/sim/src`.
fn used<'a>(code: &'a str, path: &Path) -> Vec<&'a str> {
    let mut found: Vec<&str> = names_after(code, "crate::").collect();
    // From here `super` is the crate; from anywhere deeper it is the file's own part.
    let depth = path.components().count() - usize::from(path.ends_with("mod.rs"));
    if depth == 1 {
        found.extend(names_after(code, "super::"));
    }
    found
}

#[test]
fn the_finder_sees_every_way_to_name_a_part() {
    let code =
        "use crate::time::{SimTime, Span};\nlet x: crate::fleet::Server;\nuse super::ids::A;\n";
    assert_eq!(used(code, Path::new("balance/set.rs")), ["time", "fleet"]);
    let reach = ["time", "fleet", "ids"];
    assert_eq!(used(code, Path::new("queue.rs")), reach);
    assert_eq!(used(code, Path::new("health/mod.rs")), reach);
    // A list of parts names none that is known, so it is refused.
    assert_eq!(used("use crate::{fleet};", Path::new("queue.rs")), [""]);
}

#[test]
fn every_layer_of_the_simulation_uses_only_those_below_it() {
    let root = "crates/sim/src";
    let mut faults = Vec::new();
    let mut looked_at = 0;
    for path in files(root, "rs") {
        let inside = path.strip_prefix(root).expect("it is in there");
        let part = inside
            .iter()
            .next()
            .and_then(|part| Path::new(part).file_stem());
        let part = part.and_then(|part| part.to_str()).expect("a name");
        let Some((_, allowed)) = LAYERS.iter().find(|(layer, _)| *layer == part) else {
            continue;
        };
        looked_at += 1;
        for used in used(&code(&path), inside) {
            if used != part && !allowed.contains(&used) {
                faults.push(format!("{} uses {used}", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(looked_at > 50, "{looked_at} files");
}

#[test]
fn nothing_is_unfinished_or_switched_off() {
    let mut faults = Vec::new();
    for path in sources().into_iter().chain(files("tests", "rs")) {
        if path.ends_with("tidy.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("it can be read");
        for (word, reason) in BANNED_WORDS {
            if text.contains(word) {
                faults.push(format!("{}: {word}: {reason}", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn files_are_short_and_say_what_they_are() {
    let mut faults = Vec::new();
    let code = sources().into_iter().chain(files("tests", "rs"));
    for path in code.chain(files("style", "css")) {
        let text = std::fs::read_to_string(&path).expect("it can be read");
        let lines = text.lines().count();
        if lines > 500 {
            faults.push(format!("{}: {lines} lines, at most 500", path.display()));
        }
        if path.extension().is_some_and(|ending| ending == "rs") && !text.starts_with("//!") {
            faults.push(format!(
                "{}: the first line says what the file is",
                path.display()
            ));
        }
        let component = path.starts_with("src/ui") && text.contains("#[component]");
        if component && lines > 200 {
            faults.push(format!(
                "{}: a component of {lines} lines, at most 200",
                path.display()
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn an_algorithm_is_matched_in_one_place_only() {
    let mut faults = Vec::new();
    for path in sources() {
        let name = path.to_string_lossy().replace('\\', "/");
        // The readers of configurations turn an engine's words into names, each once.
        let homes = [
            "balance/catalogue.rs",
            "balance/pickers/mod.rs",
            "replay/src/nginx_conf.rs",
            "replay/src/haproxy_conf.rs",
            "conf/src/algorithms.rs",
        ];
        let at_home = homes.iter().any(|file| name.ends_with(file));
        if !at_home && names_before(&code(&path), "::").any(|name| name == "Algorithm") {
            faults.push(name);
        }
    }
    assert!(
        faults.is_empty(),
        "these should go by the catalogue: {}",
        faults.join(", ")
    );
}

/// `make mutants` breaks the engine in places that it finds by their text.
#[test]
fn every_break_on_purpose_has_its_one_place() {
    let text = std::fs::read_to_string("scripts/mutants.json").expect("it is there");
    let breaks: Vec<serde_json::Value> = serde_json::from_str(&text).expect("it is JSON");
    for one in breaks {
        let (file, from) = (one["file"].as_str(), one["from"].as_str());
        let (file, from) = file.zip(from).expect("a file, and what it breaks");
        let path = Path::new("crates/sim/src").join(file);
        let code = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        let code = code.split("#[cfg(test)]\nmod tests").next().unwrap_or("");
        assert_eq!(code.matches(from).count(), 1, "{file}: {from}");
    }
}
