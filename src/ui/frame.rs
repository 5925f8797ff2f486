//! The one animation loop: the wall's time becomes simulated time, and the canvas is drawn.
//!
//! It stands still while the reader pauses and while nobody can see the page; then whatever
//! changes the scene asks for one frame.

use leptos::prelude::*;
use leptos_use_document_visibility::use_document_visibility;
use leptos_use_media_query::use_media_query;
use leptos_use_raf_fn::{Pausable, UseRafFnOptions, use_raf_fn_with_options};
use web_sys::VisibilityState;

use crate::scene::playback_clock::{LagMeter, PlaybackClock, Tempo};
use crate::sim::engine::{EventBudget, Progress};
use crate::sim::time::SimDuration;
use crate::ui::playback::Playback;
use crate::ui::session::Session;
use crate::ui::stage::Stage;

/// How many events one frame may handle: a few milliseconds of work. What is left makes the run
/// slower than asked, and the page says so.
const BUDGET: EventBudget = EventBudget(20_000);
/// How long one frame may work on a jump, or as fast as it can.
const WORK_MS: f64 = 12.0;
/// The most simulated time of one frame at `as fast as it can`.
const HURRY: SimDuration = SimDuration::from_secs(60);
/// From one change of the texts to the next.
const PULSE_MS: f64 = 250.0;
/// How many frames after the stage the rest of the page changes.
const LATER: u8 = 3;
/// Every how many pulses it changes where nobody sees it.
const UNSEEN: u8 = 20;
/// From one picture to the next where the reader wants no motion.
const SNAPSHOT_MS: f64 = 500.0;

/// What the loop remembers from frame to frame.
#[derive(Default)]
struct Loop {
    pace: PlaybackClock,
    keeping: LagMeter,
    since_pulse_ms: f64,
    deeper: Deeper,
    since_picture_ms: f64,
    tempo: Tempo,
}

/// When what stands below the first view is told to look again.
#[derive(Default)]
struct Deeper {
    /// Frames until then; `None` while no pulse waits.
    left: Option<u8>,
    /// Pulses that were left out, since nobody sees what would change.
    left_out: u8,
}

impl Deeper {
    /// The stage was told. What nobody sees is told every five seconds: a find in the page, a reader by voice and the
    /// first moment after scrolling have what is nearly now.
    fn pulse(&mut self, seen: bool) {
        self.left_out += 1;
        if seen || self.left_out >= UNSEEN {
            *self = Self {
                left: Some(LATER),
                left_out: 0,
            };
        }
    }

    /// Whether it is time, in the next frame.
    fn is_due(&mut self) -> bool {
        match self.left {
            Some(0) => {
                self.left = None;
                true
            }
            Some(left) => {
                self.left = Some(left - 1);
                false
            }
            None => false,
        }
    }
}

/// Starts the loop; it ends with the component that calls this.
pub fn run(session: Session, playback: Playback, stage: Stage) {
    let visibility = use_document_visibility();
    let calm = use_media_query("(prefers-reduced-motion: reduce)");
    let dark = use_media_query("(prefers-color-scheme: dark)");
    let forced = use_media_query("(forced-colors: active)");
    let state = StoredValue::new_local(Loop::default());

    let frame = move |delta_ms: f64| {
        // A clock that is set back stands still for a frame; it takes nothing back.
        let delta_ms = delta_ms.max(0.0);
        state.update_value(|state| {
            let picks = || session.read(|view| view.balancer().decision().number);
            let mut before = picks();
            if session.is_seeking().get_untracked() {
                session.work(deadline());
                before = picks();
            } else if playback.playing.get_untracked() {
                advance(state, session, playback, delta_ms);
            }
            if state.tempo.note(picks().saturating_sub(before), delta_ms) {
                session.notify_pick();
            }
            state.since_picture_ms += delta_ms;
            if !calm.get_untracked() || state.since_picture_ms >= SNAPSHOT_MS {
                state.since_picture_ms = 0.0;
                stage.paint(session, calm.get_untracked());
            }
            state.since_pulse_ms += delta_ms;
            if state.since_pulse_ms >= PULSE_MS {
                state.since_pulse_ms %= PULSE_MS;
                session.set_fast(state.tempo.is_fast());
                let behind = state.keeping.behind();
                if behind != playback.behind.get_untracked() {
                    playback.behind.set(behind);
                }
                session.notify_first_view();
                state.deeper.pulse(playback.deeper_in_view.get_untracked());
            } else if state.deeper.is_due() {
                session.notify_deeper();
            }
        });
    };
    let Pausable { pause, resume, .. } = use_raf_fn_with_options(
        move |args| frame(args.delta),
        UseRafFnOptions::default().immediate(false),
    );
    let moves = move || playback.playing.get() || session.is_seeking().get();
    let runs = Memo::new(move |_| {
        moves() && playback.in_view.get() && visibility.get() == VisibilityState::Visible
    });
    Effect::new(move |_| {
        if runs.get() {
            resume();
        } else {
            pause();
            state.update_value(|state| state.tempo.rest());
            session.set_fast(false);
            // The texts show the instant at which it stopped, as the picture does.
            session.notify();
        }
    });
    Effect::new(move |_| {
        dark.track();
        forced.track();
        stage.recolour();
    });
    Effect::new(move |_| {
        session.track();
        stage.track();
        let calm = calm.get();
        if !runs.get() {
            // After the page has taken the change in, which it may have to be measured for.
            request_animation_frame(move || stage.paint(session, calm));
        }
    });
}

/// Tells, from now on, whether a frame's share of the machine is used up.
fn deadline() -> impl Fn() -> bool {
    let start = js_sys::Date::now();
    move || js_sys::Date::now() - start >= WORK_MS
}

fn advance(state: &mut Loop, session: Session, playback: Playback, delta_ms: f64) {
    let wall_us = (delta_ms * 1_000.0) as u64;
    let Some(speed) = playback.pace() else {
        return hurry(session);
    };
    let step = state.pace.step(wall_us, speed);
    let done = session.drive(|history| {
        let from = history.view().now();
        history.run_until(from + step, BUDGET);
        history.view().now().since(from)
    });
    state.keeping.note(wall_us, speed, done);
}

/// As fast as it can: what fits into one frame, but a minute at the most.
fn hurry(session: Session) {
    let late = deadline();
    session.drive(|history| {
        let until = history.view().now() + HURRY;
        while history.run_until(until, BUDGET) == Progress::OutOfBudget && !late() {}
    });
}
