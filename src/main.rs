//! `evenkeel`: for wasm32 the page, for any other machine the command line.

#[cfg(all(target_arch = "wasm32", debug_assertions))]
mod for_tests;

#[cfg(target_arch = "wasm32")]
fn main() {
    evenkeel::ui::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    evenkeel_cli::main()
}
