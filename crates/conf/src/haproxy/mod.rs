//! HAProxy's configuration, in and out.

mod condition;
mod front;
pub mod lex;
mod limits;
mod lower;
mod print;
mod print_rules;
mod print_tests;
mod server;
mod settings;
pub mod tree;
mod values;
mod ways;

pub use lower::lower;
pub use print::print;
