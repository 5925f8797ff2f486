//! The messages of an import.

use std::fmt;

use super::diagnostic::Severity;
use evenkeel_words::t;

/// One message about a place in a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigMessage {
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
        /// The keyword of the section.
        what: String,
    },
    /// A line before any section.
    OutsideSection {
        /// The first word of the line.
        what: String,
    },
    /// A server without an address.
    NeedsAddress,
    /// A word without the value it needs.
    NeedsValue {
        /// The word without its value.
        what: String,
    },
    /// A parameter that the program would refuse.
    UnknownParameter {
        /// The name of the parameter.
        what: String,
    },
    /// A line that the program would refuse.
    BadLine {
        /// The text of the line.
        what: String,
    },
    /// A value that is no number, or out of its range.
    NotInRange {
        /// The setting of the number.
        what: &'static str,
        /// The text of the value.
        value: String,
        /// The smallest value allowed.
        min: u64,
        /// The largest value allowed.
        max: u64,
    },
    /// A value that is no time.
    NotATime {
        /// The setting of the time.
        what: &'static str,
        /// The text of the value.
        value: String,
    },
    /// Two servers of one name.
    SameName {
        /// The name of both servers.
        name: String,
    },
    /// Requests go to a pool that is not in the text.
    UnknownPool {
        /// The name of the pool.
        name: String,
    },
    /// A pool without servers.
    EmptyPool {
        /// The name of the pool.
        name: String,
    },
    /// More servers than a scene can have.
    TooManyServers {
        /// The most servers in a scene.
        max: usize,
    },
    /// More rules than a scene can have.
    TooManyRules {
        /// The most rules in a scene.
        max: usize,
    },
    /// The text is too long to be read.
    TooLong {
        /// The length of the text in bytes.
        bytes: usize,
        /// The largest length in bytes.
        max: usize,
    },
    /// The text is empty.
    Empty,
    /// The text has no servers.
    NothingFound,
    /// The scene made from the text is not valid.
    Invalid {
        /// The place, as the scene format names it.
        place: String,
        /// The reason why it is not valid.
        reason: String,
    },
    /// An included file that is not here.
    Include {
        /// The path of the file.
        path: String,
    },
    /// A number beyond the scene's limit.
    Clamped {
        /// The setting of the number.
        what: &'static str,
        /// The limit that was used instead.
        max: u64,
    },
    /// The scene lacks this algorithm, or this variant of it.
    NearestAlgorithm {
        /// The algorithm that was used instead.
        label: String,
    },
    /// Servers differ in a setting that a scene has only once.
    OneForAll {
        /// The setting that differs.
        what: &'static str,
    },
    /// Pools differ in a setting that a scene has only once.
    OneForAllPools {
        /// The setting that differs.
        what: &'static str,
    },
    /// Several processes without a shared state.
    SeveralProcesses,
    /// HAProxy would try the same server again.
    SameServer,
    /// A balance factor other than the scene's.
    BalanceFactor,
    /// A limit that counts something other than addresses.
    LimitByAddress,
    /// A condition that no rule of the scene can have.
    Condition,
    /// A hash function by name.
    HashFunction,
    /// A cookie that the balancer does not set itself.
    CookieWay,
    /// A pool that is not in the scene.
    OtherPool {
        /// The name of the pool.
        name: String,
    },
    /// A text that another program makes a configuration of.
    Template,
    /// A text with variables of the environment.
    Environment,
    /// A value that is no number, and that the program reads as one.
    ReadAs {
        /// The setting of the number.
        what: &'static str,
        /// The text of the value.
        value: String,
        /// The number that the program takes.
        number: u32,
    },
    /// The text begins with a byte order mark.
    ByteOrderMark,
    /// A keyword that the program no longer reads.
    OldKeyword {
        /// The keyword.
        what: String,
        /// What is written today.
        instead: &'static str,
    },
    /// Two pools or sections of one name.
    SamePool {
        /// The name of both.
        name: String,
    },
    /// Another listener of the text than the one that the scene is made of.
    OtherListener {
        /// The name by which it is chosen.
        name: String,
    },
    /// Servers that are found while the program runs.
    FoundAtRunTime {
        /// What is looked up.
        name: String,
        /// How many servers the scene has for it.
        count: usize,
    },
    /// A setting that is not simulated.
    NotSimulated {
        /// The name of the setting.
        what: String,
    },
    /// A setting of a pool that is not simulated, whatever it is.
    PoolNotSimulated {
        /// The name of the setting.
        what: String,
    },
    /// There were more diagnostics than are kept.
    More {
        /// The number of those that were dropped.
        count: usize,
    },
}

impl ConfigMessage {
    /// The severity of the message.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        match self {
            Self::Include { .. }
            | Self::Clamped { .. }
            | Self::NearestAlgorithm { .. }
            | Self::OneForAll { .. }
            | Self::OneForAllPools { .. }
            | Self::SeveralProcesses
            | Self::SameServer
            | Self::BalanceFactor
            | Self::HashFunction
            | Self::LimitByAddress
            | Self::Condition
            | Self::FoundAtRunTime { .. }
            | Self::ReadAs { .. }
            | Self::Template
            | Self::Environment
            | Self::CookieWay => Severity::Warning,
            Self::OtherPool { .. }
            | Self::OtherListener { .. }
            | Self::NotSimulated { .. }
            | Self::PoolNotSimulated { .. }
            | Self::More { .. } => Severity::Note,
            _ => Severity::Error,
        }
    }

    /// The text of the message, in the page's language.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::UnclosedQuote => t!("conf.import.unclosed_quote"),
            Self::AfterQuote => t!("conf.import.after_quote"),
            Self::UnexpectedEnd => t!("conf.import.unexpected_end"),
            Self::UnexpectedOpen => t!("conf.import.unexpected_open"),
            Self::UnexpectedClose => t!("conf.import.unexpected_close"),
            Self::UnclosedBlock => t!("conf.import.unclosed_block"),
            Self::MissingEnd => t!("conf.import.missing_end"),
            Self::TooDeep { max } => t!("conf.import.too_deep", max = *max),
            Self::NeedsName { what } => t!("conf.import.needs_name", what = what),
            Self::OutsideSection { what } => t!("conf.import.outside_section", what = what),
            Self::NeedsAddress => t!("conf.import.needs_address"),
            Self::NeedsValue { what } => t!("conf.import.needs_value", what = what),
            Self::UnknownParameter { what } => t!("conf.import.unknown_parameter", what = what),
            Self::BadLine { what } => t!("conf.import.bad_line", what = what),
            Self::NotInRange {
                what,
                value,
                min,
                max,
            } => t!(
                "conf.import.not_in_range",
                what = *what,
                value = value,
                min = min.to_string(),
                max = max.to_string()
            ),
            Self::NotATime { what, value } => {
                t!("conf.import.not_a_time", what = *what, value = value)
            }
            Self::SameName { name } => t!("conf.import.same_name", name = name),
            Self::UnknownPool { name } => t!("conf.import.unknown_pool", name = name),
            Self::EmptyPool { name } => t!("conf.import.empty_pool", name = name),
            Self::TooManyServers { max } => t!("conf.import.too_many_servers", max = *max),
            Self::TooManyRules { max } => t!("conf.import.too_many_rules", max = *max),
            Self::TooLong { bytes, max } => t!("conf.import.too_long", bytes = *bytes, max = *max),
            Self::Empty => t!("conf.import.empty"),
            Self::NothingFound => t!("conf.import.nothing_found"),
            Self::Invalid { place, reason } => {
                t!("conf.import.invalid", place = place, reason = reason)
            }
            Self::Include { path } => t!("conf.import.include", path = path),
            Self::Clamped { what, max } => {
                t!("conf.import.clamped", what = *what, max = max.to_string())
            }
            Self::NearestAlgorithm { label } => t!("conf.import.nearest_algorithm", label = label),
            Self::OneForAll { what } => t!("conf.import.one_for_all", what = *what),
            Self::OneForAllPools { what } => t!("conf.import.one_for_all_pools", what = *what),
            Self::SeveralProcesses => t!("conf.import.several_processes"),
            Self::SameServer => t!("conf.import.same_server"),
            Self::BalanceFactor => t!("conf.import.balance_factor"),
            Self::LimitByAddress => t!("conf.import.limit_by_address"),
            Self::Condition => t!("conf.import.condition"),
            Self::HashFunction => t!("conf.import.hash_function"),
            Self::CookieWay => t!("conf.import.cookie_way"),
            Self::OtherPool { name } => t!("conf.import.other_pool", name = name),
            Self::Template => t!("conf.import.template"),
            Self::Environment => t!("conf.import.environment"),
            Self::ReadAs {
                what,
                value,
                number,
            } => t!(
                "conf.import.read_as",
                what = *what,
                value = value,
                number = *number
            ),
            Self::ByteOrderMark => t!("conf.import.byte_order_mark"),
            Self::OldKeyword { what, instead } => {
                t!("conf.import.old_keyword", what = what, instead = *instead)
            }
            Self::SamePool { name } => t!("conf.import.same_pool", name = name),
            Self::OtherListener { name } => t!("conf.import.other_listener", name = name),
            Self::FoundAtRunTime { name, count } => {
                t!("conf.import.found_at_run_time", name = name, count = *count)
            }
            Self::NotSimulated { what } | Self::PoolNotSimulated { what } => {
                t!("conf.import.not_simulated", what = what)
            }
            Self::More { count } => t!("conf.import.more", count = *count),
        }
    }
}

impl fmt::Display for ConfigMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}
