//! Play, pause and speed. **Invariant:** none of them is a command, so none can change a result.

use leptos::prelude::*;

use crate::scene::playback_clock::{REAL_TIME, SPEEDS, Speed};
use crate::sim::history::History;
use crate::sim::time::SimTime;
use crate::ui::session::Session;

/// The factor by which slow motion is slower.
const SLOWER: u32 = 10;

/// The state of playback.
#[derive(Clone, Copy)]
pub struct Playback {
    /// Whether the run plays.
    pub playing: RwSignal<bool>,
    /// The index of the speed in [`SPEEDS`]; one more than the last is "as fast as the machine can".
    pub speed: RwSignal<usize>,
    /// Whether slow motion is on.
    pub slow: RwSignal<bool>,
    /// Whether the reader holds the key of slow motion.
    pub held: RwSignal<bool>,
    /// Whether one request is followed, which slows the run down so that the caption can be read.
    pub following: RwSignal<bool>,
    /// Whether any part of the page is on the screen: an embedded page out of view stands still.
    pub in_view: RwSignal<bool>,
    /// Whether any part below the first view is on the screen.
    pub deeper_in_view: RwSignal<bool>,
    /// The speed that is reached, in hundredths of real time, where the machine is too slow for the chosen one.
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

    /// The present speed; `None` is as fast as the machine can. Slow motion is a tenth of the chosen speed, or of real
    /// time if that is unlimited.
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

    /// Whether the run is slowed, for any of the three reasons; tracked.
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
