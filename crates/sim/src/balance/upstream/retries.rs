//! What an upstream does with a request that failed: whether it is tried again, after which pause, and where.

use super::{ObservedResult, Upstream};
use crate::balance::algorithm::Implementation;
use crate::balance::endpoint::{Endpoint, Tier};
use crate::balance::full_rule::FullRule;
use crate::balance::picker::{Pick, PickContext, Picker};
use crate::balance::retry::RetryOn;
use crate::balance::spec::Layer;
use crate::ids::EndpointId;
use crate::time::{SimDuration, SimTime};

/// How often Envoy picks anew at most when it would send a retry to a host again: what
/// `host_selection_retry_max_attempts` says in the configuration that the page writes.
const REPICKS: u32 = 5;

/// Picks anew while `pick` is one of `avoided`, and in the end takes even that (Envoy 1.40,
/// source/extensions/load_balancing_policies/common/load_balancer_impl.cc: `chooseHost`, with the predicate
/// `previous_hosts`). Every pick is one more turn of the algorithm.
pub(super) fn repick(
    picker: &mut dyn Picker,
    cx: &mut PickContext<'_>,
    mut pick: Option<Pick>,
    avoided: &[EndpointId],
) -> Option<Pick> {
    while cx.repick < REPICKS
        && pick.is_some_and(|pick| avoided.contains(&cx.endpoints[pick.slot].id))
    {
        cx.repick += 1;
        if let Some(rows) = &mut cx.rows {
            rows.clear();
        }
        pick = picker.pick(cx);
    }
    pick
}

impl Upstream {
    /// Whether an endpoint is left for a request that was sent to `tried` before.
    #[must_use]
    pub fn has_candidate(&self, tried: &[EndpointId]) -> bool {
        self.has_other(self.avoided(tried))
    }

    /// Whether an endpoint may be picked that is not among these.
    fn has_other(&self, avoided: &[EndpointId]) -> bool {
        let tier = self.tier_for(avoided);
        let may_wait = |one: &Endpoint| self.full_rule.picks_full(one);
        self.set.has_candidate(tier, avoided) || self.set.has_full(tier, avoided, may_wait)
    }

    /// Of the endpoints that a request was sent to, those that its next pick leaves out. nginx tries none twice. Envoy
    /// leaves out none, but picks anew ([`repick`]). HAProxy
    /// picks anew and avoids the last one if there is another (2.6, src/backend.c: `assign_server`, whose `prev_srv`
    /// each algorithm avoids); a key's place in a map has one owner, which gets the request again.
    pub(super) fn avoided<'a>(&self, tried: &'a [EndpointId]) -> &'a [EndpointId] {
        let left_out = self.left_out(tried);
        if self.config.picker.implementation == Implementation::Haproxy && !self.has_other(left_out)
        {
            &[]
        } else {
            left_out
        }
    }

    /// As [`Self::avoided`], even if there is no other.
    pub(super) fn left_out<'a>(&self, tried: &'a [EndpointId]) -> &'a [EndpointId] {
        match self.config.picker.implementation {
            Implementation::Haproxy => {}
            Implementation::Envoy => return &[],
            _ => return tried,
        }
        let is_map = self.full_rule == FullRule::OwnQueue
            && !self.config.picker.algorithm.row().consistent
            && !self.config.picker.hash.consistent;
        if is_map {
            &[]
        } else {
            &tried[tried.len().saturating_sub(1)..]
        }
    }

    /// How long a request waits before it is tried again after `response`. HAProxy waits after a failed connection if
    /// it has no other server in use (2.6, src/backend.c: `back_handle_st_cer`): a second, or the time limit for a
    /// connection where that is less.
    #[must_use]
    pub fn retry_pause(&self, response: ObservedResult) -> Option<SimDuration> {
        let waits = self.config.picker.implementation == Implementation::Haproxy
            && response == ObservedResult::Refused
            && self.set.in_use(Tier::Primary) <= 1;
        waits.then(|| SimDuration::from_secs(1))
    }

    /// Counts a new request for the retry budget, if there is one.
    pub(super) fn count_request(&mut self, now: SimTime) {
        if self.config.retries.tries > 1 {
            self.budget.on_request(now);
        }
    }

    /// Whether a request whose attempt number `attempt` ended with `response` is to be retried, if the budget has room
    /// and an endpoint is left. HAProxy and Envoy may send it to an endpoint again; others never try more often than
    /// there are endpoints in use.
    ///
    /// Envoy does not look at the method, and its `reset` stands for every attempt without an answer (1.40,
    /// source/common/router/retry_state_impl.cc: `wouldRetryFromReset`).
    #[must_use]
    pub fn wants_retry(&self, attempt: u32, response: ObservedResult, idempotent: bool) -> bool {
        let spec = &self.config.retries;
        let was_sent = response != ObservedResult::Refused;
        let implementation = self.config.picker.implementation;
        let envoy = implementation == Implementation::Envoy;
        let is_reset = |cause: &RetryOn| matches!(cause, RetryOn::Reset | RetryOn::TimedOut);
        let is_on = |cause: RetryOn| {
            let no_answer = is_reset(&cause) || cause == RetryOn::Refused;
            spec.on.contains(&cause) || envoy && no_answer && spec.on.iter().any(is_reset)
        };
        self.config.layer == Layer::L7
            && attempt < spec.tries
            && (envoy
                || implementation == Implementation::Haproxy
                || (attempt as usize) < self.set.ready())
            && (envoy || idempotent || spec.non_idempotent || !was_sent)
            && response.cause().is_some_and(is_on)
    }

    /// How far the last pick's walk from hash to hash went, if another attempt may go on there; else 0.
    #[must_use]
    pub fn kept_walk(&self) -> u32 {
        if self.config.retries.tries > 1 {
            self.walked
        } else {
            0
        }
    }

    /// Takes one retry from the budget, if there is room.
    pub fn take_retry(&mut self, now: SimTime) -> bool {
        self.budget.take(now, &self.config.retries)
    }
}
