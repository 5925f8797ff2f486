//! A balancer: one proxy with one or more upstreams, each with its own beliefs.
//!
//! The first upstream is the main one: requests that no rule sends elsewhere go there.

use super::config::{PickerConfig, PickerFactory, UpstreamConfig};
use super::endpoint::Endpoint;
use super::flow_table::FlowTable;
use super::l7::keepalive::KeepaliveSpec;
use super::l7::rules::Rule;
use super::l7::{Frontend, FrontendTask};
use super::spec::{BalancerSpec, Layer, ReturnPath};
use super::upstream::{Decision, Upstream};
use crate::health::active::ActiveConfig;
use crate::health::passive::PassiveSpec;
use crate::ids::{BalancerId, EndpointId, UpstreamId};
use crate::time::{SimDuration, SimTime};

/// The distance between the random streams of two pools: more than there can be balancers.
const POOL_STREAMS: u64 = 1 << 20;

/// One balancer with its frontend and its upstreams.
#[derive(Clone, Debug)]
pub struct Balancer {
    /// The identity of the balancer.
    pub id: BalancerId,
    /// Its name in texts; empty in a plain scene with one balancer.
    pub name: String,
    upstreams: Vec<Upstream>,
    /// The names of the upstreams, by identity.
    pools: Vec<String>,
    front: Frontend,
    /// The endpoint that each connection is bound to (L4).
    flows: FlowTable,
}

impl Balancer {
    /// A balancer with a main upstream that has no endpoints yet. `stream` numbers its random
    /// draws: no two upstreams of a run share one. `make` makes its pickers.
    #[must_use]
    pub fn new(
        id: BalancerId,
        name: &str,
        spec: &BalancerSpec,
        seed: u64,
        stream: u64,
        make: PickerFactory,
    ) -> Self {
        Self {
            id,
            name: name.to_string(),
            upstreams: vec![Upstream::new(spec.upstream(), seed, stream, make)],
            pools: vec![spec.pool.clone()],
            front: Frontend::new(
                spec.frontend(),
                &[],
                std::slice::from_ref(&spec.pool),
                seed,
                stream,
            ),
            flows: FlowTable::default(),
        }
    }

    /// Adds pools besides the main one, each with its name and configuration, and rules that send requests there.
    /// Random streams are numbered from `stream` on.
    #[must_use]
    pub fn with_pools(
        mut self,
        pools: Vec<(String, UpstreamConfig)>,
        rules: &[Rule],
        seed: u64,
        stream: u64,
        make: PickerFactory,
    ) -> Self {
        for (place, (name, config)) in pools.into_iter().enumerate() {
            let stream = stream + (place as u64 + 1) * POOL_STREAMS;
            self.upstreams
                .push(Upstream::new(config, seed, stream, make));
            self.pools.push(name);
        }
        self.front = Frontend::new(*self.front.config(), rules, &self.pools, seed, stream);
        self
    }

    /// The name of an upstream.
    #[must_use]
    pub fn pool_name(&self, id: UpstreamId) -> &str {
        &self.pools[id.index()]
    }

    /// The upstream that an endpoint is in; `None` if it is in none.
    #[must_use]
    pub fn pool_of(&self, id: EndpointId) -> Option<UpstreamId> {
        let own = |one: &Upstream| one.endpoint(id).is_some();
        let place = self.upstreams.iter().position(own)?;
        Some(UpstreamId(place as u32))
    }

    /// The endpoint that each connection is bound to (L4).
    #[must_use]
    pub const fn flows(&self) -> &FlowTable {
        &self.flows
    }

    /// The endpoint that each connection is bound to (L4), to change.
    pub const fn flows_mut(&mut self) -> &mut FlowTable {
        &mut self.flows
    }

    /// The frontend: what the balancer does before it picks.
    #[must_use]
    pub const fn front(&self) -> &Frontend {
        &self.front
    }

    /// The frontend, to change.
    pub const fn front_mut(&mut self) -> &mut Frontend {
        &mut self.front
    }

    /// Does the frontend's tasks for one request or connection at the balancer's costs; returns when they are done, or
    /// `None` if the processor has too much work waiting.
    pub fn work(&mut self, now: SimTime, tasks: &[FrontendTask]) -> Option<SimTime> {
        self.front.work(now, tasks)
    }

    /// The TLS handshake of a client's user: short where the user has a ticket.
    pub fn begin_tls(&mut self, now: SimTime, user: (u32, u32)) -> FrontendTask {
        let ticket = self.front.config().ticket;
        FrontendTask::Handshake(self.front.sessions.begin(user, now, ticket))
    }

    /// Whether responses bypass the balancer (direct server return).
    #[must_use]
    pub fn returns_directly(&self) -> bool {
        let config = self.front.config();
        config.layer == Layer::L4 && config.return_path == ReturnPath::Direct
    }

    /// The settings of the connections that are kept to servers; `None` where connections cost nothing, and at L4.
    fn keepalive(&self) -> Option<KeepaliveSpec> {
        let config = self.front.config();
        config.keepalive.filter(|_| config.layer == Layer::L7)
    }

    /// Takes a connection to an endpoint's server for an attempt; returns whether one has to be opened first, which
    /// holds the request for `opening`.
    pub fn take_connection(
        &mut self,
        now: SimTime,
        endpoint: EndpointId,
        opening: SimDuration,
    ) -> bool {
        let opens = self
            .keepalive()
            .is_some_and(|spec| self.front.keepalive.take(&spec, now, endpoint));
        if opens {
            self.front.count_held(opening);
        }
        opens
    }

    /// An attempt is over, and so is its use of the connection, which is kept if it is still `good`.
    pub fn release_upstream_connection(&mut self, now: SimTime, endpoint: EndpointId, good: bool) {
        if let Some(spec) = self.keepalive().filter(|_| good) {
            self.front.keepalive.give(&spec, now, endpoint);
        }
    }

    /// The upstreams, by identity.
    #[must_use]
    pub fn upstreams(&self) -> &[Upstream] {
        &self.upstreams
    }

    /// The upstream with this identity.
    #[must_use]
    #[inline(always)]
    pub fn upstream(&self, id: UpstreamId) -> &Upstream {
        let count = self.upstreams.len();
        debug_assert!(id.index() < count, "{id:?} of {count}");
        &self.upstreams.as_slice()[id.index()]
    }

    /// The upstream with this identity, to change.
    #[inline(always)]
    pub fn upstream_mut(&mut self, id: UpstreamId) -> &mut Upstream {
        let count = self.upstreams.len();
        debug_assert!(id.index() < count, "{id:?} of {count}");
        &mut self.upstreams.as_mut_slice()[id.index()]
    }

    /// Turns the recording of decisions on or off. It changes no pick.
    pub fn set_watched(&mut self, watched: bool) {
        for upstream in &mut self.upstreams {
            upstream.set_watched(watched);
        }
    }

    /// Restarts the balancer with empty state.
    pub fn restart(&mut self, now: SimTime) {
        for upstream in &mut self.upstreams {
            upstream.restart(now);
        }
        self.front.restart();
        self.flows.clear();
    }

    #[inline(always)]
    fn main(&self) -> &Upstream {
        &self.upstreams.as_slice()[0]
    }

    /// The layer at which the balancer works.
    #[must_use]
    #[inline(always)]
    pub const fn layer(&self) -> Layer {
        self.front.config().layer
    }

    /// Changes the layer. Connections are tied anew.
    pub fn set_layer(&mut self, now: SimTime, layer: Layer) {
        self.front.set_layer(layer);
        for upstream in &mut self.upstreams {
            upstream.set_layer(now, layer);
        }
        self.flows.clear();
    }

    /// What determines the main upstream's picker.
    #[must_use]
    pub fn picker(&self) -> PickerConfig {
        self.main().config().picker
    }

    /// The configuration of the main upstream.
    #[must_use]
    pub fn config(&self) -> &UpstreamConfig {
        self.main().config()
    }

    /// The upstream that decided last, as far as decisions are recorded; the main one before the first.
    #[must_use]
    pub fn decided_last(&self) -> &Upstream {
        let mut last = self.main();
        for upstream in &self.upstreams {
            if upstream.decision().at > last.decision().at {
                last = upstream;
            }
        }
        last
    }

    /// The last recorded decision.
    #[must_use]
    pub fn decision(&self) -> &Decision {
        self.decided_last().decision()
    }

    /// The settings of active checks; `None` if off.
    #[must_use]
    pub fn active(&self) -> Option<&ActiveConfig> {
        self.main().active()
    }

    /// The settings of passive checks; `None` if off.
    #[must_use]
    pub fn passive(&self) -> Option<&PassiveSpec> {
        self.main().passive()
    }

    /// The endpoints of the main upstream, in configuration order.
    #[must_use]
    pub fn endpoints(&self) -> &[Endpoint] {
        self.main().endpoints()
    }

    /// The endpoint with this identity, in any upstream.
    #[must_use]
    pub fn endpoint(&self, id: EndpointId) -> Option<&Endpoint> {
        self.upstreams.iter().find_map(|one| one.endpoint(id))
    }

    /// Whether an endpoint may take new requests now.
    #[must_use]
    pub fn is_usable(&self, id: EndpointId) -> bool {
        self.upstreams.iter().any(|one| one.is_usable(id))
    }

    /// The share of its upstream's picks that the algorithm and the weights aim at, 0 to 1; `None` if they aim at
    /// none. 0 for an endpoint that is not in use.
    #[must_use]
    pub fn expected_share(&self, id: EndpointId) -> Option<f64> {
        let own = |one: &&Upstream| one.endpoint(id).is_some();
        self.upstreams.iter().find(own)?.expected_share(id)
    }

    /// Whether too few endpoints of the main upstream are healthy, so that health is ignored.
    #[must_use]
    pub fn is_panicking(&self) -> bool {
        self.main().is_panicking()
    }

    /// Whether the main upstream has an endpoint for a request that was sent to `tried` before.
    #[must_use]
    pub fn has_candidate(&self, tried: &[EndpointId]) -> bool {
        self.main().has_candidate(tried)
    }
}
