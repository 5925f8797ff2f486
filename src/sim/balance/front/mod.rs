//! What a balancer does with a request before it picks: ends TLS, reads it, applies rules, and what
//! all that costs. None of it can be done at L4, where the envelope stays shut.

pub mod keepalive;
pub mod letter;
pub mod processor;
pub mod rules;
pub mod sessions;
pub mod table;
pub mod token_bucket;
