//! What the browser keeps for the reader. In a sandboxed frame, in some private windows and where
//! storage is switched off there is none: then nothing is kept, and nothing fails.

use leptos::prelude::*;

/// Before every name, so that other pages of the same host keep theirs.
const PREFIX: &str = "evenkeel.";

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// Whether anything can be kept.
#[must_use]
pub fn is_there() -> bool {
    storage().is_some()
}

/// What was kept under a name.
#[must_use]
pub fn get(name: &str) -> Option<String> {
    storage()?.get_item(&format!("{PREFIX}{name}")).ok()?
}

/// Keeps a text under a name. `None` where nothing can be kept.
pub fn set(name: &str, text: &str) -> Option<()> {
    storage()?.set_item(&format!("{PREFIX}{name}"), text).ok()
}

/// Forgets what was kept under a name.
pub fn remove(name: &str) -> Option<()> {
    storage()?.remove_item(&format!("{PREFIX}{name}")).ok()
}
