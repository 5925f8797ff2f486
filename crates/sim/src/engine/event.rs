//! The events of the simulation, and the steps of probes and of the authority's checks.

use crate::fleet::client::ConnectionId;
use crate::ids::{BalancerId, EndpointId, RequestKey, ServerId, SiteId, UpstreamRef, VipId};
use crate::time::SimTime;

/// Something that happens at one instant. Small and copied freely: a test pins its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A client sends a request.
    Arrival {
        /// The traffic epoch it was scheduled in; the event is void in any other.
        epoch: u32,
    },
    /// A user of a closed loop has finished thinking and sends its next request.
    UserThinks {
        /// The user's index, from 0.
        user_index: u32,
    },
    /// A request reaches the balancer.
    AtBalancer {
        /// The request that arrives there.
        key: RequestKey,
    },
    /// The balancer has read enough of a request to decide.
    Pick {
        /// The request to pick for.
        key: RequestKey,
    },
    /// An attempt reaches its server.
    AtServer {
        /// The request of the attempt.
        key: RequestKey,
        /// The number of the attempt, from 1.
        attempt: u32,
    },
    /// A worker finishes a request.
    Done {
        /// The server of the worker.
        server: ServerId,
        /// The server's epoch when it was scheduled; the event is void in any other.
        epoch: u32,
        /// The request that is finished.
        key: RequestKey,
        /// The number of the attempt, from 1.
        attempt: u32,
    },
    /// The result of an attempt reaches the balancer.
    BackAtBalancer {
        /// The request of the attempt.
        key: RequestKey,
        /// The number of the attempt, from 1.
        attempt: u32,
    },
    /// The balancer's connection to a server is open, or refused.
    UpstreamConnected {
        /// The request that the connection is for.
        key: RequestKey,
        /// The number of the attempt, from 1.
        attempt: u32,
    },
    /// A response that bypasses the balancer reaches its client (direct server return).
    DirectReturn {
        /// The request that was answered.
        key: RequestKey,
        /// The number of the attempt, from 1.
        attempt: u32,
    },
    /// A packet that opens a connection reaches its destination.
    Handshake {
        /// The connection to be opened.
        connection: ConnectionId,
        /// The connection's serial number; the event is void if its slot holds another one by now.
        serial: u32,
    },
    /// A client learns that its connection was reset.
    Reset {
        /// The connection that was reset.
        connection: ConnectionId,
        /// The connection's serial number; the event is void if its slot holds another one by now.
        serial: u32,
    },
    /// The idle time-out of a connection may be over.
    Idle {
        /// The connection that was idle.
        connection: ConnectionId,
        /// The connection's serial number; the event is void if its slot holds another one by now.
        serial: u32,
    },
    /// A client closes its WebSocket.
    SocketEnds {
        /// The number of the WebSocket in the run, from 1.
        number: u32,
    },
    /// A response reaches its client.
    AtClient {
        /// The request that the response is for.
        key: RequestKey,
    },
    /// The oldest attempt in flight of an upstream may have timed out.
    AttemptTimeout {
        /// The upstream of the attempt.
        upstream_ref: UpstreamRef,
    },
    /// The first request in an upstream's pending queue may have timed out.
    QueueTimeout {
        /// The upstream of the pending queue.
        upstream_ref: UpstreamRef,
    },
    /// An ejection may be over.
    EjectionEnds {
        /// The endpoint that is ejected.
        endpoint: EndpointId,
    },
    /// The `fail_timeout` of nginx's passive rule may be over: the next request is the trial.
    FailTimeoutEnds {
        /// The endpoint that the rule keeps out.
        endpoint: EndpointId,
    },
    /// The share of an endpoint in slow start grows by one step.
    SlowStartStep {
        /// The endpoint in slow start.
        endpoint: EndpointId,
        /// When the slow start began; the event is void for a later slow start.
        since: SimTime,
    },
    /// An event in front of the balancers.
    Site(SiteEvent),
    /// The next step of a probe.
    Probe {
        /// The endpoint that is probed.
        endpoint: EndpointId,
        /// The number of the probe's run; the event is void if the endpoint has begun another.
        run: u32,
        /// The step that is due.
        step: ProbeStep,
    },
}

/// The events in front of the balancers: resolution, VRRP, routing, checks of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteEvent {
    /// A user has the resolver's answer for the name.
    Resolved {
        /// The request that the user resolves the name for.
        key: RequestKey,
    },
    /// The retransmission timer of a client's packet has run out.
    Retransmit {
        /// The request that the packet belongs to.
        key: RequestKey,
        /// How often the packet had been sent when the timer was set; void if it was sent again since.
        sends: u32,
    },
    /// A VRRP timer may have run out.
    Vrrp {
        /// The balancer whose timer it is.
        balancer: BalancerId,
    },
    /// A VRRP advertisement arrives.
    Advert {
        /// The balancer that receives it.
        to: BalancerId,
        /// The sender's priority, 0 to 255; 0 says that it stops.
        priority: u8,
        /// The sender's advertisement interval, in hundredths of a second.
        advert_cs: u16,
    },
    /// The network segment learns which balancer has the virtual IP (gratuitous ARP).
    Arp {
        /// The balancer that has it.
        balancer: BalancerId,
    },
    /// The network routes see that a site came or went (anycast).
    RouteUpdate {
        /// The site that changed.
        site: SiteId,
    },
    /// A router sees which balancers of a pair are up (ECMP).
    EcmpUpdate {
        /// The site of the pair.
        site: SiteId,
    },
    /// The next step of a check by the authority (the name server).
    VipCheck {
        /// The checked virtual IP.
        vip: VipId,
        /// The step that is due.
        step: VipCheckStep,
    },
    /// One second of a scene with several sites is over.
    Sample,
}

/// The steps of one check of a virtual IP by the authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VipCheckStep {
    /// The check is sent.
    Due,
    /// The check reaches the virtual IP.
    There,
    /// A good answer reaches the authority.
    Passed,
    /// No answer came in time.
    Failed,
}

/// The steps of one probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeStep {
    /// The probe is sent.
    Due,
    /// The probe reaches the server.
    AtServer,
    /// The answer leaves the server.
    Answered,
    /// The answer reaches the balancer.
    Back,
    /// No answer came in time.
    TimedOut,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_stays_small() {
        assert!(
            size_of::<Event>() <= 24,
            "an event has {} bytes",
            size_of::<Event>()
        );
    }
}
