//! The time machine: one run that can be gone through in both directions.
//!
//! A deterministic world needs no reverse gear. Every so many events a copy of it is kept; going
//! back takes the nearest copy before the place and replays the log from there. Copies are thinned
//! as the run grows, so memory stays bounded ([`MEMORY`]) and a jump replays at most a stretch
//! between two copies.
//!
//! Acting in the past forks the run: what came after stays as a branch that can be gone back to,
//! and the world goes on from the act. Nothing that is done here can change a result: a place in
//! time has the digest of a fresh run to that time (`tests/it/history.rs`).

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

/// How many bytes all copies of the world may take together, as [`Engine::footprint`] counts them.
/// Two copies are always kept, however large: the start, and where the reader came from.
pub const MEMORY: usize = 64 << 20;
/// How many branches are kept besides the one in use; the oldest goes first.
pub const BRANCHES: usize = 16;
/// How far `next pick` looks before it gives up.
const LONGEST_STEP: SimDuration = SimDuration::from_secs(60);
/// Events from one look at the journal to the next: so few that it cannot have forgotten anything.
const STRETCH: u64 = 4_096;

/// A run, the place in it that is looked at, and the way to every other place.
#[derive(Debug)]
pub struct History {
    live: Engine,
    branch: Branch,
    /// Oldest first.
    others: Vec<Branch>,
    seek: Option<Seek>,
    branches_made: u32,
    spacing: u64,
    /// Of the copies of a branch every so manyth is kept, but for the newest.
    apart: u32,
}

/// A place that can be jumped to: a branch that was left when the reader acted in its past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fork {
    /// Which.
    pub id: BranchId,
    /// Where it was left.
    pub left_at: SimTime,
    /// How far it goes.
    pub furthest: SimTime,
    /// How many commands it has.
    pub commands: usize,
}

impl History {
    /// The run at time 0, with its log still to come; [`Self::seek`] goes on to [`Run::at`].
    /// Commands that cannot be carried out leave the log when their time comes
    /// ([`Self::refused`]).
    #[must_use]
    pub fn new(run: &Run) -> Self {
        Self::with_copies_every(SPACING, run)
    }

    /// The same with so many events from one copy to the next: closer copies make shorter jumps and
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

    /// The run at its place, replayed in one go.
    #[must_use]
    pub fn open(run: &Run) -> Self {
        let mut history = Self::new(run);
        history.run_until(run.at, EventBudget::UNBOUNDED);
        history
    }

    /// The world where the reader is.
    #[must_use]
    pub const fn view(&self) -> View<'_> {
        self.live.view()
    }

    /// All that was done in this branch, also after the place where the reader is.
    #[must_use]
    pub fn log(&self) -> &[LogEntry] {
        &self.branch.log
    }

    /// What happened in this branch up to [`Self::furthest`], oldest first: the last
    /// [`FACTS`] facts.
    #[must_use]
    pub const fn facts(&self) -> &VecDeque<Observation> {
        &self.branch.facts
    }

    /// How far this branch was run.
    #[must_use]
    pub const fn furthest(&self) -> SimTime {
        self.branch.furthest
    }

    /// How many commands of the log could not be carried out and were left out of it.
    #[must_use]
    pub const fn refused(&self) -> usize {
        self.branch.refused
    }

    /// The whole run: with it [`Self::open`] gives this place again, and what comes after it.
    #[must_use]
    pub fn run(&self) -> Run {
        Run {
            log: self.branch.log.clone(),
            ..Run::of(self.view())
        }
    }

    /// The branches that were left, the newest last.
    pub fn forks(&self) -> impl DoubleEndedIterator<Item = Fork> + use<'_> {
        self.others.iter().map(|branch| Fork {
            id: branch.id,
            left_at: branch.left_at,
            furthest: branch.furthest,
            commands: branch.log.len(),
        })
    }

    /// Whether the run goes on after the place where the reader is: acting here forks it.
    #[must_use]
    pub fn is_in_the_past(&self) -> bool {
        self.view().now() < self.branch.furthest || self.branch.log.len() > self.view().log().len()
    }

    /// Lets time pass up to and including `until`, within the budget; in the past, what was done
    /// there is done again.
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

    /// Runs to the end of the instant of the next pick. Where none comes within a minute nothing
    /// changes, and the answer is no.
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

    /// Gives a command here and now. In the past the run forks: what came after stays as a branch.
    ///
    /// # Errors
    /// [`CommandError`] where it cannot be done; then nothing has changed.
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

    /// Puts the branch away as it is and begins a new one that has the same past.
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

    /// Goes to the end of a branch that was left; the present one takes its place among the others.
    /// Nothing happens where there is no such branch. May take work ([`Self::work`]).
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

    /// The copy becomes the world that is looked at, from where the reader looked at the last.
    fn show(&mut self, copy: &Checkpoint) {
        let focus = self.view().balancer().id;
        self.live = copy.engine.clone();
        self.live.look_at(focus);
    }

    /// Chooses the balancer that the page looks at. It changes no result.
    pub fn look_at(&mut self, id: BalancerId) {
        self.live.look_at(id);
    }

    /// Where the reader is at the end of the branch, that place is kept before he goes elsewhere.
    fn leave_tip(&mut self) {
        let now = self.view().now();
        let newer = self.branch.tip.as_ref().is_none_or(|tip| tip.at() < now);
        if now >= self.branch.furthest && newer {
            self.branch.tip = Some(Rc::new(Checkpoint::of(&self.live, u32::MAX)));
            self.thin();
        }
    }

    /// Looks at what the world has come to: facts, a copy where one is due.
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

    /// How many bytes the copies kept take, as [`Engine::footprint`] counts them. A copy that two
    /// branches share counts once.
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

    /// Keeps the copies within [`MEMORY`]: first every second one goes, over and over, then what
    /// branches that were left have of their own, then the newest of this one.
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
