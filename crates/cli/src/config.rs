//! Configurations of real balancers as input: files, or standard input.

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use evenkeel_conf::diagnostic::Diagnostic;
use evenkeel_conf::{ConfigFormat, Import, ImportChoice, import_choice};
use evenkeel_sim::scenario::Scenario;
use evenkeel_sim::scenario::preset::default_scenario;

use crate::error::CliError;
use crate::scene::{STDIN, read};

/// A configuration, and what to take of it.
#[derive(Args)]
pub struct ConfigOptions {
    /// The configuration: files of nginx or HAProxy, read one after another; `-` is standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath, required = true)]
    files: Vec<PathBuf>,
    /// The listener that the scene is made of, by its name or port; the first if it is not given
    #[arg(long, value_name = "NAME")]
    front: Option<String>,
    /// The format of the files; found out if it is not given
    #[arg(long, value_enum)]
    format: Option<ReadFormat>,
}

/// A format that is read, as it is named on the command line.
#[derive(Clone, Copy, ValueEnum)]
enum ReadFormat {
    /// nginx
    Nginx,
    /// HAProxy
    Haproxy,
}

/// A text that was read, and where its lines come from.
pub struct ConfigText {
    /// What the text says.
    pub import: Import,
    /// The files, each with the number of its first line in the whole text.
    files: Vec<(String, u32)>,
}

impl ConfigOptions {
    /// Reads the files into the scene that the page opens with. A listener that is not there is an error.
    pub fn import(&self) -> Result<ConfigText, CliError> {
        let mut text = String::new();
        let mut files = Vec::new();
        for path in &self.files {
            let first = text.matches('\n').count() + 1;
            files.push((
                path.display().to_string(),
                u32::try_from(first).unwrap_or(u32::MAX),
            ));
            text += &read(path)?;
            if !text.ends_with('\n') {
                text.push('\n');
            }
        }
        let choice = ImportChoice {
            format: self.format.map(|format| match format {
                ReadFormat::Nginx => ConfigFormat::Nginx,
                ReadFormat::Haproxy => ConfigFormat::Haproxy,
            }),
            listener: self.front.clone(),
        };
        let import = import_choice(&text, &default_scenario(), &choice);
        if let Some(wanted) = &self.front
            && import.listeners.find(wanted).is_none()
        {
            let names: Vec<&str> = import
                .listeners
                .all
                .iter()
                .map(|listener| listener.name.as_str())
                .collect();
            let names = names.join(", ");
            let reason = format!("--front: there is no listener \"{wanted}\"; there are: {names}");
            return Err(CliError::Input(reason));
        }
        Ok(ConfigText { import, files })
    }

    /// The scene, after its remarks were written to standard error; an error if the text has no servers.
    pub fn scene(&self) -> Result<Scenario, CliError> {
        let mut text = self.import()?;
        // Nobody may be left to read them.
        let mut errors = io::stderr().lock();
        for one in &text.import.diagnostics {
            let _ = writeln!(errors, "{}", text.line(one));
        }
        let file = text.files.first().map_or(STDIN, |(name, _)| name.as_str());
        let reason = format!("{file}: no scene can be made of it");
        text.import.scene.take().ok_or(CliError::Input(reason))
    }
}

impl ConfigText {
    /// The file and line of a diagnostic.
    pub fn place(&self, one: &Diagnostic) -> (&str, u32) {
        let line = one.span.line;
        let file = self
            .files
            .iter()
            .rfind(|(_, first)| *first <= line)
            .or(self.files.first());
        file.map_or((STDIN, line), |(name, first)| {
            (name, (line + 1).saturating_sub(*first))
        })
    }

    /// A diagnostic as one line: `nginx.conf:4:26: error: …`.
    pub fn line(&self, one: &Diagnostic) -> String {
        let (file, line) = self.place(one);
        let (column, severity) = (one.span.column, one.severity().id());
        format!("{file}:{line}:{column}: {severity}: {}", one.message)
    }
}
