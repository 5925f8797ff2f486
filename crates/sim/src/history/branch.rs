//! A branch of a history: its log, its observations, and its checkpoints.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::engine::command::LogEntry;
use crate::engine::observations::Observation;
use crate::engine::{Engine, EventBudget, Progress};
use crate::time::SimTime;

/// The most observations of a branch that are kept; the oldest are dropped first.
pub const FACTS: usize = 4_096;
/// The number of events between two checkpoints while the run is short, and between the newest ones always: a step
/// back replays that many, some ten milliseconds of work.
pub const SPACING: u64 = 32_768;
/// How many of the newest checkpoints stay that close.
const NEWEST: u32 = 6;
/// The most checkpoints of a branch before every second one is dropped.
const MOST: usize = 48;

/// The identity of a branch within a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BranchId(pub(super) u32);

/// A checkpoint: a copy of the engine.
#[derive(Debug)]
pub(super) struct Checkpoint {
    pub engine: Engine,
    pub bytes: usize,
    /// Its number in the order of all checkpoints of its branch.
    serial: u32,
}

impl Checkpoint {
    pub fn of(engine: &Engine, serial: u32) -> Self {
        let engine = engine.copy();
        Self {
            bytes: engine.footprint(),
            engine,
            serial,
        }
    }

    pub const fn at(&self) -> SimTime {
        self.engine.view().now()
    }
}

/// The result of a search for the next pick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PickSearch {
    /// A pick was made; the engine is at the end of its instant.
    Picked,
    /// No pick was made up to the bound, where the engine is now.
    Reached,
    /// The event budget was used up first.
    OutOfBudget,
}

#[derive(Debug)]
pub(super) struct Branch {
    pub id: BranchId,
    pub log: Vec<LogEntry>,
    /// How many commands were removed from the log because they could not be carried out.
    pub refused: usize,
    pub furthest: SimTime,
    pub facts: VecDeque<Observation>,
    next_fact: u64,
    /// The checkpoints, by time, the first at 0.
    copies: Vec<Rc<Checkpoint>>,
    /// The engine at the end of the branch, while the reader is elsewhere.
    pub tip: Option<Rc<Checkpoint>>,
    /// The time at which the reader last left the branch.
    pub left_at: SimTime,
}

impl Branch {
    pub const fn new(id: BranchId, log: Vec<LogEntry>) -> Self {
        Self {
            id,
            log,
            refused: 0,
            furthest: SimTime::ZERO,
            facts: VecDeque::new(),
            next_fact: 0,
            copies: Vec::new(),
            tip: None,
            left_at: SimTime::ZERO,
        }
    }

    /// A branch with the same past, which ends at `at`.
    pub fn until(&self, id: BranchId, at: SimTime) -> Self {
        let facts: VecDeque<Observation> = self.past_facts(at).cloned().collect();
        let next_fact = facts.back().map_or(0, |fact| fact.number + 1);
        let mut branch = Self {
            furthest: at,
            refused: self.refused,
            next_fact,
            facts,
            copies: self.copies.clone(),
            ..Self::new(id, Vec::new())
        };
        branch.forget_copies_from(at);
        branch
    }

    fn past_facts(&self, at: SimTime) -> impl Iterator<Item = &Observation> {
        self.facts.iter().filter(move |fact| fact.at <= at)
    }

    /// Advances an engine of this branch, carrying out the log on the way.
    pub fn advance(
        &mut self,
        engine: &mut Engine,
        until: SimTime,
        budget: EventBudget,
    ) -> Progress {
        let mut left = budget.0;
        loop {
            let place = engine.view().log().len();
            let due = self
                .log
                .get(place)
                .filter(|entry| entry.at <= until)
                .cloned();
            let before = engine.view().events();
            let stop = due.as_ref().map_or(until, |entry| entry.at);
            if engine.run_until(stop, EventBudget(left)) == Progress::OutOfBudget {
                return Progress::OutOfBudget;
            }
            left -= engine.view().events() - before;
            let Some(entry) = due else {
                return Progress::Done;
            };
            if engine.apply(entry.command).is_err() {
                self.log.remove(place);
                self.refused += 1;
            }
        }
    }

    /// Advances to the end of the instant of the next pick, but not beyond `until`.
    pub fn run_to_pick(
        &mut self,
        engine: &mut Engine,
        until: SimTime,
        budget: &mut u64,
    ) -> PickSearch {
        loop {
            let (picks, before) = (engine.picks(), engine.view().events());
            let command = self
                .log
                .get(engine.view().log().len())
                .map(|entry| entry.at);
            let next = engine.next_at().into_iter().chain(command).min();
            let stop = next.filter(|next| *next <= until).unwrap_or(until);
            self.advance(engine, stop, EventBudget::UNBOUNDED);
            let spent = engine.view().events() - before;
            *budget = budget.saturating_sub(spent.max(1));
            if engine.picks() != picks {
                return PickSearch::Picked;
            }
            if next.is_none_or(|next| next > until) {
                return PickSearch::Reached;
            }
            if *budget == 0 {
                return PickSearch::OutOfBudget;
            }
        }
    }

    /// Keeps the new observations of an engine.
    pub fn take_facts(&mut self, engine: &Engine) {
        let facts = engine.view().facts();
        let new = facts
            .iter()
            .rev()
            .take_while(|fact| fact.number >= self.next_fact)
            .count();
        for fact in facts.range(facts.len() - new..) {
            self.next_fact = fact.number + 1;
            if self.facts.len() == FACTS {
                self.facts.pop_front();
            }
            self.facts.push_back(fact.clone());
        }
    }

    /// Whether the last checkpoint is far enough back for a new one.
    pub fn wants_copy(&self, events: u64, spacing: u64) -> bool {
        let last = self
            .copies
            .last()
            .map_or(0, |copy| copy.engine.view().events());
        events >= last + spacing
    }

    pub fn keep_copy(&mut self, engine: &Engine) {
        let serial = self.copies.last().map_or(0, |copy| copy.serial + 1);
        self.copies.push(Rc::new(Checkpoint::of(engine, serial)));
    }

    /// Drops the checkpoints from `at` on, which are no longer this branch's past.
    pub fn forget_copies_from(&mut self, at: SimTime) {
        // The first one stays: nothing was done before it.
        let later = |copy: &Rc<Checkpoint>| copy.serial == 0 || copy.at() < at;
        self.copies.retain(later);
    }

    /// The nearest checkpoint at `at` or before.
    pub fn copy_before(&self, at: SimTime) -> &Rc<Checkpoint> {
        self.all_copies()
            .filter(|copy| copy.at() <= at)
            .max_by_key(|copy| copy.at())
            .unwrap_or(&self.copies[0])
    }

    pub fn all_copies(&self) -> impl Iterator<Item = &Rc<Checkpoint>> {
        self.copies.iter().chain(&self.tip)
    }

    /// Whether there are more than [`MOST`] checkpoints even if they are `apart` from each other.
    pub fn is_dense(&self, apart: u32) -> bool {
        self.kept(apart, NEWEST).count() > MOST
    }

    fn kept(&self, apart: u32, newest: u32) -> impl Iterator<Item = &Rc<Checkpoint>> {
        let last = self.copies.last().map_or(0, |copy| copy.serial);
        let keep = move |serial: u32| serial.is_multiple_of(apart) || serial + newest > last;
        self.copies.iter().filter(move |copy| keep(copy.serial))
    }

    /// Drops the checkpoints that are closer than `apart`, except the newest if the branch is in use.
    pub fn thin(&mut self, apart: u32, in_use: bool) {
        let newest = if in_use { NEWEST } else { 0 };
        self.copies = self.kept(apart, newest).cloned().collect();
    }

    /// Drops one checkpoint that thinning keeps; returns whether there was one.
    pub fn give_up_one(&mut self, in_use: bool) -> bool {
        if !in_use && self.tip.take().is_some() {
            return true;
        }
        let more = self.copies.len() > 1;
        if more {
            self.copies.remove(1);
        }
        more
    }
}
