//! Integration tests: one binary, one file a behaviour.

mod catalogue;
mod checks;
mod conservation;
mod determinism;
mod digests;
mod headless;
mod layers;
mod picker_laws;
mod queueing;
mod support;
mod tidy;
