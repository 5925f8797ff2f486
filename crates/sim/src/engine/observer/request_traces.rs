//! The lives of requests, step by step, with what the balancer believed when it picked.
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
use crate::engine::Engine;
use crate::engine::request::Phase;
use crate::fleet::server::ServerFault;
use crate::fleet::spec::RequestKind;
use crate::ids::{EndpointId, RequestKey, ServerId, UpstreamRef};
use crate::metrics::outcome::Outcome;
use crate::time::{SimDuration, SimTime};

/// How many ended requests are kept.
pub const ENDED: usize = 300;
/// How many requests in flight are followed: those that come while there are so many are not.
const FOLLOWED: usize = 2_000;
/// How many steps of one request are kept.
const STEPS: usize = 64;
/// How many endpoints of a decision are kept: the first of them and the one that was picked.
const FIGURES: usize = 64;

/// What is known of a request's life.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestTrace {
    /// Which arrival of the run it is, from 1.
    pub number: u64,
    /// What kind of request.
    pub kind: RequestKind,
    /// Its path.
    pub path: String,
    /// The client's address.
    pub source: IpAddr,
    /// Whether it opened its connection.
    pub fresh_connection: bool,
    /// What is written on it, and what the rules said once they were asked.
    pub seen: RouteContext,
    /// When it was sent.
    pub born: SimTime,
    /// Where it was, oldest first.
    pub steps: Vec<TraceSpan>,
    /// What was decided for it, oldest first.
    pub choices: Vec<PickDecision>,
    /// When and how it ended; `None` while it is in flight.
    pub ended: Option<(SimTime, Outcome)>,
}

/// A place where a request was, from a time on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TraceSpan {
    /// Since when.
    pub at: SimTime,
    /// Where.
    pub phase: Phase,
    /// The server of the try under way.
    pub server: Option<ServerId>,
    /// How often it had been sent to a server.
    pub attempt: u32,
}

/// One decision, with what the balancer knew and what was true.
#[derive(Clone, Debug, PartialEq)]
pub struct PickDecision {
    /// Whose decision it was.
    pub upstream_ref: UpstreamRef,
    /// By which rule.
    pub algorithm: Algorithm,
    /// In whose form.
    pub implementation: Implementation,
    /// For a connection or a request.
    pub layer: Layer,
    /// The decision.
    pub decision: Decision,
    /// Every endpoint, in configuration order.
    pub figures: Vec<EndpointSnapshot>,
    /// How many more endpoints there were.
    pub more: usize,
}

/// One endpoint at the time of a decision, before the request was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct EndpointSnapshot {
    /// Which endpoint.
    pub endpoint: EndpointId,
    /// The machine behind it.
    pub server: ServerId,
    /// Its name.
    pub name: String,
    /// What the balancer believed of it.
    pub belief: Belief,
    /// Its configured weight.
    pub weight: u32,
    /// Tries sent to it and not ended, as the balancer counted them.
    pub in_progress: u32,
    /// The mean of its last response times, as the balancer measured them.
    pub mean: Option<SimDuration>,
    /// What was wrong with the machine in truth.
    pub trouble: Option<ServerFault>,
    /// How many requests workers were on, in truth.
    pub running: u32,
    /// How many waited at the machine, in truth.
    pub queued: u32,
}

impl RequestTrace {
    /// The server that was tried last.
    #[must_use]
    pub fn last_server(&self) -> Option<ServerId> {
        self.steps.iter().rev().find_map(|step| step.server)
    }

    /// How long it took, up to `now` while it is in flight.
    #[must_use]
    pub fn took(&self, now: SimTime) -> SimDuration {
        self.ended.map_or(now, |(at, _)| at).since(self.born)
    }
}

/// The lives that are kept.
#[derive(Clone, Debug, Default)]
pub struct RequestTraces {
    open: BTreeMap<u64, Arc<RequestTrace>>,
    /// Oldest first. Shared, so that copies of the engine cost next to nothing.
    ended: VecDeque<Arc<RequestTrace>>,
}

impl RequestTraces {
    /// The requests in flight that are followed, oldest first.
    pub fn open(&self) -> impl DoubleEndedIterator<Item = &Arc<RequestTrace>> {
        self.open.values()
    }

    /// The last ended ones, in the order of their ends.
    pub fn ended(&self) -> impl DoubleEndedIterator<Item = &Arc<RequestTrace>> {
        self.ended.iter()
    }

    /// The life of a request, by its number.
    #[must_use]
    pub fn life(&self, number: u64) -> Option<&Arc<RequestTrace>> {
        let ended = || self.ended.iter().rev().find(|life| life.number == number);
        self.open.get(&number).or_else(ended)
    }

    /// How many lives are kept.
    #[must_use]
    pub fn lives(&self) -> usize {
        self.open.len() + self.ended.len()
    }

    /// Forgets them all.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    fn close(&mut self, number: u64, at: SimTime, outcome: Outcome) {
        let Some(mut life) = self.open.remove(&number) else {
            return;
        };
        Arc::make_mut(&mut life).ended = Some((at, outcome));
        if self.ended.len() == ENDED {
            self.ended.pop_front();
        }
        self.ended.push_back(life);
    }
}

impl Engine {
    /// Notes where a request is now. Most runs are not watched: that is found out without a call.
    #[inline(always)]
    pub(in crate::engine) fn trace(&mut self, key: RequestKey) {
        if self.observer.is_some() {
            self.trace_step(key);
        }
    }

    fn trace_step(&mut self, key: RequestKey) {
        let (Some(watch), Some(request)) = (self.observer.as_mut(), self.requests.get(key)) else {
            return;
        };
        let open = &mut watch.trail.open;
        if request.attempt() == 0 && open.len() < FOLLOWED && !open.contains_key(&request.number) {
            let draw = request.draw();
            let class = &self.scenario.classes[draw.class.index()];
            let path = if class.items > 1 {
                format!("{}{}", class.path, draw.item)
            } else {
                class.path.clone()
            };
            let life = RequestTrace {
                number: request.number,
                kind: class.kind,
                path,
                source: self.clients.get(draw.client).spec.address,
                fresh_connection: request.is_fresh(),
                seen: RouteContext {
                    number: request.number,
                    client: draw.client,
                    port: self.clients.connection(request.connection).port,
                    class: draw.class,
                    item: draw.item,
                    ruling: RouteDecision::FIRST_POOL,
                },
                born: request.born,
                steps: Vec::new(),
                choices: Vec::new(),
                ended: None,
            };
            open.insert(request.number, Arc::new(life));
        }
        let Some(life) = open.get_mut(&request.number) else {
            return;
        };
        let extra = self.requests.extra(key);
        if let Some(ruling) = extra.and_then(|extra| extra.ruling)
            && life.seen.ruling != ruling
        {
            Arc::make_mut(life).seen.ruling = ruling;
        }
        let step = TraceSpan {
            at: self.now,
            phase: request.phase(),
            server: request.current().map(|one| self.balancers.server_of(one)),
            attempt: request.attempt(),
        };
        if life.steps.len() < STEPS && life.steps.last() != Some(&step) {
            Arc::make_mut(life).steps.push(step);
        }
    }

    /// Notes that a request has ended.
    pub(in crate::engine) fn trace_end(&mut self, number: u64, outcome: Outcome) {
        if let Some(watch) = self.observer.as_mut() {
            watch.trail.close(number, self.now, outcome);
        }
    }

    /// Notes what was just decided for a request, before it is sent.
    pub(in crate::engine) fn trace_choice(&mut self, key: RequestKey) {
        let Some(request) = self.requests.get(key) else {
            return;
        };
        let (number, upstream_ref) = (request.number, request.upstream_ref());
        let followed = |watch: &super::Observer| watch.trail.open.contains_key(&number);
        if !self.observer.as_deref().is_some_and(followed) {
            return;
        }
        let upstream = self.balancers.upstream(upstream_ref);
        let picked = upstream.decision().picked.map(|(id, _)| id);
        let endpoints = upstream.endpoints();
        let kept = endpoints
            .iter()
            .enumerate()
            .filter(|(place, endpoint)| *place < FIGURES || Some(endpoint.id) == picked);
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let figures: Vec<EndpointSnapshot> = kept
            .map(|(_, endpoint)| {
                let server = self.server(endpoint.config.server);
                EndpointSnapshot {
                    endpoint: endpoint.id,
                    server: endpoint.config.server,
                    name: endpoint.config.name.clone(),
                    belief: endpoint.belief(),
                    weight: endpoint.config.weight,
                    in_progress: endpoint.in_progress,
                    mean: endpoint.latency.recent_mean(),
                    trouble: server.and_then(|server| server.trouble()),
                    running: server.map_or(0, |server| count(server.running().len())),
                    queued: server.map_or(0, |server| count(server.waiting().len())),
                }
            })
            .collect();
        let spec = upstream.spec();
        let choice = PickDecision {
            upstream_ref,
            algorithm: spec.algorithm,
            implementation: spec.engine,
            layer: spec.layer,
            decision: upstream.decision().clone(),
            more: endpoints.len() - figures.len(),
            figures,
        };
        let watch = self.observer.as_mut();
        if let Some(life) = watch.and_then(|watch| watch.trail.open.get_mut(&number))
            && life.choices.len() < STEPS
        {
            Arc::make_mut(life).choices.push(choice);
        }
    }
}
