//! The bridge between the engine and the page.
//!
//! The engine lives outside the reactive graph. What the page shows as text is copied out of a
//! [`View`] when the pulse fires (four times a second while running, and at once after a command);
//! canvases read the view directly in each frame.

use leptos::prelude::*;

use crate::sim::engine::Engine;
use crate::sim::engine::command::{Command, CommandError};
use crate::sim::engine::view::View;
use crate::sim::scenario::Scenario;
use crate::sim::scenario::preset::default_scenario;

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
        let scenario = default_scenario();
        Self {
            engine: StoredValue::new_local(fresh(&scenario, scenario.seed)),
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

    /// The same scene from time 0, edits undone.
    pub fn restart(self, seed: u64) {
        self.drive(|engine| *engine = fresh(&engine.view().scenario().clone(), seed));
        self.refusal.set(None);
        self.run.update(|run| *run += 1);
        self.pulse.notify();
    }

    /// How often the scene was begun anew: fields and lists that hold something of a run start
    /// afresh with it.
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

fn fresh(scenario: &Scenario, seed: u64) -> Engine {
    let mut engine = Engine::new(scenario, seed);
    engine.set_watched(true);
    engine
}
