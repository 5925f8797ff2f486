//! The order of fields: that of the structs. JSON objects have none, but a form and a reader of the file want one.

use serde_json::{Map, Value};

/// The key under which an object's schema keeps the names of its fields in order, until the text is written.
pub(crate) const ORDER: &str = "x-order";

/// The keys of a schema in the order of the file; others follow.
const KEYS: [&str; 10] = [
    "$schema",
    "$ref",
    "const",
    "title",
    "description",
    "type",
    "required",
    "x-parts",
    "x-select",
    "properties",
];

/// Copies the order of fields from the schema of what is written. There every field is required, and `schemars` lists
/// what is required in the order of the struct.
pub(crate) fn take_order(written: &Value, read: &mut Value) {
    match (written, read) {
        (Value::Object(written), Value::Object(read)) => {
            for (key, value) in read.iter_mut() {
                if let Some(same) = written.get(key) {
                    take_order(same, value);
                }
            }
            if let (true, Some(order)) = (read.contains_key("properties"), written.get("required"))
            {
                read.insert(ORDER.into(), order.clone());
            }
        }
        (Value::Array(written), Value::Array(read)) => {
            for (same, value) in written.iter().zip(read) {
                take_order(same, value);
            }
        }
        _ => {}
    }
}

/// The text of a document with its fields in order.
pub(crate) fn text(document: &Value) -> String {
    let mut text = String::new();
    write(document, &KEYS, 0, &mut text);
    text.push('\n');
    text
}

/// What fits into so many characters stands on one line.
const LINE: usize = 200;

/// Writes a value. Of an object, the fields that `first` names come first.
fn write(value: &Value, first: &[&str], depth: usize, text: &mut String) {
    let mut entries: Vec<(Option<&str>, &Value, Vec<&str>)> = Vec::new();
    match value {
        Value::Object(fields) => {
            let order = fields.get(ORDER).and_then(Value::as_array);
            let order = order.into_iter().flatten().filter_map(Value::as_str);
            let order: Vec<&str> = order.collect();
            for (key, value) in sorted(fields, first) {
                let of_value = if key == "properties" {
                    order.clone()
                } else {
                    KEYS.to_vec()
                };
                entries.push((Some(key), value, of_value));
            }
        }
        Value::Array(list) => entries.extend(list.iter().map(|entry| (None, entry, KEYS.to_vec()))),
        other => return text.push_str(&other.to_string()),
    }
    let mut parts = entries.iter().map(|(key, value, first)| {
        let mut part = key.map_or_else(String::new, |key| format!("{}: ", Value::from(key)));
        write(value, first, depth + 1, &mut part);
        part
    });
    let parts: Vec<String> = parts.by_ref().collect();
    let (open, close) = if value.is_object() {
        ("{", "}")
    } else {
        ("[", "]")
    };
    let long = parts.iter().map(String::len).sum::<usize>() + 2 * (parts.len() + depth) > LINE;
    let gap = |depth: usize| format!("\n{}", " ".repeat(depth));
    text.push_str(open);
    if long || parts.iter().any(|part| part.contains('\n')) {
        let between = format!(",{}", gap(depth + 1));
        text.push_str(&gap(depth + 1));
        text.push_str(&parts.join(&between));
        text.push_str(&gap(depth));
    } else if !parts.is_empty() {
        let side = if value.is_object() { " " } else { "" };
        text.push_str(side);
        text.push_str(&parts.join(", "));
        text.push_str(side);
    }
    text.push_str(close);
}

/// The fields of an object without the order of an object's fields: first those that `first` names, then the others.
fn sorted<'a>(fields: &'a Map<String, Value>, first: &[&str]) -> Vec<(&'a str, &'a Value)> {
    let place = |key: &str| first.iter().position(|name| *name == key);
    let mut all: Vec<_> = fields
        .iter()
        .map(|(key, value)| (key.as_str(), value))
        .filter(|(key, _)| *key != ORDER)
        .collect();
    all.sort_by_key(|(key, _)| place(key).unwrap_or(first.len()));
    all
}
