//! The command line of Evenkeel: one subcommand a module, each with its arguments and its output.
//!
//! [`main`] is the whole program. Two names start it, `evenkeel` and `headless`, with the same output. A subcommand
//! writes to the writer that it is given and returns a `CliError`; only [`main`] knows the process.

mod check;
mod compare;
mod completions;
mod config;
mod error;
mod explain;
mod export;
mod figures;
mod import;
mod link;
mod options;
mod picture;
mod replay;
mod run;
mod scene;
mod timed_command;

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

use error::CliError;

/// Simulate load balancers: run a scene, compare algorithms, share what you found.
///
/// A scene is a JSON file, a configuration of nginx or HAProxy, `default` (the scene that the page opens with), or a link
/// that the page made. The same scene, seed and commands give the same result on every machine.
#[derive(Parser)]
#[command(
    name = "evenkeel",
    bin_name = "evenkeel",
    version,
    args_override_self = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = AFTER_HELP
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Examples:
  evenkeel run default --seconds 60
  evenkeel compare default --algorithms round_robin,least_connections --seconds 60
  evenkeel picture default --seconds 8 > stage.svg
  evenkeel run nginx.conf --rate 500 --seconds 60
  evenkeel check haproxy.cfg

Exit status: 0 is success, 1 a run that failed, 2 a wrong call or a file or link that cannot be read.";

#[derive(Subcommand)]
enum Command {
    Run(run::RunArgs),
    Replay(replay::ReplayArgs),
    Compare(compare::CompareArgs),
    Import(import::ImportArgs),
    Export(export::ExportArgs),
    Check(check::CheckArgs),
    Explain(explain::ExplainArgs),
    Link(link::LinkArgs),
    Picture(picture::PictureArgs),
    Figures(figures::FiguresArgs),
    Completions(completions::CompletionsArgs),
}

impl Command {
    fn execute(self, out: &mut dyn Write) -> Result<(), CliError> {
        match self {
            Self::Run(args) => args.execute(out),
            Self::Replay(args) => args.execute(out),
            Self::Compare(args) => args.execute(out),
            Self::Import(args) => args.execute(out),
            Self::Export(args) => args.execute(out),
            Self::Check(args) => args.execute(out),
            Self::Explain(args) => args.execute(out),
            Self::Link(args) => args.execute(out),
            Self::Picture(args) => args.execute(out),
            Self::Figures(args) => args.execute(out),
            Self::Completions(args) => args.execute(out, Cli::command()),
        }
    }
}

/// Reads the arguments of the process, does what they say, and returns the exit status.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return report(&error),
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let result = cli.command.execute(&mut out);
    let flushed = out.flush().map_err(CliError::from);
    match result.and(flushed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => explain(&error),
    }
}

/// Says on standard error why there is no (more) output. Nobody may be left to read it, so a failed write is ignored.
fn explain(error: &CliError) -> ExitCode {
    match error {
        CliError::Usage { subcommand, reason } => {
            let mut root = Cli::command();
            root.build();
            let mut command = root.find_subcommand(subcommand).unwrap_or(&root).clone();
            report(&command.error(ErrorKind::MissingRequiredArgument, reason))
        }
        // The reader of the output has seen enough: `evenkeel run … | head -1`.
        CliError::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        _ => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::from(error.exit_status())
        }
    }
}

/// Prints what clap has to say: help, the version, or what is wrong with the call.
fn report(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(error::WRONG_CALL))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clap_finds_no_fault_in_the_arguments() {
        Cli::command().debug_assert();
    }
}
