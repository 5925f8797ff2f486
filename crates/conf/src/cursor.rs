//! A cursor in a text, which knows its line and column.

use super::diagnostic::Span;

/// Reads a text once, character by character.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    column: u32,
}

impl<'a> Cursor<'a> {
    /// A cursor at the start of a text, after its byte order mark.
    pub(super) fn new(text: &'a str) -> Self {
        let rest = text.strip_prefix(super::BOM).unwrap_or(text);
        Self {
            text,
            at: text.len() - rest.len(),
            line: 1,
            column: 1,
        }
    }

    /// The next character, without moving.
    pub(super) fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    /// Moves past the next character.
    pub(super) fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        if next == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(next)
    }

    /// Moves past all characters for which `fits` is true.
    pub(super) fn skip(&mut self, fits: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&fits) {
            self.bump();
        }
    }

    /// An empty span at the cursor.
    pub(super) const fn here(&self) -> Span {
        Span {
            line: self.line,
            column: self.column,
            from: self.at,
            to: self.at,
        }
    }

    /// The span from a former position to the cursor.
    pub(super) const fn since(&self, start: Span) -> Span {
        Span {
            to: self.at,
            ..start
        }
    }
}
