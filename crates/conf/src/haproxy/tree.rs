//! Parses an HAProxy configuration into sections.

use std::collections::BTreeSet;

use super::lex::{HaproxyLine, HaproxyWord, lex};
use crate::diagnostic::{ConfigMessage, Diagnostics};

/// The kind of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SectionKind {
    /// `global`: the settings of the process.
    Global,
    /// `defaults`: the initial settings of the proxies after it.
    Defaults,
    /// `frontend`: what clients connect to.
    Frontend,
    /// `backend`: a group of servers.
    Backend,
    /// `listen`: a frontend and a backend in one.
    Listen,
    /// A section that HAProxy knows and that is not simulated.
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
    /// The kind of the section.
    pub kind: SectionKind,
    /// The first line, with its keyword and name.
    pub head: HaproxyLine,
    /// The lines after the first.
    pub lines: Vec<HaproxyLine>,
}

impl Section {
    /// The name; `None` if it has none.
    #[must_use]
    pub fn name(&self) -> Option<&HaproxyWord> {
        self.head.words.get(1)
    }
}

/// The kind of section that a word begins; `None` if it begins none.
#[must_use]
pub fn section_kind(word: &str) -> Option<SectionKind> {
    let found = SECTIONS.iter().find(|(name, _)| *name == word)?;
    Some(found.1)
}

/// Parses a text. It never fails: errors become `notes`. Of `.if … .else … .endif` the first branch is read.
pub fn parse(text: &str, notes: &mut Diagnostics) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut names = SectionNames::default();
    // For each open `.if` whether its first branch is over.
    let mut branches: Vec<bool> = Vec::new();
    for line in lex(text, notes) {
        let Some(first) = line.words.first() else {
            continue;
        };
        match first.text.as_str() {
            ".if" => branches.push(false),
            ".elif" | ".else" => {
                if let Some(over) = branches.last_mut() {
                    *over = true;
                }
            }
            ".endif" => {
                branches.pop();
            }
            _ if branches.contains(&true) => continue,
            _ => {}
        }
        if let Some(kind) = section_kind(&first.text) {
            let named = matches!(
                kind,
                SectionKind::Frontend | SectionKind::Backend | SectionKind::Listen
            );
            if named && line.words.len() < 2 {
                let what = first.text.clone();
                notes.push(first.span, ConfigMessage::NeedsName { what });
            }
            names.add(kind, &line, notes);
            sections.push(Section {
                kind,
                head: line,
                lines: Vec::new(),
            });
        } else if first.text.starts_with('.') {
            let what = first.text.clone();
            notes.push(line.span(), ConfigMessage::NotSimulated { what });
        } else if let Some(section) = sections.last_mut() {
            section.lines.push(line);
        } else {
            let what = first.text.clone();
            notes.push(first.span, ConfigMessage::OutsideSection { what });
        }
    }
    sections
}

/// The names of proxies: towards clients, and towards servers. A `listen` has both.
#[derive(Default)]
struct SectionNames {
    fronts: BTreeSet<String>,
    backs: BTreeSet<String>,
}

impl SectionNames {
    /// Adds the name of a section. One that is there already is an error of HAProxy.
    fn add(&mut self, kind: SectionKind, head: &HaproxyLine, notes: &mut Diagnostics) {
        use SectionKind::{Backend, Frontend, Listen};
        let Some(name) = head.words.get(1) else {
            return;
        };
        let is_front = matches!(kind, Frontend | Listen);
        let is_back = matches!(kind, Backend | Listen);
        let front = is_front && !self.fronts.insert(name.text.clone());
        let back = is_back && !self.backs.insert(name.text.clone());
        if front || back {
            let name_of = name.text.clone();
            notes.push(name.span, ConfigMessage::SamePool { name: name_of });
        }
    }
}
