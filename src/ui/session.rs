//! The bridge between the engine and the page.
//!
//! The engine lives outside the reactive graph. What the page shows as text is copied out of a
//! [`View`] when the pulse fires (four times a second while running, and at once after a command);
//! canvases read the view directly in each frame.

use leptos::prelude::*;

use crate::sim::engine::EventBudget;
use crate::sim::engine::command::{Command, CommandError};
use crate::sim::engine::view::View;
use crate::sim::history::{BranchId, History};
use crate::sim::run::Run;
use crate::sim::scenario::Scenario;
use crate::sim::scenario::preset::start_scenario;
use crate::sim::time::SimTime;

/// How many events a jump may take before the page goes on with it in slices: some tens of
/// milliseconds of work.
const AT_ONCE: EventBudget = EventBudget(100_000);

/// A look at the world that copies a value out.
type ViewQuery<T> = Box<dyn Fn(View<'_>) -> T + Send + Sync>;

/// A handle to the running world; copied freely into components.
#[derive(Clone, Copy)]
pub struct Session {
    history: StoredValue<History, LocalStorage>,
    pulse: Trigger,
    /// The pulse of what stands below the first view.
    deeper: Trigger,
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
        Self {
            history: StoredValue::new_local(History::new(&Run::start(start_scenario()))),
            pulse: Trigger::new(),
            deeper: Trigger::new(),
            picked: Trigger::new(),
            fast: RwSignal::new(false),
            refusal: RwSignal::new(None),
            run: RwSignal::new(0),
            jumps: RwSignal::new(0),
            seeking: RwSignal::new(false),
        }
    }

    /// The same session for what stands below the first view. The loop tells it of changes some frames after the
    /// stage, so that no frame has all the texts and charts of the page to change.
    #[must_use]
    pub const fn deeper(self) -> Self {
        Self {
            pulse: self.deeper,
            deeper: self.pulse,
            ..self
        }
    }

    /// Looks at the world, without being told of changes.
    pub fn read<T>(self, look: impl FnOnce(View<'_>) -> T) -> T {
        self.history.with_value(|history| look(history.view()))
    }

    /// Looks at the whole run, without being told of changes.
    pub fn read_history<T>(self, look: impl FnOnce(&History) -> T) -> T {
        self.history.with_value(look)
    }

    /// A value copied out of the world at each pulse; the page changes only where the value does.
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

    /// A value copied out of the world at each pick, and at each pulse: for what is told of single picks.
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

    /// Tells those who watch single picks to look again.
    pub fn notify_pick(self) {
        self.picked.notify();
    }

    /// Whether picks come faster than a reader can follow one by one.
    #[must_use]
    pub fn is_fast(self) -> Signal<bool> {
        self.fast.into()
    }

    /// Says whether picks come too fast to be read.
    pub fn set_fast(self, fast: bool) {
        if self.fast.get_untracked() != fast {
            self.fast.set(fast);
        }
    }

    /// A value copied out of the whole run at each pulse.
    pub fn watch_history<T>(self, look: impl Fn(&History) -> T + Send + Sync + 'static) -> Memo<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |_| {
            self.pulse.track();
            self.history.with_value(&look)
        })
    }

    /// Gives a command. A refusal changes nothing and is shown by the page. In the past the run
    /// forks.
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

    /// Changes the run in ways that are not commands: letting time pass, replacing it.
    pub fn drive<T>(self, act: impl FnOnce(&mut History) -> T) -> T {
        self.history
            .try_update_value(act)
            .expect("the session lives as long as the page")
    }

    /// Goes to a place in time: at once where that is little work, else in slices from frame to
    /// frame.
    pub fn seek(self, to: SimTime) {
        self.jump(|history| history.seek(to));
    }

    /// Goes back to the last pick before now.
    pub fn step_back(self) {
        self.jump(History::seek_previous_pick);
    }

    /// Goes to the end of a branch that was left.
    pub fn switch(self, branch: BranchId) {
        self.jump(|history| history.switch(branch));
    }

    fn jump(self, set_out: impl FnOnce(&mut History)) {
        self.drive(set_out);
        self.seeking.set(true);
        self.work(|| true);
    }

    /// Goes on with a jump until `late`, a hundred thousand events at a time.
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

    /// Ends a jump where it is.
    pub fn stop_seeking(self) {
        self.drive(History::stop_seeking);
        self.land(false);
    }

    /// Whether a jump is under way.
    #[must_use]
    pub fn is_seeking(self) -> Signal<bool> {
        self.seeking.into()
    }

    /// How often the reader has jumped in time: what was said of the time before no longer holds.
    #[must_use]
    pub fn jumps(self) -> Signal<u32> {
        self.jumps.into()
    }

    /// Opens a run in the place of the present one: another scene, or the same one again. Its
    /// scenario must be valid ([`crate::sim::scenario::validate::faults`]); to say so is the caller's
    /// part. Commands of its log that cannot be carried out are left out. Its place in time is
    /// reached at once where that is little work, else from frame to frame.
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

    /// The present run: what [`Self::open`] takes to have this very world again.
    #[must_use]
    pub fn present(self) -> Run {
        self.read_history(History::run)
    }

    /// The scene as it stands now: with what commands have changed of it, and the seed of the run.
    #[must_use]
    pub fn scene(self) -> Scenario {
        let seed = self.present().seed;
        self.read(|view| Scenario {
            seed,
            ..view.edited()
        })
    }

    /// The same scene from time 0, edits undone.
    pub fn restart(self, seed: u64) {
        let scenario = self.read(|view| view.scenario().clone());
        self.open(&Run {
            seed,
            ..Run::start(scenario)
        });
    }

    /// How often a run was opened: fields and lists that hold something of a run start afresh with
    /// it, and what is read only once must be read again.
    #[must_use]
    pub fn run(self) -> Signal<u32> {
        self.run.into()
    }

    /// Runs the effect it is called in again at each pulse.
    pub fn track(self) {
        self.pulse.track();
    }

    /// Tells every watcher to look again.
    pub fn notify(self) {
        self.pulse.notify();
        self.deeper.notify();
    }

    /// Tells the watchers of the first view alone.
    pub fn notify_first_view(self) {
        self.pulse.notify();
    }

    /// Tells the watchers below the first view alone.
    pub fn notify_deeper(self) {
        self.deeper.notify();
    }

    /// Puts the last refusal away.
    pub fn forget_refusal(self) {
        self.refusal.set(None);
    }

    /// Why the last command was refused, if it was.
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
