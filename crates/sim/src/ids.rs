//! Identities. Each kind has a type of its own, so that one cannot stand in for another.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl $name {
            /// The number as an index.
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id! {
    /// A server: a machine of the fleet. Never given out twice in a run.
    ServerId
}
id! {
    /// An endpoint: one balancer's record of a server. Never given out twice in a run, over all balancers.
    EndpointId
}
id! {
    /// A balancer of the scene.
    #[derive(Default)]
    BalancerId
}
id! {
    /// An upstream: a group of endpoints with its own algorithm. The same number is the same group on every balancer;
    /// 0 is the main one.
    #[derive(Default)]
    UpstreamId
}
id! {
    /// A source of requests: one address with one or more users behind it.
    ClientId
}
id! {
    /// A request class, by its position in the scenario.
    ClassId
}

id! {
    /// A site: a place with servers and balancers. 0 is the only one of a plain scene.
    #[derive(Default)]
    SiteId
}
id! {
    /// A virtual IP: an address that clients know.
    #[derive(Default)]
    VipId
}

/// Names one upstream of one balancer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct UpstreamRef {
    /// The balancer of the upstream.
    pub balancer: BalancerId,
    /// The upstream of that balancer.
    pub upstream: UpstreamId,
}

/// The key of a request in flight: a slot in the engine's table, and the request that was put there. A stale key finds
/// nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestKey {
    /// The slot in the table.
    pub slot: u32,
    /// The lower half of the request's number.
    pub generation: u32,
}
