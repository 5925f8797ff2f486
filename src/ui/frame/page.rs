//! The frame of the page: advances the run by the wall time since the last frame, and draws the stage.

use std::cell::RefCell;
use std::ops::Range;

use leptos::prelude::*;

use super::{Animation, EVENTS, animate};
use crate::scene::playback_clock::{FramePacer, Tempo};
use crate::sim::engine::Progress;
use crate::sim::time::SimDuration;
use crate::ui::playback::Playback;
use crate::ui::session::{DEEPER_PARTS, Session};
use crate::ui::stage::Stage;

/// The time that one frame may work on a jump, or at the speed "as fast as the machine can", in milliseconds.
const WORK_MS: f64 = 12.0;
/// The most simulated time of one frame at the speed "as fast as the machine can".
const HURRY: SimDuration = SimDuration::from_secs(60);
/// The number of frames between a pulse of the stage and that of the rest of the page.
const LATER: u8 = 3;
// Each part has a frame of its own.
const _: () = assert!(LATER as usize + 1 >= DEEPER_PARTS);
/// The rest of the page gets every this many pulses while it is out of sight.
const UNSEEN: u8 = 20;

/// The state of the page from frame to frame.
#[derive(Default)]
struct FrameState {
    pacer: FramePacer,
    deeper: Deeper,
    tempo: Tempo,
}

/// When the parts below the first view get their pulse.
#[derive(Default)]
struct Deeper {
    /// Frames until then; `None` while no pulse waits.
    left: Option<u8>,
    /// Whether the parts take turns, a frame each.
    by_turns: bool,
    /// Pulses that were left out while they were out of sight.
    left_out: u8,
}

impl Deeper {
    /// The stage had a pulse. What is in sight shows one instant. What is out of sight gets a pulse every five seconds,
    /// part after part, so that a search in the page, a screen reader, and the first moment after scrolling find nearly
    /// the present state, and no frame takes long.
    fn pulse(&mut self, seen: bool) {
        self.left_out += 1;
        if seen || self.left_out >= UNSEEN {
            *self = Self {
                left: Some(LATER),
                by_turns: !seen,
                left_out: 0,
            };
        }
    }

    /// The parts whose pulse is due in this frame.
    fn due(&mut self) -> Range<usize> {
        let Some(left) = self.left else { return 0..0 };
        self.left = left.checked_sub(1);
        match usize::from(left) {
            0 if !self.by_turns => 0..DEEPER_PARTS,
            part if self.by_turns && part < DEEPER_PARTS => part..part + 1,
            _ => 0..0,
        }
    }
}

/// The animation of the run on the stage.
struct PageFrames {
    session: Session,
    playback: Playback,
    stage: Stage,
    state: RefCell<FrameState>,
}

/// Plays the run of the page until the calling component is disposed.
pub fn run(session: Session, playback: Playback, stage: Stage) {
    animate(PageFrames {
        session,
        playback,
        stage,
        state: RefCell::default(),
    });
}

impl Animation for PageFrames {
    fn is_running(&self) -> bool {
        let moves = self.playback.playing.get() || self.session.is_seeking().get();
        moves && self.playback.in_view.get()
    }

    fn advance(&self, delta_ms: f64) {
        let session = self.session;
        let state = &mut *self.state.borrow_mut();
        let picks = || session.read(|view| view.balancer().decision().number);
        let mut before = picks();
        if session.is_seeking().get_untracked() {
            session.work(deadline());
            before = picks();
        } else if self.playback.playing.get_untracked() {
            pass(&mut state.pacer, session, self.playback, delta_ms);
        }
        if state.tempo.note(picks().saturating_sub(before), delta_ms) {
            session.notify_pick();
        }
    }

    fn paint(&self, still: bool) {
        self.stage.paint(self.session, still);
    }

    fn pulse(&self) {
        let state = &mut *self.state.borrow_mut();
        self.session.set_fast(state.tempo.is_fast());
        let behind = state.pacer.behind();
        if behind != self.playback.behind.get_untracked() {
            self.playback.behind.set(behind);
        }
        self.session.notify_first_view();
        state
            .deeper
            .pulse(self.playback.deeper_in_view.get_untracked());
    }

    fn between_pulses(&self) {
        let due = self.state.borrow_mut().deeper.due();
        for part in due {
            self.session.notify_deeper(part);
        }
    }

    fn on_stop(&self) {
        self.state.borrow_mut().tempo.rest();
        self.session.set_fast(false);
        // The texts show the instant at which it stopped, as the picture does.
        self.session.notify();
    }

    fn track(&self) {
        self.session.track();
        self.stage.track();
    }

    fn recolour(&self) {
        self.stage.recolour();
    }
}

/// Returns a function that says whether the time of this frame is used up.
fn deadline() -> impl Fn() -> bool {
    let start = js_sys::Date::now();
    move || js_sys::Date::now() - start >= WORK_MS
}

/// Advances the run at the chosen speed.
fn pass(pacer: &mut FramePacer, session: Session, playback: Playback, delta_ms: f64) {
    let Some(speed) = playback.pace() else {
        return hurry(session);
    };
    pacer.pass(delta_ms, speed, |step| {
        session.drive(|history| {
            let from = history.view().now();
            history.run_until(from + step, EVENTS);
            history.view().now().since(from)
        })
    });
}

/// Advances the run as fast as the machine can: by what fits into one frame, at most a minute.
fn hurry(session: Session) {
    let late = deadline();
    session.drive(|history| {
        let until = history.view().now() + HURRY;
        while history.run_until(until, EVENTS) == Progress::OutOfBudget && !late() {}
    });
}
