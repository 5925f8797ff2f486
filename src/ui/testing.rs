//! A hook for tests: it takes a run to a simulated time at once, so that no test waits.
//!
//! Only a browser that a program drives has it (`navigator.webdriver`). The run of the stage has the hook at
//! `window.evenkeelTest`; a comparison and each figure of a chapter have theirs at their elements. Its functions take
//! milliseconds of simulated time: `now()`, `advance(ms)`, `seek(ms)`.
//!
//! The element of the stage has `marks()`: the marks of the last picture, four numbers for each. They are the number of
//! the request (-1 for a probe or a cross), the centre from the left and top of the stage, and the radius, in CSS
//! pixels.

use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;

use crate::sim::engine::EventBudget;
use crate::sim::time::{SimDuration, SimTime};
use crate::ui::session::Session;
use crate::ui::stage::Stage;

/// The name of the hook.
const NAME: &str = "evenkeelTest";

/// A run whose time a test can set.
pub trait Clock: Copy + 'static {
    /// The simulated time now.
    fn now(self) -> SimTime;

    /// Goes to a time at once, whether the run is paused or not, and refreshes every text. A run that cannot go back
    /// ignores a time in the past.
    fn go(self, to: SimTime);
}

impl Clock for Session {
    fn now(self) -> SimTime {
        self.read(|view| view.now())
    }

    fn go(self, to: SimTime) {
        if to < Clock::now(self) {
            self.seek(to);
            while self.is_seeking().get_untracked() {
                self.work(|| false);
            }
            return;
        }
        // As time passes while the run plays: a jump would take back what was announced.
        self.drive(|history| history.run_until(to, EventBudget::UNBOUNDED));
        self.notify();
    }
}

/// Whether a program drives this browser.
pub fn is_driven() -> bool {
    js_sys::Reflect::get(&window().navigator(), &"webdriver".into())
        .is_ok_and(|driven| driven.is_truthy())
}

/// Installs the hook for a run at an object of the page; does nothing unless a program drives the browser.
pub fn install(place: &JsValue, clock: impl Clock) {
    if !is_driven() {
        return;
    }
    let now = Closure::<dyn Fn() -> f64>::new(move || clock.now().as_us() as f64 / 1_000.0);
    let advance = Closure::<dyn Fn(f64)>::new(move |ms| {
        clock.go(clock.now() + SimDuration::from_us(micros(ms)));
    });
    let seek = Closure::<dyn Fn(f64)>::new(move |ms| clock.go(SimTime::from_us(micros(ms))));
    let hook = js_sys::Object::new();
    set(&hook, "now", &now.into_js_value());
    set(&hook, "advance", &advance.into_js_value());
    set(&hook, "seek", &seek.into_js_value());
    set(place, NAME, &hook);
}

/// Installs `marks()` at the element of the stage; does nothing unless a program drives the browser.
pub fn show_marks(place: &JsValue, stage: Stage) {
    if !is_driven() {
        return;
    }
    let marks = Closure::<dyn Fn() -> js_sys::Float64Array>::new(move || {
        js_sys::Float64Array::from(stage.marks().as_flattened())
    });
    let hook = js_sys::Object::new();
    set(&hook, "marks", &marks.into_js_value());
    set(place, NAME, &hook);
}

fn micros(ms: f64) -> u64 {
    (ms * 1_000.0).round() as u64
}

fn set(object: &JsValue, name: &str, value: &JsValue) {
    // Only a frozen object refuses, and none of these is one.
    let _ = js_sys::Reflect::set(object, &name.into(), value);
}
