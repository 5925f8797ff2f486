//! The interface of every balancing algorithm: what it is asked, what it answers, and why.

use std::fmt;
use std::net::IpAddr;

use super::endpoint::Endpoint;
use super::picker_state::{PickerState, PickerStateQuery};
use crate::ids::EndpointId;
use crate::rng::Rng;
use crate::time::SimTime;

/// What a balancer can see of a request when it picks.
#[derive(Clone, Copy, Debug)]
pub struct PickKey<'a> {
    /// The client's address.
    pub source: IpAddr,
    /// The client's port: with the address, what makes a connection distinct.
    pub port: u16,
    /// Which of the people or programs behind the address, as a certificate or a cookie tells; 0 where
    /// nobody does.
    pub user: u32,
    /// The text that key hashes use: the path at L7. Empty where nothing can be read (L4).
    pub text: &'a [u8],
}

/// Everything that one pick may depend on.
pub struct PickContext<'a> {
    /// The time of the pick.
    pub now: SimTime,
    /// All endpoints in configuration order, usable or not. A *slot* is a place in this list.
    pub endpoints: &'a [Endpoint],
    /// For each slot: may it take new requests now (health, operator, weight, tier)?
    pub usable: &'a [bool],
    /// Endpoints already tried for this request.
    pub tried: &'a [EndpointId],
    /// What is visible of the request.
    pub key: PickKey<'a>,
    /// The balancer's random stream.
    pub rng: &'a mut Rng,
    /// Where to write what was compared, one row a slot; `None` when nobody looks. Whether it is
    /// there must not change the pick.
    pub rows: Option<&'a mut Vec<CandidateRow>>,
}

impl PickKey<'_> {
    /// The client's address and port as text, what key hashes use where no text can be read (L4).
    /// Empty where the address is unknown too (`0.0.0.0` or `::`): there is nothing to hash.
    #[must_use]
    pub fn address_text(&self) -> KeyText {
        if self.source.is_unspecified() {
            return KeyText::default();
        }
        KeyText::of(format_args!("{}:{}", self.source, self.port))
    }
}

/// A short text without an allocation: the longest is an IPv6 address with a port.
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
    /// The text that `arguments` give, at most 64 bytes of it.
    #[must_use]
    pub fn of(arguments: fmt::Arguments<'_>) -> Self {
        let mut text = Self::default();
        // What does not fit is cut off, which is all that can go wrong.
        let _ = fmt::write(&mut text, arguments);
        text
    }

    /// The text.
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

/// The walk of nginx's hashes from one endpoint to the next: it ends after more than twenty misses.
///
/// nginx keeps the walk between the tries of one request and goes on where the last one was picked.
/// Here each try walks again from the start, so passing an endpoint that was tried before is no
/// miss, once for each try: it was a pick.
#[derive(Clone, Copy, Debug, Default)]
pub struct Walk {
    misses: u32,
    passed: usize,
}

impl Walk {
    /// Whether one more step may be taken.
    #[must_use]
    pub const fn goes_on(&self) -> bool {
        self.misses <= 20
    }

    /// The endpoint at `slot` cannot be used.
    pub fn missed(&mut self, cx: &PickContext<'_>, slot: usize) {
        if cx.tried.get(self.passed) == Some(&cx.endpoints[slot].id) {
            self.passed += 1;
        } else {
            self.misses += 1;
        }
    }

    /// How many steps were taken.
    #[must_use]
    pub fn steps(&self) -> u32 {
        self.misses + u32::try_from(self.passed).unwrap_or(u32::MAX)
    }
}

impl PickContext<'_> {
    /// Whether the endpoint at `slot` may be picked: usable, below its connection limit, and not
    /// tried before.
    #[must_use]
    pub fn is_candidate(&self, slot: usize) -> bool {
        self.usable[slot]
            && !self.endpoints[slot].is_full()
            && (self.tried.is_empty() || !self.tried.contains(&self.endpoints[slot].id))
    }

    /// The slots that may be picked, in configuration order.
    pub fn candidates(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.endpoints.len()).filter(|&slot| self.is_candidate(slot))
    }

    /// Writes a row, if anyone looks.
    pub fn note(&mut self, slot: usize, value: CandidateValue) {
        let endpoint = self.endpoints[slot].id;
        if let Some(rows) = &mut self.rows {
            rows.push(CandidateRow { endpoint, value });
        }
    }

    /// Whether rows are wanted: to skip work that serves only them.
    #[must_use]
    pub const fn is_watched(&self) -> bool {
        self.rows.is_some()
    }
}

/// One line of the table that shows a decision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CandidateRow {
    /// Whose line.
    pub endpoint: EndpointId,
    /// What was compared.
    pub value: CandidateValue,
}

/// What an algorithm compared for one endpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CandidateValue {
    /// Out of use, or tried before: not compared.
    NotUsed,
    /// Running scores, in 1/[`super::endpoint::WEIGHT_UNIT`] of a weight.
    Score {
        /// When the pick was made: this is what was compared.
        before: i64,
        /// After the winner has paid.
        after: i64,
    },
    /// Load and the weight it is divided by (in 1/[`super::endpoint::WEIGHT_UNIT`]).
    Load {
        /// Connections or requests in progress.
        active: u32,
        /// The weight that counts, equal for all where weights are ignored.
        weight: u32,
    },
    /// A range of hash slots `first..=last`. An endpoint out of use keeps its own.
    Slots {
        /// The first slot of this endpoint.
        first: u32,
        /// The last.
        last: u32,
    },
    /// How many slots of a table this endpoint owns, anywhere in it.
    SlotCount {
        /// Its own.
        owned: u32,
        /// All.
        of: u32,
    },
    /// When its turn is due, in positions of the round.
    Turn {
        /// Its position. In turn at or before `now`.
        due: i64,
        /// The position of the next pick.
        now: i64,
    },
    /// The distance on the ring from the key to this endpoint's nearest point: clockwise, or either
    /// way where the engine takes the nearest (HAProxy).
    RingDistance(u32),
    /// As [`Self::RingDistance`], where a server with too much in progress is passed over.
    Bounded {
        /// The distance on the ring.
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
        /// Requests in progress.
        active: u32,
    },
    /// The chance of being drawn, in millionths.
    Chance(u32),
    /// One of the endpoints drawn, with its load.
    Drawn {
        /// 1 for the first draw, 2 for the second, and so on.
        order: u8,
        /// Connections or requests in progress.
        active: u32,
        /// The weight that counts.
        weight: u32,
    },
}

/// Why an endpoint was picked, in the terms of the algorithm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason {
    /// Its running score was the highest (smooth weighted round robin).
    HighestScore,
    /// It was the next in turn.
    NextInTurn,
    /// It alone has the fewest in progress for its weight.
    FewestActive,
    /// Several had the fewest; their running scores decided.
    FewestActiveTie {
        /// How many tied.
        tied: u32,
    },
    /// Several had the fewest; of these it has stood there longest (HAProxy).
    FewestActiveQueue {
        /// How many tied.
        tied: u32,
    },
    /// Several had the fewest; of these it is the first in the list (IPVS).
    FewestActiveFirst {
        /// How many tied.
        tied: u32,
    },
    /// The first in the list with room for one more.
    FirstWithRoom,
    /// A hash, divided by the slots, named it.
    HashSlot {
        /// The hash.
        hash: u64,
        /// How many slots there are.
        slots: u32,
        /// The slot: the remainder.
        slot: u32,
        /// How often the hash was taken again because the slot's owner could not be used.
        rehashes: u32,
    },
    /// It owns the point on the ring that the key belongs to: the first at or after the key, or the
    /// nearest (HAProxy).
    RingPoint {
        /// The key's place on the ring.
        hash: u32,
        /// The point.
        point: u32,
        /// How many points were passed over because their owner could not be used.
        skipped: u32,
    },
    /// As [`Self::RingPoint`], the first point whose owner had room below its bound.
    RingRoom {
        /// The key's place on the ring.
        hash: u32,
        /// The point.
        point: u32,
        /// How many points were passed over: their owners had too much in progress, or were out.
        passed: u32,
    },
    /// The key's hash gave it the highest score (rendezvous).
    HighestKeyScore,
    /// Its response time times its load was the lowest.
    LeastTime,
    /// It was drawn.
    Drawn {
        /// How often the draw was repeated because the one drawn could not be used.
        redraws: u32,
    },
    /// It was drawn among those that who asks keeps to.
    DrawnOf {
        /// How many they are.
        of: u32,
    },
    /// Two were drawn, and it had fewer in progress.
    BetterOfTwo {
        /// The other one.
        other: EndpointId,
        /// Both were equal: the later draw wins.
        tie: bool,
    },
    /// Two were drawn, and its response time times its load was the lower one.
    CheaperOfTwo {
        /// The other one.
        other: EndpointId,
    },
    /// Two were drawn that were equally busy, and the first drawn stays (Envoy).
    FirstOfTwo {
        /// The other one.
        other: EndpointId,
    },
    /// It was the only one in use.
    OnlyOne,
    /// The algorithm found no usable owner in its walk and took turns instead.
    Fallback,
    /// The connection was pinned to it before (L4), or a cookie names it.
    Pinned,
}

/// A decision: which slot, and why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pick {
    /// The slot in [`PickContext::endpoints`].
    pub slot: usize,
    /// Why.
    pub reason: Reason,
}

/// How a try ended, as far as a picker may care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptEnd {
    /// An answer came.
    Answered,
    /// It failed in a way that counts against the endpoint.
    Failed,
    /// It ended without saying anything about the endpoint.
    Abandoned,
}

/// A balancing algorithm with its private state. What is known of an endpoint (load, latency,
/// weight) is kept once, in [`Endpoint`]; a picker keeps only what is its own: a cursor, a ring,
/// running scores.
pub trait Picker: fmt::Debug {
    /// Picks a candidate; `None` where there is none.
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick>;

    /// The endpoints, their weights or their usability changed. Called once before the first pick.
    fn sync(&mut self, _now: SimTime, _endpoints: &[Endpoint], _usable: &[bool]) {}

    /// A try was sent to the endpoint at `slot`; its load is already counted.
    fn on_dispatched(&mut self, _slot: usize, _endpoints: &[Endpoint]) {}

    /// A try at `slot` ended; its load is already taken off.
    fn on_finished(&mut self, _slot: usize, _endpoints: &[Endpoint], _end: AttemptEnd) {}

    /// Its own state, to be shown.
    fn internals(&self, _look: PickerStateQuery<'_>) -> PickerState {
        PickerState::None
    }

    /// The same picker with the same future.
    fn boxed_clone(&self) -> Box<dyn Picker>;
}

impl Clone for Box<dyn Picker> {
    fn clone(&self) -> Self {
        self.boxed_clone()
    }
}
