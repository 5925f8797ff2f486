//! Any endpoint, as likely as its weight says: nginx's `random`.
//!
//! Source: nginx 1.22.1, src/http/modules/ngx_http_upstream_random_module.c. One that cannot be used
//! is drawn again; after more than twenty such draws the rule is round robin.

use super::ranges::Ranges;
use super::smooth_wrr::SmoothWrr;
use crate::balance::endpoint::{Endpoint, WEIGHT_UNIT};
use crate::balance::picker::{AttemptEnd, CandidateValue, Pick, PickContext, Picker, Reason};
use crate::rng::below;
use crate::time::SimTime;

/// How often a draw may be repeated before the rule falls back to round robin.
pub(super) const MOST_REDRAWS: u32 = 20;

/// The picker of nginx's `random`.
#[derive(Clone, Debug)]
pub struct Random {
    lots: Lots,
    fallback: SmoothWrr,
}

/// The ranges that random numbers are drawn from: one for each endpoint.
#[derive(Clone, Debug)]
pub(super) struct Lots {
    honours_weight: bool,
    ranges: Ranges,
}

impl Lots {
    pub(super) fn new(honours_weight: bool) -> Self {
        Self {
            honours_weight,
            ranges: Ranges::default(),
        }
    }

    pub(super) fn measure(&mut self, endpoints: &[Endpoint], usable: &[bool]) {
        let honours_weight = self.honours_weight;
        self.ranges
            .measure(endpoints, usable, |endpoint| match endpoint.config.weight {
                0 => 0,
                _ if honours_weight => endpoint.effective_weight(),
                _ => WEIGHT_UNIT,
            });
    }

    /// Draws a slot; `None` if there is none.
    pub(super) fn draw(&self, cx: &mut PickContext<'_>) -> Option<usize> {
        let total = self.ranges.total();
        (total > 0).then(|| self.ranges.owner(below(cx.rng, total)))
    }

    pub(super) fn row(&self, cx: &PickContext<'_>, slot: usize) -> CandidateValue {
        if cx.is_candidate(slot) {
            CandidateValue::Chance(self.ranges.chance(slot))
        } else {
            CandidateValue::NotUsed
        }
    }
}

impl Random {
    /// `honours_weight`: false draws all with the same chance.
    #[must_use]
    pub fn new(honours_weight: bool) -> Self {
        Self {
            lots: Lots::new(honours_weight),
            fallback: SmoothWrr::new(honours_weight),
        }
    }
}

impl Picker for Random {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        for redraws in 0..=MOST_REDRAWS {
            let Some(slot) = self.lots.draw(cx) else {
                break;
            };
            if !cx.is_candidate(slot) {
                continue;
            }
            if cx.is_watched() {
                for slot in 0..cx.endpoints.len() {
                    let row = self.lots.row(cx, slot);
                    cx.note(slot, row);
                }
            }
            return Some(Pick {
                slot,
                reason: Reason::Drawn { redraws },
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
