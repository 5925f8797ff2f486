//! Style sheets that do not load with the first view: each loads with its component.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::HtmlElement;

use crate::ui::lesson::root;

/// Loads a style sheet of the page, once; returns its element if it was not there before. The page as one file contains
/// every sheet under its name (`scripts/standalone.mjs`). A chapter says where the page's folder is.
pub fn load_stylesheet(sheet: &str) -> Option<HtmlElement> {
    let sheet = &format!("{}{sheet}", root());
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

/// Loads a style sheet of the page. The signal becomes true when the sheet is there or cannot be loaded.
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

/// Shows what `content` makes once its style sheet is there, or cannot be loaded.
pub fn styled<V>(sheet: &str, content: impl Fn() -> V + Send + 'static) -> impl IntoView
where
    V: IntoView + 'static,
{
    let ready = stylesheet_ready(sheet);
    move || ready.get().then(&content)
}
