//! The interface of every load-balancing algorithm: the inputs of a pick, the result, and the reason.

use std::fmt;
use std::net::IpAddr;

use super::endpoint::Endpoint;
use super::full_rule::FullRule;
use super::picker_state::{PickerState, PickerStateQuery};
use crate::ids::EndpointId;
use crate::rng::Rng;
use crate::time::SimTime;

/// The part of a request that a balancer can see when it picks.
#[derive(Clone, Copy, Debug)]
pub struct PickKey<'a> {
    /// The address of the client.
    pub source: IpAddr,
    /// The client's port: with the address it identifies a connection.
    pub port: u16,
    /// The user behind the address, as a certificate or a cookie identifies it; 0 if nothing does.
    pub user: u32,
    /// The text that key hashes use: the path at L7. Empty where nothing can be read (L4).
    pub text: &'a [u8],
}

/// Everything that one pick may depend on.
pub struct PickContext<'a> {
    /// The time of the pick.
    pub now: SimTime,
    /// All endpoints in configuration order, usable or not. A *slot* is an index in this list.
    pub endpoints: &'a [Endpoint],
    /// For each slot: whether it may take new requests now (health, operator, weight, tier).
    pub usable: &'a [bool],
    /// The endpoints already tried for this request.
    pub tried: &'a [EndpointId],
    /// Whether one of these is taken if there is no other, as HAProxy does.
    pub takes_avoided: bool,
    /// How often a pick for this attempt was rejected and made anew, as Envoy does; 0 at first.
    pub repick: u32,
    /// How many steps of a walk from hash to hash the request's earlier attempts took, as nginx counts them; the picker
    /// adds its own.
    pub walked: u32,
    /// Whether full endpoints may be picked.
    pub full_rule: FullRule,
    /// The visible part of the request.
    pub key: PickKey<'a>,
    /// The balancer's random stream.
    pub rng: &'a mut Rng,
    /// Where to write the compared values, one row for each slot; `None` if they are not recorded. This must not
    /// change the pick.
    pub rows: Option<&'a mut Vec<CandidateRow>>,
}

impl PickKey<'_> {
    /// The client's address and port as text, which key hashes use if no text can be read (L4). Empty if the address
    /// is unknown too (`0.0.0.0` or `::`): there is nothing to hash.
    #[must_use]
    pub fn address_text(&self) -> KeyText {
        if self.source.is_unspecified() {
            return KeyText::default();
        }
        KeyText::of(format_args!("{}:{}", self.source, self.port))
    }
}

/// A short text without an allocation, at most 64 bytes: the longest is an IPv6 address with a port.
#[derive(Clone, Copy, Debug)]
pub struct KeyText {
    bytes: [u8; 64],
    len: usize,
}

impl Default for KeyText {
    fn default() -> Self {
        Self {
            bytes: [0; 64],
            len: 0,
        }
    }
}

impl KeyText {
    /// The text of the format arguments, at most 64 bytes of it.
    #[must_use]
    pub fn of(arguments: fmt::Arguments<'_>) -> Self {
        let mut text = Self::default();
        // What does not fit is cut off, which is all that can go wrong.
        let _ = fmt::write(&mut text, arguments);
        text
    }

    /// The bytes of the text.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl fmt::Write for KeyText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.bytes.len() - self.len;
        let take = text.len().min(room);
        self.bytes[self.len..self.len + take].copy_from_slice(&text.as_bytes()[..take]);
        self.len += take;
        if take < text.len() {
            Err(fmt::Error)
        } else {
            Ok(())
        }
    }
}

impl PickContext<'_> {
    /// Whether the endpoint at `slot` may be picked: usable, below its connection limit unless [`FullRule`] lets full
    /// ones be picked, and not tried before.
    #[must_use]
    pub fn is_candidate(&self, slot: usize) -> bool {
        self.usable[slot]
            && (!self.endpoints[slot].is_full() || self.full_rule.picks_full(&self.endpoints[slot]))
            && (self.tried.is_empty() || !self.tried.contains(&self.endpoints[slot].id))
    }

    /// Whether the endpoint at `slot` might be picked if it had not been tried before.
    #[must_use]
    pub fn is_avoided(&self, slot: usize) -> bool {
        let endpoint = &self.endpoints[slot];
        self.usable[slot] && !endpoint.is_full() && self.tried.contains(&endpoint.id)
    }

    /// The slots that may be picked, in configuration order.
    pub fn candidates(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.endpoints.len()).filter(|&slot| self.is_candidate(slot))
    }

    /// Records the compared value of a slot, if rows are recorded.
    pub fn note(&mut self, slot: usize, value: CandidateValue) {
        let endpoint = self.endpoints[slot].id;
        if let Some(rows) = &mut self.rows {
            rows.push(CandidateRow { endpoint, value });
        }
    }

    /// Whether rows are recorded: to skip work that serves only them.
    #[must_use]
    pub const fn is_watched(&self) -> bool {
        self.rows.is_some()
    }
}

/// One row of the table that shows a decision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CandidateRow {
    /// The endpoint of the row.
    pub endpoint: EndpointId,
    /// The value that was compared.
    pub value: CandidateValue,
}

/// The value that an algorithm compared for one endpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CandidateValue {
    /// None: out of use, or tried before.
    NotUsed,
    /// Running scores, in 1/[`super::endpoint::WEIGHT_UNIT`] of a weight.
    Score {
        /// The score that was compared, before the pick.
        before: i64,
        /// The score after the winner has paid.
        after: i64,
    },
    /// Load and the weight it is divided by (in 1/[`super::endpoint::WEIGHT_UNIT`]).
    Load {
        /// Connections or requests in progress.
        active: u32,
        /// The weight it is divided by, equal for all if weights are ignored.
        weight: u32,
    },
    /// A range of hash slots `first..=last`. An endpoint out of use keeps its own.
    Slots {
        /// The first slot of the endpoint.
        first: u32,
        /// The last slot of the endpoint.
        last: u32,
    },
    /// How many slots of a table this endpoint owns, anywhere in it.
    SlotCount {
        /// The slots that this endpoint owns.
        owned: u32,
        /// The slots of the whole table.
        of: u32,
    },
    /// When its turn is due, in positions of the round.
    Turn {
        /// The endpoint's next position; it is in turn at or before `now`.
        due: i64,
        /// The position of the next pick.
        now: i64,
    },
    /// The distance on the ring from the key to this endpoint's nearest point: clockwise, or either way for an
    /// implementation that takes the nearest (HAProxy).
    RingDistance(u32),
    /// As [`Self::RingDistance`], with a limit of load above which a server is passed over.
    Bounded {
        /// The distance on the ring, as there.
        distance: u32,
        /// Connections or requests in progress.
        active: u32,
        /// The most it may have, the new one included.
        bound: u32,
    },
    /// The score that the key's hash gives this endpoint, in thousandths (rendezvous).
    KeyScore(u64),
    /// The cost that least time compares.
    Time {
        /// The average response time in milliseconds, as the rule rounds it.
        average_ms: u64,
        /// The requests in progress.
        active: u32,
    },
    /// The chance of being drawn, in millionths.
    Chance(u32),
    /// Numbers that no other algorithm compares.
    Own(OwnFigures),
    /// One of the endpoints drawn, with its load.
    Drawn {
        /// The number of the draw: 1 for the first, 2 for the second, and so on.
        order: u8,
        /// Connections or requests in progress.
        active: u32,
        /// The weight that the load is divided by.
        weight: u32,
    },
}

/// Numbers that one algorithm alone compares, each under a head of its own: the name of one of the algorithm's
/// [`own_texts`](super::catalogue::CatalogueRow::own_texts), with the algorithm's id and a dot before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnFigures {
    /// Heads and numbers, these in thousandths; `None` is not known. The last decides: the larger, the likelier.
    pub figures: [(&'static str, Option<u64>); 3],
}

/// The reason why an endpoint was picked, in the terms of the algorithm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason {
    /// Its running score was the highest (smooth weighted round robin).
    HighestScore,
    /// It was the next in turn.
    NextInTurn,
    /// It alone had the fewest in progress for its weight.
    FewestActive,
    /// Several had the fewest in progress; their running scores decided.
    FewestActiveTie {
        /// The number of endpoints that tied.
        tied: u32,
    },
    /// Several had the fewest in progress; it had been in its place the longest of them (HAProxy).
    FewestActiveQueue {
        /// The number of endpoints that tied.
        tied: u32,
    },
    /// Several had the fewest in progress; it is the first of them in the list (IPVS).
    FewestActiveFirst {
        /// The number of endpoints that tied.
        tied: u32,
    },
    /// It was the first in the list with room for one more.
    FirstWithRoom,
    /// A hash modulo the number of slots named it.
    HashSlot {
        /// The hash of the key.
        hash: u64,
        /// The number of slots.
        slots: u32,
        /// The slot: the remainder of the division.
        slot: u32,
        /// How often the key was hashed again because the slot's owner could not be used.
        rehashes: u32,
    },
    /// It owns the point on the ring that the key belongs to: the first at or after the key, or the nearest (HAProxy).
    RingPoint {
        /// The key's position on the ring.
        hash: u32,
        /// The position of the point.
        point: u32,
        /// The number of points passed over because their owner could not be used.
        skipped: u32,
    },
    /// As [`Self::RingPoint`], with the first point whose owner had room below its bound.
    RingRoom {
        /// The key's position on the ring.
        hash: u32,
        /// The position of the point.
        point: u32,
        /// The number of points passed over: their owners had too much in progress, or were out.
        passed: u32,
    },
    /// The key's hash gave it the highest score (rendezvous).
    HighestKeyScore,
    /// Its response time times its load was the lowest.
    LeastTime,
    /// It was drawn at random.
    Drawn {
        /// How often the draw was repeated because the drawn endpoint could not be used.
        redraws: u32,
    },
    /// It was drawn at random from the subset of the client.
    DrawnOf {
        /// The number of endpoints in the subset.
        of: u32,
    },
    /// Two were drawn, and it had fewer in progress.
    BetterOfTwo {
        /// The other endpoint that was drawn.
        other: EndpointId,
        /// Whether both were equal: then the later draw wins.
        tie: bool,
    },
    /// Two were drawn, and its response time times its load was the lower one.
    CheaperOfTwo {
        /// The other endpoint that was drawn.
        other: EndpointId,
    },
    /// Two were drawn that were equally busy, and the first drawn stays (Envoy).
    FirstOfTwo {
        /// The other endpoint that was drawn.
        other: EndpointId,
    },
    /// A reason that no other algorithm has.
    Own {
        /// The name of one of the algorithm's [`own_texts`](super::catalogue::CatalogueRow::own_texts), with the
        /// algorithm's id and a dot before it. The text may have the slot `{n}`.
        text: &'static str,
        /// The number in the slot, in thousandths.
        thousandths: u64,
    },
    /// It was the only endpoint in use.
    OnlyOne,
    /// The algorithm found no usable owner in its walk and took turns instead.
    Fallback,
    /// The connection was bound to it before (L4), or a cookie names it.
    Pinned,
    /// A request had ended there, and this one waited longest (HAProxy).
    NextWaiting,
}

/// A pick: the chosen slot, and the reason.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pick {
    /// The slot in [`PickContext::endpoints`].
    pub slot: usize,
    /// The reason for the pick.
    pub reason: Reason,
}

/// The end of an attempt, as far as a picker needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptEnd {
    /// An answer came from the endpoint.
    Answered,
    /// It failed in a way that counts against the endpoint.
    Failed,
    /// It ended without saying anything about the endpoint.
    Abandoned,
}

/// A load report: what a server says of its own load, in the trailers of an answer (ORCA, gRFC A51).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoadReport {
    /// Queries a second (`rps_fractional`).
    pub qps: f64,
    /// Errors a second (`eps`).
    pub eps: f64,
    /// The share of the server that is in use, 1 for all of it (`application_utilization`).
    pub utilization: f64,
}

/// A load-balancing algorithm with its private state. The data of an endpoint (load, latency, weight) is kept once, in
/// [`Endpoint`]; a picker keeps only its own state: a cursor, a ring, running scores.
pub trait Picker: fmt::Debug {
    /// Picks a candidate; `None` if there is none.
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick>;

    /// The endpoints, their weights or their usability changed. Called once before the first pick.
    fn sync(&mut self, _now: SimTime, _endpoints: &[Endpoint], _usable: &[bool]) {}

    /// An attempt was sent to the endpoint at `slot`; its load is already counted.
    fn on_dispatched(&mut self, _slot: usize, _endpoints: &[Endpoint]) {}

    /// An attempt at `slot` ended; its load is already subtracted.
    fn on_finished(&mut self, _slot: usize, _endpoints: &[Endpoint], _end: AttemptEnd) {}

    /// A load report of the endpoint at `slot` came with an answer. Only an algorithm whose row says that it
    /// [`reads_load`](super::catalogue::CatalogueRow::reads_load) gets reports.
    fn on_load_report(&mut self, _now: SimTime, _slot: usize, _report: LoadReport) {}

    /// The picker's internal state, for display.
    fn internals(&self, _look: PickerStateQuery<'_>) -> PickerState {
        PickerState::None
    }

    /// A copy of the picker, which makes the same picks from now on.
    fn boxed_clone(&self) -> Box<dyn Picker>;
}

impl Clone for Box<dyn Picker> {
    fn clone(&self) -> Self {
        self.boxed_clone()
    }
}
