//! The rules of fields as JSON Schema (draft 2020-12). Only the program that writes the schema needs it.
//!
//! `schemars` makes the schema of each type: titles and descriptions from the documentation (`# Title`, then the
//! description as the first paragraph), defaults from serde. [`describe`] adds what
//! [`scene_fields!`](crate::scene_fields) says.

use schemars::Schema;
use serde_json::{Map, Value, json};

use super::rule::{
    AnyValue, FieldHints, FieldRule, FixedNumber, ListLength, NameReference, NameReferences,
    PartFields, RealRange, SpanRange, TextLength, TextPairs, WholeRange, WordChoice, WordSet,
};
use super::{Checked, MAX_HEADERS, MAX_SPAN_US, MAX_TEXT};

/// The object of a schema.
type Object = Map<String, Value>;

/// Gives the schema of a type the rules of its fields: a transform for `schemars`.
pub fn describe<T: Checked>(schema: &mut Schema) {
    T::describe(&mut PartSchema {
        object: schema.ensure_object(),
    });
}

/// The definitions that the rules refer to, by their names.
#[must_use]
pub fn definitions() -> Value {
    json!({
        "name": { "type": "string", "minLength": 1, "maxLength": MAX_TEXT, "pattern": "\\S" },
        "text": { "type": "string", "maxLength": MAX_TEXT },
        "span": { "type": "integer", "minimum": 0, "maximum": MAX_SPAN_US, "x-unit": "ms", "x-per": 1000 },
        "ip": { "type": "string", "anyOf": [{ "format": "ipv4" }, { "format": "ipv6" }] },
        "pairs": {
            "type": "object", "maxProperties": MAX_HEADERS,
            "propertyNames": { "minLength": 1, "maxLength": MAX_TEXT, "pattern": "\\S" },
            "additionalProperties": { "$ref": "#/$defs/text", "title": "Value" },
        },
    })
}

/// The schema of one part of a scene.
pub struct PartSchema<'a> {
    object: &'a mut Object,
}

impl PartSchema<'_> {
    /// Gives the part a title: that of an entry where the part is one of a list.
    pub fn title(&mut self, title: &str) {
        self.object.insert("title".into(), title.into());
    }

    /// Gives the choice between the forms of the part a label. Where a field says which form it is, that is its title.
    pub fn choice(&mut self, label: &str) {
        if label.is_empty() {
            return;
        }
        self.object.insert("x-select".into(), label.into());
        let forms = self.object["oneOf"].as_array_mut();
        for form in forms.into_iter().flatten() {
            let fields = form.get_mut("properties").and_then(Value::as_object_mut);
            let fields = fields.into_iter().flat_map(|fields| fields.values_mut());
            for field in fields.filter(|field| field.get("const").is_some()) {
                field["title"] = label.into();
            }
        }
    }

    /// Gives a field its rule.
    ///
    /// # Panics
    /// If the part has no such field.
    pub fn field<K: KindSchema>(&mut self, name: &str, rule: &FieldRule<K>) {
        field_of(self.object, name, rule);
    }

    /// Gives a field of a variant its rule.
    ///
    /// # Panics
    /// If no form of the part has such a field.
    pub fn variant_field<K: KindSchema>(&mut self, variant: &str, name: &str, rule: &FieldRule<K>) {
        let word = snake(variant);
        let is_its = |form: &&mut Value| {
            let fields = form.get("properties").and_then(Value::as_object);
            fields.is_some_and(|fields| {
                fields.contains_key(&word) || fields.values().any(|field| field["const"] == word)
            })
        };
        let forms = self.object["oneOf"].as_array_mut();
        let form = forms.and_then(|forms| forms.iter_mut().find(is_its));
        let form = form.and_then(Value::as_object_mut);
        field_of(
            form.unwrap_or_else(|| panic!("no form {variant}")),
            name,
            rule,
        );
    }
}

/// The word of a scene file for a variant.
fn snake(variant: &str) -> String {
    let mut word = String::new();
    for (place, letter) in variant.char_indices() {
        if letter.is_uppercase() && place > 0 {
            word.push('_');
        }
        word.push(letter.to_ascii_lowercase());
    }
    word
}

fn field_of<K: KindSchema>(part: &mut Object, name: &str, rule: &FieldRule<K>) {
    let fields = part.get_mut("properties").and_then(Value::as_object_mut);
    let field = fields.and_then(|fields| fields.get_mut(name)?.as_object_mut());
    let field = field.unwrap_or_else(|| panic!("no field {name}"));
    let FieldHints {
        page,
        title,
        description,
        ..
    } = rule.hints;
    for (key, text) in [
        ("x-page", page),
        ("title", title),
        ("description", description),
    ] {
        if !text.is_empty() {
            field.entry(key).or_insert_with(|| text.into());
        }
    }
    let value = value_of(field);
    rule.kind.apply(value);
    rule.kind.show(value, &rule.hints);
}

/// The schema of the value that a field has where it is not `null`.
fn value_of(field: &mut Object) -> &mut Object {
    split_null(field);
    if field.contains_key("anyOf") {
        field["anyOf"][0].as_object_mut().expect("a schema")
    } else {
        field
    }
}

/// Writes a field that may be `null` as one of two forms, the form that is something first.
pub fn split_null(field: &mut Object) {
    let Some(Value::Array(kinds)) = field.get("type") else {
        return;
    };
    let some = kinds.iter().find(|kind| **kind != "null").cloned();
    let mut value = Object::new();
    for (key, what) in std::mem::take(field) {
        let of_field = ["title", "description", "default", "x-page"].contains(&key.as_str());
        if of_field { &mut *field } else { &mut value }.insert(key, what);
    }
    value.insert("type".into(), some.unwrap_or_default());
    field.insert("anyOf".into(), json!([value, { "type": "null" }]));
}

/// Makes a field refer to a definition.
fn refer(value: &mut Object, definition: &str) {
    value.remove("type");
    let definition = format!("#/$defs/{definition}");
    value.insert("$ref".into(), definition.into());
}

/// What a kind of rule says in the schema of a value.
pub trait KindSchema {
    /// Writes the range.
    fn apply(&self, value: &mut Object);

    /// Writes what the editor is told.
    fn show(&self, value: &mut Object, hints: &FieldHints) {
        tell(value, hints);
    }
}

fn tell(value: &mut Object, hints: &FieldHints) {
    for (key, text) in [("x-unit", hints.unit), ("x-names", hints.names)] {
        if !text.is_empty() {
            value.insert(key.into(), text.into());
        }
    }
    if hints.per > 1 {
        value.insert("x-per".into(), hints.per.into());
    }
    if !hints.example.is_empty() {
        let example = serde_json::from_str(hints.example).unwrap_or_else(|_| hints.example.into());
        value.insert("examples".into(), Value::Array(vec![example]));
    }
}

impl KindSchema for WholeRange {
    fn apply(&self, value: &mut Object) {
        value.insert("minimum".into(), self.min.into());
        value.insert("maximum".into(), self.max.into());
    }
}

impl KindSchema for RealRange {
    fn apply(&self, value: &mut Object) {
        let least = if self.above {
            "exclusiveMinimum"
        } else {
            "minimum"
        };
        value.insert(least.into(), number(self.min));
        value.insert("maximum".into(), number(self.max));
    }
}

/// A number as it is written by hand: 4 and not 4.0.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 {
        (value as i64).into()
    } else {
        value.into()
    }
}

impl KindSchema for SpanRange {
    fn apply(&self, value: &mut Object) {
        refer(value, "span");
        if self.min_us > 0 {
            value.insert("minimum".into(), self.min_us.into());
        }
    }
}

impl KindSchema for TextLength {
    fn apply(&self, value: &mut Object) {
        refer(value, if self.blank { "text" } else { "name" });
    }
}

impl KindSchema for TextPairs {
    fn apply(&self, value: &mut Object) {
        value.remove("additionalProperties");
        refer(value, "pairs");
    }
}

impl KindSchema for PartFields {
    fn apply(&self, _value: &mut Object) {}
}

impl KindSchema for AnyValue {
    fn apply(&self, _value: &mut Object) {}
}

impl KindSchema for ListLength {
    fn apply(&self, value: &mut Object) {
        if self.min > 0 {
            value.insert("minItems".into(), self.min.into());
        }
        value.insert("maxItems".into(), self.max.into());
        if self.shared {
            let some = json!({ "properties": { "share": { "minimum": 1 } } });
            value.insert("contains".into(), some);
        }
    }
}

impl KindSchema for WordSet {
    fn apply(&self, value: &mut Object) {
        if self.min > 0 {
            value.insert("minItems".into(), self.min.into());
        }
        value.insert("uniqueItems".into(), true.into());
    }
}

impl KindSchema for NameReference {
    fn apply(&self, value: &mut Object) {
        refer(value, "name");
    }
}

impl KindSchema for NameReferences {
    fn apply(&self, value: &mut Object) {
        let mut item = Object::new();
        refer(&mut item, "name");
        value.insert("items".into(), item.into());
    }

    fn show(&self, value: &mut Object, hints: &FieldHints) {
        let item = value["items"].as_object_mut().expect("it was just made");
        item.insert("title".into(), hints.title.into());
        tell(item, hints);
    }
}

impl KindSchema for FixedNumber {
    fn apply(&self, value: &mut Object) {
        value.retain(|key, _| ["title", "description"].contains(&key.as_str()));
        value.insert("const".into(), self.0.into());
    }
}

impl KindSchema for WordChoice {
    fn apply(&self, value: &mut Object) {
        value.remove("type");
        let form = |(word, title)| json!({ "const": word, "title": title });
        let forms: Vec<Value> = (self.0)().into_iter().map(form).collect();
        value.insert("oneOf".into(), forms.into());
    }
}
