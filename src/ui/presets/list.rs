//! The list of presets, loaded in the reader's language.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Book, Preset, Presets};
use crate::t;
use crate::ui::language::{Language, fetch};

/// Loads a file of presets in a language, or in English where the language has none; `None` if neither can be read.
/// `path` makes the address of the file from the language's tag.
pub async fn load(language: Language, path: impl Fn(&str) -> String) -> Option<Book> {
    let text = match fetch(&path(language.tag())).await {
        Some(text) => text,
        None => fetch(&path("en")).await?,
    };
    serde_json::from_str(&text).ok()
}

/// The presets to choose from.
#[component]
pub fn PresetList(
    presets: Presets,
    language: Language,
    /// The dialog of the list.
    dialog: NodeRef<html::Dialog>,
) -> impl IntoView {
    let entries = RwSignal::new(Vec::<Preset>::new());
    let failed = RwSignal::new(false);
    spawn_local(async move {
        let book = load(language, |tag| format!("presets/{tag}.json")).await;
        failed.set(book.is_none());
        let book = book.unwrap_or_default();
        presets.frame.set_value(book.frame);
        entries.set(book.presets);
    });
    let entries = move || {
        let entry = entries.get().into_iter().map(|preset| {
            let (title, watch) = (preset.words.title.clone(), preset.words.watch.clone());
            let choose = move |_| {
                if let Some(dialog) = dialog.get_untracked() {
                    dialog.close();
                }
                presets.preset.set_value(Some(preset.clone()));
                presets.begin(0);
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
