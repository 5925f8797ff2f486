//! Slow start in an upstream: its begin, its steps, its end.

use super::Upstream;
use crate::balance::endpoint::WEIGHT_UNIT;
use crate::ids::EndpointId;
use crate::time::SimTime;

impl Upstream {
    /// Begins the slow start of an endpoint that came back, if slow start is on and it takes requests. Returns the
    /// time of the first step.
    pub fn begin_ramp(&mut self, now: SimTime, id: EndpointId) -> Option<SimTime> {
        self.config.slow_start?;
        let slot = self.set.slot_of(id)?;
        let endpoint = self.set.at_mut(slot);
        if !endpoint.is_available() {
            return None;
        }
        endpoint.ramp_since = Some(now);
        self.set_ramp(now, slot)
    }

    /// Makes a step of the slow start that began at `since`. Returns the time of the next step; `None` at full weight,
    /// or if another slow start began since.
    pub fn step_ramp(&mut self, now: SimTime, id: EndpointId, since: SimTime) -> Option<SimTime> {
        let slot = self.set.slot_of(id)?;
        if self.set.at_mut(slot).ramp_since != Some(since) {
            return None;
        }
        self.set_ramp(now, slot)
    }

    /// Ends the slow start of an endpoint that goes out of use: the next one begins anew.
    pub(super) fn stop_ramp(&mut self, slot: usize) {
        let endpoint = self.set.at_mut(slot);
        (endpoint.ramp, endpoint.ramp_since) = (WEIGHT_UNIT, None);
    }

    fn set_ramp(&mut self, now: SimTime, slot: usize) -> Option<SimTime> {
        let rule = self.config.slow_start?;
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
