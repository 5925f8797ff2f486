//! A whole page: its head, the plan at the side, next and previous.

use evenkeel_lesson::chapter::Chapter;
use evenkeel_lesson::figure_texts::FigureWords;
use evenkeel_lesson::library::{LanguageTexts, Library};
use evenkeel_lesson::reading::ReadingTime;
use maud::{DOCTYPE, Markup, html};

use crate::body::ChapterWriter;
use crate::json;
use crate::pictures::card_name;
use crate::site::ChapterSite;

/// What all pages of a language share.
pub struct Shell<'a> {
    /// The site that the page is part of.
    pub site: &'a ChapterSite<'a>,
    /// The figures, and all texts.
    pub library: &'a Library,
    /// The language's tag, as in `lang="es"`.
    pub tag: &'a str,
    /// The texts of the page's language.
    pub language: &'a LanguageTexts,
    /// The tags of all languages that have chapters.
    pub spoken: &'a [&'a str],
}

/// What the head of a page says.
pub struct Head<'a> {
    /// The title, without the project's name.
    pub title: &'a str,
    /// The description that search engines show.
    pub about: &'a str,
    /// The file's name without the ending.
    pub file: &'a str,
    /// The files before and after it.
    pub around: [Option<&'a str>; 2],
    /// Whether it has a card of its own.
    pub card: bool,
}

/// A chapter's page.
///
/// # Errors
/// A text with a mark that leads nowhere, or a figure that cannot be run.
pub fn chapter(
    shell: &Shell<'_>,
    writer: &mut ChapterWriter<'_>,
    place: usize,
) -> Result<Markup, String> {
    let chapters = &shell.language.chapters;
    let chapter = &chapters[place];
    let text = writer
        .chapter(&chapter.body)
        .map_err(|error| format!("{}/{}: {error}", shell.tag, chapter.slug))?;
    let sources = writer.html(&list(&chapter.sources))?;
    let before = place.checked_sub(1).map(|place| &chapters[place]);
    let after = chapters.get(place + 1);
    let main = html! {
        main #text data-chapter=(chapter.slug) {
            article {
                h1 { (chapter.title) }
                p.lede { (chapter.lede) }
                (top(shell, chapter))
                (text)
                section.sources {
                    h2 { (shell.language.word("sources")) }
                    (sources)
                }
            }
            (steps(shell, before, after))
            (writer.popovers())
        }
    };
    let head = Head {
        title: &chapter.title,
        about: &chapter.about,
        file: &chapter.slug,
        around: [before, after].map(|one| one.map(|one| one.slug.as_str())),
        card: true,
    };
    whole(shell, &head, Some(chapter), &main)
}

/// The page of a lesson: one figure, and the way to its chapter.
///
/// # Errors
/// A figure that cannot be run.
pub fn lesson(
    shell: &Shell<'_>,
    writer: &mut ChapterWriter<'_>,
    name: &str,
    words: &FigureWords,
) -> Result<Markup, String> {
    let language = shell.language;
    let figure = writer.chapter(&format!("[[figure:{name}]]"))?;
    let slug = language.page_of(name);
    let slug = slug.ok_or_else(|| format!("no chapter shows {name}"))?;
    let chapter = language.chapters.iter().find(|one| one.slug == slug);
    let short = chapter.map_or("", |one| one.short.as_str());
    let main = html! {
        main.lesson #text {
            article {
                h1 { (words.title) }
                (figure)
                p { a href={ (slug) ".html#" (name) } { (language.word("in-chapter").replace("{chapter}", short)) } }
            }
        }
    };
    let head = Head {
        title: &words.title,
        about: &words.watch,
        file: &format!("lesson-{name}"),
        around: [None, None],
        card: true,
    };
    whole(shell, &head, chapter, &main)
}

/// What stands under the lede: how long it takes, the way to the quiz, and for who only reads, all answers.
fn top(shell: &Shell<'_>, chapter: &Chapter) -> Markup {
    let language = shell.language;
    let questions = language.quiz.iter().zip(1..);
    let mut own = questions.filter(|(question, _)| question.chapter == chapter.slug);
    let quiz = language.chapters.iter().find(|one| one.has_quiz());
    html! {
        p.top {
            span.minutes { (minutes(shell, chapter)) }
            @if let Some(quiz) = quiz {
                @let place = own.next().map_or("quiz".to_string(), |(_, number)| format!("q{number}"));
                a href={ (quiz.slug) ".html#" (place) } { (language.word("quiz")) }
            }
            button.all-answers type="button" aria-pressed="false" { (language.word("all-answers")) }
        }
    }
}

/// How long a chapter takes: the words of its text at 200 a minute, and the runs of its figures.
pub fn minutes(shell: &Shell<'_>, chapter: &Chapter) -> String {
    let time = ReadingTime::of(chapter, shell.language, shell.library);
    shell
        .language
        .word("minutes")
        .replace("{minutes}", &time.minutes().to_string())
        .replace("{figures}", &time.figure_minutes().to_string())
}

fn list(lines: &[String]) -> String {
    lines.iter().map(|line| format!("- {line}\n")).collect()
}

fn steps(shell: &Shell<'_>, before: Option<&Chapter>, after: Option<&Chapter>) -> Markup {
    let language = shell.language;
    let step = |rel: &str, chapter: &Chapter| {
        html! {
            a rel=(rel) class=(rel) href={ (chapter.slug) ".html" } {
                small { (language.word(rel)) } " " (chapter.short)
            }
        }
    };
    html! {
        nav.steps aria-label=(language.word("steps")) {
            @if let Some(before) = before { (step("prev", before)) }
            @match after {
                Some(after) => (step("next", after)),
                None => a.next href="../../index.html" { (language.word("finish")) },
            }
        }
    }
}

/// A whole page round its `<main>`.
///
/// # Errors
/// Words of the frame that JSON cannot hold.
pub fn whole(
    shell: &Shell<'_>,
    head: &Head<'_>,
    now: Option<&Chapter>,
    main: &Markup,
) -> Result<Markup, String> {
    // The words that figures need once they are awake.
    let frame = match now {
        Some(_) => json::data(Some("frame"), &shell.language.frame)?,
        None => Markup::default(),
    };
    Ok(html! {
        (DOCTYPE)
        html lang=(shell.tag) data-root="../../" data-program={ "../../" (shell.site.program) } {
            (head_of(shell, head))
            body {
                a.skip href="#text" { (shell.language.word("skip")) }
                div.wrap {
                    (side(shell, head, now))
                    (main)
                }
                (frame)
            }
        }
    })
}

fn head_of(shell: &Shell<'_>, head: &Head<'_>) -> Markup {
    let [before, after] = head.around;
    html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(shell.site.policy);
            meta name="viewport" content="width=device-width, initial-scale=1";
            title { (head.title) " · Evenkeel" }
            meta name="description" content=(head.about);
            meta property="og:title" content=(head.title);
            meta property="og:description" content=(head.about);
            meta property="og:type" content="article";
            meta property="og:image" content=(image(shell, head));
            meta property="og:locale" content=(shell.tag);
            meta name="twitter:card" content="summary_large_image";
            link rel="icon" type="image/svg+xml" href="../icon.svg";
            @for file in shell.site.styles {
                link rel="stylesheet" href={ "../../" (file) };
            }
            link rel="stylesheet" href="../lesson.css";
            script src="../early.js" {}
            script type="module" src="../lesson.js" {}
            @if let Some(file) = before { link rel="prev" href={ (file) ".html" }; }
            @if let Some(file) = after { link rel="next" href={ (file) ".html" }; }
            (addresses(shell, head.file))
        }
    }
}

/// Where this page is, and where the same is in other languages. Those who read these want whole
/// addresses, so a build that does not know its own says nothing.
fn addresses(shell: &Shell<'_>, file: &str) -> Markup {
    let site = shell.site.address;
    let to = |tag: &str| format!("{site}chapters/{tag}/{file}.html");
    html! {
        @if !site.is_empty() {
            link rel="canonical" href=(to(shell.tag));
            @for tag in shell.spoken {
                link rel="alternate" hreflang=(tag) href=(to(tag));
            }
        }
    }
}

/// The picture that other places show beside a link to a page. Those who read its address want it whole; where the build
/// does not know its own, it is told from the page.
fn image(shell: &Shell<'_>, head: &Head<'_>) -> String {
    let site = match shell.site.address {
        "" => "../../",
        address => address,
    };
    if head.card {
        return format!(
            "{site}chapters/pictures/{}",
            card_name(shell.tag, head.file)
        );
    }
    format!("{site}assets/preview.png")
}

/// The plan at the side.
fn side(shell: &Shell<'_>, head: &Head<'_>, now: Option<&Chapter>) -> Markup {
    let language = shell.language;
    let is_here = |chapter: &Chapter| now.is_some_and(|now| now.slug == chapter.slug);
    let others = shell.spoken.iter().filter(|tag| **tag != shell.tag);
    html! {
        header.side {
            p.brand { a href="../../index.html" { "Evenkeel" } }
            nav aria-label=(language.word("plan")) {
                details.plan open {
                    summary { (language.word("plan")) }
                    ol {
                        @for chapter in &shell.language.chapters {
                            li data-slug=(chapter.slug) {
                                a href={ (chapter.slug) ".html" }
                                    aria-current=[is_here(chapter).then_some("page")] {
                                    (chapter.number) " " (chapter.short)
                                }
                            }
                        }
                    }
                }
            }
            p.more {
                a href="index.html" { (language.word("overview")) } " "
                a href="glossary.html" { (language.word("glossary")) } " "
                @for tag in others {
                    a href={ "../" (tag) "/" (head.file) ".html" } lang=(tag) hreflang=(tag) {
                        (own_name(tag))
                    }
                    " "
                }
            }
        }
    }
}

/// A language's name for itself.
pub fn own_name(tag: &str) -> &str {
    match tag {
        "en" => "English",
        "es" => "Español",
        "de" => "Deutsch",
        other => other,
    }
}
