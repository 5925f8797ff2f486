//! `evenkeel completions`: scripts by which a shell completes the command line.

use std::io::Write;

use clap::Args;
use clap_complete::Shell;

use crate::error::CliError;

/// Print a script for a shell's completion
#[derive(Args)]
#[command(after_help = "\
Examples:
  evenkeel completions bash > ~/.local/share/bash-completion/completions/evenkeel
  evenkeel completions fish > ~/.config/fish/completions/evenkeel.fish
  evenkeel completions zsh > \"${fpath[1]}/_evenkeel\"")]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

impl CompletionsArgs {
    /// Writes the script for this command line.
    pub fn execute(self, out: &mut dyn Write, mut command: clap::Command) -> Result<(), CliError> {
        // clap_complete panics where it cannot write, and a string can always be written to.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "evenkeel", &mut script);
        out.write_all(&script)?;
        Ok(())
    }
}
