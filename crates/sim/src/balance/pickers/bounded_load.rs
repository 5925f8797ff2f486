//! A consistent hash with bounded loads: HAProxy's `hash-balance-factor`.
//!
//! Source: Mirrokni, Thorup and Zadimoghaddam, "Consistent Hashing with Bounded Loads" (2016), as in
//! HAProxy 2.6, src/lb_chash.c, `chash_server_is_eligible`. The requests in progress and the new one,
//! times the factor and rounded up, are places that are shared out by weight; each server has at
//! least one. A server whose places are taken is passed over, and the next point on the ring asked.
//! The ring is that of `hash-type consistent`.

use super::haproxy::{Hashing, eweight};
use super::haproxy_ring::Ring;
use super::per_slot::PerSlot;
use crate::balance::endpoint::Endpoint;
use crate::balance::picker::{CandidateValue, Pick, PickContext, Picker, Reason};
use crate::balance::picker_state::{PickerState, PickerStateQuery};
use crate::time::SimTime;

/// `hash-balance-factor` in percent: the usual 1.25 times the average.
const FACTOR: u64 = 125;

/// Consistent hashing with bounded loads: a picker.
#[derive(Clone, Debug)]
pub struct BoundedLoad {
    hashing: Hashing,
    ring: Ring,
    /// For each slot: the weights of the servers that stood before it in the configuration. HAProxy adds them up once,
    /// when it starts (`recount_servers`), and 0 stays what a server has that comes later.
    before: PerSlot<u64>,
    started: bool,
    /// For each slot: the weight, 0 while it is out of use.
    weights: Vec<u64>,
    total: u64,
}

impl BoundedLoad {
    /// A picker that bounds the load of what `hashing` finds.
    #[must_use]
    pub fn new(hashing: Hashing) -> Self {
        Self {
            hashing,
            ring: Ring::default(),
            before: PerSlot::default(),
            started: false,
            weights: Vec::new(),
            total: 0,
        }
    }

    /// All places, from what is in progress on all servers.
    fn places(&self, endpoints: &[Endpoint]) -> u64 {
        let served: u64 = endpoints.iter().map(|one| u64::from(one.active)).sum();
        ((served + 1) * FACTOR).div_ceil(100)
    }

    /// The places of the server at `slot` among `places`: the most it may have, the new one included.
    fn bound(&self, slot: usize, places: u64) -> u64 {
        let total = self.total.max(1);
        let (before, own) = (self.before[slot], self.weights[slot]);
        let (whole, rest) = (places / total, places % total);
        let part = (before + own) * rest / total - before * rest / total;
        (own * whole + part).max(1)
    }

    fn note(&self, cx: &mut PickContext<'_>, hash: u32, places: u64) {
        if !cx.is_watched() {
            return;
        }
        let distances = self.ring.distances(cx.endpoints.len(), hash);
        for (slot, distance) in distances.into_iter().enumerate() {
            let value = match distance {
                Some(distance) if cx.is_candidate(slot) => CandidateValue::Bounded {
                    distance,
                    active: cx.endpoints[slot].active,
                    bound: u32::try_from(self.bound(slot, places)).unwrap_or(u32::MAX),
                },
                _ => CandidateValue::NotUsed,
            };
            cx.note(slot, value);
        }
    }
}

impl Picker for BoundedLoad {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        let hash = self.hashing.of(&cx.key);
        let places = self.places(cx.endpoints);
        let endpoints = cx.endpoints;
        let room = |slot: usize| u64::from(endpoints[slot].active) < self.bound(slot, places);
        // Where the only one with room was tried before, the search ends at the end of the ring.
        let end = || {
            self.ring
                .last()
                .filter(|_| cx.candidates().next().is_some())
        };
        let hit = self.ring.find(cx, hash, room).or_else(end)?;
        self.note(cx, hash, places);
        Some(Pick {
            slot: hit.slot,
            reason: Reason::RingRoom {
                hash,
                point: hit.point,
                passed: hit.skipped,
            },
        })
    }

    fn sync(&mut self, _now: SimTime, endpoints: &[Endpoint], usable: &[bool]) {
        self.ring.sync(endpoints, usable, true);
        self.before.align(endpoints, |_| 0);
        self.total = 0;
        self.weights.clear();
        for (slot, (endpoint, usable)) in endpoints.iter().zip(usable).enumerate() {
            let own = if *usable {
                u64::from(eweight(endpoint, true))
            } else {
                0
            };
            if !self.started && *usable {
                self.before[slot] = self.total;
            }
            self.weights.push(own);
            self.total += own;
        }
        self.started |= self.total > 0;
    }

    fn internals(&self, _look: PickerStateQuery<'_>) -> PickerState {
        PickerState::Ring(self.ring.shown())
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(self.clone())
    }
}
