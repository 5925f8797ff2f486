//! Configurations of real balancers to scenes and back: nginx and HAProxy in and out, Envoy out.
//!
//! An import never fails for what a text holds: it takes what it can, and says of everything else
//! where it stands and why it was left out. A configuration says nothing of clients, traffic and
//! machines, so these come from the scene at hand; import and export therefore meet in what a
//! configuration can say (`tests/it/conf_round.rs`).

mod algorithms;
mod conditions;
mod cursor;
pub mod diagnostic;
pub mod envoy;
pub mod haproxy;
pub mod highlight;
mod ir;
mod message;
pub mod nginx;
mod pools;
mod remark;
mod text;
mod unsupported;

use self::diagnostic::{ConfigMessage, Diagnostic, Diagnostics, Span};
use evenkeel_sim::scenario::Scenario;
use evenkeel_sim::scenario::validate::faults;

/// The longest text that is read, in bytes: 1 MiB.
pub const MAX_TEXT: usize = 1 << 20;

/// A program whose configuration is read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigFormat {
    /// nginx 1.22.
    Nginx,
    /// HAProxy 2.6.
    Haproxy,
    /// Envoy; written only.
    Envoy,
}

impl ConfigFormat {
    /// All, in the order of the page.
    pub const ALL: [Self; 3] = [Self::Nginx, Self::Haproxy, Self::Envoy];

    /// Its name in lists and file names.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Haproxy => "haproxy",
            Self::Envoy => "envoy",
        }
    }

    /// Its name on the page.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Haproxy => "HAProxy",
            Self::Envoy => "Envoy",
        }
    }

    /// What its file is usually called.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx.conf",
            Self::Haproxy => "haproxy.cfg",
            Self::Envoy => "envoy.yaml",
        }
    }
}

/// What came of a text.
#[derive(Clone, Debug)]
pub struct Import {
    /// Whose text it was taken for.
    pub dialect: ConfigFormat,
    /// The scene, where there was anything to make one of.
    pub scene: Option<Scenario>,
    /// What is to be said of the text, in its order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a configuration. What it says stands between the clients and the machines of `scene`.
#[must_use]
pub fn import(text: &str, scene: &Scenario) -> Import {
    let dialect = detect(text);
    let mut notes = Diagnostics::default();
    let found = if text.len() > MAX_TEXT {
        let (bytes, max) = (text.len(), MAX_TEXT);
        notes.say(Span::default(), ConfigMessage::TooLong { bytes, max });
        None
    } else if text.trim().is_empty() {
        notes.say(Span::default(), ConfigMessage::Empty);
        None
    } else {
        let found = read(dialect, text, scene, &mut notes);
        if found.is_none() {
            notes.say(Span::default(), ConfigMessage::NothingFound);
        }
        found.filter(|scene| is_valid(scene, &mut notes))
    };
    Import {
        dialect,
        scene: found,
        diagnostics: notes.finish(),
    }
}

fn read(
    dialect: ConfigFormat,
    text: &str,
    scene: &Scenario,
    notes: &mut Diagnostics,
) -> Option<Scenario> {
    if dialect == ConfigFormat::Haproxy {
        let sections = haproxy::tree::parse(text, notes);
        haproxy::lower(&sections, scene, notes)
    } else {
        let tree = nginx::tree::parse(text, notes);
        nginx::lower(&tree, scene, notes)
    }
}

/// Everything is kept in its range where it is read, so this says something only if a range of the
/// scene's changed.
fn is_valid(scene: &Scenario, notes: &mut Diagnostics) -> bool {
    let faults = faults(scene);
    for fault in &faults {
        let (place, reason) = (fault.place.clone(), fault.reason.clone());
        notes.say(Span::default(), ConfigMessage::Invalid { place, reason });
    }
    faults.is_empty()
}

/// Writes a scene as a configuration.
#[must_use]
pub fn export(scene: &Scenario, dialect: ConfigFormat) -> String {
    match dialect {
        ConfigFormat::Nginx => nginx::print(scene),
        ConfigFormat::Haproxy => haproxy::print(scene),
        ConfigFormat::Envoy => envoy::print(scene),
    }
}

/// Whose text it is, by the first line that tells: HAProxy's sections begin lines without braces,
/// and nothing stands before the first of them; nginx's lines end in `;`, `{` or `}`. A line of
/// nginx's that lacks its `;` comes after others that have theirs. What tells nothing is read as
/// nginx's.
#[must_use]
pub fn detect(text: &str) -> ConfigFormat {
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.ends_with([';', '{', '}']) {
            return ConfigFormat::Nginx;
        }
        let first = line.split_whitespace().next();
        if first.is_some_and(|word| haproxy::tree::section_kind(word).is_some()) {
            return ConfigFormat::Haproxy;
        }
    }
    ConfigFormat::Nginx
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_tells_decides_whose_text_it_is() {
        let nginx = "# shop\nupstream shop {\n  server a:1;\n}\nserver {\n  listen 80\n}\n";
        let haproxy =
            "# listen;\n\nglobal\n  daemon\nlisten shop\n  use_backend a if { path /x }\n";
        assert_eq!(detect(nginx), ConfigFormat::Nginx);
        assert_eq!(detect(haproxy), ConfigFormat::Haproxy);
        assert_eq!(detect("listen 80"), ConfigFormat::Haproxy);
        assert_eq!(detect(""), ConfigFormat::Nginx);
    }
}
