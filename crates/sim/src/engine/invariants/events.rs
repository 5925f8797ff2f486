//! Checks of the pending events: each is about something that waits for it, and whatever waits for an event has
//! exactly one.

use super::{Check, Mark, Tally};
use crate::balance::upstream::Upstream;
use crate::engine::event::{Event, SiteEvent};
use crate::engine::probes::ProbePhase;
use crate::fleet::server::{ProcessState, Server};
use crate::ids::{EndpointId, RequestKey};
use crate::time::SimTime;

impl Check<'_> {
    /// Counts the pending events that are not stale, by their subjects.
    pub(super) fn tally_events(&self, tally: &mut Tally) {
        self.engine.schedule.check(|at, event| {
            if at < self.engine.schedule.now() {
                self.agree(
                    "time of a pending event",
                    event,
                    at,
                    self.engine.schedule.now(),
                );
            }
            if !self.engine.view().is_stale(at, event) {
                self.tally_event(tally, at, event);
            }
        });
    }

    fn tally_event(&self, tally: &mut Tally, at: SimTime, event: &Event) {
        let mut moves = |key: RequestKey| {
            tally.requests[key.slot as usize][Mark::Event as usize] += 1;
        };
        match *event {
            Event::AtBalancer { key }
            | Event::Pick { key }
            | Event::AtClient { key }
            | Event::AtServer { key, .. }
            | Event::BackAtBalancer { key, .. }
            | Event::UpstreamConnected { key, .. }
            | Event::DirectReturn { key, .. }
            | Event::Site(SiteEvent::Resolved { key } | SiteEvent::Retransmit { key, .. }) => {
                moves(key);
            }
            Event::Arrival { .. } => {
                self.agree(
                    "time of the next arrival",
                    (),
                    self.engine.workload.next_at(),
                    Some(at),
                );
                tally.arrivals += 1;
            }
            Event::UserThinks { .. } => tally.thinking += 1,
            Event::Done { server, .. } => tally.ends[server.index()] += 1,
            Event::Handshake { connection, .. } => {
                tally.connections[connection.0 as usize].handshakes += 1;
            }
            Event::SocketEnds { .. } => tally.sockets += 1,
            Event::AttemptTimeout { upstream_ref } => {
                let first = &mut tally.upstream_mut(upstream_ref).deadline;
                *first = at.min(*first);
            }
            Event::QueueTimeout { upstream_ref } => tally.upstream_mut(upstream_ref).waited += 1,
            Event::Probe { endpoint, .. } => tally.endpoints[endpoint.index()].probes += 1,
            Event::Site(SiteEvent::Vrrp { balancer }) => tally.timers[balancer.index()] += 1,
            Event::Site(SiteEvent::VipCheck { .. }) => tally.vips += 1,
            Event::Site(SiteEvent::Sample) => tally.samples += 1,
            // These may come for nothing, or as often as something is sent.
            Event::Reset { .. }
            | Event::Idle { .. }
            | Event::EjectionEnds { .. }
            | Event::FailTimeoutEnds { .. }
            | Event::SlowStartStep { .. }
            | Event::Site(
                SiteEvent::Advert { .. }
                | SiteEvent::Arp { .. }
                | SiteEvent::RouteUpdate { .. }
                | SiteEvent::EcmpUpdate { .. },
            ) => {}
        }
    }

    /// Checks that each activity has its next event: arrivals, users that think, WebSockets, probes, timers.
    pub(super) fn check_events(&self, tally: &Tally) {
        let arrival = u64::from(self.engine.workload.next_at().is_some());
        self.agree("pending arrivals", (), arrival, tally.arrivals);
        let sockets = self.engine.websockets.count() as u64;
        self.agree("pending ends of WebSockets", (), sockets, tally.sockets);
        let checked = self
            .engine
            .network
            .dns
            .as_ref()
            .and_then(|names| names.zone.config());
        let vips = checked.map_or(0, |_| self.engine.network.topology.vips.len() as u64);
        self.agree("pending checks by the authority", (), vips, tally.vips);
        let samples = u64::from(self.engine.network.dns.is_some());
        self.agree("pending entries of the diary", (), samples, tally.samples);
        for id in self.engine.balancers.ids() {
            let timed = self.engine.network.topology.vrrp_timer(id).is_some();
            let awaited = tally.timers[id.index()] > 0;
            self.agree("awaited VRRP timer", id, timed, awaited);
        }
        if self.engine.workload.is_closed() {
            let sent = self
                .engine
                .requests
                .iter()
                .map(|(_, request)| request.draw());
            let waiting = sent.filter(|draw| self.engine.workload.is_of_user(draw));
            let users = tally.thinking + waiting.count() as u64;
            self.agree("users", (), u64::from(self.engine.workload.users()), users);
        }
        let upstreams = self.engine.balancers.iter().flat_map(|one| one.upstreams());
        for endpoint in upstreams.flat_map(Upstream::endpoints) {
            self.check_probe(endpoint.id, tally.endpoints[endpoint.id.index()].probes);
        }
    }

    /// Checks an endpoint's probe: off, it awaits no event; idle, its next turn; under way, at least its time-out.
    fn check_probe(&self, id: EndpointId, pending: u32) {
        let whose = (id, self.engine.probes.phase(id));
        match whose.1 {
            ProbePhase::Off => self.agree("pending events of a check", whose, 0, pending),
            ProbePhase::Idle { .. } => self.agree("pending events of a check", whose, 1, pending),
            ProbePhase::Out(_) | ProbePhase::Held | ProbePhase::Back { .. } => {
                self.agree("awaited check", whose, true, pending > 0);
            }
        }
    }

    /// How many job ends a server awaits: of every job, or only the first where jobs share the workers; none while it
    /// hangs.
    pub(super) fn ends_of(server: &Server) -> usize {
        match (server.process(), server.is_sharing()) {
            (ProcessState::Up, false) => server.running().len(),
            (ProcessState::Up, true) => server.running().len().min(1),
            (ProcessState::Crashed | ProcessState::Hanging, _) => 0,
        }
    }
}
