//! New parts of a scene, made from the schema.

use serde_json::{Map, Value};

use super::schema::{Schema, SchemaDoc};

/// A new value: the default if it is not `null`, else an example, else the smallest that the schema allows.
#[must_use]
pub fn make(book: &SchemaDoc, schema: &Schema) -> Value {
    if let Some(default) = schema.default.as_ref().filter(|value| !value.is_null()) {
        return default.clone();
    }
    begin(book, schema)
}

/// A new value for an optional part, or for any other: never `null` if it can be something.
#[must_use]
pub fn begin(book: &SchemaDoc, schema: &Schema) -> Value {
    let resolved = book.resolve(schema);
    if let Some(some) = book.optional(schema) {
        return make(book, some);
    }
    let example = book.either(schema, |schema| schema.examples.first());
    if let Some(value) = example.or(resolved.fixed.as_ref()) {
        return value.clone();
    }
    if let Some(first) = resolved.one_of.first() {
        return make(book, first);
    }
    match resolved.kind.as_str() {
        "object" => object(book, resolved),
        "array" => {
            let entry = resolved.items.as_ref().map(|items| make(book, items));
            vec![entry.unwrap_or_default(); resolved.min_items.unwrap_or(0)].into()
        }
        "integer" | "number" => {
            let least = book.either(schema, |schema| schema.minimum.clone());
            least.map_or(0.into(), Value::Number)
        }
        "boolean" => false.into(),
        "string" => "".into(),
        _ => Value::Null,
    }
}

/// Every field, at its default if it has one, including `null`.
fn object(book: &SchemaDoc, schema: &Schema) -> Value {
    let field = |(name, field): &(String, Schema)| {
        let value = field.default.clone();
        (name.clone(), value.unwrap_or_else(|| begin(book, field)))
    };
    Value::Object(book.fields(schema).iter().map(field).collect::<Map<_, _>>())
}
