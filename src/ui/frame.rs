//! The frame loop of the page, of a chapter's figures, of compared runs and of the opening pictures.
//!
//! [`FrameLoop`] calls a function in every frame. It uses no signals, since the opening pictures move before there are
//! any. [`animate`] adds signals: it pauses the loop while nothing plays and while the page is hidden; then any change
//! of the picture requests one frame. [`page`] is the frame of the page.

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

/// The most events of one frame, a few milliseconds of work. If more are due, the run is slower than asked, and the
/// page says so.
pub const EVENTS: EventBudget = EventBudget(20_000);
/// The time between two pulses, at which texts change, in milliseconds.
const PULSE_MS: f64 = 250.0;
/// The time between two pictures where the reader wants no motion, in milliseconds.
const SNAPSHOT_MS: f64 = 500.0;

/// Calls a function in every frame of the browser, from [`FrameLoop::start`] to [`FrameLoop::stop`] or until it is
/// dropped.
pub struct FrameLoop(Rc<Frames>);

struct Frames {
    act: RefCell<Box<dyn FnMut(f64)>>,
    /// The requested frame; `None` while the loop is paused.
    next: RefCell<Option<AnimationFrame>>,
    /// The time of the last frame, by the browser's clock of frames; `None` before the first since the start.
    last_ms: Cell<Option<f64>>,
}

impl FrameLoop {
    /// A paused loop. `act` gets the time since the last frame, in milliseconds: 0 in the first frame after a start,
    /// and when the clock was set back.
    pub fn new(act: impl FnMut(f64) + 'static) -> Self {
        Self(Rc::new(Frames {
            act: RefCell::new(Box::new(act)),
            next: RefCell::default(),
            last_ms: Cell::new(None),
        }))
    }

    /// Starts the loop with the next frame.
    pub fn start(&self) {
        if self.0.next.borrow().is_none() {
            self.0.last_ms.set(None);
            Frames::request(&self.0);
        }
    }

    /// Pauses the loop until it is started again.
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

/// A run with its picture and texts, which [`animate`] plays.
pub trait Animation {
    /// Whether the run plays where the reader can see it; tracked.
    fn is_running(&self) -> bool;

    /// Advances the run by the time of a frame, in milliseconds of wall time.
    fn advance(&self, delta_ms: f64);

    /// Draws the present state; `still` where the reader wants no motion.
    fn paint(&self, still: bool);

    /// Refreshes the texts; called four times a second.
    fn pulse(&self);

    /// Called in a frame without a pulse.
    fn between_pulses(&self) {}

    /// Called when the run pauses, so that the texts show the same instant as the picture.
    fn on_stop(&self);

    /// Subscribes the calling effect to everything that changes the picture while the run is paused.
    fn track(&self);

    /// Reads the colours of the page again.
    fn recolour(&self);
}

/// The time since the last picture and since the last pulse, in milliseconds.
#[derive(Default)]
struct Elapsed {
    picture_ms: f64,
    pulse_ms: f64,
}

/// Handles one frame.
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

/// Plays an animation until the calling component is disposed.
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
