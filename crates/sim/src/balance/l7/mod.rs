//! The frontend: what a balancer does before it picks (ends TLS, reads requests, applies rules), and what that costs.
//! At L4 it can do none of it, since it cannot read the payload.

pub mod keepalive;
pub mod processor;
pub mod request_head;
pub mod rule_table;
pub mod rules;
pub mod sessions;
pub mod token_bucket;

use std::net::IpAddr;

use self::keepalive::{Keepalive, KeepaliveSpec};
use self::processor::{Processor, ProcessorSpec};
use self::request_head::RequestHead;
use self::rule_table::{RouteDecision, RouteVerdict, RuleMoves, RuleTable};
use self::rules::Rule;
use self::sessions::{Sessions, TlsHandshake};
use super::config::FrontendConfig;
use super::spec::{Layer, ReturnPath};
use crate::ids::{ClassId, ClientId};
use crate::time::{SimDuration, SimTime};

/// A kind of work that a balancer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrontendTask {
    /// Passing on a packet.
    Packet,
    /// A TLS handshake (L7).
    Handshake(TlsHandshake),
    /// Passing a request on unread (L4), or buffering and reading it (L7).
    Request,
}

/// The frontend of a balancer, with its state.
#[derive(Clone, Debug)]
pub struct Frontend {
    /// The rules with their state.
    pub rules: RuleTable,
    /// The TLS sessions that may be resumed.
    pub sessions: Sessions,
    /// The idle connections to servers.
    pub keepalive: Keepalive,
    config: FrontendConfig,
    processor: Option<Processor>,
    tally: WorkTally,
    last: Option<RouteContext>,
}

/// A request as the frontend sees it, with the decision of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteContext {
    /// The number of the request's arrival in the run.
    pub number: u64,
    /// The client that sent it.
    pub client: ClientId,
    /// The source port of the client's connection.
    pub port: u16,
    /// The class, which determines the request head.
    pub class: ClassId,
    /// The number of the item, among those of the class.
    pub item: u32,
    /// The decision of the rules; at L4 and without rules: to the main pool.
    pub decision: RouteDecision,
}

/// The counts of a balancer's work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkTally {
    /// Requests that the balancer has taken on.
    pub requests: u64,
    /// Requests that the balancer answered itself.
    pub answered: u64,
    /// Requests that a rule sent to a pool by their heads.
    pub routed: u64,
    /// The time that requests were held up by its work, in total, in microseconds.
    pub added_us: u64,
    /// The time that it worked, if it has no processor, in microseconds.
    worked_us: u64,
}

impl Frontend {
    /// The frontend of a balancer. `pools`: their names, the main one first; `index`: the number of the balancer.
    #[must_use]
    pub fn new(
        config: FrontendConfig,
        rules: &[Rule],
        pools: &[String],
        seed: u64,
        index: u64,
    ) -> Self {
        Self {
            rules: RuleTable::new(rules, pools, seed, index),
            sessions: Sessions::default(),
            keepalive: Keepalive::default(),
            processor: config.processor.as_ref().map(Processor::new),
            config,
            tally: WorkTally::default(),
            last: None,
        }
    }

    /// Does the tasks for one request or connection; returns when they are done, or `None` if the processor has too
    /// much work waiting.
    pub fn work(&mut self, now: SimTime, tasks: &[FrontendTask]) -> Option<SimTime> {
        let config = &self.config;
        let delay = tasks
            .iter()
            .fold(SimDuration::ZERO, |sum, task| sum + delay(config, *task));
        let done = match (&config.processor, &mut self.processor) {
            (Some(costs), Some(processor)) => {
                let cost = tasks.iter().fold(SimDuration::ZERO, |sum, task| {
                    sum + cost(costs, config.layer, *task)
                });
                processor.take(costs, now, cost)? + delay
            }
            _ => {
                self.tally.worked_us += delay.as_us();
                now + delay
            }
        };
        self.tally.added_us += done.since(now).as_us();
        Some(done)
    }

    /// The present configuration of the frontend.
    #[must_use]
    pub const fn config(&self) -> &FrontendConfig {
        &self.config
    }

    /// Changes the layer at which the balancer works.
    pub const fn set_layer(&mut self, layer: Layer) {
        self.config.layer = layer;
    }

    /// Changes the way of answers (L4).
    pub const fn set_return_path(&mut self, path: ReturnPath) {
        self.config.return_path = path;
    }

    /// Changes which connections are kept to servers (L7).
    pub const fn set_keepalive(&mut self, keepalive: Option<KeepaliveSpec>) {
        self.config.keepalive = keepalive;
    }

    /// Applies the rules to a request whose head is read, and counts and keeps the decision.
    pub fn route(
        &mut self,
        now: SimTime,
        source: IpAddr,
        head: &RequestHead<'_>,
        mut seen: RouteContext,
    ) -> RouteDecision {
        let decision = self.rules.decide(now, source, head);
        seen.decision = decision;
        self.note(seen);
        if decision.rule.is_some() && !matches!(decision.verdict, RouteVerdict::Deny(_)) {
            self.count_routed();
        }
        if decision.verdict == RouteVerdict::Answer {
            self.count_answer();
        }
        decision
    }

    /// Keeps the last decided request for the page.
    pub const fn note(&mut self, seen: RouteContext) {
        self.last = Some(seen);
    }

    /// Adds, changes, removes or moves rules. The record of the last request follows its rule; if that is gone, so is
    /// the record.
    pub fn edit_rules(&mut self, edit: impl FnOnce(&mut RuleTable) -> RuleMoves) {
        let moves = edit(&mut self.rules);
        if let Some(seen) = &mut self.last
            && let Some(old) = seen.decision.rule
        {
            match moves.get(old).copied().flatten() {
                Some(new) => seen.decision.rule = Some(new),
                None => self.last = None,
            }
        }
    }

    /// The last decided request; `None` before the first.
    #[must_use]
    pub const fn last(&self) -> Option<&RouteContext> {
        self.last.as_ref()
    }

    /// Counts a request that came.
    pub const fn count_request(&mut self) {
        self.tally.requests += 1;
    }

    /// Counts a request that the balancer answered itself.
    pub const fn count_answer(&mut self) {
        self.tally.answered += 1;
    }

    /// Counts a request that a rule routed by its head.
    pub const fn count_routed(&mut self) {
        self.tally.routed += 1;
    }

    /// Counts the time that a request waited for a connection to a server.
    pub const fn count_held(&mut self, held: SimDuration) {
        self.tally.added_us += held.as_us();
    }

    /// Restarts after a loss of power: tickets, tokens, connections and work are gone, the counts stay.
    pub fn restart(&mut self) {
        self.rules.forget();
        self.sessions.forget();
        self.keepalive = Keepalive::default();
        self.processor = self.config.processor.as_ref().map(Processor::new);
    }

    /// Changes the number of cores.
    pub fn set_cores(&mut self, cores: u32, now: SimTime) {
        if let (Some(costs), Some(processor)) = (&mut self.config.processor, &mut self.processor) {
            costs.cores = cores;
            processor.set_cores(cores, now);
        }
    }

    /// The processor; `None` if the scene gives it none.
    #[must_use]
    pub const fn processor(&self) -> Option<&Processor> {
        self.processor.as_ref()
    }

    /// The counts of its work.
    #[must_use]
    pub const fn tally(&self) -> &WorkTally {
        &self.tally
    }

    /// The time that one core would have worked for everything done so far, in microseconds.
    #[must_use]
    pub fn busy_us(&self, now: SimTime) -> u64 {
        self.processor()
            .map_or(self.tally.worked_us, |processor| processor.busy_us(now))
    }

    /// The mean time that the balancer held up a request; `None` before the first.
    #[must_use]
    pub fn added(&self) -> Option<SimDuration> {
        self.tally
            .added_us
            .checked_div(self.tally.requests)
            .map(SimDuration::from_us)
    }

    /// The number of requests a second that one core could take, by their cost so far; `None` while they have cost
    /// nothing.
    #[must_use]
    pub fn rate_per_core(&self, now: SimTime) -> Option<f64> {
        let busy = self.busy_us(now);
        (busy > 0).then(|| self.tally.requests as f64 * 1e6 / busy as f64)
    }
}

/// The time that a task takes, without waiting for other work.
const fn delay(config: &FrontendConfig, task: FrontendTask) -> SimDuration {
    match (config.layer, task) {
        (_, FrontendTask::Packet) => SimDuration::ZERO,
        (Layer::L4, FrontendTask::Request) => config.forward,
        (Layer::L7, FrontendTask::Request) => config.parse,
        (_, FrontendTask::Handshake(TlsHandshake::Full)) => config.tls,
        (_, FrontendTask::Handshake(TlsHandshake::Resumed)) => config.tls_resumed,
    }
}

/// The time that a task costs one core.
const fn cost(costs: &ProcessorSpec, layer: Layer, task: FrontendTask) -> SimDuration {
    match (layer, task) {
        (_, FrontendTask::Packet) | (Layer::L4, FrontendTask::Request) => costs.packet_us,
        (Layer::L7, FrontendTask::Request) => costs.request_us,
        (_, FrontendTask::Handshake(TlsHandshake::Full)) => costs.full_handshake_us,
        (_, FrontendTask::Handshake(TlsHandshake::Resumed)) => costs.resumed_handshake_us,
    }
}
