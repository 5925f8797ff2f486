//! Tests that run in a browser.
#![cfg(target_arch = "wasm32")]

#[path = "../shared/digests.rs"]
mod digests;

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn runs_have_the_same_digests_as_on_the_host() {
    assert_eq!(digests::lines(), digests::GOLDEN);
}

#[wasm_bindgen_test]
fn after_a_panic_the_page_says_so_and_offers_to_start_again() {
    let document = web_sys::window()
        .and_then(|window| window.document())
        .expect("a test has a page");
    let find = |what: &str| {
        document
            .query_selector(what)
            .expect("the selector is valid")
    };
    assert!(find("#halt").is_none());
    // Text from anywhere stays text.
    evenkeel::ui::halt::show("counted <img src=x> (engine.rs:7)");
    evenkeel::ui::halt::show("a second one");
    let panel = find("#halt[role=alert]").expect("the panel is there");
    let text = panel.text_content().unwrap_or_default();
    assert!(text.contains("Evenkeel stopped"), "{text}");
    assert!(text.contains("counted <img src=x> (engine.rs:7)"), "{text}");
    assert!(!text.contains("a second one"), "{text}");
    assert!(find("#halt img").is_none());
    let again = find("#halt a[href]").expect("the link is there");
    assert_eq!(again.text_content().as_deref(), Some("Start again"));
    panel.remove();
}
