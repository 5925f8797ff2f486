//! Integration tests: one binary, one file a behaviour.

mod arrivals;
mod catalogue;
mod checks;
mod conservation;
mod determinism;
mod digests;
mod golden;
mod hash_laws;
mod headless;
mod layers;
mod picker_laws;
mod queueing;
mod rig;
mod statistics;
mod support;
mod tidy;
mod wrong_traces;
