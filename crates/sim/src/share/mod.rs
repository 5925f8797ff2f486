//! A run as text that fits into a link: the scenario, the seed, every command with its time, and the position in time.
//!
//! ```text
//! #run=AS4…   base64url of: version, two bytes of checksum, what v1.rs writes
//! ```
//!
//! A link stays valid for ever: every later program reads every earlier version, and `tests/it/links.rs` pins
//! examples. A decoded link is validated like a scenario file and costs a bounded amount of memory, whatever is in it.
//!
//! # Example
//! ```
//! use evenkeel_sim::engine::command::{Command, FaultKind};
//! use evenkeel_sim::engine::{Engine, EventBudget};
//! use evenkeel_sim::run::Run;
//! use evenkeel_sim::scenario::preset;
//! use evenkeel_sim::share::{self, LinkError};
//! use evenkeel_sim::time::SimTime;
//!
//! let scene = preset::start_scenario();
//! let mut engine = Engine::new(&scene, scene.seed);
//! engine.run_until(SimTime::from_us(10_000_000), EventBudget::UNBOUNDED);
//! let first = engine.view().members().next().expect("a server").server.id;
//! engine.apply(Command::Fault(first, FaultKind::Crash)).expect("the server can be killed");
//! engine.run_until(SimTime::from_us(15_000_000), EventBudget::UNBOUNDED);
//!
//! // Encode: the fragment to put after the address of the page.
//! let run = Run::of(engine.view());
//! let fragment = share::fragment(&run)?;
//! let link = format!("https://example.org/evenkeel/{fragment}");
//!
//! // Decode: the same run, which replays to the same state.
//! let text = share::find(&link).expect("the link has a run");
//! let decoded = share::decode(text)?;
//! assert_eq!(decoded, run);
//! assert_eq!(decoded.replay().view().digest(), engine.view().digest());
//!
//! // A link that was cut is recognised.
//! assert_eq!(share::decode(&text[..text.len() - 4]), Err(LinkError::Damaged));
//! # Ok::<(), LinkError>(())
//! ```

mod v1;
mod words;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::engine::command::LogEntry;
use super::hash::CRC32;
use super::run::Run;
use super::scenario::Scenario;
use super::scenario::limits::MAX_COMMANDS;
use super::scenario::validate::{ScenarioError, parse};
use super::time::{SimDuration, SimTime};

/// The name of the run in a fragment: `#run=…`.
pub const NAME: &str = "run";
/// The most characters of a run in a link. Browsers take more; chat programs and wikis may take less.
pub const MAX_LINK: usize = 65_536;
/// The latest time that a link may name: a simulated day.
pub const MAX_AT: SimTime = SimTime::from_us(86_400_000_000);

/// The reason why a text is not a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// The text is empty.
    Empty,
    /// The text is longer than the limit.
    TooLong {
        /// The number of its characters.
        length: usize,
    },
    /// The text has a character that no link has.
    Character {
        /// The character that was found.
        found: char,
        /// Its position among the characters of the run, from 1.
        place: usize,
    },
    /// A later program made the link, with this version.
    Version(u8),
    /// A part of the link is missing or was changed on the way.
    Damaged,
    /// The run is larger than a scene may be.
    TooLarge,
    /// The scene is not valid.
    Scene(ScenarioError),
    /// A command of the run cannot be read or carried out.
    Command {
        /// The number of the command, from 1; 0 if that is not known.
        number: usize,
        /// The reason why it cannot.
        reason: String,
    },
    /// The position in time is later than [`MAX_AT`].
    TooLate,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "There is no scene in the link."),
            Self::TooLong { length } => write!(
                f,
                "The link has {length} characters; at most {MAX_LINK} are read."
            ),
            Self::Character { found, place } => write!(
                f,
                "Character {place} of the link is {found:?}, which no link to a scene has."
            ),
            Self::Version(version) => write!(
                f,
                "The link is of version {version}, which a later Evenkeel made; this one knows \
                 version 1."
            ),
            Self::Damaged => write!(
                f,
                "A part of the link is missing or was changed on the way. Copy the whole link again."
            ),
            Self::TooLarge => write!(f, "The link holds more than a scene may."),
            Self::Scene(error) => write!(f, "The scene in the link is not valid: {error}"),
            Self::Command { number: 0, reason } => {
                write!(f, "The commands in the link cannot be read: {reason}")
            }
            Self::Command { number, reason } => {
                write!(f, "Command {number} in the link: {reason}")
            }
            Self::TooLate => write!(f, "The link names a time later than a simulated day."),
        }
    }
}

impl std::error::Error for LinkError {}

/// The run as JSON: what the encoder of a version turns into bytes.
#[derive(Serialize)]
struct Written<'a> {
    scenario: &'a Scenario,
    seed: u64,
    log: &'a [LogEntry],
    at: SimTime,
}

/// The run as decoded JSON. The scene stays text, so that the parser of scenario files reads it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    scenario: Box<RawValue>,
    seed: u64,
    log: Vec<LogEntry>,
    at: SimTime,
}

/// A run as the text of a link, without `#run=`.
///
/// # Errors
/// The run is longer than a link may be, or later than [`MAX_AT`].
pub fn encode(run: &Run) -> Result<String, LinkError> {
    if run.at > MAX_AT {
        return Err(LinkError::TooLate);
    }
    let written = Written {
        scenario: &run.scenario,
        seed: run.seed,
        log: &run.log,
        at: run.at,
    };
    let json = serde_json::to_string(&written).expect("a run has no map with other keys than text");
    let body = v1::encode(&json);
    let mut bytes = Vec::with_capacity(body.len() + 3);
    bytes.push(v1::VERSION);
    bytes.extend_from_slice(&checksum(&body));
    bytes.extend_from_slice(&body);
    let text = URL_SAFE_NO_PAD.encode(bytes);
    if text.len() > MAX_LINK {
        return Err(LinkError::TooLong { length: text.len() });
    }
    Ok(text)
}

/// The fragment of a run's link, with its `#`.
///
/// # Errors
/// The same errors as [`encode`].
pub fn fragment(run: &Run) -> Result<String, LinkError> {
    encode(run).map(|text| format!("#{NAME}={text}"))
}

/// The text of a run within a link or a fragment, or the text itself; `None` if a link or fragment has no run.
#[must_use]
pub fn find(link: &str) -> Option<&str> {
    let link = link.trim();
    let fragment = match link.split_once('#') {
        Some((_, fragment)) => fragment,
        None if link.contains("://") => return None,
        None => link,
    };
    let mut parts = fragment.split('&');
    let named = parts.find_map(|part| part.strip_prefix(NAME)?.strip_prefix('='));
    named.or_else(|| (!link.contains(['#', '='])).then_some(link))
}

/// The run in the text of a link, without `#run=`.
///
/// # Errors
/// The reasons of [`LinkError`]. It never panics.
pub fn decode(text: &str) -> Result<Run, LinkError> {
    let body = body(text)?;
    let json = v1::decode(&body)?;
    let read: Read = serde_json::from_str(&json).map_err(|error| LinkError::Command {
        number: 0,
        reason: reason(&error),
    })?;
    let scenario = parse(read.scenario.get()).map_err(LinkError::Scene)?;
    check_log(&read.log)?;
    if read.at > MAX_AT {
        return Err(LinkError::TooLate);
    }
    Ok(Run {
        scenario,
        seed: read.seed,
        log: read.log,
        at: read.at,
    })
}

/// The bytes after version and checksum.
fn body(text: &str) -> Result<Vec<u8>, LinkError> {
    if text.is_empty() {
        return Err(LinkError::Empty);
    }
    if text.len() > MAX_LINK {
        return Err(LinkError::TooLong { length: text.len() });
    }
    let strange = |&(_, c): &(usize, char)| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if let Some((place, found)) = text.chars().enumerate().find(strange) {
        return Err(LinkError::Character {
            found,
            place: place + 1,
        });
    }
    let bytes = URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| LinkError::Damaged)?;
    match bytes.as_slice() {
        [v1::VERSION, one, two, body @ ..] if [*one, *two] == checksum(body) => Ok(body.to_vec()),
        [version, one, two, ..] if [*one, *two] == later_checksum(&bytes) => {
            Err(LinkError::Version(*version))
        }
        _ => Err(LinkError::Damaged),
    }
}

/// Two bytes by which a link that was cut or changed is recognised.
fn checksum(body: &[u8]) -> [u8; 2] {
    let [one, two, ..] = CRC32.checksum(body).to_le_bytes();
    [one, two]
}

/// The second and third byte of a link of every later version: the checksum of its version and its body. Version 1
/// leaves its version out, so that a link of version 1 whose version was changed on the way is known to be damaged.
fn later_checksum(bytes: &[u8]) -> [u8; 2] {
    let mut covered = bytes.to_vec();
    covered.drain(1..3);
    checksum(&covered)
}

/// Checks the log as the engine would not: the number of commands, and their order.
fn check_log(log: &[LogEntry]) -> Result<(), LinkError> {
    if log.len() > MAX_COMMANDS {
        return Err(LinkError::Command {
            number: MAX_COMMANDS + 1,
            reason: format!("a run has at most {MAX_COMMANDS}."),
        });
    }
    let mut before = SimTime::ZERO;
    for (place, entry) in log.iter().enumerate() {
        if entry.at > MAX_AT {
            return Err(LinkError::TooLate);
        }
        if entry.at.since(before) == SimDuration::ZERO && entry.at != before {
            return Err(LinkError::Command {
                number: place + 1,
                reason: "it was given before the one that stands before it.".to_string(),
            });
        }
        before = entry.at;
    }
    Ok(())
}

/// serde_json's message without its line and column, which mean nothing in a link.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_string()
}

/// For fuzzing, which must get past the checksum: any bytes as the body of a link of version 1.
#[doc(hidden)]
#[must_use]
pub fn seal(body: &[u8]) -> String {
    let [one, two] = checksum(body);
    let mut bytes = vec![v1::VERSION, one, two];
    bytes.extend_from_slice(body);
    URL_SAFE_NO_PAD.encode(bytes)
}
