//! Integration tests: one binary, one file a behaviour.

mod checks;
mod conservation;
mod determinism;
mod headless;
mod layers;
mod support;
mod tidy;
