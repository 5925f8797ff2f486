//! One value of a scene as a control, or as a group of controls. The schema decides which.

use leptos::prelude::*;
use serde_json::Value;

use super::choice::choice;
use super::control::{number, select, switch, text};
use super::list::list;
use super::pairs::pairs;
use super::state::{EditorState, id_of};
use crate::edit::json_path::JsonPath;
use crate::edit::make::begin;
use crate::edit::schema::{AdditionalProperties, Schema};
use crate::t;

/// The control for the value at a path.
pub fn field(state: EditorState, schema: &'static Schema, place: &JsonPath) -> AnyView {
    let schema_doc = state.schema_doc;
    if let Some(some) = schema_doc.optional(schema) {
        return optional(state, schema, some, place);
    }
    let resolved = schema_doc.resolve(schema);
    if resolved.fixed.is_some() {
        return ().into_any();
    }
    let single = is_single(state, schema);
    match resolved.kind.as_str() {
        "boolean" => switch(state, schema, place),
        _ if single => row(state, schema, place, bare(state, schema, place, None)),
        "array" => list(state, schema, place),
        "object" if matches!(resolved.others, AdditionalProperties::Of(_)) => {
            pairs(state, schema, place)
        }
        "object" => group(state, schema, place, fields(state, schema, place)),
        _ => choice(state, schema, place),
    }
}

/// Whether the value needs one control only.
fn is_single(state: EditorState, schema: &'static Schema) -> bool {
    let resolved = state.schema_doc.resolve(schema);
    let words = &resolved.one_of;
    match resolved.kind.as_str() {
        "integer" | "number" | "string" => true,
        "" => !words.is_empty() && words.iter().all(|word| word.fixed.is_some()),
        _ => false,
    }
}

/// The control without a label; `name` names it for assistive technology.
fn bare(
    state: EditorState,
    schema: &'static Schema,
    place: &JsonPath,
    name: Option<String>,
) -> AnyView {
    match state.schema_doc.resolve(schema).kind.as_str() {
        "integer" | "number" => number(state, schema, place, name),
        "string" => text(state, schema, place, name),
        _ => select(state, schema, place, name),
    }
}

/// The controls of all fields of an object.
pub fn fields(state: EditorState, schema: &'static Schema, place: &JsonPath) -> AnyView {
    let fields = state.schema_doc.fields(schema).iter();
    fields
        .map(|(name, schema)| field(state, schema, &place.field(name)))
        .collect_view()
        .into_any()
}

/// A row: label, control, description and fault.
pub fn row(
    state: EditorState,
    schema: &'static Schema,
    place: &JsonPath,
    control: AnyView,
) -> AnyView {
    view! {
        <div class="edit-field">
            <label for=id_of(&place.to_string())>{state.schema_doc.title(schema)}</label>
            {control}
            {notes(state, schema, place)}
        </div>
    }
    .into_any()
}

/// A group of controls under a heading.
pub fn group(
    state: EditorState,
    schema: &'static Schema,
    place: &JsonPath,
    inside: AnyView,
) -> AnyView {
    view! {
        <fieldset class="edit-group">
            <legend id=id_of(&place.to_string()) tabindex="-1">
                {state.schema_doc.title(schema)}
            </legend>
            {notes(state, schema, place)}
            {inside}
        </fieldset>
    }
    .into_any()
}

/// The description of a value, and its fault.
pub fn notes(state: EditorState, schema: &'static Schema, place: &JsonPath) -> AnyView {
    let place = place.to_string();
    let id = id_of(&place);
    let about = state.schema_doc.description(schema);
    let wrong = move || state.wrong_at(&place);
    view! {
        {(!about.is_empty())
            .then(|| {
                view! {
                    <p class="edit-about" id=format!("{id}-about")>
                        {about}
                    </p>
                }
            })}
        <p class="edit-fault" id=format!("{id}-fault")>
            {wrong}
        </p>
    }
    .into_any()
}

/// A value that may be missing: a switch, and the controls of the value while it is there.
fn optional(
    state: EditorState,
    schema: &'static Schema,
    some: &'static Schema,
    place: &JsonPath,
) -> AnyView {
    let on = !state.value(place).is_null();
    let id = format!("{}-on", id_of(&place.to_string()));
    let title = state.schema_doc.title(schema);
    let flip = {
        let (place, id) = (place.clone(), id.clone());
        move |_| {
            let value = if on {
                Value::Null
            } else {
                begin(state.schema_doc, schema)
            };
            state.reshape(Some(id.clone()), |draft| {
                draft.set(&place, value);
            });
        }
    };
    let described = format!("{}-about", id_of(&place.to_string()));
    let switch = view! {
        <label class="switch">
            <input
                type="checkbox"
                id=id
                prop:checked=on
                aria-describedby=described
                on:change=flip
            />
            <span>{title}</span>
        </label>
    };
    if is_single(state, some) {
        let control = if on {
            bare(state, some, place, Some(title.to_owned()))
        } else {
            view! { <span class="edit-off">{t!("edit.off")}</span> }.into_any()
        };
        return view! {
            <div class="edit-field">{switch} {control} {notes(state, schema, place)}</div>
        }
        .into_any();
    }
    let gone = !on;
    let inside = on.then(|| match state.schema_doc.resolve(some).kind.as_str() {
        "object" => fields(state, some, place),
        _ => field(state, some, place),
    });
    view! {
        <fieldset class="edit-group" class:edit-gone=gone>
            <legend id=id_of(&place.to_string()) tabindex="-1">
                {switch}
            </legend>
            {notes(state, schema, place)}
            {inside}
        </fieldset>
    }
    .into_any()
}
