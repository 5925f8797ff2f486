//! What a browser spec calls in the plain page: a release has nothing of it.

#[path = "../tests/shared/digests.rs"]
mod digests;

use wasm_bindgen::prelude::wasm_bindgen;

/// The digests of the runs in `tests/shared/digests.rs`, as they come out in this browser: a line a run.
#[wasm_bindgen]
#[must_use]
pub fn digests() -> String {
    digests::lines()
}

/// What they come out as on the host.
#[wasm_bindgen]
#[must_use]
pub fn golden_digests() -> String {
    digests::GOLDEN.to_string()
}

/// Shows what a panic with this message shows.
#[wasm_bindgen]
pub fn halt(message: &str) {
    evenkeel::ui::crash_screen::show(message);
}
