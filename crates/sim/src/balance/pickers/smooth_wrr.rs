//! Smooth weighted round robin, nginx's round robin.
//!
//! Source: nginx 1.22.1, src/http/ngx_http_upstream_round_robin.c,
//! `ngx_http_upstream_get_peer` and `ngx_http_upstream_free_round_robin_peer`. Each pick, every
//! candidate's running score grows by its effective weight; the strictly highest wins, the earlier
//! one where two are equal; the winner then pays the sum of all. An endpoint that is passed over
//! keeps its score untouched.
//!
//! Where nginx's passive counting is on (`max_fails` above 0), each failure costs an endpoint
//! weight / `max_fails` of its effective weight, and each pick in which it takes part gives 1 back.

use super::per_slot::PerSlot;
use crate::balance::endpoint::{Endpoint, WEIGHT_UNIT};
use crate::balance::picker::{AttemptEnd, CandidateValue, Pick, PickContext, Picker, Reason};
use crate::balance::picker_state::{PickerState, PickerStateQuery};
use crate::time::SimTime;

/// One step of weight, in the unit of the scores.
const STEP: i64 = WEIGHT_UNIT as i64;

/// The score of one endpoint, in 1/[`WEIGHT_UNIT`] of a weight.
#[derive(Clone, Copy, Debug, Default)]
struct Score {
    /// nginx's `current_weight`.
    current: i64,
    /// How much of the weight failures have taken: nginx's `weight - effective_weight`.
    lost: i64,
}

/// The picker of smooth weighted round robin, with its running scores.
#[derive(Clone, Debug)]
pub struct SmoothWrr {
    honours_weight: bool,
    scores: PerSlot<Score>,
}

/// The outcome of one pick.
#[derive(Clone, Copy, Debug)]
pub struct Won {
    /// The slot of the winner.
    pub slot: usize,
    /// The weight that the winner paid: the sum of the effective weights that took part.
    paid: i64,
}

impl SmoothWrr {
    /// `honours_weight`: false is plain round robin, where all weigh the same.
    #[must_use]
    pub fn new(honours_weight: bool) -> Self {
        Self {
            honours_weight,
            scores: PerSlot::default(),
        }
    }

    /// The configured weight, in steps.
    fn configured(&self, endpoint: &Endpoint) -> i64 {
        if self.honours_weight {
            i64::from(endpoint.config.weight)
        } else {
            1
        }
    }

    fn effective(&self, slot: usize, endpoint: &Endpoint) -> i64 {
        let weight = i64::from(if self.honours_weight {
            endpoint.effective_weight()
        } else {
            WEIGHT_UNIT
        });
        let (lost, full) = (self.scores[slot].lost, self.configured(endpoint) * STEP);
        if lost == 0 {
            return weight;
        }
        // Slow start and failures together: each takes its part of what the other leaves. Where the
        // endpoint is at full weight this is weight - lost, nginx's effective_weight.
        weight * (full - lost).max(0) / full.max(1)
    }

    /// Picks among the candidates that `admit` accepts.
    pub fn pick_among(
        &mut self,
        cx: &PickContext<'_>,
        admit: impl Fn(usize) -> bool,
    ) -> Option<Won> {
        let mut paid = 0;
        let mut best: Option<usize> = None;
        for slot in 0..cx.endpoints.len() {
            if !cx.is_candidate(slot) || !admit(slot) {
                continue;
            }
            let weight = self.effective(slot, &cx.endpoints[slot]);
            let score = &mut self.scores[slot];
            paid += weight;
            score.current += weight;
            score.lost = (score.lost - STEP).max(0);
            let current = score.current;
            if best.is_none_or(|best| current > self.scores[best].current) {
                best = Some(slot);
            }
        }
        let slot = best?;
        self.scores[slot].current -= paid;
        Some(Won { slot, paid })
    }

    /// Shows the running scores of the pick just made.
    pub fn note(&self, cx: &mut PickContext<'_>, won: Won) {
        if !cx.is_watched() {
            return;
        }
        for slot in 0..cx.endpoints.len() {
            let after = self.scores[slot].current;
            let value = if !cx.is_candidate(slot) {
                CandidateValue::NotUsed
            } else if slot == won.slot {
                CandidateValue::Score {
                    before: after + won.paid,
                    after,
                }
            } else {
                CandidateValue::Score {
                    before: after,
                    after,
                }
            };
            cx.note(slot, value);
        }
    }

    /// Picks among all candidates, for algorithms that fall back to taking turns.
    pub fn fall_back(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        let won = self.pick_among(cx, |_| true)?;
        self.note(cx, won);
        Some(Pick {
            slot: won.slot,
            reason: Reason::Fallback,
        })
    }
}

impl Picker for SmoothWrr {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        let won = self.pick_among(cx, |_| true)?;
        self.note(cx, won);
        Some(Pick {
            slot: won.slot,
            reason: Reason::HighestScore,
        })
    }

    fn sync(&mut self, _now: SimTime, endpoints: &[Endpoint], _usable: &[bool]) {
        self.scores.align(endpoints, |_| Score::default());
        for (slot, endpoint) in endpoints.iter().enumerate() {
            let full = self.configured(endpoint) * STEP;
            let score = &mut self.scores[slot];
            score.lost = score.lost.min(full);
        }
    }

    fn on_finished(&mut self, slot: usize, endpoints: &[Endpoint], end: AttemptEnd) {
        let max_fails = endpoints[slot]
            .passive
            .max_fails()
            .map_or(0, |rule| rule.max_fails());
        if end == AttemptEnd::Failed && max_fails > 0 {
            let full = self.configured(&endpoints[slot]);
            let score = &mut self.scores[slot];
            let loss = full / i64::from(max_fails) * STEP;
            score.lost = (score.lost + loss).min(full * STEP);
        }
    }

    fn internals(&self, _look: PickerStateQuery<'_>) -> PickerState {
        PickerState::Scores(self.scores.iter().map(|(_, score)| score.current).collect())
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(self.clone())
    }
}
