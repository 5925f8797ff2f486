//! The bridge between the page and a race, as [`Session`](crate::ui::session::Session) is for a run.

use leptos::prelude::*;

use crate::scene::comparison_cases::{Case, GivenFault, begin, opening_configs, opening_fault};
use crate::scene::playback_clock::{FramePacer, REAL_TIME, SPEEDS};
use crate::sim::comparison::{ComparedConfig, RunComparison};
use crate::sim::engine::EventBudget;
use crate::sim::engine::command::{Command, FaultKind};
use crate::sim::run::Run;
use crate::sim::time::SimTime;
use crate::ui::frame::EVENTS;
use crate::ui::testing::Clock;

/// How long a frame may run ahead, in milliseconds: the page stays at hand.
const AHEAD_MS: f64 = 12.0;
/// How many events it runs ahead between two looks at the wall's clock.
const AHEAD_EVENTS: EventBudget = EventBudget(4_000);

/// A handle to the race; copied freely into components.
#[derive(Clone, Copy)]
pub struct ComparisonRun {
    race: StoredValue<RunComparison, LocalStorage>,
    /// The run on the stage.
    own: StoredValue<Run, LocalStorage>,
    /// What the race begins from: the run on the stage, or a case.
    base: StoredValue<Run, LocalStorage>,
    /// What the reader or the case has given the servers, for the next start.
    faults: StoredValue<Vec<GivenFault>, LocalStorage>,
    pacer: StoredValue<FramePacer, LocalStorage>,
    pulse: Trigger,
    /// The lanes: they are built anew with each start.
    pub configs: RwSignal<Vec<ComparedConfig>>,
    /// How often it was started.
    pub start: RwSignal<u32>,
    /// The case that is run; `None` for the scene on the stage.
    pub case: RwSignal<Option<Case>>,
    /// Whether all lanes run ahead until nothing remains to be found.
    pub ahead: RwSignal<bool>,
    /// Whether time goes on.
    pub playing: RwSignal<bool>,
    /// The place of the speed in [`SPEEDS`].
    pub speed: RwSignal<usize>,
    /// How fast it runs, in hundredths of real time, where the machine is too slow for the speed asked for.
    pub behind: RwSignal<Option<u32>>,
}

impl ComparisonRun {
    /// A race of a run's scene, with its seed and what was done in it; a server is slow if nothing else is wrong.
    pub fn new(own: Run) -> Self {
        let configs = opening_configs(&own);
        let race = RunComparison::new(&own, &configs);
        let compared = Self {
            race: StoredValue::new_local(race),
            base: StoredValue::new_local(own.clone()),
            own: StoredValue::new_local(own),
            faults: StoredValue::new_local(Vec::new()),
            pacer: StoredValue::new_local(Default::default()),
            pulse: Trigger::new(),
            configs: RwSignal::new(configs),
            start: RwSignal::new(0),
            case: RwSignal::new(None),
            ahead: RwSignal::new(false),
            playing: RwSignal::new(true),
            speed: RwSignal::new(REAL_TIME),
            behind: RwSignal::new(None),
        };
        compared.open(None);
        compared
    }

    /// Begins a case, or with `None` the scene on the stage.
    pub fn open(self, case: Option<Case>) {
        let base = match case {
            Some(case) => Run::start(case.scenario()),
            None => self.own.get_value(),
        };
        let (configs, fault) = match case {
            Some(case) => (case.configs(), case.fault()),
            None => {
                let configs = opening_configs(&base);
                let fault = opening_fault(&base, &RunComparison::new(&base, &configs));
                (configs, fault)
            }
        };
        self.base.set_value(base);
        self.faults.set_value(fault.into_iter().collect());
        self.case.set(case);
        self.begin(configs);
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
        let behind = self.pacer.try_update_value(FramePacer::behind);
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

    /// Starts again from time 0 with these lanes, and with the faults that are given now.
    pub fn begin(self, configs: Vec<ComparedConfig>) {
        let race = self.base.with_value(|base| {
            self.faults
                .with_value(|faults| begin(base, &configs, faults))
        });
        self.race.set_value(race);
        self.configs.set(configs);
        self.ahead.set(false);
        self.start.update(|start| *start += 1);
        self.pulse.notify();
    }

    /// What was given to the servers, as the race and what came of that say it.
    pub fn faults(self) -> Vec<GivenFault> {
        self.faults.get_value()
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
        if let Command::Fault(server, fault) = command {
            self.faults.update_value(|faults| {
                faults.retain(|(other, _)| *other != server);
                if fault != FaultKind::Restore {
                    faults.push((server, fault));
                }
            });
        }
        // What one lane can do all can, and nothing here asks for what cannot be done.
        let _ = self.race.try_update_value(|race| race.send(command));
        self.pulse.notify();
    }

    /// Lets the time of one frame pass.
    pub fn advance(self, delta_ms: f64) {
        if self.ahead.get_untracked() {
            self.run_ahead();
            return;
        }
        let speed = SPEEDS[self.speed.get_untracked().min(SPEEDS.len() - 1)];
        self.pacer.update_value(|pacer| {
            pacer.pass(delta_ms, speed, |step| {
                let done = self.race.try_update_value(|race| {
                    let from = race.now();
                    race.run_until(from + step, EVENTS);
                    race.now().since(from)
                });
                done.unwrap_or_default()
            });
        });
    }
}

impl ComparisonRun {
    /// Runs all lanes ahead for the time of a frame. Where nothing remains to be found, the race stands still.
    fn run_ahead(self) {
        let late = js_sys::Date::now() + AHEAD_MS;
        let sure = self.race.try_update_value(|race| {
            while !race.is_sure() && js_sys::Date::now() < late {
                let look = race.next_look().unwrap_or(race.now());
                race.run_until(look, AHEAD_EVENTS);
            }
            race.is_sure()
        });
        if sure == Some(true) {
            self.playing.set(false);
            self.ahead.set(false);
        }
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
