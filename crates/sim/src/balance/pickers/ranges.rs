//! A line of slots on which each endpoint owns a range as long as its weight: a hash modulo the total weight, or a
//! draw by weight, names a slot.

use crate::balance::endpoint::{Endpoint, Tier};
use crate::balance::picker::{CandidateValue, PickContext};

/// The ranges, in configuration order. An endpoint out of use keeps its range.
#[derive(Clone, Debug, Default)]
pub struct Ranges {
    /// For each slot: the end of its range, where the next one begins.
    ends: Vec<u32>,
}

impl Ranges {
    /// Computes the ranges. Only the tier in use has any, as backups are a group of their own; `weight` gives the
    /// length of each.
    pub fn measure(
        &mut self,
        endpoints: &[Endpoint],
        usable: &[bool],
        weight: impl Fn(&Endpoint) -> u32,
    ) {
        let tier = tier_in_use(endpoints, usable);
        let mut end = 0_u32;
        self.ends.clear();
        self.ends.extend(endpoints.iter().map(|endpoint| {
            if endpoint.config.tier == tier {
                end = end.saturating_add(weight(endpoint));
            }
            end
        }));
    }

    /// The length of the whole line.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.ends.last().copied().unwrap_or(0)
    }

    /// The endpoint that owns place `at`, which must be less than [`Self::total`].
    #[must_use]
    pub fn owner(&self, at: u32) -> usize {
        self.ends.partition_point(|&end| end <= at)
    }

    /// The range of the endpoint at `slot`: its first place, and the first after it.
    #[must_use]
    pub fn stretch(&self, slot: usize) -> (u32, u32) {
        (
            if slot == 0 { 0 } else { self.ends[slot - 1] },
            self.ends[slot],
        )
    }

    /// The number of endpoints that own a range.
    #[must_use]
    pub fn owners(&self) -> usize {
        (0..self.ends.len())
            .filter(|&slot| self.length(slot) > 0)
            .count()
    }

    /// The length of the range at `slot`.
    #[must_use]
    pub fn length(&self, slot: usize) -> u32 {
        let (first, end) = self.stretch(slot);
        end - first
    }

    /// Records the ranges as slots, for display.
    pub fn note(&self, cx: &mut PickContext<'_>) {
        if cx.is_watched() {
            for slot in 0..self.ends.len() {
                let (first, end) = self.stretch(slot);
                let value = if first == end {
                    CandidateValue::NotUsed
                } else {
                    CandidateValue::Slots {
                        first,
                        last: end - 1,
                    }
                };
                cx.note(slot, value);
            }
        }
    }

    /// The chance of the endpoint at `slot` in one draw, in millionths.
    #[must_use]
    pub fn chance(&self, slot: usize) -> u32 {
        let millionths = u64::from(self.length(slot)) * 1_000_000 / u64::from(self.total().max(1));
        u32::try_from(millionths).unwrap_or(1_000_000)
    }
}

/// The weight by which nginx measures an endpoint's part of a table. nginx knows no weight 0: what a scene says by it
/// is a server marked `down`, which has weight 1 and keeps its part (1.22.1, `ngx_http_upstream_init_round_robin`).
#[must_use]
pub fn nginx_weight(endpoint: &Endpoint) -> u32 {
    endpoint.config.weight.max(1)
}

/// The tier that takes traffic: backups only while some backup, and so no primary, is usable.
#[must_use]
pub fn tier_in_use(endpoints: &[Endpoint], usable: &[bool]) -> Tier {
    let first = usable.iter().position(|usable| *usable);
    first.map_or(Tier::Primary, |slot| endpoints[slot].config.tier)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_belongs_to_the_stretch_that_holds_it() {
        let ranges = Ranges {
            ends: vec![3, 3, 4, 9],
        };
        let owners: Vec<usize> = (0..9).map(|at| ranges.owner(at)).collect();
        assert_eq!(owners, [0, 0, 0, 2, 3, 3, 3, 3, 3]);
        assert_eq!(ranges.stretch(1), (3, 3));
        assert_eq!(ranges.owners(), 3);
        assert_eq!(ranges.chance(2), 111_111);
    }
}
