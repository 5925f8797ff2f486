//! The balancers of a run, and whose each endpoint is.
//!
//! Owns what balancers believe and know ([`Balancer`]: upstreams, rules, flows), the queues of each upstream, and which
//! upstream and which server each endpoint stands for. **Invariant:** endpoint identities are unique over all balancers
//! and are not used again; a connection's flow is in the table of the one balancer that the connection reached; whoever
//! changes an upstream marks the balancers as changed, so that freed room is noticed after the event.

use super::upstream_queues::UpstreamQueues;
use crate::balance::balancer::Balancer;
use crate::balance::config::PickerFactory;
use crate::balance::endpoint::Endpoint;
use crate::balance::upstream::Upstream;
use crate::fleet::client::{Connection, ConnectionId};
use crate::ids::{BalancerId, EndpointId, ServerId, UpstreamId, UpstreamRef};
use crate::scenario::Scenario;
use crate::time::SimTime;

/// A balancer of a scenario, with all its pools and rules.
pub(super) fn balancer(
    scenario: &Scenario,
    id: BalancerId,
    name: &str,
    seed: u64,
    stream: u64,
    make: PickerFactory,
) -> Balancer {
    let spec = &scenario.balancer;
    let pools = scenario
        .pools
        .iter()
        .map(|pool| (pool.name.clone(), pool.upstream(spec)))
        .collect();
    Balancer::new(id, name, spec, seed, stream, make).with_pools(
        pools,
        &scenario.rules,
        seed,
        stream,
        make,
    )
}

/// One balancer with the queues of each of its upstreams.
#[derive(Clone, Debug)]
struct BalancerNode {
    balancer: Balancer,
    queues: Vec<UpstreamQueues>,
    /// By upstream: whether it ignored health when it was last checked: changes are told as observations.
    panics: Vec<bool>,
}

/// All balancers, and the upstream that each endpoint belongs to.
#[derive(Clone, Debug, Default)]
pub(super) struct Balancers {
    all: Vec<BalancerNode>,
    /// By endpoint identity, which is unique over all balancers. Removed endpoints keep their entry.
    upstream_refs: Vec<UpstreamRef>,
    /// By endpoint identity: the server of each endpoint.
    servers: Vec<ServerId>,
    /// By server identity: its first endpoint. The others follow, one for each balancer of the site.
    firsts: Vec<EndpointId>,
    /// By endpoint identity: the end of nginx's `fail_timeout` that was scheduled last.
    trials: Vec<SimTime>,
    /// Whether any upstream may have changed since [`Self::take_dirty`]: most events change none, and then nothing has
    /// to be checked.
    dirty: bool,
}

impl Balancers {
    /// Adds a balancer. Its identity must be its position in the list.
    pub fn push(&mut self, balancer: Balancer) {
        assert_eq!(balancer.id.index(), self.all.len(), "the next identity");
        let count = balancer.upstreams().len();
        self.all.push(BalancerNode {
            balancer,
            queues: vec![UpstreamQueues::default(); count],
            panics: vec![false; count],
        });
    }

    /// Takes the next endpoint identity, which from now on belongs to `upstream_ref` and stands for `server`.
    pub fn register_endpoint(&mut self, upstream_ref: UpstreamRef, server: ServerId) -> EndpointId {
        let id = u32::try_from(self.upstream_refs.len()).expect("fewer than 2^32 endpoints");
        if self.firsts.len() <= server.index() {
            self.firsts.push(EndpointId(id));
        }
        self.upstream_refs.push(upstream_ref);
        self.servers.push(server);
        self.trials.push(SimTime::ZERO);
        EndpointId(id)
    }

    /// The identities of all balancers.
    pub fn ids(&self) -> impl Iterator<Item = BalancerId> + use<> {
        (0..self.all.len() as u32).map(BalancerId)
    }

    /// Every upstream of every balancer.
    pub fn upstream_refs(&self) -> Vec<UpstreamRef> {
        let of = |node: &BalancerNode| {
            let balancer = node.balancer.id;
            let ids = (0..node.queues.len() as u32).map(UpstreamId);
            ids.map(move |upstream| UpstreamRef { balancer, upstream })
        };
        self.all.iter().flat_map(of).collect()
    }

    /// The balancer with this identity.
    #[inline(always)]
    pub fn get(&self, id: BalancerId) -> &Balancer {
        debug_assert!(id.index() < self.all.len(), "{id:?} of {}", self.all.len());
        &self.all.as_slice()[id.index()].balancer
    }

    /// The first balancer: commands give all of them the same rules and pools.
    pub fn first(&self) -> &Balancer {
        self.get(BalancerId::default())
    }

    /// The balancer with this identity, to change. Events change upstreams through [`Self::upstream_mut`]; after a
    /// command all upstreams are checked anyway.
    #[inline(always)]
    pub fn get_mut(&mut self, id: BalancerId) -> &mut Balancer {
        debug_assert!(id.index() < self.all.len(), "{id:?} of {}", self.all.len());
        &mut self.all.as_mut_slice()[id.index()].balancer
    }

    /// Every balancer by identity.
    pub fn iter(&self) -> impl Iterator<Item = &Balancer> {
        self.all.iter().map(|node| &node.balancer)
    }

    /// The upstream that a ref names.
    pub fn upstream(&self, upstream_ref: UpstreamRef) -> &Upstream {
        self.get(upstream_ref.balancer)
            .upstream(upstream_ref.upstream)
    }

    /// The upstream that a ref names, to change.
    pub fn upstream_mut(&mut self, upstream_ref: UpstreamRef) -> &mut Upstream {
        self.dirty = true;
        self.get_mut(upstream_ref.balancer)
            .upstream_mut(upstream_ref.upstream)
    }

    /// The queues of an upstream.
    pub fn queues(&self, upstream_ref: UpstreamRef) -> &UpstreamQueues {
        &self.all.as_slice()[upstream_ref.balancer.index()]
            .queues
            .as_slice()[upstream_ref.upstream.index()]
    }

    /// The queues of an upstream, to change.
    pub fn queues_mut(&mut self, upstream_ref: UpstreamRef) -> &mut UpstreamQueues {
        &mut self.all.as_mut_slice()[upstream_ref.balancer.index()]
            .queues
            .as_mut_slice()[upstream_ref.upstream.index()]
    }

    /// Whether an upstream ignored health when it was last checked.
    #[cfg(debug_assertions)]
    pub fn panicked(&self, upstream_ref: UpstreamRef) -> bool {
        self.all[upstream_ref.balancer.index()].panics[upstream_ref.upstream.index()]
    }

    /// The upstream that an endpoint belongs to, as a ref.
    #[inline(always)]
    pub fn upstream_ref_of(&self, id: EndpointId) -> UpstreamRef {
        let count = self.upstream_refs.len();
        debug_assert!(id.index() < count, "{id:?} of {count} that ever were");
        self.upstream_refs.as_slice()[id.index()]
    }

    /// The server that an endpoint stands for.
    pub fn server_of(&self, id: EndpointId) -> ServerId {
        let count = self.servers.len();
        debug_assert!(id.index() < count, "{id:?} of {count} that ever were");
        self.servers.as_slice()[id.index()]
    }

    /// The upstream that an endpoint belongs to.
    pub fn upstream_of(&self, id: EndpointId) -> &Upstream {
        self.upstream(self.upstream_ref_of(id))
    }

    /// The endpoint with this identity, where it must exist.
    ///
    /// # Panics
    /// If the endpoint was removed.
    #[track_caller]
    pub fn record(&self, id: EndpointId) -> &Endpoint {
        let record = self.upstream_of(id).endpoint(id);
        record.expect("the endpoint was not removed")
    }

    /// The upstream that an endpoint belongs to, to change.
    pub fn upstream_of_mut(&mut self, id: EndpointId) -> &mut Upstream {
        self.upstream_mut(self.upstream_ref_of(id))
    }

    /// The end of nginx's `fail_timeout` for an endpoint, once for each end; `None` if it was returned before.
    pub fn next_trial(&mut self, id: EndpointId) -> Option<SimTime> {
        let next = self.upstream_of(id).next_trial(id)?;
        let last = &mut self.trials[id.index()];
        (next > *last).then(|| {
            *last = next;
            next
        })
    }

    /// The endpoints of a server, one or more for each balancer, by balancer.
    pub fn records_of(&self, server: ServerId) -> Vec<EndpointId> {
        let upstreams = self.all.iter().flat_map(|node| node.balancer.upstreams());
        upstreams
            .flat_map(Upstream::endpoints)
            .filter(|endpoint| endpoint.config.server == server)
            .map(|endpoint| endpoint.id)
            .collect()
    }

    /// Every upstream of one balancer.
    pub fn upstream_refs_of(&self, balancer: BalancerId) -> Vec<UpstreamRef> {
        let count = self.all[balancer.index()].queues.len() as u32;
        let upstream_ref = |upstream| UpstreamRef {
            balancer,
            upstream: UpstreamId(upstream),
        };
        (0..count).map(upstream_ref).collect()
    }

    /// A balancer's endpoint for the server that an endpoint (of any balancer) stands for; `None` if it has none.
    pub fn same_server(&self, id: EndpointId, balancer: BalancerId) -> Option<EndpointId> {
        let upstream_ref = self.upstream_ref_of(id);
        if upstream_ref.balancer == balancer {
            return Some(id);
        }
        let server = self.upstream(upstream_ref).endpoint(id)?.config.server;
        let upstream = self.get(balancer).upstream(upstream_ref.upstream);
        let its = |one: &&Endpoint| one.config.server == server;
        upstream.endpoints().iter().find(its).map(|one| one.id)
    }

    /// A balancer's endpoint for a server, even if it was removed; `None` if it never had one.
    pub fn endpoint_for(&self, server: ServerId, balancer: BalancerId) -> Option<EndpointId> {
        let first = *self.firsts.get(server.index())?;
        let ids = (first.0..self.servers.len() as u32).map(EndpointId);
        let mut theirs = ids.take_while(|id| self.server_of(*id) == server);
        theirs.find(|id| self.upstream_ref_of(*id).balancer == balancer)
    }

    // ===== flows (L4) =====

    /// The endpoint that a connection goes to; `None` where nothing was picked for it.
    #[inline(always)]
    pub fn flow_of(&self, id: ConnectionId, connection: &Connection) -> Option<EndpointId> {
        self.get(connection.balancer()?).flows().get(id.0)
    }

    /// The connections that go to an endpoint, in the order of their numbers.
    pub fn connections_to(&self, endpoint: EndpointId) -> Vec<ConnectionId> {
        let balancer = self.upstream_ref_of(endpoint).balancer;
        let flows = self.get(balancer).flows();
        flows.connections_to(endpoint).map(ConnectionId).collect()
    }

    /// A balancer sends a connection to one of its endpoints from now on.
    pub fn connect(&mut self, id: ConnectionId, endpoint: EndpointId) {
        let balancer = self.upstream_ref_of(endpoint).balancer;
        let before = self.get_mut(balancer).flows_mut().insert(id.0, endpoint);
        debug_assert_eq!(before, None, "a connection is tied once: {id:?}");
        self.upstream_of_mut(endpoint).on_connected(endpoint);
    }

    /// The balancer forgets a connection, and its endpoint has one fewer.
    pub fn disconnect(&mut self, id: ConnectionId, connection: &Connection) {
        if let Some(endpoint) = self.remove_flow(id, connection) {
            self.upstream_of_mut(endpoint).on_disconnected(endpoint);
        }
    }

    /// A balancer takes over a connection that it knows from connection sync: the connection stays bound to the same
    /// server, if something was picked for it.
    pub fn take_over(&mut self, id: ConnectionId, connection: &Connection, here: BalancerId) {
        if let Some(old) = self.remove_flow(id, connection) {
            let new = self.same_server(old, here);
            self.upstream_of_mut(old).on_disconnected(old);
            if let Some(new) = new {
                self.connect(id, new);
            }
        }
    }

    fn remove_flow(&mut self, id: ConnectionId, connection: &Connection) -> Option<EndpointId> {
        let balancer = connection.balancer()?;
        self.get_mut(balancer).flows_mut().remove(id.0)
    }

    /// Whether any upstream may have changed since this was last asked.
    #[inline(always)]
    pub const fn take_dirty(&mut self) -> bool {
        std::mem::replace(&mut self.dirty, false)
    }

    /// Starts every upstream with all the endpoints that the scenario gives it.
    pub fn start(&mut self) {
        self.dirty = true;
        for node in &mut self.all {
            for upstream in (0..node.queues.len() as u32).map(UpstreamId) {
                node.balancer.upstream_mut(upstream).start(SimTime::ZERO);
            }
        }
    }

    /// Restarts a balancer that lost its power: all its state is gone, and its queues are empty.
    pub fn restart(&mut self, id: BalancerId, now: SimTime) {
        self.dirty = true;
        let node = &mut self.all[id.index()];
        node.balancer.restart(now);
        for queues in &mut node.queues {
            queues.clear();
        }
    }

    /// The first upstream in which an endpoint may have got room since the last call.
    pub fn take_capacity_freed(&mut self) -> Option<UpstreamRef> {
        for node in &mut self.all {
            let balancer = node.balancer.id;
            for upstream in (0..node.queues.len() as u32).map(UpstreamId) {
                if node.balancer.upstream_mut(upstream).take_capacity_freed() {
                    return Some(UpstreamRef { balancer, upstream });
                }
            }
        }
        None
    }

    /// The first upstream that began or stopped ignoring health since the last call, and whether it ignores it now.
    pub fn take_panic_change(&mut self) -> Option<(UpstreamRef, bool)> {
        for node in &mut self.all {
            let upstreams = node.balancer.upstreams().iter().zip(&mut node.panics);
            for (place, (upstream, before)) in upstreams.enumerate() {
                let panics = upstream.is_panicking();
                if std::mem::replace(before, panics) != panics {
                    let upstream_ref = UpstreamRef {
                        balancer: node.balancer.id,
                        upstream: UpstreamId(place as u32),
                    };
                    return Some((upstream_ref, panics));
                }
            }
        }
        None
    }
}
