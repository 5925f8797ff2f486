//! The argument SCENE: a file, standard input, `default`, or a link to a run.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use evenkeel_conf::diagnostic::{Diagnostic, Severity};
use evenkeel_conf::import;
use evenkeel_sim::run::Run;
use evenkeel_sim::scenario::Scenario;
use evenkeel_sim::scenario::limits::MAX_TEXT;
use evenkeel_sim::scenario::preset::{DEFAULT_JSON, default_scenario};
use evenkeel_sim::scenario::validate::parse;
use evenkeel_sim::share;

use crate::error::CliError;

/// The name of standard input among files.
pub const STDIN: &str = "-";

/// How a link to a run, its fragment or its last part begins.
const LINK_STARTS: [&str; 4] = ["run=", "#", "http://", "https://"];

/// A place to have a scene from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SceneSource {
    /// The scene that the page opens with.
    Default,
    /// A link to a run, or its fragment.
    Link(String),
    /// A scene file or a configuration; `-` is standard input.
    File(PathBuf),
}

impl From<OsString> for SceneSource {
    fn from(argument: OsString) -> Self {
        match argument.to_str() {
            Some("default") => Self::Default,
            Some(text) if LINK_STARTS.iter().any(|start| text.starts_with(start)) => {
                Self::Link(text.to_owned())
            }
            _ => Self::File(argument.into()),
        }
    }
}

impl SceneSource {
    /// The run of a link, or the start of the scene of a file.
    pub fn run(&self) -> Result<Run, CliError> {
        match self {
            Self::Link(link) => decode(link),
            Self::Default | Self::File(_) => self.scenario().map(Run::start),
        }
    }

    /// The scene of a file. A link is refused: it has commands and a place in time besides.
    pub fn scenario(&self) -> Result<Scenario, CliError> {
        match self {
            Self::Default => scenario("default", DEFAULT_JSON),
            Self::File(path) => from_file(&path.display().to_string(), &read(path)?),
            Self::Link(_) => Err(CliError::Input(
                "SCENE: a scene file or `default` is needed here, not a link".to_owned(),
            )),
        }
    }
}

/// The text of a file, or of standard input.
pub fn read(path: &Path) -> Result<String, CliError> {
    if path.as_os_str() == STDIN {
        let mut text = String::new();
        let read = io::stdin().lock().read_to_string(&mut text);
        read.map_err(|error| CliError::Input(format!("standard input: {error}")))?;
        return Ok(text);
    }
    fs::read_to_string(path)
        .map_err(|error| CliError::Input(format!("{}: {error}", path.display())))
}

fn decode(link: &str) -> Result<Run, CliError> {
    let missing = "There is no run in the link: `#run=…` is missing.";
    let text = share::find(link).ok_or_else(|| CliError::Input(missing.to_owned()))?;
    share::decode(text).map_err(|error| CliError::Input(error.to_string()))
}

/// Reads a scene, which begins with a brace, or a configuration of a balancer, which has servers; errors in that go to
/// standard error. (`check` tells all remarks.)
fn from_file(name: &str, text: &str) -> Result<Scenario, CliError> {
    let is_scene = text.trim_start().starts_with('{');
    let made = (!is_scene).then(|| import(text, &default_scenario()));
    match made.and_then(|made| Some((made.scene?, made.diagnostics))) {
        Some((mut scene, remarks)) => {
            let is_error = |one: &&Diagnostic| one.severity() == Severity::Error;
            for one in remarks.iter().filter(is_error) {
                // Nobody may be left to read it.
                let _ = writeln!(io::stderr(), "{name}:{one}");
            }
            let file = Path::new(name).file_name().unwrap_or_default();
            scene.name = file.to_string_lossy().chars().take(MAX_TEXT).collect();
            Ok(scene)
        }
        None => scenario(name, text),
    }
}

/// Reads a scene; each fault is a line with its place.
fn scenario(name: &str, text: &str) -> Result<Scenario, CliError> {
    parse(text).map_err(|error| {
        let faults = error.0.iter();
        let lines: Vec<String> = faults
            .map(|fault| format!("{name}: {}: {}", fault.place, fault.reason))
            .collect();
        CliError::Input(lines.join("\n"))
    })
}
