//! Checks that a balancer's counts of its endpoints are right, and that no request waits while an endpoint has room.

use super::{Check, EndpointTally, Tally};
use crate::balance::endpoint::Endpoint;
use crate::balance::spec::Layer;
use crate::balance::upstream::Upstream;
use crate::engine::topology::NodeState;
use crate::ids::{UpstreamId, UpstreamRef};

impl Check<'_> {
    /// Checks every upstream of every balancer.
    pub(super) fn check_upstreams(&self, tally: &mut Tally) {
        for balancer in self.engine.balancers.iter() {
            for (place, upstream) in balancer.upstreams().iter().enumerate() {
                let upstream_ref = UpstreamRef {
                    balancer: balancer.id,
                    upstream: UpstreamId(place as u32),
                };
                let mut tries = 0;
                for endpoint in upstream.endpoints() {
                    let found = &mut tally.endpoints[endpoint.id.index()];
                    self.check_endpoint(upstream_ref, upstream, endpoint, *found);
                    tries += endpoint.in_progress;
                    (found.tries, found.ties) = (0, 0);
                }
                let found = tally.upstream_mut(upstream_ref).tries;
                self.agree("tries under way of an upstream", upstream_ref, tries, found);
                self.check_queue(upstream_ref, upstream);
            }
        }
        // What is left is with an endpoint that was removed.
        for (place, found) in tally.endpoints.iter().enumerate() {
            let left = (found.tries, found.ties);
            self.agree("tries and ties of a removed endpoint", place, (0, 0), left);
        }
    }

    fn check_endpoint(
        &self,
        upstream_ref: UpstreamRef,
        upstream: &Upstream,
        endpoint: &Endpoint,
        found: EndpointTally,
    ) {
        let id = endpoint.id;
        self.agree(
            "home of an endpoint",
            id,
            self.engine.balancers.upstream_ref_of(id),
            upstream_ref,
        );
        let server = endpoint.config.server;
        self.agree(
            "server of an endpoint",
            id,
            self.engine.balancers.server_of(id),
            server,
        );
        self.agree(
            "endpoint without a server",
            id,
            false,
            self.engine.servers.get(server).is_none(),
        );
        self.agree("tries under way", id, endpoint.in_progress, found.tries);
        self.agree("connections", id, endpoint.connections, found.ties);
        self.agree("waits for it", id, endpoint.queued, found.queued);
        let load = match upstream.layer() {
            Layer::L4 => found.ties,
            // A WebSocket stays a connection.
            Layer::L7 => found.tries + found.ties,
        };
        self.agree("load", id, endpoint.active, load);
        let counts = endpoint.counts;
        let ended = counts.answered + counts.failed + counts.rejected + counts.timed_out;
        self.agree("tries", id, counts.tries, ended + u64::from(found.tries));
        if self.engine.network.topology.nodes[upstream_ref.balancer.index()].state
            == NodeState::Dead
        {
            let left = (found.tries, found.ties);
            self.agree("tries and ties of a dead balancer", id, (0, 0), left);
        }
    }

    /// Checks that no request waits at the balancer while an endpoint could take it.
    fn check_queue(&self, upstream_ref: UpstreamRef, upstream: &Upstream) {
        let queues = self.engine.balancers.queues(upstream_ref);
        let panics = upstream.is_panicking();
        let before = self.engine.balancers.panicked(upstream_ref);
        self.agree("health is ignored", upstream_ref, before, panics);
        // Who was sent to nobody before has the most to choose from, in either tier.
        if queues.waiting.len() == 0 || !upstream.has_room() {
            return;
        }
        for one in queues.waiting.entries() {
            let room = match one.endpoint {
                Some(id) => upstream.admits_from_queue(id),
                None => upstream.asks_for_waiting(self.engine.requests.tried(one.key)),
            };
            self.agree(
                "somebody has room for who waits",
                (upstream_ref, one.key),
                false,
                room,
            );
        }
    }
}
