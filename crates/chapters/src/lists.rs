//! The plan, the glossary, the quiz, and the pages that lead to the plan.

use evenkeel_lesson::library::{LanguageTexts, Library};

use crate::body::{ChapterWriter, escape};
use crate::page::{Head, Shell, own_name, whole};
use crate::write::ChapterSite;

/// The plan of a language: every chapter with what it is about.
pub fn plan(shell: &Shell<'_>) -> String {
    let word = |name| escape(shell.language.word(name));
    let chapters: String = shell
        .language
        .chapters
        .iter()
        .map(|chapter| {
            let minutes = word("minutes").replace("{minutes}", &chapter.minutes().to_string());
            format!(
                "<li data-slug=\"{slug}\"><h2><a href=\"{slug}.html\">{short}</a></h2>\n\
                 <p>{about}</p>\n<p class=\"minutes\">{minutes}</p></li>\n",
                slug = chapter.slug,
                short = escape(&chapter.short),
                about = escape(&chapter.about),
            )
        })
        .collect();
    let total: usize = shell
        .language
        .chapters
        .iter()
        .map(|one| one.minutes())
        .sum();
    let main = format!(
        "<main id=\"text\" class=\"contents\">\n<h1>{title}</h1>\n\
         <p class=\"notice\" role=\"status\" id=\"missing\" data-text=\"{missing}\"></p>\n\
         <p class=\"lede\">{lede}</p>\n<ol class=\"chapters\">\n{chapters}</ol>\n</main>",
        title = word("plan-title"),
        missing = word("missing"),
        lede = word("plan-lede").replace("{minutes}", &total.to_string()),
    );
    let head = Head {
        title: shell.language.word("plan-title"),
        about: shell.language.word("plan-about"),
        file: "index",
        around: [None, None],
    };
    whole(shell, &head, None, &main)
}

/// The glossary.
pub fn glossary(shell: &Shell<'_>) -> Result<String, String> {
    let word = |name| escape(shell.language.word(name));
    let mut terms: Vec<_> = shell.language.glossary.iter().collect();
    terms.sort_by_key(|(_, term)| term.term.to_lowercase());
    let terms: String = terms
        .into_iter()
        .map(|(slug, term)| {
            format!(
                "<dt id=\"{slug}\">{}</dt>\n<dd>{}</dd>\n",
                escape(&term.term),
                escape(&term.means)
            )
        })
        .collect();
    let main = format!(
        "<main id=\"text\" class=\"glossary\" data-glossary>\n<h1>{}</h1>\n<dl>\n{terms}</dl>\n</main>",
        word("glossary")
    );
    let head = Head {
        title: shell.language.word("glossary"),
        about: shell.language.word("glossary-about"),
        file: "glossary",
        around: [None, None],
    };
    Ok(whole(shell, &head, None, &main))
}

/// The quiz: the answer to a question opens when one is chosen, without any script.
pub fn quiz(language: &LanguageTexts, writer: &mut ChapterWriter<'_>) -> Result<String, String> {
    let mut out = String::from("\n<div class=\"quiz\">\n");
    for (place, one) in language.quiz.iter().enumerate() {
        let number = place + 1;
        let options: String = one
            .choices
            .iter()
            .enumerate()
            .map(|(at, choice)| {
                let class = if at == one.right { "right" } else { "wrong" };
                format!(
                    "<label class=\"{class}\"><input type=\"radio\" name=\"q{number}\"> \
                     <span>{}</span></label>\n",
                    escape(choice)
                )
            })
            .collect();
        let reason = writer.html(&one.reason)?;
        let check = escape(language.word("check"));
        out += &format!(
            "<fieldset id=\"q{number}\">\n<legend>{number}. {question}</legend>\n{options}\
             <div class=\"reason\" role=\"status\"><div>{reason}\
             <p><a href=\"{chapter}.html#{figure}\">{check}</a></p></div></div>\n</fieldset>\n",
            question = escape(&one.question),
            chapter = one.chapter,
            figure = one.figure,
        );
    }
    let score = escape(language.word("score"));
    out += &format!("<p class=\"score\" role=\"status\" data-text=\"{score}\"></p>\n</div>\n");
    // A blank line would end the block of HTML within Markdown.
    Ok(out.replace("\n\n", "\n") + "\n")
}

/// A page that does not exist: on to the plan of the folder it was asked from.
pub fn lost() -> String {
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
     <meta http-equiv=\"refresh\" content=\"0; url=./index.html?missing=1\">\n\
     <title>Evenkeel</title></head>\n\
     <body><p><a href=\"./index.html?missing=1\">Evenkeel</a></p></body></html>\n"
        .to_string()
}

/// Where to begin: on to the plan in the reader's language.
pub fn languages(library: &Library, site: &ChapterSite<'_>, spoken: &[&str]) -> String {
    let links: String = spoken
        .iter()
        .map(|tag| {
            let own = escape(&own_name(tag));
            format!("<li><a href=\"{tag}/index.html\" lang=\"{tag}\" data-tag=\"{tag}\">{own}</a></li>\n")
        })
        .collect();
    let title = library
        .languages
        .get("en")
        .map_or("Evenkeel", |language| language.word("plan-title"));
    format!(
        "<!doctype html>\n<html lang=\"en\" data-languages><head><meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} · Evenkeel</title>\n<link rel=\"stylesheet\" href=\"lesson.css\">\n\
         <script type=\"module\" src=\"lesson.js\"></script></head>\n\
         <body><main class=\"languages\"><h1>{title}</h1><ul>\n{links}</ul></main></body></html>\n",
        policy = escape(site.policy),
        title = escape(title),
    )
}
