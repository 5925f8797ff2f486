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
    /// A machine of the fleet. Never given out twice in a run.
    ServerId
}
id! {
    /// One balancer's record of a server. Never given out twice in a run, whichever balancer's.
    EndpointId
}
id! {
    /// A balancer of the scene.
    #[derive(Default)]
    BalancerId
}
id! {
    /// A group of endpoints with an algorithm of its own: the same number is the same group on
    /// every balancer. 0 is the main one.
    #[derive(Default)]
    UpstreamId
}
id! {
    /// A source of requests: one address with one or more users behind it.
    ClientId
}
id! {
    /// A kind of request, by its place in the scenario.
    ClassId
}

id! {
    /// A place where balancers and servers stand. 0 is the only one of a plain scene.
    #[derive(Default)]
    SiteId
}
id! {
    /// An address that clients know.
    #[derive(Default)]
    VipId
}

/// One upstream of one balancer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct UpstreamRef {
    /// Which balancer.
    pub balancer: BalancerId,
    /// Which of its upstreams.
    pub upstream: UpstreamId,
}

/// A request in flight: a place in the engine's table and which request was put there. A stale key
/// finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestKey {
    /// The place in the table.
    pub slot: u32,
    /// Which request: the lower half of its number.
    pub generation: u32,
}
