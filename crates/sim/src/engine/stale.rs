//! The one place that recognises a stale event.
//!
//! Nothing is ever taken out of the event queue. What an event is about may be gone when its time
//! comes, or may have moved on: then the event is stale and is dropped before any handler sees it. A
//! handler can therefore rely on its subject and treats a missing one as a defect.

use super::event::{Event, SiteEvent};
use super::request::Phase;
use super::view::View;
use crate::fleet::client::ConnectionId;
use crate::ids::{EndpointId, RequestKey};
use crate::time::SimTime;

impl View<'_> {
    /// Whether the subject of an event is gone or has moved on since the event was scheduled for time `at`.
    pub(super) fn is_stale(self, at: SimTime, event: &Event) -> bool {
        match *event {
            Event::Arrival { epoch } => self.engine.workload.is_void(epoch),
            Event::AtBalancer { key } => !self.is_in_phase(
                key,
                |phase| matches!(phase, Phase::ToBalancer(trip) if trip.arrive == at),
            ),
            Event::Pick { key } => !self.is_in_phase(
                key,
                |phase| matches!(phase, Phase::AtBalancer { until, .. } if until == at),
            ),
            Event::AtClient { key } => !self.is_in_phase(
                key,
                |phase| matches!(phase, Phase::ToClient(trip, _) if trip.arrive == at),
            ),
            Event::AtServer { key, attempt } => !self.is_attempt_in_flight(
                key,
                attempt,
                |phase| matches!(phase, Phase::ToServer(trip) if trip.arrive == at),
            ),
            Event::UpstreamConnected { key, attempt } => !self.is_attempt_in_flight(
                key,
                attempt,
                |phase| matches!(phase, Phase::Dialling(trip) if trip.arrive == at),
            ),
            // A server may have sent the answer again, so the event can come after the trip's end.
            Event::BackAtBalancer { key, attempt } => !self.is_attempt_in_flight(
                key,
                attempt,
                |phase| matches!(phase, Phase::FromServer(trip, _) if trip.arrive <= at),
            ),
            Event::DirectReturn { key, attempt } => !self.is_attempt_in_flight(
                key,
                attempt,
                |phase| matches!(phase, Phase::Direct(trip, _) if trip.arrive == at),
            ),
            Event::Done { server, epoch, .. } => self.engine.servers.is_void(server, epoch),
            Event::Handshake { connection, serial } => {
                self.engine.clients.connection(connection).serial != serial
                    || !self.engine.handshakes.is_due(connection, at)
            }
            Event::Reset { connection, serial } => {
                self.engine.clients.connection(connection).serial != serial
                    || self.engine.handshakes.is_pending(connection)
            }
            Event::Idle { connection, serial } => {
                self.engine.clients.connection(connection).serial != serial
                    || !self.has_been_idle(connection, at)
            }
            Event::SocketEnds { number } => !self.engine.websockets.is_open(number),
            Event::EjectionEnds { endpoint } | Event::FailTimeoutEnds { endpoint } => {
                self.is_removed(endpoint)
            }
            Event::SlowStartStep { endpoint, since } => self
                .engine
                .balancers
                .upstream_of(endpoint)
                .endpoint(endpoint)
                .is_none_or(|one| one.ramp_since != Some(since)),
            Event::Probe { endpoint, run, .. } => self.engine.probes.is_void(endpoint, run),
            Event::Site(event) => self.is_edge_stale(at, event),
            // A user of a closed loop thinks of one request at a time. The other two wake an upstream,
            // which looks itself whether anybody's time is over.
            Event::UserThinks { .. }
            | Event::AttemptTimeout { .. }
            | Event::QueueTimeout { .. } => false,
        }
    }

    fn is_edge_stale(self, at: SimTime, event: SiteEvent) -> bool {
        match event {
            SiteEvent::Resolved { key } => !self.is_in_phase(
                key,
                |phase| matches!(phase, Phase::Resolving { until } if until == at),
            ),
            SiteEvent::Retransmit { key, sends } => {
                let due = |phase| matches!(phase, Phase::Lost { until } if until == at);
                self.engine.requests.get(key).is_none_or(|request| {
                    !due(request.phase()) || u32::from(request.sends) != sends
                })
            }
            SiteEvent::Vrrp { balancer } => {
                self.engine.network.topology.vrrp_timer(balancer) != Some(at)
            }
            // These happen to a place, which is always there.
            SiteEvent::Advert { .. }
            | SiteEvent::Arp { .. }
            | SiteEvent::RouteUpdate { .. }
            | SiteEvent::EcmpUpdate { .. }
            | SiteEvent::VipCheck { .. }
            | SiteEvent::Sample => false,
        }
    }

    /// Whether a request is in flight and its phase fits.
    #[inline(always)]
    fn is_in_phase(self, key: RequestKey, fits: impl Fn(Phase) -> bool) -> bool {
        let request = self.engine.requests.get(key);
        request.is_some_and(|request| fits(request.phase()))
    }

    /// Whether a request's attempt of that number is in flight and its phase fits.
    #[inline(always)]
    fn is_attempt_in_flight(
        self,
        key: RequestKey,
        attempt: u32,
        fits: impl Fn(Phase) -> bool,
    ) -> bool {
        let request = self.engine.requests.on_attempt(key, attempt);
        request.is_some_and(|request| fits(request.phase()))
    }

    /// Whether a connection is open and has been idle at time `at` for as long as its client keeps it.
    fn has_been_idle(self, connection: ConnectionId, at: SimTime) -> bool {
        let state = self.engine.clients.connection(connection);
        let since = self.engine.clients.idle_since(connection);
        let spec = self.engine.scenario.connections;
        let over = spec.is_some_and(|spec| at.since(since) >= spec.idle_us);
        over && state.open == 0 && !state.closing
    }

    fn is_removed(self, endpoint: EndpointId) -> bool {
        self.engine
            .balancers
            .upstream_of(endpoint)
            .endpoint(endpoint)
            .is_none()
    }
}
