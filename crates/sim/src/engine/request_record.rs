//! The engine's record of a request in flight: small, as there may be 200,000 of them.
//!
//! A scenario's limits bound most numbers, which are only as wide as these need. Data that most requests never have is
//! kept apart, in `request_table.rs`. Outside the engine a request is a [`super::request::Request`].

use super::request::{AttemptResult, Phase, Trip};
use crate::fleet::client::ConnectionId;
use crate::fleet::traffic::RequestSample;
use crate::ids::{BalancerId, ClassId, ClientId, EndpointId, UpstreamId, UpstreamRef, VipId};
use crate::metrics::outcome::OUTCOMES;
use crate::scenario::limits::{MAX_CLASSES, MAX_CLIENTS, MAX_POOLS, MAX_SPAN_US, MAX_USERS};
use crate::time::{SimDuration, SimTime};

// What the narrow fields of a record must hold.
const _: () = {
    assert!(MAX_CLIENTS <= 1 << 16 && MAX_USERS <= 1 << 16);
    assert!(MAX_CLASSES <= 1 << 8 && MAX_POOLS < 1 << 8);
    assert!(MAX_SPAN_US <= u32::MAX as u64);
};

/// The slot is in use.
const LIVE: u8 = 1;
/// The connection is new with the request: TLS starts anew.
const FRESH: u8 = 1 << 1;
/// The balancer died with the request.
const ORPHANED: u8 = 1 << 2;
/// The request moved to another balancer after its own had died.
const MOVED: u8 = 1 << 3;
/// An attempt is in flight.
const IN_FLIGHT: u8 = 1 << 4;
/// The result of the last attempt is on its way to the client.
const SERVED: u8 = 1 << 5;

/// The record of a request in flight.
#[derive(Clone, Copy, Debug)]
pub(super) struct RequestRecord {
    /// Which arrival of the run it is, from 1. The lower half is in its key.
    pub number: u64,
    /// When the client sent it.
    pub born: SimTime,
    /// When the last attempt was sent.
    pub sent_at: SimTime,
    stage: PackedPhase,
    /// The client's connection that it came on.
    pub connection: ConnectionId,
    /// The endpoint of the last attempt.
    endpoint: EndpointId,
    /// The work of the request, in microseconds: at most an hour, which fits.
    work_us: u32,
    item: u32,
    client: u16,
    user: u16,
    fault_roll: u16,
    vip: u16,
    balancer: u16,
    /// How often the client has sent it.
    pub sends: u16,
    upstream: u8,
    class: u8,
    attempt: u8,
    flags: u8,
}

impl RequestRecord {
    /// The record of a request that its client has just made.
    pub(super) fn new(
        number: u64,
        draw: &RequestSample,
        connection: (ConnectionId, bool),
        born: SimTime,
    ) -> Self {
        let (connection, fresh) = connection;
        let work_us = draw.work.as_us();
        Self {
            number,
            born,
            sent_at: born,
            stage: PackedPhase::of(Phase::Resolving { until: born }),
            connection,
            endpoint: EndpointId(0),
            work_us: u32::try_from(work_us).expect("work is at most an hour"),
            item: draw.item,
            client: draw.client.0 as u16,
            user: draw.user as u16,
            fault_roll: draw.fault_roll as u16,
            vip: 0,
            balancer: 0,
            sends: 0,
            upstream: 0,
            class: draw.class.0 as u8,
            attempt: 0,
            flags: if fresh { LIVE | FRESH } else { LIVE },
        }
    }

    /// The sampled properties: client, class and item.
    pub(super) fn draw(&self) -> RequestSample {
        RequestSample {
            client: self.client(),
            user: self.user(),
            class: self.class(),
            item: self.item,
            work: self.work(),
            fault_roll: self.fault_roll(),
        }
    }

    /// The client that sends it.
    pub(super) fn client(&self) -> ClientId {
        ClientId(self.client.into())
    }

    /// The index of the user among those of the client.
    pub(super) fn user(&self) -> u32 {
        self.user.into()
    }

    /// The class of the request.
    pub(super) fn class(&self) -> ClassId {
        ClassId(self.class.into())
    }

    /// The number of the item, among those of the class.
    pub(super) const fn item(&self) -> u32 {
        self.item
    }

    /// The work of the request, at speed 1.
    pub(super) fn work(&self) -> SimDuration {
        SimDuration::from_us(self.work_us.into())
    }

    /// Decides whether a server that fails a share of its answers fails this one, 0 to 999.
    pub(super) fn fault_roll(&self) -> u32 {
        self.fault_roll.into()
    }

    /// The virtual IP it goes to.
    pub(super) fn vip(&self) -> VipId {
        VipId(self.vip.into())
    }

    pub(super) const fn set_vip(&mut self, vip: VipId) {
        self.vip = vip.0 as u16;
    }

    /// The balancer that it is at, and the upstream there.
    pub(super) fn upstream_ref(&self) -> UpstreamRef {
        UpstreamRef {
            balancer: self.balancer(),
            upstream: UpstreamId(self.upstream.into()),
        }
    }

    /// The balancer that it is at.
    pub(super) fn balancer(&self) -> BalancerId {
        BalancerId(self.balancer.into())
    }

    pub(super) const fn set_upstream_ref(&mut self, upstream_ref: UpstreamRef) {
        self.balancer = upstream_ref.balancer.0 as u16;
        self.upstream = upstream_ref.upstream.0 as u8;
    }

    /// Brings it to a balancer, at its main upstream.
    pub(super) const fn enter(&mut self, balancer: BalancerId) {
        (self.balancer, self.upstream) = (balancer.0 as u16, 0);
    }

    /// The phase. Callers know which phase it should be, so little of this is left once it is inlined.
    #[inline(always)]
    pub(super) fn phase(&self) -> Phase {
        self.stage.phase()
    }

    #[inline(always)]
    pub(super) fn set_phase(&mut self, phase: Phase) {
        self.stage = PackedPhase::of(phase);
    }

    /// How often it was sent to a server. Void attempts have a smaller number.
    pub(super) fn attempt(&self) -> u32 {
        self.attempt.into()
    }

    /// The endpoint of the attempt in flight; `None` if there is none.
    pub(super) fn current(&self) -> Option<EndpointId> {
        self.has(IN_FLIGHT).then_some(self.endpoint)
    }

    /// The endpoint of the attempt in flight, which must exist.
    ///
    /// # Panics
    /// If no attempt is in flight.
    #[inline(always)]
    #[track_caller]
    pub(super) fn attempt_endpoint(&self) -> EndpointId {
        self.current().expect("a try is under way")
    }

    /// Whether the attempt of that number is the one in flight.
    #[inline(always)]
    pub(super) fn is_on_attempt(&self, attempt: u32) -> bool {
        self.attempt() == attempt && self.has(IN_FLIGHT)
    }

    /// The endpoint of the last attempt, once its result is on the way to the client.
    pub(super) fn served(&self) -> Option<EndpointId> {
        self.has(SERVED).then_some(self.endpoint)
    }

    /// Begins an attempt at an endpoint.
    pub(super) const fn try_at(&mut self, endpoint: EndpointId, now: SimTime) {
        self.attempt += 1;
        self.move_to(endpoint, now);
    }

    /// Moves the attempt in flight to this endpoint, sent at `now`.
    pub(super) const fn move_to(&mut self, endpoint: EndpointId, now: SimTime) {
        self.endpoint = endpoint;
        self.sent_at = now;
        self.flags |= IN_FLIGHT;
    }

    /// Ends the attempt in flight, and the request with it.
    pub(super) const fn mark_served(&mut self) {
        let served = if self.has(IN_FLIGHT) { SERVED } else { 0 };
        self.flags = self.flags & !(IN_FLIGHT | SERVED) | served;
    }

    /// Drops the attempt in flight, which failed.
    pub(super) const fn drop_attempt(&mut self) {
        self.flags &= !IN_FLIGHT;
    }

    /// Whether its connection is new with it.
    pub(super) const fn is_fresh(&self) -> bool {
        self.has(FRESH)
    }

    /// Whether its balancer died with it.
    pub(super) const fn is_orphaned(&self) -> bool {
        self.has(ORPHANED)
    }

    pub(super) const fn orphan(&mut self) {
        self.drop_attempt();
        self.flags |= ORPHANED;
    }

    /// Whether it moved to another balancer after its own had died.
    pub(super) const fn is_moved(&self) -> bool {
        self.has(MOVED)
    }

    pub(super) const fn set_moved(&mut self) {
        self.flags |= MOVED;
    }

    /// Whether its slot in the table is in use.
    #[inline(always)]
    pub(super) const fn is_live(&self) -> bool {
        self.has(LIVE)
    }

    /// Ends the request: its slot in the table is free.
    pub(super) const fn retire(&mut self) {
        self.flags &= !LIVE;
    }

    const fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// A [`Phase`] in two words: each is a time of 52 bits; below it are the phase, and the result or the outcome.
#[derive(Clone, Copy, Debug)]
struct PackedPhase([u64; 2]);

const TIME_BITS: u32 = 52;
const ANSWERS: [AttemptResult; 6] = [
    AttemptResult::Ok,
    AttemptResult::ServerError,
    AttemptResult::QueueFull,
    AttemptResult::NoUpgrade,
    AttemptResult::Refused,
    AttemptResult::Reset,
];

impl PackedPhase {
    #[inline(always)]
    fn of(phase: Phase) -> Self {
        let zero = SimTime::ZERO;
        let (kind, from, to, detail) = match phase {
            Phase::Resolving { until } => (0, zero, until, 0),
            Phase::Lost { until } => (1, zero, until, 0),
            Phase::Connecting { since } => (2, since, zero, 0),
            Phase::ToBalancer(trip) => (3, trip.depart, trip.arrive, 0),
            Phase::AtBalancer { since, until } => (4, since, until, 0),
            Phase::Queued { since, endpoint } => {
                // The place of no endpoint is 0.
                let place = endpoint.map_or(0, |id| u64::from(id.0) + 1);
                (5, since, SimTime::from_us(place), 0)
            }
            Phase::Dialling(trip) => (6, trip.depart, trip.arrive, 0),
            Phase::ToServer(trip) => (7, trip.depart, trip.arrive, 0),
            Phase::Waiting { since } => (8, since, zero, 0),
            Phase::InService { since } => (9, since, zero, 0),
            Phase::FromServer(trip, answer) => (10, trip.depart, trip.arrive, answer as u64),
            Phase::Direct(trip, answer) => (11, trip.depart, trip.arrive, answer as u64),
            Phase::ToClient(trip, outcome) => (12, trip.depart, trip.arrive, outcome.code()),
        };
        let word = |at: SimTime, what: u64| at.as_us() | what << TIME_BITS;
        Self([word(from, kind), word(to, detail)])
    }

    #[inline(always)]
    fn phase(self) -> Phase {
        let [first, second] = self.0;
        let time = |word: u64| SimTime::from_us(word & SimTime::FAR.as_us());
        let (since, until) = (time(first), time(second));
        let (kind, detail) = (first >> TIME_BITS, (second >> TIME_BITS) as usize);
        let trip = Trip {
            depart: since,
            arrive: until,
        };
        match kind {
            0 => Phase::Resolving { until },
            1 => Phase::Lost { until },
            2 => Phase::Connecting { since },
            3 => Phase::ToBalancer(trip),
            4 => Phase::AtBalancer { since, until },
            5 => Phase::Queued {
                since,
                endpoint: until.as_us().checked_sub(1).map(|id| EndpointId(id as u32)),
            },
            6 => Phase::Dialling(trip),
            7 => Phase::ToServer(trip),
            8 => Phase::Waiting { since },
            9 => Phase::InService { since },
            10 => Phase::FromServer(trip, ANSWERS[detail]),
            11 => Phase::Direct(trip, ANSWERS[detail]),
            _ => Phase::ToClient(trip, OUTCOMES[detail]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_stays_small() {
        assert_eq!(size_of::<RequestRecord>(), 72);
    }

    #[test]
    fn a_phase_comes_back_as_it_was() {
        let at = SimTime::from_us;
        let (since, until) = (at(3), SimTime::FAR);
        let trip = Trip {
            depart: since,
            arrive: until,
        };
        let mut phases = vec![
            Phase::Resolving { until },
            Phase::Lost { until },
            Phase::Connecting { since },
            Phase::ToBalancer(trip),
            Phase::AtBalancer { since, until },
            Phase::Queued {
                since,
                endpoint: None,
            },
            Phase::Queued {
                since,
                endpoint: Some(EndpointId(0)),
            },
            Phase::Dialling(trip),
            Phase::ToServer(trip),
            Phase::Waiting { since },
            Phase::InService { since },
        ];
        for answer in ANSWERS {
            phases.push(Phase::FromServer(trip, answer));
            phases.push(Phase::Direct(trip, answer));
        }
        phases.extend(OUTCOMES.map(|outcome| Phase::ToClient(trip, outcome)));
        for phase in phases {
            assert_eq!(PackedPhase::of(phase).phase(), phase);
        }
    }
}
