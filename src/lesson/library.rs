//! All figures of a folder, with their words in every language. On the host only: the page gets its
//! figures from the files that the build writes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::figure::Figure;
use super::words::Book;

/// The figures and what they say.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// By name.
    pub figures: BTreeMap<String, Figure>,
    /// Their words, by language (`en`).
    pub books: BTreeMap<String, Book>,
}

impl Library {
    /// Reads `assets/figures/*.json`, their scenes and `assets/figures/words/*.json`.
    ///
    /// # Errors
    /// The first file that cannot be read, with the reason.
    pub fn read(assets: &Path) -> Result<Self, String> {
        let mut library = Self::default();
        let scene = |name: &str| {
            let path = assets.join("scenarios").join(format!("{name}.json"));
            fs::read_to_string(path).ok()
        };
        for (name, text) in json_files(&assets.join("figures"))? {
            let figure = Figure::from_file(&name, &text, scene)?;
            library.figures.insert(name, figure);
        }
        for (language, text) in json_files(&assets.join("figures/words"))? {
            let book: Book = serde_json::from_str(&text)
                .map_err(|error| format!("figures/words/{language}.json: {error}"))?;
            library.books.insert(language, book);
        }
        Ok(library)
    }
}

/// The JSON files of a folder: name without ending, and text.
fn json_files(folder: &Path) -> Result<BTreeMap<String, String>, String> {
    let at = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(at)? {
        let path = entry.map_err(at)?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        if let (Some(stem), Some("json")) = (stem, path.extension().and_then(|end| end.to_str())) {
            files.insert(stem.to_string(), fs::read_to_string(&path).map_err(at)?);
        }
    }
    Ok(files)
}
