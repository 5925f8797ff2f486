//! The run leaves the page and comes back: the link in the address bar, the dialog that gives link,
//! snippets and files.

pub mod address;
mod dialog;
pub mod file;
mod snippets;

pub use dialog::{Share, ShareButton};
