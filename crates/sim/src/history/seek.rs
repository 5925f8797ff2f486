//! Going to a place in time, in slices of work small enough to leave the page alive.

use super::branch::PickSearch;
use super::{Fork, History};
use crate::engine::{Engine, EventBudget, Progress};
use crate::time::{SimDuration, SimTime};

/// The shortest time there is.
const TICK: SimDuration = SimDuration::from_us(1);

/// A journey under way.
#[derive(Debug)]
pub(super) struct Seek {
    from: SimTime,
    to: SimTime,
    way: Way,
}

#[derive(Debug)]
enum Way {
    /// The world that the reader sees runs on.
    Ahead,
    /// Another one catches up out of sight and takes its place when it is there.
    Behind(Box<Engine>),
    /// Looking for the last pick up to `to`, the last one seen so far being at `found`.
    ToPick {
        engine: Box<Engine>,
        found: Option<SimTime>,
    },
}

/// How far a journey has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seeking {
    /// Where it goes.
    pub to: SimTime,
    /// How much of it is done, 0 to 1.
    pub part: f64,
}

impl History {
    /// Sets out for the end of the instant `to`, with all that was commanded up to then. The reader
    /// stays where he is until [`Self::work`] has got there; beyond the furthest place he sees the
    /// world run on.
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

    /// Sets out for the last pick before now: the end of its instant. Where there is none, the
    /// journey ends where it began.
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

    /// Works on the journey. Tells whether it goes on.
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

    /// Picks at the very instant of a copy may have come before it.
    fn look_for_pick_before_copy(&mut self, copy_at: SimTime) {
        let earlier = SimTime::from_us(copy_at.as_us() - TICK.as_us());
        self.look_for_pick(earlier);
        if let Some(seek) = &mut self.seek {
            seek.to = copy_at;
        }
    }

    /// The journey under way, if there is one.
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

    /// Ends the journey where the reader is.
    pub fn stop_seeking(&mut self) {
        self.seek = None;
    }

    /// Goes to a place at once, however long it takes.
    pub fn seek_now(&mut self, to: SimTime) {
        self.seek(to);
        while self.work(EventBudget::UNBOUNDED) {}
    }

    /// The branch that was left last, where there is one.
    #[must_use]
    pub fn last_fork(&self) -> Option<Fork> {
        self.forks().next_back()
    }
}
