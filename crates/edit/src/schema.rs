//! The schema of a scene: the part of JSON Schema (draft 2020-12) that the published file uses.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Number, Value};

use super::json_path::{JsonPath, PathSegment};

/// One schema: what a value must be, and how the form shows it.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Schema {
    /// The label in the form.
    pub title: String,
    /// An explanation of one or two sentences.
    pub description: String,
    /// `object`, `array`, `string`, `integer`, `number`, `boolean` or `null`; empty is any.
    #[serde(rename = "type")]
    pub kind: String,
    /// `#/$defs/NAME`: the referenced schema applies too.
    #[serde(rename = "$ref")]
    reference: Option<String>,
    /// The fields of an object, in the order of the file.
    properties: Fields,
    /// The fields that must be there.
    pub required: Vec<String>,
    /// The other fields of an object: `false`, or the schema of their values.
    #[serde(rename = "additionalProperties")]
    pub others: AdditionalProperties,
    /// The schema of the entries of a list.
    pub items: Option<Box<Self>>,
    /// The alternatives, exactly one of which holds.
    #[serde(rename = "oneOf")]
    pub one_of: Vec<Self>,
    /// The alternatives, at least one of which holds.
    #[serde(rename = "anyOf")]
    pub any_of: Vec<Self>,
    /// The only allowed value; `None` if there are others.
    #[serde(rename = "const")]
    pub fixed: Option<Value>,
    /// The default of a missing value.
    #[serde(deserialize_with = "even_null")]
    pub default: Option<Value>,
    /// Examples, which a new value may start from.
    pub examples: Vec<Value>,
    /// The smallest number; `None` is no limit.
    pub minimum: Option<Number>,
    /// The largest number; `None` is no limit.
    pub maximum: Option<Number>,
    /// The exclusive lower limit; `None` is no limit.
    #[serde(rename = "exclusiveMinimum")]
    pub over: Option<Number>,
    /// The smallest number of characters: 1 if a text may not be blank.
    #[serde(rename = "minLength")]
    pub min_length: Option<usize>,
    /// The largest number of characters.
    #[serde(rename = "maxLength")]
    pub max_length: Option<usize>,
    /// The smallest number of entries.
    #[serde(rename = "minItems")]
    pub min_items: Option<usize>,
    /// The largest number of entries.
    #[serde(rename = "maxItems")]
    pub max_items: Option<usize>,
    /// The largest number of fields.
    #[serde(rename = "maxProperties")]
    pub max_fields: Option<usize>,
    /// Whether all entries must differ.
    #[serde(rename = "uniqueItems")]
    pub unique: bool,
    /// The format of a text: `ipv4` or `ipv6`; empty is any.
    pub format: String,
    /// The unit in which the form shows a number.
    #[serde(rename = "x-unit")]
    pub unit: String,
    /// How many units of the file are one unit of the form.
    #[serde(rename = "x-per")]
    pub per: Option<u32>,
    /// The list whose names the field takes: `clients`, `servers`, `pools` or `resolvers`.
    #[serde(rename = "x-names")]
    pub names: String,
    /// The label of the choice between several forms of a value.
    #[serde(rename = "x-select")]
    pub choice: String,
    #[serde(rename = "x-parts")]
    parts: Vec<SchemaPage>,
    #[serde(rename = "$defs")]
    defs: BTreeMap<String, Self>,
}

/// A page of the editor.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct SchemaPage {
    /// The name of the page.
    pub title: String,
    /// The paths of its fields.
    pub fields: Vec<String>,
}

/// The fields of an object in the order of the file.
#[derive(Clone, Debug, Default)]
struct Fields(Vec<(String, Schema)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Fields, M::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        from.deserialize_map(InOrder)
    }
}

/// The fields that an object may have besides its own.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(untagged)]
pub enum AdditionalProperties {
    /// Any other fields, or none.
    May(bool),
    /// Fields of any name with values of this schema.
    Of(Box<Schema>),
    /// The schema does not say.
    #[default]
    Unsaid,
}

fn even_null<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}

/// The whole schema, and its texts in the reader's language.
#[derive(Clone, Debug)]
pub struct SchemaDoc {
    root: Schema,
    /// The translations of the schema's texts; English where one is missing.
    words: BTreeMap<String, String>,
}

impl SchemaDoc {
    /// Parses the schema, and the texts of another language: an object of English texts and translations.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn read(schema: &str, words: Option<&str>) -> Result<Self, serde_json::Error> {
        Ok(Self {
            root: serde_json::from_str(schema)?,
            words: words
                .map(serde_json::from_str)
                .transpose()?
                .unwrap_or_default(),
        })
    }

    /// The schema of a whole scene.
    #[must_use]
    pub fn root(&self) -> &Schema {
        &self.root
    }

    /// The pages of the editor in order.
    #[must_use]
    pub fn parts(&self) -> &[SchemaPage] {
        &self.root.parts
    }

    /// A text of the schema in the reader's language.
    #[must_use]
    pub fn translate<'a>(&'a self, text: &'a str) -> &'a str {
        self.words.get(text).map_or(text, String::as_str)
    }

    /// The schema that a schema refers to, or itself.
    #[must_use]
    pub fn resolve<'a>(&'a self, schema: &'a Schema) -> &'a Schema {
        let name = schema.reference.as_deref();
        let name = name.and_then(|name| name.strip_prefix("#/$defs/"));
        match name.and_then(|name| self.root.defs.get(name)) {
            Some(def) => self.resolve(def),
            None => schema,
        }
    }

    /// The label of a schema: its own, or that of the schema it refers to.
    #[must_use]
    pub fn title<'a>(&'a self, schema: &'a Schema) -> &'a str {
        let own = &schema.title;
        self.translate(if own.is_empty() {
            &self.resolve(schema).title
        } else {
            own
        })
    }

    /// The explanation of a schema; may be empty.
    #[must_use]
    pub fn description<'a>(&'a self, schema: &'a Schema) -> &'a str {
        self.translate(&schema.description)
    }

    /// A property of a schema, or else of the schema it refers to.
    pub fn either<'a, T>(
        &'a self,
        schema: &'a Schema,
        what: impl Fn(&'a Schema) -> Option<T>,
    ) -> Option<T> {
        what(schema).or_else(|| what(self.resolve(schema)))
    }

    /// The fields of an object in the order of the file.
    #[must_use]
    pub fn fields<'a>(&'a self, schema: &'a Schema) -> &'a [(String, Schema)] {
        &self.resolve(schema).properties.0
    }

    /// The field with that name.
    #[must_use]
    pub fn field<'a>(&'a self, schema: &'a Schema, name: &str) -> Option<&'a Schema> {
        let mut fields = self.fields(schema).iter();
        fields.find(|(own, _)| own == name).map(|(_, field)| field)
    }

    /// The schema of a value that may also be missing (`null`); `None` if it may not.
    #[must_use]
    pub fn optional<'a>(&'a self, schema: &'a Schema) -> Option<&'a Schema> {
        match self.resolve(schema).any_of.as_slice() {
            [some, none] if none.kind == "null" => Some(some),
            _ => None,
        }
    }

    /// The schema at a place of dotted names (`balancer.retries`), without lists.
    #[must_use]
    pub fn at(&self, place: &str) -> Option<&Schema> {
        let mut names = place.split('.');
        names.try_fold(&self.root, |schema, name| {
            self.field(self.optional(schema).unwrap_or(schema), name)
        })
    }

    /// The reader's name of a fault's place: `Servers 3 · Weight`. Parts that the schema does not know stay as they
    /// are.
    #[must_use]
    pub fn name_of(&self, scene: &Value, place: &str) -> String {
        let mut names: Vec<String> = Vec::new();
        let (mut schema, mut value) = (Some(&self.root), Some(scene));
        for step in JsonPath::read(place).0 {
            schema = schema.map(|schema| self.in_form(schema, value));
            match step {
                PathSegment::Entry(number) => {
                    if let Some(list) = names.last_mut() {
                        *list = format!("{list} {}", number + 1);
                    }
                    schema = schema.and_then(|schema| self.resolve(schema).items.as_deref());
                    value = value.and_then(|value| value.get(number));
                }
                PathSegment::Field(name) => {
                    schema = schema.and_then(|schema| self.field(schema, &name));
                    value = value.and_then(|value| value.get(&name));
                    match schema.map(|schema| self.title(schema)) {
                        Some("") => {}
                        Some(title) => names.push(title.to_owned()),
                        None => names.push(name),
                    }
                }
            }
        }
        names.join(" · ")
    }

    /// The alternative that a value has, if there are several; the inner schema, if it may be missing.
    fn in_form<'a>(&'a self, schema: &'a Schema, value: Option<&Value>) -> &'a Schema {
        let schema = self.optional(schema).unwrap_or(schema);
        let form = value.and_then(|value| self.form_of(schema, value));
        form.map_or(schema, |form| &self.resolve(schema).one_of[form])
    }

    /// The index in `oneOf` of the alternative that a value has.
    #[must_use]
    pub fn form_of(&self, schema: &Schema, value: &Value) -> Option<usize> {
        let forms = &self.resolve(schema).one_of;
        forms.iter().position(|form| self.has_form(form, value))
    }

    /// Whether a value has the words that decide for an alternative; the rest of it may be wrong.
    fn has_form(&self, form: &Schema, value: &Value) -> bool {
        let form = self.resolve(form);
        if let Some(fixed) = &form.fixed {
            return fixed == value;
        }
        let Some(object) = value.as_object() else {
            return false;
        };
        let fixed: Vec<_> = self
            .fields(form)
            .iter()
            .filter_map(|(name, field)| Some((name, field.fixed.as_ref()?)))
            .collect();
        if fixed.is_empty() {
            return form.required.iter().all(|name| object.contains_key(name));
        }
        let mut fixed = fixed.into_iter();
        fixed.all(|(name, word)| object.get(name) == Some(word))
    }
}
