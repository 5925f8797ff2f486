//! The page's entry point. On the host there is no page: see the `headless` binary.

#[cfg(all(target_arch = "wasm32", debug_assertions))]
mod for_tests;

#[cfg(target_arch = "wasm32")]
fn main() {
    evenkeel::ui::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("This binary is the web page. Build it with `make serve`, or run `headless` here.");
}
