//! Configurations as people write them, `tests/conf/*.{conf,cfg}`, each with what comes of it: the
//! scene's balancer and servers, as far as they are not at their defaults, and every remark. `EVENKEEL_BLESS=1` writes
//! the expected files anew.

use std::path::{Path, PathBuf};

use evenkeel::conf::{Import, import};
use evenkeel::edit::schema::Schema;
use evenkeel::sim::scenario::preset::default_scenario;
use serde_json::Value;

use crate::scene_schema::BOOK;

/// The balancer, the pools, the rules, the servers, then the remarks.
fn told(import: &Import) -> String {
    let mut lines = vec![format!("read as {}", import.dialect.id())];
    if let Some(scene) = &import.scene {
        let balancer = serde_json::to_value(&scene.balancer).expect("it can be written");
        let balancer = without_defaults(BOOK.at("balancer").expect("a field"), &balancer);
        for (field, value) in balancer.as_object().expect("it is an object") {
            lines.push(format!("balancer.{field} = {value}"));
        }
        for pool in &scene.pools {
            let pool = serde_json::to_string(pool).expect("it can be written");
            lines.push(format!("pool {pool}"));
        }
        for rule in &scene.rules {
            let rule = serde_json::to_string(rule).expect("it can be written");
            lines.push(format!("rule {rule}"));
        }
        for server in &scene.servers {
            let pool = server.pool.as_deref().unwrap_or("-");
            lines.push(format!(
                "server {} {} weight={} {:?} max_conns={:?} pool={pool}",
                server.name, server.address, server.weight, server.tier, server.max_conns
            ));
        }
    } else {
        lines.push("no scene".to_owned());
    }
    let listeners = &import.listeners;
    for (place, one) in listeners.all.iter().enumerate() {
        if listeners.all.len() > 1 {
            let chosen = if place == listeners.chosen { " *" } else { "" };
            let listens = one.listens.join(" ");
            lines.push(format!(
                "listener {} {listens} {:?}{chosen}",
                one.name, one.layer
            ));
        }
    }
    lines.extend(import.diagnostics.iter().map(ToString::to_string));
    lines.join("\n") + "\n"
}

/// A value without the fields that are at their defaults, so that a new field changes no file.
fn without_defaults(schema: &Schema, value: &Value) -> Value {
    let schema = BOOK.optional(schema).unwrap_or(schema);
    let Value::Object(fields) = value else {
        return value.clone();
    };
    let kept = fields.iter().filter_map(|(name, value)| {
        let Some(field) = BOOK.field(schema, name) else {
            return Some((name.clone(), value.clone()));
        };
        let said = field.default.as_ref() != Some(value);
        said.then(|| (name.clone(), without_defaults(field, value)))
    });
    Value::Object(kept.collect())
}

fn fixtures() -> Vec<PathBuf> {
    let is_source = |path: &Path| {
        path.extension()
            .is_some_and(|end| end == "conf" || end == "cfg")
    };
    let entries = std::fs::read_dir("tests/conf").expect("the folder of fixtures");
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| is_source(path))
        .collect();
    found.sort();
    found
}

#[test]
fn every_fixture_comes_to_what_is_expected() {
    let bless = std::env::var_os("EVENKEEL_BLESS").is_some();
    let found = fixtures();
    assert!(found.len() >= 30, "{} fixtures", found.len());
    let mut faults = Vec::new();
    for path in found {
        let text = std::fs::read_to_string(&path).expect("it can be read");
        let said = told(&import(&text, &default_scenario()));
        let beside = path.with_extension(format!(
            "{}.expected",
            path.extension().unwrap_or_default().to_string_lossy()
        ));
        if bless {
            std::fs::write(&beside, &said).expect("it can be written");
        }
        let expected = std::fs::read_to_string(&beside).unwrap_or_default();
        if said != expected {
            faults.push(format!("{}:\n{said}", path.display()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
