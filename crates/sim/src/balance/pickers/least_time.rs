//! The lowest response time times load: nginx's `least_time last_byte`.
//!
//! Source: nginx 1.31, src/http/modules/ngx_http_upstream_least_time_module.c. The average response
//! time in milliseconds is halved once for each `fail_timeout` + 1 seconds in which the endpoint was
//! not picked, so that a slow one gets another chance; above 5,000 it counts as 5,000, else it goes
//! up to the next step of 20; times one more than the requests in progress, it is compared for each
//! weight, and ties take turns by smooth weighted round robin. At L7 only good answers are measured
//! here; nginx also measures an error that it hands to the client.

use std::cmp::Ordering;

use super::per_slot::PerSlot;
use super::smooth_wrr::SmoothWrr;
use crate::balance::endpoint::Endpoint;
use crate::balance::picker::{AttemptEnd, CandidateValue, Pick, PickContext, Picker, Reason};
use crate::time::SimTime;

/// nginx's default `fail_timeout`, in seconds: the pace at which an unused average is halved.
const FAIL_TIMEOUT: u64 = 10;

/// Above this many milliseconds all are equally bad.
const WORST_MS: u64 = 5_000;

/// Response times closer than this many milliseconds count as equal.
const STEP_MS: u64 = 20;

/// The picker of nginx's `least_time`.
#[derive(Clone, Debug)]
pub struct LeastTime {
    /// nginx's `checked`: the second of the pick that last renewed it; `None` before the first.
    checked: PerSlot<Option<u64>>,
    ties: SmoothWrr,
}

impl Default for LeastTime {
    fn default() -> Self {
        Self {
            checked: PerSlot::default(),
            ties: SmoothWrr::new(true),
        }
    }
}

/// The response time that counts, in milliseconds.
fn time_ms(checked: Option<u64>, endpoint: &Endpoint, now: u64) -> u64 {
    let average = endpoint
        .latency
        .average()
        .map_or(0, |span| (span.as_us() + 500) / 1_000);
    let idle = idle_secs(checked, now);
    let halvings = if idle > FAIL_TIMEOUT {
        idle / (FAIL_TIMEOUT + 1)
    } else {
        0
    };
    let time = u32::try_from(halvings).map_or(0, |by| average.checked_shr(by).unwrap_or(0));
    if time > WORST_MS {
        WORST_MS
    } else {
        time + STEP_MS - time % STEP_MS
    }
}

fn cost(checked: Option<u64>, endpoint: &Endpoint, now: u64) -> u64 {
    time_ms(checked, endpoint, now) * (1 + u64::from(endpoint.active))
}

fn idle_secs(checked: Option<u64>, now: u64) -> u64 {
    checked.map_or(u64::MAX, |checked| now.saturating_sub(checked))
}

impl LeastTime {
    fn note(&self, cx: &mut PickContext<'_>, now: u64) {
        if !cx.is_watched() {
            return;
        }
        for slot in 0..cx.endpoints.len() {
            let endpoint = &cx.endpoints[slot];
            let value = if cx.is_candidate(slot) {
                let average_ms = time_ms(self.checked[slot], endpoint, now);
                CandidateValue::Time {
                    average_ms,
                    active: endpoint.active,
                }
            } else {
                CandidateValue::NotUsed
            };
            cx.note(slot, value);
        }
    }
}

impl Picker for LeastTime {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        let now = cx.now.whole_secs();
        let (endpoints, checked) = (cx.endpoints, &self.checked);
        let weight = |slot: usize| u64::from(endpoints[slot].effective_weight());
        let cost = |slot: usize| cost(checked[slot], &endpoints[slot], now);
        let (mut least, mut tied) = (None, 0_u32);
        for slot in cx.candidates() {
            let mine = cost(slot);
            match least.map(|(best, lowest)| (mine * weight(best)).cmp(&(lowest * weight(slot)))) {
                None | Some(Ordering::Less) => (least, tied) = (Some((slot, mine)), 1),
                Some(Ordering::Equal) => tied += 1,
                Some(Ordering::Greater) => {}
            }
        }
        let (best, lowest) = least?;
        let mut slot = best;
        if tied > 1 {
            let equal = |slot: usize| cost(slot) * weight(best) == lowest * weight(slot);
            slot = self.ties.pick_among(cx, equal)?.slot;
        }
        self.note(cx, now);
        if idle_secs(self.checked[slot], now) > FAIL_TIMEOUT {
            self.checked[slot] = Some(now);
        }
        Some(Pick {
            slot,
            reason: Reason::LeastTime,
        })
    }

    fn sync(&mut self, now: SimTime, endpoints: &[Endpoint], usable: &[bool]) {
        self.checked.align(endpoints, |_| None);
        self.ties.sync(now, endpoints, usable);
    }

    fn on_finished(&mut self, slot: usize, endpoints: &[Endpoint], end: AttemptEnd) {
        self.ties.on_finished(slot, endpoints, end);
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(self.clone())
    }
}
