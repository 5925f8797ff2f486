//! `evenkeel import`: a scene from a configuration.

use std::io::Write;

use clap::Args;

use crate::config::ConfigOptions;
use crate::error::CliError;

/// Print the scene that a configuration of nginx or HAProxy describes
///
/// Clients, traffic and machines are not in a configuration: they are those of the scene that the page opens with. What
/// the scene does not follow is said on standard error, each with its place.
#[derive(Args)]
#[command(after_help = "\
Examples:
  evenkeel import haproxy.cfg > shop.json
  evenkeel import nginx.conf --front shop.example | evenkeel run - --seconds 60
  cat part-*.conf | evenkeel import - > parts.json")]
pub struct ImportArgs {
    #[command(flatten)]
    options: ConfigOptions,
}

impl ImportArgs {
    /// Writes the scene, as JSON, to `out`.
    pub fn execute(self, out: &mut dyn Write) -> Result<(), CliError> {
        let scene = self.options.scene()?;
        let text = serde_json::to_string_pretty(&scene).map_err(std::io::Error::from)?;
        writeln!(out, "{text}")?;
        Ok(())
    }
}
