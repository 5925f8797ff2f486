//! Names: the field's own words, one word for one thing (`GLOSSARY.md`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::tidy::{code, files, sources};

/// Names that were used once and hid what they meant, with the field's word for each. Whole identifiers, in code alone:
/// texts of the page and wire names of scenes may have them.
const BANNED: &[(&str, &str)] = &[
    ("Acts", "RowActions"),
    ("Asks", "ShareModel"),
    ("Bench", "UpstreamReplay"),
    ("BoxFault", "NodeFault"),
    ("BoxState", "NodeState"),
    ("Crumbs", "Breadcrumbs"),
    ("Denial", "DenyReason"),
    ("Desk", "UpstreamQueues"),
    ("Dialled", "UpstreamConnected"),
    ("Flavour", "Implementation"),
    ("GateId", "VipId"),
    ("Gauge", "InFlightSampler"),
    ("Glass", "RequestInspector"),
    ("GlassBox", "RequestPanel"),
    ("Home", "UpstreamRef"),
    ("HomeTally", "UpstreamTally"),
    ("Journal", "ObservationLog"),
    ("KeptScenes", "SavedSceneSection"),
    ("Letter", "RequestHead"),
    ("MakePicker", "PickerFactory"),
    ("Patience", "RetransmitPolicy"),
    ("RaceButton", "ComparisonButton"),
    ("RacePage", "ComparisonPage"),
    ("Ruling", "RouteDecision"),
    ("Shake", "Handshake"),
    ("Shelf", "SavedScenesPage"),
    ("Sighting", "RouteContext"),
    ("Stationery", "RequestTemplate"),
    ("Trouble", "ServerFault"),
    ("TuningButton", "SheetButton"),
    ("WayIn", "FirstSteps"),
    ("Whereabouts", "BranchInfo"),
    ("closer", "inspector"),
    ("cupboard", "saved"),
    ("enlist", "add_endpoint"),
    ("enrol", "register_endpoint"),
    ("flavour", "implementation"),
    ("glass", "request_inspector"),
    ("hang_up", "release_upstream"),
    ("home_mut", "upstream_mut"),
    ("keeper", "upstream_of"),
    ("look_after", "after_event"),
    ("racing", "comparison"),
    ("scouting", "trial_in_flight"),
    ("scouts", "trial_at"),
    ("scribe", "link_codec"),
    ("shakes", "handshakes"),
    ("stand_in", "placeholder_address"),
    ("stationery", "templates"),
    ("tame", "sanitize"),
    ("then_field", "action_field"),
    ("tuning", "settings_sheet"),
    ("way_in", "first_steps"),
];

/// Classes of style sheets that hid what they meant, with the present one for each.
const BANNED_CLASSES: &[(&str, &str)] = &[
    ("account", "description"),
    ("closer", "inspector-buttons"),
    ("doors", "header-buttons"),
    ("glass", "inspector"),
    ("naming", "level-settings"),
    ("race", "comparison"),
    ("tuning", "settings-sheet"),
    ("way-in", "first-steps"),
    ("ways", "header-links"),
    ("whereabouts", "branch-info"),
];

/// The code without the texts in it.
fn without_texts(code: &str) -> String {
    code.lines()
        .map(|line| line.split('"').step_by(2).collect::<String>() + "\n")
        .collect()
}

/// The identifiers of a text, in order.
fn identifiers(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_')
}

#[test]
fn no_name_that_hides_its_meaning_comes_back() {
    let banned: BTreeMap<_, _> = BANNED.iter().copied().collect();
    let mut faults = Vec::new();
    for path in sources() {
        let code = without_texts(&code(&path));
        for name in identifiers(&code) {
            if let Some(better) = banned.get(name) {
                faults.push(format!("{}: {name}, say {better}", path.display()));
            }
        }
    }
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The classes that a style sheet names, in order.
fn classes(sheet: &str) -> impl Iterator<Item = &str> {
    sheet.split('.').skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '-' && c != '_');
        &rest[..end.unwrap_or(rest.len())]
    })
}

#[test]
fn no_class_that_hides_its_meaning_comes_back() {
    let banned: BTreeMap<_, _> = BANNED_CLASSES.iter().copied().collect();
    let mut faults = Vec::new();
    for path in files("style", "css") {
        let sheet = std::fs::read_to_string(&path).expect("it can be read");
        for name in classes(&sheet) {
            if let Some(better) = banned.get(name) {
                faults.push(format!("{}: .{name}, say .{better}", path.display()));
            }
        }
    }
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_finder_of_classes_sees_every_form() {
    let sheet = ".a-b:is(.c, .d) > .e { margin: 0.5em }\n.f.g::before {}";
    let found: Vec<&str> = classes(sheet).collect();
    assert_eq!(found, ["a-b", "c", "d", "e", "5em", "f", "g"]);
}

/// The public types that a file's code defines.
fn public_types(code: &str) -> Vec<String> {
    let kinds = ["struct", "enum", "trait", "type"];
    let name = |line: &str| {
        let mut words = line.strip_prefix("pub ")?.split_whitespace();
        kinds.contains(&words.next()?).then_some(())?;
        let name = identifiers(words.next()?).next()?;
        Some(name.to_string())
    };
    code.lines().filter_map(name).collect()
}

#[test]
fn no_two_public_types_have_one_name() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in sources() {
        for name in public_types(&code(&path)) {
            places
                .entry(name)
                .or_default()
                .push(path.display().to_string());
        }
    }
    let twice = places.iter().filter(|(_, places)| places.len() > 1);
    let faults: Vec<_> = twice
        .map(|(name, places)| format!("{name}: {}", places.join(", ")))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_finder_of_types_sees_every_kind() {
    let code = "pub struct A<T> {\npub enum B {\npub trait C: D {\npub type E = F;\npub(crate) struct G;\nstruct H;\n";
    assert_eq!(public_types(code), ["A", "B", "C", "E"]);
}

/// The public items of a file whose docs have at most three words, which say no more than the name.
fn short_docs(text: &str) -> Vec<&str> {
    let mut words = 0;
    let mut found = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(doc) = line.strip_prefix("///") {
            words += doc.split_whitespace().count();
        } else if !line.starts_with('#') {
            if line.starts_with("pub ") && (1..=3).contains(&words) {
                found.push(line);
            }
            words = 0;
        }
    }
    found
}

#[test]
fn docs_say_more_than_the_name() {
    let mut faults = Vec::new();
    for path in sources() {
        let text = std::fs::read_to_string(&path).expect("it can be read");
        for item in short_docs(&text) {
            faults.push(format!("{}: {item}", path.display()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_finder_of_short_docs_sees_fields_and_attributes() {
    let text = "/// Which.\n#[must_use]\npub fn a() {}\n    /// The way of answers.\n    pub b: C,\n    /// One.\n    d: E,\npub f: G,\n    /// The site.\n    pub h: I,\n";
    assert_eq!(short_docs(text), ["pub fn a() {}", "pub h: I,"]);
}

/// Words of the field that a reader may search for, and the file that the search has to lead to.
const PLACES: &[(&str, &str)] = &[
    ("flow table", "crates/sim/src/balance/flow_table.rs"),
    ("flow entry", "crates/sim/src/balance/flow_table.rs"),
    ("connection table", "crates/sim/src/balance/flow_table.rs"),
    ("conntrack", "crates/sim/src/balance/flow_table.rs"),
    ("slow start", "crates/sim/src/balance/slow_start.rs"),
    ("half-open", "crates/sim/src/health/nginx_passive.rs"),
    ("fail_timeout", "crates/sim/src/health/nginx_passive.rs"),
    ("outlier ejection", "crates/sim/src/health/outlier.rs"),
    ("outlier detection", "crates/sim/src/health/outlier.rs"),
    ("peak EWMA", "crates/sim/src/balance/pickers/peak_ewma.rs"),
    ("EWMA decay", "crates/sim/src/balance/latency.rs"),
    ("decayTime", "crates/sim/src/balance/latency.rs"),
    ("moving average", "crates/sim/src/balance/latency.rs"),
    ("master-down timer", "crates/sim/src/ha/vrrp.rs"),
    ("Master_Down_Interval", "crates/sim/src/ha/vrrp.rs"),
    ("Active_Down_Interval", "crates/sim/src/ha/vrrp.rs"),
    ("resolver cache", "crates/sim/src/gslb/resolver.rs"),
    ("DNS cache", "crates/sim/src/gslb/resolver.rs"),
    ("token bucket", "crates/sim/src/balance/l7/token_bucket.rs"),
    ("leaky bucket", "crates/sim/src/balance/l7/token_bucket.rs"),
    ("connection draining", "crates/sim/src/balance/endpoint.rs"),
    ("panic threshold", "crates/sim/src/balance/set.rs"),
    ("panic mode", "crates/sim/src/balance/set.rs"),
];

/// The text at the head of a file that says what the file is, on one line.
fn module_doc(path: &Path) -> String {
    let text = std::fs::read_to_string(path).expect("it can be read");
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(str::trim).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_words_of_the_field_lead_to_their_places() {
    let docs: Vec<(PathBuf, String)> = sources()
        .into_iter()
        .map(|path| (path.clone(), module_doc(&path).to_lowercase()))
        .collect();
    for (word, place) in PLACES {
        let says = |(_, doc): &&(PathBuf, String)| doc.contains(&word.to_lowercase());
        let found: Vec<_> = docs.iter().filter(says).map(|(path, _)| path).collect();
        assert!(
            found.iter().any(|path| path.as_path() == Path::new(place)),
            "{place}: its first lines do not say \"{word}\""
        );
        assert!(found.len() <= 5, "\"{word}\" leads to {found:?}");
    }
}

#[test]
fn every_file_that_the_glossary_names_is_there() {
    let text = std::fs::read_to_string("GLOSSARY.md").expect("it can be read");
    let mut named = 0;
    for row in text.lines().filter(|line| line.starts_with("| ")) {
        let places = row.split(" | ").nth(2).unwrap_or_default();
        for place in places.split('`').skip(1).step_by(2) {
            let path = match place.strip_prefix("src/") {
                Some(_) => PathBuf::from(place),
                None => Path::new("crates").join(place),
            };
            assert!(path.exists(), "{place} is not there: {row}");
            named += 1;
        }
    }
    assert!(named > 60, "{named} places");
}
