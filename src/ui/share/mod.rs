//! Sharing a run: the link in the address bar, and the dialog with link, snippets and files.

pub mod address;
mod dialog;
pub mod file;
mod snippets;

pub use dialog::{Share, ShareButton};

/// The style sheet of the dialog, and of what it shares with the editor.
pub const STYLE: &str = "style/share.css";
