//! The scenes that are saved under names in this browser: the list, and the field that saves the draft.

use leptos::prelude::*;
use serde_json::Value;

use super::saved_scene_row::{question, row};
use super::state::{EditorState, focus_on};
use crate::edit::saved_scenes::{MOST_NAME, SavedScenes, tidy_name};
use crate::t;
use crate::ui::storage;

/// The storage key.
const KEY: &str = "scenes";

/// A question to the reader about a saved scene, with its name.
#[derive(Clone, Debug, PartialEq)]
pub enum SavedSceneQuestion {
    /// Whether the scene of this name may be replaced.
    Replace(String),
    /// Whether the scene may be deleted.
    Forget(String),
    /// The new name of the scene.
    Rename(String),
}

/// The saved scenes, the open question, and the last message.
#[derive(Clone, Copy)]
pub struct SavedSceneList {
    /// The scenes that the reader saved.
    pub kept: RwSignal<SavedScenes>,
    /// The question that is open.
    pub ask: RwSignal<Option<SavedSceneQuestion>>,
    /// The message of the last change.
    pub said: RwSignal<String>,
}

impl SavedSceneList {
    fn open() -> Self {
        let kept = storage::get(KEY).map(|text| SavedScenes::read(&text));
        Self {
            kept: RwSignal::new(kept.unwrap_or_default()),
            ask: RwSignal::new(None),
            said: RwSignal::new(String::new()),
        }
    }

    /// Changes the saved scenes. The message is `said`, or that the browser could not store them.
    pub fn change(self, said: String, act: impl FnOnce(&mut SavedScenes)) {
        // Another tab may have kept something since.
        let mut kept = storage::get(KEY)
            .map(|text| SavedScenes::read(&text))
            .unwrap_or_default();
        act(&mut kept);
        self.ask.set(None);
        if storage::set(KEY, &kept.write()).is_some() {
            self.kept.set(kept);
            self.said.set(said);
        } else {
            self.said.set(t!("edit.kept.full"));
        }
    }

    /// Saves a scene under a name.
    pub fn keep(self, name: &str, scene: Value) {
        self.change(t!("edit.kept.done", name = name), |kept| {
            kept.put(name, scene);
        });
    }
}

/// The section of saved scenes; a message if the browser stores nothing.
#[component]
pub fn SavedSceneSection(state: EditorState) -> impl IntoView {
    if !storage::is_there() {
        return view! {
            <section class="edit-kept">
                <h4>{t!("edit.kept.title")}</h4>
                <p>{t!("edit.kept.barred")}</p>
            </section>
        }
        .into_any();
    }
    let saved = SavedSceneList::open();
    let name = RwSignal::new(state.draft.with_untracked(|draft| {
        draft.scene()["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }));
    let scene = move || state.draft.with_untracked(|draft| draft.scene().clone());
    let keep = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(name) = tidy_name(&name.get_untracked()) else {
            return saved.said.set(t!("edit.kept.nameless"));
        };
        if saved.kept.with_untracked(|kept| kept.get(&name).is_some()) {
            saved.ask.set(Some(SavedSceneQuestion::Replace(name)));
            request_animation_frame(|| {
                focus_on("edit-kept-yes");
            });
        } else {
            saved.keep(&name, scene());
        }
    };
    let rows = move || {
        let names = saved
            .kept
            .with(|kept| kept.names().map(str::to_owned).collect::<Vec<_>>());
        let rows = names.into_iter().map(|name| row(state, saved, &name));
        rows.collect_view()
    };
    let none = move || saved.kept.with(|kept| kept.names().next().is_none());
    let replace = move || match saved.ask.get() {
        Some(SavedSceneQuestion::Replace(name)) => Some(question(
            saved,
            t!("edit.kept.replace", name = &name),
            t!("edit.kept.replace_yes"),
            move || saved.keep(&name, scene()),
        )),
        _ => None,
    };
    view! {
        <section class="edit-kept">
            <h4>{t!("edit.kept.title")}</h4>
            <form class="edit-tools" on:submit=keep>
                <label>
                    {t!("edit.kept.name")} " "
                    <NameInput name id="edit-kept-name" />
                </label>
                <button type="submit" class="button">
                    {t!("edit.kept.keep")}
                </button>
            </form>
            {replace}
            <p role="status">{saved.said}</p>
            {move || none().then(|| view! { <p class="edit-hint">{t!("edit.kept.none")}</p> })}
            <ul class="edit-list">{rows}</ul>
        </section>
    }
    .into_any()
}

/// A field for a scene's name.
#[component]
pub fn NameInput(name: RwSignal<String>, id: &'static str) -> impl IntoView {
    view! {
        <input
            type="text"
            id=id
            maxlength=MOST_NAME.to_string()
            autocomplete="off"
            prop:value=name
            on:input:target=move |event| name.set(event.target().value())
        />
    }
}
