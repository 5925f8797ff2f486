//! Configuration text from outside: pasted, dropped, or read from a chosen file. A text that is too long is refused
//! before it gets into the field.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ClipboardEvent, DragEvent, File, HtmlInputElement};

use crate::conf::MAX_TEXT;
use crate::t;

/// The message that a text of this many bytes is too long.
pub fn refusal(bytes: usize) -> String {
    t!("config.too_long", bytes = bytes, max = MAX_TEXT)
}

/// Refuses a paste that is too long, before the field gets it.
pub fn refuse_paste(event: &ClipboardEvent, refused: RwSignal<String>) {
    let text = event
        .clipboard_data()
        .and_then(|data| data.get_data("text").ok());
    let bytes = text.map_or(0, |text| text.len());
    if bytes > MAX_TEXT {
        event.prevent_default();
        refused.set(refusal(bytes));
    }
}

/// Reads the first file that was dropped.
pub fn drop_file(event: &DragEvent, take: Callback<(String, String)>, refused: RwSignal<String>) {
    let files = event.data_transfer().and_then(|data| data.files());
    // Text that is dragged here is dropped as the browser does it.
    if let Some(file) = files.and_then(|files| files.get(0)) {
        event.prevent_default();
        read_file(file, take, refused);
    }
}

/// Reads a file, and hands its name and text over.
fn read_file(file: File, take: Callback<(String, String)>, refused: RwSignal<String>) {
    let bytes = file.size() as usize;
    if bytes > MAX_TEXT {
        refused.set(refusal(bytes));
        return;
    }
    spawn_local(async move {
        let text = JsFuture::from(file.text()).await.ok();
        match text.and_then(|text| text.as_string()) {
            Some(text) => take.run((file.name(), text)),
            None => refused.set(t!("config.unreadable")),
        }
    });
}

/// A button that asks for a file.
#[component]
pub fn FileField(take: Callback<(String, String)>, refused: RwSignal<String>) -> impl IntoView {
    let chosen = move |event: leptos::ev::Event| {
        let field: Option<HtmlInputElement> = event.target().and_then(|one| one.dyn_into().ok());
        let Some(field) = field else { return };
        if let Some(file) = field.files().and_then(|files| files.get(0)) {
            read_file(file, take, refused);
        }
        // The same file may be chosen again.
        field.set_value("");
    };
    view! {
        <label class="button config-file">
            {t!("config.open_file")}
            <input type="file" class="unseen" on:change=chosen />
        </label>
    }
}
