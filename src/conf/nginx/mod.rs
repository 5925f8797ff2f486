//! nginx's configuration, in and out.

pub mod lex;
mod lower;
mod print;
mod proxy;
pub mod tree;
mod upstream;
mod values;

pub use lower::lower;
pub use print::print;
