//! What passes between the page and the panel, which are two programs: one object with the place to
//! be in, the scene as text, and a function each way.

use js_sys::{Function, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;

use crate::sim::scenario::Scenario;
use crate::sim::scenario::validate::parse;

/// The name of the object in the window.
pub const OBJECT: &str = "evenkeelConfig";
/// The element to be in.
pub const HOST: &str = "host";
/// The scene as JSON.
pub const SCENE: &str = "scene";
/// Called by the panel with a scene to be shown.
pub const OPEN: &str = "open";
/// Called by the page with the scene whenever it changed. The panel puts it there.
pub const CHANGED: &str = "changed";

/// The page, as the panel sees it.
#[derive(Clone)]
pub struct Page {
    /// The element to be in.
    pub host: HtmlElement,
    /// The scene as the stage has it now.
    pub scene: RwSignal<Option<Scenario>>,
    open: Function,
}

impl Page {
    /// Takes the object that the page has left.
    #[must_use]
    pub fn take() -> Option<Self> {
        let object = Reflect::get(&window(), &OBJECT.into()).ok()?;
        let field = |name: &str| Reflect::get(&object, &name.into()).ok();
        let host: HtmlElement = field(HOST)?.dyn_into().ok()?;
        let open: Function = field(OPEN)?.dyn_into().ok()?;
        let text = field(SCENE)?.as_string()?;
        let scene = RwSignal::new(parse(&text).ok());
        let changed = Closure::<dyn Fn(String)>::new(move |text: String| {
            scene.set(parse(&text).ok());
        });
        let object: Object = object.dyn_into().ok()?;
        Reflect::set(&object, &CHANGED.into(), &changed.into_js_value()).ok()?;
        Some(Self { host, scene, open })
    }

    /// Asks the page to show a scene.
    pub fn show(&self, scene: &Scenario) {
        if let Ok(text) = serde_json::to_string(scene) {
            let _ = self.open.call1(&JsValue::NULL, &text.into());
        }
    }
}
