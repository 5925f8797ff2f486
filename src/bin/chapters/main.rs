//! Writes the chapters as static pages: one HTML file a chapter and language, the plan, the glossary.
//! The build runs it after Trunk; the pages read, print and are found without the program.

#[cfg(not(target_arch = "wasm32"))]
mod body;
#[cfg(not(target_arch = "wasm32"))]
mod figure;
#[cfg(not(target_arch = "wasm32"))]
mod keys;
#[cfg(not(target_arch = "wasm32"))]
mod lists;
#[cfg(not(target_arch = "wasm32"))]
mod page;
#[cfg(not(target_arch = "wasm32"))]
mod picture;
#[cfg(not(target_arch = "wasm32"))]
mod write;

#[cfg(not(target_arch = "wasm32"))]
const USAGE: &str = "usage: chapters ASSETS OUT POLICY PROGRAM STYLE…
  ASSETS   the folder with chapters, figures and scenarios
  OUT      the folder of the built page; the chapters go into OUT/chapters
  POLICY   the content-security policy of the pages
  PROGRAM  the script that loads the program, a file of OUT
  STYLE    style sheets of OUT that the chapters use too
EVENKEEL_SITE in the environment is the public address of OUT, ending in \"/\"; without it no page
says where its twins in other languages are.
";

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let address = std::env::var("EVENKEEL_SITE").unwrap_or_default();
    let result = match arguments.as_slice() {
        [assets, out, policy, program, styles @ ..] => write::write(&write::Site {
            assets: assets.into(),
            out: out.into(),
            policy,
            program,
            styles,
            address: &address,
        }),
        _ => Err(USAGE.to_string()),
    };
    match result {
        Ok(count) => {
            println!("chapters: {count} pages");
            std::process::ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("{reason}");
            std::process::ExitCode::from(2)
        }
    }
}

#[cfg(target_arch = "wasm32")]
fn main() {}
