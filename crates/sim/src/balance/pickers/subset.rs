//! Random subsetting: each client keeps to a few of the endpoints, chosen by a hash, and draws among those. Used if
//! every client balances for itself and cannot hold a connection to each of a thousand servers.
//!
//! Source: gRPC proposal A68, `random_subsetting`: the endpoints whose addresses give the lowest XXH64, with the
//! client's own number as the seed. There the size is configured and another rule picks within; here it is the square
//! root of the number of endpoints, and the pick is random. The order of all is kept as well, so that the next one
//! replaces an endpoint that cannot be used.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use xxhash_rust::xxh64::xxh64;

use super::per_slot::PerSlot;
use crate::balance::endpoint::Endpoint;
use crate::balance::picker::{CandidateValue, Pick, PickContext, PickKey, Picker, Reason};
use crate::rng::below;
use crate::time::SimTime;

/// The most clients whose orders are kept; after that all are computed anew.
const ASKERS: usize = 4_096;
/// How many times a subset's length is kept of each order.
const SPARE: usize = 2;

/// The picker of random subsetting.
#[derive(Clone, Debug, Default)]
pub struct Subset {
    /// The hash of each endpoint's address.
    hashes: PerSlot<u64>,
    /// The first slots of each client's order. Shared, so that copies cost little.
    orders: BTreeMap<u64, Arc<[u32]>>,
}

/// The size of one client's subset of `count` endpoints: the square root, rounded up.
fn size(count: usize) -> usize {
    let root = count.isqrt();
    root + usize::from(root * root < count)
}

/// The number of the client that a request comes from.
fn asker(key: PickKey<'_>) -> u64 {
    let hash = |octets: &[u8]| xxh64(octets, u64::from(key.user));
    match key.source {
        IpAddr::V4(address) => hash(&address.octets()),
        IpAddr::V6(address) => hash(&address.octets()),
    }
}

/// The slots of an order that may be picked now, a subset's length of them.
fn own<'a>(order: &'a [u32], cx: &'a PickContext<'_>) -> impl Iterator<Item = usize> + 'a {
    let slots = order.iter().map(|slot| *slot as usize);
    let usable = slots.filter(|slot| cx.is_candidate(*slot));
    usable.take(size(cx.endpoints.len()))
}

impl Subset {
    fn order(&mut self, key: PickKey<'_>) -> Arc<[u32]> {
        let asker = asker(key);
        if let Some(known) = self.orders.get(&asker) {
            return Arc::clone(known);
        }
        if self.orders.len() >= ASKERS {
            self.orders.clear();
        }
        let hash = |slot: usize| xxh64(&self.hashes[slot].to_le_bytes(), asker);
        let count = self.hashes.len();
        let mut all: Vec<u32> = (0..count as u32).collect();
        all.sort_by_cached_key(|slot| hash(*slot as usize));
        all.truncate(SPARE * size(count));
        let order: Arc<[u32]> = all.into();
        self.orders.insert(asker, Arc::clone(&order));
        order
    }
}

impl Picker for Subset {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        let order = self.order(cx.key);
        let of = own(&order, cx).count() as u32;
        if of == 0 {
            // None of those it knows: any.
            let all = cx.candidates().count() as u32;
            let lot = below(cx.rng, all) as usize;
            let slot = cx.candidates().nth(lot)?;
            return Some(Pick {
                slot,
                reason: Reason::Drawn { redraws: 0 },
            });
        }
        let lot = below(cx.rng, of) as usize;
        let slot = own(&order, cx).nth(lot)?;
        if cx.is_watched() {
            let mine: Vec<usize> = own(&order, cx).collect();
            for slot in 0..cx.endpoints.len() {
                let value = if mine.contains(&slot) {
                    CandidateValue::Chance(1_000_000 / of)
                } else {
                    CandidateValue::NotUsed
                };
                cx.note(slot, value);
            }
        }
        Some(Pick {
            slot,
            reason: Reason::DrawnOf { of },
        })
    }

    fn sync(&mut self, _now: SimTime, endpoints: &[Endpoint], _usable: &[bool]) {
        let hash = |one: &Endpoint| xxh64(one.config.address.as_bytes(), 0);
        if self.hashes.align(endpoints, hash) {
            self.orders.clear();
        }
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn a_subset_is_the_square_root_rounded_up() {
        let sizes = [0, 1, 2, 3, 4, 5, 9, 10, 1_000].map(size);
        assert_eq!(sizes, [0, 1, 2, 2, 2, 3, 3, 4, 32]);
    }
}
