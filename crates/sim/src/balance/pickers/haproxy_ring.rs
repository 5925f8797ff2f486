//! HAProxy's ring: `hash-type consistent`, and what `balance random` draws from.
//!
//! Source: HAProxy 2.6, src/lb_chash.c and `get_server_rnd` in src/backend.c. A server that is up has
//! 16 points a weight, each the avalanche of id * 4096 + number. The nearest point wins, before or
//! after; of two equally near the one before.

use super::haproxy::{Hashing, WEIGHT_MAX, avalanche, eweight};
use crate::balance::endpoint::Endpoint;
use crate::balance::picker::{CandidateValue, Pick, PickContext, Picker, Reason};
use crate::balance::picker_state::{PickerState, PickerStateQuery};
use crate::ids::EndpointId;
use crate::time::SimTime;

/// One point of the ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Point {
    key: u32,
    slot: u32,
}

/// The points of the servers in use.
#[derive(Clone, Debug, Default)]
pub struct Ring {
    points: Vec<Point>,
    /// The data that the ring was made from: identity, HAProxy's id, points, slot.
    made_of: Vec<(EndpointId, u32, u32, u32)>,
}

/// The point on the ring that a hash belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Hit {
    /// The slot of the point's owner.
    pub slot: usize,
    /// The position of the point on the ring.
    pub point: u32,
    /// How many points were passed over because their owner could not be used.
    pub skipped: u32,
}

impl Ring {
    /// Makes the ring anew if the servers in use or their weights changed.
    pub(super) fn sync(&mut self, endpoints: &[Endpoint], usable: &[bool], honours_weight: bool) {
        let made_of: Vec<_> = (0_u32..)
            .zip(endpoints)
            .filter(|(slot, _)| usable[*slot as usize])
            .map(|(slot, one)| {
                (
                    one.id,
                    one.config.hash_id,
                    eweight(one, honours_weight),
                    slot,
                )
            })
            .collect();
        if made_of == self.made_of {
            return;
        }
        self.points.clear();
        for &(_, hash_id, points, slot) in &made_of {
            let first = hash_id.wrapping_mul(WEIGHT_MAX);
            let key = |number: u32| avalanche(first.wrapping_add(number));
            self.points.extend((0..points).map(|number| Point {
                key: key(number),
                slot,
            }));
        }
        self.points
            .sort_by_cached_key(|point| u64::from(point.key) << 32 | u64::from(point.slot));
        self.made_of = made_of;
    }

    /// `chash_get_server_hash`: the nearest point; from there on, the next of a candidate that
    /// `accepts` takes.
    pub(super) fn find(
        &self,
        cx: &PickContext<'_>,
        hash: u32,
        accepts: impl Fn(usize) -> bool,
    ) -> Option<Hit> {
        let count = self.points.len();
        if count == 0 {
            return None;
        }
        let after = self.points.partition_point(|point| point.key < hash) % count;
        let before = (after + count - 1) % count;
        let ahead = self.points[after].key.wrapping_sub(hash);
        let behind = hash.wrapping_sub(self.points[before].key);
        let start = if behind <= ahead { before } else { after };
        (0..count).zip(0_u32..).find_map(|(step, skipped)| {
            let point = self.points[(start + step) % count];
            let slot = point.slot as usize;
            (cx.is_candidate(slot) && accepts(slot)).then_some(Hit {
                slot,
                point: point.key,
                skipped,
            })
        })
    }

    /// The last point of the ring, where a search ends that finds no server with room after two rounds.
    pub(super) fn last(&self) -> Option<Hit> {
        let point = self.points.last()?;
        Some(Hit {
            slot: point.slot as usize,
            point: point.key,
            skipped: u32::try_from(self.points.len()).unwrap_or(u32::MAX),
        })
    }

    /// The points by place, with the slots that own them. For showing: it allocates.
    pub(super) fn shown(&self) -> Vec<(u32, u32)> {
        let points = self.points.iter();
        points.map(|point| (point.key, point.slot)).collect()
    }

    /// For each slot the distance to its nearest point, either way. For showing: it allocates.
    pub(super) fn distances(&self, slots: usize, hash: u32) -> Vec<Option<u32>> {
        let mut nearest = vec![None::<u32>; slots];
        for point in &self.points {
            let distance = point
                .key
                .wrapping_sub(hash)
                .min(hash.wrapping_sub(point.key));
            let mine = &mut nearest[point.slot as usize];
            *mine = Some(mine.map_or(distance, |known| known.min(distance)));
        }
        nearest
    }

    fn note(&self, cx: &mut PickContext<'_>, hash: u32) {
        if !cx.is_watched() {
            return;
        }
        let distances = self.distances(cx.endpoints.len(), hash);
        for (slot, distance) in distances.into_iter().enumerate() {
            let value = match distance {
                Some(distance) if cx.is_candidate(slot) => CandidateValue::RingDistance(distance),
                _ => CandidateValue::NotUsed,
            };
            cx.note(slot, value);
        }
    }
}

/// The picker of `hash-type consistent`.
#[derive(Clone, Debug)]
pub struct HaproxyRing {
    hashing: Hashing,
    ring: Ring,
}

impl HaproxyRing {
    /// A consistent hash with this hashing of keys.
    #[must_use]
    pub fn new(hashing: Hashing) -> Self {
        Self {
            hashing,
            ring: Ring::default(),
        }
    }
}

impl Picker for HaproxyRing {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        let hash = self.hashing.of(&cx.key);
        let hit = self.ring.find(cx, hash, |_| true)?;
        self.ring.note(cx, hash);
        let reason = Reason::RingPoint {
            hash,
            point: hit.point,
            skipped: hit.skipped,
        };
        Some(Pick {
            slot: hit.slot,
            reason,
        })
    }

    fn sync(&mut self, _now: SimTime, endpoints: &[Endpoint], usable: &[bool]) {
        self.ring.sync(endpoints, usable, true);
    }

    fn internals(&self, _look: PickerStateQuery<'_>) -> PickerState {
        PickerState::Ring(self.ring.shown())
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(self.clone())
    }
}

/// `balance random(N)`: N random places on the ring, the least loaded of their servers.
///
/// HAProxy 2.6 draws from an xorshift generator with a fixed seed, so after every start the draws
/// are the same; newer versions seed it at random.
#[derive(Clone, Debug)]
pub struct HaproxyRandom {
    honours_weight: bool,
    draws: u32,
    state: u32,
    ring: Ring,
}

impl HaproxyRandom {
    /// `draws`: N, at least 1. `honours_weight`: false gives every server as many points.
    #[must_use]
    pub fn new(draws: u32, honours_weight: bool) -> Self {
        Self {
            honours_weight,
            draws: draws.max(1),
            state: 2_463_534_242,
            ring: Ring::default(),
        }
    }

    /// `statistical_prng`: Marsaglia's xorshift32.
    fn random(&mut self) -> u32 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 17;
        self.state ^= self.state << 5;
        self.state
    }

    fn note(&self, cx: &mut PickContext<'_>, last: [Option<usize>; 2]) {
        if !cx.is_watched() {
            return;
        }
        let points = self.ring.points.len().max(1) as u64;
        for slot in 0..cx.endpoints.len() {
            let endpoint = &cx.endpoints[slot];
            let mine = self
                .ring
                .points
                .iter()
                .filter(|point| point.slot as usize == slot);
            let chance = mine.count() as u64 * 1_000_000 / points;
            let value = match last.iter().position(|drawn| *drawn == Some(slot)) {
                Some(place) if self.draws > 1 => CandidateValue::Drawn {
                    order: [1, 2][place],
                    active: endpoint.active,
                    weight: endpoint.effective_weight(),
                },
                _ if cx.is_candidate(slot) => {
                    CandidateValue::Chance(u32::try_from(chance).unwrap_or(u32::MAX))
                }
                _ => CandidateValue::NotUsed,
            };
            cx.note(slot, value);
        }
    }
}

impl Picker for HaproxyRandom {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        if self.ring.points.is_empty() {
            // Nothing is drawn, so the sequence stands still.
            return None;
        }
        let mut best: Option<usize> = None;
        let mut drawn = [None; 2];
        let mut reason = Reason::Drawn { redraws: 0 };
        for _ in 0..self.draws {
            let hash = self.random();
            let slot = self.ring.find(cx, hash, |_| true)?.slot;
            drawn = [best.or(drawn[0]), Some(slot)];
            let Some(before) = best else {
                best = Some(slot);
                continue;
            };
            // The later draw wins unless it serves more for its weight.
            let side = |load: usize, by: usize| {
                u64::from(cx.endpoints[load].active)
                    * u64::from(eweight(&cx.endpoints[by], self.honours_weight))
            };
            let order = side(slot, before).cmp(&side(before, slot));
            let (winner, other) = if order.is_gt() {
                (before, slot)
            } else {
                (slot, before)
            };
            best = Some(winner);
            let other = cx.endpoints[other].id;
            reason = Reason::BetterOfTwo {
                other,
                tie: order.is_eq(),
            };
        }
        self.note(cx, drawn);
        best.map(|slot| Pick { slot, reason })
    }

    fn sync(&mut self, _now: SimTime, endpoints: &[Endpoint], usable: &[bool]) {
        self.ring.sync(endpoints, usable, self.honours_weight);
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(self.clone())
    }
}
