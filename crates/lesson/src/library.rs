//! Reads all figures and chapters of a folder, in every language. On the host only: the page gets its figures from
//! files that the build writes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::amount::NumberMarks;
use super::chapter::{Chapter, Glossary, QuizQuestion, marks};
use super::figure::Figure;
use super::figure_texts::FigureTexts;

/// The figures of a folder, and their texts.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// The figures, by name.
    pub figures: BTreeMap<String, Figure>,
    /// The texts, by language tag (`en`).
    pub languages: BTreeMap<String, LanguageTexts>,
    /// The outline of the continents, as SVG path data: `assets/map/land.txt`.
    pub land: String,
}

/// All texts in one language.
#[derive(Clone, Debug, Default)]
pub struct LanguageTexts {
    /// The texts of figures, by name.
    pub book: FigureTexts,
    /// The chapters in order.
    pub chapters: Vec<Chapter>,
    /// The glossary of the language.
    pub glossary: Glossary,
    /// The questions of the quiz.
    pub quiz: Vec<QuizQuestion>,
    /// The words around the text: `next`, `answer`, … See `assets/chapters/en/frame.json`.
    pub frame: BTreeMap<String, String>,
}

impl LanguageTexts {
    /// A word of the frame, or its key if it is missing.
    #[must_use]
    pub fn word<'a>(&'a self, name: &'a str) -> &'a str {
        self.frame.get(name).map_or(name, String::as_str)
    }

    /// The slug of the first chapter that a figure stands in; `None` if it stands in none.
    #[must_use]
    pub fn page_of(&self, figure: &str) -> Option<&str> {
        let stands = |chapter: &&Chapter| {
            let found = marks(&chapter.body).unwrap_or_default();
            found.iter().any(|mark| mark.figure() == Some(figure))
        };
        self.chapters
            .iter()
            .find(stands)
            .map(|one| one.slug.as_str())
    }

    /// The number marks of the language.
    #[must_use]
    pub fn marks(&self) -> NumberMarks<'_> {
        NumberMarks {
            decimal: self.word("decimal"),
            thousands: self.word("thousands"),
        }
    }

    fn read(chapters: &Path, tag: &str) -> Result<Self, String> {
        let folder = chapters.join(tag);
        let mut language = Self {
            glossary: json(&folder.join("glossary.json"))?,
            quiz: json(&folder.join("quiz.json"))?,
            frame: json(&folder.join("frame.json"))?,
            ..Self::default()
        };
        for (name, path) in files(&folder, "md")? {
            let place = path.display();
            let text = fs::read_to_string(&path).map_err(|error| format!("{place}: {error}"))?;
            let chapter = Chapter::parse(&name, &text).map_err(|error| format!("{tag}/{error}"))?;
            language.chapters.push(chapter);
        }
        Ok(language)
    }
}

impl Library {
    /// Reads `assets/figures/*.json` with their scenes, `assets/figures/words/LANG.json` and
    /// `assets/chapters/LANG/`. A language is a file of words; its chapters may be missing.
    ///
    /// # Errors
    /// The first file that cannot be read, with the reason.
    pub fn read(assets: &Path) -> Result<Self, String> {
        let land = assets.join("map/land.txt");
        let mut library = Self {
            land: fs::read_to_string(&land)
                .map_err(|error| format!("{}: {error}", land.display()))?,
            ..Self::default()
        };
        let scene = |name: &str| {
            let path = assets.join("scenarios").join(format!("{name}.json"));
            fs::read_to_string(path).ok()
        };
        for (name, path) in files(&assets.join("figures"), "json")? {
            let text = fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
            let figure = Figure::from_file(&name, &text, scene)?;
            library.figures.insert(name, figure);
        }
        for (tag, path) in files(&assets.join("figures/words"), "json")? {
            let chapters = assets.join("chapters");
            let mut language = if chapters.join(&tag).is_dir() {
                LanguageTexts::read(&chapters, &tag)?
            } else {
                LanguageTexts::default()
            };
            language.book = json(&path)?;
            library.languages.insert(tag, language);
        }
        Ok(library)
    }
}

fn json<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    let place = path.display();
    let text = fs::read_to_string(path).map_err(|error| format!("{place}: {error}"))?;
    serde_json::from_str(&text).map_err(|error| format!("{place}: {error}"))
}

/// The files of a folder with this ending, by name without it, in the order of the names.
fn files(folder: &Path, ending: &str) -> Result<BTreeMap<String, PathBuf>, String> {
    let at = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(at)? {
        let path = entry.map_err(at)?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let ends = path.extension().is_some_and(|end| end == ending);
        if let (Some(stem), true) = (stem, ends) {
            found.insert(stem.to_string(), path.clone());
        }
    }
    Ok(found)
}
