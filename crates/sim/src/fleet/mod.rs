//! Truth: servers and clients as they are, whatever a balancer believes of them.

pub mod chunked;
pub mod client;
pub mod rate_profile;
pub mod server;
pub mod spec;
pub mod traffic;
