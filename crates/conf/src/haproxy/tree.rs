//! HAProxy's sections.

use super::lex::{HaproxyLine, HaproxyWord, lex};
use crate::diagnostic::{ConfigMessage, Diagnostics};

/// What a section is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SectionKind {
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
const SECTIONS: &[(&str, SectionKind)] = &[
    ("global", SectionKind::Global),
    ("defaults", SectionKind::Defaults),
    ("frontend", SectionKind::Frontend),
    ("backend", SectionKind::Backend),
    ("listen", SectionKind::Listen),
    ("userlist", SectionKind::Other),
    ("peers", SectionKind::Other),
    ("resolvers", SectionKind::Other),
    ("mailers", SectionKind::Other),
    ("program", SectionKind::Other),
    ("cache", SectionKind::Other),
    ("ring", SectionKind::Other),
    ("http-errors", SectionKind::Other),
    ("fcgi-app", SectionKind::Other),
    ("log-forward", SectionKind::Other),
    ("crt-store", SectionKind::Other),
    ("traces", SectionKind::Other),
];

/// A section with its lines.
#[derive(Clone, Debug)]
pub struct Section {
    /// What it is.
    pub kind: SectionKind,
    /// Its first line.
    pub head: HaproxyLine,
    /// The lines after it.
    pub lines: Vec<HaproxyLine>,
}

impl Section {
    /// What it is called, if it is.
    #[must_use]
    pub fn name(&self) -> Option<&HaproxyWord> {
        self.head.words.get(1)
    }
}

/// Which kind of section a word begins, if it does.
#[must_use]
pub fn section_kind(word: &str) -> Option<SectionKind> {
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
            let named = matches!(
                kind,
                SectionKind::Frontend | SectionKind::Backend | SectionKind::Listen
            );
            if named && line.words.len() < 2 {
                let what = first.text.clone();
                notes.say(first.span, ConfigMessage::NeedsName { what });
            }
            sections.push(Section {
                kind,
                head: line,
                lines: Vec::new(),
            });
        } else if first.text.starts_with('.') {
            let what = first.text.clone();
            notes.say(line.span(), ConfigMessage::NotSimulated { what });
        } else if let Some(section) = sections.last_mut() {
            section.lines.push(line);
        } else {
            let what = first.text.clone();
            notes.say(first.span, ConfigMessage::OutsideSection { what });
        }
    }
    sections
}
