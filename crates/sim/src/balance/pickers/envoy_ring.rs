//! A hash of the key on a ring of a fixed size: Envoy's RING_HASH.
//!
//! Source: Envoy 1.3x, source/extensions/load_balancing_policies/ring_hash/ring_hash_lb.cc. The ring
//! has about `minimum_ring_size` points in all, 1,024 by default, shared out by weight so that the
//! lightest host gets a whole number. Point i of a host is the XXH64 of `address_i`. The key belongs
//! to the first point at or after its own hash; each further attempt asks the next point.
//!
//! As the ring has a size of its own, a host that goes leaves its points to the others: with one of
//! four gone each of the rest gets a third more, and those new points take keys that need not move.

use xxhash_rust::xxh64::xxh64;

use super::envoy_hash::{Member, key_hash, renew, total};
use crate::balance::endpoint::Endpoint;
use crate::balance::picker::{CandidateValue, Pick, PickContext, Picker, Reason};
use crate::balance::picker_state::{PickerState, PickerStateQuery};
use crate::time::SimTime;

/// Envoy's default `minimum_ring_size`.
const MIN_POINTS: f64 = 1_024.0;

/// Envoy's default `maximum_ring_size`.
const MAX_POINTS: f64 = 8_388_608.0;

/// One point of the ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Point {
    hash: u64,
    slot: u32,
}

/// The picker of Envoy's RING_HASH.
#[derive(Clone, Debug)]
pub struct EnvoyRing {
    min_points: f64,
    members: Vec<Member>,
    ring: Vec<Point>,
}

impl Default for EnvoyRing {
    fn default() -> Self {
        Self {
            min_points: MIN_POINTS,
            members: Vec::new(),
            ring: Vec::new(),
        }
    }
}

/// The upper half of a position on the ring, for display.
const fn shown(hash: u64) -> u32 {
    (hash >> 32) as u32
}

impl EnvoyRing {
    fn build(&mut self, endpoints: &[Endpoint]) {
        self.ring.clear();
        let sum = total(&self.members);
        let weights = self.members.iter().map(|member| f64::from(member.weight));
        let least = weights.fold(f64::INFINITY, f64::min) / sum;
        let scale = (libm::ceil(least * self.min_points) / least).min(MAX_POINTS);
        // Running sums, so that parts of a point are not lost.
        let (mut made, mut wanted) = (0.0, 0.0);
        for member in &self.members {
            let address = endpoints[member.slot as usize].config.address.as_str();
            wanted += scale * (f64::from(member.weight) / sum);
            let mut number = 0_u32;
            while made < wanted {
                self.ring.push(Point {
                    hash: xxh64(format!("{address}_{number}").as_bytes(), 0),
                    slot: member.slot,
                });
                number += 1;
                made += 1.0;
            }
        }
        self.ring.sort_by_cached_key(|point| point.hash);
    }

    fn first_at(&self, hash: u64) -> usize {
        self.ring.partition_point(|point| point.hash < hash) % self.ring.len()
    }

    fn note(&self, cx: &mut PickContext<'_>, hash: u64) {
        if !cx.is_watched() {
            return;
        }
        let start = self.first_at(hash);
        let mut nearest = vec![None; cx.endpoints.len()];
        for step in 0..self.ring.len() {
            let point = self.ring[(start + step) % self.ring.len()];
            nearest[point.slot as usize].get_or_insert(point.hash.wrapping_sub(hash));
        }
        for (slot, distance) in nearest.into_iter().enumerate() {
            let value = match distance {
                Some(distance) if cx.is_candidate(slot) => {
                    CandidateValue::RingDistance(shown(distance))
                }
                _ => CandidateValue::NotUsed,
            };
            cx.note(slot, value);
        }
    }
}

impl Picker for EnvoyRing {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        if self.ring.is_empty() {
            return None;
        }
        let hash = key_hash(cx);
        let count = self.ring.len();
        let start = self.first_at(hash) + cx.repick as usize;
        let (point, skipped) = (0..count)
            .map(|step| self.ring[(start + step) % count])
            .zip(cx.repick..)
            .find(|(point, _)| cx.is_candidate(point.slot as usize))?;
        self.note(cx, hash);
        Some(Pick {
            slot: point.slot as usize,
            reason: Reason::RingPoint {
                hash: shown(hash),
                point: shown(point.hash),
                skipped,
            },
        })
    }

    fn sync(&mut self, _now: SimTime, endpoints: &[Endpoint], usable: &[bool]) {
        if renew(&mut self.members, endpoints, usable) {
            self.build(endpoints);
        }
    }

    fn internals(&self, _look: PickerStateQuery<'_>) -> PickerState {
        let points = self.ring.iter();
        PickerState::Ring(
            points
                .map(|point| (shown(point.hash), point.slot))
                .collect(),
        )
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::super::envoy_hash::local_hosts;
    use super::*;

    /// The ring of Envoy's own unit test: test/extensions/load_balancing_policies/ring_hash,
    /// `RingHashLoadBalancerTest.Basic`, six hosts and `minimum_ring_size` 12.
    #[test]
    fn the_points_are_those_of_envoys_own_test() {
        let hosts = local_hosts(&[(90, 1), (91, 1), (92, 1), (93, 1), (94, 1), (95, 1)]);
        let mut ring = EnvoyRing {
            min_points: 12.0,
            ..EnvoyRing::default()
        };
        ring.sync(SimTime::ZERO, &hosts, &[true; 6]);
        let points: Vec<(u32, u64)> = ring
            .ring
            .iter()
            .map(|point| (point.slot + 90, point.hash))
            .collect();
        let expected = [
            (94, 833_437_586_790_550_860),
            (92, 928_266_305_478_181_108),
            (90, 1_033_482_794_131_418_490),
            (95, 3_551_244_743_356_806_947),
            (93, 3_851_675_632_748_031_481),
            (91, 5_583_722_120_771_150_861),
            (91, 6_311_230_543_546_372_928),
            (93, 7_700_377_290_971_790_572),
            (95, 13_144_177_310_400_110_813),
            (92, 13_444_792_449_719_432_967),
            (94, 15_516_499_411_664_133_160),
            (90, 16_117_243_373_044_804_889),
        ];
        assert_eq!(points, expected);
        let places = [0, u64::MAX, 3_551_244_743_356_806_947];
        assert_eq!(places.map(|hash| ring.first_at(hash)), [0, 0, 3]);
        assert_eq!(ring.first_at(3_551_244_743_356_806_948), 4);
    }
}
