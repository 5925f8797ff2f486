//! nginx's configuration, in and out.

mod front;
pub mod lex;
mod lower;
mod print;
mod print_rules;
mod proxy;
pub mod tree;
mod upstream;
mod values;

pub use lower::lower;
pub use print::print;
