//! The clock of a run, and the events that are still to come.
//!
//! Every part that waits for something schedules its own events here. **Invariant:** time never goes back, no event is
//! scheduled before the present, and events of one instant happen in the order in which they were scheduled. Times are
//! whole microseconds of simulated time.

use super::event::Event;
use super::request::Trip;
use crate::queue::EventQueue;
use crate::time::{SimDuration, SimTime};

/// The clock, the pending events, and the number of those that happened.
#[derive(Clone, Debug, Default)]
pub(super) struct Schedule {
    now: SimTime,
    queue: EventQueue<Event>,
    handled: u64,
}

impl Schedule {
    /// The present simulated time.
    #[inline(always)]
    pub const fn now(&self) -> SimTime {
        self.now
    }

    /// Schedules an event at a time that is not in the past.
    #[inline(always)]
    pub fn at(&mut self, time: SimTime, event: Event) {
        self.queue.push(time, event);
    }

    /// Schedules an event `delay` from now.
    #[inline(always)]
    pub fn after(&mut self, delay: SimDuration, event: Event) {
        self.queue.push(self.now + delay, event);
    }

    /// A trip that begins now and takes `delay`.
    #[inline(always)]
    pub fn trip(&self, delay: SimDuration) -> Trip {
        Trip {
            depart: self.now,
            arrive: self.now + delay,
        }
    }

    /// Takes the next event out, with its time, if it happens at `until` or before. The clock stays.
    #[inline(always)]
    pub fn pop_until(&mut self, until: SimTime) -> Option<(SimTime, Event)> {
        self.queue.pop_until(until)
    }

    /// Sets the clock to the time of an event that happens now, and counts the event.
    #[inline(always)]
    pub const fn begin(&mut self, at: SimTime) {
        self.now = at;
        self.handled += 1;
    }

    /// Sets the clock to `time`, unless it is later already.
    pub fn advance(&mut self, time: SimTime) {
        self.now = self.now.max(time);
    }

    /// The number of events that happened.
    pub const fn handled(&self) -> u64 {
        self.handled
    }

    /// The time of the next event; `None` if there is none.
    pub fn next_at(&self) -> Option<SimTime> {
        self.queue.next_at()
    }

    /// The number of places for pending events: as many as were ever pending at once.
    pub const fn places(&self) -> usize {
        self.queue.places()
    }
}

#[cfg(debug_assertions)]
impl Schedule {
    /// Shows every pending event with its time, and checks that the queue is sound.
    pub fn check(&self, show: impl FnMut(SimTime, &Event)) {
        self.queue.check(show);
    }

    /// Drops every pending event: a defect, for the tests of the invariants.
    #[cfg(test)]
    pub fn lose_all(&mut self) {
        self.queue = EventQueue::default();
    }
}
