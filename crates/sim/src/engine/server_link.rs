//! The links between balancers and servers: how long each packet that crosses one is under way. All packets between the
//! two ask here, so that a fault of a link needs no other place.

use super::Engine;
use super::request::Trip;
use crate::fleet::client::ConnectionId;
use crate::ids::{EndpointId, RequestKey, ServerId};
use crate::time::SimDuration;

/// A packet on the link between a balancer and a server, in either direction.
#[derive(Clone, Copy, Debug)]
pub(super) enum LinkPacket {
    /// The balancer opens a connection for a request's attempt: there and back.
    Dial(RequestKey),
    /// A request's attempt, or its answer.
    Attempt(RequestKey),
    /// A handshake of a client that the balancer passes on, or its answer (L4).
    Handshake(ConnectionId),
    /// A probe of an endpoint, or its answer.
    Probe(EndpointId),
}

impl Engine {
    /// The server at the end of the link that a packet crosses; `None` if the packet is tied to none any more.
    fn link_end(&self, packet: LinkPacket) -> Option<ServerId> {
        let endpoint = match packet {
            LinkPacket::Dial(key) | LinkPacket::Attempt(key) => {
                Some(self.requests.in_flight(key).trying())
            }
            LinkPacket::Handshake(connection) => self.flow_of(connection),
            LinkPacket::Probe(endpoint) => Some(endpoint),
        };
        endpoint.map(|endpoint| self.balancers.server_of(endpoint))
    }

    /// The trip of a packet that is sent now. `beyond`: the way that it has before or after the link.
    pub(super) fn link_trip(&mut self, packet: LinkPacket, beyond: SimDuration) -> Trip {
        debug_assert!(
            self.link_end(packet)
                .is_none_or(|id| self.servers.get(id).is_some())
        );
        let link = self.scenario.links.server_us;
        let way = match packet {
            LinkPacket::Dial(_) => link + link,
            _ => link,
        };
        self.schedule.trip(way + beyond)
    }

    /// How long a packet that is sent now is under way, as [`Self::link_trip`].
    pub(super) fn link_way(&mut self, packet: LinkPacket, beyond: SimDuration) -> SimDuration {
        let arrive = self.link_trip(packet, beyond).arrive;
        arrive.since(self.schedule.now())
    }
}
