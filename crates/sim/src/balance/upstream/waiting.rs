//! Requests that wait at the balancer for an endpoint with room: who asks for them, and who lets them go.

use super::Upstream;
use crate::balance::algorithm::Implementation;
use crate::balance::config::PickerConfig;
use crate::balance::endpoint::{QueueService, Tier};
use crate::balance::full_rule::FullRule;
use crate::balance::picker::{Pick, PickKey, Reason};
use crate::balance::set::BackupRule;
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

    /// The endpoint that takes the next request of the upstream's queue. In HAProxy that is one where a request ended
    /// (2.8, src/queue.c: `process_srv_queue`) or that came up (`pendconn_grab_from_px`), without another pick. One that
    /// gets its weight back, or that drains no more, asks for nobody.
    fn asking(&self, tried: &[EndpointId]) -> Option<usize> {
        let haproxy = self.config.picker.implementation == Implementation::Haproxy;
        // HAProxy's servers take the next request, whether it was there before or not.
        let tried = if haproxy { &[] } else { tried };
        let usable = self.set.usable_in(self.tier_for(tried));
        let takes = |slot: &usize| {
            let endpoint = &self.set.endpoints()[*slot];
            usable[*slot] && !endpoint.is_full() && !tried.contains(&endpoint.id)
        };
        if !haproxy {
            return (0..usable.len()).find(takes);
        }
        let slots = self.freed.iter().filter_map(|id| self.set.slot_of(*id));
        slots.into_iter().find(takes)
    }

    /// Whether a new request goes behind the `waiting` requests of all queues, even if an endpoint has room: some of
    /// HAProxy's algorithms take a queue of the backend as a sign that all servers are full, while any of them has a
    /// request (2.8, src/backend.c: `assign_server`).
    #[must_use]
    #[inline(never)]
    pub fn joins_queue(&self, waiting: usize) -> bool {
        let PickerConfig {
            algorithm,
            implementation,
            ..
        } = self.config.picker;
        let row = algorithm.row();
        waiting > self.own_waiting as usize
            && implementation == Implementation::Haproxy
            && row.form(implementation) == Implementation::Haproxy
            && row.haproxy_full == FullRule::PassOver
            && self.set.usable().contains(&true)
            && self.set.endpoints().iter().any(|one| one.active > 0)
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

    /// Whether all who wait in the upstream's queue are to be turned away, once.
    pub const fn take_queue_release(&mut self) -> bool {
        std::mem::replace(&mut self.releases_queue, false)
    }

    /// Whether any request may leave a queue, as far as that can be told without looking at each.
    #[must_use]
    pub fn may_admit(&self) -> bool {
        self.own_waiting > 0 || self.asks_for_waiting(&[])
    }

    /// The balancer starts anew with requests that wait: all endpoints ask for them.
    #[inline(never)]
    pub(super) fn ask_for_all(&mut self) {
        let ids = self.set.endpoints().iter().map(|one| one.id);
        self.freed.extend(ids);
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

    /// Whether a request that waits in an endpoint's own queue may leave it: the endpoint has room, or sends it away.
    #[must_use]
    pub fn admits_from_queue(&self, id: EndpointId) -> bool {
        !self.takes_its_queue(id) || self.set.get(id).is_some_and(|one| !one.is_full())
    }

    /// Whether an endpoint is still there, and takes the requests that wait in its own queue.
    #[must_use]
    pub fn takes_its_queue(&self, id: EndpointId) -> bool {
        self.set.get(id).is_some_and(|one| !one.sends_away)
    }

    /// Whom the queue of the endpoint in a slot serves.
    fn service(&self, slot: usize) -> QueueService {
        let endpoint = &self.set.endpoints()[slot];
        if self.set.usable()[slot] || endpoint.is_available() {
            QueueService::All
        } else if endpoint.accepts_cookie() {
            QueueService::Cookies
        } else {
            QueueService::Nobody
        }
    }

    /// What happens now to a request whose endpoint is full. The one backup that serves alone is picked without a look
    /// at its load (HAProxy 2.8, `fbck` in src/lb_fwrr.c, src/lb_fwlc.c and src/lb_fas.c).
    #[inline(never)]
    pub(super) fn full_rule_now(&self) -> FullRule {
        let PickerConfig {
            algorithm,
            implementation,
            static_table,
            ..
        } = self.config.picker;
        let rule = FullRule::of(algorithm, implementation);
        let alone = self.set.tier() == Tier::Backup && self.config.backups == BackupRule::First;
        let haproxy = algorithm.row().form(implementation) == Implementation::Haproxy;
        match rule {
            FullRule::PassOver | FullRule::OwnQueueRoom if alone && haproxy && !static_table => {
                FullRule::OwnQueue
            }
            rule => rule,
        }
    }

    /// Whether HAProxy turns away who waits in the upstream's queue when a server goes: no other is left.
    pub(super) fn turns_away_waiting(&self) -> bool {
        self.config.picker.implementation == Implementation::Haproxy
            && !self.set.usable().contains(&true)
    }

    /// The usable endpoints may have changed: finds which of them take nothing any more. HAProxy acts at that moment,
    /// and only then (2.8, src/server.c: `srv_update_status`, which calls `pendconn_redistribute`):
    ///
    /// - Who waits in the endpoint's own queue is sent away, if a retry may go to another server (`option
    ///   redispatch`). A request whose cookie names a server that drains may wait there later.
    /// - Who waits in the upstream's queue is turned away, if no server is left (2.6 lets them wait).
    ///
    /// Weight 0 alone does neither.
    #[inline(never)]
    pub(super) fn update_queues(&mut self) {
        if self.config.picker.implementation != Implementation::Haproxy {
            return;
        }
        let nobody = self.turns_away_waiting();
        let redispatches = self.config.retries.redispatches();
        for slot in 0..self.set.endpoints().len() {
            let service = self.service(slot);
            let endpoint = self.set.at_mut(slot);
            if service != endpoint.serves {
                let falls = service < endpoint.serves;
                endpoint.sends_away = falls && redispatches && endpoint.queued > 0;
                self.releases_queue |= falls && nobody;
                if endpoint.serves == QueueService::Nobody {
                    self.freed.push(endpoint.id);
                }
                endpoint.serves = service;
            }
        }
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
            let endpoint = self.set.at_mut(slot);
            endpoint.queued -= 1;
            endpoint.sends_away &= endpoint.queued > 0;
        }
    }
}
