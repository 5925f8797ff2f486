//! What is shown after a panic. The program cannot go on then, so this uses nothing of it: plain
//! DOM and a link that loads the page again.

use leptos::prelude::*;
use std::panic::PanicHookInfo;

use crate::t;
use crate::ui::share::address;

/// Reports a panic to the console, as ever, and on the page.
pub fn install() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        show(&reason(info));
    }));
}

fn reason(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let said = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("no reason was given");
    let place = info
        .location()
        .map(|location| format!(" ({}:{})", location.file(), location.line()))
        .unwrap_or_default();
    format!("{said}{place}")
}

/// Puts the panel above the page, which answers nothing from then on.
pub fn show(reason: &str) {
    let page = document();
    // One panic can set off others; the first tells most.
    if page.get_element_by_id("halt").is_some() {
        return;
    }
    let Some(body) = page.body() else { return };
    let panel = element("section", "");
    let _ = panel.set_attribute("id", "halt");
    let _ = panel.set_attribute("role", "alert");
    let parts = [
        element("h2", &t!("halt.title")),
        element("p", &t!("halt.text")),
        element("pre", reason),
        again(),
        moment_before(),
    ];
    for part in parts {
        let _ = panel.append_child(&part);
    }
    let _ = body.prepend_with_node_1(&panel);
    panel.scroll_into_view();
    // What is left of the page answers nothing any more.
    if let Some(app) = page.get_element_by_id("app") {
        let _ = app.set_attribute("inert", "");
    }
}

fn element(tag: &str, text: &str) -> web_sys::Element {
    let element = document()
        .create_element(tag)
        .expect("the name of the element is valid");
    element.set_text_content(Some(text));
    element
}

/// A link to the page itself: it works although the program does not.
fn again() -> web_sys::Element {
    let link = element("a", &t!("halt.again"));
    let location = window().location();
    let address = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
    let _ = link.set_attribute("href", &address);
    link
}

/// A link to the run as it was a moment before: to look at, and to report. In a new page, as this
/// one does not listen any more.
fn moment_before() -> web_sys::Element {
    let link = element("a", &t!("halt.again_here"));
    let href = window().location().href().unwrap_or_default();
    let page = href.split('#').next().unwrap_or_default();
    let _ = link.set_attribute("href", &format!("{page}{}", address::last()));
    let _ = link.set_attribute("target", "_blank");
    link
}
