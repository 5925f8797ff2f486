//! Configurations of real balancers to scenes and back: nginx and HAProxy in and out, Envoy out.
//!
//! An import never fails because of a text's content: it takes what it can, and says of everything else where it is
//! and why it was left out. A configuration has no clients, traffic and machines, so these come from the present
//! scene; import and export therefore agree on what a configuration can say (`tests/it/conf_round.rs`).
//!
//! # Example
//! Read an nginx upstream, and print a remark at each place that the scene does not follow:
//!
//! ```
//! use evenkeel_conf::{ConfigFormat, export, import};
//! use evenkeel_sim::scenario::preset;
//!
//! let text = "upstream shop {
//!     least_conn;
//!     server 10.0.0.1:8080 weight=3;
//!     server 10.0.0.2:8080 wait=5s;
//!     server 10.0.0.3:8080 backup;
//!     ntlm;
//! }";
//! // Clients, traffic and machines are not in the text: they stay those of the given scene.
//! let import = import(text, &preset::default_scenario());
//! assert_eq!(import.dialect, ConfigFormat::Nginx);
//!
//! // Line, column, severity and message.
//! let remarks: Vec<String> = import.diagnostics.iter().map(ToString::to_string).collect();
//! println!("{}", remarks.join("\n"));
//! assert_eq!(
//!     remarks,
//!     ["4:26 error: \"wait=5s\" is not known here.", "6:5 note: \"ntlm\" is not simulated."]
//! );
//!
//! let scene = import.scene.expect("the text has servers");
//! let weights: Vec<u32> = scene.servers.iter().map(|server| server.weight).collect();
//! assert_eq!(weights, [3, 1, 1]);
//!
//! // The other way: the scene as a configuration of another program.
//! assert!(export(&scene, ConfigFormat::Haproxy).contains("balance leastconn"));
//! ```

mod algorithms;
mod conditions;
mod cursor;
pub mod diagnostic;
pub mod envoy;
pub mod haproxy;
pub mod highlight;
mod ir;
pub mod listener;
mod message;
pub mod nginx;
mod pools;
mod relevance;
mod remark;
mod template;
mod text;
mod unsupported;

use self::diagnostic::{ConfigMessage, Diagnostic, Diagnostics, Span};
use self::listener::Listeners;
use evenkeel_sim::scenario::Scenario;
use evenkeel_sim::scenario::validate::faults;

/// The longest text that is read, in bytes: 1 MiB.
pub const MAX_TEXT: usize = 1 << 20;

/// A config format: a program whose configuration is read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigFormat {
    /// The format of nginx 1.22.
    Nginx,
    /// The format of HAProxy 2.6.
    Haproxy,
    /// The format of Envoy, which is only written.
    Envoy,
}

impl ConfigFormat {
    /// All formats, in the order of the page.
    pub const ALL: [Self; 3] = [Self::Nginx, Self::Haproxy, Self::Envoy];

    /// The name in lists and file names.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Haproxy => "haproxy",
            Self::Envoy => "envoy",
        }
    }

    /// The name on the page.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Haproxy => "HAProxy",
            Self::Envoy => "Envoy",
        }
    }

    /// The usual name of its file.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx.conf",
            Self::Haproxy => "haproxy.cfg",
            Self::Envoy => "envoy.yaml",
        }
    }
}

/// The character that some editors write at the start of a file.
const BOM: char = '\u{feff}';

/// The result of reading a text.
#[derive(Clone, Debug)]
pub struct Import {
    /// The format that the text was read as.
    pub dialect: ConfigFormat,
    /// The scene; `None` if there was nothing to make one of.
    pub scene: Option<Scenario>,
    /// The listeners of the text, and the one that the scene is made of.
    pub listeners: Listeners,
    /// The diagnostics, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a caller wants of an import. The default is to find out both.
#[derive(Clone, Debug, Default)]
pub struct ImportChoice {
    /// The format of the text; `None` to detect it. Envoy's is not read: such a text holds nothing.
    pub format: Option<ConfigFormat>,
    /// The listener by its name or port ([`Listeners::find`]); `None`, or one that is not there, for the first.
    pub listener: Option<String>,
}

/// Reads a configuration into the present scene, whose clients and machines stay.
#[must_use]
pub fn import(text: &str, scene: &Scenario) -> Import {
    import_choice(text, scene, &ImportChoice::default())
}

/// Reads a configuration as [`import`] does, by a choice of format and listener.
#[must_use]
pub fn import_choice(text: &str, scene: &Scenario, choice: &ImportChoice) -> Import {
    let dialect = choice.format.unwrap_or_else(|| detect(text));
    let mut notes = Diagnostics::default();
    let mut listeners = Listeners::default();
    let found = if text.len() > MAX_TEXT {
        let (bytes, max) = (text.len(), MAX_TEXT);
        notes.push(Span::default(), ConfigMessage::TooLong { bytes, max });
        None
    } else if text.trim().is_empty() {
        notes.push(Span::default(), ConfigMessage::Empty);
        None
    } else {
        let template = template::plain(text);
        let plain = template.as_ref().map_or(text, |found| found.text.as_str());
        let wanted = choice.listener.as_deref();
        let found;
        (found, listeners) = read(dialect, plain, scene, wanted, &mut notes);
        if let Some(template) = &template {
            notes.forgive(&template.lines);
            let message = if template.environment {
                ConfigMessage::Environment
            } else {
                ConfigMessage::Template
            };
            notes.push(Span::at(text, template.first), message);
        }
        if text.starts_with(BOM) {
            notes.push(Span::at(text, 0), ConfigMessage::ByteOrderMark);
        }
        if found.is_none() {
            notes.push(Span::default(), ConfigMessage::NothingFound);
        }
        found.filter(|scene| is_valid(scene, &mut notes))
    };
    Import {
        dialect,
        scene: found,
        listeners,
        diagnostics: notes.finish(),
    }
}

fn read(
    dialect: ConfigFormat,
    text: &str,
    scene: &Scenario,
    wanted: Option<&str>,
    notes: &mut Diagnostics,
) -> (Option<Scenario>, Listeners) {
    match dialect {
        ConfigFormat::Haproxy => {
            let sections = haproxy::tree::parse(text, notes);
            haproxy::lower(&sections, scene, wanted, notes)
        }
        ConfigFormat::Nginx => {
            let tree = nginx::tree::parse(text, notes);
            nginx::lower(&tree, scene, wanted, notes)
        }
        ConfigFormat::Envoy => (None, Listeners::default()),
    }
}

/// Checks the new scene. Every value is kept in its range when it is read, so this finds a fault only if a range of
/// the scene format changed.
fn is_valid(scene: &Scenario, notes: &mut Diagnostics) -> bool {
    let faults = faults(scene);
    for fault in &faults {
        let (place, reason) = (fault.place.clone(), fault.reason.clone());
        notes.push(Span::default(), ConfigMessage::Invalid { place, reason });
    }
    faults.is_empty()
}

/// Writes a scene as a configuration that the program accepts. Comments in the text name what the program lacks.
#[must_use]
pub fn export(scene: &Scenario, dialect: ConfigFormat) -> String {
    match dialect {
        ConfigFormat::Nginx => nginx::print(scene),
        ConfigFormat::Haproxy => haproxy::print(scene),
        ConfigFormat::Envoy => envoy::print(scene),
    }
}

/// Detects the format of a text by its first line that decides. A section of HAProxy begins with its keyword on a line
/// without braces, and nothing stands before the first section. Lines of nginx end in `;`, `{` or `}`; a line that
/// lacks its `;` comes after others that have theirs. A text that does not decide is read as nginx's.
#[must_use]
pub fn detect(text: &str) -> ConfigFormat {
    for line in text.trim_start_matches(BOM).lines() {
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
