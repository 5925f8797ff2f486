//! Integration tests: one binary, one file a behaviour.

mod catalogue;
mod golden;
mod picker_laws;
