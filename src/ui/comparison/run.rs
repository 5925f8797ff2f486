//! The bridge between the page and the compared runs, as [`Session`](crate::ui::session::Session) is for a single run.

use leptos::prelude::*;

use crate::scene::playback_clock::{LagMeter, PlaybackClock, REAL_TIME, SPEEDS};
use crate::sim::comparison::{ComparedConfig, RunComparison};
use crate::sim::engine::EventBudget;
use crate::sim::engine::command::Command;
use crate::sim::run::Run;
use crate::sim::time::{SimDuration, SimTime};
use crate::ui::testing::Clock;

/// How many events of all lanes one frame may handle.
const BUDGET: EventBudget = EventBudget(20_000);

/// A handle to the compared runs; copied freely into components.
#[derive(Clone, Copy)]
pub struct ComparisonRun {
    race: StoredValue<RunComparison, LocalStorage>,
    base: StoredValue<Run, LocalStorage>,
    pace: StoredValue<(PlaybackClock, LagMeter), LocalStorage>,
    pulse: Trigger,
    /// The settings of each lane. A start builds the lanes anew.
    pub configs: RwSignal<Vec<ComparedConfig>>,
    /// The number of starts so far.
    pub start: RwSignal<u32>,
    /// Whether the runs play.
    pub playing: RwSignal<bool>,
    /// The index of the speed in [`SPEEDS`].
    pub speed: RwSignal<usize>,
    /// The speed that is reached, in hundredths of real time, where the machine is too slow for the speed that was
    /// asked for.
    pub behind: RwSignal<Option<u32>>,
}

impl ComparisonRun {
    /// A comparison on the scene of a run, with its seed and its commands.
    pub fn new(base: Run, configs: Vec<ComparedConfig>) -> Self {
        Self {
            race: StoredValue::new_local(RunComparison::new(&base, &configs)),
            base: StoredValue::new_local(base),
            pace: StoredValue::new_local(Default::default()),
            pulse: Trigger::new(),
            configs: RwSignal::new(configs),
            start: RwSignal::new(0),
            playing: RwSignal::new(true),
            speed: RwSignal::new(REAL_TIME),
            behind: RwSignal::new(None),
        }
    }

    /// Reads the compared runs without subscribing to changes.
    pub fn read<T>(self, look: impl FnOnce(&RunComparison) -> T) -> T {
        self.race.with_value(look)
    }

    /// A value that is computed from the compared runs at each pulse.
    pub fn watch<T>(self, look: impl Fn(&RunComparison) -> T + Send + Sync + 'static) -> Memo<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |_| {
            self.pulse.track();
            self.start.track();
            self.race.with_value(&look)
        })
    }

    /// Subscribes the calling effect to the pulse.
    pub fn track(self) {
        self.pulse.track();
    }

    /// Measures whether the runs kept up since the last pulse, and refreshes every watcher.
    pub fn pulse(self) {
        let behind = self.pace.try_update_value(|(_, keeping)| keeping.behind());
        let behind = behind.flatten();
        if behind != self.behind.get_untracked() {
            self.behind.set(behind);
        }
        self.notify();
    }

    /// Refreshes every watcher.
    pub fn notify(self) {
        self.pulse.notify();
    }

    /// Starts again from time 0, with lanes of these settings.
    pub fn begin(self, configs: Vec<ComparedConfig>) {
        let race = self
            .base
            .with_value(|base| RunComparison::new(base, &configs));
        self.race.set_value(race);
        self.configs.set(configs);
        self.start.update(|start| *start += 1);
        self.pulse.notify();
    }

    /// Changes the settings of one lane, and starts again.
    pub fn change(self, place: usize, change: impl FnOnce(&mut ComparedConfig)) {
        let mut configs = self.configs.get_untracked();
        if let Some(entrant) = configs.get_mut(place) {
            change(entrant);
        }
        self.begin(configs);
    }

    /// Carries out a command in every lane.
    pub fn send(self, command: Command) {
        // What one lane can do all can, and nothing here asks for what cannot be done.
        let _ = self.race.try_update_value(|race| race.send(command));
        self.pulse.notify();
    }

    /// Advances the runs by the time of one frame.
    pub fn advance(self, delta_ms: f64) {
        let speed = SPEEDS[self.speed.get_untracked().min(SPEEDS.len() - 1)];
        let wall_us = (delta_ms * 1_000.0) as u64;
        let step = self
            .pace
            .try_update_value(|(pace, _)| pace.step(wall_us, speed));
        let done = self.race.try_update_value(|race| {
            let from = race.now();
            race.run_until(from + step.unwrap_or(SimDuration::ZERO), BUDGET);
            race.now().since(from)
        });
        let done = done.unwrap_or(SimDuration::ZERO);
        self.pace
            .update_value(|(_, keeping)| keeping.note(wall_us, speed, done));
    }
}

impl Clock for ComparisonRun {
    fn now(self) -> SimTime {
        self.read(RunComparison::now)
    }

    fn go(self, to: SimTime) {
        let _ = self
            .race
            .try_update_value(|race| race.run_until(to, EventBudget::UNBOUNDED));
        self.notify();
    }
}
