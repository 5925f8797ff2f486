//! Replays recorded traces of real balancers through the core's pickers.
//!
//! Only the inputs of a trace are read, never its recorded answers, so comparing the decisions with the answers is a
//! proof (`tests/it/golden.rs`). `tests/golden/README.md` describes the format.

mod haproxy;
mod haproxy_conf;
mod nginx;
mod nginx_conf;
mod trace;
mod trace_path;
mod upstream;

pub use trace_path::ReplayError;

use trace::RecordedProxy;

/// One server tried for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayedAttempt {
    /// The index of the server in the trace.
    pub server: usize,
    /// The running score after the pick (nginx's `current_weight`); `None` if the algorithm has none or it was not
    /// asked for.
    pub score: Option<i64>,
}

/// One line of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplayedLine {
    /// The servers tried for a request, in order.
    Tries(Vec<ReplayedAttempt>),
    /// The state of a server after a check.
    State {
        /// The index of the server in the trace.
        server: usize,
        /// Whether the server is up.
        up: bool,
        /// The present count of the counter.
        a: u32,
        /// The limit of the counter.
        b: u32,
    },
}

/// The decisions of this program on a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decisions {
    /// The servers' names, in the order of the trace.
    pub servers: Vec<String>,
    /// The decisions, in order.
    pub lines: Vec<ReplayedLine>,
}

/// Decides a trace again. `scores`: whether running scores are recorded.
///
/// # Errors
/// If the file is no trace that can be replayed; the place is named.
pub fn decide(json: &str, scores: bool) -> Result<Decisions, ReplayError> {
    let trace = trace::read(json)?;
    let lines = match trace.engine {
        RecordedProxy::Nginx => nginx::run(&trace, scores)?,
        RecordedProxy::Haproxy => haproxy::run(&trace)?,
    };
    let servers = trace
        .servers
        .into_iter()
        .map(|server| server.name)
        .collect();
    Ok(Decisions { servers, lines })
}

/// Decides a trace again and prints it: for each request the servers tried, joined by commas, or `-`
/// where none could be tried; for each check the state after it.
///
/// # Errors
/// The same errors as [`decide`].
pub fn replay(json: &str) -> Result<Vec<String>, ReplayError> {
    let decisions = decide(json, false)?;
    let name = |server: usize| decisions.servers[server].as_str();
    let text = |line: &ReplayedLine| match line {
        ReplayedLine::Tries(tries) if tries.is_empty() => "-".to_owned(),
        ReplayedLine::Tries(tries) => tries
            .iter()
            .map(|one| name(one.server))
            .collect::<Vec<_>>()
            .join(","),
        ReplayedLine::State { server, up, a, b } => {
            format!(
                "{} {a}/{b} {}",
                name(*server),
                if *up { "UP" } else { "DOWN" }
            )
        }
    };
    Ok(decisions.lines.iter().map(text).collect())
}
