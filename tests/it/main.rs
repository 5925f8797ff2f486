//! Integration tests: one binary, one file a behaviour.
