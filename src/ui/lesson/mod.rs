//! Starts the figures of a chapter's page. The page is written by the `chapters` program and can be read without this;
//! the data of each figure is in the page.

mod answers;
mod figure;
mod parts;
mod player;
mod question;
mod workbench;

use std::collections::BTreeMap;

use leptos::mount::mount_to;
use leptos::prelude::*;
use serde::Deserialize;
use serde_json::Value;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{CustomEvent, Element, Event, HtmlElement};

use self::player::PlayerAction;
use crate::lesson::figure::Figure;
use crate::lesson::figure_texts::FigureWords;

/// The data of a figure in the page.
#[derive(Clone, Deserialize)]
struct Data {
    figure: Figure,
    words: FigureWords,
    #[serde(default)]
    proof: BTreeMap<String, Vec<String>>,
}

/// The texts around figures, in the page's language.
#[derive(Clone, Default)]
pub struct FrameWords(BTreeMap<String, String>);

impl FrameWords {
    /// A text by its name; the name itself if the text is missing.
    #[must_use]
    pub fn word(&self, name: &str) -> String {
        self.0
            .get(name)
            .cloned()
            .unwrap_or_else(|| name.to_string())
    }
}

/// The commands that the text of the page gives to a figure: an event `order` at the element of the figure. When the
/// figure returns to its own scene, it sends an event `reset` there, and `told` when it has shown its answer.
pub struct FigureCommands(Element);

impl FigureCommands {
    /// Sends `reset` when the reader's changes are gone, so that the fields in the text follow.
    fn reset(&self, act: RwSignal<PlayerAction>) {
        let element = StoredValue::new_local(self.0.clone());
        Effect::new(move |before: Option<PlayerAction>| {
            let now = act.get();
            if before == Some(PlayerAction::Own) && now != PlayerAction::Own {
                element.with_value(|element| send(element, "reset"));
            }
            now
        });
    }

    /// Sends `told` when a run is over and its answer is shown, so that the text opens what it has folded.
    fn told(&self, act: RwSignal<PlayerAction>) {
        let element = StoredValue::new_local(self.0.clone());
        Effect::new(move |_| {
            if matches!(act.get(), PlayerAction::Over(_)) {
                element.with_value(|element| send(element, "told"));
            }
        });
    }

    /// Calls `act` with each command that can be read, for as long as the page is open.
    fn each(self, act: impl Fn(Value) + 'static) {
        let heard = Closure::<dyn Fn(CustomEvent)>::new(move |event: CustomEvent| {
            let text = event.detail().as_string().unwrap_or_default();
            if let Ok(order) = serde_json::from_str(&text) {
                act(order);
            }
        });
        let name = "order";
        let listener = heard.as_ref().unchecked_ref();
        // Adding a listener to an element of the page cannot fail.
        let _ = self.0.add_event_listener_with_callback(name, listener);
        heard.forget();
    }
}

/// Dispatches an event at an element of the page, which cannot be refused.
fn send(element: &Element, name: &str) {
    drop(Event::new(name).and_then(|event| element.dispatch_event(&event)));
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

/// Starts every figure of the page.
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
        if let Some(element) = element
            && mount_figure(&element, FrameWords(frame.clone())).is_none()
        {
            // Nothing keeps its answer back then: see the style sheet.
            let _ = element.set_attribute("data-asleep", "");
        }
    }
}

/// Mounts one figure. A figure whose data cannot be read stays a picture.
fn mount_figure(element: &Element, frame: FrameWords) -> Option<()> {
    let find = |selector: &str| element.query_selector(selector).ok().flatten();
    let text = find("script[type='application/json']")?.text_content()?;
    let Data {
        figure,
        words,
        proof,
    } = serde_json::from_str(&text).ok()?;
    let live: HtmlElement = find(".live")?.dyn_into().ok()?;
    let rows = find(".scene")?.class_name();
    // On paper the picture stands in the place of a stage that may not have begun.
    if let Some(picture) = find("svg.picture") {
        picture.set_attribute("class", "picture on-paper").ok()?;
        element.insert_before(&picture, Some(&live)).ok()?;
    }
    live.set_inner_html("");
    let orders = FigureCommands(element.clone());
    mount_to(live, move || {
        view! { <figure::FigureView figure=figure words=words proof=proof frame=frame rows=rows orders=orders /> }
    })
    .forget();
    element.set_attribute("data-awake", "").ok()
}
