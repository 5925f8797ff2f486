//! Names: the field's own words, one word for one thing (`GLOSSARY.md`).

use std::collections::BTreeMap;

use super::tidy::{code, sources};

/// Names that were used once and hid what they meant, with the field's word for each. Whole identifiers, in code alone:
/// texts of the page and wire names of scenes may have them.
const BANNED: &[(&str, &str)] = &[
    ("Asks", "ShareModel"),
    ("BoxFault", "NodeFault"),
    ("BoxState", "NodeState"),
    ("Denial", "DenyReason"),
    ("Desk", "UpstreamQueues"),
    ("Dialled", "UpstreamConnected"),
    ("Flavour", "Implementation"),
    ("GateId", "VipId"),
    ("Gauge", "InFlightSampler"),
    ("Glass", "RequestInspector"),
    ("Home", "UpstreamRef"),
    ("Journal", "ObservationLog"),
    ("Letter", "RequestHead"),
    ("MakePicker", "PickerFactory"),
    ("Patience", "RetransmitPolicy"),
    ("Ruling", "RouteDecision"),
    ("Shake", "Handshake"),
    ("Sighting", "RouteContext"),
    ("Stationery", "RequestTemplate"),
    ("Trouble", "ServerFault"),
    ("enlist", "add_endpoint"),
    ("enrol", "register_endpoint"),
    ("flavour", "implementation"),
    ("hang_up", "release_upstream"),
    ("keeper", "upstream_of"),
    ("look_after", "after_event"),
    ("scouts", "trial_at"),
    ("stationery", "templates"),
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
