//! The one frame loop: of the page, of a chapter's figures, of compared runs and of the first moving pictures.
//!
//! [`FrameLoop`] calls a function in every frame. It knows nothing of signals, as the first pictures move before there
//! are any. [`animate`] has the rest: it stands still while nothing goes on and while nobody can see the page; then
//! whatever changes the picture asks for one frame. [`page`] is what a frame of the page does.

pub mod page;

pub use self::page::run;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_render::AnimationFrame;
use leptos::prelude::*;
use leptos_use_document_visibility::use_document_visibility;
use leptos_use_media_query::use_media_query;
use web_sys::VisibilityState;

use crate::sim::engine::EventBudget;

/// How many events one frame may handle: a few milliseconds of work. What is left makes the run
/// slower than asked, and the page says so.
pub const EVENTS: EventBudget = EventBudget(20_000);
/// From one change of the texts to the next.
const PULSE_MS: f64 = 250.0;
/// From one picture to the next where the reader wants no motion.
const SNAPSHOT_MS: f64 = 500.0;

/// Calls a function in every frame of the browser, from [`FrameLoop::start`] to [`FrameLoop::stop`]. It ends when it is
/// dropped.
pub struct FrameLoop(Rc<Frames>);

struct Frames {
    act: RefCell<Box<dyn FnMut(f64)>>,
    /// The frame that was asked for; `None` while the loop stands still.
    next: RefCell<Option<AnimationFrame>>,
    /// When the last frame was, by the browser's clock of frames; `None` if there was none since the start.
    last_ms: Cell<Option<f64>>,
}

impl FrameLoop {
    /// A loop that stands still. `act` gets the wall's time since the frame before, in milliseconds: 0 in the first
    /// frame after a start, and where the clock was set back.
    pub fn new(act: impl FnMut(f64) + 'static) -> Self {
        Self(Rc::new(Frames {
            act: RefCell::new(Box::new(act)),
            next: RefCell::default(),
            last_ms: Cell::new(None),
        }))
    }

    /// Acts from the next frame on.
    pub fn start(&self) {
        if self.0.next.borrow().is_none() {
            self.0.last_ms.set(None);
            Frames::request(&self.0);
        }
    }

    /// Acts no more until it is started again.
    pub fn stop(&self) {
        self.0.next.take();
    }
}

impl Frames {
    fn request(this: &Rc<Self>) {
        let frames = Rc::downgrade(this);
        let next = gloo_render::request_animation_frame(move |now_ms| {
            if let Some(frames) = frames.upgrade() {
                Self::frame(&frames, now_ms);
            }
        });
        this.next.replace(Some(next));
    }

    fn frame(this: &Rc<Self>, now_ms: f64) {
        let last_ms = this.last_ms.replace(Some(now_ms));
        let delta_ms = last_ms.map_or(0.0, |last_ms| (now_ms - last_ms).max(0.0));
        (this.act.borrow_mut())(delta_ms);
        // Unless the act has stopped the loop.
        if this.next.borrow().is_some() {
            Self::request(this);
        }
    }
}

/// What is moved: a run with its picture and its texts.
pub trait Animation {
    /// Whether time goes on where the reader can see it; tracked.
    fn is_running(&self) -> bool;

    /// Lets the wall's time of a frame pass, in milliseconds.
    fn advance(&self, delta_ms: f64);

    /// Draws the present instant; `still` where the reader wants no motion.
    fn paint(&self, still: bool);

    /// Tells the texts to look again, four times a second.
    fn pulse(&self);

    /// What is told in a frame without a pulse.
    fn between_pulses(&self) {}

    /// Time goes on no more: the texts show the instant at which it stopped, as the picture does.
    fn on_stop(&self);

    /// Tracks what changes the picture while time stands still.
    fn track(&self);

    /// The colours of the page have changed.
    fn recolour(&self);
}

/// The time since the last picture and since the last pulse, in milliseconds.
#[derive(Default)]
struct Elapsed {
    picture_ms: f64,
    pulse_ms: f64,
}

/// One frame.
fn frame(animation: &dyn Animation, elapsed: &mut Elapsed, delta_ms: f64, still: bool) {
    animation.advance(delta_ms);
    elapsed.picture_ms += delta_ms;
    if !still || elapsed.picture_ms >= SNAPSHOT_MS {
        elapsed.picture_ms = 0.0;
        animation.paint(still);
    }
    elapsed.pulse_ms += delta_ms;
    if elapsed.pulse_ms >= PULSE_MS {
        elapsed.pulse_ms %= PULSE_MS;
        animation.pulse();
    } else {
        animation.between_pulses();
    }
}

/// Moves it until the component that calls this is gone.
pub fn animate(animation: impl Animation + 'static) {
    let animation: Box<dyn Animation> = Box::new(animation);
    let animation = StoredValue::new_local(animation);
    let visibility = use_document_visibility();
    let calm = use_media_query("(prefers-reduced-motion: reduce)");
    let dark = use_media_query("(prefers-color-scheme: dark)");
    let forced = use_media_query("(forced-colors: active)");
    let mut elapsed = Elapsed::default();
    let frames = StoredValue::new_local(FrameLoop::new(move |delta_ms| {
        let still = calm.get_untracked();
        animation.with_value(|animation| frame(&**animation, &mut elapsed, delta_ms, still));
    }));
    let is_running = Memo::new(move |_| {
        animation.with_value(|animation| animation.is_running())
            && visibility.get() == VisibilityState::Visible
    });
    Effect::new(move |_| {
        let is_running = is_running.get();
        frames.with_value(|frames| {
            if is_running {
                frames.start();
            } else {
                frames.stop();
                animation.with_value(|animation| animation.on_stop());
            }
        });
    });
    Effect::new(move |_| {
        dark.track();
        forced.track();
        animation.with_value(|animation| animation.recolour());
    });
    // A frame that was asked for may come after the component is gone.
    let paint = move || {
        if let Some(still) = calm.try_get_untracked() {
            animation.try_with_value(|animation| animation.paint(still));
        }
    };
    Effect::new(move |_| {
        animation.with_value(|animation| animation.track());
        calm.track();
        if !is_running.get() {
            // After the page has taken the change in, which it may have to be measured for.
            request_animation_frame(paint);
        }
    });
}
