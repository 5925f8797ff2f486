//! The argument SCENE: a file, `default`, or a link to a run.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use evenkeel_sim::run::Run;
use evenkeel_sim::scenario::Scenario;
use evenkeel_sim::scenario::preset::DEFAULT_JSON;
use evenkeel_sim::scenario::validate::parse;
use evenkeel_sim::share;

use crate::error::CliError;

/// How a link to a run, its fragment or its last part begins.
const LINK_STARTS: [&str; 4] = ["run=", "#", "http://", "https://"];

/// A place to have a scene from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SceneSource {
    /// The scene that the page opens with.
    Default,
    /// A link to a run, or its fragment.
    Link(String),
    /// A scene file.
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
            Self::File(path) => scenario(&path.display().to_string(), &read(path)?),
            Self::Link(_) => Err(CliError::Input(
                "SCENE: a scene file or `default` is needed here, not a link".to_owned(),
            )),
        }
    }
}

/// The text of a file.
pub fn read(path: &Path) -> Result<String, CliError> {
    fs::read_to_string(path)
        .map_err(|error| CliError::Input(format!("{}: {error}", path.display())))
}

fn decode(link: &str) -> Result<Run, CliError> {
    let missing = "There is no run in the link: `#run=…` is missing.";
    let text = share::find(link).ok_or_else(|| CliError::Input(missing.to_owned()))?;
    share::decode(text).map_err(|error| CliError::Input(error.to_string()))
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
