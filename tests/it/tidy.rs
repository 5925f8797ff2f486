//! The house rules that no compiler checks: who may use whom, what the core may not call, how long
//! a file may be.

use std::path::{Path, PathBuf};

/// A rule: files under a folder may use only these modules of the crate (`sim::` ones by their
/// full path). Longer folders first: the first that fits counts.
const IMPORTS: &[(&str, &[&str])] = &[
    ("src/sim/time.rs", &[]),
    ("src/sim/ids.rs", &[]),
    ("src/sim/hash.rs", &[]),
    ("src/sim/rng.rs", &[]),
    ("src/sim/queue.rs", &["sim::time"]),
    ("src/sim/health/", &["sim::time", "sim::health"]),
    ("src/sim/metrics/", &["sim::time", "sim::metrics"]),
    (
        "src/sim/balance/",
        &[
            "sim::time",
            "sim::ids",
            "sim::rng",
            "sim::hash",
            "sim::health",
            "sim::balance",
        ],
    ),
    (
        "src/sim/edge/",
        &[
            "sim::time",
            "sim::ids",
            "sim::rng",
            "sim::health",
            "sim::edge",
        ],
    ),
    (
        "src/sim/fleet/",
        &["sim::time", "sim::ids", "sim::rng", "sim::fleet"],
    ),
    (
        "src/sim/scenario/",
        &[
            "sim::time",
            "sim::ids",
            "sim::balance",
            "sim::edge",
            "sim::fleet",
            "sim::health",
            "sim::scenario",
        ],
    ),
    ("src/sim/", &["sim::"]),
    ("src/edit/", &["sim::scenario", "edit::", "words::", "t::"]),
    ("src/embed/", &["sim::", "scene::", "embed::"]),
    ("src/replay/", &["sim::", "replay::"]),
    ("src/conf/", &["sim::", "conf::", "words::", "t::"]),
    // Configurations are in a program of their own, which the page loads when it is asked for.
    (
        "src/ui/config/",
        &[
            "sim::",
            "conf::",
            "ui::config",
            "ui::dress::",
            "words::",
            "t::",
        ],
    ),
    ("src/lesson/", &["sim::", "lesson::"]),
    ("src/words/", &["words::"]),
    ("src/scene/", &["sim::", "scene::", "words::", "t::"]),
    (
        "src/ui/",
        &[
            "sim::", "scene::", "lesson::", "edit::", "embed::", "ui::", "words::", "t::",
        ],
    ),
];

/// What the core may not mention, and why.
const BANNED_IN_CORE: &[(&str, &str)] = &[
    ("Instant::now", "there is no wall clock in the core"),
    ("SystemTime", "there is no wall clock in the core"),
    (
        "HashMap",
        "its order differs from run to run: BTreeMap or Vec",
    ),
    (
        "HashSet",
        "its order differs from run to run: BTreeSet or Vec",
    ),
    (".ln()", "differs between host and wasm: libm::log"),
    (".log10()", "differs between host and wasm: libm::log10"),
    (".log2()", "differs between host and wasm: libm::log2"),
    (".exp()", "differs between host and wasm: libm::exp"),
    (".powf(", "differs between host and wasm: libm::pow"),
    (".powi(", "differs between host and wasm: libm::pow"),
    (".sin()", "differs between host and wasm: libm::sin"),
    (".cos()", "differs between host and wasm: libm::cos"),
    (".tanh()", "differs between host and wasm: libm::tanh"),
    (
        "thread_rng",
        "randomness comes from named streams: sim::rng",
    ),
    (
        "SmallRng",
        "another algorithm on a 32-bit machine: sim::rng",
    ),
    ("StdRng", "its algorithm may change: sim::rng"),
    ("leptos", "the core knows no page"),
    ("web_sys", "the core knows no page"),
    ("js_sys", "the core knows no page"),
];

/// Words that have a better one here, and where they may stand all the same.
const BANNED_WORDS: &[(&str, &str)] = &[
    ("todo!", "unfinished"),
    ("FIXME", "unfinished"),
    ("dbg!", "left over"),
    ("#[ignore", "a test that does not run"),
];

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

/// The modules of the crate that a file names: `crate::a::b…` as `a::b`.
fn uses(code: &str, own: &Path) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for part in code.split("crate::").skip(1) {
        let path: String = part
            .chars()
            .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':'))
            .collect();
        found.push(path);
    }
    // `super::` reaches at most the parent folder, so only a file directly in src/sim can leave its
    // own layer that way.
    let depth = own.components().count();
    let folder = own.components().nth(1).map(|part| part.as_os_str());
    let folder = folder.and_then(|name| name.to_str()).unwrap_or_default();
    for part in code.split("use super::").skip(1) {
        let name: String = part
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        if depth == 3 {
            found.push(format!("{folder}::{name}"));
        }
    }
    found
}

#[test]
fn every_layer_uses_only_those_below_it() {
    let mut faults = Vec::new();
    for path in files("src", "rs") {
        let name = path.to_string_lossy().replace('\\', "/");
        let Some((_, allowed)) = IMPORTS.iter().find(|(folder, _)| name.starts_with(folder)) else {
            continue;
        };
        if name == "src/sim/mod.rs" {
            continue;
        }
        for used in uses(&code(&path), &path) {
            if !allowed
                .iter()
                .any(|allowed| format!("{used}::").starts_with(allowed))
            {
                faults.push(format!("{name} uses {used}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_core_calls_nothing_that_breaks_the_contract() {
    let mut faults = Vec::new();
    let pure = [
        "src/sim",
        "src/replay",
        "src/lesson",
        "src/scene",
        "src/conf",
        "src/edit",
    ];
    for path in pure.iter().flat_map(|folder| files(folder, "rs")) {
        let code = code(&path);
        for (banned, reason) in BANNED_IN_CORE {
            if code.contains(banned) {
                faults.push(format!("{}: {banned}: {reason}", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn nothing_is_unfinished_or_switched_off() {
    let mut faults = Vec::new();
    for path in files("src", "rs").into_iter().chain(files("tests", "rs")) {
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
    let sources = files("src", "rs").into_iter().chain(files("tests", "rs"));
    for path in sources.chain(files("style", "css")) {
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
    for path in files("src", "rs") {
        let name = path.to_string_lossy().replace('\\', "/");
        // The readers of configurations turn an engine's words into names, each once.
        let home = [
            "balance/algorithm.rs",
            "balance/catalogue.rs",
            "replay/nginx_conf.rs",
            "replay/haproxy_conf.rs",
            "conf/methods.rs",
        ];
        let at_home = home.iter().any(|file| name.ends_with(file));
        if !at_home && code(&path).contains("Algorithm::") {
            faults.push(name);
        }
    }
    assert!(
        faults.is_empty(),
        "these should go by the catalogue: {}",
        faults.join(", ")
    );
}

#[test]
fn every_text_that_is_said_is_in_the_file() {
    let faults = crate::words::faults();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
