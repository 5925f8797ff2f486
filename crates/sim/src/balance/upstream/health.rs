//! What an upstream learns about its endpoints, from probes and from attempts.

use super::{ObservedResult, Upstream};
use crate::balance::picker::AttemptEnd;
use crate::balance::spec::Layer;
use crate::health::active::{ActiveCheck, ActiveConfig, CheckTransition};
use crate::health::observe::{Observe, ObserveConfig, ObservedRequest};
use crate::health::outlier::{HealthTransition, OutlierConfig};
use crate::health::passive::{MaxFailsConfig, PassiveConfig, PassiveSpec, PassiveState};
use crate::ids::EndpointId;
use crate::time::{SimDuration, SimTime};

impl Upstream {
    /// Records that an attempt ended after `took`. `again`: whether its request is to be retried, if possible. Returns
    /// the change of health that passive checks conclude.
    ///
    /// # Panics
    /// If the endpoint was removed.
    pub fn on_end(
        &mut self,
        now: SimTime,
        id: EndpointId,
        took: SimDuration,
        response: ObservedResult,
        again: bool,
    ) -> Option<HealthTransition> {
        let slot = self.set.slot(id);
        let end = self.tally(now, slot, took, response);
        let (end, verdict) = match self.passive_config() {
            None => (end, None),
            Some(PassiveConfig::Outlier(config)) => {
                (end, self.count_failures(now, slot, end, &config))
            }
            Some(PassiveConfig::MaxFails(config)) => {
                self.as_nginx(now, slot, (response, again), &config)
            }
            Some(PassiveConfig::Observe(config)) => (end, self.observe(slot, response, &config)),
        };
        if self.config.layer == Layer::L7 {
            self.load_down(slot, end);
        }
        let out = matches!(
            verdict,
            Some(
                HealthTransition::Ejected { .. }
                    | HealthTransition::CheckMoved(Some(CheckTransition::WentDown))
            )
        );
        if out {
            self.stop_ramp(slot);
        }
        if verdict.is_some() {
            self.refresh(now);
        }
        verdict
    }

    /// Counts the result of an attempt; returns what a picker needs to know of it.
    fn tally(
        &mut self,
        now: SimTime,
        slot: usize,
        took: SimDuration,
        response: ObservedResult,
    ) -> AttemptEnd {
        let layer = self.config.layer;
        let endpoint = self.set.at_mut(slot);
        endpoint.in_progress -= 1;
        let counts = &mut endpoint.counts;
        match response {
            ObservedResult::Good | ObservedResult::Unseen(true) => counts.answered += 1,
            ObservedResult::ServerError
            | ObservedResult::Refused
            | ObservedResult::Reset
            | ObservedResult::Abandoned
            | ObservedResult::Unseen(false) => {
                counts.failed += 1;
            }
            ObservedResult::Full => counts.rejected += 1,
            ObservedResult::TimedOut => counts.timed_out += 1,
        }
        let seen_as_answer = match response {
            ObservedResult::Good => true,
            // At L4 the answer is a sealed envelope: any answer is an answer.
            ObservedResult::ServerError | ObservedResult::Full => layer == Layer::L4,
            _ => false,
        };
        if seen_as_answer {
            endpoint.latency.record(now, took);
        }
        match response {
            _ if seen_as_answer => AttemptEnd::Answered,
            ObservedResult::Full | ObservedResult::Abandoned | ObservedResult::Unseen(_) => {
                AttemptEnd::Abandoned
            }
            _ => AttemptEnd::Failed,
        }
    }

    /// Outlier ejection: failures in a row eject, slow answers degrade.
    fn count_failures(
        &mut self,
        now: SimTime,
        slot: usize,
        end: AttemptEnd,
        config: &OutlierConfig,
    ) -> Option<HealthTransition> {
        match end {
            AttemptEnd::Answered => {
                let endpoint = self.set.at_mut(slot);
                let mean = endpoint.latency.recent_mean();
                let PassiveState::Outlier(outlier) = &mut endpoint.passive else {
                    return None;
                };
                outlier.on_answer(mean, config)
            }
            AttemptEnd::Failed => {
                let endpoints = self.set.endpoints();
                let out = endpoints.iter().filter(|one| one.passive.is_ejected());
                let others = (out.count(), endpoints.len());
                let PassiveState::Outlier(outlier) = &mut self.set.at_mut(slot).passive else {
                    return None;
                };
                outlier.on_failure(now, config, others)
            }
            AttemptEnd::Abandoned => None,
        }
    }

    /// nginx's rule. A failed connection always counts; an error status only if it leads to a retry, since nginx
    /// passes the last one to the client as an answer.
    fn as_nginx(
        &mut self,
        now: SimTime,
        slot: usize,
        (response, again): (ObservedResult, bool),
        config: &MaxFailsConfig,
    ) -> (AttemptEnd, Option<HealthTransition>) {
        let counted = match response {
            ObservedResult::Refused => true,
            // At L4 only opening a connection can fail (1.22.1, ngx_stream_proxy_module.c).
            ObservedResult::Reset | ObservedResult::TimedOut => self.config.layer == Layer::L7,
            ObservedResult::ServerError | ObservedResult::Full => {
                again && config.count_server_errors && self.config.layer == Layer::L7
            }
            ObservedResult::Good | ObservedResult::Abandoned | ObservedResult::Unseen(_) => false,
        };
        let end = match response {
            ObservedResult::Abandoned | ObservedResult::Unseen(_) => AttemptEnd::Abandoned,
            _ if counted => AttemptEnd::Failed,
            _ => AttemptEnd::Answered,
        };
        // A server that stands alone is never taken out, and one that was removed is gone.
        if self.set.endpoints().len() == 1
            || matches!(
                response,
                ObservedResult::Abandoned | ObservedResult::Unseen(_)
            )
        {
            return (end, None);
        }
        let Some(rule) = self.set.at_mut(slot).passive.max_fails_mut() else {
            return (end, None);
        };
        let was_out = rule.is_out();
        let goes_out = rule.on_finished(now.whole_secs(), counted);
        let verdict = match (was_out, rule.is_out()) {
            (_, true) if goes_out => Some(HealthTransition::Ejected {
                until: SimTime::ZERO + SimDuration::from_secs(rule.back_at()),
            }),
            (true, false) => Some(HealthTransition::Readmitted),
            _ => None,
        };
        (end, verdict)
    }

    /// HAProxy's `observe`: errors in a row move the counter of the active checks. Without checks
    /// nothing could bring the endpoint up again, so nothing is observed.
    fn observe(
        &mut self,
        slot: usize,
        response: ObservedResult,
        config: &ObserveConfig,
    ) -> Option<HealthTransition> {
        self.config.active_checks?;
        let l4 = self.config.layer == Layer::L4;
        let seen = match response {
            ObservedResult::Abandoned | ObservedResult::Unseen(_) => return None,
            ObservedResult::Refused => ObservedRequest::ConnectFailed,
            ObservedResult::Reset | ObservedResult::TimedOut => ObservedRequest::NoAnswer,
            ObservedResult::ServerError if !l4 => ObservedRequest::Status(500),
            ObservedResult::Full if !l4 => ObservedRequest::Status(503),
            ObservedResult::Good | ObservedResult::ServerError | ObservedResult::Full => {
                ObservedRequest::Status(200)
            }
        };
        let rules = ObserveConfig {
            observe: if l4 { Observe::Layer4 } else { config.observe },
            ..*config
        };
        let endpoint = self.set.at_mut(slot);
        let PassiveState::Observe(errors) = &mut endpoint.passive else {
            return None;
        };
        let (full, transition) = errors.on_seen(seen, &rules, &mut endpoint.check);
        full.then_some(HealthTransition::CheckMoved(transition))
    }

    /// Advances nginx's clock before each pick: an ejected endpoint may be usable again.
    pub(super) fn tick_nginx(&mut self, now: SimTime) {
        let by_nginx = matches!(self.passive_config(), Some(PassiveConfig::MaxFails(_)));
        if by_nginx && self.set.tick_nginx(now.whole_secs()) {
            self.refresh(now);
        }
    }

    /// Tells nginx's rule of a pick: the first one after the time-out is the trial, and others are held off until it
    /// is back.
    pub(super) fn on_nginx_pick(&mut self, now: SimTime, slot: usize) {
        if self.set.endpoints().len() == 1 {
            return;
        }
        if let Some(rule) = self.set.at_mut(slot).passive.max_fails_mut() {
            let was_out = rule.is_out();
            rule.on_picked(now.whole_secs());
            if rule.is_out() != was_out {
                self.refresh(now);
            }
        }
    }

    /// When nginx's rule sends the next trial to an endpoint that it keeps out; `None` if it does not keep it out.
    #[must_use]
    pub fn next_trial(&self, id: EndpointId) -> Option<SimTime> {
        let rule = self.set.get(id)?.passive.max_fails()?;
        rule.is_out().then_some(())?;
        Some(SimTime::ZERO + SimDuration::from_secs(rule.back_at()))
    }

    /// The rule of passive checks that applies; `None` if they are off.
    fn passive_config(&self) -> Option<PassiveConfig> {
        self.config.passive_checks.as_ref().map(PassiveSpec::config)
    }

    /// The state of passive checks for an endpoint without history.
    pub(super) fn new_passive_state(&self) -> PassiveState {
        PassiveState::new(self.passive_config().as_ref())
    }

    /// Records the result of a probe.
    pub fn on_probe(
        &mut self,
        now: SimTime,
        id: EndpointId,
        pass: bool,
    ) -> Option<CheckTransition> {
        let slot = self.set.slot_of(id)?;
        let endpoint = self.set.at_mut(slot);
        if pass {
            endpoint.passive.on_probe_passed();
        }
        let transition = endpoint.check.on_result(pass);
        if transition == Some(CheckTransition::WentDown) {
            self.stop_ramp(slot);
        }
        if transition.is_some() {
            self.refresh(now);
        }
        transition
    }

    /// The time from the end of an endpoint's probe to the next; `None` if active checks are off.
    #[must_use]
    pub fn probe_delay(&self, id: EndpointId) -> Option<SimDuration> {
        Some(
            self.set
                .get(id)?
                .check
                .next_delay(self.config.active_checks.as_ref()?),
        )
    }

    /// Ends an ejection that is over; returns whether it was.
    pub fn end_ejection(&mut self, now: SimTime, id: EndpointId) -> bool {
        let Some(slot) = self.set.slot_of(id) else {
            return false;
        };
        let endpoint = self.set.at_mut(slot);
        let over = match &mut endpoint.passive {
            PassiveState::Outlier(outlier) => outlier.end_ejection(now),
            PassiveState::MaxFails(rule) => rule.is_out() && !rule.tick(now.whole_secs()),
            PassiveState::Off | PassiveState::Observe(_) => false,
        };
        if over {
            self.refresh(now);
        }
        over
    }

    /// Turns active checks on or off; off clears their results.
    pub fn set_active(&mut self, now: SimTime, config: Option<ActiveConfig>) {
        self.config.active_checks = config;
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

    /// Turns passive checks on or off, or changes them. Only outlier ejection keeps its results, under new settings of
    /// its own.
    pub fn set_passive(&mut self, now: SimTime, spec: Option<PassiveSpec>) {
        self.config.passive_checks = spec;
        let fresh = self.new_passive_state();
        for slot in 0..self.set.endpoints().len() {
            let endpoint = self.set.at_mut(slot);
            if fresh.outlier().is_none() || endpoint.passive.outlier().is_none() {
                endpoint.passive = fresh;
            }
        }
        self.refresh(now);
    }
}
