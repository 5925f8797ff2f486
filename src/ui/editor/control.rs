//! The single controls of the editor: numbers in their unit, texts, lists of words, switches.

use leptos::ev;
use leptos::prelude::*;
use serde_json::Value;

use super::field::notes;
use super::state::{EditorState, id_of};
use crate::edit::check::{bounds, meant, per, shown};
use crate::edit::json_path::JsonPath;
use crate::edit::schema::Schema;

/// The event of a text field.
type Typed = ev::Targeted<ev::Event, web_sys::HtmlInputElement>;

/// The ids of the elements that describe a control.
fn described(id: &str) -> String {
    format!("{id}-unit {id}-about {id}-fault")
}

/// `true` while the value at the path has a fault (for `aria-invalid`).
fn invalid(
    state: EditorState,
    place: &JsonPath,
) -> impl Fn() -> Option<&'static str> + Send + use<> {
    let place = place.to_string();
    move || (!state.wrong_at(&place).is_empty()).then_some("true")
}

/// A number field, in the unit of the form.
pub fn number(
    state: EditorState,
    schema: &'static Schema,
    place: &JsonPath,
    name: Option<String>,
) -> AnyView {
    let schema_doc = state.schema_doc;
    let id = id_of(&place.to_string());
    let value = match state.value(place) {
        Value::Number(number) => shown(schema_doc, schema, &number),
        Value::String(typed) => typed,
        _ => String::new(),
    };
    let bounds = bounds(schema_doc, schema);
    let end = |end: Option<serde_json::Number>| end.map(|end| shown(schema_doc, schema, &end));
    let unit = schema_doc.either(schema, |schema| {
        Some(schema.unit.as_str()).filter(|it| !it.is_empty())
    });
    let whole = schema_doc.resolve(schema).kind == "integer" && per(schema_doc, schema) == 1;
    let take = {
        let place = place.clone();
        move |event: Typed| {
            let typed = event.target().value();
            let number = meant(schema_doc, schema, &typed);
            // What is no number stays as it is, and is refused where it stands.
            state.set(&place, number.map_or(Value::String(typed), Value::Number));
        }
    };
    view! {
        <span class="edit-control">
            <input
                type="number"
                inputmode="decimal"
                id=id.clone()
                aria-label=name
                min=end(bounds.least.or(bounds.over))
                max=end(bounds.most)
                step=if whole { "1" } else { "any" }
                prop:value=value
                aria-invalid=invalid(state, place)
                aria-describedby=described(&id)
                on:input=move |_| state.types()
                on:change:target=take
            />
            {unit
                .map(|unit| {
                    view! {
                        <span class="edit-unit" id=format!("{id}-unit")>
                            {schema_doc.translate(unit)}
                        </span>
                    }
                })}
        </span>
    }
    .into_any()
}

/// A text field. Where the text is a name of the scene, the browser proposes the known names.
pub fn text(
    state: EditorState,
    schema: &'static Schema,
    place: &JsonPath,
    name: Option<String>,
) -> AnyView {
    let schema_doc = state.schema_doc;
    let id = id_of(&place.to_string());
    let value = state.value(place).as_str().unwrap_or_default().to_owned();
    let most = schema_doc.either(schema, |schema| schema.max_length);
    let names = (!schema.names.is_empty()).then(|| format!("edit-names-{}", schema.names));
    let take = {
        let place = place.clone();
        move |event: Typed| state.set(&place, Value::String(event.target().value()))
    };
    view! {
        <span class="edit-control">
            <input
                type="text"
                id=id.clone()
                aria-label=name
                list=names
                maxlength=most.map(|most| most.to_string())
                autocomplete="off"
                spellcheck="false"
                prop:value=value
                aria-invalid=invalid(state, place)
                aria-describedby=described(&id)
                on:input=move |_| state.types()
                on:change:target=take
            />
        </span>
    }
    .into_any()
}

/// A list of words of which one is chosen.
pub fn select(
    state: EditorState,
    schema: &'static Schema,
    place: &JsonPath,
    name: Option<String>,
) -> AnyView {
    let schema_doc = state.schema_doc;
    let id = id_of(&place.to_string());
    let words = &schema_doc.resolve(schema).one_of;
    let now = schema_doc.form_of(schema, &state.value(place));
    let take = {
        let place = place.clone();
        move |event: ev::Targeted<ev::Event, web_sys::HtmlSelectElement>| {
            let chosen = usize::try_from(event.target().selected_index()).unwrap_or(0);
            let word = words.get(chosen).and_then(|word| word.fixed.clone());
            state.set(&place, word.unwrap_or_default());
        }
    };
    view! {
        <span class="edit-control">
            <select
                id=id.clone()
                aria-label=name
                aria-invalid=invalid(state, place)
                aria-describedby=described(&id)
                on:change:target=take
            >
                {words
                    .iter()
                    .enumerate()
                    .map(|(place, word)| {
                        view! { <option selected=now == Some(place)>{schema_doc.title(word)}</option> }
                    })
                    .collect_view()}
            </select>
        </span>
    }
    .into_any()
}

/// A switch for `true` and `false`.
pub fn switch(state: EditorState, schema: &'static Schema, place: &JsonPath) -> AnyView {
    let id = id_of(&place.to_string());
    let on = state.value(place) == true;
    let take = {
        let place = place.clone();
        move |event: Typed| state.set(&place, event.target().checked().into())
    };
    view! {
        <div class="edit-field edit-flip">
            <label class="switch">
                <input
                    type="checkbox"
                    id=id.clone()
                    prop:checked=on
                    aria-invalid=invalid(state, place)
                    aria-describedby=described(&id)
                    on:change:target=take
                />
                <span>{state.schema_doc.title(schema)}</span>
            </label>
            {notes(state, schema, place)}
        </div>
    }
    .into_any()
}
