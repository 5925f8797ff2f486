//! What can happen.

use crate::fleet::client::ConnectionId;
use crate::ids::{BalancerId, EndpointId, RequestKey, ServerId, SiteId, UpstreamRef, VipId};
use crate::time::SimTime;

/// Something that happens at one instant. Small and copied freely: a test pins its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A client sends a request.
    Arrival {
        /// Void unless it is the current one.
        epoch: u32,
    },
    /// A user of a closed loop has thought, and sends.
    UserThinks {
        /// Which.
        user_index: u32,
    },
    /// A request reaches the balancer.
    AtBalancer {
        /// Which.
        key: RequestKey,
    },
    /// The balancer has read enough of a request to decide.
    Pick {
        /// Which.
        key: RequestKey,
    },
    /// A try reaches its server.
    AtServer {
        /// Which request.
        key: RequestKey,
        /// Which try of it.
        attempt: u32,
    },
    /// A worker is done.
    Done {
        /// Whose worker.
        server: ServerId,
        /// Void unless it is the server's current one.
        epoch: u32,
        /// Which request.
        key: RequestKey,
        /// Which try of it.
        attempt: u32,
    },
    /// What came of a try reaches the balancer.
    BackAtBalancer {
        /// Which request.
        key: RequestKey,
        /// Which try of it.
        attempt: u32,
    },
    /// The balancer's connection to a server is open, or refused.
    UpstreamConnected {
        /// For which request.
        key: RequestKey,
        /// For which try of it.
        attempt: u32,
    },
    /// An answer that passed the balancer by reaches its client (direct server return).
    DirectReturn {
        /// To which request.
        key: RequestKey,
        /// To which try of it.
        attempt: u32,
    },
    /// A packet that opens a connection has come to the end of its way.
    Handshake {
        /// Which connection.
        connection: ConnectionId,
        /// Void unless it is the present one in its place.
        serial: u32,
    },
    /// A client learns that its connection was reset.
    Reset {
        /// Which connection.
        connection: ConnectionId,
        /// Void unless it is the present one in its place.
        serial: u32,
    },
    /// A connection may have been idle for too long.
    Idle {
        /// Which connection.
        connection: ConnectionId,
        /// Void unless it is the present one in its place.
        serial: u32,
    },
    /// A client closes its WebSocket.
    SocketEnds {
        /// Which: the how-manieth of the run.
        number: u32,
    },
    /// A response reaches its client.
    AtClient {
        /// Which.
        key: RequestKey,
    },
    /// The oldest try in flight of an upstream may have waited too long.
    AttemptTimeout {
        /// Of which upstream.
        upstream_ref: UpstreamRef,
    },
    /// The first request that waits at the balancer may have waited too long.
    QueueTimeout {
        /// Of which upstream.
        upstream_ref: UpstreamRef,
    },
    /// An ejection may be over.
    EjectionEnds {
        /// Whose.
        endpoint: EndpointId,
    },
    /// The share of an endpoint that starts slowly grows.
    SlowStartStep {
        /// Whose.
        endpoint: EndpointId,
        /// When its slow start began: void unless it is the present one.
        since: SimTime,
    },
    /// Something in front of the balancers.
    Edge(SiteEvent),
    /// A check goes on.
    Probe {
        /// Of which endpoint.
        endpoint: EndpointId,
        /// Void unless it is the endpoint's current one.
        run: u32,
        /// What happens.
        step: ProbeStep,
    },
}

/// What can happen in front of the balancers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteEvent {
    /// A user has the answer for the name.
    Resolved {
        /// For which request.
        key: RequestKey,
    },
    /// A client has heard nothing.
    Retransmit {
        /// Of which request.
        key: RequestKey,
        /// Void unless it was sent as often as that.
        sends: u32,
    },
    /// A VRRP timer may have run out.
    Vrrp {
        /// Whose.
        balancer: BalancerId,
    },
    /// An advertisement arrives.
    Advert {
        /// At whom.
        to: BalancerId,
        /// The sender's priority.
        priority: u8,
        /// The sender's interval.
        advert_cs: u16,
    },
    /// The segment hears where the virtual address is.
    Arp {
        /// With whom.
        balancer: BalancerId,
    },
    /// The network has seen what became of a site (anycast).
    RouteUpdate {
        /// Which.
        site: SiteId,
    },
    /// A router has seen which of a pair are there (ECMP).
    EcmpUpdate {
        /// Of which site.
        site: SiteId,
    },
    /// A check of the authority goes on.
    VipCheck {
        /// Of which address.
        vip: VipId,
        /// What happens.
        step: VipCheckStep,
    },
    /// A second of the world is over.
    Sample,
}

/// The steps of one check by the authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VipCheckStep {
    /// It is sent.
    Due,
    /// It reaches the address.
    There,
    /// A good answer is back.
    Passed,
    /// Nothing came in time.
    Failed,
}

/// The steps of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeStep {
    /// It is sent.
    Due,
    /// It reaches the server.
    AtServer,
    /// The answer leaves the server.
    Answered,
    /// The answer reaches the balancer.
    Back,
    /// Nothing came in time.
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
