//! The links between balancers and servers: how long each packet that crosses one is under way. All packets between the
//! two ask here, so that a fault of a link needs no other place.
//!
//! A packet that a link loses is sent again after a time-out, then after twice that time, and so on (RFC 6298, section
//! 5.5): the request is late, and may time out. The time-out is 1 s for a packet that opens a connection (section 2.1);
//! later it is the round-trip time and 200 ms (Linux, net/ipv4/tcp_input.c: `tcp_rtt_estimator`, `tcp_set_rto`), at most
//! 120 s. At L4 the client sends again, so that its round-trip time counts. There are no fast retransmissions: a request
//! and an answer are one packet each, and nothing follows them. A probe is a request on a connection of its own.

use super::Engine;
use super::handshake::HandshakeStage;
use super::probes::ProbePhase;
use super::request::Trip;
use crate::balance::spec::Layer;
use crate::fleet::client::ConnectionId;
use crate::ids::{EndpointId, RequestKey, ServerId};
use crate::time::SimDuration;

/// The first time-out of a packet that opens a connection.
const OPENING_TIMEOUT: SimDuration = SimDuration::from_secs(1);
/// What the time-out is at least above the round-trip time.
const LEAST_VARIANCE: SimDuration = SimDuration::from_ms(200);
/// The greatest time-out.
const MOST_TIMEOUT: SimDuration = SimDuration::from_secs(120);

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
                Some(self.requests.in_flight(key).attempt_endpoint())
            }
            LinkPacket::Handshake(connection) => self.flow_of(connection),
            LinkPacket::Probe(endpoint) => Some(endpoint),
        };
        endpoint.map(|endpoint| self.balancers.server_of(endpoint))
    }

    /// The time-out after which a packet is sent again for the first time.
    fn retransmission_timeout(&self, packet: LinkPacket) -> SimDuration {
        let link = self.scenario.links.server_us;
        let beyond = match packet {
            LinkPacket::Dial(_) => return OPENING_TIMEOUT,
            LinkPacket::Probe(id) if matches!(self.probes.phase(id), ProbePhase::Idle { .. }) => {
                return OPENING_TIMEOUT;
            }
            LinkPacket::Probe(_) => SimDuration::ZERO,
            LinkPacket::Handshake(connection) => {
                if self.handshakes.get(connection).step == HandshakeStage::Syn {
                    return OPENING_TIMEOUT;
                }
                self.client_latency(connection)
            }
            LinkPacket::Attempt(key) => {
                let request = self.requests.in_flight(key);
                match self.balancers.get(request.balancer()).layer() {
                    Layer::L4 => self.client_latency_of(request),
                    Layer::L7 => SimDuration::ZERO,
                }
            }
        };
        (link + beyond).times(2) + LEAST_VARIANCE
    }

    /// How long a packet waits to be sent again and again until it gets through.
    fn lost_for(&mut self, packet: LinkPacket) -> SimDuration {
        let seed = self.record.seed;
        let id = self.link_end(packet);
        let Some(server) = id.and_then(|id| self.servers.get_mut(id)) else {
            return SimDuration::ZERO;
        };
        let packets = if matches!(packet, LinkPacket::Dial(_)) {
            2
        } else {
            1
        };
        let losses = server.losses(packets, seed);
        if losses == 0 {
            return SimDuration::ZERO;
        }
        let first = self.retransmission_timeout(packet);
        let timeouts = (0..losses).map(|doublings| first.times(1 << doublings).min(MOST_TIMEOUT));
        timeouts.fold(SimDuration::ZERO, |sum, timeout| sum + timeout)
    }

    /// The trip of a packet that is sent now; it begins later if the packet is lost. `beyond`: the way that it has before
    /// or after the link.
    pub(super) fn link_trip(&mut self, packet: LinkPacket, beyond: SimDuration) -> Trip {
        let link = self.scenario.links.server_us;
        let way = match packet {
            LinkPacket::Dial(_) => link + link,
            _ => link,
        };
        let depart = self.schedule.now() + self.lost_for(packet);
        let arrive = depart + way + beyond;
        Trip { depart, arrive }
    }

    /// How long a packet that is sent now is under way, as [`Self::link_trip`].
    pub(super) fn link_way(&mut self, packet: LinkPacket, beyond: SimDuration) -> SimDuration {
        let arrive = self.link_trip(packet, beyond).arrive;
        arrive.since(self.schedule.now())
    }
}
