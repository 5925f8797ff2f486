//! Smooth weighted round robin, nginx's round robin.
//!
//! Source: nginx 1.22.1, src/http/ngx_http_upstream_round_robin.c,
//! `ngx_http_upstream_get_peer`. Each pick, every candidate's running score grows by its effective
//! weight; the strictly highest wins, the earlier one where two are equal; the winner then pays the
//! sum of all. An endpoint that is passed over keeps its score untouched.

use crate::sim::balance::endpoint::{Endpoint, WEIGHT_UNIT};
use crate::sim::balance::picker::{Pick, PickContext, Picker, Reason, RowValue};
use crate::sim::ids::EndpointId;
use crate::sim::time::SimTime;

/// The running scores, in 1/[`WEIGHT_UNIT`] of a weight.
#[derive(Clone, Debug)]
pub struct SmoothWrr {
    honours_weight: bool,
    scores: Vec<(EndpointId, i64)>,
}

impl SmoothWrr {
    /// `honours_weight`: false is plain round robin, where all weigh the same.
    #[must_use]
    pub const fn new(honours_weight: bool) -> Self {
        Self {
            honours_weight,
            scores: Vec::new(),
        }
    }

    fn weight(&self, endpoint: &Endpoint) -> i64 {
        i64::from(if self.honours_weight {
            endpoint.effective_weight()
        } else {
            WEIGHT_UNIT
        })
    }

    /// One pick among the candidates that `admit` lets in.
    pub fn pick_among(
        &mut self,
        cx: &mut PickContext<'_>,
        admit: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        let mut total = 0;
        let mut best: Option<usize> = None;
        for slot in 0..cx.endpoints.len() {
            if !cx.is_candidate(slot) || !admit(slot) {
                continue;
            }
            let weight = self.weight(&cx.endpoints[slot]);
            total += weight;
            self.scores[slot].1 += weight;
            if best.is_none_or(|best| self.scores[slot].1 > self.scores[best].1) {
                best = Some(slot);
            }
        }
        let best = best?;
        self.scores[best].1 -= total;
        if cx.is_watched() {
            for slot in 0..cx.endpoints.len() {
                let after = self.scores[slot].1;
                let value = if !cx.is_candidate(slot) || !admit(slot) {
                    RowValue::NotUsed
                } else if slot == best {
                    RowValue::Score {
                        before: after + total,
                        after,
                    }
                } else {
                    RowValue::Score {
                        before: after,
                        after,
                    }
                };
                cx.note(slot, value);
            }
        }
        Some(best)
    }
}

impl Picker for SmoothWrr {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        let slot = self.pick_among(cx, |_| true)?;
        Some(Pick {
            slot,
            reason: Reason::HighestScore,
        })
    }

    fn sync(&mut self, _now: SimTime, endpoints: &[Endpoint], _usable: &[bool]) {
        let score_of = |id| {
            self.scores
                .iter()
                .find(|(known, _)| *known == id)
                .map_or(0, |(_, score)| *score)
        };
        let same = self.scores.len() == endpoints.len()
            && self
                .scores
                .iter()
                .zip(endpoints)
                .all(|((id, _), endpoint)| *id == endpoint.id);
        if !same {
            self.scores = endpoints
                .iter()
                .map(|endpoint| (endpoint.id, score_of(endpoint.id)))
                .collect();
        }
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(self.clone())
    }
}
