//! Slow start in an upstream: it begins, goes on step by step, and ends.

use super::Upstream;
use crate::balance::endpoint::WEIGHT_UNIT;
use crate::ids::EndpointId;
use crate::time::SimTime;

impl Upstream {
    /// An endpoint came back: its share grows from now on, if slow start is on and it takes
    /// requests. Gives the time of the first step.
    pub fn begin_ramp(&mut self, now: SimTime, id: EndpointId) -> Option<SimTime> {
        self.spec.slow_start?;
        let slot = self.set.slot_of(id)?;
        let endpoint = self.set.at_mut(slot);
        if !endpoint.is_available() {
            return None;
        }
        endpoint.ramp_since = Some(now);
        self.set_ramp(now, slot)
    }

    /// The share of an endpoint whose slow start began at `since` grows. Gives the time of the next
    /// step; `None` once it is whole, or where another slow start began since.
    pub fn step_ramp(&mut self, now: SimTime, id: EndpointId, since: SimTime) -> Option<SimTime> {
        let slot = self.set.slot_of(id)?;
        if self.set.at_mut(slot).ramp_since != Some(since) {
            return None;
        }
        self.set_ramp(now, slot)
    }

    /// An endpoint goes out of use: it will start anew.
    pub(super) fn stop_ramp(&mut self, slot: usize) {
        let endpoint = self.set.at_mut(slot);
        (endpoint.ramp, endpoint.ramp_since) = (WEIGHT_UNIT, None);
    }

    fn set_ramp(&mut self, now: SimTime, slot: usize) -> Option<SimTime> {
        let rule = self.spec.slow_start?;
        let endpoint = self.set.at_mut(slot);
        let share = rule.share(endpoint.ramp_since?, now);
        if share.is_none() {
            endpoint.ramp_since = None;
        }
        let ramp = share.unwrap_or(WEIGHT_UNIT);
        if endpoint.ramp != ramp {
            endpoint.ramp = ramp;
            self.refresh(now);
        }
        share.map(|_| now + rule.step())
    }
}
