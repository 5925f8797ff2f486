//! Time travel: a run that the reader can move through in both directions.
//!
//! A deterministic engine needs no way to run backwards. Every so many events a checkpoint is kept; going back takes
//! the nearest checkpoint before the time and replays the log from there. Checkpoints are thinned as the run grows, so
//! memory stays bounded ([`MEMORY`]) and a jump replays at most the events between two checkpoints.
//!
//! A command in the past forks the run: what came after stays as a branch that can be returned to, and the run goes on
//! from the command. Nothing here can change a result: the engine at any time has the digest of a fresh run to that
//! time (`tests/it/history.rs`).

mod branch;
mod seek;

use std::collections::VecDeque;
use std::rc::Rc;

use self::branch::{Branch, Checkpoint};
pub use self::branch::{BranchId, FACTS, SPACING};
use self::seek::Seek;
pub use self::seek::Seeking;
use super::engine::command::{Command, CommandError, LogEntry};
use super::engine::observations::Observation;
use super::engine::view::View;
use super::engine::{Engine, EventBudget, Progress};
use super::ids::BalancerId;
use super::run::{CommandTarget, Run};
use super::time::{SimDuration, SimTime};

/// The most bytes that all checkpoints may take together, as [`Engine::footprint`] counts them. Two are always kept,
/// however large: the start, and where the reader came from.
pub const MEMORY: usize = 64 << 20;
/// The most branches that are kept besides the one in use; the oldest is dropped first.
pub const BRANCHES: usize = 16;
/// How far [`History::step`] looks for the next pick, in simulated time.
const LONGEST_STEP: SimDuration = SimDuration::from_secs(60);
/// The number of events between two looks at the observations: so few that none can be missed.
const STRETCH: u64 = 4_096;

/// A run, the reader's position in it, and the means to reach every other position.
#[derive(Debug)]
pub struct History {
    live: Engine,
    branch: Branch,
    /// The other branches, oldest first.
    others: Vec<Branch>,
    seek: Option<Seek>,
    branches_made: u32,
    spacing: u64,
    /// Every how many checkpoints of a branch one is kept, except the newest.
    apart: u32,
}

/// A branch that was left when the reader acted in its past, to return to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fork {
    /// The identity of the branch.
    pub id: BranchId,
    /// The time at which the reader left it.
    pub left_at: SimTime,
    /// The time up to which it was run.
    pub furthest: SimTime,
    /// The number of its commands.
    pub commands: usize,
}

impl History {
    /// The run at time 0, with its log still to come; [`Self::seek`] goes on to [`Run::at`]. Commands that cannot be
    /// carried out are removed from the log when their time comes ([`Self::refused`]).
    #[must_use]
    pub fn new(run: &Run) -> Self {
        Self::with_copies_every(SPACING, run)
    }

    /// The same with `events` events between two checkpoints: closer checkpoints make shorter jumps, but there are
    /// more of them.
    #[must_use]
    pub fn with_copies_every(events: u64, run: &Run) -> Self {
        let mut live = Engine::new(&run.scenario, run.seed);
        live.set_watched(true);
        let mut history = Self {
            branch: Branch::new(BranchId(0), run.ordered_log()),
            live,
            others: Vec::new(),
            seek: None,
            branches_made: 1,
            spacing: events.max(1),
            apart: 1,
        };
        history.keep_copy();
        history
    }

    /// The run at its position, replayed at once.
    #[must_use]
    pub fn open(run: &Run) -> Self {
        let mut history = Self::new(run);
        history.run_until(run.at, EventBudget::UNBOUNDED);
        history
    }

    /// A read-only view of the engine at the reader's position.
    #[must_use]
    pub const fn view(&self) -> View<'_> {
        self.live.view()
    }

    /// The log of this branch, including commands after the reader's position.
    #[must_use]
    pub fn log(&self) -> &[LogEntry] {
        &self.branch.log
    }

    /// The observations of this branch up to [`Self::furthest`], oldest first: the last [`FACTS`] of them.
    #[must_use]
    pub const fn facts(&self) -> &VecDeque<Observation> {
        &self.branch.facts
    }

    /// The time up to which this branch was run.
    #[must_use]
    pub const fn furthest(&self) -> SimTime {
        self.branch.furthest
    }

    /// The number of commands that could not be carried out and were removed from the log.
    #[must_use]
    pub const fn refused(&self) -> usize {
        self.branch.refused
    }

    /// The whole run: from it [`Self::open`] makes this position again, with what comes after it.
    #[must_use]
    pub fn run(&self) -> Run {
        Run {
            log: self.branch.log.clone(),
            ..Run::of(self.view())
        }
    }

    /// The branches that were left, newest last.
    pub fn forks(&self) -> impl DoubleEndedIterator<Item = Fork> + use<'_> {
        self.others.iter().map(|branch| Fork {
            id: branch.id,
            left_at: branch.left_at,
            furthest: branch.furthest,
            commands: branch.log.len(),
        })
    }

    /// Whether the run goes on after the reader's position: a command here forks it.
    #[must_use]
    pub fn is_in_the_past(&self) -> bool {
        self.view().now() < self.branch.furthest || self.branch.log.len() > self.view().log().len()
    }

    /// Advances time up to and including `until`, within the budget; in the past, the log is carried out again.
    pub fn run_until(&mut self, until: SimTime, budget: EventBudget) -> Progress {
        self.seek = None;
        self.go_on(until, budget)
    }

    fn go_on(&mut self, until: SimTime, budget: EventBudget) -> Progress {
        let mut left = budget.0;
        loop {
            let before = self.view().events();
            let stretch = EventBudget(left.min(STRETCH));
            let progress = self.branch.advance(&mut self.live, until, stretch);
            left -= self.view().events() - before;
            self.take_note();
            if progress == Progress::Done || left == 0 {
                return progress;
            }
        }
    }

    /// Runs to the end of the instant of the next pick; returns whether there was one. If none comes within a minute,
    /// nothing changes.
    pub fn step(&mut self) -> bool {
        self.seek = None;
        let until = self.view().now() + LONGEST_STEP;
        let mut ahead = self.live.clone();
        let mut budget = u64::MAX;
        let step = self.branch.run_to_pick(&mut ahead, until, &mut budget);
        let picked = step == branch::PickSearch::Picked;
        if picked {
            self.live = ahead;
            self.take_note();
        }
        picked
    }

    /// Gives a command now. In the past the run forks: what came after stays as a branch.
    ///
    /// # Errors
    /// [`CommandError`] if it cannot be carried out; then nothing has changed.
    pub fn send(&mut self, command: Command) -> Result<(), CommandError> {
        self.seek = None;
        // The rest of this instant comes first, as it will when the log is replayed.
        self.go_on(self.view().now(), EventBudget::UNBOUNDED);
        let past = self.is_in_the_past();
        self.live.apply(command)?;
        let now = self.view().now();
        if past {
            self.fork(now);
        }
        self.branch.log = self.live.view().log().to_vec();
        self.branch.furthest = now;
        self.branch.tip = None;
        self.branch.forget_copies_from(now);
        self.branch.take_facts(&self.live);
        Ok(())
    }

    /// Stores the branch as it is and begins a new one with the same past.
    fn fork(&mut self, at: SimTime) {
        let mut old = self.branch.until(BranchId(self.branches_made), at);
        std::mem::swap(&mut old, &mut self.branch);
        self.branches_made += 1;
        self.apart = 1;
        self.put_away(old);
    }

    fn put_away(&mut self, mut branch: Branch) {
        branch.left_at = self.view().now();
        self.others.push(branch);
        if self.others.len() > BRANCHES {
            self.others.remove(0);
        }
        self.thin();
    }

    /// Goes to the end of a branch that was left; the present one is stored among the others. An unknown branch
    /// changes nothing. May take work ([`Self::work`]).
    pub fn switch(&mut self, id: BranchId) {
        let Some(place) = self.others.iter().position(|branch| branch.id == id) else {
            return;
        };
        let mut branch = self.others.remove(place);
        self.leave_tip();
        std::mem::swap(&mut branch, &mut self.branch);
        self.put_away(branch);
        let end = self.branch.furthest;
        let copy = self.branch.copy_before(end).clone();
        self.show(&copy);
        self.seek(end);
    }

    /// Shows the engine of a checkpoint; the page keeps looking at the same balancer.
    fn show(&mut self, copy: &Checkpoint) {
        let focus = self.view().balancer().id;
        self.live = copy.engine.clone();
        self.live.look_at(focus);
    }

    /// Chooses the balancer that the page looks at. It changes no result.
    pub fn look_at(&mut self, id: BalancerId) {
        self.live.look_at(id);
    }

    /// Keeps the engine at the end of the branch before the reader goes elsewhere.
    fn leave_tip(&mut self) {
        let now = self.view().now();
        let newer = self.branch.tip.as_ref().is_none_or(|tip| tip.at() < now);
        if now >= self.branch.furthest && newer {
            self.branch.tip = Some(Rc::new(Checkpoint::of(&self.live, u32::MAX)));
            self.thin();
        }
    }

    /// Keeps new observations, and a checkpoint if one is due.
    fn take_note(&mut self) {
        let now = self.view().now();
        if now < self.branch.furthest {
            return;
        }
        self.branch.furthest = now;
        if self.branch.tip.as_ref().is_some_and(|tip| tip.at() < now) {
            self.branch.tip = None;
        }
        self.branch.take_facts(&self.live);
        if self.branch.wants_copy(self.view().events(), self.spacing) {
            self.keep_copy();
        }
    }

    fn keep_copy(&mut self) {
        self.branch.keep_copy(&self.live);
        self.thin();
    }

    /// The bytes that the checkpoints take, as [`Engine::footprint`] counts them. One that two branches share counts
    /// once.
    #[must_use]
    pub fn memory(&self) -> usize {
        let mut all: Vec<(*const Checkpoint, usize)> = self
            .branches()
            .flat_map(Branch::all_copies)
            .map(|copy| (Rc::as_ptr(copy), copy.bytes))
            .collect();
        all.sort_by_cached_key(|(copy, _)| copy.addr() as u64);
        all.dedup();
        all.iter().map(|(_, bytes)| bytes).sum()
    }

    fn branches(&self) -> impl Iterator<Item = &Branch> {
        self.others.iter().chain([&self.branch])
    }

    /// Keeps the checkpoints within [`MEMORY`]: first drops every second one, repeatedly, then those that only the
    /// stored branches have, then the newest of this one.
    fn thin(&mut self) {
        loop {
            while self.branch.is_dense(self.apart) {
                self.apart = self.apart.saturating_mul(2);
            }
            self.branch.thin(self.apart, true);
            for branch in &mut self.others {
                branch.thin(self.apart, false);
            }
            if self.memory() <= MEMORY {
                return;
            }
            if self.apart < u32::MAX / 2 {
                self.apart *= 2;
            } else if !self.others.iter_mut().any(|other| other.give_up_one(false))
                && !self.branch.give_up_one(true)
            {
                return;
            }
        }
    }
}

impl CommandTarget for History {
    fn view(&self) -> View<'_> {
        Self::view(self)
    }

    fn run_until(&mut self, until: SimTime, budget: EventBudget) -> Progress {
        Self::run_until(self, until, budget)
    }

    fn apply(&mut self, command: Command) -> Result<(), CommandError> {
        self.send(command)
    }
}
