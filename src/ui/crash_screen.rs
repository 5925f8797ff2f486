//! The panel that is shown after a panic. The program cannot go on then, so the panel uses none of its components:
//! plain DOM, and links that load the page again.

use leptos::prelude::*;
use std::panic::PanicHookInfo;

use crate::t;
use crate::ui::share::address;

/// Installs a panic hook that reports a panic to the console and on the page.
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

/// Shows the panel above the page, which reacts to nothing from then on.
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

/// A link that loads the page again. It needs nothing of the program.
fn again() -> web_sys::Element {
    let link = element("a", &t!("halt.again"));
    let location = window().location();
    let address = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
    let _ = link.set_attribute("href", &address);
    link
}

/// A link to the run a moment before the panic, to look at and to report. It opens in a new tab, since this page no
/// longer reacts to a change of its fragment.
fn moment_before() -> web_sys::Element {
    let link = element("a", &t!("halt.again_here"));
    let href = window().location().href().unwrap_or_default();
    let page = href.split('#').next().unwrap_or_default();
    let _ = link.set_attribute("href", &format!("{page}{}", address::last()));
    let _ = link.set_attribute("target", "_blank");
    link
}
