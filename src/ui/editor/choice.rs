//! A value with several alternatives (`oneOf`), some with fields of their own: the choice of the alternative, and its
//! fields.

use leptos::ev;
use leptos::prelude::*;

use super::field::{fields, group, notes};
use super::state::{EditorState, id_of};
use crate::edit::json_path::JsonPath;
use crate::edit::make::make;
use crate::edit::schema::Schema;

/// The list of alternatives, and the fields of the chosen one.
pub fn choice(state: EditorState, schema: &'static Schema, place: &JsonPath) -> AnyView {
    let schema_doc = state.schema_doc;
    let resolved = schema_doc.resolve(schema);
    let forms = &resolved.one_of;
    let now = schema_doc.form_of(schema, &state.value(place));
    // Where the choice has a name of its own, the value's title is the heading above it.
    let named = !resolved.choice.is_empty();
    let label = if named {
        schema_doc.translate(&resolved.choice)
    } else {
        schema_doc.title(schema)
    };
    let id = format!("{}-form", id_of(&place.to_string()));
    let take = {
        let (place, id) = (place.clone(), id.clone());
        move |event: ev::Targeted<ev::Event, web_sys::HtmlSelectElement>| {
            let chosen = usize::try_from(event.target().selected_index()).unwrap_or(0);
            let Some(form) = forms.get(chosen) else {
                return;
            };
            state.reshape(Some(id.clone()), |draft| {
                draft.set(&place, make(schema_doc, form));
            });
        }
    };
    let inside = now.map(|now| fields(state, &forms[now], place));
    let options = forms.iter().enumerate().map(|(place, form)| {
        view! { <option selected=now == Some(place)>{schema_doc.title(form)}</option> }
    });
    let body = view! {
        <div class="edit-field">
            <label for=id.clone()>{label}</label>
            <span class="edit-control">
                <select id=id on:change:target=take>
                    {options.collect_view()}
                </select>
            </span>
            {(!named).then(|| notes(state, schema, place))}
        </div>
        {inside}
    }
    .into_any();
    if named {
        group(state, schema, place, body)
    } else {
        body
    }
}
