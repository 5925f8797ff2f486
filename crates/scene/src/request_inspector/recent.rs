//! Requests to choose from: the last ones, those that were not answered, the slowest.

use std::sync::Arc;

use super::server_name;
use crate::words::{self, duration};
use evenkeel_sim::engine::observer::request_traces::RequestTrace;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::metrics::outcome::Outcome;
use evenkeel_words::t;

/// The selection of requests for the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequestFilter {
    /// The requests that ended last, newest first.
    #[default]
    Latest,
    /// The requests that ended last without an answer.
    Unanswered,
    /// The slowest requests whose traces are kept.
    Slowest,
    /// The requests in flight, oldest first.
    InFlight,
}

impl RequestFilter {
    /// All filters, in the order of the page.
    pub const ALL: [Self; 4] = [
        Self::Latest,
        Self::Unanswered,
        Self::Slowest,
        Self::InFlight,
    ];

    /// The name of the filter on the page.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::Latest => t!("glass.which.latest"),
            Self::Unanswered => t!("glass.which.unanswered"),
            Self::Slowest => t!("glass.which.slowest"),
            Self::InFlight => t!("glass.which.in_flight"),
        }
    }
}

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Recent {
    /// The number of the request.
    pub number: u64,
    /// What the request asked for.
    pub what: String,
    /// The outcome of the request.
    pub fate: String,
    /// Whether it ended without an answer.
    pub bad: bool,
}

/// The requests that a filter selects, at most `most`.
#[must_use]
pub fn recent(view: View<'_>, which: RequestFilter, most: usize) -> Vec<Recent> {
    let Some(trail) = view.trail() else {
        return Vec::new();
    };
    let bad =
        |life: &&Arc<RequestTrace>| life.ended.is_some_and(|(_, end)| end != Outcome::Answered);
    let lives: Vec<&Arc<RequestTrace>> = match which {
        RequestFilter::Latest => {
            let mut lives: Vec<_> = trail.ended().rev().take(most).collect();
            lives.sort_by_key(|life| std::cmp::Reverse(life.number));
            lives
        }
        RequestFilter::Unanswered => trail.ended().rev().filter(bad).take(most).collect(),
        RequestFilter::InFlight => trail.open().take(most).collect(),
        RequestFilter::Slowest => {
            let mut lives: Vec<_> = trail.ended().collect();
            lives.sort_by_key(|life| std::cmp::Reverse((life.took(view.now()), life.number)));
            lives.truncate(most);
            lives
        }
    };
    lives.into_iter().map(|life| line(view, life)).collect()
}

fn line(view: View<'_>, life: &Arc<RequestTrace>) -> Recent {
    let took = duration(life.took(view.now()));
    let server = life.last_server().map(|id| server_name(view, life, id));
    let fate = match (life.ended, server) {
        (Some((_, Outcome::Answered)), Some(server)) => {
            t!("glass.fate.answered", server = server, took = took)
        }
        (Some((_, outcome)), Some(server)) => {
            t!(
                "glass.fate.failed",
                why = words::outcome(outcome),
                server = server,
                took = took
            )
        }
        (Some((_, outcome)), None) => {
            t!(
                "glass.fate.nobody",
                why = words::outcome(outcome),
                took = took
            )
        }
        (None, _) => t!("glass.fate.open", took = took),
    };
    Recent {
        number: life.number,
        what: t!(
            "glass.what",
            number = life.number,
            path = &life.path,
            source = life.source.to_string()
        ),
        fate,
        bad: life.ended.is_some_and(|(_, end)| end != Outcome::Answered),
    }
}
