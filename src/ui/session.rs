//! The bridge between the engine and the page.
//!
//! The engine lives outside the reactive graph. Texts are copied from a [`View`] at each pulse: four times a second
//! while the run plays, and at once after a command. Canvases read the view in each frame.

use leptos::prelude::*;

use crate::sim::engine::EventBudget;
use crate::sim::engine::command::{Command, CommandError};
use crate::sim::engine::view::View;
use crate::sim::history::{BranchId, History};
use crate::sim::run::Run;
use crate::sim::scenario::Scenario;
use crate::sim::scenario::preset::start_scenario;
use crate::sim::time::SimTime;

/// The most events of a jump in time that the page handles at once, some tens of milliseconds of work. A longer jump
/// goes on in slices.
const AT_ONCE: EventBudget = EventBudget(100_000);

/// The number of parts below the first view that have a pulse of their own.
pub const DEEPER_PARTS: usize = 4;

/// A function that copies a value from a view.
type ViewQuery<T> = Box<dyn Fn(View<'_>) -> T + Send + Sync>;

/// A handle to the run; copied freely into components.
#[derive(Clone, Copy)]
pub struct Session {
    history: StoredValue<History, LocalStorage>,
    /// The pulse of the components that have this handle.
    pulse: Trigger,
    /// The pulse of the first view.
    first_view: Trigger,
    /// The pulses of the parts below the first view.
    deeper: [Trigger; DEEPER_PARTS],
    picked: Trigger,
    fast: RwSignal<bool>,
    refusal: RwSignal<Option<CommandError>>,
    run: RwSignal<u32>,
    jumps: RwSignal<u32>,
    seeking: RwSignal<bool>,
}

impl Session {
    /// A session with the first scene.
    #[must_use]
    pub fn new() -> Self {
        let first_view = Trigger::new();
        Self {
            history: StoredValue::new_local(History::new(&Run::start(start_scenario()))),
            pulse: first_view,
            first_view,
            deeper: std::array::from_fn(|_| Trigger::new()),
            picked: Trigger::new(),
            fast: RwSignal::new(false),
            refusal: RwSignal::new(None),
            run: RwSignal::new(0),
            jumps: RwSignal::new(0),
            seeking: RwSignal::new(false),
        }
    }

    /// The same session for a part below the first view, from 0 to [`DEEPER_PARTS`]. Its pulse comes some frames after
    /// that of the stage, so that no frame has to update all texts and charts.
    #[must_use]
    pub const fn deeper(self, part: usize) -> Self {
        Self {
            pulse: self.deeper[part],
            ..self
        }
    }

    /// Reads the view without subscribing to changes.
    pub fn read<T>(self, look: impl FnOnce(View<'_>) -> T) -> T {
        self.history.with_value(|history| look(history.view()))
    }

    /// Reads the history of the run without subscribing to changes.
    pub fn read_history<T>(self, look: impl FnOnce(&History) -> T) -> T {
        self.history.with_value(look)
    }

    /// A value copied from the view at each pulse. Its subscribers run only when the value changes.
    pub fn watch<T>(self, look: impl Fn(View<'_>) -> T + Send + Sync + 'static) -> Memo<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        self.watch_boxed(Box::new(look))
    }

    /// Boxed, so that the code of a memo is there once for each type of value and not once for each
    /// caller: a quarter of the program's size.
    fn watch_boxed<T>(self, look: ViewQuery<T>) -> Memo<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |_| {
            self.pulse.track();
            self.history.with_value(|history| look(history.view()))
        })
    }

    /// A value copied from the view at each pick and at each pulse: for texts on single picks.
    pub fn watch_picks<T>(self, look: impl Fn(View<'_>) -> T + Send + Sync + 'static) -> Memo<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |_| {
            self.picked.track();
            self.pulse.track();
            self.history.with_value(|history| look(history.view()))
        })
    }

    /// Refreshes the watchers of single picks.
    pub fn notify_pick(self) {
        self.picked.notify();
    }

    /// Whether picks come too fast to be read one by one; tracked.
    #[must_use]
    pub fn is_fast(self) -> Signal<bool> {
        self.fast.into()
    }

    /// Sets whether picks come too fast to be read one by one.
    pub fn set_fast(self, fast: bool) {
        if self.fast.get_untracked() != fast {
            self.fast.set(fast);
        }
    }

    /// A value copied from the history of the run at each pulse.
    pub fn watch_history<T>(self, look: impl Fn(&History) -> T + Send + Sync + 'static) -> Memo<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |_| {
            self.pulse.track();
            self.history.with_value(&look)
        })
    }

    /// Carries out a command. A refused command changes nothing, and the page shows the reason. A command in the past
    /// forks the run.
    pub fn send(self, command: Command) -> Result<(), CommandError> {
        let (result, forked) = self.drive(|history| {
            let past = history.is_in_the_past();
            let result = history.send(command);
            let forked = past && result.is_ok();
            (result, forked)
        });
        let refusal = result.clone().err();
        if self.refusal.with_untracked(|old| *old != refusal) {
            self.refusal.set(refusal);
        }
        self.seeking.set(false);
        if forked {
            self.jumps.update(|jumps| *jumps += 1);
        }
        self.notify();
        result
    }

    /// Changes the run without a command: lets time pass, or replaces the run.
    pub fn drive<T>(self, act: impl FnOnce(&mut History) -> T) -> T {
        self.history
            .try_update_value(act)
            .expect("the session lives as long as the page")
    }

    /// Jumps to a time: at once if that is little work, else in slices from frame to frame.
    pub fn seek(self, to: SimTime) {
        self.jump(|history| history.seek(to));
    }

    /// Jumps back to the last pick before the present time.
    pub fn step_back(self) {
        self.jump(History::seek_previous_pick);
    }

    /// Jumps to the end of another branch.
    pub fn switch(self, branch: BranchId) {
        self.jump(|history| history.switch(branch));
    }

    fn jump(self, set_out: impl FnOnce(&mut History)) {
        self.drive(set_out);
        self.seeking.set(true);
        self.work(|| true);
    }

    /// Continues a jump until `late` returns true, a hundred thousand events at a time.
    pub fn work(self, late: impl Fn() -> bool) {
        let on = self.drive(|history| {
            let mut on = history.work(AT_ONCE);
            while on && !late() {
                on = history.work(AT_ONCE);
            }
            on
        });
        self.land(on);
    }

    fn land(self, on: bool) {
        if self.seeking.get_untracked() != on {
            self.seeking.set(on);
        }
        if !on {
            self.jumps.update(|jumps| *jumps += 1);
            self.notify();
        }
    }

    /// Ends a jump at the time that it has reached.
    pub fn stop_seeking(self) {
        self.drive(History::stop_seeking);
        self.land(false);
    }

    /// Whether a jump is in progress.
    #[must_use]
    pub fn is_seeking(self) -> Signal<bool> {
        self.seeking.into()
    }

    /// The number of jumps so far. After a jump, announcements of the time before no longer apply.
    #[must_use]
    pub fn jumps(self) -> Signal<u32> {
        self.jumps.into()
    }

    /// Replaces the present run: by another scene, or by the same one. The caller makes sure that its scenario is valid
    /// ([`crate::sim::scenario::validate::faults`]). Commands of its log that cannot be carried out are left out. The
    /// position in time is reached at once if that is little work, else from frame to frame.
    pub fn open(self, run: &Run) {
        self.drive(|history| *history = History::new(run));
        self.refusal.set(None);
        self.run.update(|run| *run += 1);
        if run.at > SimTime::ZERO {
            self.seek(run.at);
        } else {
            self.land(false);
        }
    }

    /// The present run. [`Self::open`] restores the same state from it.
    #[must_use]
    pub fn present(self) -> Run {
        self.read_history(History::run)
    }

    /// The present scene: with the changes that commands made, and the seed of the run.
    #[must_use]
    pub fn scene(self) -> Scenario {
        let seed = self.present().seed;
        self.read(|view| Scenario {
            seed,
            ..view.edited()
        })
    }

    /// Restarts the scene of the run at time 0, without commands, with this seed.
    pub fn restart(self, seed: u64) {
        let scenario = self.read(|view| view.scenario().clone());
        self.open(&Run {
            seed,
            ..Run::start(scenario)
        });
    }

    /// The number of opened runs so far. Fields and lists that depend on the run start afresh when it changes.
    #[must_use]
    pub fn run(self) -> Signal<u32> {
        self.run.into()
    }

    /// Subscribes the calling effect to the pulse.
    pub fn track(self) {
        self.pulse.track();
    }

    /// Refreshes everybody who watches the session.
    pub fn notify(self) {
        self.first_view.notify();
        for part in self.deeper {
            part.notify();
        }
    }

    /// Refreshes the watchers of the first view only.
    pub fn notify_first_view(self) {
        self.first_view.notify();
    }

    /// Refreshes the watchers of one part below the first view only.
    pub fn notify_deeper(self, part: usize) {
        self.deeper[part].notify();
    }

    /// Clears the last refusal.
    pub fn forget_refusal(self) {
        self.refusal.set(None);
    }

    /// The reason why the last command was refused; `None` if it was not.
    #[must_use]
    pub fn refusal(self) -> Signal<Option<CommandError>> {
        self.refusal.into()
    }
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}
