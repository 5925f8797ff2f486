//! The workload: when clients send requests, and what these look like.
//!
//! Owns the arrival process ([`Traffic`]) and the request templates, and schedules arrivals and the thinking times of
//! the users of a closed loop. **Invariant:** an open loop has one arrival pending, unless its rate is 0; a user of a
//! closed loop either thinks or has one request in flight.

use super::event::Event;
use super::request_template::RequestTemplates;
use super::schedule::Schedule;
use crate::fleet::traffic::{RequestSample, Traffic};
use crate::scenario::Scenario;
#[cfg(debug_assertions)]
use crate::time::SimTime;
use crate::units::MilliRps;

/// The arrival process and the request templates of a run.
#[derive(Clone, Debug)]
pub(super) struct Workload {
    traffic: Traffic,
    /// Counted up whenever the next arrival is scheduled anew; arrival events of an older epoch are void.
    epoch: u32,
    /// The request heads of all classes.
    pub templates: RequestTemplates,
}

impl Workload {
    /// The workload that a scenario describes. Nothing is scheduled yet.
    pub fn new(scenario: &Scenario, seed: u64) -> Self {
        let (clients, classes) = (&scenario.clients, &scenario.classes);
        Self {
            traffic: Traffic::new(scenario.arrivals, clients, classes, seed),
            epoch: 0,
            templates: RequestTemplates::new(scenario),
        }
    }

    /// Schedules the first arrival of an open loop.
    pub fn start_arrivals(&mut self, schedule: &mut Schedule) {
        self.schedule_arrival(schedule);
    }

    /// Schedules the first request of every user of a closed loop.
    pub fn start_users(&mut self, schedule: &mut Schedule) {
        for user_index in 0..self.traffic.users() {
            self.think(user_index, schedule);
        }
    }

    /// Draws the request that arrives now, and schedules the next arrival.
    pub fn arrive(&mut self, schedule: &mut Schedule) -> RequestSample {
        let draw = self.traffic.arrive(schedule.now());
        self.schedule_arrival(schedule);
        draw
    }

    /// Draws the request of a user who has finished thinking.
    pub fn send(&mut self, user_index: u32) -> RequestSample {
        self.traffic.send(user_index)
    }

    /// A request has ended: in a closed loop its user thinks, then sends the next one.
    pub fn on_end(&mut self, draw: &RequestSample, schedule: &mut Schedule) {
        if let Some(user_index) = self.traffic.user_index(draw) {
            self.think(user_index, schedule);
        }
    }

    /// Changes the rate of an open loop from now on.
    pub fn set_rate(&mut self, rate: MilliRps, schedule: &mut Schedule) {
        self.traffic.set_rate(schedule.now(), rate);
        self.schedule_arrival(schedule);
    }

    /// Whether arrival events of this epoch are void.
    #[inline(always)]
    pub const fn is_void(&self, epoch: u32) -> bool {
        self.epoch != epoch
    }

    /// The present rate, in thousandths of a request a second.
    pub const fn rate(&self) -> MilliRps {
        self.traffic.rate()
    }

    /// Whether it is a closed loop.
    pub fn is_closed(&self) -> bool {
        self.traffic.is_closed()
    }

    /// Schedules the next arrival in place of the one scheduled before.
    fn schedule_arrival(&mut self, schedule: &mut Schedule) {
        self.epoch += 1;
        let epoch = self.epoch;
        if let Some(at) = self.traffic.next_at() {
            schedule.at(at, Event::Arrival { epoch });
        }
    }

    fn think(&mut self, user_index: u32, schedule: &mut Schedule) {
        let delay = self.traffic.think(user_index);
        schedule.after(delay, Event::UserThinks { user_index });
    }
}

#[cfg(debug_assertions)]
impl Workload {
    /// When the next request of an open loop arrives; `None` if none does.
    pub fn next_at(&self) -> Option<SimTime> {
        self.traffic.next_at()
    }

    /// The number of users of a closed loop.
    pub fn users(&self) -> u32 {
        self.traffic.users()
    }

    /// Whether the request of a sample was sent by a user of a closed loop.
    pub fn is_of_user(&self, draw: &RequestSample) -> bool {
        self.traffic.user_index(draw).is_some()
    }

    /// Makes pending arrivals void: a defect, for the tests of the invariants.
    #[cfg(test)]
    pub const fn forget_arrival(&mut self) {
        self.epoch += 1;
    }
}
