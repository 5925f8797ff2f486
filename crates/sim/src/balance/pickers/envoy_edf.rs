//! Envoy's earliest deadline first: weighted ROUND_ROBIN, and LEAST_REQUEST with unequal weights.
//!
//! Source: Envoy, source/common/upstream/edf_scheduler.h and load_balancer_impl.cc. Every host has a
//! deadline; the earliest is picked, the first in where two are equal, and its next deadline is
//! 1 / weight later. For LEAST_REQUEST the weight is divided by the requests in progress plus one
//! when the deadline is set, so a host that fills up later is noticed one turn late. Any change of
//! hosts or weights starts afresh. (Envoy starts at a random place, so that many do not fall into
//! step; here the start is always the same.)

use super::per_slot::PerSlot;
use crate::balance::endpoint::{Endpoint, WEIGHT_UNIT};
use crate::balance::picker::{CandidateValue, Pick, PickContext, Picker, Reason};
use crate::ids::EndpointId;
use crate::rng::below;
use crate::time::SimTime;

/// One host's next turn, in the scheduler's own time: a host of weight 1 comes once in 1.0.
#[derive(Clone, Copy, Debug, Default)]
struct Turn {
    deadline: f64,
    order: u64,
}

/// The host data that the scheduler was started with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Member {
    id: EndpointId,
    weight: u32,
    usable: bool,
}

/// Envoy's scheduler: the entry with the earliest deadline comes first.
#[derive(Clone, Debug)]
pub struct EnvoyEdf {
    honours_weight: bool,
    least_request: bool,
    members: Vec<Member>,
    turns: PerSlot<Turn>,
    now: f64,
    orders: u64,
}

impl EnvoyEdf {
    /// The scheduler for ROUND_ROBIN. `honours_weight`: false counts every host as 1.
    #[must_use]
    pub fn round_robin(honours_weight: bool) -> Self {
        Self {
            honours_weight,
            least_request: false,
            members: Vec::new(),
            turns: PerSlot::default(),
            now: 0.0,
            orders: 0,
        }
    }

    /// The scheduler for LEAST_REQUEST with unequal weights, `active_request_bias` 1.
    #[must_use]
    pub fn least_request() -> Self {
        Self {
            least_request: true,
            ..Self::round_robin(true)
        }
    }

    fn schedule(&mut self, slot: usize, endpoint: &Endpoint) {
        let weight = if self.honours_weight {
            f64::from(endpoint.effective_weight()) / f64::from(WEIGHT_UNIT)
        } else {
            1.0
        };
        let load = if self.least_request {
            f64::from(endpoint.active) + 1.0
        } else {
            1.0
        };
        self.orders += 1;
        self.turns[slot] = Turn {
            deadline: self.now + load / weight,
            order: self.orders,
        };
    }

    fn note(&self, cx: &mut PickContext<'_>) {
        if !cx.is_watched() {
            return;
        }
        // In thousandths, whole numbers for showing.
        let thousandths = |time: f64| (time * 1_000.0) as i64;
        for slot in 0..cx.endpoints.len() {
            let value = if cx.is_candidate(slot) {
                CandidateValue::Turn {
                    due: thousandths(self.turns[slot].deadline),
                    now: thousandths(self.now),
                }
            } else {
                CandidateValue::NotUsed
            };
            cx.note(slot, value);
        }
    }
}

impl Picker for EnvoyEdf {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        let key = |slot: usize| self.turns[slot];
        let slot = cx.candidates().min_by(|&a, &b| {
            let by_time = key(a).deadline.total_cmp(&key(b).deadline);
            by_time.then(key(a).order.cmp(&key(b).order))
        })?;
        self.note(cx);
        self.now = self.now.max(self.turns[slot].deadline);
        self.schedule(slot, &cx.endpoints[slot]);
        Some(Pick {
            slot,
            reason: Reason::NextInTurn,
        })
    }

    fn sync(&mut self, _now: SimTime, endpoints: &[Endpoint], usable: &[bool]) {
        let members = endpoints.iter().zip(usable).map(|(one, &usable)| Member {
            id: one.id,
            weight: one.effective_weight(),
            usable,
        });
        if members.clone().eq(self.members.iter().copied()) {
            return;
        }
        self.members = members.collect();
        self.turns.align(endpoints, |_| Turn::default());
        (self.now, self.orders) = (0.0, 0);
        for (slot, endpoint) in endpoints.iter().enumerate() {
            if usable[slot] {
                self.schedule(slot, endpoint);
            }
        }
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(self.clone())
    }
}

/// LEAST_REQUEST: of some hosts drawn with replacement (`choice_count`, two by default) the one with the fewest
/// requests in progress, the first drawn if they are equal. With unequal weights it is [`EnvoyEdf::least_request`].
#[derive(Clone, Debug)]
pub struct EnvoyLeastRequest {
    honours_weight: bool,
    choices: u8,
    weighted: Option<EnvoyEdf>,
    hosts: Vec<u32>,
    /// The slots drawn for the last pick.
    drawn: Vec<usize>,
}

/// How often a host that cannot be used is drawn again before the rest are searched in order.
const MOST_REDRAWS: usize = 20;

impl EnvoyLeastRequest {
    /// A picker for LEAST_REQUEST. `honours_weight`: false treats all weights as equal. `choices`: the number of
    /// draws, at least 1.
    #[must_use]
    pub fn new(honours_weight: bool, choices: u8) -> Self {
        Self {
            honours_weight,
            choices: choices.max(1),
            weighted: None,
            hosts: Vec::new(),
            drawn: Vec::new(),
        }
    }

    fn draw(&self, cx: &mut PickContext<'_>) -> Option<usize> {
        let count = u32::try_from(self.hosts.len()).unwrap_or(u32::MAX);
        if count == 0 {
            return None;
        }
        for _ in 0..=MOST_REDRAWS {
            let slot = self.hosts[below(cx.rng, count) as usize] as usize;
            if cx.is_candidate(slot) {
                return Some(slot);
            }
        }
        cx.candidates().next()
    }

    fn note(&self, cx: &mut PickContext<'_>) {
        if !cx.is_watched() {
            return;
        }
        for slot in 0..cx.endpoints.len() {
            let active = cx.endpoints[slot].active;
            let value = match (1_u8..).zip(&self.drawn).find(|(_, drawn)| **drawn == slot) {
                Some((order, _)) => CandidateValue::Drawn {
                    order,
                    active,
                    weight: WEIGHT_UNIT,
                },
                None if cx.is_candidate(slot) => {
                    CandidateValue::Chance(1_000_000 / self.hosts.len().max(1) as u32)
                }
                None => CandidateValue::NotUsed,
            };
            cx.note(slot, value);
        }
    }
}

impl Picker for EnvoyLeastRequest {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        if let Some(weighted) = &mut self.weighted {
            return weighted.pick(cx);
        }
        let mut best = self.draw(cx)?;
        let mut reason = Reason::Drawn { redraws: 0 };
        self.drawn.clear();
        self.drawn.push(best);
        for _ in 1..self.choices {
            let slot = self.draw(cx)?;
            self.drawn.push(slot);
            let active = |slot: usize| cx.endpoints[slot].active;
            let order = active(slot).cmp(&active(best));
            let (winner, other) = if order.is_lt() {
                (slot, best)
            } else {
                (best, slot)
            };
            best = winner;
            let other = cx.endpoints[other].id;
            reason = if order.is_eq() {
                Reason::FirstOfTwo { other }
            } else {
                Reason::BetterOfTwo { other, tie: false }
            };
        }
        self.note(cx);
        Some(Pick { slot: best, reason })
    }

    fn sync(&mut self, now: SimTime, endpoints: &[Endpoint], usable: &[bool]) {
        self.hosts.clear();
        let slots = (0_u32..).zip(usable).filter(|(_, usable)| **usable);
        self.hosts.extend(slots.map(|(slot, _)| slot));
        let weight = |slot: &u32| endpoints[*slot as usize].effective_weight();
        let mut weights = self.hosts.iter().map(weight);
        let first = weights.next();
        let unequal = self.honours_weight && weights.any(|weight| Some(weight) != first);
        if unequal {
            let weighted = self.weighted.get_or_insert_with(EnvoyEdf::least_request);
            weighted.sync(now, endpoints, usable);
        } else {
            self.weighted = None;
        }
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(self.clone())
    }
}
