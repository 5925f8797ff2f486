//! Rendezvous hashing, also called highest random weight.
//!
//! Source: Thaler and Ravishankar, "A Name-Based Mapping Scheme for Rendezvous" (1996); weights as in
//! Schindelhauer and Schomaker, "Weighted Distributed Hash Tables" (SPAA 2005). Key and address are
//! hashed together to a number h between 0 and 1, and -w / ln(h) is the endpoint's score; the highest
//! wins, so shares follow the weights. A candidate that goes takes only its own keys with it.
//! Here h is the XXH64 of the key with the XXH64 of the address as its seed.

use xxhash_rust::xxh64::xxh64;

use super::per_slot::PerSlot;
use crate::balance::endpoint::Endpoint;
use crate::balance::picker::{CandidateValue, Pick, PickContext, Picker, Reason};
use crate::rng::any_u64;
use crate::time::SimTime;

/// Larger scores are shown as this.
const MOST_SHOWN: f64 = 1e15;

/// The picker of rendezvous hashing.
#[derive(Clone, Debug, Default)]
pub struct Rendezvous {
    /// The hash of each endpoint's address.
    seeds: PerSlot<u64>,
}

/// The score of weight `weight` for a hash.
fn score(hash: u64, weight: u32) -> f64 {
    // 52 bits and a half, which a float holds exactly: never 0 and never 1.
    let h = ((hash >> 12) as f64 + 0.5) / (1_u64 << 52) as f64;
    -f64::from(weight) / libm::log(h)
}

impl Rendezvous {
    fn score(&self, endpoints: &[Endpoint], slot: usize, key: &[u8]) -> f64 {
        score(xxh64(key, self.seeds[slot]), endpoints[slot].config.weight)
    }
}

impl Picker for Rendezvous {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        let (address, lot);
        let mut key = cx.key.text;
        if key.is_empty() {
            address = cx.key.address_text();
            key = address.as_bytes();
        }
        if key.is_empty() {
            // Nothing to hash: any.
            lot = any_u64(cx.rng).to_le_bytes();
            key = &lot;
        }
        let endpoints = cx.endpoints;
        let (mut best, mut highest) = (None, 0.0);
        for slot in cx.candidates() {
            let score = self.score(endpoints, slot, key);
            // Strictly: of two equal scores the first in the list stays.
            if best.is_none() || score > highest {
                (best, highest) = (Some(slot), score);
            }
        }
        let slot = best?;
        if cx.is_watched() {
            for slot in 0..endpoints.len() {
                let value = if cx.is_candidate(slot) {
                    let thousandths = self.score(endpoints, slot, key) * 1_000.0;
                    CandidateValue::KeyScore(thousandths.min(MOST_SHOWN) as u64)
                } else {
                    CandidateValue::NotUsed
                };
                cx.note(slot, value);
            }
        }
        Some(Pick {
            slot,
            reason: Reason::HighestKeyScore,
        })
    }

    fn sync(&mut self, _now: SimTime, endpoints: &[Endpoint], _usable: &[bool]) {
        self.seeds
            .align(endpoints, |one| xxh64(one.config.address.as_bytes(), 0));
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_finite_and_grows_with_hash_and_weight() {
        assert!(score(u64::MAX, 256).is_finite());
        assert!(score(0, 1) > 0.0);
        assert!(score(1 << 40, 1) < score(1 << 41, 1));
        assert!(score(1 << 40, 1) < score(1 << 40, 2));
    }
}
