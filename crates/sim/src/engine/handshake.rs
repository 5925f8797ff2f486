//! How a client's connection is opened: TCP (RFC 9293), then TLS 1.3 (RFC 8446), one round trip each.
//!
//! At L7 the balancer answers both itself. At L4 it picks for the SYN and passes everything on: the server answers,
//! and the balancer cannot read the packets. Requests wait until the connection is open. Only scenes that ask for it
//! (`connections`) simulate this. This part owns the handshakes in progress, says what comes after each hop and
//! schedules the hops. **Invariant:** a handshake has one packet under way and at least one request that waits; its
//! connection is not open. Times are microseconds of simulated time.

use std::collections::BTreeMap;

use super::event::Event;
use super::request::Trip;
use super::schedule::Schedule;
use crate::balance::spec::Layer;
use crate::fleet::client::ConnectionId;
use crate::ids::{BalancerId, RequestKey, VipId};
use crate::time::{SimDuration, SimTime};

/// The stages of a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandshakeStage {
    /// The TCP handshake (SYN).
    Syn,
    /// The TLS handshake that follows it.
    Tls,
}

/// Where the packet of a handshake is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hop {
    /// From the client to the balancer.
    ToBalancer,
    /// At the balancer, which processes it.
    AtBalancer,
    /// From the balancer to the server (L4).
    ToServer,
    /// At the server, which processes it (L4).
    AtServer,
    /// From the server to the balancer (L4).
    FromServer,
    /// From the server past the balancer to the client (L4, direct server return).
    Direct,
    /// From the balancer to the client.
    ToClient,
}

/// The handshake of a connection that is being opened.
#[derive(Clone, Debug)]
pub struct Handshake {
    /// The stage of the handshake.
    pub step: HandshakeStage,
    /// Where its packet is.
    pub leg: Hop,
    /// The departure and arrival of the packet on that hop.
    pub trip: Trip,
    /// The connection that is being opened.
    pub connection: ConnectionId,
    /// The virtual IP that the connection goes to.
    pub vip: VipId,
    /// The balancer that it goes through; `None` until it has reached one.
    pub balancer: Option<BalancerId>,
    /// Whether no process listened at the server, so that the packet is a reset.
    pub refused: bool,
    /// The requests that wait for the connection, first come first.
    pub(super) waiting: Vec<RequestKey>,
}

/// What happens where the packet of a handshake has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HandshakeStep {
    /// The balancer processes it.
    ProcessAtBalancer,
    /// The balancer answers it.
    Answer,
    /// The balancer passes it on to the server.
    PassOn,
    /// The server processes it.
    ProcessAtServer,
    /// The server answers past the balancer.
    AnswerPast,
    /// The server answers through the balancer.
    AnswerThrough,
    /// The balancer passes the server's answer back.
    PassBack,
    /// The requests that wait learn that nobody listened.
    Refuse,
    /// The client has its answer.
    Arrive,
}

impl Handshake {
    /// What happens now that the packet has arrived, at a balancer of this layer; `direct`: whether responses bypass it.
    pub(super) const fn next_step(&self, layer: Layer, direct: bool) -> HandshakeStep {
        match (self.leg, layer) {
            (Hop::ToBalancer, _) => HandshakeStep::ProcessAtBalancer,
            (Hop::AtBalancer, Layer::L7) => HandshakeStep::Answer,
            (Hop::AtBalancer, Layer::L4) => HandshakeStep::PassOn,
            (Hop::ToServer, _) => HandshakeStep::ProcessAtServer,
            (Hop::AtServer, _) if direct => HandshakeStep::AnswerPast,
            (Hop::AtServer, _) => HandshakeStep::AnswerThrough,
            (Hop::FromServer | Hop::Direct, _) if self.refused => HandshakeStep::Refuse,
            (Hop::FromServer, _) => HandshakeStep::PassBack,
            (Hop::ToClient | Hop::Direct, _) => HandshakeStep::Arrive,
        }
    }

    /// Whether the packet is past the balancer, on its way to the client.
    pub(super) const fn is_past_balancer(&self) -> bool {
        matches!(self.leg, Hop::ToClient | Hop::Direct)
    }
}

/// The handshakes in progress, by connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Handshakes(BTreeMap<u32, Handshake>);

impl Handshakes {
    /// The handshakes in progress, by connection.
    pub fn iter(&self) -> impl Iterator<Item = &Handshake> + use<'_> {
        self.0.values()
    }

    /// Whether a connection is being opened.
    pub fn is_pending(&self, connection: ConnectionId) -> bool {
        self.0.contains_key(&connection.0)
    }

    /// Whether a connection is being opened and its packet arrives at that time.
    pub fn is_due(&self, connection: ConnectionId, at: SimTime) -> bool {
        let handshake = self.0.get(&connection.0);
        handshake.is_some_and(|handshake| handshake.trip.arrive == at)
    }

    /// A request waits for a connection. Returns whether the handshake is new: its first hop is still to be made.
    pub fn wait(
        &mut self,
        connection: ConnectionId,
        vip: VipId,
        key: RequestKey,
        now: SimTime,
    ) -> bool {
        if let Some(handshake) = self.0.get_mut(&connection.0) {
            handshake.waiting.push(key);
            return false;
        }
        let handshake = Handshake {
            step: HandshakeStage::Syn,
            leg: Hop::ToBalancer,
            trip: Trip {
                depart: now,
                arrive: now,
            },
            connection,
            vip,
            balancer: None,
            refused: false,
            waiting: vec![key],
        };
        self.0.insert(connection.0, handshake);
        true
    }

    /// The handshake of a connection, which must be in progress.
    #[track_caller]
    pub fn get(&self, connection: ConnectionId) -> &Handshake {
        let handshake = self.0.get(&connection.0);
        handshake.expect("the connection is being opened")
    }

    /// The handshake of a connection, which must be in progress, to change.
    #[track_caller]
    pub fn get_mut(&mut self, connection: ConnectionId) -> &mut Handshake {
        let handshake = self.0.get_mut(&connection.0);
        handshake.expect("the connection is being opened")
    }

    /// Sends the packet of a handshake on. `serial` is that of the connection.
    pub fn advance(
        &mut self,
        (connection, serial): (ConnectionId, u32),
        leg: Hop,
        takes: SimDuration,
        schedule: &mut Schedule,
    ) {
        let trip = schedule.trip(takes);
        let handshake = self.get_mut(connection);
        (handshake.leg, handshake.trip) = (leg, trip);
        let event = Event::Handshake { connection, serial };
        schedule.at(trip.arrive, event);
    }

    /// Ends the handshake of a connection, with or without success.
    #[track_caller]
    pub fn end(&mut self, connection: ConnectionId) -> Handshake {
        let handshake = self.0.remove(&connection.0);
        handshake.expect("the connection is being opened")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_layer_has_its_own_way_to_the_client() {
        let (mut handshakes, connection) = (Handshakes::default(), ConnectionId(3));
        let key = |slot| RequestKey {
            slot,
            generation: 0,
        };
        let wait =
            |all: &mut Handshakes, slot| all.wait(connection, VipId(0), key(slot), SimTime::ZERO);
        assert!(wait(&mut handshakes, 0) && !wait(&mut handshakes, 1));
        let mut step = |leg, layer, direct, refused| {
            let handshake = handshakes.get_mut(connection);
            (handshake.leg, handshake.refused) = (leg, refused);
            handshake.next_step(layer, direct)
        };
        use HandshakeStep as Step;
        assert_eq!(step(Hop::AtBalancer, Layer::L7, false, false), Step::Answer);
        assert_eq!(step(Hop::AtBalancer, Layer::L4, false, false), Step::PassOn);
        assert_eq!(
            step(Hop::AtServer, Layer::L4, false, false),
            Step::AnswerThrough
        );
        assert_eq!(
            step(Hop::AtServer, Layer::L4, true, false),
            Step::AnswerPast
        );
        assert_eq!(
            step(Hop::FromServer, Layer::L4, false, false),
            Step::PassBack
        );
        assert_eq!(step(Hop::FromServer, Layer::L4, false, true), Step::Refuse);
        assert_eq!(step(Hop::Direct, Layer::L4, true, true), Step::Refuse);
        assert_eq!(step(Hop::Direct, Layer::L4, true, false), Step::Arrive);
        assert_eq!(handshakes.end(connection).waiting, [key(0), key(1)]);
        assert!(!handshakes.is_pending(connection));
    }
}
