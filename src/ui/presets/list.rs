//! The list of presets, loaded in the reader's language.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Book, Preset, Presets};
use crate::t;
use crate::ui::language::{Language, fetch};

/// Where the presets are listed.
#[derive(Clone, Copy)]
pub struct Listed {
    /// The language of the list.
    pub language: Language,
    /// The dialog of the list.
    pub dialog: NodeRef<html::Dialog>,
}

/// The presets to choose from.
#[component]
pub fn PresetList(presets: Presets, list: Listed) -> impl IntoView {
    let Listed { language, dialog } = list;
    let entries = RwSignal::new(Vec::<(String, String)>::new());
    let failed = RwSignal::new(false);
    spawn_local(async move {
        let read = async {
            let path = format!("presets/{}.json", language.tag());
            let text = match fetch(&path).await {
                Some(text) => text,
                // A language may not have them yet.
                None => fetch("presets/en.json").await?,
            };
            serde_json::from_str::<Book>(&text).ok()
        };
        let book = read.await;
        failed.set(book.is_none());
        let book = book.unwrap_or_default();
        let entry = |preset: &Preset| (preset.words.title.clone(), preset.words.watch.clone());
        entries.set(book.presets.iter().map(entry).collect());
        presets.book.set_value(book);
    });
    let entries = move || {
        let entries = entries.get().into_iter().enumerate();
        let entry = entries.map(|(place, (title, watch))| {
            let choose = move |_| {
                if let Some(dialog) = dialog.get_untracked() {
                    dialog.close();
                }
                presets.begin(place, 0);
            };
            view! {
                <li>
                    <button type="button" on:click=choose>
                        <strong>{title}</strong>
                        <span>{watch}</span>
                    </button>
                </li>
            }
        });
        entry.collect_view()
    };
    view! {
        <p class="hint">{t!("presets.about")}</p>
        <p role="alert">{move || failed.get().then(|| t!("presets.missing"))}</p>
        <ul>{entries}</ul>
    }
}
