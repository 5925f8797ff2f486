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
