//! Sharing a run: the link in the address bar, and the dialog with link, snippets and files.

pub mod address;
mod dialog;
pub mod file;
mod snippets;

pub use dialog::{Share, ShareButton};
