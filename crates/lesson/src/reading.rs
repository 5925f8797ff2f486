//! How long a chapter takes: its words, and its figures.

use super::chapter::{Chapter, TextMark, replace};
use super::figure::{Figure, Question};
use super::figure_texts::FigureWords;
use super::library::{LanguageTexts, Library};

/// Words that are read in a minute.
const WORDS_A_MINUTE: usize = 200;
/// The time for a guess, in milliseconds: the reader weighs the answers.
const GUESS_MS: u64 = 8_000;
/// The most wall time that a run is watched before a reader skips to its end, in milliseconds.
const WATCHED_MS: u64 = 15_000;

/// The time that a chapter takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadingTime {
    /// The words of the text, of its figures and of its quiz.
    pub words: usize,
    /// The number of figures.
    pub figures: usize,
    /// The time with the figures and the quiz besides reading, in milliseconds.
    pub figures_ms: u64,
}

impl ReadingTime {
    /// How long a chapter takes to read.
    #[must_use]
    pub fn of(chapter: &Chapter, language: &LanguageTexts, library: &Library) -> Self {
        let mut time = Self::default();
        let text = replace(&chapter.body, |mark| {
            time.add(mark, language, library);
            Ok(shown(mark, language))
        });
        // A mark that cannot be read is a fault that the writer of the page reports.
        time.words += words(&text.unwrap_or_default());
        time
    }

    /// Minutes in all, rounded up.
    #[must_use]
    pub fn minutes(self) -> usize {
        let reading_ms = (self.words * 60_000 / WORDS_A_MINUTE) as u64;
        minutes(reading_ms + self.figures_ms)
    }

    /// Minutes with the figures and the quiz.
    #[must_use]
    pub fn figure_minutes(self) -> usize {
        minutes(self.figures_ms).min(self.minutes())
    }

    fn add(&mut self, mark: TextMark<'_>, language: &LanguageTexts, library: &Library) {
        if let Some(name) = mark.figure() {
            self.figures += 1;
            if let Some(figure) = library.figures.get(name) {
                self.figures_ms += figure_ms(figure);
            }
            self.words += language.book.get(name).map_or(0, figure_words);
        }
        if matches!(mark, TextMark::Quiz) {
            for question in &language.quiz {
                let choices = question.choices.iter().map(|choice| words(choice));
                let reason = replace(&question.reason, |mark| Ok(shown(mark, language)));
                self.words += words(&question.question) + choices.sum::<usize>();
                self.words += words(&reason.unwrap_or_default());
                self.figures_ms += GUESS_MS;
            }
        }
    }
}

/// The time of a guess and of each run, at the speed at which it is shown.
fn figure_ms(figure: &Figure) -> u64 {
    let fixes = figure.play.fixes.iter().map(|fix| fix.run_ms);
    let runs = [figure.play.run_ms].into_iter().chain(fixes);
    let speed = u64::from(figure.play.speed_permille.max(1));
    let watched = runs.map(|ms| (ms * 1_000 / speed).min(WATCHED_MS));
    let guess = match figure.play.question {
        Question::Choice(_) | Question::Guess(_) => GUESS_MS,
    };
    guess + watched.sum::<u64>()
}

fn figure_words(figure: &FigureWords) -> usize {
    figure.sentences().map(words).sum()
}

/// What a reader sees of a mark, as far as it is text.
fn shown(mark: TextMark<'_>, language: &LanguageTexts) -> String {
    let text = match mark {
        TextMark::Claim(..) | TextMark::Server(_) => "1",
        TextMark::Fact(text) => text,
        TextMark::Term(slug, "") => language.glossary.get(slug).map_or(slug, |term| &term.term),
        TextMark::Kind(text, "") => text,
        TextMark::Term(_, text)
        | TextMark::Kind(_, text)
        | TextMark::Line(_, text)
        | TextMark::Keep(_, text) => text,
        _ => "",
    };
    text.to_string()
}

/// The words of a text: what has a letter or a digit in it.
fn words(text: &str) -> usize {
    let words = text.split_whitespace();
    words
        .filter(|word| word.contains(char::is_alphanumeric))
        .count()
}

fn minutes(ms: u64) -> usize {
    (ms.div_ceil(60_000) as usize).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_and_marks_as_what_they_show() {
        assert_eq!(words("One - two, | three. ## four"), 4);
        let chapter = Chapter {
            body: "A [[term:load-balancer|load balancer]] took [[claim:a/b]] at [[fact:10 s]].\n\n[[keys]]".to_string(),
            ..Chapter::default()
        };
        let time = ReadingTime::of(&chapter, &LanguageTexts::default(), &Library::default());
        assert_eq!((time.words, time.figures), (8, 0));
        assert_eq!(time.minutes(), 1);
        let long = ReadingTime {
            words: 1_001,
            figures: 2,
            figures_ms: 90_000,
        };
        // Five minutes and a word, and one and a half.
        assert_eq!((long.minutes(), long.figure_minutes()), (7, 2));
    }
}
