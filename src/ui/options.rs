//! The parameters of the page's address: `?embed=1&theme=light&lang=es`.

use leptos::prelude::*;
use web_sys::UrlSearchParams;

use crate::embed::address::{EmbedSettings, Theme};
use crate::ui::presets::AskedFigure;
use crate::ui::share::address::has_run;

fn params() -> Option<UrlSearchParams> {
    let search = window().location().search().ok()?;
    UrlSearchParams::new_with_str(&search).ok()
}

/// The language parameter: `?lang=es`.
pub fn language() -> Option<String> {
    params()?.get("lang")
}

/// The title of an embedded page: `?title=…`, at most a hundred characters.
pub fn title() -> Option<String> {
    let title: String = params()?.get("title")?.chars().take(100).collect();
    (!title.trim().is_empty()).then_some(title)
}

/// The scene parameter: `?scene=websocket`.
pub fn scene() -> Option<String> {
    params()?.get("scene")
}

/// The figure of a chapter that the page goes on with: `?figure=pair-fails&part=0`.
pub fn figure() -> Option<AskedFigure> {
    let params = params()?;
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let name = params
        .get("figure")
        .filter(|name| name.chars().all(is_name))?;
    // Without a run in the address nobody has changed anything: the figure begins.
    let begins = (!has_run()).then_some(0);
    let part = params.get("part").and_then(|part| part.parse().ok());
    let part = part.or(begins);
    Some(AskedFigure { name, part })
}

/// Reads the settings of an embedded page from the address. Unknown parameters are ignored.
pub fn from_page() -> EmbedSettings {
    let params = params();
    EmbedSettings::read(|name| params.as_ref()?.get(name))
}

/// The address of the page without query and fragment.
pub fn page_address() -> String {
    let href = window().location().href().unwrap_or_default();
    href.split(['?', '#'])
        .next()
        .unwrap_or_default()
        .to_string()
}

/// Passes the settings to the style sheets, as attributes of the root element.
pub fn apply(settings: EmbedSettings) {
    set_theme(settings.theme);
    mark("data-embed", settings.embed.then_some(""));
    let bare = settings.embed.then_some(settings.controls.word());
    mark("data-controls", bare);
    let clear = settings.embed && settings.transparent;
    mark("data-background", clear.then_some("transparent"));
    if let Some(title) = title().filter(|_| settings.embed) {
        document().set_title(&title);
    }
}

/// Sets the colour scheme; `None` is the one that the reader's system prefers.
pub fn set_theme(theme: Option<Theme>) {
    mark("data-theme", theme.map(Theme::word));
}

fn mark(name: &str, value: Option<&str>) {
    let Some(root) = document().document_element() else {
        return;
    };
    // Changing an attribute of an element that is in the page cannot fail.
    let _ = match value {
        Some(value) => root.set_attribute(name, value),
        None => root.remove_attribute(name),
    };
}
