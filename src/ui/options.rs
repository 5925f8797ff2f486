//! What the page's address asks for: `?embed=1&theme=light&lang=es`.

use leptos::prelude::*;
use web_sys::UrlSearchParams;

/// What the page's address asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Only the stage and its essential controls, for a frame in another page.
    pub embed: bool,
    /// A colour scheme whatever the reader's system prefers.
    pub theme: Option<Theme>,
}

fn params() -> Option<UrlSearchParams> {
    let search = window().location().search().ok()?;
    UrlSearchParams::new_with_str(&search).ok()
}

/// The language that the address asks for: `?lang=es`.
pub fn language() -> Option<String> {
    params()?.get("lang")
}

/// A colour scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Options {
    /// Reads the address. What it does not know it ignores.
    pub fn from_page() -> Self {
        let Some(params) = params() else {
            return Self::default();
        };
        Self {
            embed: params.get("embed").as_deref() == Some("1"),
            theme: match params.get("theme").as_deref() {
                Some("light") => Some(Theme::Light),
                Some("dark") => Some(Theme::Dark),
                _ => None,
            },
        }
    }

    /// Tells the style sheets, by attributes of the root element.
    pub fn apply(self) {
        let Some(root) = document().document_element() else {
            return;
        };
        let theme = match self.theme {
            Some(Theme::Light) => Some("light"),
            Some(Theme::Dark) => Some("dark"),
            None => None,
        };
        // Setting an attribute of an element that is in the page cannot fail.
        if let Some(theme) = theme {
            let _ = root.set_attribute("data-theme", theme);
        }
        if self.embed {
            let _ = root.set_attribute("data-embed", "");
        }
    }
}
