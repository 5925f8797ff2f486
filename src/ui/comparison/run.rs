//! The bridge between the page and a race, as [`Session`](crate::ui::session::Session) is for a run.

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

/// A handle to the race; copied freely into components.
#[derive(Clone, Copy)]
pub struct ComparisonRun {
    race: StoredValue<RunComparison, LocalStorage>,
    base: StoredValue<Run, LocalStorage>,
    pace: StoredValue<(PlaybackClock, LagMeter), LocalStorage>,
    pulse: Trigger,
    /// The lanes: they are built anew with each start.
    pub configs: RwSignal<Vec<ComparedConfig>>,
    /// How often it was started.
    pub start: RwSignal<u32>,
    /// Whether time goes on.
    pub playing: RwSignal<bool>,
    /// The place of the speed in [`SPEEDS`].
    pub speed: RwSignal<usize>,
    /// How fast it runs, in hundredths of real time, where the machine is too slow for the speed asked for.
    pub behind: RwSignal<Option<u32>>,
}

impl ComparisonRun {
    /// A race of a run's scene, with its seed and what was done in it.
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

    /// Looks at the race, without being told of changes.
    pub fn read<T>(self, look: impl FnOnce(&RunComparison) -> T) -> T {
        self.race.with_value(look)
    }

    /// A value copied out of the race at each pulse.
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

    /// Runs the effect it is called in again at each pulse.
    pub fn track(self) {
        self.pulse.track();
    }

    /// Judges whether it kept up since it was judged last, and tells every watcher to look again.
    pub fn pulse(self) {
        let behind = self.pace.try_update_value(|(_, keeping)| keeping.behind());
        let behind = behind.flatten();
        if behind != self.behind.get_untracked() {
            self.behind.set(behind);
        }
        self.notify();
    }

    /// Tells every watcher to look again.
    pub fn notify(self) {
        self.pulse.notify();
    }

    /// Starts again from time 0 with these lanes.
    pub fn begin(self, configs: Vec<ComparedConfig>) {
        let race = self
            .base
            .with_value(|base| RunComparison::new(base, &configs));
        self.race.set_value(race);
        self.configs.set(configs);
        self.start.update(|start| *start += 1);
        self.pulse.notify();
    }

    /// Changes one lane, and starts again.
    pub fn change(self, place: usize, change: impl FnOnce(&mut ComparedConfig)) {
        let mut configs = self.configs.get_untracked();
        if let Some(entrant) = configs.get_mut(place) {
            change(entrant);
        }
        self.begin(configs);
    }

    /// Gives a command in every lane.
    pub fn send(self, command: Command) {
        // What one lane can do all can, and nothing here asks for what cannot be done.
        let _ = self.race.try_update_value(|race| race.send(command));
        self.pulse.notify();
    }

    /// Lets the time of one frame pass.
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
