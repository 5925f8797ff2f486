//! `headless link`: a scene as a link; and links where `headless run` is given one.

use evenkeel::sim::run::Run;
use evenkeel::sim::share;

use super::run::{options_of, start};

/// The fragment that opens a scene.
pub fn link(path: &str, options: &[&str]) -> Result<String, String> {
    let run = start(path, &options_of(options)?, Some(0))?;
    let fragment = share::fragment(&run).map_err(|error| error.to_string())?;
    Ok(fragment + "\n")
}

/// The run that an argument names, if it is a link and not a file.
pub fn run_in(argument: &str) -> Option<Result<Run, String>> {
    let is_link = ["run=", "#", "http://", "https://"]
        .iter()
        .any(|start| argument.starts_with(start));
    is_link.then(|| {
        let text =
            share::find(argument).ok_or("There is no run in the link: `#run=…` is missing.")?;
        share::decode(text).map_err(|error| error.to_string())
    })
}
