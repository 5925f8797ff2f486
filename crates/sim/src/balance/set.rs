//! The endpoints of one upstream, in configuration order, and which of them are usable.
//!
//! Below the panic threshold ([`PanicRule`], Envoy's `healthy_panic_threshold`) too few endpoints are healthy to carry
//! the traffic, so the balancer ignores health and uses them all: this is panic mode.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::endpoint::{AdminState, Endpoint, EndpointConfig, Tier};
use crate::health::active::ActiveCheck;
use crate::ids::EndpointId;

/// Which backups serve when no primary is usable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BackupRule {
    /// # All usable ones
    ///
    /// All usable backups (nginx; HAProxy with `option allbackups`).
    #[default]
    All,
    /// # Only the first usable one
    ///
    /// Only the first usable backup (HAProxy).
    First,
}

/// How much more than its part of the traffic a tier is trusted to carry, in percent: Envoy's default
/// `overprovisioning_factor`.
const OVERPROVISIONING: u64 = 140;

/// The panic threshold: when health is ignored because too few endpoints are healthy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PanicRule {
    /// The percentage of healthy endpoints among the ready ones below which health is ignored; 0 is never (Envoy's
    /// default is 50). While both tiers together can carry all traffic, which a tier can from five healthy endpoints
    /// of seven on, health counts (Envoy 1.40, source/extensions/load_balancing_policies/common/load_balancer_impl.cc:
    /// `recalculatePerPriorityPanic`).
    pub percent: u32,
    /// Whether health is ignored when no endpoint is healthy, in either tier (AWS's fail-open).
    pub fail_open: bool,
}

/// The endpoints of one upstream. A *slot* is an index in the list; it changes when an earlier endpoint is removed, an
/// [`EndpointId`] never does.
#[derive(Clone, Debug, Default)]
pub struct EndpointSet {
    endpoints: Vec<Endpoint>,
    /// For each tier and slot: whether the endpoint may be used if that tier serves.
    usable: [Vec<bool>; 2],
    tier: Tier,
    backups: BackupRule,
    panic: PanicRule,
    /// Whether health is ignored now.
    panicking: bool,
    slots: Vec<Option<u32>>,
}

impl EndpointSet {
    /// Adds an endpoint at the end and gives it an identity never used before.
    pub fn add(&mut self, config: EndpointConfig, check: ActiveCheck) -> EndpointId {
        let id = EndpointId(u32::try_from(self.slots.len()).expect("fewer than 2^32 endpoints"));
        self.insert(id, config, check);
        id
    }

    /// Adds an endpoint at the end, under an identity never used before.
    pub fn insert(&mut self, id: EndpointId, config: EndpointConfig, check: ActiveCheck) {
        let slot = u32::try_from(self.endpoints.len()).expect("fewer than 2^32 endpoints");
        if self.slots.len() <= id.index() {
            self.slots.resize(id.index() + 1, None);
        }
        self.slots[id.index()] = Some(slot);
        self.endpoints.push(Endpoint::new(id, config, check));
        self.refresh();
    }

    /// Removes an endpoint for good; those after it move up.
    pub fn remove(&mut self, id: EndpointId) -> Option<Endpoint> {
        let slot = self.slot_of(id)?;
        let gone = self.endpoints.remove(slot);
        self.slots[id.index()] = None;
        for (slot, endpoint) in self.endpoints.iter().enumerate().skip(slot) {
            self.slots[endpoint.id.index()] = u32::try_from(slot).ok();
        }
        self.refresh();
        Some(gone)
    }

    /// All endpoints in configuration order.
    #[must_use]
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// For each slot: whether the endpoint may take new requests now.
    #[must_use]
    pub fn usable(&self) -> &[bool] {
        self.usable_in(self.tier)
    }

    /// For each slot: whether the endpoint may take new requests if `tier` serves. nginx asks the backups too once
    /// every usable primary was tried for a request.
    #[must_use]
    pub fn usable_in(&self, tier: Tier) -> &[bool] {
        &self.usable[tier as usize]
    }

    /// Whether an endpoint in `tier` may take a request that was sent to `tried` before.
    #[must_use]
    pub fn has_candidate(&self, tier: Tier, tried: &[EndpointId]) -> bool {
        self.endpoints
            .iter()
            .zip(self.usable_in(tier))
            .any(|(one, usable)| *usable && !one.is_full() && !tried.contains(&one.id))
    }

    /// The number of usable endpoints in `tier`.
    #[must_use]
    pub fn in_use(&self, tier: Tier) -> usize {
        let usable = self.usable_in(tier);
        usable.iter().filter(|usable| **usable).count()
    }

    /// Whether an endpoint in `tier` is full, may otherwise take a request that was sent to `tried` before, and is one
    /// where it `may_wait`.
    #[must_use]
    pub fn has_full(
        &self,
        tier: Tier,
        tried: &[EndpointId],
        may_wait: impl Fn(&Endpoint) -> bool,
    ) -> bool {
        self.endpoints
            .iter()
            .zip(self.usable_in(tier))
            .any(|(one, usable)| {
                *usable && one.is_full() && !tried.contains(&one.id) && may_wait(one)
            })
    }

    /// Whether some endpoint of the serving tier could take a request that was sent to `tried` before, and all of
    /// those are full.
    #[must_use]
    pub fn is_saturated(&self, tried: &[EndpointId]) -> bool {
        let mut found = false;
        for (one, usable) in self.endpoints.iter().zip(self.usable()) {
            if *usable && !tried.contains(&one.id) {
                if !one.is_full() {
                    return false;
                }
                found = true;
            }
        }
        found
    }

    /// The tier that serves: backups only while no primary is usable.
    #[must_use]
    pub const fn tier(&self) -> Tier {
        self.tier
    }

    /// Sets which backups serve. Call [`Self::refresh`] after it.
    pub fn set_backup_rule(&mut self, rule: BackupRule) {
        self.backups = rule;
    }

    /// Sets when health is ignored. Call [`Self::refresh`] after it.
    pub fn set_panic_rule(&mut self, rule: PanicRule) {
        self.panic = rule;
    }

    /// Whether too few endpoints are healthy, so that health is ignored.
    #[must_use]
    pub const fn is_panicking(&self) -> bool {
        self.panicking
    }

    /// Updates nginx's passive rule to the time in whole seconds, and refreshes the usable endpoints if that changed
    /// any; returns whether it did.
    pub fn tick_nginx(&mut self, now_s: u64) -> bool {
        let mut changed = false;
        for rule in self
            .endpoints
            .iter_mut()
            .filter_map(|one| one.passive.max_fails_mut())
        {
            let was_out = rule.is_out();
            changed |= rule.tick(now_s) != was_out;
        }
        changed && self.refresh()
    }

    /// The slot of an endpoint; `None` once it was removed.
    #[must_use]
    pub fn slot_of(&self, id: EndpointId) -> Option<usize> {
        self.slots
            .get(id.index())
            .copied()
            .flatten()
            .map(|slot| slot as usize)
    }

    /// The slot of an endpoint that must be there.
    ///
    /// # Panics
    /// If it was removed, or belongs to another upstream.
    #[must_use]
    #[track_caller]
    pub fn slot(&self, id: EndpointId) -> usize {
        self.slot_of(id)
            .unwrap_or_else(|| panic!("{id:?} is not among {} endpoints", self.endpoints.len()))
    }

    /// The endpoint with this identity; `None` once it was removed.
    #[must_use]
    pub fn get(&self, id: EndpointId) -> Option<&Endpoint> {
        self.slot_of(id).map(|slot| &self.endpoints[slot])
    }

    /// The endpoint at `slot`, to change. Call [`Self::refresh`] after a change of health, weight or admin state.
    #[inline(always)]
    pub fn at_mut(&mut self, slot: usize) -> &mut Endpoint {
        &mut self.endpoints.as_mut_slice()[slot]
    }

    /// Updates which endpoints are usable; returns whether that changed. Backups are used only while no primary is
    /// (nginx and HAProxy alike).
    pub fn refresh(&mut self) -> bool {
        let mut changed = false;
        for tier in [Tier::Primary, Tier::Backup] {
            let first_only = tier == Tier::Backup && self.backups == BackupRule::First;
            let mask = &mut self.usable[tier as usize];
            changed |= mask.len() != self.endpoints.len();
            mask.resize(self.endpoints.len(), false);
            let mut taken = false;
            for (endpoint, usable) in self.endpoints.iter().zip(mask) {
                let now = endpoint.config.tier == tier
                    && endpoint.is_eligible()
                    && !(first_only && taken);
                taken |= now;
                changed |= *usable != now;
                *usable = now;
            }
        }
        let serves = |tier: Tier| self.usable[tier as usize].contains(&true);
        let backups = !serves(Tier::Primary) && serves(Tier::Backup);
        let tier = if backups { Tier::Backup } else { Tier::Primary };
        changed |= tier != self.tier;
        self.tier = tier;
        self.panic(changed)
    }

    /// Lets all ready endpoints take requests if the rule says that too few are healthy.
    fn panic(&mut self, mut changed: bool) -> bool {
        let was = std::mem::take(&mut self.panicking);
        if self.panic != PanicRule::default() {
            let nobody = !self.usable().contains(&true);
            let is_ready = |one: &Endpoint| one.admin == AdminState::Ready && one.config.weight > 0;
            let in_tier = |one: &Endpoint, tier| one.config.tier == tier && is_ready(one);
            let any_primary = self.endpoints.iter().any(|one| in_tier(one, Tier::Primary));
            if nobody && !any_primary {
                self.tier = Tier::Backup;
            }
            let tier = self.tier;
            let count = |tier| {
                let ready = self.endpoints.iter().filter(|one| in_tier(one, tier));
                ready.fold((0_u64, 0_u64), |(ready, healthy), one| {
                    (ready + 1, healthy + u64::from(one.is_available()))
                })
            };
            let carries = |tier| {
                let (ready, healthy) = count(tier);
                (OVERPROVISIONING * healthy).checked_div(ready).unwrap_or(0)
            };
            let (ready, healthy) = count(tier);
            let too_few = healthy * 100 < ready * u64::from(self.panic.percent)
                && carries(Tier::Primary) + carries(Tier::Backup) < 100;
            self.panicking = ready > 0 && (too_few || (self.panic.fail_open && healthy == 0));
            if self.panicking {
                for (one, usable) in self.endpoints.iter().zip(&mut self.usable[tier as usize]) {
                    *usable = in_tier(one, tier);
                }
            }
            changed |= was || self.panicking;
        }
        changed || was != self.panicking
    }

    /// The number of endpoints that the operator wants in use: not out by hand, and not of weight 0.
    #[must_use]
    pub fn ready(&self) -> usize {
        self.endpoints
            .iter()
            .filter(|one| one.admin == AdminState::Ready && one.config.weight > 0)
            .count()
    }
}
