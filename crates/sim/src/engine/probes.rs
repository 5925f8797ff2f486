//! Active checks: probes that are sent, answered or not, counted, and sent again.

use super::Engine;
use super::event::{Event, ProbeStep};
use super::observations::ObservationKind;
use super::observer::Observed;
use super::observer::fault_history::ChangeKind;
use super::request::Trip;
use crate::balance::endpoint::AdminState;
use crate::fleet::server::ProcessState;
use crate::health::active::CheckTransition;
use crate::ids::{EndpointId, UpstreamRef};
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Probe {
    /// The phase of the present probe.
    pub phase: ProbePhase,
    /// Counted up with each probe: events of older ones are void.
    run: u32,
}

impl Probe {
    /// Whether an event that was scheduled for run `run` of the probe is void.
    pub(super) const fn is_void(&self, run: u32) -> bool {
        self.run != run
    }
}

impl Engine {
    /// Starts probing every endpoint that is not in maintenance: the first probes are spread over one interval, as in
    /// HAProxy, so that they do not all come at once.
    pub(super) fn schedule_all_probes(&mut self) {
        for upstream_ref in self.balancers.upstream_refs() {
            if self.checks(upstream_ref.balancer) {
                self.schedule_probes_of(upstream_ref);
            }
        }
    }

    /// Starts probing an upstream's endpoints.
    pub(super) fn schedule_probes_of(&mut self, upstream_ref: UpstreamRef) {
        let upstream = self.balancers.upstream(upstream_ref);
        let Some(config) = upstream.active().copied() else {
            // Checks are off.
            return;
        };
        let ids: Vec<EndpointId> = upstream
            .endpoints()
            .iter()
            .filter(|endpoint| endpoint.admin != AdminState::Maint)
            .map(|endpoint| endpoint.id)
            .collect();
        for (place, &id) in ids.iter().enumerate() {
            let delay = config.interval_us.scaled(place as u64, ids.len() as u64);
            self.schedule_probe(id, delay);
        }
    }

    /// Stops probing every endpoint.
    pub(super) fn cancel_all_probes(&mut self) {
        for probe in &mut self.probes {
            probe.run += 1;
            probe.phase = ProbePhase::Off;
        }
    }

    /// Stops probing one endpoint.
    pub(super) fn cancel_probe(&mut self, id: EndpointId) {
        let probe = &mut self.probes[id.index()];
        probe.run += 1;
        probe.phase = ProbePhase::Off;
    }

    /// Sends the next probe of an endpoint after `delay`.
    pub(super) fn schedule_probe(&mut self, id: EndpointId, delay: SimDuration) {
        let next = self.schedule.now() + delay;
        let probe = &mut self.probes[id.index()];
        probe.run += 1;
        probe.phase = ProbePhase::Idle { next };
        self.push_probe(id, next, ProbeStep::Due);
    }

    pub(super) fn on_probe(&mut self, id: EndpointId, step: ProbeStep) {
        match step {
            ProbeStep::Due => self.send_probe(id),
            ProbeStep::AtServer => self.probe_at_server(id),
            ProbeStep::Answered => self.answer_probe(id, true),
            ProbeStep::Back => {
                let pass = matches!(
                    self.probes[id.index()].phase,
                    ProbePhase::Back { pass: true, .. }
                );
                self.end_probe(id, pass);
            }
            ProbeStep::TimedOut => self.end_probe(id, false),
        }
    }

    fn send_probe(&mut self, id: EndpointId) {
        let config = self.balancers.upstream_of(id).active();
        let config = config.expect("switching checks off voids those under way");
        let timeout = config.timeout_us;
        let trip = self.schedule.trip(self.scenario.links.server_us);
        self.probes[id.index()].phase = ProbePhase::Out(trip);
        self.observe(Observed::Endpoint(id, ChangeKind::CheckSent));
        self.push_probe(id, trip.arrive, ProbeStep::AtServer);
        self.push_probe(id, self.schedule.now() + timeout, ProbeStep::TimedOut);
    }

    fn probe_at_server(&mut self, id: EndpointId) {
        let server = self.servers.expect(self.balancers.server_of(id));
        let (process, time) = (server.process(), server.time_for(PROBE_WORK));
        self.probes[id.index()].phase = ProbePhase::Held;
        match process {
            ProcessState::Up => {
                self.push_probe(id, self.schedule.now() + time, ProbeStep::Answered)
            }
            ProcessState::Crashed => self.answer_probe(id, false),
            ProcessState::Hanging => {}
        }
    }

    fn answer_probe(&mut self, id: EndpointId, pass: bool) {
        let trip = self.schedule.trip(self.scenario.links.server_us);
        // A process that died or hung meanwhile answers no more.
        let process = self.servers.expect(self.balancers.server_of(id)).process();
        if process == ProcessState::Hanging {
            return;
        }
        let pass = pass && process == ProcessState::Up;
        self.probes[id.index()].phase = ProbePhase::Back { trip, pass };
        self.push_probe(id, trip.arrive, ProbeStep::Back);
    }

    fn end_probe(&mut self, id: EndpointId, pass: bool) {
        let upstream = self.balancers.upstream_of_mut(id);
        let transition = upstream.on_probe(self.schedule.now(), id, pass);
        self.record.probed(self.schedule.now(), id, pass);
        self.observe(Observed::Probed(id, pass));
        self.tell_transition(id, transition);
        if let Some(delay) = self.balancers.upstream_of(id).probe_delay(id) {
            self.schedule_probe(id, delay);
        }
    }

    fn tell_transition(&mut self, id: EndpointId, transition: Option<CheckTransition>) {
        match transition {
            Some(CheckTransition::WentUp) => {
                self.tell(id, ObservationKind::WentUp);
                self.start_slowly(id);
            }
            Some(CheckTransition::WentDown) => self.tell(id, ObservationKind::WentDown),
            None => {}
        }
    }

    /// Errors in real traffic moved the check's counter: the next probe comes sooner (HAProxy's `fastinter`).
    pub(super) fn on_check_moved(&mut self, id: EndpointId, transition: Option<CheckTransition>) {
        self.tell_transition(id, transition);
        let active = self.balancers.upstream_of(id).active();
        let active = active.expect("errors move the counter only where checks are on");
        let fast = active.fast_interval_us;
        if let ProbePhase::Idle { next } = self.probes[id.index()].phase
            && next > self.schedule.now() + fast
        {
            self.schedule_probe(id, fast);
        }
    }

    fn push_probe(&mut self, endpoint: EndpointId, at: SimTime, step: ProbeStep) {
        let run = self.probes[endpoint.index()].run;
        self.schedule.at(
            at,
            Event::Probe {
                endpoint,
                run,
                step,
            },
        );
    }
}
