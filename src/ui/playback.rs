//! Play, pause and speed. None of it is a command: it cannot change a result.

use leptos::prelude::*;

use crate::scene::pace::{REAL_TIME, SPEEDS, Speed};
use crate::sim::time::Span;
use crate::ui::session::Session;

/// How far `Step` looks for the next pick before it gives up and only lets time pass.
const LONGEST_STEP: Span = Span::from_secs(60);

/// How the run is watched.
#[derive(Clone, Copy)]
pub struct Playback {
    /// Whether simulated time goes on.
    pub playing: RwSignal<bool>,
    /// The place of the speed in [`SPEEDS`].
    pub speed: RwSignal<usize>,
    /// Whether any of it is on the screen: a frame far down a page stands still.
    pub in_view: RwSignal<bool>,
    /// Whether the machine is too slow for the speed asked for.
    pub behind: RwSignal<bool>,
}

impl Playback {
    /// Playing in real time.
    pub fn new() -> Self {
        Self {
            playing: RwSignal::new(true),
            speed: RwSignal::new(REAL_TIME),
            in_view: RwSignal::new(true),
            behind: RwSignal::new(false),
        }
    }

    /// The speed now.
    pub fn pace(self) -> Speed {
        SPEEDS[self.speed.get_untracked()]
    }

    /// Pauses and goes to the next pick.
    pub fn step(self, session: Session) {
        self.playing.set(false);
        session.drive(|engine| {
            // Without a pick in sight the clock stays where it is.
            let until = engine.view().now() + LONGEST_STEP;
            let mut ahead = engine.clone();
            if ahead.run_to_next_pick(until) {
                *engine = ahead;
            }
        });
        session.notify();
    }
}
