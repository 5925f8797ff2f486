//! The page's entry point. On the host there is no page: see the `headless` binary.

#[cfg(target_arch = "wasm32")]
fn main() {
    evenkeel::ui::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("This binary is the web page. Build it with `make serve`, or run `headless` here.");
}
