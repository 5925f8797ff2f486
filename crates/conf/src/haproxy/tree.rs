//! HAProxy's sections.

use super::lex::{Line, Word, lex};
use crate::diagnostic::{Diagnostics, Message};

/// What a section is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The process.
    Global,
    /// What the proxies after it begin with.
    Defaults,
    /// Where clients come in.
    Frontend,
    /// A group of servers.
    Backend,
    /// Both in one.
    Listen,
    /// Known to HAProxy, and nothing of it is simulated.
    Other,
}

/// The names that begin a section.
const SECTIONS: &[(&str, Kind)] = &[
    ("global", Kind::Global),
    ("defaults", Kind::Defaults),
    ("frontend", Kind::Frontend),
    ("backend", Kind::Backend),
    ("listen", Kind::Listen),
    ("userlist", Kind::Other),
    ("peers", Kind::Other),
    ("resolvers", Kind::Other),
    ("mailers", Kind::Other),
    ("program", Kind::Other),
    ("cache", Kind::Other),
    ("ring", Kind::Other),
    ("http-errors", Kind::Other),
    ("fcgi-app", Kind::Other),
    ("log-forward", Kind::Other),
    ("crt-store", Kind::Other),
    ("traces", Kind::Other),
];

/// A section with its lines.
#[derive(Clone, Debug)]
pub struct Section {
    /// What it is.
    pub kind: Kind,
    /// Its first line.
    pub head: Line,
    /// The lines after it.
    pub lines: Vec<Line>,
}

impl Section {
    /// What it is called, if it is.
    #[must_use]
    pub fn name(&self) -> Option<&Word> {
        self.head.words.get(1)
    }
}

/// Which kind of section a word begins, if it does.
#[must_use]
pub fn section_kind(word: &str) -> Option<Kind> {
    let found = SECTIONS.iter().find(|(name, _)| *name == word)?;
    Some(found.1)
}

/// Reads a text. Never fails: what is wrong is said in `notes`.
pub fn parse(text: &str, notes: &mut Diagnostics) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in lex(text, notes) {
        let Some(first) = line.words.first() else {
            continue;
        };
        if let Some(kind) = section_kind(&first.text) {
            let named = matches!(kind, Kind::Frontend | Kind::Backend | Kind::Listen);
            if named && line.words.len() < 2 {
                let what = first.text.clone();
                notes.say(first.span, Message::NeedsName { what });
            }
            sections.push(Section {
                kind,
                head: line,
                lines: Vec::new(),
            });
        } else if first.text.starts_with('.') {
            let what = first.text.clone();
            notes.say(line.span(), Message::NotSimulated { what });
        } else if let Some(section) = sections.last_mut() {
            section.lines.push(line);
        } else {
            let what = first.text.clone();
            notes.say(first.span, Message::OutsideSection { what });
        }
    }
    sections
}
