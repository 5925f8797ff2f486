//! The moving pictures of the plan, and the cards that other places show beside a link to a page.

use std::collections::BTreeSet;
use std::path::Path;

use evenkeel_lesson::library::Library;

use crate::card::CardPress;
use crate::picture::{Shot, shoot};
use crate::site::ChapterSite;
use crate::write::{lessons, save};

/// The name of a page's card in the folder of the pictures; `file` is that of the page without its ending.
pub fn card_name(tag: &str, file: &str) -> String {
    format!("{tag}-{file}.png")
}

/// Writes the moving picture of each chapter, the same standing still, and the card of each chapter and lesson in each
/// language. No word is in the former, so all languages share them.
///
/// # Errors
/// A figure that is not there or cannot be run, or a file that cannot be written.
pub fn write(site: &ChapterSite<'_>, library: &Library, folder: &Path) -> Result<(), String> {
    let press = site.cards.then(CardPress::new);
    let chapters = library.languages.values().flat_map(|one| &one.chapters);
    let of_chapters: BTreeSet<&str> = chapters.clone().filter_map(|one| one.picture()).collect();
    let presets = library.figures.values().filter(|figure| figure.play.preset);
    let of_lessons = presets.map(|figure| figure.name.as_str());
    let mut names = of_chapters.clone();
    if press.is_some() {
        names.extend(of_lessons);
    }
    for name in names {
        let figure = library.figures.get(name);
        let figure = figure.ok_or_else(|| format!("there is no figure {name:?}"))?;
        let shot = shoot(figure, &library.land)?;
        for chapter in chapters.clone().filter(|one| one.picture() == Some(name)) {
            save(&folder.join(format!("{}.svg", chapter.slug)), shot.moving())?;
            save(
                &folder.join(format!("{}-still.svg", chapter.slug)),
                shot.still(),
            )?;
        }
        if let Some(press) = &press {
            cards(library, name, &shot, |name, svg| {
                save(&folder.join(name), press.png(&svg)?)
            })?;
        }
    }
    Ok(())
}

/// The cards of the chapters and of the lesson that a figure stands for.
fn cards(
    library: &Library,
    figure: &str,
    shot: &Shot<'_>,
    mut put: impl FnMut(String, String) -> Result<(), String>,
) -> Result<(), String> {
    for (tag, language) in &library.languages {
        let chapters = language.chapters.iter();
        for chapter in chapters.filter(|one| one.picture() == Some(figure)) {
            let svg = shot.card(&chapter.title, &chapter.lede);
            put(card_name(tag, &chapter.slug), svg)?;
        }
        if language.chapters.is_empty() {
            continue;
        }
        for (name, words) in lessons(library, language).filter(|(name, _)| *name == figure) {
            let words = words.said(&library.figures[name], language.marks())?;
            let svg = shot.card(&words.title, &words.watch);
            put(card_name(tag, &format!("lesson-{name}")), svg)?;
        }
    }
    Ok(())
}
