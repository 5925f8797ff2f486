//! The bridge between the page and the compared runs, as [`Session`](crate::ui::session::Session) is for a single run.

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

/// The time that a frame may run ahead, in milliseconds, so that the page stays responsive.
const AHEAD_MS: f64 = 12.0;
/// The number of events between two looks at the wall's clock, while it runs ahead.
const AHEAD_EVENTS: EventBudget = EventBudget(4_000);

/// A handle to the compared runs; copied freely into components.
#[derive(Clone, Copy)]
pub struct ComparisonRun {
    race: StoredValue<RunComparison, LocalStorage>,
    /// The run on the stage.
    own: StoredValue<Run, LocalStorage>,
    /// The run that the comparison starts from: the one on the stage, or that of a case.
    base: StoredValue<Run, LocalStorage>,
    /// The faults that the reader or the case gave the servers, for the next start.
    faults: StoredValue<Vec<GivenFault>, LocalStorage>,
    pacer: StoredValue<FramePacer, LocalStorage>,
    pulse: Trigger,
    /// The settings of each lane. A start builds the lanes anew.
    pub configs: RwSignal<Vec<ComparedConfig>>,
    /// The number of starts so far.
    pub start: RwSignal<u32>,
    /// The case; `None` for the scene on the stage.
    pub case: RwSignal<Option<Case>>,
    /// Whether all lanes run ahead until every difference is decided.
    pub ahead: RwSignal<bool>,
    /// Whether the runs play.
    pub playing: RwSignal<bool>,
    /// The index of the speed in [`SPEEDS`].
    pub speed: RwSignal<usize>,
    /// The speed that is reached, in hundredths of real time, where the machine is too slow for the speed that was
    /// asked for.
    pub behind: RwSignal<Option<u32>>,
}

impl ComparisonRun {
    /// A comparison on the scene of a run, with its seed and its commands. One server is slow if there is no other
    /// fault.
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

    /// Starts a case; `None` is the scene on the stage.
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
        let behind = self.pacer.try_update_value(FramePacer::behind);
        let behind = behind.flatten();
        if behind != self.behind.get_untracked() {
            self.behind.set(behind);
        }
        self.notify();
    }

    /// Refreshes everybody who watches the lanes.
    pub fn notify(self) {
        self.pulse.notify();
    }

    /// Starts again from time 0, with lanes of these settings and the present faults.
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

    /// The faults of the servers, in the form of the verdicts.
    pub fn faults(self) -> Vec<GivenFault> {
        self.faults.get_value()
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

    /// Advances the runs by the time of one frame.
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
    /// Runs all lanes ahead for the time of a frame. When every difference is decided, the runs pause.
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
