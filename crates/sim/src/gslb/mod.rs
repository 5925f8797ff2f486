//! In front of the balancers: the balancer that answers for an address, and the address that a name gives.
//!
//! State machines without input or output of their own ([`vrrp`]), and tables ([`geo`], [`geodns`], [`resolver`]). The
//! engine passes their messages on.

pub mod geo;
pub mod geodns;
pub mod resolver;
pub mod vrrp;
