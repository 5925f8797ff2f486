//! Why a subcommand did not come to its end, and the exit status that says so.

use std::fmt;
use std::io;

/// The exit status of a run that failed after it was started.
const FAILED: u8 = 1;
/// The exit status of a wrong call, also where a file or a link is what is wrong. clap uses it too.
pub const WRONG_CALL: u8 = 2;

/// The reason why a subcommand did not come to its end.
#[derive(Debug)]
pub enum CliError {
    /// The arguments do not go together.
    Usage {
        /// The name of the subcommand, whose usage is shown.
        subcommand: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A file or a link cannot be read, or is not valid. Nothing was run.
    Input(String),
    /// Something was run and failed.
    Run(String),
    /// The output cannot be written.
    Output(io::Error),
}

impl CliError {
    /// The status with which the process ends.
    pub const fn exit_status(&self) -> u8 {
        match self {
            Self::Usage { .. } | Self::Input(_) => WRONG_CALL,
            Self::Run(_) | Self::Output(_) => FAILED,
        }
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage { reason, .. } | Self::Input(reason) | Self::Run(reason) => {
                write!(f, "{reason}")
            }
            Self::Output(error) => write!(f, "standard output: {error}"),
        }
    }
}

impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}
