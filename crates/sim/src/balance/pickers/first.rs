//! The first with room: HAProxy's `balance first`.
//!
//! Source: HAProxy 2.6, src/lb_fas.c. The server of the lowest id that has fewer requests in progress
//! than its `maxconn`; weights are not used.

use crate::balance::endpoint::WEIGHT_UNIT;
use crate::balance::picker::{CandidateValue, Pick, PickContext, Picker, Reason};

/// The picker of HAProxy's `balance first`.
#[derive(Clone, Copy, Debug, Default)]
pub struct First;

impl Picker for First {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        let slot = cx
            .candidates()
            .min_by_key(|&slot| (cx.endpoints[slot].config.hash_id, slot))?;
        if cx.is_watched() {
            for slot in 0..cx.endpoints.len() {
                let active = cx.endpoints[slot].active;
                let value = if cx.is_candidate(slot) {
                    CandidateValue::Load {
                        active,
                        weight: WEIGHT_UNIT,
                    }
                } else {
                    CandidateValue::NotUsed
                };
                cx.note(slot, value);
            }
        }
        Some(Pick {
            slot,
            reason: Reason::FirstWithRoom,
        })
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(*self)
    }
}
