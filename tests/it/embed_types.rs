//! `assets/embed.d.ts`, which tells others of the messages, agrees with what is read and sent.

use std::collections::{BTreeMap, BTreeSet};

use evenkeel::embed::message::{KINDS, done, figures_message, link, read, ready, refused, resize};
use evenkeel::sim::run::Run;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::time::SimTime;
use serde_json::{Value, json};

const TYPES: &str = include_str!("../../assets/embed.d.ts");

/// What stands between two texts of the file.
fn part(from: &str, to: &str) -> &'static str {
    let (_, rest) = TYPES
        .split_once(from)
        .unwrap_or_else(|| panic!("{from} is there"));
    rest.split_once(to)
        .unwrap_or_else(|| panic!("{to} is there"))
        .0
}

/// The kinds of message that a part of the file names.
fn kinds(part: &str) -> BTreeSet<&str> {
    part.split("\"evenkeel:")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

/// The fields of an interface or of a type in one line, with their types; `?` stands at the name.
fn fields(part: &'static str) -> BTreeMap<&'static str, &'static str> {
    let lines = part
        .split([';', '\n', '{', '}'])
        .map(str::trim)
        .filter(|line| !line.starts_with("/*") && !line.starts_with('|'));
    lines.filter_map(|line| line.split_once(": ")).collect()
}

/// Whether a value is what the file says.
fn is(value: &Value, kind: &str) -> bool {
    kind.split('|').map(str::trim).any(|kind| match kind {
        "number" => value.is_number(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "Server[]" => value.is_array(),
        word => serde_json::from_str::<Value>(word).is_ok_and(|word| word == *value),
    })
}

/// Every field is described, and every described field is there, unless it is marked by `?`.
fn agree(value: &Value, fields: &BTreeMap<&str, &str>) {
    let object = value.as_object().expect("a message is an object");
    for (name, value) in object {
        let optional = format!("{name}?");
        let kind = fields.get(name.as_str()).or(fields.get(optional.as_str()));
        let kind = kind.unwrap_or_else(|| panic!("{name} is described"));
        assert!(is(value, kind), "{name}: {value} is {kind}");
    }
    for name in fields.keys().filter(|name| !name.ends_with('?')) {
        assert!(object.contains_key(*name), "{name} is sent");
    }
}

#[test]
fn every_order_that_is_described_is_known_and_no_other() {
    let described = kinds(part("export type Ask", "\n);"));
    let known: BTreeSet<&str> = KINDS.iter().copied().collect();
    assert_eq!(described, known);
    for kind in KINDS {
        let text = json!({ "type": format!("evenkeel:{kind}"), "version": 1 }).to_string();
        assert!(read(&text).is_some(), "{kind}");
    }
    // Each has its method at the element, and its own name there.
    let element = part("export interface EvenkeelScene", "\n}");
    let script = include_str!("../../assets/embed.js");
    for kind in KINDS {
        assert!(
            element.contains(&format!("  {kind}(")),
            "{kind} in the types"
        );
        assert!(
            script.contains(&format!("    {kind}(")),
            "{kind} in embed.js"
        );
    }
}

#[test]
fn what_is_sent_is_as_described() {
    let run = Run {
        at: SimTime::from_us(5_000_000),
        ..Run::start(default_scenario())
    };
    let engine = run.replay();
    let id = json!("a");
    let value = |text: &str| serde_json::from_str::<Value>(text).expect("it is JSON");
    let figures = value(&figures_message(engine.view(), true, &id));
    agree(&figures, &fields(part("interface Figures {", "\n}")));
    let server = fields(part("interface Server {", "\n}"));
    for one in figures["servers"].as_array().expect("a list") {
        agree(one, &server);
    }
    let sent = [
        ready(engine.view()),
        resize(500.0),
        link("AY3vAA", &id),
        done(&id),
        refused("why", &id),
    ];
    let tells = part("export type Tell", "export interface");
    let mut seen = BTreeSet::new();
    for text in &sent {
        let sent = value(text);
        let kind = sent["type"].as_str().expect("a type").to_owned();
        let line = tells.lines().find(|line| line.contains(&kind));
        let line = line.unwrap_or_else(|| panic!("{kind} is described"));
        agree(&sent, &fields(line));
        seen.insert(kind.replace("evenkeel:", ""));
    }
    let described = kinds(tells);
    assert_eq!(described, seen.iter().map(String::as_str).collect());
}
