//! `evenkeel export`: a scene as a configuration.

use std::io::Write;

use clap::{Args, ValueEnum, ValueHint};
use evenkeel_conf::{ConfigFormat, export};

use crate::error::CliError;
use crate::scene::SceneSource;

/// Print a scene as a configuration of nginx, HAProxy or Envoy
///
/// Comments in the text say what the program lacks.
#[derive(Args)]
#[command(after_help = "\
Examples:
  evenkeel export scene.json --to envoy > envoy.yaml
  evenkeel export nginx.conf --to haproxy > haproxy.cfg")]
pub struct ExportArgs {
    /// A scene file, a configuration, `default`, or `-` for standard input
    #[arg(value_name = "SCENE", value_hint = ValueHint::FilePath)]
    scene: SceneSource,
    /// The program whose configuration is written
    #[arg(long, value_enum)]
    to: WrittenFormat,
}

/// A format that is written, as it is named on the command line.
#[derive(Clone, Copy, ValueEnum)]
enum WrittenFormat {
    /// nginx
    Nginx,
    /// HAProxy
    Haproxy,
    /// Envoy, as YAML
    Envoy,
}

impl ExportArgs {
    /// Writes the configuration to `out`.
    pub fn execute(self, out: &mut dyn Write) -> Result<(), CliError> {
        let format = match self.to {
            WrittenFormat::Nginx => ConfigFormat::Nginx,
            WrittenFormat::Haproxy => ConfigFormat::Haproxy,
            WrittenFormat::Envoy => ConfigFormat::Envoy,
        };
        out.write_all(export(&self.scene.scenario()?, format).as_bytes())?;
        Ok(())
    }
}
