//! The diagnostics of an import: place, severity and message.

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

    /// All diagnostics in the order of the text, those of one place by severity.
    #[must_use]
    pub fn finish(mut self) -> Vec<Diagnostic> {
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
