//! HAProxy's leastconn.
//!
//! Source: HAProxy 2.6, src/lb_fwlc.c. The key of a server is 0 while it has nothing in progress,
//! whatever its weight, else (n + 1) / weight; the smallest key wins. Of equal keys the first in goes
//! first, and a server goes to the back whenever its key changes.

use super::haproxy::{WEIGHT_MAX, eweight, is_up, load_row};
use super::per_slot::PerSlot;
use crate::balance::endpoint::Endpoint;
use crate::balance::picker::{AttemptEnd, CandidateValue, Pick, PickContext, Picker, Reason};
use crate::time::SimTime;

/// The place of a server in the order of keys.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    up: bool,
    eweight: u32,
    key: u64,
    order: u64,
}

/// The picker of HAProxy's `balance leastconn`.
#[derive(Clone, Debug)]
pub struct HaproxyLeastConn {
    honours_weight: bool,
    places: PerSlot<Place>,
    orders: u64,
}

impl HaproxyLeastConn {
    /// A picker for leastconn. `honours_weight`: false compares the bare numbers in progress.
    #[must_use]
    pub fn new(honours_weight: bool) -> Self {
        Self {
            honours_weight,
            places: PerSlot::default(),
            orders: 0,
        }
    }

    fn queue(&mut self, slot: usize, key: u64) {
        self.orders += 1;
        let place = &mut self.places[slot];
        (place.key, place.order) = (key, self.orders);
    }

    /// `fwlc_srv_reposition`: moves a server to its new place, if its key changed.
    fn reposition(&mut self, slot: usize, endpoint: &Endpoint) {
        let key = key(endpoint, self.places[slot].eweight);
        if key != self.places[slot].key {
            self.queue(slot, key);
        }
    }

    fn note(&self, cx: &mut PickContext<'_>) {
        if !cx.is_watched() {
            return;
        }
        for slot in 0..cx.endpoints.len() {
            let value = if cx.is_candidate(slot) {
                load_row(&cx.endpoints[slot], self.honours_weight)
            } else {
                CandidateValue::NotUsed
            };
            cx.note(slot, value);
        }
    }
}

fn key(endpoint: &Endpoint, eweight: u32) -> u64 {
    let in_flight = u64::from(endpoint.active) + u64::from(endpoint.queued);
    if in_flight == 0 {
        0
    } else {
        (in_flight + 1) * u64::from(WEIGHT_MAX) / u64::from(eweight)
    }
}

impl Picker for HaproxyLeastConn {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        let place = |slot: usize| &self.places[slot];
        let slot = cx
            .candidates()
            .min_by_key(|&slot| (place(slot).key, place(slot).order))?;
        let equal = |other: &usize| place(*other).key == place(slot).key;
        let tied = u32::try_from(cx.candidates().filter(equal).count()).unwrap_or(u32::MAX);
        let reason = if tied == 1 {
            Reason::FewestActive
        } else {
            Reason::FewestActiveQueue { tied }
        };
        self.note(cx);
        Some(Pick { slot, reason })
    }

    fn sync(&mut self, _now: SimTime, endpoints: &[Endpoint], usable: &[bool]) {
        self.places.align(endpoints, |_| Place::default());
        for (slot, endpoint) in endpoints.iter().enumerate() {
            let up = is_up(slot, endpoint, usable);
            let eweight = eweight(endpoint, self.honours_weight);
            let place = &mut self.places[slot];
            let moves = up && (!place.up || place.eweight != eweight);
            (place.up, place.eweight) = (up, eweight);
            if moves {
                self.queue(slot, key(endpoint, eweight));
            }
        }
    }

    fn on_dispatched(&mut self, slot: usize, endpoints: &[Endpoint]) {
        self.reposition(slot, &endpoints[slot]);
    }

    fn on_finished(&mut self, slot: usize, endpoints: &[Endpoint], _end: AttemptEnd) {
        self.reposition(slot, &endpoints[slot]);
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(self.clone())
    }
}
