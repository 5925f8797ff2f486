//! One upstream of a balancer: its configuration, its endpoints, its picker, its checks.

use std::collections::VecDeque;
use std::net::IpAddr;

use super::algorithm::{Algorithm, Implementation, KeyNeed};
use super::config::{PickerFactory, UpstreamConfig};
use super::endpoint::{AdminState, Endpoint, EndpointConfig, Tier};
use super::full_rule::FullRule;
use super::picker::{CandidateRow, Pick, PickContext, PickKey, Picker, Reason};
use super::retry::{RetryBudget, RetryOn};
use super::set::EndpointSet;
use super::spec::Layer;
use crate::health::active::{ActiveCheck, ActiveConfig};
use crate::health::passive::PassiveSpec;
use crate::ids::EndpointId;
use crate::rng::{Purpose, Rng, stream};
use crate::time::SimTime;

mod health;
mod load;
mod look;
mod ramp;
mod retries;
mod shares;
mod waiting;

pub use shares::LAST_PICKS;
pub use waiting::EndpointChoice;

/// The last decision of an upstream, as the page shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decision {
    /// The number of the pick in the run, from 1; 0 before the first.
    pub number: u64,
    /// When the decision was made.
    pub at: SimTime,
    /// The endpoint that was picked, with the reason; `None` if no endpoint could be.
    pub picked: Option<(EndpointId, Reason)>,
    /// The address of the client that asked.
    pub source: Option<IpAddr>,
    /// The text of the hashed key; empty if the algorithm hashes none or none could be read.
    pub key: String,
    /// The compared values, a row for each endpoint in configuration order.
    pub rows: Vec<CandidateRow>,
}

/// The result of an attempt, as the balancer sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObservedResult {
    /// A response with a status below 500.
    Good,
    /// A response with status 500 or above. At L4 the balancer cannot tell it from a good one.
    ServerError,
    /// Status 503 from a full queue; not held against the server's health.
    Full,
    /// The connection was refused: nothing was sent.
    Refused,
    /// The connection was reset: the server died while it had the request.
    Reset,
    /// No response came in time.
    TimedOut,
    /// The attempt was ended from outside: the endpoint was removed.
    Abandoned,
    /// The response bypassed the balancer (direct server return), which learns nothing from it. Whether it was a good
    /// one is for our own count alone.
    Unseen(bool),
}

impl ObservedResult {
    /// The cause that a retry might help against; `None` if there is none or the balancer cannot know.
    const fn cause(self) -> Option<RetryOn> {
        match self {
            Self::Good | Self::Abandoned | Self::Unseen(_) => None,
            Self::ServerError => Some(RetryOn::ServerError),
            Self::Full => Some(RetryOn::QueueFull),
            Self::Refused => Some(RetryOn::Refused),
            Self::Reset => Some(RetryOn::Reset),
            Self::TimedOut => Some(RetryOn::TimedOut),
        }
    }
}

/// One upstream: a group of endpoints, and how one of them is picked.
#[derive(Clone, Debug)]
pub struct Upstream {
    config: UpstreamConfig,
    set: EndpointSet,
    make: PickerFactory,
    picker: Box<dyn Picker>,
    rng: Rng,
    /// How many endpoints were added in all.
    added: u32,
    /// How far the walk from hash to hash of the request at hand went.
    pub(crate) walked: u32,
    budget: RetryBudget,
    /// Whether an endpoint may have got room since the last [`Self::take_capacity_freed`].
    room: bool,
    /// The endpoints where a request ended since the last [`Self::end_admission`], where only they ask for another.
    freed: Vec<EndpointId>,
    /// How many requests wait in queues of single endpoints, of one that was removed meanwhile too.
    own_waiting: u32,
    /// Whether all who wait in the upstream's queue are to be turned away.
    releases_queue: bool,
    /// What happens to a request whose endpoint is full.
    full_rule: FullRule,
    /// Whether any endpoint has a connection limit.
    limited: bool,
    /// Whether the algorithm reads paths.
    reads_paths: bool,
    /// Whether the algorithm reads load reports.
    reads_load: bool,
    watched: bool,
    decision: Decision,
    /// Since when the shares are counted.
    shares_since: SimTime,
    /// The last picks, oldest first, while the run is watched.
    last_picks: VecDeque<EndpointId>,
}

impl Upstream {
    /// An upstream without endpoints. `index` numbers its random stream, `make` makes its pickers.
    #[must_use]
    pub fn new(config: UpstreamConfig, seed: u64, index: u64, make: PickerFactory) -> Self {
        let mut set = EndpointSet::default();
        set.set_backup_rule(config.backups);
        set.set_panic_rule(config.panic);
        let picker = config.picker;
        let row = picker.algorithm.row();
        Self {
            config,
            set,
            make,
            picker: make(&picker),
            rng: stream(seed, Purpose::Pick, index),
            added: 0,
            walked: 0,
            budget: RetryBudget::default(),
            room: false,
            freed: Vec::new(),
            own_waiting: 0,
            releases_queue: false,
            full_rule: FullRule::of(picker.algorithm, picker.implementation),
            limited: false,
            reads_paths: row.key == KeyNeed::Path,
            reads_load: row.reads_load,
            watched: false,
            decision: Decision::default(),
            shares_since: SimTime::ZERO,
            last_picks: VecDeque::new(),
        }
    }

    // ===== picking =====

    /// Picks an endpoint for a request or a connection.
    pub fn pick(&mut self, now: SimTime, key: PickKey<'_>, tried: &[EndpointId]) -> EndpointChoice {
        self.tick_nginx(now);
        let is_first = tried.is_empty();
        let avoided = tried;
        let tried = self.left_out(tried);
        let tier = self.tier_for(tried);
        let mut rows = std::mem::take(&mut self.decision.rows);
        rows.clear();
        let mut cx = PickContext {
            now,
            endpoints: self.set.endpoints(),
            usable: self.set.usable_in(tier),
            tried,
            takes_avoided: self.config.picker.implementation == Implementation::Haproxy,
            repick: 0,
            walked: if is_first { 0 } else { self.walked },
            full_rule: self.full_rule,
            key,
            rng: &mut self.rng,
            rows: self.watched.then_some(&mut rows),
        };
        let mut pick = self.picker.pick(&mut cx);
        if self.config.picker.implementation == Implementation::Envoy {
            pick = retries::repick(self.picker.as_mut(), &mut cx, pick, avoided);
        }
        if pick.is_none() && !tried.is_empty() && cx.takes_avoided {
            cx.tried = &[];
            pick = self.picker.pick(&mut cx);
        }
        self.walked = cx.walked;
        let full = pick.is_some_and(|pick| self.set.endpoints()[pick.slot].is_full());
        if full && self.full_rule == FullRule::SharedQueue {
            // HAProxy's `get_server_rnd` says that it found none.
            self.decision.rows = rows;
            return EndpointChoice::Full(None);
        }
        if is_first {
            self.count_request(now);
        }
        self.note(now, key, pick, rows);
        let Some(Pick { slot, .. }) = pick else {
            return EndpointChoice::Nobody;
        };
        let choice = self.count_pick(slot);
        self.on_nginx_pick(now, slot);
        choice
    }

    /// Whether the path of a request is needed: by the algorithm, or by the page.
    #[must_use]
    pub const fn reads_paths(&self) -> bool {
        self.reads_paths || self.watched
    }

    /// The tier that a request is sent to. nginx goes on to the backups once every primary was
    /// tried for it or is full (`ngx_http_upstream_get_round_robin_peer`).
    fn tier_for(&self, tried: &[EndpointId]) -> Tier {
        let tier = self.set.tier();
        let is_backup = |id: &EndpointId| {
            let endpoint = self.set.get(*id);
            endpoint.is_some_and(|one| one.config.tier == Tier::Backup)
        };
        if self.config.picker.implementation == Implementation::Nginx && tried.iter().any(is_backup)
        {
            // A request that went on to the backups stays there.
            return Tier::Backup;
        }
        let goes_on = (self.limited || !tried.is_empty())
            && self.config.picker.implementation == Implementation::Nginx
            && !self.set.has_candidate(tier, tried)
            && self.set.has_candidate(Tier::Backup, tried);
        if goes_on { Tier::Backup } else { tier }
    }

    /// Counts a pick. The request waits in the endpoint's own queue if that is full.
    fn count_pick(&mut self, slot: usize) -> EndpointChoice {
        let endpoint = self.set.at_mut(slot);
        endpoint.counts.picks += 1;
        endpoint.counts.recent_picks += 1;
        if endpoint.is_full() {
            EndpointChoice::Full(Some(endpoint.id))
        } else {
            EndpointChoice::Endpoint(endpoint.id)
        }
    }

    /// Whether a request has to wait: there are endpoints for it, and all of them are full.
    #[must_use]
    pub fn is_saturated(&self, tried: &[EndpointId]) -> bool {
        self.limited && self.set.is_saturated(self.avoided(tried)) && !self.has_candidate(tried)
    }

    /// Whether an endpoint may have got room since the last call.
    pub const fn take_capacity_freed(&mut self) -> bool {
        std::mem::replace(&mut self.room, false)
    }

    /// Whether an endpoint takes a request whose cookie names it.
    #[must_use]
    pub fn takes_cookie(&self, id: EndpointId) -> bool {
        let waits = self.config.picker.implementation == Implementation::Haproxy
            && self.config.queue.is_some();
        let takes = |one: &Endpoint| {
            // Without redispatch the request is turned away where the server's queue is full.
            let may_wait = one.has_queue_room() || !self.config.retries.redispatches();
            one.accepts_cookie() && (!one.is_full() || waits && may_wait)
        };
        self.set.get(id).is_some_and(takes)
    }

    /// Picks the endpoint that a cookie names, if it takes such requests. HAProxy lets them wait for it while it is
    /// full (2.6, src/backend.c: `srv_redispatch_connect`), others take another endpoint.
    pub fn pick_pinned(
        &mut self,
        now: SimTime,
        key: PickKey<'_>,
        id: EndpointId,
    ) -> Option<EndpointChoice> {
        if !self.takes_cookie(id) {
            return None;
        }
        let slot = self.set.slot_of(id)?;
        self.count_request(now);
        let mut rows = std::mem::take(&mut self.decision.rows);
        rows.clear();
        let reason = Reason::Pinned;
        self.note(now, key, Some(Pick { slot, reason }), rows);
        Some(self.count_pick(slot))
    }

    fn note(
        &mut self,
        now: SimTime,
        key: PickKey<'_>,
        pick: Option<Pick>,
        rows: Vec<CandidateRow>,
    ) {
        let decision = &mut self.decision;
        decision.number += 1;
        decision.at = now;
        decision.rows = rows;
        if self.watched {
            decision.source = Some(key.source);
            decision.key.clear();
            decision
                .key
                .push_str(std::str::from_utf8(key.text).unwrap_or_default());
            decision.picked = pick.map(|pick| (self.set.endpoints()[pick.slot].id, pick.reason));
            self.remember_pick();
        }
    }

    // ===== configuration =====

    /// The number that HAProxy gives the next server of a backend where none is configured: its place, from 1.
    #[must_use]
    pub const fn next_hash_id(&self) -> u32 {
        self.added + 1
    }

    /// Adds an endpoint, under an identity never used before. The picker knows it from the next [`Self::start`] on.
    pub fn add_endpoint(&mut self, id: EndpointId, config: EndpointConfig) {
        let check = ActiveCheck::new(&self.config.active_checks.unwrap_or_default());
        self.limited |= config.max_conns.is_some();
        self.added += 1;
        self.set.insert(id, config, check);
        if let Some(slot) = self.set.slot_of(id) {
            self.set.at_mut(slot).passive = self.new_passive_state();
        }
    }

    /// Gives the picker all endpoints added so far, at once. A program reads its whole configuration and then starts:
    /// HAProxy places servers that stand in its file differently from one that joins (2.6, `src/lb_fwrr.c`:
    /// `fwrr_init_server_groups` and `fwrr_set_server_status_up`).
    pub fn start(&mut self, now: SimTime) {
        self.restart_shares(now);
    }

    /// Removes an endpoint for good.
    pub fn remove(&mut self, now: SimTime, id: EndpointId) {
        self.set.remove(id);
        let fresh = self.new_passive_state();
        if self.set.endpoints().len() == 1 && fresh.max_fails().is_some() {
            // nginx never takes out a server that stands alone.
            self.set.at_mut(0).passive = fresh;
        }
        self.restart_shares(now);
        self.releases_queue |= self.turns_away_waiting();
    }

    /// Changes an endpoint's weight.
    pub fn set_weight(&mut self, now: SimTime, id: EndpointId, weight: u32) {
        if let Some(slot) = self.set.slot_of(id) {
            self.set.at_mut(slot).config.weight = weight;
            self.restart_shares(now);
        }
    }

    /// Changes an endpoint's admin state.
    pub fn set_admin(&mut self, now: SimTime, id: EndpointId, admin: AdminState) {
        if let Some(slot) = self.set.slot_of(id) {
            let endpoint = self.set.at_mut(slot);
            let maintained = endpoint.admin == AdminState::Maint;
            if maintained && admin != AdminState::Maint {
                // HAProxy: up, but one bad check takes it down.
                endpoint.check.restart();
            }
            endpoint.admin = admin;
            if admin == AdminState::Maint {
                self.stop_ramp(slot);
            }
            self.refresh(now);
        }
    }

    /// Changes the algorithm. The new one starts fresh.
    pub fn set_algorithm(
        &mut self,
        now: SimTime,
        algorithm: Algorithm,
        implementation: Implementation,
    ) {
        self.config.picker.algorithm = algorithm;
        self.reads_paths = algorithm.row().key == KeyNeed::Path;
        self.reads_load = algorithm.row().reads_load;
        self.config.picker.implementation = implementation;
        self.picker = (self.make)(&self.config.picker);
        self.ask_for_all();
        self.restart_shares(now);
    }

    /// Changes the layer. What is in progress is counted anew: requests at L7, connections at L4 (none is bound yet).
    /// The picker starts afresh, as its load does.
    pub fn set_layer(&mut self, now: SimTime, layer: Layer) {
        self.config.layer = layer;
        for slot in 0..self.set.endpoints().len() {
            let endpoint = self.set.at_mut(slot);
            endpoint.connections = 0;
            endpoint.active = if layer == Layer::L7 {
                endpoint.in_progress
            } else {
                0
            };
        }
        self.picker = (self.make)(&self.config.picker);
        self.ask_for_all();
        self.restart_shares(now);
    }

    /// Restarts with empty state: the configuration and the admin states stay.
    pub fn restart(&mut self, now: SimTime) {
        let check = ActiveCheck::new(&self.config.active_checks.unwrap_or_default());
        let passive = self.new_passive_state();
        for slot in 0..self.set.endpoints().len() {
            let endpoint = self.set.at_mut(slot);
            let admin = endpoint.admin;
            *endpoint = Endpoint::new(endpoint.id, endpoint.config.clone(), check);
            (endpoint.admin, endpoint.passive) = (admin, passive);
        }
        self.picker = (self.make)(&self.config.picker);
        self.budget = RetryBudget::default();
        self.own_waiting = 0;
        self.refresh(now);
    }

    /// Updates the usable endpoints. If they changed, shares are counted anew: older picks had other candidates.
    // Called in many places, and rarely.
    #[inline(never)]
    fn refresh(&mut self, now: SimTime) {
        if self.set.refresh() {
            self.count_shares_from(now);
        }
        self.full_rule = self.full_rule_now();
        self.update_queues();
        self.room = true;
        self.picker
            .sync(now, self.set.endpoints(), self.set.usable());
    }

    // ===== reading =====

    /// Turns the recording of decisions on or off. It changes no pick.
    pub const fn set_watched(&mut self, watched: bool) {
        self.watched = watched;
    }

    /// The last recorded decision.
    #[must_use]
    pub const fn decision(&self) -> &Decision {
        &self.decision
    }

    /// The present configuration of the upstream.
    #[must_use]
    pub const fn config(&self) -> &UpstreamConfig {
        &self.config
    }

    /// The layer at which its balancer works.
    #[must_use]
    pub const fn layer(&self) -> Layer {
        self.config.layer
    }

    /// The settings of active checks; `None` if off.
    #[must_use]
    pub const fn active(&self) -> Option<&ActiveConfig> {
        self.config.active_checks.as_ref()
    }

    /// The settings of passive checks; `None` if off.
    #[must_use]
    pub const fn passive(&self) -> Option<&PassiveSpec> {
        self.config.passive_checks.as_ref()
    }

    /// The endpoints in configuration order.
    #[must_use]
    pub fn endpoints(&self) -> &[Endpoint] {
        self.set.endpoints()
    }

    /// The endpoint with this identity; `None` once it was removed.
    #[must_use]
    pub fn endpoint(&self, id: EndpointId) -> Option<&Endpoint> {
        self.set.get(id)
    }

    /// Whether too few endpoints are healthy, so that health is ignored.
    #[must_use]
    pub const fn is_panicking(&self) -> bool {
        self.set.is_panicking()
    }

    /// Whether an endpoint may take new requests now.
    #[must_use]
    pub fn is_usable(&self, id: EndpointId) -> bool {
        self.set
            .slot_of(id)
            .is_some_and(|slot| self.set.usable()[slot])
    }
}
