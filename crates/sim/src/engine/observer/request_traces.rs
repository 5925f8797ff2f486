//! Request traces: the steps of each request, with what the balancer believed when it picked.
//!
//! Every hook is one call at a change of phase. Nothing here is read by the simulation.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

use crate::balance::algorithm::{Algorithm, Implementation};
use crate::balance::endpoint::Belief;
use crate::balance::l7::RouteContext;
use crate::balance::l7::rule_table::RouteDecision;
use crate::balance::spec::Layer;
use crate::balance::upstream::Decision;
use crate::engine::request::Phase;
use crate::engine::request_record::RequestRecord;
use crate::engine::view::View;
use crate::fleet::server::ServerFault;
use crate::fleet::spec::RequestKind;
use crate::ids::{EndpointId, RequestKey, ServerId, UpstreamRef};
use crate::metrics::outcome::Outcome;
use crate::time::{SimDuration, SimTime};

/// How many ended requests are kept.
pub const ENDED: usize = 300;
/// How many requests in flight are followed; those that arrive beyond this number are not.
const FOLLOWED: usize = 2_000;
/// How many steps of one request are kept, and how many of its decisions.
const STEPS: usize = 64;
/// How many endpoints of a decision are kept: the first of them, and the one that was picked.
const FIGURES: usize = 64;

/// The trace of one request.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestTrace {
    /// Which arrival of the run it is, from 1.
    pub number: u64,
    /// The kind of the request.
    pub kind: RequestKind,
    /// The path of the request.
    pub path: String,
    /// The address of the client that sent it.
    pub source: IpAddr,
    /// Whether the request opened its connection.
    pub fresh_connection: bool,
    /// What the rules look at, and their decision once they were asked.
    pub seen: RouteContext,
    /// When the client sent it.
    pub born: SimTime,
    /// The phases it was in, oldest first.
    pub steps: Vec<TraceSpan>,
    /// The pick decisions made for it, oldest first.
    pub choices: Vec<PickDecision>,
    /// When and how it ended; `None` while it is in flight.
    pub ended: Option<(SimTime, Outcome)>,
}

/// One step of a trace: a phase of the request, and when it began.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TraceSpan {
    /// When the step began.
    pub at: SimTime,
    /// The phase of the request.
    pub phase: Phase,
    /// The server of the attempt in flight; `None` if there is none.
    pub server: Option<ServerId>,
    /// How often the request had been sent to a server.
    pub attempt: u32,
}

/// One pick decision, with what the balancer knew and what was true.
#[derive(Clone, Debug, PartialEq)]
pub struct PickDecision {
    /// The upstream that decided.
    pub upstream_ref: UpstreamRef,
    /// The algorithm of the upstream.
    pub algorithm: Algorithm,
    /// Whose implementation of the algorithm.
    pub implementation: Implementation,
    /// Whether the upstream works on connections (L4) or on requests (L7).
    pub layer: Layer,
    /// The decision: the endpoint and the reason.
    pub decision: Decision,
    /// The endpoints, in configuration order: the first 64, and the one that was picked.
    pub figures: Vec<EndpointSnapshot>,
    /// How many more endpoints there were.
    pub more: usize,
}

/// One endpoint at the time of a decision, before the request was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct EndpointSnapshot {
    /// The identity of the endpoint.
    pub endpoint: EndpointId,
    /// The server behind it.
    pub server: ServerId,
    /// The name of the endpoint.
    pub name: String,
    /// What the balancer believed of the endpoint.
    pub belief: Belief,
    /// The configured weight of the endpoint.
    pub weight: u32,
    /// Attempts in flight to the endpoint, as the balancer counted them.
    pub in_progress: u32,
    /// The mean of its last response times, as the balancer measured them; `None` until there are enough.
    pub mean: Option<SimDuration>,
    /// The true fault of the server; `None` if it has none.
    pub trouble: Option<ServerFault>,
    /// How many requests the server's workers processed, in truth.
    pub running: u32,
    /// How many requests waited at the server, in truth.
    pub queued: u32,
}

impl RequestTrace {
    /// The server of the last attempt; `None` if there was no attempt.
    #[must_use]
    pub fn last_server(&self) -> Option<ServerId> {
        self.steps.iter().rev().find_map(|step| step.server)
    }

    /// The time from its sending to its end, or to `now` while it is in flight.
    #[must_use]
    pub fn took(&self, now: SimTime) -> SimDuration {
        self.ended.map_or(now, |(at, _)| at).since(self.born)
    }
}

/// The request traces that are kept.
#[derive(Clone, Debug, Default)]
pub struct RequestTraces {
    open: BTreeMap<u64, Arc<RequestTrace>>,
    /// The ended requests, oldest first. Shared, so that copies of the engine cost next to nothing.
    ended: VecDeque<Arc<RequestTrace>>,
}

impl RequestTraces {
    /// The traces of requests in flight, oldest first.
    pub fn open(&self) -> impl DoubleEndedIterator<Item = &Arc<RequestTrace>> {
        self.open.values()
    }

    /// The traces of the last ended requests, in the order of their ends.
    pub fn ended(&self) -> impl DoubleEndedIterator<Item = &Arc<RequestTrace>> {
        self.ended.iter()
    }

    /// The trace of a request, by its number.
    #[must_use]
    pub fn life(&self, number: u64) -> Option<&Arc<RequestTrace>> {
        let ended = || self.ended.iter().rev().find(|life| life.number == number);
        self.open.get(&number).or_else(ended)
    }

    /// How many traces are kept.
    #[must_use]
    pub fn lives(&self) -> usize {
        self.open.len() + self.ended.len()
    }

    /// Drops all traces that are kept.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

impl RequestTraces {
    /// Keeps where a request is now. A request is followed from its first step, if there is room.
    pub(in crate::engine) fn step(&mut self, view: View<'_>, key: RequestKey) {
        let engine = view.engine;
        let request = engine.requests.in_flight(key);
        let number = request.number;
        let begins = request.attempt() == 0 && self.open.len() < FOLLOWED;
        if begins && !self.open.contains_key(&number) {
            self.open.insert(number, Arc::new(begin(view, request)));
        }
        let Some(life) = self.open.get_mut(&number) else {
            // It is not followed.
            return;
        };
        let extra = engine.requests.extra(key);
        if let Some(decision) = extra.and_then(|extra| extra.decision)
            && life.seen.decision != decision
        {
            Arc::make_mut(life).seen.decision = decision;
        }
        let server = |endpoint| engine.balancers.server_of(endpoint);
        let queued_at = match request.phase() {
            Phase::Queued { endpoint, .. } => endpoint,
            _ => None,
        };
        let step = TraceSpan {
            at: view.now(),
            phase: request.phase(),
            server: request.current().or(queued_at).map(server),
            attempt: request.attempt(),
        };
        if life.steps.len() < STEPS && life.steps.last() != Some(&step) {
            Arc::make_mut(life).steps.push(step);
        }
    }

    /// Keeps the decision just made for a request, before it is sent.
    pub(in crate::engine) fn choice(&mut self, view: View<'_>, key: RequestKey) {
        let request = view.engine.requests.in_flight(key);
        if let Some(life) = self.open.get_mut(&request.number)
            && life.choices.len() < STEPS
        {
            let choice = decision(view, request.upstream_ref());
            Arc::make_mut(life).choices.push(choice);
        }
    }

    /// Keeps the end of a request.
    pub(in crate::engine) fn close(&mut self, number: u64, at: SimTime, outcome: Outcome) {
        let Some(mut life) = self.open.remove(&number) else {
            // It was not followed.
            return;
        };
        Arc::make_mut(&mut life).ended = Some((at, outcome));
        if self.ended.len() == ENDED {
            self.ended.pop_front();
        }
        self.ended.push_back(life);
    }
}

/// The trace of a request that begins.
fn begin(view: View<'_>, request: &RequestRecord) -> RequestTrace {
    let draw = request.draw();
    RequestTrace {
        number: request.number,
        kind: view.scenario().classes[draw.class.index()].kind,
        path: view.path_at(draw.class, draw.item),
        source: view.engine.clients.get(draw.client).spec.address,
        fresh_connection: request.is_fresh(),
        seen: RouteContext {
            number: request.number,
            client: draw.client,
            port: view.connection(request.connection).port,
            class: draw.class,
            item: draw.item,
            decision: RouteDecision::FIRST_POOL,
        },
        born: request.born,
        steps: Vec::new(),
        choices: Vec::new(),
        ended: None,
    }
}

/// The last decision of an upstream, with what it knew and what was true.
fn decision(view: View<'_>, upstream_ref: UpstreamRef) -> PickDecision {
    let upstream = view.engine.balancers.upstream(upstream_ref);
    let picked = upstream.decision().picked.map(|(id, _)| id);
    let endpoints = upstream.endpoints();
    let kept = endpoints
        .iter()
        .enumerate()
        .filter(|(place, endpoint)| *place < FIGURES || Some(endpoint.id) == picked);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let figures: Vec<EndpointSnapshot> = kept
        .map(|(_, endpoint)| {
            let server = view.engine.servers.expect(endpoint.config.server);
            EndpointSnapshot {
                endpoint: endpoint.id,
                server: server.id,
                name: endpoint.config.name.clone(),
                belief: endpoint.belief(),
                weight: endpoint.config.weight,
                in_progress: endpoint.in_progress,
                mean: endpoint.latency.recent_mean(),
                trouble: server.trouble(),
                running: count(server.running().len()),
                queued: count(server.waiting().len()),
            }
        })
        .collect();
    let config = upstream.config();
    PickDecision {
        upstream_ref,
        algorithm: config.picker.algorithm,
        implementation: config.picker.implementation,
        layer: config.layer,
        decision: upstream.decision().clone(),
        more: endpoints.len() - figures.len(),
        figures,
    }
}
