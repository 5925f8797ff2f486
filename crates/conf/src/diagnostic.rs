//! What an import has to say about a text: where, how grave, and what.

use std::fmt;

pub use super::message::ConfigMessage;

/// The most diagnostics that are kept of one text; the last then tells how many more there were.
pub const MAX_DIAGNOSTICS: usize = 400;

/// A piece of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The line, from 1.
    pub line: u32,
    /// The column of its first character, in characters, from 1.
    pub column: u32,
    /// Where it begins, in bytes from the start of the text.
    pub from: usize,
    /// Where it ends, in bytes.
    pub to: usize,
}

/// How grave it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Cannot be right: this piece was left out, the rest still counts.
    Error,
    /// Was taken, but means something else in the scene than in the program.
    Warning,
    /// Was understood and is not simulated.
    Note,
}

impl Severity {
    /// Its name in lists and classes.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// One remark on a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Where.
    pub span: Span,
    /// What.
    pub message: ConfigMessage,
}

impl Diagnostic {
    /// How grave it is.
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

/// A collector of remarks, bounded.
#[derive(Debug, Default)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
    more: usize,
}

impl Diagnostics {
    /// Adds one.
    pub fn say(&mut self, span: Span, message: ConfigMessage) {
        if self.found.len() < MAX_DIAGNOSTICS {
            self.found.push(Diagnostic { span, message });
        } else {
            self.more += 1;
        }
    }

    /// All of them in the order of the text, those of one place the gravest first.
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
