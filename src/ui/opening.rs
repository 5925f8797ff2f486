//! The first moving pictures. The page is delivered with its first scene as plain elements
//! (`assets/opening.html`); on these the engine runs and the painter draws until the controls, a part
//! of the program that comes later, are there and go on from the same instant.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlCanvasElement};

use super::frame::FrameLoop;
use super::painter::Painter;
use super::stage::measure;
use crate::scene::playback_clock::{FramePacer, REAL_TIME, SPEEDS};
use crate::sim::engine::{Engine, EventBudget};
use crate::sim::scenario::preset::{start_picker, start_scenario};
use crate::sim::time::SimTime;

/// The run that is seen before there are controls.
struct Picture {
    engine: Engine,
    pacer: FramePacer,
    painter: Painter,
    stage: Element,
    canvas: HtmlCanvasElement,
    frames: FrameLoop,
    /// Whether the reader wants no motion: it is drawn once.
    still: bool,
}

impl Picture {
    /// `None` where the page begins with something else, such as the scene of a link.
    fn find(frames: FrameLoop) -> Option<Self> {
        let stage = document().query_selector("#opening .stage").ok()??;
        // The style sheet hides what does not open this page.
        if stage.get_bounding_client_rect().width() <= 0.0 {
            return None;
        }
        let canvas = stage.query_selector("canvas").ok()??;
        let canvas = canvas.dyn_into::<HtmlCanvasElement>().ok()?;
        let scene = start_scenario();
        let seed = scene.seed;
        let calm = window().match_media("(prefers-reduced-motion: reduce)");
        let still = calm.ok().flatten().is_some_and(|query| query.matches());
        let mut painter = Painter::new(canvas.clone())?;
        painter.set_still(still);
        Some(Self {
            engine: Engine::with_picker_factory(&scene, seed, start_picker),
            pacer: FramePacer::default(),
            painter,
            stage,
            canvas,
            frames,
            still,
        })
    }

    /// Lets time pass, and draws.
    fn frame(&mut self, delta_ms: f64) {
        if self.still {
            self.frames.stop();
        } else {
            self.pacer.pass(delta_ms, SPEEDS[REAL_TIME], |step| {
                let until = self.engine.view().now() + step;
                self.engine.run_until(until, EventBudget::UNBOUNDED);
                step
            });
        }
        self.draw();
    }

    fn draw(&mut self) {
        let layout = measure(&self.stage, &self.canvas);
        let ratio = window().device_pixel_ratio();
        self.painter.resize(layout.width, layout.height, ratio);
        self.painter.frame(self.engine.view(), &layout);
    }
}

/// A hold on that run, for whoever goes on with it.
#[derive(Clone)]
pub struct Opening(Rc<RefCell<Option<Picture>>>);

impl Opening {
    /// Starts it, where the page begins with its first scene. It goes on until [`Opening::end`], even if nobody comes
    /// to go on with it.
    pub fn begin() -> Self {
        let opening = Self(Rc::default());
        let moved = opening.clone();
        let frames = FrameLoop::new(move |delta_ms| {
            if let Some(picture) = &mut *moved.0.borrow_mut() {
                picture.frame(delta_ms);
            }
        });
        let picture = Picture::find(frames);
        if let Some(picture) = &picture {
            // In frames of their own: the program's start takes long enough.
            picture.frames.start();
        }
        opening.0.replace(picture);
        opening
    }

    /// The instant that it has come to: where the page goes on.
    pub fn now(&self) -> SimTime {
        let picture = self.0.borrow();
        let now = |picture: &Picture| picture.engine.view().now();
        picture.as_ref().map_or(SimTime::ZERO, now)
    }

    /// Ends it and takes it out of the page, which shows what stands there now.
    pub fn end(&self) {
        self.0.replace(None);
        if let Some(boot) = document().get_element_by_id("boot") {
            boot.remove();
        }
    }
}
