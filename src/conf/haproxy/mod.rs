//! HAProxy's configuration, in and out.

pub mod lex;
mod lower;
mod print;
mod server;
mod settings;
pub mod tree;
mod values;

pub use lower::lower;
pub use print::print;
