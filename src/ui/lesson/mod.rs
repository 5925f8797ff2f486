//! The figures of a chapter's page, brought to life. The page is written by the `chapters` program
//! and stands without this; each figure's data lies beside it in the page.

mod ask;
mod figure;
mod parts;
mod player;
mod told;

use std::collections::BTreeMap;

use leptos::mount::mount_to;
use leptos::prelude::*;
use serde::Deserialize;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::lesson::figure::Figure;
use crate::lesson::words::FigureWords;

/// A figure as the page has it.
#[derive(Clone, Deserialize)]
struct Data {
    figure: Figure,
    words: FigureWords,
}

/// The words round figures, in the page's language.
#[derive(Clone, Default)]
pub struct Frame(BTreeMap<String, String>);

impl Frame {
    /// A word, or its name where it is missing.
    #[must_use]
    pub fn word(&self, name: &str) -> String {
        self.0
            .get(name)
            .cloned()
            .unwrap_or_else(|| name.to_string())
    }
}

/// Whether the page is a chapter.
pub fn is_chapter() -> bool {
    let root = document().document_element();
    root.is_some_and(|root| root.has_attribute("data-program"))
}

/// The address of the page's folder, from a chapter: `../../`.
pub fn root() -> String {
    let root = document().document_element();
    root.and_then(|root| root.get_attribute("data-root"))
        .unwrap_or_default()
}

/// Puts life into every figure of the page.
pub fn start() {
    let frame: BTreeMap<String, String> = document()
        .get_element_by_id("frame")
        .and_then(|element| element.text_content())
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    let Ok(found) = document().query_selector_all("figure[data-figure]") else {
        return;
    };
    for place in 0..found.length() {
        let element = found
            .get(place)
            .and_then(|node| node.dyn_into::<Element>().ok());
        if let Some(element) = element {
            wake(&element, Frame(frame.clone()));
        }
    }
}

/// One figure. What cannot be read stays the picture that it is.
fn wake(element: &Element, frame: Frame) -> Option<()> {
    let find = |selector: &str| element.query_selector(selector).ok().flatten();
    let text = find("script[type='application/json']")?.text_content()?;
    let Data { figure, words } = serde_json::from_str(&text).ok()?;
    let live: HtmlElement = find(".live")?.dyn_into().ok()?;
    let rows = find(".scene")?.class_name();
    live.set_inner_html("");
    mount_to(live, move || {
        view! { <figure::FigureView figure=figure words=words frame=frame rows=rows /> }
    })
    .forget();
    element.set_attribute("data-awake", "").ok()
}
