//! Reads and writes HAProxy's configuration.

mod condition;
mod frontend;
pub mod lex;
mod limits;
mod listeners;
mod lower;
mod print;
mod print_rules;
mod print_tests;
mod server;
mod settings;
pub mod tree;
mod use_backend;
mod values;

pub use lower::lower;
pub use print::print;
