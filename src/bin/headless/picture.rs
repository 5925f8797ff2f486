//! `headless picture`: the stage of a scene as SVG.

use evenkeel::scene::picture::{PictureOptions, PictureTheme, svg};

use super::run::{options_of, start};

/// The picture of a scene after some seconds.
pub fn picture(path: &str, options: &[&str]) -> Result<String, String> {
    let (themes, others): (Vec<&[&str]>, Vec<&[&str]>) = options
        .chunks(2)
        .partition(|pair| pair.first() == Some(&"--theme"));
    let theme = match themes.last() {
        None | Some(["--theme", "auto"]) => PictureTheme::Auto,
        Some(["--theme", "light"]) => PictureTheme::Light,
        Some(["--theme", "dark"]) => PictureTheme::Dark,
        Some(_) => return Err("--theme: auto, light or dark is needed".to_string()),
    };
    let engine = start(path, &options_of(&others.concat())?, Some(0))?.replay_watched();
    let options = PictureOptions {
        theme,
        ..PictureOptions::default()
    };
    Ok(svg(engine.view(), &options))
}
