//! GSLB (global server load balancing): which site's address a user gets for a name.
//!
//! [`geodns`] is the authority that answers, [`resolver`] the caches between the authority and the users, and [`geo`] the
//! distances. None of them has input or output of its own: the engine passes their messages on.

pub mod geo;
pub mod geodns;
pub mod resolver;
