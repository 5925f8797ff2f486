//! A figure as it stands in a page before the program wakes it, and for good where it cannot: with a
//! picture, the question, the answers to choose, and what happened.
//!
//! `src/ui/lesson` builds the same boxes, so that nothing moves when a figure wakes.

use evenkeel_lesson::figure::{Figure, Question};
use evenkeel_lesson::figure_texts::FigureWords;
use evenkeel_lesson::library::{LanguageTexts, Library};
use evenkeel_lesson::proof::{Proof, proof};
use serde::Serialize;

use crate::body::escape;
use crate::picture;

/// What the program reads of a figure in a page.
#[derive(Serialize)]
struct Data<'a> {
    figure: &'a Figure,
    words: &'a FigureWords,
    proof: &'a Proof,
}

/// A figure's HTML. There is no blank line in it, which would end a block of HTML in Markdown.
pub fn figure(
    library: &Library,
    language: &LanguageTexts,
    tag: &str,
    name: &str,
) -> Result<String, String> {
    let figure = library
        .figures
        .get(name)
        .ok_or_else(|| format!("there is no figure {name:?}"))?;
    let words = language
        .book
        .get(name)
        .ok_or_else(|| format!("the figure {name:?} has no words in {tag}"))?
        .said(figure, language.marks())?;
    let proof = proof(figure, language);
    let data = Data {
        figure,
        words: &words,
        proof: &proof,
    };
    // `<` cannot end the script element early when it is written as an escape.
    let json = serde_json::to_string(&data)
        .map_err(|error| error.to_string())?
        .replace('<', "\\u003c");
    let rows = figure.scenario.servers.len();
    Ok(format!(
        "<figure class=\"fig\" id=\"{name}\" data-figure=\"{name}\">\n\
         <figcaption><b>{title}</b> {watch}</figcaption>\n\
         <div class=\"live\">\n<div class=\"scene rows-{rows}\">{picture}</div>\n\
         {numbers}{paper}\n\
         <div class=\"ask\">\n<p class=\"question\">{question}</p>\n{options}</div>\n\
         <div class=\"answers\">{answers}</div>\n{fixes}{tools}</div>\n\
         <script type=\"application/json\">{json}</script>\n</figure>",
        title = escape(&words.title),
        watch = escape(&words.watch),
        picture = picture::picture(figure)?,
        question = escape(&words.question),
        options = options(figure, &words, language),
        answers = answers(figure, &words, &proof, language),
        numbers = numbers(figure, language),
        paper = paper(figure, language),
        fixes = fixes(figure, &words),
        tools = tools(figure, language),
    ))
}

fn options(figure: &Figure, words: &FigureWords, language: &LanguageTexts) -> String {
    match &figure.play.question {
        Question::Choice(choices) => {
            let one = |id: &String| {
                let text = words.choices.get(id).map_or("", String::as_str);
                format!(
                    "<button type=\"button\" class=\"button option\" disabled>{}</button>\n",
                    escape(text)
                )
            };
            let buttons: String = choices.iter().map(|choice| one(&choice.id)).collect();
            format!("<div class=\"options\">\n{buttons}</div>\n")
        }
        Question::Guess(_) => format!(
            "<div class=\"options guess\"><input type=\"range\" disabled aria-label=\"{}\">\
             <output>–</output>{}</div>\n",
            escape(language.word("your-guess")),
            button(language.word("guess-run"))
        ),
    }
}

fn button(text: &str) -> String {
    let text = escape(text);
    format!("<button type=\"button\" class=\"button\" disabled>{text}</button>\n")
}

/// What is measured, before there is anything to measure.
fn numbers(figure: &Figure, language: &LanguageTexts) -> String {
    let shows = figure.play.shows.iter();
    let cells: String = shows
        .map(|measure| {
            let key = format!("measure.{}", measure.name());
            let server = measure.server().unwrap_or_default();
            let kind = figure.kind_of(measure).unwrap_or_default();
            let label = language.word(&key).replace("{server}", server);
            let label = escape(&label.replace("{kind}", language.word(&kind)));
            format!("<div><dt>{label}</dt><dd>–</dd></div>")
        })
        .collect();
    format!("<dl class=\"numbers\">{cells}</dl>")
}

/// The box for the last request, before there is one.
fn paper(figure: &Figure, language: &LanguageTexts) -> String {
    if !figure.writes_headers() {
        return String::new();
    }
    let head = escape(language.word("last-request"));
    format!("<div class=\"paper\"><p><b>{head}</b> –</p><dl></dl></div>")
}

fn fixes(figure: &Figure, words: &FigureWords) -> String {
    let one = |id: &String| {
        let label = words.fixes.get(id).map_or("", |fix| fix.label.as_str());
        format!(
            "<button type=\"button\" class=\"button option\" disabled>{}</button>\n",
            escape(label)
        )
    };
    let buttons: String = figure.play.fixes.iter().map(|fix| one(&fix.id)).collect();
    if buttons.is_empty() {
        return buttons;
    }
    format!("<div class=\"tools fixes\">\n{buttons}</div>\n")
}

fn tools(figure: &Figure, language: &LanguageTexts) -> String {
    let pace = match figure.play.speed_permille / 1_000 {
        1 => String::new(),
        times => format!(
            "<span class=\"pace\">{}</span>",
            escape(&language.word("pace").replace("{times}", &times.to_string()))
        ),
    };
    format!(
        "<div class=\"tools\">{}{}<span class=\"time\">0:00.0</span>{pace}\
         <a class=\"out\" href=\"../../index.html\">{}</a></div>\n",
        button(language.word("just-run")),
        button(language.word("to-end")),
        escape(language.word("workbench"))
    )
}

/// What happened, for the run and for each fix. With the program they lie on top of each other and
/// one shows.
fn answers(
    figure: &Figure,
    words: &FigureWords,
    proof: &Proof,
    language: &LanguageTexts,
) -> String {
    let measured = |part: &str| {
        let lines = proof.get(part).map_or(&[][..], Vec::as_slice);
        let items: String = lines
            .iter()
            .map(|line| format!("<li>{}</li>", escape(line)))
            .collect();
        if items.is_empty() {
            return items;
        }
        let label = escape(language.word("measured"));
        format!("<ul class=\"proof\" aria-label=\"{label}\">{items}</ul>")
    };
    let main = format!(
        "<div class=\"said\"><p><b>{}</b> {}</p>{}</div>",
        escape(language.word("answer")),
        escape(&words.answer),
        measured("")
    );
    let fix = |id: &String| {
        words.fixes.get(id).map_or(String::new(), |fix| {
            format!(
                "<div class=\"said\"><p><b>{}</b> {}</p>{}</div>",
                escape(&fix.label),
                escape(&fix.answer),
                measured(id)
            )
        })
    };
    let fixes: String = figure.play.fixes.iter().map(|one| fix(&one.id)).collect();
    main + &fixes
}
