//! The scene as a file: save it, open one, save a picture.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::scene::picture::{self, PictureOptions};
use crate::sim::run::Run;
use crate::sim::scenario::Scenario;
use crate::sim::scenario::limits::MAX_FILE;
use crate::sim::scenario::validate::parse;
use crate::t;
use crate::ui::session::Session;
use crate::ui::stylesheet::load_stylesheet;

/// The schema of a scene file, as it is published beside the page.
pub const SCHEMA: &str = "scenario.schema.json";

/// The buttons for files.
#[component]
pub fn Files(session: Session, dialog: NodeRef<html::Dialog>) -> impl IntoView {
    let wrong = RwSignal::new(None::<String>);
    let save = move |_| {
        save_scene(&session.scene());
    };
    let draw = move |_| {
        let svg = session.read(|view| picture::svg(view, &PictureOptions::default()));
        download("evenkeel-scene.svg", "image/svg+xml", &svg);
    };
    let open = move |file: web_sys::File| {
        leptos::task::spawn_local(async move {
            match read(&file).await {
                Ok(run) => {
                    wrong.set(None);
                    session.open(&run);
                    if let Some(dialog) = dialog.get_untracked() {
                        dialog.close();
                    }
                }
                Err(reason) => wrong.set(Some(reason)),
            }
        });
    };
    view! {
        <section class="files">
            <h3>{t!("share.file.title")}</h3>
            <div class="row">
                <button type="button" class="button" on:click=save>
                    {t!("share.file.save")}
                </button>
                <button type="button" class="button" on:click=draw>
                    {t!("share.file.picture")}
                </button>
                <OpenField label=t!("share.file.open") open />
            </div>
            <p class="note">
                {t!("share.file.note")} " "
                <a href=SCHEMA target="_blank" rel="noopener">
                    {t!("edit.file.schema")}
                </a>
            </p>
            <p class="wrong" role="alert">
                {wrong}
            </p>
        </section>
    }
}

/// A button that asks the reader for a file, and opens it.
#[component]
pub fn OpenField(label: String, open: impl Fn(web_sys::File) + 'static) -> impl IntoView {
    load_stylesheet(super::STYLE);
    view! {
        <label class="button file-button">
            {label}
            <input
                type="file"
                class="unseen"
                accept=".json,application/json"
                on:change:target=move |event| {
                    let chosen = event.target().files().and_then(|files| files.get(0));
                    if let Some(file) = chosen {
                        open(file);
                    }
                    // The same file again is a change too.
                    event.target().set_value("");
                }
            />
        </label>
    }
}

/// Saves a scene as a file.
pub fn save_scene(scene: &Scenario) {
    let text = serde_json::to_string_pretty(scene).unwrap_or_default();
    download("evenkeel-scene.json", "application/json", &(text + "\n"));
}

/// The start of the scene in a file, or a message about the file's faults.
pub async fn read(file: &web_sys::File) -> Result<Run, String> {
    // Not read at all where it is too large.
    if file.size() > MAX_FILE as f64 {
        return Err(t!("share.file.large", most = MAX_FILE));
    }
    let text = JsFuture::from(file.text()).await.ok();
    let text = text.and_then(|text| text.as_string());
    let text = text.ok_or_else(|| t!("share.file.unreadable"))?;
    let scenario =
        parse(&text).map_err(|error| t!("share.file.wrong", reason = error.to_string()))?;
    Ok(Run::start(scenario))
}

/// Saves a text as a file. Does nothing in a frame that may not save files.
fn download(name: &str, kind: &str, text: &str) {
    let parts = js_sys::Array::of1(&JsValue::from(text));
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(kind);
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options).ok();
    let address = blob.and_then(|blob| web_sys::Url::create_object_url_with_blob(&blob).ok());
    let link = document().create_element("a").ok();
    let link = link.and_then(|link| link.dyn_into::<web_sys::HtmlAnchorElement>().ok());
    if let (Some(address), Some(link)) = (address, link) {
        link.set_href(&address);
        link.set_download(name);
        link.click();
        let _ = web_sys::Url::revoke_object_url(&address);
    }
}
