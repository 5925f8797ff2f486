//! Style sheets that the first view does without: they come with what they dress.

use leptos::prelude::*;

/// Brings a style sheet of the page, once. A page that is one file has it in itself already, under its
/// name (`scripts/standalone.mjs`).
pub fn dress(sheet: &str) -> Option<()> {
    let there = format!("link[href='{sheet}'], style[data-sheet='{sheet}']");
    if document().query_selector(&there).ok()?.is_some() {
        return Some(());
    }
    let link = document().create_element("link").ok()?;
    link.set_attribute("rel", "stylesheet").ok()?;
    link.set_attribute("href", sheet).ok()?;
    document().head()?.append_child(&link).ok()?;
    Some(())
}
