//! From the schemas of the types to the published document.

use std::collections::BTreeMap;

use evenkeel_sim::balance::algorithm::{CATALOGUE, Implementation};
use evenkeel_sim::field::schema::{definitions, split_null};
use evenkeel_sim::scenario::Scenario;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::english;
use crate::order::{ORDER, take_order};

/// The object of a schema.
type Object = Map<String, Value>;

/// The pages of the editor, in order. Which page has a field is said beside the struct.
const PAGES: [&str; 14] = [
    "Scene",
    "Traffic",
    "Clients",
    "Requests",
    "Network",
    "Algorithm",
    "Checks",
    "When things fail",
    "Queue and cookies",
    "Cost of work",
    "Servers",
    "Pools and rules",
    "Two balancers",
    "Name and world",
];

/// What those who read the file are told.
const DESCRIPTION: &str = "What a scene starts from, format version 1. Times are whole microseconds, at most one hour. \
    The page also checks what a schema cannot say: names that must be known or unique, forms that an algorithm has, a \
    place for every client and server of a world. x-unit and x-per say in which unit the page shows a number, and how \
    many of the file's are one of those; x-names says whose names a field takes; x-parts is the order of the page's \
    editor.";

/// The schema, with the order of fields in each object under [`ORDER`].
///
/// # Panics
/// If a field has no page: then no reader could find it.
pub(crate) fn document() -> Value {
    let mut root = generate(false);
    take_order(&generate(true), &mut root);
    let head = [("title", "Evenkeel scene"), ("description", DESCRIPTION)];
    let object = root.as_object_mut().expect("a schema is an object");
    name_algorithms(object);
    finish(object);
    let defs = object["$defs"].as_object_mut().expect("types have names");
    for definition in defs.values_mut() {
        let definition = definition.as_object_mut().expect("a schema");
        definition.remove("description");
    }
    let shared = definitions();
    defs.extend(shared.as_object().expect("an object").clone());
    for (key, text) in head {
        object.insert(key.into(), text.into());
    }
    let parts = parts(object);
    object.insert("x-parts".into(), parts);
    root
}

/// The schema of a scene by the types alone: as it is read, or as it is written.
fn generate(written: bool) -> Value {
    let settings = SchemaSettings::draft2020_12();
    let settings = if written {
        settings.for_serialize()
    } else {
        settings
    };
    settings
        .into_generator()
        .into_root_schema_for::<Scenario>()
        .to_value()
}

/// Gives algorithms and implementations the names that the page gives them.
fn name_algorithms(root: &mut Object) {
    let words = english();
    let label = |id: &str| words[&format!("algorithm.{id}.label")].clone();
    let algorithms = CATALOGUE.iter().map(|row| (row.id, label(row.id)));
    let name = |one: &Implementation| match one {
        Implementation::Textbook => words["algorithm.textbook"].clone(),
        program => program.label().to_owned(),
    };
    let programs = Implementation::ALL.iter().map(|one| (one.id(), name(one)));
    let defs = &mut root["$defs"];
    defs["Algorithm"]["oneOf"] = choices(algorithms);
    defs["Implementation"]["oneOf"] = choices(programs);
}

fn choices(words: impl Iterator<Item = (&'static str, String)>) -> Value {
    words
        .map(|(word, title)| json!({ "const": word, "title": title }))
        .collect()
}

/// Writes a schema and all within it as the editor reads them.
fn finish(schema: &mut Object) {
    if let Some(Value::String(text)) = schema.get_mut("description") {
        let first = text.split("\n\n").next().unwrap_or_default();
        *text = first.replace('\n', " ");
    }
    split_null(schema);
    match schema.remove("format").as_ref().and_then(Value::as_str) {
        Some("uint64") if !schema.contains_key("maximum") => {
            schema.insert("maximum".into(), u64::MAX.into());
        }
        Some("ip") => {
            schema.remove("type");
            schema.insert("$ref".into(), "#/$defs/ip".into());
        }
        _ => {}
    }
    if schema.contains_key("const") {
        schema.remove("type");
    }
    if let Some(Value::Array(forms)) = schema.get_mut("oneOf") {
        for form in forms {
            let form = form.as_object_mut().expect("a schema");
            form.remove("description");
        }
    }
    for (key, inner) in schema {
        match (key.as_str(), inner) {
            ("properties" | "$defs", Value::Object(several)) => {
                several
                    .values_mut()
                    .filter_map(Value::as_object_mut)
                    .for_each(finish);
            }
            ("oneOf" | "anyOf", Value::Array(several)) => {
                several
                    .iter_mut()
                    .filter_map(Value::as_object_mut)
                    .for_each(finish);
            }
            ("items", Value::Object(one)) => finish(one),
            _ => {}
        }
    }
}

/// The pages of the editor with their fields, from the fields with their pages.
fn parts(root: &mut Object) -> Value {
    let mut found: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut note = |field: &mut Value, path: String| {
        let page = field
            .as_object_mut()
            .and_then(|field| field.remove("x-page"));
        let page = PAGES
            .iter()
            .find(|name| page.as_ref() == Some(&json!(name)));
        let page = page.unwrap_or_else(|| panic!("{path} is on no page of the editor"));
        found.entry(page).or_default().push(path);
    };
    let names = |object: &Object| -> Vec<String> {
        let names = object[ORDER].as_array().into_iter().flatten();
        names
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect()
    };
    for name in names(root) {
        match name.as_str() {
            "version" => {}
            "balancer" => {
                let balancer = root["$defs"]["BalancerSpec"].as_object_mut();
                let balancer = balancer.expect("a schema");
                for name in names(balancer) {
                    note(
                        &mut balancer["properties"][&name],
                        format!("balancer.{name}"),
                    );
                }
            }
            name => note(&mut root["properties"][name], name.to_owned()),
        }
    }
    let page = |title: &&str| json!({ "title": title, "fields": found[title] });
    PAGES.iter().map(page).collect()
}
