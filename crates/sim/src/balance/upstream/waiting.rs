//! Requests that wait at the balancer for an endpoint with room: who asks for them, and who lets them go.

use super::Upstream;
use crate::balance::algorithm::Implementation;
use crate::balance::endpoint::Endpoint;
use crate::balance::full_rule::FullRule;
use crate::balance::picker::{Pick, PickKey, Reason};
use crate::ids::EndpointId;
use crate::time::SimTime;

/// The endpoint for a request, if one can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointChoice {
    /// This endpoint takes it now.
    Endpoint(EndpointId),
    /// It has to wait: in the queue of this endpoint, or of the whole upstream.
    Full(Option<EndpointId>),
    /// No endpoint takes it.
    Nobody,
}

impl EndpointChoice {
    /// The endpoint that was picked, with room or full; `None` if none was.
    #[must_use]
    pub const fn picked(self) -> Option<EndpointId> {
        match self {
            Self::Endpoint(endpoint) => Some(endpoint),
            Self::Full(endpoint) => endpoint,
            Self::Nobody => None,
        }
    }
}

impl Upstream {
    /// Whether an endpoint asks for a request that waits in the queue of the whole upstream, and was sent to `tried`
    /// before.
    #[must_use]
    pub fn asks_for_waiting(&self, tried: &[EndpointId]) -> bool {
        self.asking(tried).is_some()
    }

    /// The endpoint that takes the next request of the upstream's queue, as HAProxy's `process_srv_queue` does for a
    /// server where a request ended: without another pick.
    fn asking(&self, tried: &[EndpointId]) -> Option<usize> {
        // HAProxy's servers take the next request, whether it was there before or not.
        let tried = if self.config.picker.implementation == Implementation::Haproxy {
            &[]
        } else {
            tried
        };
        let usable = self.set.usable_in(self.tier_for(tried));
        let takes = |slot: &usize| {
            let endpoint = &self.set.endpoints()[*slot];
            usable[*slot] && !endpoint.is_full() && !tried.contains(&endpoint.id)
        };
        if self.full_rule != FullRule::SharedQueue {
            return (0..usable.len()).find(takes);
        }
        let slots = self.freed.iter().filter_map(|id| self.set.slot_of(*id));
        slots.into_iter().find(takes)
    }

    /// The endpoint for the next request of the upstream's queue.
    pub fn pick_waiting(
        &mut self,
        now: SimTime,
        key: PickKey<'_>,
        tried: &[EndpointId],
    ) -> EndpointChoice {
        if self.config.picker.implementation != Implementation::Haproxy {
            return self.pick(now, key, tried);
        }
        let Some(slot) = self.asking(tried) else {
            return EndpointChoice::Nobody;
        };
        let mut rows = std::mem::take(&mut self.decision.rows);
        rows.clear();
        if tried.is_empty() {
            self.count_request(now);
        }
        let reason = Reason::NextWaiting;
        self.note(now, key, Some(Pick { slot, reason }), rows);
        self.count_pick(slot)
    }

    /// Whether requests that wait in the upstream's queue wait in vain: HAProxy turns them away as soon as no server is
    /// in use (2.8; 2.6 lets them wait).
    #[must_use]
    pub fn has_nobody(&self) -> bool {
        self.config.picker.implementation == Implementation::Haproxy
            && !self.set.usable().contains(&true)
    }

    /// Whether any request may leave a queue, as far as that can be told without looking at each.
    #[must_use]
    pub fn may_admit(&self) -> bool {
        self.own_waiting > 0 || self.asks_for_waiting(&[])
    }

    /// Whether [`Self::end_admission`] has something to do.
    #[must_use]
    pub const fn is_asking(&self) -> bool {
        !self.freed.is_empty()
    }

    /// All that could be admitted was: endpoints ask anew when the next request ends.
    pub fn end_admission(&mut self) {
        self.freed.clear();
    }

    /// Whether a request that waits in an endpoint's own queue may leave it: the endpoint has room, or takes nothing
    /// any more, so that another has to be found.
    #[must_use]
    pub fn admits_from_queue(&self, id: EndpointId) -> bool {
        !self.takes_its_queue(id) || self.set.get(id).is_some_and(|one| !one.is_full())
    }

    /// Whether an endpoint goes on to take the requests of its own queue. Once it is down, drains or is in maintenance,
    /// they go to others if a retry may go to another server (`option redispatch`); else they wait for it (2.6,
    /// src/queue.c: `pendconn_redistribute`). Weight 0 alone sends nobody away.
    #[must_use]
    pub fn takes_its_queue(&self, id: EndpointId) -> bool {
        let slot = self.set.slot_of(id);
        let redispatches = self.config.retries.redispatches();
        let takes = |one: &Endpoint| one.is_available() || !redispatches;
        slot.is_some_and(|slot| self.set.usable()[slot] || takes(&self.set.endpoints()[slot]))
    }

    /// A request goes into an endpoint's own queue.
    pub fn on_queued(&mut self, id: EndpointId) {
        let slot = self.set.slot(id);
        self.set.at_mut(slot).queued += 1;
        self.own_waiting += 1;
    }

    /// A request leaves an endpoint's own queue. The endpoint may be gone.
    pub fn on_unqueued(&mut self, id: EndpointId) {
        self.own_waiting -= 1;
        if let Some(slot) = self.set.slot_of(id) {
            self.set.at_mut(slot).queued -= 1;
        }
    }
}
