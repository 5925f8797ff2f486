//! A figure as it stands in a page before the program wakes it, and for good where it cannot: with a
//! picture, the question, the answers to choose, and what happened.
//!
//! `src/ui/lesson` builds the same boxes, so that nothing moves when a figure wakes.

use evenkeel_lesson::figure::{Figure, Question};
use evenkeel_lesson::figure_texts::FigureWords;
use evenkeel_lesson::library::{LanguageTexts, Library};
use evenkeel_lesson::measure::Measure;
use evenkeel_lesson::proof::{Proof, proof};
use maud::{Markup, PreEscaped, html};
use serde::Serialize;

use crate::{json, picture};

/// What the program reads of a figure in a page.
#[derive(Serialize)]
struct Data<'a> {
    figure: &'a Figure,
    words: &'a FigureWords,
    proof: &'a Proof,
}

/// A figure's HTML.
///
/// # Errors
/// A figure that there is not, that has no words in this language, or whose script is refused.
pub fn figure(
    library: &Library,
    language: &LanguageTexts,
    tag: &str,
    name: &str,
) -> Result<Markup, String> {
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
    let data = json::data(
        None,
        &Data {
            figure,
            words: &words,
            proof: &proof,
        },
    )?;
    let picture = PreEscaped(picture::picture(figure, &library.land)?);
    let rows = figure.scenario.servers.len();
    Ok(html! {
        figure.fig id=(name) data-figure=(name) {
            figcaption { b { (words.title) } " " (words.watch) }
            div.live {
                div class={ "scene rows-" (rows) " " (figure.drawing().class()) } { (picture) }
                (numbers(figure, language))
                (paper(figure, language))
                div.ask {
                    p.question { (words.question) }
                    (options(figure, &words, language))
                }
                (tools(figure, language))
                (fixes(figure, &words))
                div.answers {
                    p.hint { (language.word("ask-first")) }
                    (answers(figure, &words, &proof, language))
                }
            }
            (data)
        }
    })
}

fn options(figure: &Figure, words: &FigureWords, language: &LanguageTexts) -> Markup {
    match &figure.play.question {
        Question::Choice(choices) => html! {
            div.options {
                @for choice in choices {
                    (option(words.choices.get(&choice.id).map_or("", String::as_str)))
                }
            }
        },
        Question::Guess(_) => html! {
            div.options.guess {
                input type="range" disabled aria-label=(language.word("your-guess"));
                output { "–" }
                (button(language.word("guess-run")))
            }
        },
    }
}

fn option(text: &str) -> Markup {
    html! { button.button.option type="button" disabled { (text) } }
}

fn button(text: &str) -> Markup {
    html! { button.button type="button" disabled { (text) } }
}

/// What is measured, before there is anything to measure.
fn numbers(figure: &Figure, language: &LanguageTexts) -> Markup {
    let label = |measure: &Measure| {
        let key = format!("measure.{}", measure.name());
        let server = measure.server().unwrap_or_default();
        let kind = figure.kind_of(measure).unwrap_or_default();
        let label = language.word(&key).replace("{server}", server);
        label.replace("{kind}", language.word(&kind))
    };
    html! {
        dl.numbers {
            @for measure in &figure.play.shows {
                div { dt { (label(measure)) } dd { "–" } }
            }
        }
    }
}

/// The box for the last request, before there is one.
fn paper(figure: &Figure, language: &LanguageTexts) -> Markup {
    html! {
        @if figure.writes_headers() {
            div.paper { p { b { (language.word("last-request")) } " –" } dl {} }
        }
    }
}

fn fixes(figure: &Figure, words: &FigureWords) -> Markup {
    html! {
        @if !figure.play.fixes.is_empty() {
            div.tools.fixes {
                @for fix in &figure.play.fixes {
                    (option(words.fixes.get(&fix.id).map_or("", |fix| fix.label.as_str())))
                }
            }
        }
    }
}

fn tools(figure: &Figure, language: &LanguageTexts) -> Markup {
    let times = figure.play.speed_permille / 1_000;
    let pace = language.word("pace").replace("{times}", &times.to_string());
    html! {
        div.tools {
            (button(language.word("just-run")))
            (button(language.word("to-end")))
            span.time { "0:00.0" }
            @if times != 1 { span.pace { (pace) } }
            a.out href=(format!("../../index.html?figure={}&part=0", figure.name)) { (language.word("workbench")) }
        }
    }
}

/// What happened, for the run and for each fix. With the program they lie on top of each other and
/// one shows.
fn answers(
    figure: &Figure,
    words: &FigureWords,
    proof: &Proof,
    language: &LanguageTexts,
) -> Markup {
    let said = |part: &str, title: &str, answer: &str| {
        let lines = proof.get(part).map_or(&[][..], Vec::as_slice);
        html! {
            div.said {
                p { b { (title) } " " (answer) }
                @if !lines.is_empty() {
                    ul.proof aria-label=(language.word("measured")) {
                        @for line in lines { li { (line) } }
                    }
                }
            }
        }
    };
    html! {
        (said("", language.word("answer"), &words.answer))
        @for fix in &figure.play.fixes {
            @if let Some(words) = words.fixes.get(&fix.id) {
                (said(&fix.id, &words.label, &words.answer))
            }
        }
    }
}
