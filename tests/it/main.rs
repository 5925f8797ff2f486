//! Integration tests: one binary, one file a behaviour.

mod any_scene;
mod arrivals;
mod catalogue;
mod checks;
mod connection_limits;
mod conservation;
mod determinism;
mod digests;
mod golden;
mod hash_laws;
mod headless;
mod layers;
mod panic;
mod passive_rules;
mod picker_laws;
mod queueing;
mod retries;
mod rig;
mod scenario_fields;
mod slow_start;
mod statistics;
mod sticky_cookie;
mod support;
mod tidy;
mod truths;
mod wrong_traces;
