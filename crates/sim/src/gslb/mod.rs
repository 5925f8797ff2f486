//! In front of the balancers: who answers for an address, and which address a name gives.
//!
//! Machines without input or output of their own ([`vrrp`]), and tables ([`geo`], [`geodns`],
//! [`resolver`]). The engine carries what they say from one to the other.

pub mod geo;
pub mod geodns;
pub mod resolver;
pub mod vrrp;
