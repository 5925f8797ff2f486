//! Splits an HAProxy configuration into lines and words (HAProxy 2.6, src/tools.c, `parse_line`): words are separated
//! by spaces, `#` ends the line unless it is quoted, double quotes and bare words know backslashes, single quotes do
//! not.

use crate::cursor::Cursor;
use crate::diagnostic::{ConfigMessage, Diagnostics, Span};
use crate::template::FILLER;

/// A word of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HaproxyWord {
    /// The text without quotes and backslashes.
    pub text: String,
    /// The place in the text.
    pub span: Span,
}

/// A line with at least one word or a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HaproxyLine {
    /// The words of the line.
    pub words: Vec<HaproxyWord>,
    /// The place of its comment; `None` if it has none.
    pub comment: Option<Span>,
}

impl HaproxyLine {
    /// From the first word to the last.
    #[must_use]
    pub fn span(&self) -> Span {
        let first = self.words.first().map_or(Span::default(), |word| word.span);
        let last = self.words.last().map_or(first, |word| word.span);
        Span {
            to: last.to,
            ..first
        }
    }

    /// The words of the line as text.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        self.words.iter().map(|word| word.text.as_str()).collect()
    }
}

/// Reads all lines of a text; empty ones are left out.
pub fn lex(text: &str, notes: &mut Diagnostics) -> Vec<HaproxyLine> {
    let mut cursor = Cursor::new(text);
    let mut lines = Vec::new();
    while cursor.peek().is_some() {
        let line = line(&mut cursor, notes);
        if !line.words.is_empty() || line.comment.is_some() {
            lines.push(line);
        }
        cursor.bump();
    }
    lines
}

/// Reads up to the end of the line, without it.
fn line(cursor: &mut Cursor<'_>, notes: &mut Diagnostics) -> HaproxyLine {
    let mut line = HaproxyLine {
        words: Vec::new(),
        comment: None,
    };
    loop {
        cursor.skip(|one| one != '\n' && one.is_whitespace());
        let start = cursor.here();
        match cursor.peek() {
            None | Some('\n') => return line,
            Some('#') => {
                cursor.skip(|one| one != '\n');
                line.comment = Some(cursor.since(start));
            }
            Some(_) => {
                let text = word(cursor, notes);
                let span = cursor.since(start);
                line.words.push(HaproxyWord { text, span });
            }
        }
    }
}

fn word(cursor: &mut Cursor<'_>, notes: &mut Diagnostics) -> String {
    let mut text = String::new();
    let mut quote: Option<(char, Span)> = None;
    while let Some(next) = cursor.peek() {
        let inside = quote.map(|(mark, _)| mark);
        match next {
            '\n' => break,
            '"' | '\'' if inside.is_none() => quote = Some((next, cursor.here())),
            _ if inside == Some(next) => quote = None,
            '\\' if inside != Some('\'') => {
                cursor.bump();
                escape(cursor, &mut text);
                continue;
            }
            '#' if inside.is_none() => break,
            _ if inside.is_none() && next.is_whitespace() => break,
            FILLER => {}
            _ => text.push(next),
        }
        cursor.bump();
    }
    if let Some((_, start)) = quote {
        notes.push(start, ConfigMessage::UnclosedQuote);
    }
    text
}

/// Reads the character after a backslash. A backslash at the end of a line means nothing.
fn escape(cursor: &mut Cursor<'_>, text: &mut String) {
    match cursor.peek() {
        None | Some('\n') => return,
        Some('r') => text.push('\r'),
        Some('n') => text.push('\n'),
        Some('t') => text.push('\t'),
        Some(same @ (' ' | '#' | '\\' | '"' | '\'' | '$')) => text.push(same),
        Some(other) => text.extend(['\\', other]),
    }
    cursor.bump();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Vec<String>> {
        let lines = lex(text, &mut Diagnostics::default());
        let own = |line: HaproxyLine| line.words.into_iter().map(|word| word.text).collect();
        lines.into_iter().map(own).collect()
    }

    #[test]
    fn lines_words_and_comments() {
        let expected = vec![vec!["a", "b"], vec!["c"], vec![]];
        assert_eq!(words("  a\tb\r\n\n c#d e\n#f"), expected);
    }

    #[test]
    fn quotes_and_escapes() {
        assert_eq!(
            words(r#"a\ b "c d"e 'f\g' "h\"i" j\#k"#)[0],
            ["a b", "c de", r"f\g", "h\"i", "j#k"]
        );
        let mut notes = Diagnostics::default();
        lex("a \"b\nc", &mut notes);
        let notes = notes.finish();
        assert_eq!((notes[0].span.line, notes[0].span.column), (1, 3));
    }
}
