//! The opening: moving pictures before the page has loaded. The page is delivered with its first scene as plain
//! elements (`assets/opening.html`). On them the engine runs and the painter draws until the rest of the page has
//! loaded and takes over at the same instant.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::{document, request_animation_frame, window};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlCanvasElement};

use super::painter::Painter;
use super::stage::measure;
use crate::scene::playback_clock::{PlaybackClock, REAL_TIME, SPEEDS};
use crate::sim::engine::{Engine, EventBudget};
use crate::sim::scenario::preset::{start_picker, start_scenario};
use crate::sim::time::SimTime;

/// The run that is shown before the page has loaded.
struct Picture {
    engine: Engine,
    pace: PlaybackClock,
    painter: Painter,
    stage: Element,
    canvas: HtmlCanvasElement,
    /// When the last frame was, in the wall's milliseconds.
    last_ms: f64,
}

impl Picture {
    /// `None` where the page begins with something else, such as the scene of a link.
    fn find() -> Option<Self> {
        let stage = document().query_selector("#opening .stage").ok()??;
        // The style sheet hides what does not open this page.
        if stage.get_bounding_client_rect().width() <= 0.0 {
            return None;
        }
        let canvas = stage.query_selector("canvas").ok()??;
        let canvas = canvas.dyn_into::<HtmlCanvasElement>().ok()?;
        let scene = start_scenario();
        let seed = scene.seed;
        Some(Self {
            engine: Engine::with_picker_factory(&scene, seed, start_picker),
            pace: PlaybackClock::default(),
            painter: Painter::new(canvas.clone())?,
            stage,
            canvas,
            last_ms: js_sys::Date::now(),
        })
    }

    /// Advances the run by one frame, and draws it.
    fn frame(&mut self) {
        let now_ms = js_sys::Date::now();
        let wall_us = ((now_ms - self.last_ms).max(0.0) * 1_000.0) as u64;
        self.last_ms = now_ms;
        let step = self.pace.step(wall_us, SPEEDS[REAL_TIME]);
        let until = self.engine.view().now() + step;
        self.engine.run_until(until, EventBudget::UNBOUNDED);
        self.draw();
    }

    fn draw(&mut self) {
        let layout = measure(&self.stage, &self.canvas);
        let ratio = window().device_pixel_ratio();
        self.painter.resize(layout.width, layout.height, ratio);
        self.painter.frame(self.engine.view(), &layout);
    }
}

/// A handle to that run, for the page that takes it over.
#[derive(Clone)]
pub struct Opening(Rc<RefCell<Option<Picture>>>);

impl Opening {
    /// Starts the opening, if the page starts with its first scene. It runs until [`Opening::end`], even if the page
    /// never loads.
    pub fn begin() -> Self {
        let mut picture = Picture::find();
        let calm = window().match_media("(prefers-reduced-motion: reduce)");
        let calm = calm.ok().flatten().is_some_and(|query| query.matches());
        if let Some(picture) = &mut picture {
            picture.painter.set_still(calm);
        }
        let opening = Self(Rc::new(RefCell::new(picture)));
        // In frames of their own: the program's start takes long enough.
        if calm {
            opening.clone().once(Picture::draw);
        } else {
            opening.clone().next();
        }
        opening
    }

    /// Does something with the picture in the next frame, unless it has ended.
    fn once(self, act: fn(&mut Picture)) {
        request_animation_frame(move || {
            self.0.borrow_mut().as_mut().map(act);
        });
    }

    fn next(self) {
        request_animation_frame(move || {
            let goes_on = self.0.borrow_mut().as_mut().map(Picture::frame).is_some();
            if goes_on {
                self.next();
            }
        });
    }

    /// The simulated time of the run, at which the page goes on.
    pub fn now(&self) -> SimTime {
        let picture = self.0.borrow();
        let now = |picture: &Picture| picture.engine.view().now();
        picture.as_ref().map_or(SimTime::ZERO, now)
    }

    /// Ends the opening and removes its elements.
    pub fn end(&self) {
        *self.0.borrow_mut() = None;
        if let Some(boot) = document().get_element_by_id("boot") {
            boot.remove();
        }
    }
}
