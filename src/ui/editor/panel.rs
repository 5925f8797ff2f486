//! The content of the editor's dialog: pages, faults, undo, and the button that applies the draft.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use super::field::field;
use super::footer::Footer;
use super::names::names;
use super::saved_scenes::SavedScenesPage;
use super::schema_store;
use super::state::{EditorState, PAGE};
use crate::edit::json_path::JsonPath;
use crate::edit::schema::SchemaDoc;
use crate::t;
use crate::ui::session::Session;

/// The editor once schema and style sheet have loaded; a message if they could not be loaded.
#[component]
pub fn Editor(session: Session, dialog: NodeRef<html::Dialog>) -> impl IntoView {
    let loaded = RwSignal::new(None::<Option<&'static SchemaDoc>>);
    spawn_local(async move {
        // Closed again before it was there: then there is nothing to set.
        let _ = loaded.try_set(Some(schema_store::schema_doc().await));
    });
    move || match loaded.get() {
        None => ().into_any(),
        Some(None) => view! { <p role="alert">{t!("edit.not_loaded")}</p> }.into_any(),
        Some(Some(schema_doc)) => {
            let state = EditorState::new(schema_doc, session, dialog);
            view! { <EditorPanel state /> }.into_any()
        }
    }
}

/// The pages and the footer.
#[component]
fn EditorPanel(state: EditorState) -> impl IntoView {
    let explained = RwSignal::new(true);
    view! {
        <p class="edit-hint">{t!("edit.about")}</p>
        <div class="edit-keys" on:keydown=move |event| keys(state, &event)>
            <div class="edit-body" class:plain=move || !explained.get()>
                <Parts state />
                {names(state)}
                <div class="edit-page" id=PAGE tabindex="-1">
                    {move || page(state, explained)}
                </div>
            </div>
            <Footer state />
        </div>
    }
}

/// Ctrl+Z undoes, Ctrl+Shift+Z and Ctrl+Y redo. While the reader types in a field, the browser's own undo of the field
/// applies.
fn keys(state: EditorState, event: &ev::KeyboardEvent) {
    let ctrl = event.ctrl_key() || event.meta_key();
    let in_text = event
        .target()
        .is_some_and(|target| target.has_type::<web_sys::HtmlTextAreaElement>());
    if !ctrl || event.alt_key() || state.is_typing() || in_text {
        return;
    }
    let back = match event.key().to_ascii_lowercase().as_str() {
        "z" => !event.shift_key(),
        "y" => false,
        _ => return,
    };
    event.prevent_default();
    state.step(back);
}

/// The list of pages; a select where there is little room.
#[component]
fn Parts(state: EditorState) -> impl IntoView {
    let titles = || {
        let parts = state.schema_doc.parts().iter();
        let parts = parts.map(|part| state.schema_doc.translate(&part.title).to_owned());
        parts.chain([t!("edit.files")]).enumerate()
    };
    let buttons = titles().map(|(place, title)| {
        let current = move || (state.part.get() == place).then_some("page");
        let wrong = move || match state.wrong_on(place) {
            0 => None,
            count => Some(view! {
                <span class="edit-mark">{t!("edit.wrong_count", count = count)}</span>
            }),
        };
        view! {
            <li>
                <button
                    type="button"
                    aria-current=current
                    on:click=move |_| state.part.set(place)
                >
                    {title}
                    {wrong}
                </button>
            </li>
        }
    });
    let options = titles().map(|(place, title)| {
        view! { <option prop:selected=move || state.part.get() == place>{title}</option> }
    });
    let choose = move |event: ev::Targeted<ev::Event, web_sys::HtmlSelectElement>| {
        state
            .part
            .set(usize::try_from(event.target().selected_index()).unwrap_or(0));
    };
    view! {
        <nav class="edit-parts" aria-label=t!("edit.parts")>
            <ul>{buttons.collect_view()}</ul>
        </nav>
        <label class="edit-choose">
            <span>{t!("edit.parts")}</span>
            <select on:change:target=choose>{options.collect_view()}</select>
        </label>
    }
}

/// The chosen page.
fn page(state: EditorState, explained: RwSignal<bool>) -> AnyView {
    state.shape.track();
    let schema_doc = state.schema_doc;
    let Some(part) = schema_doc.parts().get(state.part.get()) else {
        return view! { <SavedScenesPage state /> }.into_any();
    };
    let schemas = part
        .fields
        .iter()
        .filter_map(|place| Some((place, schema_doc.at(place)?)));
    // One group needs no heading besides the page's.
    let alone = part.fields.len() == 1
        && schemas
            .clone()
            .all(|(_, it)| schema_doc.optional(it).is_none());
    let fields = schemas.map(|(place, schema)| field(state, schema, &JsonPath::of(place)));
    view! {
        <div class="edit-top">
            <h3>{schema_doc.translate(&part.title)}</h3>
            <label class="switch">
                <input
                    type="checkbox"
                    prop:checked=explained.get_untracked()
                    on:change:target=move |event| explained.set(event.target().checked())
                />
                <span>{t!("edit.explain")}</span>
            </label>
        </div>
        <div class:edit-alone=alone>{fields.collect_view()}</div>
    }
    .into_any()
}
