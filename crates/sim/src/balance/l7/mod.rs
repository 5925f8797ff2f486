//! What a balancer does with a request before it picks: ends TLS, reads it, applies rules, and what
//! all that costs. None of it can be done at L4, where the envelope stays shut.

pub mod keepalive;
pub mod processor;
pub mod request_head;
pub mod rule_table;
pub mod rules;
pub mod sessions;
pub mod token_bucket;

use self::keepalive::Keepalive;
use self::processor::{Processor, ProcessorSpec};
use self::rule_table::{RouteDecision, RuleMoves, RuleTable};
use self::rules::Rule;
use self::sessions::{Sessions, TlsHandshake};
use super::spec::{BalancerSpec, Layer};
use crate::ids::{ClassId, ClientId};
use crate::time::{SimDuration, SimTime};

/// A piece of work of a balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrontendTask {
    /// A packet is passed on.
    Packet,
    /// A TLS handshake (L7).
    Handshake(TlsHandshake),
    /// A request is passed on unread (L4), or buffered and read (L7).
    Request,
}

/// The part of a balancer that stands before the picking.
#[derive(Clone, Debug)]
pub struct Frontend {
    /// The rules with what they remember.
    pub rules: RuleTable,
    /// The TLS sessions that may be resumed.
    pub sessions: Sessions,
    /// The connections to servers that are kept.
    pub keepalive: Keepalive,
    processor: Option<(ProcessorSpec, Processor)>,
    tally: WorkTally,
    last: Option<RouteContext>,
}

/// A request that was decided on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteContext {
    /// Which arrival of the run it is.
    pub number: u64,
    /// Whose.
    pub client: ClientId,
    /// The port it came from.
    pub port: u16,
    /// Its class, which says what is written on it.
    pub class: ClassId,
    /// Which of the class's items it asks for.
    pub item: u32,
    /// What the rules said; at L4 and without rules, that it goes to the main pool.
    pub ruling: RouteDecision,
}

/// What a balancer's work came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkTally {
    /// Requests it has taken on.
    pub requests: u64,
    /// Requests it answered itself.
    pub answered: u64,
    /// Requests that a rule sent somewhere by what is written on them.
    pub routed: u64,
    /// How long requests were held up by its work, all together, in microseconds.
    pub added_us: u64,
    /// How long it worked, where it has no processor to ask, in microseconds.
    worked_us: u64,
}

impl Frontend {
    /// The front of a balancer. `pools`: their names, the main one first; `index`: which balancer's.
    #[must_use]
    pub fn new(
        spec: &BalancerSpec,
        rules: &[Rule],
        pools: &[String],
        seed: u64,
        index: u64,
    ) -> Self {
        Self {
            rules: RuleTable::new(rules, pools, seed, index),
            sessions: Sessions::default(),
            keepalive: Keepalive::default(),
            processor: spec.processor.map(|spec| (spec, Processor::new(&spec))),
            tally: WorkTally::default(),
            last: None,
        }
    }

    /// Does tasks for one request or connection; gives when they are done, or `None` where the
    /// processor has too much waiting.
    pub fn work(
        &mut self,
        spec: &BalancerSpec,
        now: SimTime,
        tasks: &[FrontendTask],
    ) -> Option<SimTime> {
        let delay = tasks
            .iter()
            .fold(SimDuration::ZERO, |sum, task| sum + delay(spec, *task));
        let done = match &mut self.processor {
            Some((costs, processor)) => {
                let cost = tasks.iter().fold(SimDuration::ZERO, |sum, task| {
                    sum + cost(costs, spec.layer, *task)
                });
                processor.take(costs, now, cost)? + delay
            }
            None => {
                self.tally.worked_us += delay.as_us();
                now + delay
            }
        };
        self.tally.added_us += done.since(now).as_us();
        Some(done)
    }

    /// A request was decided on: the page shows the last one.
    pub const fn note(&mut self, seen: RouteContext) {
        self.last = Some(seen);
    }

    /// Adds, changes, takes away or moves rules. What is remembered of the last request follows its
    /// rule; where that is gone, so is the memory.
    pub fn edit_rules(&mut self, edit: impl FnOnce(&mut RuleTable) -> RuleMoves) {
        let moves = edit(&mut self.rules);
        if let Some(seen) = &mut self.last
            && let Some(old) = seen.ruling.rule
        {
            match moves.get(old).copied().flatten() {
                Some(new) => seen.ruling.rule = Some(new),
                None => self.last = None,
            }
        }
    }

    /// The last request that was decided on.
    #[must_use]
    pub const fn last(&self) -> Option<&RouteContext> {
        self.last.as_ref()
    }

    /// One more request came.
    pub const fn count_request(&mut self) {
        self.tally.requests += 1;
    }

    /// A request was answered by the balancer itself.
    pub const fn count_answer(&mut self) {
        self.tally.answered += 1;
    }

    /// A rule routed a request by what is written on it.
    pub const fn count_routed(&mut self) {
        self.tally.routed += 1;
    }

    /// A request was held up by the balancer in another way: it waited for a connection to a server.
    pub const fn count_held(&mut self, held: SimDuration) {
        self.tally.added_us += held.as_us();
    }

    /// The balancer lost its power: tickets, tokens, connections and work are gone. What was counted
    /// stays.
    pub fn restart(&mut self) {
        self.rules.forget();
        self.sessions.forget();
        self.keepalive = Keepalive::default();
        if let Some((costs, processor)) = &mut self.processor {
            *processor = Processor::new(costs);
        }
    }

    /// Another number of cores.
    pub fn set_cores(&mut self, cores: u32, now: SimTime) {
        if let Some((costs, processor)) = &mut self.processor {
            costs.cores = cores;
            processor.set_cores(cores, now);
        }
    }

    /// Its processor, if the scene gives it one.
    #[must_use]
    pub fn processor(&self) -> Option<&Processor> {
        self.processor.as_ref().map(|(_, processor)| processor)
    }

    /// What its work came to.
    #[must_use]
    pub const fn tally(&self) -> &WorkTally {
        &self.tally
    }

    /// How long one core would have worked for all that was done so far, in microseconds.
    #[must_use]
    pub fn busy_us(&self, now: SimTime) -> u64 {
        self.processor()
            .map_or(self.tally.worked_us, |processor| processor.busy_us(now))
    }

    /// How long a request was held up by the balancer on average; `None` before the first.
    #[must_use]
    pub fn added(&self) -> Option<SimDuration> {
        self.tally
            .added_us
            .checked_div(self.tally.requests)
            .map(SimDuration::from_us)
    }

    /// How many requests a second one core could take, going by what they have cost so far; `None`
    /// while they have cost nothing.
    #[must_use]
    pub fn rate_per_core(&self, now: SimTime) -> Option<f64> {
        let busy = self.busy_us(now);
        (busy > 0).then(|| self.tally.requests as f64 * 1e6 / busy as f64)
    }
}

/// How long a task takes whoever else has work to do.
fn delay(spec: &BalancerSpec, task: FrontendTask) -> SimDuration {
    match (spec.layer, task) {
        (_, FrontendTask::Packet) => SimDuration::ZERO,
        (Layer::L4, FrontendTask::Request) => spec.forward_us,
        (Layer::L7, FrontendTask::Request) => spec.parse_us,
        (_, FrontendTask::Handshake(TlsHandshake::Full)) => spec.tls_us,
        (_, FrontendTask::Handshake(TlsHandshake::Resumed)) => spec.tls_resumed_us,
    }
}

/// What a task costs one core.
const fn cost(costs: &ProcessorSpec, layer: Layer, task: FrontendTask) -> SimDuration {
    match (layer, task) {
        (_, FrontendTask::Packet) | (Layer::L4, FrontendTask::Request) => costs.packet_us,
        (Layer::L7, FrontendTask::Request) => costs.request_us,
        (_, FrontendTask::Handshake(TlsHandshake::Full)) => costs.full_handshake_us,
        (_, FrontendTask::Handshake(TlsHandshake::Resumed)) => costs.resumed_handshake_us,
    }
}
