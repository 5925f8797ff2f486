//! `evenkeel link`: a scene as a link.

use std::io::Write;

use clap::Args;
use evenkeel_sim::run::Run;
use evenkeel_sim::share;

use crate::error::CliError;
use crate::options::RunOptions;

/// Print the fragment of a link that opens the scene
///
/// It goes behind the address of the page, and opens the scene at its start or after some seconds. Commands for later
/// are in the link too.
#[derive(Args)]
#[command(after_help = "\
Examples:
  evenkeel link default
  evenkeel link default --seconds 20 --do '30 {\"fault\":[1,\"crash\"]}'")]
pub struct LinkArgs {
    #[command(flatten)]
    options: RunOptions,
}

impl LinkArgs {
    /// Writes the link's fragment to `out`.
    pub fn execute(self, out: &mut dyn Write) -> Result<(), CliError> {
        let run = self.options.run()?;
        self.check_commands(&run)?;
        let text = share::encode(&run).map_err(|error| CliError::Input(error.to_string()))?;
        // What the page would refuse is no link: too many commands, for instance.
        share::decode(&text).map_err(|error| CliError::Input(error.to_string()))?;
        writeln!(out, "#{}={text}", share::NAME)?;
        Ok(())
    }

    /// Whoever opens the link is not told of a command that cannot be carried out, so it is found here.
    fn check_commands(&self, run: &Run) -> Result<(), CliError> {
        let Some(last) = self.options.commands.iter().map(|entry| entry.at).max() else {
            return Ok(());
        };
        let run = Run {
            at: last,
            ..run.clone()
        };
        self.options.carry_out(&run, false).map(|_| ())
    }
}
