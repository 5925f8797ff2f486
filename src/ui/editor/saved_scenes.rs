//! The page of the editor with scene files, the scenes saved in this browser, and the draft as text.

use leptos::prelude::*;

use super::saved_scene_list::SavedSceneSection;
use super::source::Source;
use super::state::EditorState;
use crate::t;
use crate::ui::share::file::{OpenField, SCHEMA, read, save_scene};

/// The page of files and saved scenes.
#[component]
pub fn SavedScenesPage(state: EditorState) -> impl IntoView {
    view! {
        <h3>{t!("edit.files")}</h3>
        <p class="edit-hint">{t!("edit.begin_about")}</p>
        <button type="button" class="button" on:click=move |_| state.take_running()>
            {t!("edit.begin")}
        </button>
        <Files state />
        <SavedSceneSection state />
        <Source state />
    }
}

#[component]
fn Files(state: EditorState) -> impl IntoView {
    let wrong = RwSignal::new(None::<String>);
    let save = move |_| match state.scene() {
        Some(scene) => {
            save_scene(&scene);
            wrong.set(None);
        }
        None => wrong.set(Some(t!("edit.file.faulty"))),
    };
    let open = move |file: web_sys::File| {
        leptos::task::spawn_local(async move {
            match read(&file).await {
                Ok(run) => {
                    state.take(serde_json::to_value(run.scenario).unwrap_or_default());
                    state.said.set(t!("edit.file.opened"));
                }
                Err(reason) => wrong.set(Some(reason)),
            }
        });
    };
    view! {
        <section class="edit-files">
            <h4>{t!("edit.file.title")}</h4>
            <div class="edit-tools">
                <button type="button" class="button" on:click=save>
                    {t!("edit.file.save")}
                </button>
                <OpenField label=t!("edit.file.open") open />
            </div>
            <p class="edit-hint">
                {t!("edit.file.note")} " "
                <a href=SCHEMA target="_blank" rel="noopener">
                    {t!("edit.file.schema")}
                </a>
            </p>
            <p class="edit-fault" role="alert">
                {wrong}
            </p>
        </section>
    }
}
