//! The control for an object of names and values, such as headers.

use leptos::ev;
use leptos::prelude::*;
use serde_json::{Map, Value};

use super::field::group;
use super::state::{EditorState, id_of};
use crate::edit::json_path::JsonPath;
use crate::edit::schema::Schema;
use crate::t;

/// The event of a text field.
type Typed = ev::Targeted<ev::Event, web_sys::HtmlInputElement>;

/// A name that the object does not have yet.
fn free(pairs: &Map<String, Value>) -> String {
    let names = (1..).map(|number| format!("x-{number}"));
    let free = names.into_iter().find(|name| !pairs.contains_key(name));
    free.unwrap_or_default()
}

/// A row for each name with its value, and a button that adds one.
pub fn pairs(state: EditorState, schema: &'static Schema, place: &JsonPath) -> AnyView {
    let value = state.value(place);
    let pairs = value.as_object().cloned().unwrap_or_default();
    let change = {
        let place = place.clone();
        move |focus: String, pairs: Map<String, Value>| {
            state.reshape(Some(focus), |draft| {
                draft.set(&place, Value::Object(pairs));
            });
        }
    };
    let adder = format!("{}-add", id_of(&place.to_string()));
    let add = {
        let (pairs, change, place) = (pairs.clone(), change.clone(), place.clone());
        move |_| {
            let mut pairs = pairs.clone();
            let name = free(&pairs);
            let focus = format!("{}-name", id_of(&place.field(&name).to_string()));
            pairs.insert(name, "".into());
            change(focus, pairs);
        }
    };
    let rows = pairs.iter().map(|(name, value)| {
        let at = place.field(name);
        let id = id_of(&at.to_string());
        let rename = {
            let (pairs, change, old, place) =
                (pairs.clone(), change.clone(), name.clone(), place.clone());
            move |event: Typed| {
                let new = event.target().value();
                let mut pairs = pairs.clone();
                // Another's name: both stay as they were.
                if !pairs.contains_key(&new)
                    && let Some(value) = pairs.remove(&old)
                {
                    pairs.insert(new.clone(), value);
                }
                let focus = id_of(&place.field(&new).to_string());
                change(focus, pairs);
            }
        };
        let remove = {
            let (pairs, change, old, adder) =
                (pairs.clone(), change.clone(), name.clone(), adder.clone());
            move |_| {
                let mut pairs = pairs.clone();
                pairs.remove(&old);
                change(adder.clone(), pairs);
            }
        };
        let wrong = {
            let at = at.to_string();
            move || state.wrong_at(&at)
        };
        let set = move |event: Typed| state.set(&at, Value::String(event.target().value()));
        let text = value.as_str().unwrap_or_default().to_owned();
        view! {
            <li class="edit-pair">
                <input
                    type="text"
                    id=format!("{id}-name")
                    aria-label=t!("edit.pair.name")
                    maxlength="200"
                    prop:value=name.clone()
                    on:input=move |_| state.types()
                    on:change:target=rename
                />
                <input
                    type="text"
                    id=id.clone()
                    aria-label=t!("edit.pair.value", name = name)
                    aria-describedby=format!("{id}-fault")
                    maxlength="200"
                    prop:value=text
                    on:input=move |_| state.types()
                    on:change:target=set
                />
                <button type="button" class="button" on:click=remove>
                    {t!("edit.remove")}
                    <span class="unseen">" " {name.clone()}</span>
                </button>
                <p class="edit-fault" id=format!("{id}-fault")>
                    {wrong}
                </p>
            </li>
        }
    });
    let body = view! {
        <ul class="edit-list">{rows.collect_view()}</ul>
        <button type="button" class="button" id=adder on:click=add>
            {t!("edit.add")}
            <span class="unseen">": " {state.schema_doc.title(schema)}</span>
        </button>
    };
    group(state, schema, place, body.into_any())
}
