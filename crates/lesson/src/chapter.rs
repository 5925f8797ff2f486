//! A chapter: Markdown with front matter, and marks for what is not Markdown.
//!
//! ```text
//! ---
//! title: Taking turns is fair, until it is not
//! short: Algorithms
//! lede: Round robin counts requests. Servers feel work.
//! about: For search engines, one sentence.
//! source: [RFC 9110, section 15](https://www.rfc-editor.org/rfc/rfc9110)
//! ---
//! Text with a number that is checked, [[claim:lock/p99]], a word that the glossary explains,
//! [[term:round-robin]] or [[term:round-robin|taking turns]], a number from a source and not from a
//! scene, [[fact:10 s]], a kind of request, [[kind:checkout]], and on a line of its own
//!
//! [[figure:lock]]
//! ```

use std::collections::BTreeMap;

/// A chapter in one language, or another text in the same form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chapter {
    /// The number of the chapter, from 1.
    pub number: u32,
    /// The name in addresses, the same in every language.
    pub slug: String,
    /// The heading of the chapter.
    pub title: String,
    /// The short heading in the plan.
    pub short: String,
    /// The sentence under the heading.
    pub lede: String,
    /// The subject, in a sentence for lists and search engines.
    pub about: String,
    /// The figure that stands for it where only one does; empty for its first.
    pub picture: String,
    /// The sources of its facts, a line of Markdown each.
    pub sources: Vec<String>,
    /// The text in Markdown, with marks.
    pub body: String,
}

/// A mark in a text that is not Markdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextMark<'a> {
    /// A number that a run confirms: figure and claim.
    Claim(&'a str, &'a str),
    /// A figure, by its name.
    Figure(&'a str),
    /// A term of the glossary, and its form in the text; empty for the glossary's own form.
    Term(&'a str, &'a str),
    /// A number or time that a source gives and no scene shows.
    Fact(&'a str),
    /// A kind of request, in its colour and shape: its name, and the word in the text.
    Kind(&'a str, &'a str),
    /// A server of the figures, `A` to `H`, in its colour.
    Server(&'a str),
    /// A line of a configuration, and the part of the figure before it that it speaks of.
    Line(&'a str, &'a str),
    /// A number of a configuration that the reader may change: the weight of a server of the figure
    /// before it, and what it is there.
    Weight(&'a str, &'a str),
    /// The algorithm of a configuration, which the reader may change likewise.
    Method,
    /// A line of a configuration that the reader may take away: its name among the `lines` of the figure before it,
    /// and its form in the text.
    Keep(&'a str, &'a str),
    /// The place of the quiz.
    Quiz,
    /// `[[keys]]`: the meaning of the shapes in figures.
    Keys,
    /// `[[with:NAME]]`: a figure, and beside it all text up to `[[end]]`.
    With(&'a str),
    /// `[[end]]`: the end of the text beside a figure.
    End,
}

impl Chapter {
    /// Parses a chapter; `file` is its name without the ending, `02-algorithms`.
    ///
    /// # Errors
    /// What is missing, with the file's name.
    pub fn parse(file: &str, text: &str) -> Result<Self, String> {
        let wrong = |what: &str| format!("{file}: {what}");
        let (number, slug) = file.split_once('-').ok_or_else(|| wrong("no number"))?;
        let rest = text
            .strip_prefix("---\n")
            .ok_or_else(|| wrong("no front matter"))?;
        let (front, body) = rest
            .split_once("\n---\n")
            .ok_or_else(|| wrong("the front matter has no end"))?;
        let mut chapter = Self {
            number: number.parse().map_err(|_| wrong("no number"))?,
            slug: slug.to_string(),
            body: body.trim().to_string(),
            ..Self::default()
        };
        for line in front.lines().filter(|line| !line.trim().is_empty()) {
            let (field, value) = line
                .split_once(": ")
                .ok_or_else(|| wrong(&format!("{line:?} is not `field: value`")))?;
            let value = value.trim().to_string();
            match field {
                "title" => chapter.title = value,
                "short" => chapter.short = value,
                "lede" => chapter.lede = value,
                "about" => chapter.about = value,
                "picture" => chapter.picture = value,
                "source" => chapter.sources.push(value),
                _ => return Err(wrong(&format!("there is no field {field:?}"))),
            }
        }
        let fields = [
            ("title", &chapter.title),
            ("short", &chapter.short),
            ("lede", &chapter.lede),
            ("about", &chapter.about),
        ];
        for (name, value) in fields {
            if value.is_empty() {
                return Err(wrong(&format!("no {name}")));
            }
        }
        Ok(chapter)
    }

    /// The name of the figure that stands for it: the one it names, or its first. `None` if it has none, or a mark
    /// cannot be read.
    #[must_use]
    pub fn picture(&self) -> Option<&str> {
        if !self.picture.is_empty() {
            return Some(&self.picture);
        }
        let found = marks(&self.body).ok()?;
        found.into_iter().find_map(TextMark::figure)
    }

    /// Whether the quiz stands in it.
    #[must_use]
    pub fn has_quiz(&self) -> bool {
        self.body.contains("[[quiz]]")
    }
}

impl<'a> TextMark<'a> {
    /// The figure that stands at this mark.
    #[must_use]
    pub const fn figure(self) -> Option<&'a str> {
        match self {
            Self::Figure(name) | Self::With(name) => Some(name),
            _ => None,
        }
    }

    fn read(text: &'a str) -> Result<Self, String> {
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        let pair = || rest.split_once('|').unwrap_or((rest, ""));
        match kind {
            "claim" => rest
                .split_once('/')
                .map(|(figure, claim)| Self::Claim(figure, claim))
                .ok_or_else(|| format!("[[{text}]]: a claim is [[claim:figure/name]]")),
            "figure" => Ok(Self::Figure(rest)),
            "term" => Ok(Self::Term(pair().0, pair().1)),
            "kind" => Ok(Self::Kind(pair().0, pair().1)),
            "server" => match rest.as_bytes() {
                [b'A'..=b'H'] => Ok(Self::Server(rest)),
                _ => Err(format!("[[{text}]]: a server is a letter from A to H")),
            },
            "fact" => Ok(Self::Fact(rest)),
            "line" => Ok(Self::Line(pair().0, pair().1)),
            "weight" => Ok(Self::Weight(pair().0, pair().1)),
            "method" => Ok(Self::Method),
            "keep" => Ok(Self::Keep(pair().0, pair().1)),
            "quiz" => Ok(Self::Quiz),
            "keys" => Ok(Self::Keys),
            "with" => Ok(Self::With(rest)),
            "end" => Ok(Self::End),
            _ => Err(format!("[[{text}]]: there is no mark {kind:?}")),
        }
    }
}

/// The text with every mark replaced by the result of `say`.
///
/// # Errors
/// The first mark that cannot be read or said.
pub fn replace<'a>(
    text: &'a str,
    mut say: impl FnMut(TextMark<'a>) -> Result<String, String>,
) -> Result<String, String> {
    replace_in_context(text, |mark, _| say(mark))
}

/// Like [`replace`]; `say` gets the finished text before the mark as well.
///
/// # Errors
/// The first mark that cannot be read or said.
pub fn replace_in_context<'a>(
    text: &'a str,
    mut say: impl FnMut(TextMark<'a>, &str) -> Result<String, String>,
) -> Result<String, String> {
    let mut done = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[[") {
        let (mark, behind) = after
            .split_once("]]")
            .ok_or_else(|| format!("a [[ without its ]] before {after:.40?}"))?;
        done += before;
        let said = say(TextMark::read(mark)?, &done)?;
        done += &said;
        rest = behind;
    }
    Ok(done + rest)
}

/// Whether what follows this Markdown begins a sentence: it ends with a full stop or the like, or a block of text
/// begins after it.
#[must_use]
pub fn ends_sentence(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default();
    // What opens a line of Markdown without being text: a bullet, a quotation, a heading.
    let text = line.trim_start_matches(['-', '>', '#', ' ']);
    let text = text.trim_end_matches([' ', '¿', '¡', '“', '«', '"', '*']);
    if text.is_empty() {
        let above = before[..before.len() - line.len()].trim_end_matches('\n');
        // A line that goes on does not begin anything.
        return line != text || above.len() + 1 < before.len() - line.len() || above.is_empty();
    }
    text.ends_with(['.', '?', '!'])
}

/// The text with a capital letter at its start.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// Every mark of a text, in order.
///
/// # Errors
/// The first mark that cannot be read.
pub fn marks(text: &str) -> Result<Vec<TextMark<'_>>, String> {
    let mut found = Vec::new();
    replace(text, |mark| {
        found.push(mark);
        Ok(String::new())
    })?;
    Ok(found)
}

/// One term of the glossary.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// The term as it is written.
    pub term: String,
    /// The meaning, in a sentence or two.
    pub means: String,
}

/// The glossary of a language, by the keys of its terms.
pub type Glossary = BTreeMap<String, Term>;

/// One question of the quiz.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuizQuestion {
    /// The question as a sentence.
    pub question: String,
    /// The answers to choose from.
    pub choices: Vec<String>,
    /// The index of the right answer, from 0.
    pub right: usize,
    /// The reason; with marks, as in a chapter.
    pub reason: String,
    /// The name of the figure that shows it.
    pub figure: String,
    /// The slug of the chapter with that figure.
    pub chapter: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "---\ntitle: A: b\nshort: s\nlede: l\nabout: a\nsource: [x](y)\n---\n\nHi.\n";

    #[test]
    fn a_chapter_is_read() {
        let chapter = Chapter::parse("02-some-thing", TEXT).expect("it is whole");
        assert_eq!((chapter.number, chapter.slug.as_str()), (2, "some-thing"));
        assert_eq!(chapter.title, "A: b");
        assert_eq!(chapter.body, "Hi.");
        assert_eq!(chapter.sources, ["[x](y)"]);
    }

    #[test]
    fn what_is_missing_is_named() {
        let refused = |from: &str, to: &str| {
            let text = TEXT.replacen(from, to, 1);
            Chapter::parse("02-x", &text).expect_err("it is not whole")
        };
        assert!(refused("lede: l\n", "").contains("no lede"));
        assert!(refused("lede: l", "lead: l").contains("\"lead\""));
        assert!(refused("---\n", "").contains("no front matter"));
        assert!(Chapter::parse("x", TEXT).is_err());
    }

    #[test]
    fn a_sentence_begins_where_one_has_ended_and_where_a_block_begins() {
        for before in ["", "One. ", "One? ", "- ", "> ", "One\n\n", "One\n- ", "¿"] {
            assert!(ends_sentence(before), "{before:?}");
        }
        for before in ["One, ", "At ", "- At ", "One\n", "a: "] {
            assert!(!ends_sentence(before), "{before:?}");
        }
        assert_eq!(capital("élan"), "Élan");
    }

    #[test]
    fn marks_are_found_and_replaced() {
        let text = "a [[claim:f/c]] b [[term:t|w]] [[kind:page]]";
        let expected = [
            TextMark::Claim("f", "c"),
            TextMark::Term("t", "w"),
            TextMark::Kind("page", ""),
        ];
        assert_eq!(marks(text), Ok(expected.to_vec()));
        let said = replace(text, |_| Ok("x".into()));
        assert_eq!(said.as_deref(), Ok("a x b x x"));
        assert!(marks("[[claim:f]]").is_err());
        assert!(marks("[[thing:f]]").is_err());
        assert_eq!(marks("[[server:B]]"), Ok(vec![TextMark::Server("B")]));
        assert!(marks("[[server:I]]").is_err());
        assert!(marks("[[server:<b>]]").is_err());
        assert!(marks("[[claim:f/c").is_err());
    }
}
