//! `evenkeel replay`: a recorded trace of nginx or HAProxy, decided again.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::error::CliError;
use crate::scene::read;

/// Print the program's own decisions for a recorded trace
///
/// A line for each request has the servers that were tried, with commas between, or `-`; a line for each check has the
/// server's state after it. What nginx or HAProxy decided in the trace is not read.
#[derive(Args)]
#[command(after_help = "\
Example, in the project's folder:
  evenkeel replay tests/golden/nginx_rr_w5_1_1.json")]
pub struct ReplayArgs {
    /// The recorded trace, as in tests/golden
    #[arg(value_name = "TRACE", value_hint = ValueHint::FilePath)]
    trace: PathBuf,
}

impl ReplayArgs {
    /// Writes the decision for each request of the trace to `out`.
    pub fn execute(self, out: &mut dyn Write) -> Result<(), CliError> {
        let wrong = |error| CliError::Input(format!("{}: {error}", self.trace.display()));
        let text = read(&self.trace)?;
        for line in evenkeel_replay::replay(&text).map_err(wrong)? {
            writeln!(out, "{line}")?;
        }
        Ok(())
    }
}
