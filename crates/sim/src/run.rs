//! A run: everything needed to replay it exactly. A link holds one, a comparison changes the settings of one, and
//! going back in time replays one that stops earlier.

use super::engine::command::{Command, CommandError, LogEntry};
use super::engine::view::View;
use super::engine::{Engine, EventBudget, Progress};
use super::scenario::Scenario;
use super::time::SimTime;

/// The start of a run, its commands, and a position in its time.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The scene at time 0. Valid ([`crate::scenario::validate::faults`] finds nothing).
    pub scenario: Scenario,
    /// Decides every random draw; the scenario's own, or another.
    pub seed: u64,
    /// The commands, in the order of their times. A command at a time comes after all events of that time.
    pub log: Vec<LogEntry>,
    /// The position in time. The log may go on beyond it if the reader has gone back.
    pub at: SimTime,
}

impl Run {
    /// The start of a scene, with its own seed.
    #[must_use]
    pub fn start(scenario: Scenario) -> Self {
        Self {
            seed: scenario.seed,
            scenario,
            log: Vec::new(),
            at: SimTime::ZERO,
        }
    }

    /// The run of an engine.
    #[must_use]
    pub fn of(view: View<'_>) -> Self {
        Self {
            scenario: view.scenario().clone(),
            seed: view.seed(),
            log: view.log().to_vec(),
            at: view.now(),
        }
    }

    /// The log in the order in which it is carried out, without the first of two rates at the same instant, as the
    /// engine would keep it.
    #[must_use]
    pub fn ordered_log(&self) -> Vec<LogEntry> {
        let mut entries = self.log.clone();
        entries.sort_by_cached_key(|entry| entry.at.as_us());
        let mut log: Vec<LogEntry> = Vec::with_capacity(entries.len());
        for entry in entries {
            if log.last().is_some_and(|last| entry.replaces(last)) {
                log.pop();
            }
            log.push(entry);
        }
        log
    }

    /// The engine at [`Self::at`]. Commands of the log that cannot be carried out change nothing and are not in the
    /// engine's log.
    #[must_use]
    pub fn replay(&self) -> Engine {
        self.carried_out(false)
    }

    /// The same, with everything recorded for the page.
    #[must_use]
    pub fn replay_watched(&self) -> Engine {
        self.carried_out(true)
    }

    fn carried_out(&self, watched: bool) -> Engine {
        let mut engine = Engine::new(&self.scenario, self.seed);
        engine.set_watched(watched);
        for entry in self.ordered_log() {
            if entry.at > self.at {
                break;
            }
            engine.run_until(entry.at, EventBudget::UNBOUNDED);
            let _ = engine.apply(entry.command);
        }
        engine.run_until(self.at, EventBudget::UNBOUNDED);
        engine
    }
}

/// Something that a script can be played on: an engine, or a history.
pub trait CommandTarget {
    /// A read-only view of the present state.
    fn view(&self) -> View<'_>;

    /// Advances time up to and including `until`, within the budget.
    fn run_until(&mut self, until: SimTime, budget: EventBudget) -> Progress;

    /// Gives a command, now.
    ///
    /// # Errors
    /// [`CommandError`] if it cannot be carried out; then nothing has changed.
    fn apply(&mut self, command: Command) -> Result<(), CommandError>;
}

impl CommandTarget for Engine {
    fn view(&self) -> View<'_> {
        Self::view(self)
    }

    fn run_until(&mut self, until: SimTime, budget: EventBudget) -> Progress {
        Self::run_until(self, until, budget)
    }

    fn apply(&mut self, command: Command) -> Result<(), CommandError> {
        Self::apply(self, command)
    }
}
