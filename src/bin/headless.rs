//! `headless`: the older name of the command line `evenkeel`. Both print the same.

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    evenkeel_cli::main()
}

// Cargo builds every program of a package for a target, and this one is no page.
#[cfg(target_arch = "wasm32")]
fn main() {}
