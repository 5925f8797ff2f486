//! Truth: machines and people as they are, whatever a balancer believes of them.

pub mod client;
pub mod pace;
pub mod pieces;
pub mod server;
pub mod spec;
pub mod traffic;
