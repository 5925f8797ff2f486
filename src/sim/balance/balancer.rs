//! A balancer: one box with one or more upstreams, each a belief of its own.
//!
//! The first upstream is the main one: what no rule sends elsewhere goes there, and what the box
//! itself is (its layer, what its work costs) stands in the first one's configuration.

use super::endpoint::Endpoint;
use super::spec::BalancerSpec;
use super::upstream::{Decision, Upstream};
use crate::sim::health::active::ActiveConfig;
use crate::sim::health::outlier::OutlierConfig;
use crate::sim::ids::{BalancerId, EndpointId, UpstreamId};
use crate::sim::time::SimTime;

/// One balancer.
#[derive(Clone, Debug)]
pub struct Balancer {
    /// Its identity.
    pub id: BalancerId,
    /// Its name in texts; empty where it stands alone.
    pub name: String,
    upstreams: Vec<Upstream>,
}

impl Balancer {
    /// A balancer with a main upstream that has no endpoints yet. `stream` numbers its random
    /// draws: no two upstreams of a run share one.
    #[must_use]
    pub fn new(id: BalancerId, name: &str, spec: &BalancerSpec, seed: u64, stream: u64) -> Self {
        Self {
            id,
            name: name.to_string(),
            upstreams: vec![Upstream::new(spec, seed, stream)],
        }
    }

    /// Its upstreams by identity.
    #[must_use]
    pub fn upstreams(&self) -> &[Upstream] {
        &self.upstreams
    }

    /// One of its upstreams.
    #[must_use]
    pub fn upstream(&self, id: UpstreamId) -> &Upstream {
        &self.upstreams[id.index()]
    }

    /// One of its upstreams, to change.
    pub fn upstream_mut(&mut self, id: UpstreamId) -> &mut Upstream {
        &mut self.upstreams[id.index()]
    }

    /// Whether decisions are written down in full. It changes no pick.
    pub fn set_watched(&mut self, watched: bool) {
        for upstream in &mut self.upstreams {
            upstream.set_watched(watched);
        }
    }

    /// It starts without any memory.
    pub fn restart(&mut self, now: SimTime) {
        for upstream in &mut self.upstreams {
            upstream.restart(now);
        }
    }

    fn main(&self) -> &Upstream {
        &self.upstreams[0]
    }

    /// What was configured, with what was changed since; the algorithm is the main upstream's.
    #[must_use]
    pub fn spec(&self) -> &BalancerSpec {
        self.main().spec()
    }

    /// The last decision of the main upstream.
    #[must_use]
    pub fn decision(&self) -> &Decision {
        self.main().decision()
    }

    /// The active checks, if on.
    #[must_use]
    pub fn active(&self) -> Option<&ActiveConfig> {
        self.main().active()
    }

    /// The passive checks, if on.
    #[must_use]
    pub fn passive(&self) -> Option<&OutlierConfig> {
        self.main().passive()
    }

    /// The endpoints of the main upstream in configuration order.
    #[must_use]
    pub fn endpoints(&self) -> &[Endpoint] {
        self.main().endpoints()
    }

    /// An endpoint, in whichever upstream.
    #[must_use]
    pub fn endpoint(&self, id: EndpointId) -> Option<&Endpoint> {
        self.upstreams.iter().find_map(|one| one.endpoint(id))
    }

    /// Whether an endpoint may take new requests now.
    #[must_use]
    pub fn is_usable(&self, id: EndpointId) -> bool {
        self.upstreams.iter().any(|one| one.is_usable(id))
    }

    /// The share of its upstream's picks that the algorithm and the weights ask for, 0 to 1; `None`
    /// where nothing is asked. 0 for an endpoint that is not in use.
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

    /// Whether the main upstream has anyone for a request that was sent to `tried` before.
    #[must_use]
    pub fn has_candidate(&self, tried: &[EndpointId]) -> bool {
        self.main().has_candidate(tried)
    }
}
