//! Reads and writes nginx's configuration.

pub mod lex;
mod listeners;
mod lower;
mod maps;
mod print;
mod print_rules;
mod print_tests;
mod proxy;
mod rewrite;
mod server_rules;
pub mod tree;
mod upstream;
mod values;

pub use lower::lower;
pub use print::print;
