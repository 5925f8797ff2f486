//! The plan, the glossary, and the pages that lead to the plan.

use evenkeel_lesson::chapter::Chapter;
use evenkeel_lesson::library::Library;
use evenkeel_lesson::reading::ReadingTime;
use maud::{DOCTYPE, Markup, html};

use crate::page::{Head, Shell, minutes, own_name, whole};
use crate::site::ChapterSite;

/// The plan of a language: every chapter with what it is about.
///
/// # Errors
/// None of its own: those of [`whole`].
pub fn plan(shell: &Shell<'_>) -> Result<Markup, String> {
    let language = shell.language;
    let chapters = &shell.language.chapters;
    let times = chapters
        .iter()
        .map(|one| ReadingTime::of(one, language, shell.library));
    let total: usize = times.map(ReadingTime::minutes).sum();
    let lede = language
        .word("plan-lede")
        .replace("{minutes}", &total.to_string());
    let main = html! {
        main.contents #text {
            h1 { (language.word("plan-title")) }
            p.notice #missing role="status" data-text=(language.word("missing")) {}
            p.lede { (lede) }
            p.top {
                button.pause-pictures type="button" aria-pressed="false" { (language.word("pause-pictures")) }
            }
            ol.chapters {
                @for chapter in chapters {
                    li data-slug=(chapter.slug) {
                        (thumbnail(chapter))
                        h2 { a href={ (chapter.slug) ".html" } { (chapter.number) " " (chapter.short) } }
                        p { (chapter.about) }
                        p.minutes { (minutes(shell, chapter)) }
                    }
                }
            }
        }
    };
    let head = Head {
        title: language.word("plan-title"),
        about: language.word("plan-about"),
        file: "index",
        around: [None, None],
        card: false,
    };
    whole(shell, &head, None, &main)
}

/// A moving picture from a run of the chapter's first figure; standing still for who wants no motion.
fn thumbnail(chapter: &Chapter) -> Markup {
    let file = |form: &str| format!("../pictures/{}{form}.svg", chapter.slug);
    html! {
        picture {
            source media="(prefers-reduced-motion: reduce)" srcset=(file("-still"));
            img src=(file("")) data-still=(file("-still")) alt="" width="240" height="140" loading="lazy";
        }
    }
}

/// The glossary.
///
/// # Errors
/// None of its own: those of [`whole`].
pub fn glossary(shell: &Shell<'_>) -> Result<Markup, String> {
    let language = shell.language;
    let mut terms: Vec<_> = shell.language.glossary.iter().collect();
    terms.sort_by_key(|(_, term)| term.term.to_lowercase());
    let main = html! {
        main.glossary #text data-glossary {
            h1 { (language.word("glossary")) }
            dl {
                @for (slug, term) in terms {
                    dt id=(slug) { (term.term) }
                    dd { (term.means) }
                }
            }
        }
    };
    let head = Head {
        title: language.word("glossary"),
        about: language.word("glossary-about"),
        file: "glossary",
        around: [None, None],
        card: false,
    };
    whole(shell, &head, None, &main)
}

/// A page that does not exist: on to the plan of the folder it was asked from.
pub fn lost() -> Markup {
    let plan = "./index.html?missing=1";
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="refresh" content={ "0; url=" (plan) };
                title { "Evenkeel" }
            }
            body { p { a href=(plan) { "Evenkeel" } } }
        }
    }
}

/// Where to begin: on to the plan in the reader's language.
pub fn languages(library: &Library, site: &ChapterSite<'_>, spoken: &[&str]) -> Markup {
    let title = library
        .languages
        .get("en")
        .map_or("Evenkeel", |language| language.word("plan-title"));
    html! {
        (DOCTYPE)
        html lang="en" data-languages {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(site.policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Evenkeel" }
                link rel="stylesheet" href="lesson.css";
                script type="module" src="lesson.js" {}
            }
            body {
                main.languages {
                    h1 { (title) }
                    ul {
                        @for tag in spoken {
                            li {
                                a href={ (tag) "/index.html" } lang=(tag) data-tag=(tag) { (own_name(tag)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
