//! The browser's storage. Sandboxed frames and some private windows have none: then nothing is kept, and nothing fails.

use leptos::prelude::*;

/// The prefix of all keys, which keeps them apart from those of other pages on the same host.
const PREFIX: &str = "evenkeel.";

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// Whether there is storage.
#[must_use]
pub fn is_there() -> bool {
    storage().is_some()
}

/// The text under a key.
#[must_use]
pub fn get(name: &str) -> Option<String> {
    storage()?.get_item(&format!("{PREFIX}{name}")).ok()?
}

/// Stores a text under a key; `None` if it cannot be stored.
pub fn set(name: &str, text: &str) -> Option<()> {
    storage()?.set_item(&format!("{PREFIX}{name}"), text).ok()
}

/// Removes the text under a key.
pub fn remove(name: &str) -> Option<()> {
    storage()?.remove_item(&format!("{PREFIX}{name}")).ok()
}
