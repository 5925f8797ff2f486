//! The configuration panel: a program of its own, which the page loads when the panel is opened, so
//! that the first view does not wait for it. On the host there is nothing to see.

#[cfg(target_arch = "wasm32")]
fn main() {
    evenkeel::ui::config::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("This binary is a part of the web page. Build it with `make serve`.");
}
