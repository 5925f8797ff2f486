//! Peak EWMA (Finagle): of two endpoints drawn, the one with the lower product of response time and load.
//!
//! Source: Finagle, finagle-core/src/main/scala/com/twitter/finagle/loadbalancer/PeakEwma.scala and
//! p2c/P2CPick.scala (Linkerd does the same from an initial 30 ms). Two different endpoints are drawn;
//! each costs its response time, an EWMA that follows peaks at once and decays with a mean life of 10 s
//! ([`UpstreamLatency::peak_at`](crate::balance::latency::UpstreamLatency::peak_at)), times one more than its
//! requests in progress; the later draw wins if they cost the same. An endpoint without a measurement costs
//! nothing until it has its first request, and then more than any other. Weights are not used.
//!
//! Finagle updates the EWMA decay when it reads, so there later answers weigh a little less; here reading changes
//! nothing.
//! At L7 only good answers are measured; Finagle measures failures as well.

use crate::balance::endpoint::Endpoint;
use crate::balance::latency::PEAK_LIFE;
use crate::balance::picker::{CandidateValue, Pick, PickContext, Picker, Reason};
use crate::balance::picker_state::{PickerState, PickerStateQuery};
use crate::rng::below;
use crate::time::SimTime;

/// How often two endpoints that cannot be used are drawn before all are compared (Finagle's `maxEffort`).
const MOST_REDRAWS: u32 = 5;

/// The cost of an endpoint that has requests in progress and no answer yet (`Long.MaxValue >> 16`).
const PENALTY: f64 = 140_737_488_355_327.0;

/// The picker of peak EWMA.
#[derive(Clone, Debug, Default)]
pub struct PeakEwma {
    /// The slots of the endpoints in use.
    hosts: Vec<u32>,
}

fn cost(endpoint: &Endpoint, now: SimTime) -> f64 {
    let active = f64::from(endpoint.active);
    match endpoint.latency.peak_at(now) {
        None if endpoint.active > 0 => PENALTY + active,
        None => 0.0,
        Some(peak_us) => peak_us * (active + 1.0),
    }
}

impl PeakEwma {
    /// Draws two different endpoints from the list of hosts, as slots.
    fn draw(&self, cx: &mut PickContext<'_>, count: u32) -> [usize; 2] {
        let first = below(cx.rng, count);
        let second = below(cx.rng, count - 1);
        let second = second + u32::from(second >= first);
        [first, second].map(|place| self.hosts[place as usize] as usize)
    }

    fn choose(&self, cx: &mut PickContext<'_>) -> Option<Pick> {
        let count = u32::try_from(self.hosts.len()).unwrap_or(u32::MAX);
        let (now, endpoints) = (cx.now, cx.endpoints);
        let cost = |slot: usize| cost(&endpoints[slot], now);
        let most = if count < 2 { 0 } else { MOST_REDRAWS };
        for redraws in 0..most {
            let [first, second] = self.draw(cx, count);
            let reason = match [first, second].map(|slot| cx.is_candidate(slot)) {
                [false, false] => continue,
                [true, true] => {
                    let order = cost(first).total_cmp(&cost(second));
                    let [slot, other] = if order.is_lt() {
                        [first, second]
                    } else {
                        [second, first]
                    };
                    let other = endpoints[other].id;
                    let reason = if order.is_eq() {
                        Reason::BetterOfTwo { other, tie: true }
                    } else {
                        Reason::CheaperOfTwo { other }
                    };
                    return Some(Pick { slot, reason });
                }
                // Finagle takes the healthier of the two.
                _ => Reason::Drawn {
                    redraws: redraws + 1,
                },
            };
            let slot = if cx.is_candidate(first) {
                first
            } else {
                second
            };
            return Some(Pick { slot, reason });
        }
        let slot = cx
            .candidates()
            .min_by(|a, b| cost(*a).total_cmp(&cost(*b)))?;
        let reason = if count < 2 {
            Reason::OnlyOne
        } else {
            Reason::LeastTime
        };
        Some(Pick { slot, reason })
    }
}

impl Picker for PeakEwma {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        let pick = self.choose(cx)?;
        if cx.is_watched() {
            for slot in 0..cx.endpoints.len() {
                let endpoint = &cx.endpoints[slot];
                let value = if cx.is_candidate(slot) {
                    let peak_us = endpoint.latency.peak_at(cx.now).unwrap_or(0.0);
                    CandidateValue::Time {
                        average_ms: libm::round(peak_us / 1_000.0) as u64,
                        active: endpoint.active,
                    }
                } else {
                    CandidateValue::NotUsed
                };
                cx.note(slot, value);
            }
        }
        Some(pick)
    }

    fn sync(&mut self, _now: SimTime, _endpoints: &[Endpoint], usable: &[bool]) {
        self.hosts.clear();
        let slots = (0_u32..).zip(usable).filter(|(_, usable)| **usable);
        self.hosts.extend(slots.map(|(slot, _)| slot));
    }

    fn internals(&self, look: PickerStateQuery<'_>) -> PickerState {
        let us = look.endpoints.iter();
        let us = us
            .map(|endpoint| endpoint.latency.peak_at(look.now))
            .collect();
        PickerState::Fading {
            life: PEAK_LIFE,
            us,
        }
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(self.clone())
    }
}
