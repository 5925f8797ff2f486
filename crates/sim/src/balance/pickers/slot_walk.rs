//! A hash over the slots, taken again where the slot's owner cannot be used: what nginx's `ip_hash`
//! and `hash` have in common.
//!
//! Source: nginx 1.22.1, src/http/modules/ngx_http_upstream_ip_hash_module.c and
//! ngx_http_upstream_hash_module.c: after more than 20 misses both take turns.

use super::ranges::{Ranges, nginx_weight};
use super::smooth_wrr::SmoothWrr;
use crate::balance::endpoint::Endpoint;
use crate::balance::picker::{AttemptEnd, Pick, PickContext, Picker, Reason};
use crate::time::SimTime;

/// After more misses than these the walk ends.
const MOST_MISSES: u32 = 20;

/// The most slots that are shown.
const MOST_SHOWN: u32 = 65_536;

/// Slots by configured weight, and turns for when no hash finds a candidate.
#[derive(Clone, Debug)]
pub struct SlotWalk {
    ranges: Ranges,
    fallback: SmoothWrr,
}

impl Default for SlotWalk {
    fn default() -> Self {
        Self {
            ranges: Ranges::default(),
            fallback: SmoothWrr::new(true),
        }
    }
}

impl SlotWalk {
    /// The owner of each slot, up to `MOST_SHOWN` of them. For display: it allocates.
    #[must_use]
    pub fn table(&self) -> Vec<u32> {
        let count = self.ranges.total().min(MOST_SHOWN);
        let owner = |at| u32::try_from(self.ranges.owner(at)).unwrap_or(u32::MAX);
        (0..count).map(owner).collect()
    }

    /// Walks from hash to hash until one names a candidate. `next` gives the next hash; `None` means that there is no
    /// key. A request's next attempt goes on where the last one was picked, whoever has room again before that.
    pub fn pick(
        &mut self,
        cx: &mut PickContext<'_>,
        mut next: impl FnMut() -> Option<u32>,
    ) -> Option<Pick> {
        let slots = self.ranges.total();
        // Each earlier attempt ended its walk with one step that was a pick.
        let picks = u32::try_from(cx.tried.len()).unwrap_or(u32::MAX);
        for _ in 0..cx.walked {
            next();
        }
        while slots > 0 && cx.endpoints.len() > 1 && cx.walked.saturating_sub(picks) <= MOST_MISSES
        {
            let Some(hash) = next() else { break };
            let rehashes = cx.walked;
            cx.walked += 1;
            let slot = self.ranges.owner(hash % slots);
            if cx.is_candidate(slot) {
                self.ranges.note(cx);
                let reason = Reason::HashSlot {
                    hash: hash.into(),
                    slots,
                    slot: hash % slots,
                    rehashes,
                };
                return Some(Pick { slot, reason });
            }
        }
        self.fallback.fall_back(cx)
    }

    /// Tells the walk that the endpoints changed.
    pub fn sync(&mut self, now: SimTime, endpoints: &[Endpoint], usable: &[bool]) {
        self.ranges.measure(endpoints, usable, nginx_weight);
        self.fallback.sync(now, endpoints, usable);
    }

    /// Tells the walk that an attempt ended.
    pub fn on_finished(&mut self, slot: usize, endpoints: &[Endpoint], end: AttemptEnd) {
        self.fallback.on_finished(slot, endpoints, end);
    }
}
