//! The quiz.

use evenkeel_lesson::library::LanguageTexts;
use maud::{Markup, html};

/// The quiz: the answer to a question opens when one is chosen, without any script. `written` gives the HTML of a text.
///
/// # Errors
/// A text with a mark that leads nowhere.
pub fn quiz(
    language: &LanguageTexts,
    mut written: impl FnMut(&str) -> Result<Markup, String>,
) -> Result<Markup, String> {
    let mut reasons = Vec::with_capacity(language.quiz.len());
    for question in &language.quiz {
        reasons.push(written(&question.reason)?);
    }
    let questions = (1..).zip(&language.quiz).zip(&reasons);
    Ok(html! {
        div.quiz #quiz {
            @for ((number, one), reason) in questions {
                fieldset id={ "q" (number) } {
                    legend { (number) ". " (one.question) }
                    @for (at, choice) in one.choices.iter().enumerate() {
                        label class=(if at == one.right { "right" } else { "wrong" }) {
                            input type="radio" name={ "q" (number) };
                            " " span { (choice) }
                        }
                    }
                    div.reason role="status" {
                        div {
                            (reason)
                            p { a href={ (one.chapter) ".html#" (one.figure) } { (language.word("check")) } }
                        }
                    }
                }
            }
            p.score role="status" data-text=(language.word("score")) {}
        }
    })
}
