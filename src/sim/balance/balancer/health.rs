//! What a balancer learns of its endpoints, from its checks and from its requests.

use super::{Balancer, Response};
use crate::sim::balance::picker::TryEnd;
use crate::sim::balance::spec::Layer;
use crate::sim::health::active::{ActiveCheck, ActiveConfig, Transition};
use crate::sim::health::outlier::{OutlierConfig, Verdict};
use crate::sim::ids::EndpointId;
use crate::sim::time::{SimTime, Span};

impl Balancer {
    /// A try ended after `took`. Gives what passive checks make of it.
    pub fn on_end(
        &mut self,
        now: SimTime,
        id: EndpointId,
        took: Span,
        response: Response,
    ) -> Option<Verdict> {
        let slot = self.set.slot_of(id)?;
        let layer = self.spec.layer;
        let endpoint = self.set.at_mut(slot);
        endpoint.in_progress -= 1;
        let counts = &mut endpoint.counts;
        match response {
            Response::Good => counts.answered += 1,
            Response::ServerError | Response::Refused | Response::Reset | Response::Abandoned => {
                counts.failed += 1
            }
            Response::Full => counts.rejected += 1,
            Response::TimedOut => counts.timed_out += 1,
        }
        let seen_as_answer = match response {
            Response::Good => true,
            // At L4 the answer is a sealed envelope: any answer is an answer.
            Response::ServerError | Response::Full => layer == Layer::L4,
            _ => false,
        };
        if seen_as_answer {
            endpoint.latency.record(now, took);
        }
        let end = match response {
            _ if seen_as_answer => TryEnd::Answered,
            Response::Full | Response::Abandoned => TryEnd::Abandoned,
            _ => TryEnd::Failed,
        };
        let verdict = self.passive.as_ref().and_then(|config| match end {
            TryEnd::Answered => endpoint
                .outlier
                .on_answer(endpoint.latency.recent_mean(), config),
            TryEnd::Failed => endpoint.outlier.on_failure(now, config),
            TryEnd::Abandoned => None,
        });
        if layer == Layer::L7 {
            self.load_down(slot, end);
        }
        if matches!(verdict, Some(Verdict::Ejected { .. })) {
            self.stop_ramp(slot);
        }
        if verdict.is_some() {
            self.refresh(now);
        }
        verdict
    }

    /// A check of an endpoint ended.
    pub fn on_probe(&mut self, now: SimTime, id: EndpointId, pass: bool) -> Option<Transition> {
        let slot = self.set.slot_of(id)?;
        let transition = self.set.at_mut(slot).check.on_result(pass);
        if transition == Some(Transition::WentDown) {
            self.stop_ramp(slot);
        }
        if transition.is_some() {
            self.refresh(now);
        }
        transition
    }

    /// From the end of an endpoint's last check to its next; `None` while checks are off.
    #[must_use]
    pub fn probe_delay(&self, id: EndpointId) -> Option<Span> {
        Some(self.set.get(id)?.check.next_delay(self.active.as_ref()?))
    }

    /// An ejection may be over: tells whether it is.
    pub fn end_ejection(&mut self, now: SimTime, id: EndpointId) -> bool {
        let Some(slot) = self.set.slot_of(id) else {
            return false;
        };
        let over = self.set.at_mut(slot).outlier.end_ejection(now);
        if over {
            self.refresh(now);
        }
        over
    }

    /// Switches active checks; off forgets what they found.
    pub fn set_active(&mut self, now: SimTime, config: Option<ActiveConfig>) {
        self.active = config;
        let check = ActiveCheck::new(&config.unwrap_or_default());
        for slot in 0..self.set.endpoints().len() {
            let endpoint = self.set.at_mut(slot);
            endpoint.check = match config {
                Some(config) => endpoint.check.with_thresholds(&config),
                None => check,
            };
        }
        self.refresh(now);
    }

    /// Switches passive checks; off forgets what they found.
    pub fn set_passive(&mut self, now: SimTime, config: Option<OutlierConfig>) {
        self.passive = config;
        if config.is_none() {
            for slot in 0..self.set.endpoints().len() {
                self.set.at_mut(slot).outlier.reset();
            }
        }
        self.refresh(now);
    }
}
