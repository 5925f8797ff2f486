//! Style sheets that the first view does without: each is asked for with the component that it is for.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::HtmlElement;

/// Asks for a style sheet of the page, once; gives its element where it was not there before. A page that is one file
/// has the sheet in itself already, under its name (`scripts/standalone.mjs`).
pub fn load_stylesheet(sheet: &str) -> Option<HtmlElement> {
    let there = format!("link[href='{sheet}'], style[data-sheet='{sheet}']");
    if document().query_selector(&there).ok()?.is_some() {
        return None;
    }
    let link = document().create_element("link").ok()?;
    link.set_attribute("rel", "stylesheet").ok()?;
    link.set_attribute("href", sheet).ok()?;
    document().head()?.append_child(&link).ok()?;
    link.dyn_into().ok()
}

/// Asks for a style sheet of the page, and tells whether it is there, or cannot be had.
pub fn stylesheet_ready(sheet: &str) -> RwSignal<bool> {
    let link = load_stylesheet(sheet);
    let ready = RwSignal::new(link.is_none());
    if let Some(link) = link {
        let over = Closure::once_into_js(move || ready.set(true));
        link.set_onload(Some(over.unchecked_ref()));
        link.set_onerror(Some(over.unchecked_ref()));
    }
    ready
}
