//! The fewest in progress for its weight, nginx's least_conn.
//!
//! Source: nginx 1.22.1, src/http/modules/ngx_http_upstream_least_conn_module.c. Loads are compared
//! by cross-multiplication, `a.active * b.weight < b.active * a.weight`. One alone with the least is
//! taken and no score moves; several that tie take turns by smooth weighted round robin among
//! themselves. All idle is a tie, so without overlap this is round robin.

use super::smooth_wrr::SmoothWrr;
use crate::balance::endpoint::{Endpoint, WEIGHT_UNIT};
use crate::balance::picker::{AttemptEnd, CandidateValue, Pick, PickContext, Picker, Reason};
use crate::time::SimTime;

/// The picker of nginx's `least_conn`.
#[derive(Clone, Debug)]
pub struct LeastConn {
    honours_weight: bool,
    ties: SmoothWrr,
}

impl LeastConn {
    /// `honours_weight`: false compares the bare numbers in progress.
    #[must_use]
    pub fn new(honours_weight: bool) -> Self {
        Self {
            honours_weight,
            ties: SmoothWrr::new(honours_weight),
        }
    }
}

/// The weight a load is divided by.
fn divisor(honours_weight: bool, endpoint: &Endpoint) -> u32 {
    if honours_weight {
        endpoint.effective_weight()
    } else {
        WEIGHT_UNIT
    }
}

impl Picker for LeastConn {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        let honours_weight = self.honours_weight;
        let (endpoints, mut least, mut tied) = (cx.endpoints, None, 0_u32);
        let compare = |a: usize, b: usize| {
            let side = |load: &Endpoint, by: &Endpoint| {
                u64::from(load.active) * u64::from(divisor(honours_weight, by))
            };
            side(&endpoints[a], &endpoints[b]).cmp(&side(&endpoints[b], &endpoints[a]))
        };
        for slot in cx.candidates() {
            match least.map(|least| compare(slot, least)) {
                None | Some(std::cmp::Ordering::Less) => (least, tied) = (Some(slot), 1),
                Some(std::cmp::Ordering::Equal) => tied += 1,
                Some(std::cmp::Ordering::Greater) => {}
            }
        }
        let least = least?;
        let (slot, reason) = if tied == 1 {
            (least, Reason::FewestActive)
        } else {
            let won = self
                .ties
                .pick_among(cx, |slot| compare(slot, least).is_eq())?;
            (won.slot, Reason::FewestActiveTie { tied })
        };
        note(cx, honours_weight);
        Some(Pick { slot, reason })
    }

    fn sync(&mut self, now: SimTime, endpoints: &[Endpoint], usable: &[bool]) {
        self.ties.sync(now, endpoints, usable);
    }

    fn on_finished(&mut self, slot: usize, endpoints: &[Endpoint], end: AttemptEnd) {
        self.ties.on_finished(slot, endpoints, end);
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(self.clone())
    }
}

/// Shows each candidate's load and the weight it is divided by.
fn note(cx: &mut PickContext<'_>, honours_weight: bool) {
    if !cx.is_watched() {
        return;
    }
    for slot in 0..cx.endpoints.len() {
        let endpoint = &cx.endpoints[slot];
        let value = if cx.is_candidate(slot) {
            CandidateValue::Load {
                active: endpoint.active,
                weight: divisor(honours_weight, endpoint),
            }
        } else {
            CandidateValue::NotUsed
        };
        cx.note(slot, value);
    }
}
