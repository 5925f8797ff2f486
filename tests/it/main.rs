//! Integration tests: one binary, one file a behaviour.

mod catalogue;
mod picker_laws;
