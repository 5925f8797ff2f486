//! HAProxy's configuration, in and out.

mod front;
pub mod lex;
mod lower;
mod print;
mod print_rules;
mod server;
mod settings;
pub mod tree;
mod values;

pub use lower::lower;
pub use print::print;
