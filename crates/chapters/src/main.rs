//! Writes the chapters into a built page, for `scripts/post-build.mjs`.

use std::process::ExitCode;

use evenkeel_chapters::{ChapterSite, write};

const USAGE: &str = "usage: chapters ASSETS OUT POLICY PROGRAM STYLE…
  ASSETS   the folder with chapters, figures and scenarios
  OUT      the folder of the built page; the chapters go into OUT/chapters
  POLICY   the content-security policy of the pages
  PROGRAM  the script that loads the program, a file of OUT
  STYLE    style sheets of OUT that the chapters use too
EVENKEEL_SITE in the environment is the public address of OUT, ending in \"/\"; without it no page
says where its twins in other languages are.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let address = std::env::var("EVENKEEL_SITE").unwrap_or_default();
    let result = match arguments.as_slice() {
        [assets, out, policy, program, styles @ ..] => write(&ChapterSite {
            assets: assets.into(),
            out: out.into(),
            policy,
            program,
            styles,
            cards: true,
            address: &address,
        }),
        _ => Err(USAGE.to_string()),
    };
    match result {
        Ok(count) => {
            println!("chapters: {count} pages");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::from(2)
        }
    }
}
