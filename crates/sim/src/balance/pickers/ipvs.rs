//! The Linux kernel's own schedulers: rr, wrr, lc and wlc.
//!
//! Source: Linux, net/netfilter/ipvs/ip_vs_{rr,wrr,lc,wlc}.c. wrr walks the list for servers whose
//! weight is at least a mark, and lowers the mark by the greatest common divisor of the weights after
//! each walk, so the heavy one is served in bursts: weights 4, 3, 2, 1 give 1 1 2 1 2 3 1 2 3 4. lc and wlc
//! take the first in the list of those with the least load for their weight. A server out of use
//! counts as of weight 0.

use super::per_slot::PerSlot;
use crate::balance::endpoint::{Endpoint, WEIGHT_UNIT};
use crate::balance::picker::{CandidateValue, Pick, PickContext, Picker, Reason};
use crate::time::SimTime;

/// The picker of rr and wrr.
#[derive(Clone, Debug)]
pub struct IpvsRoundRobin {
    honours_weight: bool,
    /// The effective weights, 0 for endpoints out of use.
    weights: PerSlot<u32>,
    /// The slot picked last; `None` is the head of the list.
    last: Option<usize>,
    /// The mark (`cw`).
    mark: u32,
    /// The highest mark (`mw`): the largest weight, less what the divisor leaves unused.
    top: u32,
    /// The greatest common divisor (`di`).
    step: u32,
}

impl IpvsRoundRobin {
    /// A picker for wrr; `honours_weight` false is rr.
    #[must_use]
    pub fn new(honours_weight: bool) -> Self {
        Self {
            honours_weight,
            weights: PerSlot::default(),
            last: None,
            mark: 0,
            top: 0,
            step: 1,
        }
    }

    /// Keeps the place of the walk after a change: wrr starts again at the head (ip_vs_wrr_dest_changed), rr goes on
    /// where it was, or before a server that is gone (ip_vs_rr_del_dest).
    fn keep_place(&mut self, endpoints: &[Endpoint]) {
        let last = self.last.take().filter(|_| !self.honours_weight);
        self.last = last.and_then(|last| {
            let place = |slot| {
                let id = self.weights.id(slot);
                endpoints.iter().position(|one| one.id == id)
            };
            (0..=last).rev().find_map(place)
        });
    }

    /// The next server at or above the mark, from the one after the last to the end of the list.
    fn rest_of_list(&self, cx: &PickContext<'_>) -> Option<usize> {
        let from = self.last.map_or(0, |last| last + 1);
        (from..cx.endpoints.len())
            .find(|&slot| self.weights[slot] >= self.mark && cx.is_candidate(slot))
    }
}

const fn gcd(a: u32, b: u32) -> u32 {
    let (mut a, mut b) = (a, b);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl Picker for IpvsRoundRobin {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        if self.top == 0 || cx.candidates().next().is_none() {
            return None;
        }
        // Every walk lowers the mark, and at the lowest every candidate is high enough.
        let slot = loop {
            if let Some(slot) = self.rest_of_list(cx) {
                break slot;
            }
            self.last = None;
            self.mark = match self.mark.saturating_sub(self.step) {
                0 => self.top,
                mark => mark,
            };
        };
        self.last = Some(slot);
        if cx.is_watched() {
            for slot in 0..cx.endpoints.len() {
                let value = if cx.is_candidate(slot) {
                    CandidateValue::Score {
                        before: i64::from(self.weights[slot]) * i64::from(WEIGHT_UNIT),
                        after: i64::from(self.mark) * i64::from(WEIGHT_UNIT),
                    }
                } else {
                    CandidateValue::NotUsed
                };
                cx.note(slot, value);
            }
        }
        Some(Pick {
            slot,
            reason: Reason::NextInTurn,
        })
    }

    fn sync(&mut self, _now: SimTime, endpoints: &[Endpoint], usable: &[bool]) {
        let weight = |slot: usize| match endpoints[slot].config.weight {
            _ if !usable[slot] => 0,
            weight if self.honours_weight => weight,
            _ => 1,
        };
        let same = self.weights.len() == endpoints.len()
            && self
                .weights
                .iter()
                .all(|(slot, known)| *known == weight(slot));
        if same {
            return;
        }
        let weights: Vec<u32> = (0..endpoints.len()).map(weight).collect();
        self.keep_place(endpoints);
        self.weights.align(endpoints, |_| 0);
        for (slot, &weight) in weights.iter().enumerate() {
            self.weights[slot] = weight;
        }
        self.step = weights
            .iter()
            .fold(0, |step, weight| gcd(step, *weight))
            .max(1);
        let largest = weights.iter().copied().max().unwrap_or(0);
        self.top = if largest == 0 {
            0
        } else {
            largest - (self.step - 1)
        };
        if self.mark > self.top || self.mark == 0 {
            self.mark = self.top;
        } else if self.step > 1 {
            self.mark = self.mark / self.step * self.step + 1;
        }
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(self.clone())
    }
}

/// lc and wlc. The kernel counts 256 for a connection in progress and 1 for one that is closing;
/// closing ones are not simulated.
#[derive(Clone, Copy, Debug)]
pub struct IpvsLeastConn {
    honours_weight: bool,
}

impl IpvsLeastConn {
    /// A picker for wlc; `honours_weight` false is lc.
    #[must_use]
    pub const fn new(honours_weight: bool) -> Self {
        Self { honours_weight }
    }

    fn weight(self, endpoint: &Endpoint) -> u32 {
        if self.honours_weight {
            endpoint.effective_weight()
        } else {
            WEIGHT_UNIT
        }
    }
}

impl Picker for IpvsLeastConn {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        let this = *self;
        let endpoints = cx.endpoints;
        // Of equal loads the first in the list stays.
        let side = |load: usize, by: usize| {
            u64::from(endpoints[load].active) * u64::from(this.weight(&endpoints[by]))
        };
        let slot = cx.candidates().reduce(|best, slot| {
            if side(slot, best) < side(best, slot) {
                slot
            } else {
                best
            }
        })?;
        let equal = |other: &usize| side(*other, slot) == side(slot, *other);
        let tied = u32::try_from(cx.candidates().filter(equal).count()).unwrap_or(u32::MAX);
        if cx.is_watched() {
            for (slot, endpoint) in endpoints.iter().enumerate() {
                let value = if cx.is_candidate(slot) {
                    CandidateValue::Load {
                        active: endpoint.active,
                        weight: this.weight(endpoint),
                    }
                } else {
                    CandidateValue::NotUsed
                };
                cx.note(slot, value);
            }
        }
        let reason = if tied == 1 {
            Reason::FewestActive
        } else {
            Reason::FewestActiveFirst { tied }
        };
        Some(Pick { slot, reason })
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(*self)
    }
}
