//! `evenkeel picture`: the stage of a scene as SVG.

use std::io::Write;

use clap::{Args, ValueEnum};
use evenkeel_scene::picture::{PictureOptions, PictureTheme, svg};

use crate::error::CliError;
use crate::options::RunOptions;

/// Print the stage as a picture in SVG
///
/// It shows the scene at its start or after some seconds, or a link at its place in time.
#[derive(Args)]
#[command(after_help = "\
Examples:
  evenkeel picture default --seconds 8 > stage.svg
  evenkeel picture default --seconds 12 --theme dark --do '4 {\"fault\":[1,\"crash\"]}' > crashed.svg")]
pub struct PictureArgs {
    #[command(flatten)]
    options: RunOptions,
    /// The colours of the picture
    #[arg(long, value_enum, default_value_t = Theme::Auto)]
    theme: Theme,
}

/// The colours of a picture, as they are named on the command line.
#[derive(Clone, Copy, ValueEnum)]
enum Theme {
    /// The colours that the reader's system prefers
    Auto,
    /// Dark colours on a light ground
    Light,
    /// Light colours on a dark ground
    Dark,
}

impl PictureArgs {
    /// Writes the picture, an SVG, to `out`.
    pub fn execute(self, out: &mut dyn Write) -> Result<(), CliError> {
        let engine = self.options.carry_out(&self.options.run()?, true)?;
        let options = PictureOptions {
            theme: match self.theme {
                Theme::Auto => PictureTheme::Auto,
                Theme::Light => PictureTheme::Light,
                Theme::Dark => PictureTheme::Dark,
            },
            ..PictureOptions::default()
        };
        out.write_all(svg(engine.view(), &options).as_bytes())?;
        Ok(())
    }
}
