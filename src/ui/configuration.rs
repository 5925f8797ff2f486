//! The button of the configuration panel, and the place of the panel under the stage. The code of the panel loads when
//! it is first opened.

use leptos::ev;
use leptos::html::Section;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement};

use crate::sim::run::Run;
use crate::sim::scenario::Scenario;
use crate::t;
use crate::ui::config::{STYLE, panel::Panel};
use crate::ui::inspector::{has_side, show_beside};
use crate::ui::lazy;
use crate::ui::session::Session;
use crate::ui::stylesheet::load_stylesheet;

/// Whether the panel is open.
#[derive(Clone, Copy)]
pub struct Configuration(RwSignal<bool>);

impl Configuration {
    /// A panel that is closed.
    #[must_use]
    pub fn new() -> Self {
        Self(RwSignal::new(false))
    }
}

/// The button that opens and closes the panel.
#[component]
pub fn ConfigurationButton(configuration: Configuration) -> impl IntoView {
    let open = configuration.0;
    view! {
        <button
            type="button"
            class="button config-button"
            aria-expanded=move || open.get().to_string()
            aria-controls=move || open.get().then_some("config")
            on:click=move |_| open.update(|open| *open = !*open)
        >
            {t!("config.button")}
        </button>
    }
}

/// The place of the panel. Its code loads when the panel is first opened.
#[component]
pub fn LazyConfiguration(session: Session, configuration: Configuration) -> impl IntoView {
    let open = configuration.0;
    let opened = Memo::new(move |before| before == Some(&true) || open.get());
    move || {
        let place = || lazy::configuration(session, configuration);
        opened.get().then(|| Suspend::new(place()))
    }
}

/// The place of the panel.
#[component]
pub fn ConfigurationPlace(session: Session, configuration: Configuration) -> impl IntoView {
    let open = configuration.0;
    let place = NodeRef::<Section>::new();
    load_stylesheet(STYLE);
    Effect::new(move |_| {
        let (true, Some(place)) = (open.get(), place.get()) else {
            return;
        };
        let _ = place.focus();
        // Ready for a paste. In a sheet a keyboard on the screen would cover it all.
        if has_side() {
            focus(place.query_selector("textarea"));
        }
        show_beside(&place);
    });
    let close = move || {
        open.set(false);
        // What is folded away cannot have the focus: then the menu that it is folded into keeps it.
        focus(document().query_selector(".more-of-page"));
        focus(document().query_selector(".config-button"));
    };
    let keys = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && !event.default_prevented() {
            close();
        }
    };
    let scene = edited(session, open);
    let show = Callback::new(move |scenario| session.open(&Run::start(scenario)));
    view! {
        <section
            id="config"
            class="config seen"
            aria-label=t!("config.heading")
            tabindex="-1"
            node_ref=place
            hidden=move || !open.get()
            on:keydown=keys
        >
            <h2>{t!("config.heading")}</h2>
            <button
                type="button"
                class="quiet put-away"
                aria-label=t!("close")
                on:click=move |_| close()
            >
                "×"
            </button>
            <Panel scene show />
        </section>
    }
}

/// Puts the focus on an element that a query found.
fn focus(found: Result<Option<Element>, JsValue>) {
    let found = found.ok().flatten();
    if let Some(found) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
        let _ = found.focus();
    }
}

/// The scene with the reader's changes. It follows the stage only while the panel is open.
fn edited(session: Session, open: RwSignal<bool>) -> Signal<Option<Scenario>> {
    let scene = Memo::new(move |last: Option<&Option<Scenario>>| {
        if !open.get() {
            return last.cloned().flatten();
        }
        session.track();
        Some(session.read(|view| view.edited()))
    });
    scene.into()
}
