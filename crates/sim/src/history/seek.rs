//! Moving to a time, in slices of work small enough to keep the page responsive.

use super::branch::PickSearch;
use super::{Fork, History};
use crate::engine::{Engine, EventBudget, Progress};
use crate::time::{SimDuration, SimTime};

/// The shortest simulated time.
const TICK: SimDuration = SimDuration::from_us(1);

/// A move in progress.
#[derive(Debug)]
pub(super) struct Seek {
    from: SimTime,
    to: SimTime,
    way: Way,
}

#[derive(Debug)]
enum Way {
    /// The visible engine runs on to the target.
    Ahead,
    /// Another engine catches up, and replaces the visible one when it has arrived.
    Behind(Box<Engine>),
    /// A search for the last pick up to `to`; the last one found so far is at `found`.
    ToPick {
        engine: Box<Engine>,
        found: Option<SimTime>,
    },
}

/// The progress of a move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seeking {
    /// The time to move to.
    pub to: SimTime,
    /// The share of the work that is done, 0 to 1.
    pub part: f64,
}

impl History {
    /// Begins a move to the end of the instant `to`, with all commands up to then. The reader's position stays until
    /// [`Self::work`] has arrived; beyond the furthest time the visible engine runs on.
    pub fn seek(&mut self, to: SimTime) {
        let now = self.view().now();
        let copy = self.branch.copy_before(to).clone();
        let mut from = now;
        let way = if now <= to && copy.at() <= now {
            Way::Ahead
        } else {
            self.leave_tip();
            from = copy.at();
            if to > self.branch.furthest {
                self.show(&copy);
                Way::Ahead
            } else {
                Way::Behind(Box::new(copy.engine.clone()))
            }
        };
        self.seek = Some(Seek { from, to, way });
    }

    /// Begins a move to the last pick before now: the end of its instant. If there is none, the move ends where it
    /// began.
    pub fn seek_previous_pick(&mut self) {
        let now = self.view().now();
        self.seek = None;
        if now > SimTime::ZERO {
            self.look_for_pick(SimTime::from_us(now.as_us() - TICK.as_us()));
        }
    }

    fn look_for_pick(&mut self, to: SimTime) {
        let copy = self.branch.copy_before(to);
        let mut engine = Box::new(copy.engine.clone());
        engine.look_at(self.view().balancer().id);
        self.seek = Some(Seek {
            from: copy.at(),
            to,
            way: Way::ToPick {
                engine,
                found: None,
            },
        });
    }

    /// Works on the move; returns whether it goes on.
    pub fn work(&mut self, budget: EventBudget) -> bool {
        let Some(mut seek) = self.seek.take() else {
            return false;
        };
        let done = match &mut seek.way {
            Way::Ahead => self.go_on(seek.to, budget) == Progress::Done,
            Way::Behind(engine) => {
                let progress = self.branch.advance(engine, seek.to, budget);
                if progress == Progress::Done {
                    std::mem::swap(&mut self.live, engine);
                    self.live.look_at(engine.view().balancer().id);
                    self.take_note();
                }
                progress == Progress::Done
            }
            Way::ToPick { engine, found } => {
                let mut left = budget.0;
                let step = loop {
                    match self.branch.run_to_pick(engine, seek.to, &mut left) {
                        PickSearch::Picked => *found = Some(engine.view().now()),
                        other => break other,
                    }
                    if left == 0 {
                        break PickSearch::OutOfBudget;
                    }
                };
                if step == PickSearch::Reached {
                    match *found {
                        Some(at) => self.seek(at),
                        // Nothing since that copy: perhaps before it.
                        None if seek.from > SimTime::ZERO => {
                            self.look_for_pick_before_copy(seek.from);
                        }
                        None => (),
                    }
                    return self.seek.is_some();
                }
                false
            }
        };
        if !done {
            self.seek = Some(seek);
        }
        !done
    }

    /// Looks for picks before a checkpoint, which may be at its very instant.
    fn look_for_pick_before_copy(&mut self, copy_at: SimTime) {
        let earlier = SimTime::from_us(copy_at.as_us() - TICK.as_us());
        self.look_for_pick(earlier);
        if let Some(seek) = &mut self.seek {
            seek.to = copy_at;
        }
    }

    /// The progress of the move; `None` if there is none.
    #[must_use]
    pub fn seeking(&self) -> Option<Seeking> {
        let seek = self.seek.as_ref()?;
        let at = match &seek.way {
            Way::Ahead => self.view().now(),
            Way::Behind(engine) | Way::ToPick { engine, .. } => engine.view().now(),
        };
        let whole = seek.to.since(seek.from).as_us().max(1) as f64;
        Some(Seeking {
            to: seek.to,
            part: at.since(seek.from).as_us() as f64 / whole,
        })
    }

    /// Ends the move at the present position.
    pub fn stop_seeking(&mut self) {
        self.seek = None;
    }

    /// Moves to a time at once, however long it takes.
    pub fn seek_now(&mut self, to: SimTime) {
        self.seek(to);
        while self.work(EventBudget::UNBOUNDED) {}
    }

    /// The branch that was left last; `None` if there is none.
    #[must_use]
    pub fn last_fork(&self) -> Option<Fork> {
        self.forks().next_back()
    }
}
