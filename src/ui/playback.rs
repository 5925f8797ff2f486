//! Play, pause and speed. None of it is a command: it cannot change a result.

use leptos::prelude::*;

use crate::scene::playback_clock::{REAL_TIME, SPEEDS, Speed};
use crate::sim::history::History;
use crate::sim::time::SimTime;
use crate::ui::session::Session;

/// How much slower slow motion is.
const SLOWER: u32 = 10;

/// How the run is watched.
#[derive(Clone, Copy)]
pub struct Playback {
    /// Whether simulated time goes on.
    pub playing: RwSignal<bool>,
    /// The place of the speed in [`SPEEDS`]; the one after the last is as fast as it can.
    pub speed: RwSignal<usize>,
    /// Whether the reader asked for a tenth of the speed.
    pub slow: RwSignal<bool>,
    /// Whether the reader holds the key that slows.
    pub held: RwSignal<bool>,
    /// Whether one request is followed, which needs time to be read.
    pub following: RwSignal<bool>,
    /// Whether any of it is on the screen: a frame far down a page stands still.
    pub in_view: RwSignal<bool>,
    /// Whether any of what stands below the first view is on the screen.
    pub deeper_in_view: RwSignal<bool>,
    /// How fast it runs, in hundredths of real time, where the machine is too slow for the speed asked for.
    pub behind: RwSignal<Option<u32>>,
}

impl Playback {
    /// Playing in real time.
    pub fn new() -> Self {
        Self {
            playing: RwSignal::new(true),
            speed: RwSignal::new(REAL_TIME),
            slow: RwSignal::new(false),
            held: RwSignal::new(false),
            following: RwSignal::new(false),
            in_view: RwSignal::new(true),
            deeper_in_view: RwSignal::new(false),
            behind: RwSignal::new(None),
        }
    }

    /// The speed now; `None` is as fast as the machine can. Slowed, it is a tenth of what was chosen, and of
    /// real time where no speed was.
    pub fn pace(self) -> Option<Speed> {
        let chosen = SPEEDS.get(self.speed.get_untracked()).copied();
        if !untrack(|| self.is_slowed()) {
            return chosen;
        }
        let chosen = chosen.unwrap_or(SPEEDS[REAL_TIME]);
        Some(Speed {
            den: chosen.den * SLOWER,
            ..chosen
        })
    }

    /// Whether it runs in slow motion.
    pub fn is_slowed(self) -> bool {
        let slows = [self.slow, self.held, self.following];
        slows.iter().any(|slow| slow.get())
    }

    /// Pauses and goes to the next pick. Without a pick in sight the clock stays where it is.
    pub fn step(self, session: Session) {
        self.playing.set(false);
        session.drive(History::step);
        session.notify();
    }

    /// Pauses and goes back to the last pick before now.
    pub fn step_back(self, session: Session) {
        self.playing.set(false);
        session.step_back();
    }

    /// Pauses and goes to a place in time.
    pub fn go(self, session: Session, to: SimTime) {
        self.playing.set(false);
        session.seek(to);
    }
}
