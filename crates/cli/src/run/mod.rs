//! `evenkeel run`: one scene for some simulated seconds, as one JSON object.

mod report;
mod topology;
mod work;

use std::io::{self, Write};

use clap::Args;

use self::report::Report;
use crate::error::CliError;
use crate::options::RunOptions;

/// Print what became of every request, as one JSON object
///
/// It has counts, response times, what each server and each balancer did, and a digest that is the same on every
/// machine. Times are in microseconds.
#[derive(Args)]
#[command(after_help = "\
Examples:
  evenkeel run default --seconds 60
  evenkeel run default --seconds 60 --seed 3 --do '20.5 {\"fault\":[1,\"crash\"]}'
  evenkeel run '#run=AfFA0RMv8Y3OHA'")]
pub struct RunArgs {
    #[command(flatten)]
    options: RunOptions,
}

impl RunArgs {
    /// Runs and writes the report.
    pub fn execute(self, out: &mut dyn Write) -> Result<(), CliError> {
        if !self.options.has_end() {
            return Err(CliError::Usage {
                subcommand: "run",
                reason: "--seconds <SECONDS> is needed: only a link says itself where its run ends"
                    .to_owned(),
            });
        }
        let engine = self.options.carry_out(&self.options.run()?, false)?;
        let report = Report::of(engine.view());
        serde_json::to_writer_pretty(&mut *out, &report).map_err(io::Error::from)?;
        writeln!(out)?;
        Ok(())
    }
}
