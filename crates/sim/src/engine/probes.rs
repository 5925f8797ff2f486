//! Active checks: when each endpoint is probed, and where its probe is.
//!
//! Owns the phase of each endpoint's probe and schedules its steps. What a result means is decided by the counter of
//! rise and fall ([`crate::health::active`]), which is the balancer's. **Invariant:** an endpoint that is probed awaits
//! one next turn, or its probe is under way and awaits its time-out; events of a probe that was cancelled or is over
//! have another run number and are void. The first probes are spread over one interval, as in HAProxy 2.6 (src/check.c,
//! `start_check_task`). Times are microseconds of simulated time.

use super::event::{Event, ProbeStep};
use super::request::Trip;
use super::schedule::Schedule;
use crate::fleet::server::{ProcessState, Server};
use crate::ids::EndpointId;
use crate::time::{SimDuration, SimTime};

/// The work of answering a probe, at speed 1. It needs no worker slot.
const PROBE_WORK: SimDuration = SimDuration::from_ms(20);

/// The phase of an endpoint's probe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProbePhase {
    /// Active checks are off for the endpoint.
    #[default]
    Off,
    /// No probe is under way.
    Idle {
        /// When the next probe is sent.
        next: SimTime,
    },
    /// The probe is on its way to the server.
    Out(Trip),
    /// The probe is at the server.
    Held,
    /// The answer is on its way to the balancer.
    Back {
        /// The way of the answer, with its times.
        trip: Trip,
        /// Whether the answer passes the check.
        pass: bool,
    },
}

/// The probing of one endpoint.
#[derive(Clone, Copy, Debug, Default)]
struct Probe {
    phase: ProbePhase,
    /// Counted up with each probe: events of older ones are void.
    run: u32,
}

/// What a step of a probe came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProbeOutput {
    /// The probe was sent.
    Sent,
    /// The probe goes on, or waits for its time-out.
    UnderWay,
    /// The probe is over.
    Ended {
        /// Whether the answer passes the check.
        pass: bool,
    },
}

/// The probes of all endpoints, by endpoint identity.
#[derive(Clone, Debug, Default)]
pub(super) struct Probes(Vec<Probe>);

impl Probes {
    /// Adds the next endpoint, which is not probed yet.
    pub fn register(&mut self) {
        self.0.push(Probe::default());
    }

    /// The number of endpoints that ever were.
    #[cfg(debug_assertions)]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// The phase of an endpoint's probe.
    pub fn phase(&self, id: EndpointId) -> ProbePhase {
        self.0[id.index()].phase
    }

    /// Whether an event that was scheduled for run `run` of an endpoint's probe is void.
    pub fn is_void(&self, id: EndpointId, run: u32) -> bool {
        self.0[id.index()].run != run
    }

    /// Starts probing endpoints, spread over one interval, so that the probes do not all come at once.
    pub fn start(&mut self, ids: &[EndpointId], interval: SimDuration, schedule: &mut Schedule) {
        for (place, &id) in ids.iter().enumerate() {
            let delay = interval.scaled(place as u64, ids.len() as u64);
            self.send_after(id, delay, schedule);
        }
    }

    /// Sends the next probe of an endpoint after `delay`; one that is under way is void.
    pub fn send_after(&mut self, id: EndpointId, delay: SimDuration, schedule: &mut Schedule) {
        let next = schedule.now() + delay;
        self.enter(id, ProbePhase::Idle { next });
        self.0[id.index()].run += 1;
        self.push(id, next, ProbeStep::Due, schedule);
    }

    /// Sends the next probe of an endpoint after `delay`, if it would come later and none is under way.
    pub fn bring_forward(&mut self, id: EndpointId, delay: SimDuration, schedule: &mut Schedule) {
        if let ProbePhase::Idle { next } = self.phase(id)
            && next > schedule.now() + delay
        {
            self.send_after(id, delay, schedule);
        }
    }

    /// Stops probing one endpoint.
    pub fn cancel(&mut self, id: EndpointId) {
        self.enter(id, ProbePhase::Off);
        self.0[id.index()].run += 1;
    }

    /// Stops probing every endpoint.
    pub fn cancel_all(&mut self) {
        for id in (0..self.0.len() as u32).map(EndpointId) {
            self.cancel(id);
        }
    }

    /// Takes the next step of the probe of an endpoint that stands for `server`. A packet takes `way` between the
    /// balancer and the server, and the balancer waits `timeout` for the answer.
    pub fn on_step(
        &mut self,
        id: EndpointId,
        step: ProbeStep,
        server: &Server,
        (way, timeout): (SimDuration, SimDuration),
        schedule: &mut Schedule,
    ) -> ProbeOutput {
        match step {
            ProbeStep::Due => {
                let trip = schedule.trip(way);
                self.enter(id, ProbePhase::Out(trip));
                self.push(id, trip.arrive, ProbeStep::AtServer, schedule);
                let late = schedule.now() + timeout;
                self.push(id, late, ProbeStep::TimedOut, schedule);
                return ProbeOutput::Sent;
            }
            ProbeStep::AtServer => {
                self.enter(id, ProbePhase::Held);
                match server.process() {
                    ProcessState::Up => {
                        let done = schedule.now() + server.time_for(PROBE_WORK);
                        self.push(id, done, ProbeStep::Answered, schedule);
                    }
                    ProcessState::Crashed => self.answer(id, false, way, schedule),
                    ProcessState::Hanging => {}
                }
            }
            // A process that died or hung meanwhile gives no answer of its own.
            ProbeStep::Answered => match server.process() {
                ProcessState::Up => self.answer(id, true, way, schedule),
                ProcessState::Crashed => self.answer(id, false, way, schedule),
                ProcessState::Hanging => {}
            },
            ProbeStep::Back => {
                let pass = matches!(self.phase(id), ProbePhase::Back { pass: true, .. });
                return ProbeOutput::Ended { pass };
            }
            ProbeStep::TimedOut => return ProbeOutput::Ended { pass: false },
        }
        ProbeOutput::UnderWay
    }

    /// An answer, or the reset of a server without a process, leaves for the balancer.
    fn answer(&mut self, id: EndpointId, pass: bool, way: SimDuration, schedule: &mut Schedule) {
        let trip = schedule.trip(way);
        self.enter(id, ProbePhase::Back { trip, pass });
        self.push(id, trip.arrive, ProbeStep::Back, schedule);
    }

    fn enter(&mut self, id: EndpointId, phase: ProbePhase) {
        self.0[id.index()].phase = phase;
    }

    fn push(&self, endpoint: EndpointId, at: SimTime, step: ProbeStep, schedule: &mut Schedule) {
        let run = self.0[endpoint.index()].run;
        let event = Event::Probe {
            endpoint,
            run,
            step,
        };
        schedule.at(at, event);
    }

    /// Says of an endpoint that it is not probed: a defect, for the tests of the invariants.
    #[cfg(test)]
    pub fn forget(&mut self, id: EndpointId) {
        self.enter(id, ProbePhase::Off);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ServerId;
    use crate::scenario::preset::default_scenario;

    const FIRST: EndpointId = EndpointId(0);
    const WAY: SimDuration = SimDuration::from_ms(2);
    const TIMEOUT: SimDuration = SimDuration::from_secs(1);

    /// Sends one probe to a server; returns when it was over, and how.
    fn probe(server: &Server) -> (SimTime, bool) {
        let (mut probes, mut schedule) = (Probes::default(), Schedule::default());
        probes.register();
        probes.start(&[FIRST], SimDuration::from_secs(5), &mut schedule);
        loop {
            let next = schedule.pop_until(SimTime::FAR);
            let (at, event) = next.expect("a probe that was sent ends");
            schedule.begin(at);
            let Event::Probe { step, run, .. } = event else {
                unreachable!("only probes are scheduled");
            };
            assert!(!probes.is_void(FIRST, run));
            let output = probes.on_step(FIRST, step, server, (WAY, TIMEOUT), &mut schedule);
            if let ProbeOutput::Ended { pass } = output {
                return (at, pass);
            }
        }
    }

    #[test]
    fn a_probe_finds_what_is_wrong_when_the_answer_or_the_time_out_comes() {
        let mut server = Server::new(ServerId(0), default_scenario().servers[0].machine());
        let work = server.time_for(PROBE_WORK);
        assert_eq!(probe(&server), (SimTime::ZERO + WAY + work + WAY, true));
        server.crash();
        assert_eq!(probe(&server), (SimTime::ZERO + WAY + WAY, false));
        server.hang(SimTime::ZERO);
        assert_eq!(probe(&server), (SimTime::ZERO + TIMEOUT, false));
    }

    #[test]
    fn a_probe_that_is_cancelled_or_hastened_makes_its_old_events_void() {
        let (mut probes, mut schedule) = (Probes::default(), Schedule::default());
        probes.register();
        let late = SimDuration::from_secs(5);
        probes.send_after(FIRST, late, &mut schedule);
        let run = probes.0[0].run;
        // It would not come sooner.
        probes.bring_forward(FIRST, late, &mut schedule);
        assert!(!probes.is_void(FIRST, run));
        probes.bring_forward(FIRST, TIMEOUT, &mut schedule);
        assert!(probes.is_void(FIRST, run));
        let next = SimTime::ZERO + TIMEOUT;
        assert_eq!(probes.phase(FIRST), ProbePhase::Idle { next });
        let run = probes.0[0].run;
        probes.cancel(FIRST);
        assert!(probes.is_void(FIRST, run) && probes.phase(FIRST) == ProbePhase::Off);
    }
}
