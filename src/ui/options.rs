//! What the page's address asks for: `?embed=1&theme=light`.

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
        let search = window().location().search().unwrap_or_default();
        let Ok(params) = UrlSearchParams::new_with_str(&search) else {
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
