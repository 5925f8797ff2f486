//! The published schema of a scene says what the format is: neither has a field, a bound or a
//! default that the other has not. `jsonschema` is the judge of what the schema says.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use evenkeel::edit::check::{bounds, check};
use evenkeel::edit::json_path::JsonPath;
use evenkeel::edit::make::{begin, make};
use evenkeel::edit::schema::{AdditionalProperties, Schema, SchemaDoc};
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::scenario::preset::DEFAULT_JSON;
use evenkeel::sim::scenario::validate::{faults, parse};
use evenkeel::words::LANGUAGES;
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::any_scene::{any_pair, any_scene};
use crate::cases::cases;
use crate::lesson::library;
use crate::tidy::files;

fn text(path: &str) -> String {
    std::fs::read_to_string(path).expect("it can be read")
}

static SCHEMA: LazyLock<String> = LazyLock::new(evenkeel_schema::text);

/// The schema as the editor reads it.
pub static BOOK: LazyLock<SchemaDoc> =
    LazyLock::new(|| SchemaDoc::read(&SCHEMA, None).expect("it can be read"));

static JUDGE: LazyLock<Validator> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(&SCHEMA).expect("it is JSON");
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    options.build(&schema).expect("it is a schema")
});

/// Whatever the schema has against a value, by the judge and by our own checker.
fn said(scene: &Value) -> Vec<String> {
    let judged = JUDGE.iter_errors(scene);
    let judged = judged.map(|error| format!("{}: {error}", error.instance_path()));
    let own = check(&BOOK, scene).into_iter();
    let own = own.map(|fault| format!("own, {}: {}", fault.place, fault.reason));
    judged.chain(own).collect()
}

/// Both find something.
fn refused(scene: &Value) -> bool {
    !JUDGE.is_valid(scene) && !check(&BOOK, scene).is_empty()
}

/// Calls `visit` for every value of a scene with its schema.
pub fn walk(
    schema: &'static Schema,
    place: &JsonPath,
    value: &Value,
    visit: &mut dyn FnMut(&'static Schema, &JsonPath, &Value),
) {
    let book = &*BOOK;
    if let Some(some) = book.optional(schema) {
        if !value.is_null() {
            walk(some, place, value, visit);
        }
        return;
    }
    visit(schema, place, value);
    let solved = book.resolve(schema);
    if !solved.one_of.is_empty() {
        let form = book.form_of(schema, value).expect("a form that there is");
        return walk(&solved.one_of[form], place, value, visit);
    }
    for (name, field) in book.fields(schema) {
        if let Some(value) = value.get(name) {
            walk(field, &place.field(name), value, visit);
        }
    }
    for (number, entry) in value.as_array().into_iter().flatten().enumerate() {
        let items = solved.items.as_ref().expect("a list says what is in it");
        walk(items, &place.entry(number), entry, visit);
    }
}

/// A value with everything that may be missing in it, and of every form that a list's entries can
/// have one.
fn all(schema: &Schema) -> Value {
    let book = &*BOOK;
    let schema = book.optional(schema).unwrap_or(schema);
    let solved = book.resolve(schema);
    if let Some(form) = solved.one_of.iter().rfind(|form| !form.required.is_empty()) {
        return all(form);
    }
    if solved.kind == "object" && matches!(solved.others, AdditionalProperties::May(false)) {
        let fields = book.fields(schema).iter();
        return Value::Object(
            fields
                .map(|(name, field)| (name.clone(), all(field)))
                .collect(),
        );
    }
    match &solved.items {
        Some(items) => {
            let few = [all(items), all(items)];
            let count = if solved.unique {
                1
            } else {
                solved.min_items.unwrap_or(1).max(1)
            };
            let mut list = few[..count].to_vec();
            // An entry for each form of a field that has several: work, actions.
            for (name, field) in book.fields(items) {
                let forms = &book.resolve(field).one_of;
                if forms.iter().all(|form| form.required.is_empty()) {
                    continue;
                }
                for form in forms {
                    let mut entry = list[0].clone();
                    entry[name] = all(form);
                    list.push(entry);
                }
            }
            list.into()
        }
        None => make(book, schema),
    }
}

/// A scene with every field there is. It breaks rules that no schema can say.
fn full() -> Value {
    let mut scene = all(BOOK.root());
    // The other client has a share while the first has none, and only these may stay open.
    let clients = scene["clients"].as_array_mut().expect("a list");
    clients.push(clients[0].clone());
    for class in scene["classes"].as_array_mut().expect("a list") {
        class["kind"] = json!("web_socket");
    }
    scene
}

/// Every number as the same kind of number.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(list) => list.iter().map(plain).collect(),
        Value::Object(object) => object
            .iter()
            .map(|(name, value)| (name.clone(), plain(value)))
            .collect(),
        other => other.clone(),
    }
}

fn read(scene: &Value) -> Result<Scenario, serde_json::Error> {
    serde_json::from_value(scene.clone())
}

/// Whether our own checks have nothing against this very value.
fn no_fault_at(scene: &Scenario, place: &JsonPath) -> bool {
    let place = place.to_string();
    faults(scene).iter().all(|fault| fault.place != place)
}

fn write(scene: &Scenario) -> Value {
    serde_json::to_value(scene).expect("a scene can be written")
}

#[test]
fn every_scene_of_the_project_is_as_the_schema_says() {
    let mut faults = Vec::new();
    let files = files("assets/scenarios", "json");
    assert!(files.len() >= 10, "{} scenes", files.len());
    for path in files {
        let scene: Value =
            serde_json::from_str(&text(path.to_str().expect("a name"))).expect("JSON");
        faults.extend(
            said(&scene)
                .into_iter()
                .map(|said| format!("{}: {said}", path.display())),
        );
        let again = write(&read(&scene).expect("a scene"));
        faults.extend(said(&again));
    }
    for (name, figure) in library().figures {
        let scene = write(&figure.scenario);
        faults.extend(
            said(&scene)
                .into_iter()
                .map(|said| format!("figure {name}: {said}")),
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(16)))]

    #[test]
    fn every_random_scene_is_as_the_schema_says(scene in any_scene(), pair in any_pair()) {
        for scene in [scene, pair] {
            let faults = said(&write(&scene));
            prop_assert!(faults.is_empty(), "{faults:?}");
        }
    }
}

#[test]
fn the_format_has_the_fields_of_the_schema_and_no_more() {
    let full = full();
    let faults = said(&full);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let scene = read(&full).expect("the format has every field of the schema");
    // Everything that the format has is written, so a field that the schema lacks would be more.
    assert_eq!(plain(&write(&scene)), plain(&full));
    // And there was something to compare.
    let mut fields = BTreeSet::new();
    walk(
        BOOK.root(),
        &JsonPath::default(),
        &full,
        &mut |_, place, _| {
            fields.insert(place.to_string());
        },
    );
    assert!(fields.len() > 250, "{}", fields.len());
}

/// What came of a walk: how much was tried, and what schema and format do not agree on.
#[derive(Default)]
struct Judged {
    tried: usize,
    wrong: Vec<String>,
}

/// Visits every value of a scene; all must be right, and more than `least` tried.
fn judge(
    full: &Value,
    least: usize,
    visit: &mut dyn FnMut(&Schema, &JsonPath, &Value, &mut Judged),
) {
    let mut judged = Judged::default();
    walk(
        BOOK.root(),
        &JsonPath::default(),
        full,
        &mut |schema, place, value| {
            visit(schema, place, value, &mut judged);
        },
    );
    assert!(judged.wrong.is_empty(), "{}", judged.wrong.join("\n"));
    assert!(judged.tried > least, "{}", judged.tried);
}

#[test]
fn both_refuse_what_is_out_of_range_and_take_what_is_just_inside() {
    let full = full();
    // Where another field decides as well: HAProxy's slow start has a least of its own.
    judge(&full, 80, &mut |schema, place, _, judged| {
        let kind = BOOK.resolve(schema).kind.clone();
        // Every whole number is a seed.
        if !matches!(kind.as_str(), "integer" | "number") || place.to_string() == "seed" {
            return;
        }
        let bounds = bounds(&BOOK, schema);
        let number = |bound: &Option<serde_json::Number>| bound.as_ref().and_then(|it| it.as_f64());
        let step = if kind == "integer" { 1.0 } else { 0.001 };
        let most = number(&bounds.most).expect("every number has a most");
        let over = number(&bounds.over);
        let least = number(&bounds.least)
            .or(over)
            .expect("every number has a least");
        let with = |value: f64| {
            let mut scene = full.clone();
            let value = if kind == "integer" {
                json!(value as i64)
            } else {
                json!(value)
            };
            *place.get_mut(&mut scene).expect("it is there") = value;
            scene
        };
        let taken = |scene: &Value| read(scene).is_ok_and(|scene| no_fault_at(&scene, place));
        let below = if over.is_some() { least } else { least - step };
        for value in [below, most + step] {
            let scene = with(value);
            if !refused(&scene) || taken(&scene) {
                judged
                    .wrong
                    .push(format!("{place}: {value} is out, and only one says so"));
            }
        }
        let inside = if over.is_some() { least + step } else { least };
        for value in [inside, most] {
            let scene = with(value);
            if !said(&scene).is_empty() || !taken(&scene) {
                let says = read(&scene).map(|scene| faults(&scene));
                judged.wrong.push(format!(
                    "{place}: {value} is in, and one says no: {:?} {says:?}",
                    said(&scene)
                ));
            }
        }
        judged.tried += 1;
    });
}

#[test]
fn both_refuse_unknown_and_missing_fields_and_wrong_words() {
    let full = full();
    judge(&full, 100, &mut |schema, place, value, judged| {
        let mut scenes = Vec::new();
        let solved = BOOK.resolve(schema);
        let changed = |value: Value| {
            let mut scene = full.clone();
            *place.get_mut(&mut scene).expect("it is there") = value;
            scene
        };
        if let (Value::Object(object), AdditionalProperties::May(false)) = (value, &solved.others) {
            let mut more = object.clone();
            more.insert("unheard_of".to_owned(), json!(1));
            scenes.push(("unheard_of", changed(more.into())));
            for name in &solved.required {
                let mut fewer = object.clone();
                fewer.remove(name);
                scenes.push((name, changed(fewer.into())));
            }
        }
        if value.is_string() && !solved.one_of.is_empty() {
            scenes.push(("a word", changed(json!("unheard_of"))));
        }
        for (what, scene) in scenes {
            // Cities and regions are texts for the format, and checked later.
            let taken = read(&scene).is_ok_and(|scene| no_fault_at(&scene, place));
            if !refused(&scene) || taken {
                judged.wrong.push(format!("{place}: {what}"));
            }
            judged.tried += 1;
        }
    });
}

#[test]
fn both_have_the_same_defaults() {
    let full = full();
    judge(&full, 100, &mut |schema, place, _, judged| {
        for (name, field) in BOOK.fields(schema) {
            let required = BOOK.resolve(schema).required.contains(name);
            if required == field.default.is_some() {
                judged
                    .wrong
                    .push(format!("{place}.{name}: either required or with a default"));
            }
            let Some(default) = &field.default else {
                continue;
            };
            let mut scene = full.clone();
            let object = place.get_mut(&mut scene).and_then(Value::as_object_mut);
            object.expect("an object").remove(name);
            let scene = write(&read(&scene).expect("it may be missing"));
            let there = place.field(name);
            let there = there.get(&scene);
            if there.map(plain) != Some(plain(default)) {
                judged
                    .wrong
                    .push(format!("{place}.{name}: {default} and {there:?}"));
            }
            judged.tried += 1;
        }
    });
}

#[test]
fn texts_and_addresses_are_refused_by_both() {
    let default: Value = serde_json::from_str(DEFAULT_JSON).expect("JSON");
    let long = "x".repeat(201);
    for (place, value) in [
        ("/name", json!("  ")),
        ("/name", json!(long)),
        ("/clients/0/note", json!(long)),
        ("/clients/0/address", json!("203.0.113")),
        ("/classes/0/path", json!("")),
        ("/classes/0/headers", json!({" ": "a"})),
        ("/classes/0/headers", json!({"a": long})),
        ("/balancer/retries/on", json!(["reset", "reset"])),
        ("/clients", json!([])),
        ("/version", json!(2)),
        ("/servers/0/weight", json!("1")),
        ("/servers/0/weight", json!(1.5)),
        ("/balancer/fail_open", json!(1)),
    ] {
        let mut scene = default.clone();
        *scene.pointer_mut(place).expect("it is there") = value;
        assert!(refused(&scene), "{place}: the schema");
        assert!(parse(&scene.to_string()).is_err(), "{place}: the format");
    }
    let mut scene = default;
    for client in scene["clients"].as_array_mut().expect("a list") {
        client["share"] = json!(0);
    }
    assert!(!JUDGE.is_valid(&scene) && parse(&scene.to_string()).is_err());
}

#[test]
fn every_field_stands_on_one_page_of_the_editor() {
    let root = BOOK.root();
    let balancer = BOOK.at("balancer").expect("it is there");
    let top = BOOK.fields(root).iter().map(|(name, _)| name.clone());
    let top = top.filter(|name| !matches!(name.as_str(), "version" | "balancer"));
    let inner = BOOK
        .fields(balancer)
        .iter()
        .map(|(name, _)| format!("balancer.{name}"));
    let mut wanted: Vec<String> = top.chain(inner).collect();
    let mut there: Vec<String> = BOOK
        .parts()
        .iter()
        .flat_map(|part| part.fields.clone())
        .collect();
    wanted.sort();
    there.sort();
    assert_eq!(there, wanted);
    assert!(there.iter().all(|place| BOOK.at(place).is_some()));
}

#[test]
fn what_the_editor_makes_is_right_by_the_schema() {
    let mut scene: Value = serde_json::from_str(DEFAULT_JSON).expect("JSON");
    for list in ["clients", "classes", "servers", "pools", "rules"] {
        let items = BOOK.at(list).and_then(|schema| schema.items.as_deref());
        let entry = make(&BOOK, items.expect("a list"));
        scene[list].as_array_mut().expect("a list").push(entry);
    }
    for part in ["connections", "patience", "dns", "pair"] {
        scene[part] = begin(&BOOK, BOOK.at(part).expect("a part"));
    }
    for part in ["slow_start", "queue", "processor", "keepalive"] {
        let place = format!("balancer.{part}");
        scene["balancer"][part] = begin(&BOOK, BOOK.at(&place).expect("a part"));
    }
    assert!(said(&scene).is_empty(), "{:?}", said(&scene));
    let taken = parse(&scene.to_string());
    assert!(taken.is_ok(), "{taken:?}");
}

/// Every text of the schema that the editor shows.
fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|entry| texts(entry, found)),
        Value::Object(object) => {
            for (name, value) in object {
                match (name.as_str(), value) {
                    ("title" | "description" | "x-unit" | "x-select", Value::String(text)) => {
                        found.insert(text.clone());
                    }
                    ("default" | "examples" | "const", _) => {}
                    _ => texts(value, found),
                }
            }
        }
        _ => {}
    }
}

#[test]
fn every_language_has_every_text_of_the_schema() {
    let schema: Value = serde_json::from_str(&SCHEMA).expect("JSON");
    let mut wanted = BTreeSet::new();
    for (name, value) in schema.as_object().expect("an object") {
        // The head is for those who read the file.
        if !matches!(name.as_str(), "title" | "description") {
            texts(value, &mut wanted);
        }
    }
    for (language, _) in &LANGUAGES[1..] {
        let texts = text(&format!("assets/scenario.schema.{language}.json"));
        let words = text(&format!("assets/words/{language}.json"));
        let words = evenkeel_schema::translation(&texts, &words).expect("both are JSON");
        let words: Value = serde_json::from_str(&words).expect("JSON");
        let there = words
            .as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect();
        let missing: Vec<_> = wanted.difference(&there).collect();
        let idle: Vec<_> = there.difference(&wanted).collect();
        assert!(
            missing.is_empty() && idle.is_empty(),
            "{language}: missing {missing:?}, idle {idle:?}"
        );
    }
}
