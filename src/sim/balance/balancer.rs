//! A balancer: its configuration, its view of the fleet, its algorithm, its checks.

use std::net::IpAddr;

use super::algorithm::{Algorithm, Asks, Flavour, build};
use super::endpoint::{AdminState, Endpoint, EndpointConfig};
use super::picker::{Pick, PickContext, PickKey, Picker, Reason, Row, TryEnd};
use super::set::EndpointSet;
use super::spec::{BalancerSpec, Layer};
use crate::sim::health::active::{ActiveCheck, ActiveConfig, Transition};
use crate::sim::health::outlier::{OutlierConfig, Verdict};
use crate::sim::ids::{EndpointId, ServerId};
use crate::sim::rng::{Purpose, Rng, stream};
use crate::sim::time::{SimTime, Span};

/// The last decision, as the page shows it.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    /// Which pick of the run this is, from 1; 0 before the first.
    pub number: u64,
    /// When.
    pub at: SimTime,
    /// Who was picked and why; `None` where nobody could be.
    pub picked: Option<(EndpointId, Reason)>,
    /// The client's address.
    pub source: Option<IpAddr>,
    /// The text that a key hash took; empty where the algorithm takes none or none could be read.
    pub key: String,
    /// What was compared, a row an endpoint in configuration order.
    pub rows: Vec<Row>,
}

/// How a try ended, as the balancer sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response {
    /// An answer below 500.
    Good,
    /// An answer of 500 and up. At L4 the balancer cannot tell it from a good one.
    ServerError,
    /// 503 from a full queue: turned away, as the server chose; not held against its health.
    Full,
    /// Refused or reset.
    Broken,
    /// No answer in time.
    TimedOut,
    /// Ended from outside: the endpoint was removed.
    Abandoned,
}

/// One balancer.
#[derive(Clone, Debug)]
pub struct Balancer {
    spec: BalancerSpec,
    set: EndpointSet,
    picker: Box<dyn Picker>,
    rng: Rng,
    active: Option<ActiveConfig>,
    passive: Option<OutlierConfig>,
    watched: bool,
    decision: Decision,
}

impl Balancer {
    /// A balancer without endpoints.
    #[must_use]
    pub fn new(spec: &BalancerSpec, seed: u64, index: u64) -> Self {
        Self {
            spec: spec.clone(),
            set: EndpointSet::default(),
            picker: build(spec.algorithm, spec.engine),
            rng: stream(seed, Purpose::Pick, index),
            active: spec.active_checks,
            passive: spec.passive_checks,
            watched: false,
            decision: Decision::default(),
        }
    }

    // ===== picking =====

    /// Picks an endpoint for a request or a connection.
    pub fn pick(
        &mut self,
        now: SimTime,
        key: PickKey<'_>,
        tried: &[EndpointId],
    ) -> Option<(EndpointId, ServerId)> {
        let mut rows = std::mem::take(&mut self.decision.rows);
        rows.clear();
        let mut cx = PickContext {
            now,
            endpoints: self.set.endpoints(),
            usable: self.set.usable(),
            tried,
            key,
            rng: &mut self.rng,
            rows: self.watched.then_some(&mut rows),
        };
        let pick = self.picker.pick(&mut cx);
        self.note(now, key, pick, rows);
        let slot = pick?.slot;
        let endpoint = self.set.at_mut(slot);
        endpoint.counts.picks += 1;
        endpoint.counts.recent_picks += 1;
        Some((endpoint.id, endpoint.config.server))
    }

    fn note(&mut self, now: SimTime, key: PickKey<'_>, pick: Option<Pick>, rows: Vec<Row>) {
        let decision = &mut self.decision;
        decision.number += 1;
        decision.rows = rows;
        if self.watched {
            decision.at = now;
            decision.source = Some(key.source);
            decision.key.clear();
            decision
                .key
                .push_str(std::str::from_utf8(key.text).unwrap_or_default());
            decision.picked = pick.map(|pick| (self.set.endpoints()[pick.slot].id, pick.reason));
        }
    }

    /// A try is sent. (A connection at L4 counts as load from its pick to its close.)
    pub fn on_sent(&mut self, id: EndpointId) {
        if let Some(slot) = self.set.slot_of(id) {
            let endpoint = self.set.at_mut(slot);
            endpoint.in_progress += 1;
            endpoint.counts.tries += 1;
            if self.spec.layer == Layer::L7 {
                self.load_up(slot);
            }
        }
    }

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
            Response::ServerError | Response::Broken | Response::Abandoned => counts.failed += 1,
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
        if verdict.is_some() {
            self.refresh(now);
        }
        verdict
    }

    /// A connection is tied to an endpoint (L4).
    pub fn on_connected(&mut self, id: EndpointId) {
        if let Some(slot) = self.set.slot_of(id) {
            self.set.at_mut(slot).connections += 1;
            self.load_up(slot);
        }
    }

    /// A connection that was tied to an endpoint is closed (L4).
    pub fn on_disconnected(&mut self, id: EndpointId) {
        if let Some(slot) = self.set.slot_of(id) {
            self.set.at_mut(slot).connections -= 1;
            self.load_down(slot, TryEnd::Answered);
        }
    }

    fn load_up(&mut self, slot: usize) {
        self.set.at_mut(slot).active += 1;
        self.picker.on_dispatched(slot, self.set.endpoints());
    }

    fn load_down(&mut self, slot: usize, end: TryEnd) {
        self.set.at_mut(slot).active -= 1;
        self.picker.on_finished(slot, self.set.endpoints(), end);
    }

    // ===== health =====

    /// A check of an endpoint ended.
    pub fn on_probe(&mut self, now: SimTime, id: EndpointId, pass: bool) -> Option<Transition> {
        let slot = self.set.slot_of(id)?;
        let transition = self.set.at_mut(slot).check.on_result(pass);
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

    // ===== configuration =====

    /// Adds an endpoint.
    pub fn add(&mut self, now: SimTime, config: EndpointConfig) -> EndpointId {
        let check = ActiveCheck::new(&self.active.unwrap_or_default());
        let id = self.set.add(config, check);
        self.restart_shares(now);
        id
    }

    /// Takes an endpoint out.
    pub fn remove(&mut self, now: SimTime, id: EndpointId) {
        self.set.remove(id);
        self.restart_shares(now);
    }

    /// Changes a weight.
    pub fn set_weight(&mut self, now: SimTime, id: EndpointId, weight: u32) {
        if let Some(slot) = self.set.slot_of(id) {
            self.set.at_mut(slot).config.weight = weight;
            self.restart_shares(now);
        }
    }

    /// Changes what the operator wants of an endpoint.
    pub fn set_admin(&mut self, now: SimTime, id: EndpointId, admin: AdminState) {
        if let Some(slot) = self.set.slot_of(id) {
            self.set.at_mut(slot).admin = admin;
            self.refresh(now);
        }
    }

    /// Changes the algorithm. The new one starts fresh.
    pub fn set_algorithm(&mut self, now: SimTime, algorithm: Algorithm, flavour: Flavour) {
        self.spec.algorithm = algorithm;
        self.spec.engine = flavour;
        self.picker = build(algorithm, flavour);
        self.restart_shares(now);
    }

    /// Changes the layer. What is in progress is counted anew: requests at L7, connections at L4
    /// (none is tied yet). The picker starts fresh, as its view of load does.
    pub fn set_layer(&mut self, now: SimTime, layer: Layer) {
        self.spec.layer = layer;
        for slot in 0..self.set.endpoints().len() {
            let endpoint = self.set.at_mut(slot);
            endpoint.connections = 0;
            endpoint.active = if layer == Layer::L7 {
                endpoint.in_progress
            } else {
                0
            };
        }
        self.picker = build(self.spec.algorithm, self.spec.engine);
        self.restart_shares(now);
    }

    fn restart_shares(&mut self, now: SimTime) {
        for slot in 0..self.set.endpoints().len() {
            self.set.at_mut(slot).counts.recent_picks = 0;
        }
        self.refresh(now);
    }

    fn refresh(&mut self, now: SimTime) {
        self.set.refresh();
        self.picker
            .sync(now, self.set.endpoints(), self.set.usable());
    }

    // ===== reading =====

    /// Whether decisions are written down in full. It changes no pick.
    pub const fn set_watched(&mut self, watched: bool) {
        self.watched = watched;
    }

    /// The last decision.
    #[must_use]
    pub const fn decision(&self) -> &Decision {
        &self.decision
    }

    /// What was configured, with what was changed since.
    #[must_use]
    pub const fn spec(&self) -> &BalancerSpec {
        &self.spec
    }

    /// The active checks, if on.
    #[must_use]
    pub const fn active(&self) -> Option<&ActiveConfig> {
        self.active.as_ref()
    }

    /// The passive checks, if on.
    #[must_use]
    pub const fn passive(&self) -> Option<&OutlierConfig> {
        self.passive.as_ref()
    }

    /// The endpoints in configuration order.
    #[must_use]
    pub fn endpoints(&self) -> &[Endpoint] {
        self.set.endpoints()
    }

    /// An endpoint.
    #[must_use]
    pub fn endpoint(&self, id: EndpointId) -> Option<&Endpoint> {
        self.set.get(id)
    }

    /// Whether an endpoint may take new requests now.
    #[must_use]
    pub fn is_usable(&self, id: EndpointId) -> bool {
        self.set
            .slot_of(id)
            .is_some_and(|slot| self.set.usable()[slot])
    }

    /// The share of picks that the algorithm and the weights ask for, 0 to 1; `None` where nothing
    /// is asked. 0 for an endpoint that is not in use.
    #[must_use]
    pub fn expected_share(&self, id: EndpointId) -> Option<f64> {
        let slot = self.set.slot_of(id)?;
        if !self.set.usable()[slot] {
            return Some(0.0);
        }
        let part = |endpoint: &Endpoint| match self.spec.algorithm.row().asks {
            Asks::Equal => Some(1.0),
            Asks::ByWeight => Some(f64::from(endpoint.effective_weight())),
            Asks::Nothing => None,
        };
        let mut all = 0.0;
        for (endpoint, usable) in self.set.endpoints().iter().zip(self.set.usable()) {
            if *usable {
                all += part(endpoint)?;
            }
        }
        Some(part(&self.set.endpoints()[slot])? / all)
    }
}
