//! The better of two drawn: nginx's `random two least_conn`, the power of two choices.
//!
//! Source: nginx 1.22.1, src/http/modules/ngx_http_upstream_random_module.c,
//! `ngx_http_upstream_get_random2_peer`. Two distinct endpoints are drawn by weight; the first wins
//! only if its load for its weight is really lower, so on equal load the second does. More than
//! twenty draws that cannot be used: round robin.

use super::random::{Lots, MOST_REDRAWS};
use super::smooth_wrr::SmoothWrr;
use crate::balance::endpoint::Endpoint;
use crate::balance::picker::{AttemptEnd, CandidateValue, Pick, PickContext, Picker, Reason};
use crate::time::SimTime;

/// The picker of nginx's `random two least_conn`.
#[derive(Clone, Debug)]
pub struct RandomTwo {
    lots: Lots,
    fallback: SmoothWrr,
}

impl Default for RandomTwo {
    fn default() -> Self {
        Self {
            lots: Lots::new(true),
            fallback: SmoothWrr::new(true),
        }
    }
}

impl RandomTwo {
    fn note(&self, cx: &mut PickContext<'_>, drawn: [usize; 2]) {
        if !cx.is_watched() {
            return;
        }
        for slot in 0..cx.endpoints.len() {
            let endpoint = &cx.endpoints[slot];
            let (active, weight) = (endpoint.active, endpoint.effective_weight());
            let value = match drawn.iter().position(|drawn| *drawn == slot) {
                Some(place) => CandidateValue::Drawn {
                    order: [1, 2][place],
                    active,
                    weight,
                },
                None => self.lots.row(cx, slot),
            };
            cx.note(slot, value);
        }
    }
}

impl Picker for RandomTwo {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        let (mut first, mut misses) = (None, 0);
        while misses <= MOST_REDRAWS {
            let Some(slot) = self.lots.draw(cx) else {
                break;
            };
            if first == Some(slot) || !cx.is_candidate(slot) {
                misses += 1;
                continue;
            }
            let Some(first) = first else {
                first = Some(slot);
                continue;
            };
            let side = |load: usize, by: usize| {
                u64::from(cx.endpoints[load].active)
                    * u64::from(cx.endpoints[by].effective_weight())
            };
            let order = side(slot, first).cmp(&side(first, slot));
            let (winner, other) = if order.is_gt() {
                (first, slot)
            } else {
                (slot, first)
            };
            self.note(cx, [first, slot]);
            let other = cx.endpoints[other].id;
            let reason = Reason::BetterOfTwo {
                other,
                tie: order.is_eq(),
            };
            return Some(Pick {
                slot: winner,
                reason,
            });
        }
        self.fallback.fall_back(cx)
    }

    fn sync(&mut self, now: SimTime, endpoints: &[Endpoint], usable: &[bool]) {
        self.lots.measure(endpoints, usable);
        self.fallback.sync(now, endpoints, usable);
    }

    fn on_finished(&mut self, slot: usize, endpoints: &[Endpoint], end: AttemptEnd) {
        self.fallback.on_finished(slot, endpoints, end);
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(self.clone())
    }
}
