//! The page. The only place that knows leptos and the browser.

mod glyphs;
pub mod painter;
mod palette;
pub mod panels;
pub mod session;

use leptos::prelude::*;

/// Installs the panic hook and mounts the page.
pub fn start() {
    console_error_panic_hook::set_once();
    mount_to_body(|| view! { <main><h1>"Evenkeel"</h1></main> });
}
