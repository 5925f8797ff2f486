//! Writes the schema and its translations into a built page, for `scripts/post-build.mjs`.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use evenkeel_schema::{FILE, text, translation};

const USAGE: &str = "usage: schema ASSETS OUT
  ASSETS  the folder with scenario.schema.LANGUAGE.json and words/LANGUAGE.json
  OUT     the folder of the built page
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.as_slice() {
        [assets, out] => write(Path::new(assets), Path::new(out)),
        _ => Err(USAGE.to_string()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::from(2)
        }
    }
}

/// Writes all files; the error names the first that cannot be read or written, with the reason.
fn write(assets: &Path, out: &Path) -> Result<(), String> {
    save(&out.join(FILE), &text())?;
    let found = fs::read_dir(assets).map_err(|error| format!("{}: {error}", assets.display()))?;
    for entry in found.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let language = name.strip_prefix("scenario.schema.");
        if let Some(language) = language.and_then(|rest| rest.strip_suffix(".json")) {
            let texts = read(&entry.path())?;
            let words = read(&assets.join(format!("words/{language}.json")))?;
            let said = translation(&texts, &words).map_err(|error| format!("{name}: {error}"))?;
            save(&out.join(&name), &said)?;
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn save(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
