//! The way to the configuration panel: a button, a place under the stage, and the loading of the
//! panel's program, which is not part of the first view.

use js_sys::{Function, Object, Promise, Reflect};
use leptos::html::Section;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::sim::run::Run;
use crate::sim::scenario::validate::parse;
use crate::t;
use crate::ui::config::handover::{CHANGED, HOST, OBJECT, OPEN, SCENE};
use crate::ui::later;
use crate::ui::session::Session;

/// The function of `assets/boot.js` that loads a program of the page.
const LOADER: &str = "evenkeelLoad";

/// Whether the panel is open.
#[derive(Clone, Copy)]
pub struct Configuration(RwSignal<bool>);

impl Configuration {
    /// Closed.
    #[must_use]
    pub fn new() -> Self {
        Self(RwSignal::new(false))
    }
}

/// Opens and closes the panel.
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

/// The place of the panel, once it was opened.
#[component]
pub fn ConfigurationDoor(session: Session, configuration: Configuration) -> impl IntoView {
    let open = configuration.0;
    let opened = Memo::new(move |before| before == Some(&true) || open.get());
    move || {
        let place = || later::configuration(session, configuration);
        opened.get().then(|| Suspend::new(place()))
    }
}

/// The place of the panel.
#[component]
pub fn ConfigurationPlace(session: Session, configuration: Configuration) -> impl IntoView {
    let open = configuration.0;
    let failed = RwSignal::new(false);
    let place = NodeRef::<Section>::new();
    let host = NodeRef::<leptos::html::Div>::new();
    let loaded = StoredValue::new(false);
    follow(session, open);
    Effect::new(move |_| {
        let (true, Some(place), Some(host)) = (open.get(), place.get(), host.get()) else {
            return;
        };
        place.scroll_into_view();
        let _ = place.focus();
        if loaded.get_value() {
            return;
        }
        loaded.set_value(true);
        spawn_local(async move {
            let done = load(session, host.into()).await.is_some();
            loaded.set_value(done);
            failed.set(!done);
        });
    });
    view! {
        <section
            id="config"
            class="config"
            aria-label=t!("config.heading")
            tabindex="-1"
            node_ref=place
            hidden=move || !open.get()
        >
            <h2>{t!("config.heading")}</h2>
            <p role="alert">
                {move || failed.get().then(|| t!("config.failed"))}
            </p>
            <div node_ref=host></div>
        </section>
    }
}

/// Hands the page over and starts the panel's program.
async fn load(session: Session, host: web_sys::HtmlElement) -> Option<()> {
    let object = Object::new();
    let put = |name: &str, value: &JsValue| Reflect::set(&object, &name.into(), value).ok();
    let open = Closure::<dyn Fn(String)>::new(move |text: String| {
        if let Ok(scenario) = parse(&text) {
            session.open(&Run::start(scenario));
        }
    });
    put(HOST, &host)?;
    put(SCENE, &scene(session).into())?;
    put(OPEN, &open.into_js_value())?;
    Reflect::set(&window(), &OBJECT.into(), &object).ok()?;
    let loader: Function = Reflect::get(&window(), &LOADER.into())
        .ok()?
        .dyn_into()
        .ok()?;
    let started = loader.call1(&JsValue::NULL, &"config".into()).ok()?;
    JsFuture::from(Promise::resolve(&started)).await.ok()?;
    Some(())
}

/// The scene as it stands, as text.
fn scene(session: Session) -> String {
    session.read(|view| serde_json::to_string(&view.edited()).unwrap_or_default())
}

/// Tells the panel whenever the scene has changed while it is open.
fn follow(session: Session, open: RwSignal<bool>) {
    Effect::new(move |last: Option<String>| {
        if !open.get() {
            return last.unwrap_or_default();
        }
        session.track();
        let now = scene(session);
        if last.as_ref() != Some(&now) {
            tell(&now);
        }
        now
    });
}

fn tell(scene: &str) -> Option<()> {
    let object = Reflect::get(&window(), &OBJECT.into()).ok()?;
    let changed: Function = Reflect::get(&object, &CHANGED.into())
        .ok()?
        .dyn_into()
        .ok()?;
    changed.call1(&JsValue::NULL, &scene.into()).ok()?;
    Some(())
}
