//! The configuration panel. It runs in a program of its own (`src/bin/config`) and shares nothing with
//! the page but an object that the page hands over, [`handover`].
//!
//! | file | what it is |
//! |---|---|
//! | `handover` | what the page gives and takes |
//! | `panel` | the tabs |
//! | `source`, `files`, `gutter`, `remarks` | the text to read, where it comes from, its line marks, what is said of it |
//! | `export` | the scene as text, to copy or download |

mod export;
mod files;
mod gutter;
pub mod handover;
mod panel;
mod remarks;
mod source;

use leptos::mount::mount_to;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
// Not leptos's: nothing is mounted yet that would have set leptos's up.
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::Response;

use crate::ui::dress::dress;
use crate::words::{LANGUAGES, choose};

/// What the panel looks like; no part of the first view either.
const STYLE: &str = "style/config.css";

/// Mounts the panel where the page wants it.
pub fn start() {
    console_error_panic_hook::set_once();
    dress(STYLE);
    let Some(page) = handover::Page::take() else {
        return;
    };
    let host = page.host.clone();
    spawn_local(async move {
        speak().await;
        mount_to(host, move || view! { <panel::Panel page=page /> }).forget();
    });
}

/// Says everything in the page's language from now on; in English where it cannot be fetched.
async fn speak() -> Option<()> {
    let tag = document().document_element()?.get_attribute("lang")?;
    let (name, _) = LANGUAGES.iter().skip(1).find(|(name, _)| *name == tag)?;
    let answer = window().fetch_with_str(&format!("words/{name}.json"));
    let answer: Response = JsFuture::from(answer).await.ok()?.dyn_into().ok()?;
    let text = answer.ok().then(|| answer.text().ok())??;
    choose(Some(&JsFuture::from(text).await.ok()?.as_string()?)).then_some(())
}
