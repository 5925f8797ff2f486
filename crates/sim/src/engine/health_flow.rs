//! What balancers find out about their endpoints, in its order: probes, ejections, trials, slow starts, and the
//! authority's checks of addresses. It decides nothing: rules are in [`crate::health`] and [`crate::balance`].

use super::Engine;
use super::event::{Event, ProbeStep, VipCheckStep};
use super::observations::ObservationKind;
use super::observer::Observed;
use super::observer::fault_history::ChangeKind;
use super::probes::ProbeOutput;
use super::server_link::LinkPacket;
use crate::balance::endpoint::{AdminState, Endpoint};
use crate::health::active::CheckTransition;
use crate::health::outlier::HealthTransition;
use crate::ids::{EndpointId, UpstreamRef, VipId};
use crate::time::{SimDuration, SimTime};

impl Engine {
    // ===== probes =====

    /// Starts probing every endpoint that is not in maintenance.
    pub(super) fn schedule_all_probes(&mut self) {
        for upstream_ref in self.balancers.upstream_refs() {
            if self.network.topology.checks(upstream_ref.balancer) {
                self.schedule_probes_of(upstream_ref);
            }
        }
    }

    /// Starts probing an upstream's endpoints, where checks are on.
    pub(super) fn schedule_probes_of(&mut self, upstream_ref: UpstreamRef) {
        let upstream = self.balancers.upstream(upstream_ref);
        if let Some(config) = upstream.active() {
            let checked = |one: &&Endpoint| one.admin != AdminState::Maint;
            let endpoints = upstream.endpoints().iter().filter(checked);
            let ids: Vec<EndpointId> = endpoints.map(|endpoint| endpoint.id).collect();
            self.probes
                .start(&ids, config.interval_us, &mut self.schedule);
        }
    }

    pub(super) fn on_probe(&mut self, id: EndpointId, step: ProbeStep) {
        let config = self.balancers.upstream_of(id).active();
        let config = config.expect("switching checks off voids those under way");
        let timeout = config.timeout_us;
        let times = (
            self.link_way(LinkPacket::Probe(id), SimDuration::ZERO),
            timeout,
        );
        let server = self.servers.expect(self.balancers.server_of(id));
        let output = self
            .probes
            .on_step(id, step, server, times, &mut self.schedule);
        match output {
            ProbeOutput::Sent => self.observe(Observed::Endpoint(id, ChangeKind::CheckSent)),
            ProbeOutput::UnderWay => {}
            ProbeOutput::Ended { pass } => self.end_probe(id, pass),
        }
    }

    fn end_probe(&mut self, id: EndpointId, pass: bool) {
        let now = self.schedule.now();
        let upstream = self.balancers.upstream_of_mut(id);
        let transition = upstream.on_probe(now, id, pass);
        self.record.probed(now, id, pass);
        self.observe(Observed::Probed(id, pass));
        self.record_check_transition(id, transition);
        if let Some(delay) = self.balancers.upstream_of(id).probe_delay(id) {
            self.probes.send_after(id, delay, &mut self.schedule);
        }
    }

    fn record_check_transition(&mut self, id: EndpointId, transition: Option<CheckTransition>) {
        match transition {
            Some(CheckTransition::WentUp) => {
                self.tell(id, ObservationKind::WentUp);
                self.start_slow_start(id);
            }
            Some(CheckTransition::WentDown) => self.tell(id, ObservationKind::WentDown),
            None => {}
        }
    }

    /// Errors in real traffic moved the check's counter: the next probe comes sooner (HAProxy's `fastinter`).
    fn on_check_moved(&mut self, id: EndpointId, transition: Option<CheckTransition>) {
        self.record_check_transition(id, transition);
        let active = self.balancers.upstream_of(id).active();
        let active = active.expect("errors move the counter only where checks are on");
        let fast = active.fast_interval_us;
        self.probes.bring_forward(id, fast, &mut self.schedule);
    }

    // ===== the authority's checks =====

    pub(super) fn on_vip_check(&mut self, vip: VipId, step: VipCheckStep) {
        let (topology, balancers) = (&self.network.topology, &self.balancers);
        let serves = || {
            let owner = topology.vip_owner(vip, 0);
            owner.is_some_and(|id| balancers.get(id).has_candidate(&[]))
        };
        let dns = self.network.dns.as_mut().expect("only an authority checks");
        let Some(end) = dns.on_check(vip, step, serves, &mut self.schedule) else {
            // It is under way.
            return;
        };
        self.record.vip_checked(vip, end.pass);
        if let Some(transition) = end.transition {
            let kind = match transition {
                CheckTransition::WentUp => ObservationKind::AddressListed,
                CheckTransition::WentDown => ObservationKind::AddressDelisted,
            };
            let name = topology.vip_name(vip);
            self.record.observe(self.schedule.now(), name, kind);
        }
    }

    // ===== passive checks =====

    /// Records what passive checks concluded of an endpoint, and awaits the end of an ejection.
    pub(super) fn record_health_transition(
        &mut self,
        endpoint: EndpointId,
        verdict: HealthTransition,
    ) {
        let kind = match verdict {
            HealthTransition::Ejected { until } => {
                self.schedule.at(until, Event::EjectionEnds { endpoint });
                ObservationKind::Ejected { until }
            }
            HealthTransition::Degraded => ObservationKind::Degraded,
            HealthTransition::Restored => ObservationKind::Recovered,
            // That it is back was told when the trial might go.
            HealthTransition::Readmitted => return,
            HealthTransition::CheckMoved(transition) => {
                return self.on_check_moved(endpoint, transition);
            }
        };
        self.tell(endpoint, kind);
    }

    pub(super) fn on_ejection_ends(&mut self, endpoint: EndpointId) {
        if self
            .balancers
            .upstream_of_mut(endpoint)
            .end_ejection(self.schedule.now(), endpoint)
        {
            self.tell(endpoint, ObservationKind::Returned);
            self.start_slow_start(endpoint);
        } else {
            // Failures since then have put it off (nginx).
            self.schedule_trial(endpoint);
        }
    }

    /// Schedules the end of nginx's `fail_timeout`, once for each end.
    pub(super) fn schedule_trial(&mut self, endpoint: EndpointId) {
        if let Some(at) = self.balancers.next_trial(endpoint) {
            self.schedule.at(at, Event::FailTimeoutEnds { endpoint });
        }
    }

    /// An endpoint came back: its slow start begins, where that is on.
    pub(super) fn start_slow_start(&mut self, endpoint: EndpointId) {
        let since = self.schedule.now();
        let upstream = self.balancers.upstream_of_mut(endpoint);
        if let Some(next) = upstream.begin_ramp(since, endpoint) {
            self.schedule
                .at(next, Event::SlowStartStep { endpoint, since });
        }
    }

    pub(super) fn on_slow_start_step(&mut self, endpoint: EndpointId, since: SimTime) {
        let upstream = self.balancers.upstream_of_mut(endpoint);
        if let Some(next) = upstream.step_ramp(self.schedule.now(), endpoint, since) {
            self.schedule
                .at(next, Event::SlowStartStep { endpoint, since });
        } else {
            self.observe(Observed::Endpoint(endpoint, ChangeKind::FullWeight));
        }
    }

    /// Records an observation about an endpoint.
    pub(super) fn tell(&mut self, endpoint: EndpointId, kind: ObservationKind) {
        self.observe(Observed::Endpoint(endpoint, ChangeKind::Fact(kind)));
        let record = self.balancers.record(endpoint);
        self.record
            .observe(self.schedule.now(), &record.config.name, kind);
    }
}
