//! The bridge between the engine and the page.
//!
//! The engine lives outside the reactive graph. What the page shows as text is copied out of a
//! [`View`] when the pulse fires (four times a second while running, and at once after a command);
//! canvases read the view directly in each frame.

use leptos::prelude::*;

use crate::sim::engine::Engine;
use crate::sim::engine::command::{Command, CommandError};
use crate::sim::engine::view::View;
use crate::sim::run::Run;
use crate::sim::scenario::preset::default_scenario;

/// A look at the world that copies a value out.
type Look<T> = Box<dyn Fn(View<'_>) -> T + Send + Sync>;

/// A handle to the running world; copied freely into components.
#[derive(Clone, Copy)]
pub struct Session {
    engine: StoredValue<Engine, LocalStorage>,
    pulse: Trigger,
    refusal: RwSignal<Option<CommandError>>,
    run: RwSignal<u32>,
}

impl Session {
    /// A session with the default scene.
    #[must_use]
    pub fn new() -> Self {
        Self {
            engine: StoredValue::new_local(watched(&Run::start(default_scenario()))),
            pulse: Trigger::new(),
            refusal: RwSignal::new(None),
            run: RwSignal::new(0),
        }
    }

    /// Looks at the world, without being told of changes.
    pub fn read<T>(self, look: impl FnOnce(View<'_>) -> T) -> T {
        self.engine.with_value(|engine| look(engine.view()))
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
    fn watch_boxed<T>(self, look: Look<T>) -> Memo<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |_| {
            self.pulse.track();
            self.engine.with_value(|engine| look(engine.view()))
        })
    }

    /// Gives a command. A refusal changes nothing and is shown by the page.
    pub fn send(self, command: Command) -> Result<(), CommandError> {
        let mut result = Ok(());
        self.engine
            .update_value(|engine| result = engine.apply(command));
        if self.refusal.get_untracked() != result.err() {
            self.refusal.set(result.err());
        }
        self.pulse.notify();
        result
    }

    /// Changes the engine in ways that are not commands: running it, replacing it.
    pub fn drive<T>(self, act: impl FnOnce(&mut Engine) -> T) -> T {
        self.engine
            .try_update_value(act)
            .expect("the session lives as long as the page")
    }

    /// Opens a run in the place of the present one: another scene, or the same one again. Its
    /// scenario must be valid ([`crate::sim::scenario::validate::faults`]); to say so is the caller's
    /// part. Commands of its log that cannot be carried out are left out.
    pub fn open(self, run: &Run) {
        self.drive(|engine| *engine = watched(run));
        self.refusal.set(None);
        self.run.update(|run| *run += 1);
        self.pulse.notify();
    }

    /// The present run: what [`Self::open`] takes to have this very world again.
    #[must_use]
    pub fn present(self) -> Run {
        self.read(Run::of)
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

fn watched(run: &Run) -> Engine {
    let mut engine = run.replay();
    engine.set_watched(true);
    engine
}
