//! Belief: what one balancer knows of its servers, and how it decides.
//!
//! Nothing here can see [`crate::fleet`]: a balancer learns of the truth by probes and by what
//! becomes of its requests, and only the engine carries that across.

pub mod algorithm;
pub mod balancer;
pub mod catalogue;
pub mod endpoint;
pub mod l7;
pub mod latency;
pub mod picker;
pub mod picker_state;
pub mod pickers;
pub mod retry;
pub mod set;
pub mod slow_start;
pub mod spec;
pub mod upstream;
