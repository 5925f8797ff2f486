//! HAProxy's table of slots: `balance static-rr` and `hash-type map-based`.
//!
//! Source: HAProxy 2.6, src/lb_map.c. The weights, divided by their greatest common divisor, fill a
//! table in an order that spreads the heavy ones a little. static-rr walks the table; a hash modulo
//! its length names a slot. Any change of state makes the table anew, so most keys move.

use super::haproxy::Hashing;
use super::per_slot::PerSlot;
use crate::balance::endpoint::Endpoint;
use crate::balance::picker::{CandidateValue, Pick, PickContext, Picker, Reason};
use crate::balance::picker_state::{PickerState, PickerStateQuery};
use crate::time::SimTime;

/// The picker with HAProxy's table of slots.
#[derive(Clone, Debug)]
pub struct HaproxyMap {
    honours_weight: bool,
    /// How a key becomes a slot; `None` walks the table.
    hashing: Option<Hashing>,
    /// The configured weights: the divisor stays while a weight is 0 for a time.
    weights: PerSlot<u32>,
    table: Vec<u32>,
    scores: Vec<i64>,
    next: usize,
}

impl HaproxyMap {
    /// static-rr: in turn. `honours_weight`: false counts every server as 1.
    #[must_use]
    pub fn in_turn(honours_weight: bool) -> Self {
        Self {
            honours_weight,
            hashing: None,
            weights: PerSlot::default(),
            table: Vec::new(),
            scores: Vec::new(),
            next: 0,
        }
    }

    /// A picker for a map-based hash.
    #[must_use]
    pub fn hashed(hashing: Hashing) -> Self {
        Self {
            hashing: Some(hashing),
            ..Self::in_turn(true)
        }
    }

    /// `recalc_server_map`: in each slot every server's score grows by its weight; the first with
    /// the largest whole number of shares takes it and pays one share.
    fn fill(&mut self, endpoints: &[Endpoint], usable: &[bool]) {
        let divisor = self
            .weights
            .iter()
            .fold(0, |divisor, (_, weight)| gcd(divisor, *weight));
        let honours_weight = self.honours_weight;
        let share = |slot: usize| {
            let weight: u32 = match endpoints[slot].config.weight {
                _ if !usable[slot] => 0,
                weight if honours_weight => weight.div_ceil(divisor.max(1)),
                weight => weight.min(1),
            };
            i64::from(weight)
        };
        let total: i64 = (0..endpoints.len()).map(share).sum();
        self.table.clear();
        self.scores.clear();
        self.scores.resize(endpoints.len(), 0);
        for _ in 0..total {
            let mut best: Option<(usize, i64)> = None;
            for slot in 0..endpoints.len() {
                let weight = share(slot);
                if weight == 0 {
                    continue;
                }
                self.scores[slot] += weight;
                let shares = (self.scores[slot] + total) / total;
                if best.is_none_or(|(_, most)| shares > most) {
                    best = Some((slot, shares));
                }
            }
            let Some((slot, _)) = best else { break };
            self.scores[slot] -= total;
            self.table.push(u32::try_from(slot).unwrap_or(u32::MAX));
        }
    }

    fn owner(&self, at: usize) -> usize {
        self.table[at % self.table.len()] as usize
    }

    fn note(&self, cx: &mut PickContext<'_>) {
        if !cx.is_watched() {
            return;
        }
        for slot in 0..cx.endpoints.len() {
            let owned = self
                .table
                .iter()
                .filter(|owner| **owner as usize == slot)
                .count();
            let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
            let value = if owned == 0 {
                CandidateValue::NotUsed
            } else {
                CandidateValue::SlotCount {
                    owned: count(owned),
                    of: count(self.table.len()),
                }
            };
            cx.note(slot, value);
        }
    }
}

const fn gcd(a: u32, b: u32) -> u32 {
    let (mut a, mut b) = (a, b);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl Picker for HaproxyMap {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        let slots = self.table.len();
        if slots == 0 {
            return None;
        }
        let hash = self.hashing.map(|hashing| hashing.of(&cx.key));
        let first = match hash {
            Some(hash) => hash as usize % slots,
            None if self.next >= slots => 0,
            None => self.next,
        };
        // Where the slot's owner was tried before or is full, the slots after it are asked.
        let passed = (0..slots).find(|passed| cx.is_candidate(self.owner(first + passed)))?;
        let at = (first + passed) % slots;
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let reason = match hash {
            Some(hash) => Reason::HashSlot {
                hash: hash.into(),
                slots: count(slots),
                slot: count(at),
                rehashes: count(passed),
            },
            None => {
                self.next = at + 1;
                Reason::NextInTurn
            }
        };
        self.note(cx);
        Some(Pick {
            slot: self.owner(at),
            reason,
        })
    }

    fn sync(&mut self, _now: SimTime, endpoints: &[Endpoint], usable: &[bool]) {
        self.weights
            .align(endpoints, |endpoint| endpoint.config.weight);
        for (slot, endpoint) in endpoints.iter().enumerate() {
            if endpoint.config.weight > 0 {
                self.weights[slot] = endpoint.config.weight;
            }
        }
        self.fill(endpoints, usable);
    }

    fn internals(&self, _look: PickerStateQuery<'_>) -> PickerState {
        PickerState::Table(self.table.clone())
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(self.clone())
    }
}
