//! Checks a scene by its schema. Each fault has its path, and a message in the reader's language.
//!
//! Faults that a schema cannot describe are left to [`evenkeel_sim::scenario::validate`].

use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::{Number, Value};

use super::json_path::JsonPath;
use super::schema::{AdditionalProperties, Schema, SchemaDoc};
use evenkeel_sim::scenario::validate::ValidationError;
use evenkeel_words::t;

/// All faults of a scene by its schema.
#[must_use]
pub fn check(book: &SchemaDoc, scene: &Value) -> Vec<ValidationError> {
    let mut checker = Checker {
        book,
        faults: Vec::new(),
    };
    checker.value(book.root(), &JsonPath::default(), scene);
    checker.faults
}

struct Checker<'a> {
    book: &'a SchemaDoc,
    faults: Vec<ValidationError>,
}

impl Checker<'_> {
    fn fault(&mut self, place: &JsonPath, reason: String) {
        let place = place.to_string();
        self.faults.push(ValidationError { place, reason });
    }

    fn value(&mut self, schema: &Schema, place: &JsonPath, value: &Value) {
        let book = self.book;
        if let Some(some) = book.optional(schema) {
            if !value.is_null() {
                self.value(some, place, value);
            }
            return;
        }
        let resolved = book.resolve(schema);
        if let Some(fixed) = &resolved.fixed {
            if fixed != value {
                self.fault(place, t!("edit.fault.fixed", value = fixed.to_string()));
            }
            return;
        }
        if !resolved.one_of.is_empty() {
            return self.choice(schema, place, value);
        }
        match (resolved.kind.as_str(), value) {
            ("object", Value::Object(_)) => self.object(resolved, place, value),
            ("array", Value::Array(entries)) => self.list(resolved, place, entries),
            ("string", Value::String(text)) => self.text(resolved, place, text),
            ("integer" | "number", Value::Number(number)) => self.number(schema, place, number),
            ("boolean", Value::Bool(_)) => {}
            (kind, _) => {
                let reason = match kind {
                    "object" => t!("edit.fault.object"),
                    "array" => t!("edit.fault.list"),
                    "string" => t!("edit.fault.text"),
                    "integer" => t!("edit.fault.whole"),
                    "number" => t!("edit.fault.number"),
                    _ => t!("edit.fault.switch"),
                };
                self.fault(place, reason);
            }
        }
    }

    fn choice(&mut self, schema: &Schema, place: &JsonPath, value: &Value) {
        let book = self.book;
        let forms = &book.resolve(schema).one_of;
        match book.form_of(schema, value) {
            Some(form) => self.value(&forms[form], place, value),
            None => {
                let words = forms.iter().map(|form| word(book, form));
                let words = words.collect::<Vec<_>>().join(", ");
                self.fault(place, t!("edit.fault.choice", words = words));
            }
        }
    }

    fn object(&mut self, schema: &Schema, place: &JsonPath, value: &Value) {
        let Some(object) = value.as_object() else {
            return;
        };
        let book = self.book;
        for name in &schema.required {
            if !object.contains_key(name) {
                self.fault(place, t!("edit.fault.missing", name = name));
            }
        }
        if schema.max_fields.is_some_and(|most| object.len() > most) {
            let most = schema.max_fields.unwrap_or(0);
            self.fault(place, t!("edit.fault.most", most = most));
        }
        for (name, value) in object {
            let at = place.field(name);
            match (book.field(schema, name), &schema.others) {
                (Some(field), _) => self.value(field, &at, value),
                (None, AdditionalProperties::Of(other)) => {
                    if name.trim().is_empty() {
                        self.fault(place, t!("edit.fault.blank_name"));
                    }
                    self.value(other, &at, value);
                }
                (None, _) => self.fault(&at, t!("edit.fault.unknown")),
            }
        }
    }

    fn list(&mut self, schema: &Schema, place: &JsonPath, entries: &[Value]) {
        if schema
            .min_items
            .is_some_and(|fewest| entries.len() < fewest)
        {
            let fewest = schema.min_items.unwrap_or(0);
            self.fault(place, t!("edit.fault.fewest", fewest = fewest));
        }
        if schema.max_items.is_some_and(|most| entries.len() > most) {
            let most = schema.max_items.unwrap_or(0);
            self.fault(place, t!("edit.fault.most", most = most));
        }
        let Some(items) = &schema.items else { return };
        for (number, entry) in entries.iter().enumerate() {
            let at = place.entry(number);
            if schema.unique && entries[..number].contains(entry) {
                self.fault(&at, t!("edit.fault.twice"));
            }
            self.value(items, &at, entry);
        }
    }

    fn text(&mut self, schema: &Schema, place: &JsonPath, text: &str) {
        if schema.min_length.is_some_and(|least| least > 0) && text.trim().is_empty() {
            self.fault(place, t!("edit.fault.empty"));
        }
        if schema
            .max_length
            .is_some_and(|most| text.chars().count() > most)
        {
            let most = schema.max_length.unwrap_or(0);
            self.fault(place, t!("edit.fault.long", most = most));
        }
        let formats = &schema.any_of;
        if !formats.is_empty() && !formats.iter().any(|format| fits(&format.format, text)) {
            self.fault(place, t!("edit.fault.address"));
        }
    }

    fn number(&mut self, schema: &Schema, place: &JsonPath, number: &Number) {
        let book = self.book;
        if book.resolve(schema).kind == "integer" && !number.is_u64() {
            return self.fault(place, t!("edit.fault.whole"));
        }
        let bounds = bounds(book, schema);
        if !bounds.hold(number) {
            let reason = bounds.reason(book, schema, number);
            self.fault(place, reason);
        }
    }
}

/// The word for an alternative in the file, or its distinguishing field.
fn word(book: &SchemaDoc, form: &Schema) -> String {
    let form = book.resolve(form);
    let fixed = book
        .fields(form)
        .iter()
        .find_map(|(_, field)| field.fixed.clone());
    match form.fixed.clone().or(fixed) {
        Some(Value::String(word)) => word,
        _ => form.required.join(", "),
    }
}

fn fits(format: &str, text: &str) -> bool {
    match format {
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        _ => true,
    }
}

/// The range of a number.
#[derive(Clone, Debug, Default)]
pub struct Bounds {
    /// The smallest value; `None` is no limit.
    pub least: Option<Number>,
    /// The exclusive lower limit; `None` is no limit.
    pub over: Option<Number>,
    /// The largest value; `None` is no limit.
    pub most: Option<Number>,
}

/// The range that a schema allows.
#[must_use]
pub fn bounds(book: &SchemaDoc, schema: &Schema) -> Bounds {
    Bounds {
        least: book.either(schema, |schema| schema.minimum.clone()),
        over: book.either(schema, |schema| schema.over.clone()),
        most: book.either(schema, |schema| schema.maximum.clone()),
    }
}

/// Whether `a` is at most `b`; exact where both are whole.
fn at_most(a: &Number, b: &Number) -> bool {
    match (a.as_u64(), b.as_u64()) {
        (Some(a), Some(b)) => a <= b,
        _ => a.as_f64() <= b.as_f64(),
    }
}

impl Bounds {
    fn hold(&self, number: &Number) -> bool {
        self.least
            .as_ref()
            .is_none_or(|least| at_most(least, number))
            && self.most.as_ref().is_none_or(|most| at_most(number, most))
            && self.over.as_ref().is_none_or(|over| !at_most(number, over))
    }

    /// Why a number is outside the range, in the unit of the form.
    fn reason(&self, book: &SchemaDoc, schema: &Schema, number: &Number) -> String {
        let shown = |number: &Number| shown(book, schema, number);
        let most = self.most.as_ref().map_or_else(String::new, shown);
        let value = shown(number);
        match (&self.least, &self.over) {
            (_, Some(over)) => t!(
                "edit.fault.over",
                value = value,
                over = shown(over),
                most = most
            ),
            (least, _) => {
                let least = least.as_ref().map_or_else(String::new, shown);
                t!(
                    "edit.fault.range",
                    value = value,
                    least = least,
                    most = most
                )
            }
        }
    }
}

/// The number of units of the file in one unit of the form.
#[must_use]
pub fn per(book: &SchemaDoc, schema: &Schema) -> u32 {
    book.either(schema, |schema| schema.per).unwrap_or(1)
}

/// A number of the file as the form shows it: in the form's unit, without the unit's name.
#[must_use]
pub fn shown(book: &SchemaDoc, schema: &Schema, number: &Number) -> String {
    match (per(book, schema), number.as_f64()) {
        (1, _) | (_, None) => number.to_string(),
        (per, Some(number)) => (number / f64::from(per)).to_string(),
    }
}

/// The number of the file for a text of the form; `None` if the text is no number.
#[must_use]
pub fn meant(book: &SchemaDoc, schema: &Schema, text: &str) -> Option<Number> {
    let text = text.trim();
    if book.resolve(schema).kind != "integer" {
        return Number::from_f64(text.parse().ok()?);
    }
    let per = per(book, schema);
    if per == 1
        && let Ok(exact) = text.parse::<u64>()
    {
        return Some(exact.into());
    }
    let mut number = text.parse::<f64>().ok()? * f64::from(per);
    if per > 1 {
        number = number.round();
    }
    // What is not whole, or below 0, is kept so that it can be refused.
    if number.fract() == 0.0 && (0.0..9e15).contains(&number) {
        Some(Number::from(number as u64))
    } else {
        Number::from_f64(number)
    }
}
