//! What an import can have to say.

use std::fmt;

use super::diagnostic::Severity;

/// One thing to say of a place in a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A quote that nothing closes.
    UnclosedQuote,
    /// Something follows a closing quote without a space.
    AfterQuote,
    /// A `;` with nothing before it.
    UnexpectedEnd,
    /// A `{` with no name before it.
    UnexpectedOpen,
    /// A `}` that closes nothing.
    UnexpectedClose,
    /// A `{` that nothing closes.
    UnclosedBlock,
    /// A directive without its `;`.
    MissingEnd,
    /// Blocks within blocks within blocks.
    TooDeep {
        /// How many are read.
        max: usize,
    },
    /// A section without the name it needs.
    NeedsName {
        /// Its keyword.
        what: String,
    },
    /// A line before any section.
    OutsideSection {
        /// Its first word.
        what: String,
    },
    /// A server without an address.
    NeedsAddress,
    /// A word without the value it needs.
    NeedsValue {
        /// The word.
        what: String,
    },
    /// A parameter that the program would refuse.
    UnknownParameter {
        /// The parameter.
        what: String,
    },
    /// A line that the program would refuse.
    BadLine {
        /// The line.
        what: String,
    },
    /// A number that is none, or out of its range.
    NotInRange {
        /// Of what.
        what: &'static str,
        /// What stands there.
        value: String,
        /// The least.
        min: u64,
        /// The most.
        max: u64,
    },
    /// A time that is none.
    NotATime {
        /// Of what.
        what: &'static str,
        /// What stands there.
        value: String,
    },
    /// Two servers of one name.
    SameName {
        /// The name.
        name: String,
    },
    /// Requests go to a pool that is not here.
    UnknownPool {
        /// Its name.
        name: String,
    },
    /// A pool without servers.
    EmptyPool {
        /// Its name.
        name: String,
    },
    /// More servers than a scene can have.
    TooManyServers {
        /// How many it can.
        max: usize,
    },
    /// The text is too long to be read.
    TooLong {
        /// How many bytes it has.
        bytes: usize,
        /// How many are read.
        max: usize,
    },
    /// There is no text.
    Empty,
    /// There are no servers in it.
    NothingFound,
    /// The scene that came of it is not valid.
    Invalid {
        /// Where, as the scenario format names it.
        place: String,
        /// Why.
        reason: String,
    },
    /// Another file that is not here.
    Include {
        /// Its path.
        path: String,
    },
    /// A number that the scene holds only up to a limit.
    Clamped {
        /// Of what.
        what: &'static str,
        /// The limit.
        max: u64,
    },
    /// The scene has not this algorithm, or not in this way.
    NearestAlgorithm {
        /// What it has.
        label: String,
    },
    /// Servers differ in something that a scene has once.
    OneForAll {
        /// In what.
        what: &'static str,
    },
    /// Several processes without a shared state.
    SeveralProcesses,
    /// HAProxy would try the same server again.
    SameServer,
    /// Another factor than the scene's.
    BalanceFactor,
    /// A limit that counts something else than addresses.
    LimitByAddress,
    /// A condition that no rule of the scene can have.
    Condition,
    /// A hash function by name.
    HashFunction,
    /// A cookie that is not the balancer's own.
    CookieWay,
    /// A pool that is not in the scene.
    OtherPool {
        /// Its name.
        name: String,
    },
    /// Nothing of this is simulated.
    NotSimulated {
        /// What.
        what: String,
    },
    /// There were more remarks than are kept.
    More {
        /// How many.
        count: usize,
    },
}

impl Message {
    /// How grave it is.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        match self {
            Self::Include { .. }
            | Self::Clamped { .. }
            | Self::NearestAlgorithm { .. }
            | Self::OneForAll { .. }
            | Self::SeveralProcesses
            | Self::SameServer
            | Self::BalanceFactor
            | Self::HashFunction
            | Self::LimitByAddress
            | Self::Condition
            | Self::CookieWay => Severity::Warning,
            Self::OtherPool { .. } | Self::NotSimulated { .. } | Self::More { .. } => {
                Severity::Note
            }
            _ => Severity::Error,
        }
    }

    fn syntax(&self) -> Option<&'static str> {
        Some(match self {
            Self::UnclosedQuote => "This quote is never closed.",
            Self::AfterQuote => "A space or a semicolon is missing after the quote.",
            Self::UnexpectedEnd => "There is nothing before this semicolon.",
            Self::UnexpectedOpen => "There is no name before this brace.",
            Self::UnexpectedClose => "This brace closes nothing.",
            Self::UnclosedBlock => "This brace is never closed.",
            Self::MissingEnd => "A semicolon is missing here.",
            Self::NeedsAddress => "This server has no address.",
            Self::Empty => "There is no text to read.",
            Self::NothingFound => {
                "There are no servers in this text: an nginx upstream or an HAProxy backend is needed."
            }
            Self::SeveralProcesses => {
                "Several processes each count for themselves unless the upstream has a zone. The scene has one."
            }
            Self::SameServer => {
                "Without \"option redispatch\" HAProxy tries the same server again. The scene tries another."
            }
            Self::BalanceFactor => "The scene's factor is 125.",
            Self::LimitByAddress => "The scene counts by the client's address.",
            Self::Condition => {
                "The scene's rules have no such condition, so this line is left out."
            }
            Self::HashFunction => {
                "HAProxy has no hash function of this name. The scene uses its default one."
            }
            Self::CookieWay => "The scene's cookie is the balancer's own, as with \"insert\".",
            _ => return None,
        })
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = self.syntax() {
            return write!(f, "{text}");
        }
        match self {
            Self::TooDeep { max } => {
                write!(
                    f,
                    "Blocks are read up to a depth of {max}; this one is left out."
                )
            }
            Self::NeedsName { what } => write!(f, "\"{what}\" needs a name."),
            Self::OutsideSection { what } => {
                write!(f, "\"{what}\" stands before any section.")
            }
            Self::NeedsValue { what } => write!(f, "\"{what}\" needs a value."),
            Self::UnknownParameter { what } => write!(f, "\"{what}\" is not known here."),
            Self::BadLine { what } => write!(f, "\"{what}\" cannot be read."),
            Self::NotInRange {
                what,
                value,
                min,
                max,
            } => write!(
                f,
                "{what}: \"{value}\" is not a number between {min} and {max}."
            ),
            Self::NotATime { what, value } => write!(f, "{what}: \"{value}\" is not a time."),
            Self::SameName { name } => write!(f, "There is a server \"{name}\" already."),
            Self::UnknownPool { name } => write!(f, "\"{name}\" is not in this text."),
            Self::EmptyPool { name } => write!(f, "\"{name}\" has no servers."),
            Self::TooManyServers { max } => {
                write!(
                    f,
                    "A scene has at most {max} servers; this one and the rest are left out."
                )
            }
            Self::TooLong { bytes, max } => {
                write!(f, "The text has {bytes} bytes; at most {max} are read.")
            }
            Self::Invalid { place, reason } => write!(f, "{place}: {reason}."),
            Self::Include { path } => {
                write!(f, "\"{path}\" is not here: add its text if it matters.")
            }
            Self::Clamped { what, max } => write!(f, "{what}: the scene goes up to {max}."),
            Self::NearestAlgorithm { label } => {
                write!(
                    f,
                    "The scene has not quite this. The nearest is \"{label}\"."
                )
            }
            Self::OneForAll { what } => write!(
                f,
                "{what}: the scene has the same for all servers. The first server's counts."
            ),
            Self::OtherPool { name } => {
                write!(f, "\"{name}\" is not in the scene.")
            }
            Self::NotSimulated { what } => write!(f, "\"{what}\" is not simulated."),
            Self::More { count } => write!(f, "There are {count} more remarks."),
            _ => Ok(()),
        }
    }
}
