//! The diagnostics of an import: place, severity and message.

use std::collections::BTreeSet;
use std::fmt;

pub use super::message::ConfigMessage;

/// The most diagnostics of one text. If there are more, the last one gives the number of the others.
pub const MAX_DIAGNOSTICS: usize = 400;

/// A span of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The line, from 1.
    pub line: u32,
    /// The column of its first character, in characters, from 1.
    pub column: u32,
    /// The begin, in bytes from the start of the text.
    pub from: usize,
    /// The end, in bytes from the start of the text.
    pub to: usize,
}

impl Span {
    /// The place of one byte of a text.
    #[must_use]
    pub(super) fn at(text: &str, byte: usize) -> Self {
        let before = text.get(..byte).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .map_or(0, |last| last.chars().count())
            + 1;
        let whole = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            line: whole(line),
            column: whole(column),
            from: byte,
            to: byte,
        }
    }
}

/// The severity of a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The text cannot be right: this part was left out, the rest still counts.
    Error,
    /// The text was taken, but means something else in the scene than in the program.
    Warning,
    /// The text was understood and is not simulated.
    Note,
}

impl Severity {
    /// The name in lists and style classes.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// One diagnostic of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The place in the text.
    pub span: Span,
    /// The message about it.
    pub message: ConfigMessage,
}

impl Diagnostic {
    /// The severity of the message.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.message.severity()
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Span { line, column, .. } = self.span;
        let severity = self.severity().id();
        write!(f, "{line}:{column} {severity}: {}", self.message)
    }
}

/// A collector of diagnostics, bounded.
#[derive(Debug, Default)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
    more: usize,
}

impl Diagnostics {
    /// Adds a diagnostic to the list.
    pub fn push(&mut self, span: Span, message: ConfigMessage) {
        if self.found.len() < MAX_DIAGNOSTICS {
            self.found.push(Diagnostic { span, message });
        } else {
            self.more += 1;
        }
    }

    /// Drops the errors on these lines: what stands there is not what the program will read.
    pub(super) fn forgive(&mut self, lines: &BTreeSet<u32>) {
        self.found
            .retain(|one| one.severity() != Severity::Error || !lines.contains(&one.span.line));
    }

    /// All diagnostics in the order of the text, those of one place by severity. One about the text as a whole is at its
    /// start.
    #[must_use]
    pub fn finish(mut self) -> Vec<Diagnostic> {
        for one in &mut self.found {
            let span = &mut one.span;
            (span.line, span.column) = (span.line.max(1), span.column.max(1));
        }
        self.found
            .sort_by_key(|one| (one.span.line, one.span.column, one.severity()));
        self.found.dedup();
        if self.more > 0 {
            let span = self.found.last().map_or(Span::default(), |last| last.span);
            let message = ConfigMessage::More { count: self.more };
            self.found.push(Diagnostic { span, message });
        }
        self.found
    }
}
