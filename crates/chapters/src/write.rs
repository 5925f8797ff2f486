//! Which files there are.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use evenkeel_lesson::figure::Figure;
use evenkeel_lesson::figure_texts::FigureWords;
use evenkeel_lesson::library::{LanguageTexts, Library};
use evenkeel_words::{LANGUAGES, choose};
use serde::Serialize;

use crate::body::ChapterWriter;
use crate::site::ChapterSite;
use crate::{lists, page, pictures, scenes};

/// A figure with what it says, as the page reads it: presets are made of these.
#[derive(Serialize)]
struct Preset<'a> {
    figure: &'a Figure,
    words: FigureWords,
}

/// Writes all pages; gives how many.
///
/// # Errors
/// The first file that cannot be read or written, or that has a fault, with the reason.
pub fn write(site: &ChapterSite<'_>) -> Result<usize, String> {
    let library = Library::read(&site.assets)?;
    let root = site.out.join("chapters");
    let spoken: Vec<&str> = library
        .languages
        .iter()
        .filter(|(_, language)| !language.chapters.is_empty())
        .map(|(tag, _)| tag.as_str())
        .collect();
    let mut count = 0;
    let mut put = |path: PathBuf, text: &str| {
        count += usize::from(path.extension().is_some_and(|end| end == "html"));
        save(&path, text)
    };
    for name in ["lesson.css", "lesson.js", "frame.js", "early.js"] {
        let text = fs::read_to_string(site.assets.join("chapters").join(name))
            .map_err(|error| format!("{name}: {error}"))?;
        put(root.join(name), &text)?;
    }
    let icon = fs::read_to_string(site.assets.join("icon.svg"))
        .map_err(|error| format!("icon.svg: {error}"))?;
    put(root.join("icon.svg"), &icon)?;
    for (tag, language) in &library.languages {
        speak(site, tag)?;
        let presets = figures(&library, language, |figure| figure.play.preset)?;
        put(site.out.join(format!("presets/{tag}.json")), &presets)?;
        for name in library.figures.keys() {
            let figure = figures(&library, language, |figure| figure.name == *name)?;
            put(site.out.join(format!("figures/{tag}/{name}.json")), &figure)?;
        }
        if language.chapters.is_empty() {
            continue;
        }
        let shell = page::Shell {
            site,
            library: &library,
            tag,
            language,
            spoken: &spoken,
        };
        let folder = root.join(tag);
        for place in 0..language.chapters.len() {
            let mut writer = ChapterWriter::new(&library, language, tag);
            let html = page::chapter(&shell, &mut writer, place)?;
            let slug = &language.chapters[place].slug;
            put(folder.join(format!("{slug}.html")), &html.0)?;
        }
        for (name, words) in lessons(&library, language) {
            let mut writer = ChapterWriter::new(&library, language, tag);
            let html = page::lesson(&shell, &mut writer, name, words)?;
            put(folder.join(format!("lesson-{name}.html")), &html.0)?;
        }
        put(folder.join("index.html"), &lists::plan(&shell)?.0)?;
        put(folder.join("glossary.html"), &lists::glossary(&shell)?.0)?;
        put(folder.join("404.html"), &lists::lost().0)?;
    }
    pictures::write(site, &library, &root.join("pictures"))?;
    scenes::write(site, &library)?;
    put(
        root.join("index.html"),
        &lists::languages(&library, site, &spoken).0,
    )?;
    put(root.join("404.html"), &lists::lost().0)?;
    Ok(count)
}

/// The lessons: the figures that are presets of the workbench, each of which has a page of its own, with their words.
pub fn lessons<'a>(
    library: &'a Library,
    language: &'a LanguageTexts,
) -> impl Iterator<Item = (&'a str, &'a FigureWords)> {
    let presets = library.figures.values().filter(|figure| figure.play.preset);
    presets.filter_map(|figure| {
        let words = language.book.get(&figure.name)?;
        Some((figure.name.as_str(), words))
    })
}

/// Says what comes from the program, such as the names of algorithms, in that language.
fn speak(site: &ChapterSite<'_>, tag: &str) -> Result<(), String> {
    if tag == LANGUAGES[0].0 {
        choose(None);
        return Ok(());
    }
    let path = site.assets.join(format!("words/{tag}.json"));
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    if choose(Some(&text)) {
        Ok(())
    } else {
        Err(format!("{} is not a file of words", path.display()))
    }
}

/// Figures for the workbench in one language, with the names of what they measure.
#[derive(Serialize)]
struct Presets<'a> {
    frame: BTreeMap<&'a str, &'a str>,
    presets: Vec<Preset<'a>>,
}

/// Some figures in one language, as the workbench reads them.
fn figures(
    library: &Library,
    language: &LanguageTexts,
    is_wanted: impl Fn(&Figure) -> bool,
) -> Result<String, String> {
    let mut list = Vec::new();
    for (name, figure) in &library.figures {
        let words = language.book.get(name);
        if let (true, Some(words)) = (is_wanted(figure), words) {
            let words = words.said(figure, language.marks())?;
            list.push(Preset { figure, words });
        }
    }
    let frame = language.frame.iter();
    let used =
        |name: &str| name.starts_with("measure.") || ["decimal", "thousands"].contains(&name);
    let written = Presets {
        frame: frame
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .filter(|(name, _)| used(name))
            .collect(),
        presets: list,
    };
    serde_json::to_string(&written).map_err(|error| error.to_string())
}

/// Writes a file, with the folders that it needs.
///
/// # Errors
/// A file that cannot be written.
pub fn save(path: &Path, text: impl AsRef<[u8]>) -> Result<(), String> {
    let at = |error: std::io::Error| format!("{}: {error}", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(at)?;
    }
    fs::write(path, text).map_err(at)
}
