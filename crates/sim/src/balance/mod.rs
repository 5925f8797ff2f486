//! Belief: what one balancer knows of its servers, and how it decides.
//!
//! Nothing here can see [`crate::fleet`]: a balancer learns the truth only by probes and by the results of its
//! attempts, and only the engine passes these on.

pub mod algorithm;
pub mod balancer;
pub mod catalogue;
pub mod config;
pub mod endpoint;
pub mod flow_table;
pub mod full_rule;
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
