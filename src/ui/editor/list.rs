//! Lists in the editor: of objects that unfold, of names, and of words that are in or out.

use leptos::ev;
use leptos::prelude::*;
use serde_json::Value;
use web_sys::HtmlDetailsElement;

use super::field::{field, fields, group};
use super::state::{EditorState, id_of, parent};
use crate::edit::json_path::{JsonPath, PathSegment};
use crate::edit::make::make;
use crate::edit::scene_draft::free_name;
use crate::edit::schema::Schema;
use crate::t;

/// The control for a list value.
pub fn list(state: EditorState, schema: &'static Schema, place: &JsonPath) -> AnyView {
    let schema_doc = state.schema_doc;
    let resolved = schema_doc.resolve(schema);
    let Some(items) = resolved.items.as_deref() else {
        return ().into_any();
    };
    let body = if resolved.unique {
        words(state, items, place)
    } else {
        entries(state, resolved, items, place)
    };
    group(state, schema, place, body)
}

/// A checkbox for each word. The checked words are in the list, in the order of the schema.
fn words(state: EditorState, items: &'static Schema, place: &JsonPath) -> AnyView {
    let schema_doc = state.schema_doc;
    let words = &schema_doc.resolve(items).one_of;
    let boxes = words.iter().map(|word| {
        let value = word.fixed.clone().unwrap_or_default();
        let there = state
            .value(place)
            .as_array()
            .is_some_and(|list| list.contains(&value));
        let place = place.clone();
        let take = move |event: ev::Targeted<ev::Event, web_sys::HtmlInputElement>| {
            let on = event.target().checked();
            let old = state.value(&place);
            let old = old.as_array().cloned().unwrap_or_default();
            let kept = words.iter().filter_map(|word| word.fixed.clone());
            let kept = kept.filter(|word| {
                if *word == value {
                    on
                } else {
                    old.contains(word)
                }
            });
            state.set(&place, kept.collect());
        };
        view! {
            <label class="edit-word">
                <input type="checkbox" prop:checked=there on:change:target=take />
                {schema_doc.title(word)}
            </label>
        }
    });
    boxes.collect_view().into_any()
}

/// The label of an entry.
fn call(state: EditorState, items: &'static Schema, value: &Value) -> String {
    let schema_doc = state.schema_doc;
    let text = |name: &str| value[name].as_str().filter(|text| !text.trim().is_empty());
    if let Some(name) = text("name").or(text("client")).or(text("pool")) {
        return name.to_owned();
    }
    let form = |name: &str| {
        let schema = schema_doc.field(items, name)?;
        let form = schema_doc.form_of(schema, &value[name])?;
        Some(schema_doc.title(&schema_doc.resolve(schema).one_of[form]))
    };
    let words = [form("kind"), form("then"), text("path")];
    let words: Vec<&str> = words.into_iter().flatten().collect();
    if words.is_empty() {
        value.as_str().unwrap_or_default().to_owned()
    } else {
        words.join(" ")
    }
}

fn entries(
    state: EditorState,
    resolved: &'static Schema,
    items: &'static Schema,
    place: &JsonPath,
) -> AnyView {
    let schema_doc = state.schema_doc;
    let value = state.value(place);
    let count = value.as_array().map_or(0, Vec::len);
    let fixed = resolved.min_items.is_some() && resolved.min_items == resolved.max_items;
    let full = resolved.max_items.is_some_and(|most| count >= most);
    let few = resolved.min_items.is_some_and(|fewest| count <= fewest);
    let what = within(schema_doc.title(items));
    let add = {
        let place = place.clone();
        move |_| {
            let at = place.entry(count);
            state.keep_open(&at, true);
            state.reshape(Some(id_of(&at.to_string())), |draft| {
                draft.list(&place, |list| {
                    let entry = named(list, make(schema_doc, items));
                    list.push(entry);
                });
            });
        }
    };
    let open = schema_doc.resolve(items).kind == "object";
    let rows = (0..count).map(|number| {
        let at = place.entry(number);
        let tools = Tools {
            fixed,
            full,
            few,
            count,
            number,
        };
        if open {
            part(state, items, at, tools)
        } else {
            name(state, items, &at, tools)
        }
    });
    view! {
        <ol class="edit-list">{rows.collect_view()}</ol>
        {(!fixed)
            .then(|| {
                view! {
                    <button
                        type="button"
                        class="button"
                        id=format!("{}-add", id_of(&place.to_string()))
                        disabled=full
                        on:click=add
                    >
                        {t!("edit.add_one", what = what)}
                    </button>
                }
            })}
    }
    .into_any()
}

/// A title for use within a sentence: with a small first letter, unless it is an abbreviation.
fn within(title: &str) -> String {
    let mut letters = title.chars();
    let first = letters.next();
    let rest = letters.as_str();
    match first {
        Some(first) if rest.starts_with(char::is_lowercase) => {
            first.to_lowercase().collect::<String>() + rest
        }
        _ => title.to_owned(),
    }
}

/// The entry, renamed so that no other entry of the list has its name; unchanged if it has no name.
fn named(list: &[Value], mut entry: Value) -> Value {
    if let Some(name) = entry["name"].as_str() {
        let name = free_name(list, name);
        entry["name"] = name.into();
    }
    entry
}

/// The tools of one entry: move, duplicate, remove.
#[derive(Clone, Copy)]
struct Tools {
    fixed: bool,
    full: bool,
    few: bool,
    count: usize,
    number: usize,
}

/// The control of an entry that is a name.
fn name(state: EditorState, items: &'static Schema, at: &JsonPath, tools: Tools) -> AnyView {
    let called = call(state, items, &state.value(at));
    view! {
        <li class="edit-name">
            {field(state, items, at)}
            {(!tools.fixed).then(|| remover(state, at, tools, called))}
        </li>
    }
    .into_any()
}

/// An entry that is an object: folded until the reader opens it.
fn part(state: EditorState, items: &'static Schema, at: JsonPath, tools: Tools) -> AnyView {
    let open = RwSignal::new(state.is_open(&at));
    let called = {
        let at = at.clone();
        Memo::new(move |_| {
            let value =
                |draft: &crate::edit::scene_draft::SceneDraft| at.get(draft.scene()).cloned();
            let value = state.draft.with(value).unwrap_or_default();
            call(state, items, &value)
        })
    };
    let toggle = {
        let at = at.clone();
        move |event: ev::Targeted<ev::Event, HtmlDetailsElement>| {
            open.set(event.target().open());
            state.keep_open(&at, event.target().open());
        }
    };
    let wrong = {
        let at = at.clone();
        move || state.is_wrong_below(&at).then(|| t!("edit.wrong_here"))
    };
    let own = {
        let at = at.to_string();
        move || state.wrong_at(&at)
    };
    let summary = id_of(&at.to_string());
    let inside = move || {
        open.get().then(|| {
            view! {
                {(!tools.fixed).then(|| toolbar(state, &at, tools, called.get_untracked()))}
                {fields(state, items, &at)}
            }
        })
    };
    view! {
        <li>
            <details class="edit-entry" prop:open=open.get_untracked() on:toggle:target=toggle>
                <summary id=summary>
                    <span class="edit-number">{tools.number + 1}</span>
                    <b>{called}</b>
                    <span class="edit-mark">{wrong}</span>
                </summary>
                <p class="edit-fault">{own}</p>
                {inside}
            </details>
        </li>
    }
    .into_any()
}

/// The buttons of an entry: move up, move down, duplicate, remove.
fn toolbar(state: EditorState, at: &JsonPath, tools: Tools, called: String) -> AnyView {
    let list = parent(at);
    let number = tools.number;
    let shift = |to: Option<usize>, text: String| {
        let (list, called) = (list.clone(), called.clone());
        let go = move |_| {
            let Some(to) = to else { return };
            let (from, there) = (list.entry(number), list.entry(to));
            let (was, is) = (state.is_open(&from), state.is_open(&there));
            state.keep_open(&from, is);
            state.keep_open(&there, was);
            state.reshape(Some(id_of(&there.to_string())), |draft| {
                draft.list(&list, |entries| entries.swap(number, to));
            });
        };
        view! {
            <button type="button" class="button" disabled=to.is_none() on:click=go>
                {text}
                <span class="unseen">": " {called}</span>
            </button>
        }
    };
    let up = shift(number.checked_sub(1), t!("edit.up"));
    let down = shift(
        Some(number + 1).filter(|to| *to < tools.count),
        t!("edit.down"),
    );
    let copy = {
        let list = list.clone();
        move |_| {
            let there = list.entry(number + 1);
            state.reshape(Some(id_of(&there.to_string())), |draft| {
                draft.list(&list, |entries| {
                    let entry = named(entries, entries[number].clone());
                    entries.insert(number + 1, entry);
                });
            });
        }
    };
    view! {
        <div class="edit-tools">
            {up} {down}
            <button type="button" class="button" disabled=tools.full on:click=copy>
                {t!("edit.duplicate")}
                <span class="unseen">": " {called.clone()}</span>
            </button> {remover(state, at, tools, called)}
        </div>
    }
    .into_any()
}

fn remover(state: EditorState, at: &JsonPath, tools: Tools, called: String) -> AnyView {
    let list = parent(at);
    let Some(PathSegment::Entry(number)) = at.0.last().cloned() else {
        return ().into_any();
    };
    let remove = move |_| {
        let adder = format!("{}-add", id_of(&list.to_string()));
        state.keep_open(&list.entry(number), false);
        state.reshape(Some(adder), |draft| {
            draft.list(&list, |entries| {
                entries.remove(number);
            });
        });
    };
    view! {
        <button type="button" class="button" disabled=tools.few on:click=remove>
            {t!("edit.remove")}
            <span class="unseen">": " {called}</span>
        </button>
    }
    .into_any()
}
