//! Where requests failed a moment ago, for the stage.

use std::collections::VecDeque;

use crate::fleet::spec::RequestKind;
use crate::ids::ServerId;
use crate::metrics::outcome::Outcome;
use crate::time::{SimDuration, SimTime};

/// How long a failure stays visible on the stage.
pub const FLASH: SimDuration = SimDuration::from_ms(900);
/// How many failures are kept.
const FLASHES: usize = 128;

/// A request that failed a moment ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flash {
    /// The time when it failed.
    pub at: SimTime,
    /// The server where it failed; `None` if it failed at the balancer.
    pub server: Option<ServerId>,
    /// The kind of the request.
    pub kind: RequestKind,
    /// How the request ended.
    pub outcome: Outcome,
}

/// The failures that are kept.
#[derive(Clone, Debug, Default)]
pub struct Flashes(VecDeque<Flash>);

impl Flashes {
    /// Keeps a failure and drops those older than [`FLASH`].
    pub fn push(&mut self, flash: Flash) {
        let old = |one: &Flash| flash.at.since(one.at) > FLASH;
        while self.0.len() == FLASHES || self.0.front().is_some_and(old) {
            self.0.pop_front();
        }
        self.0.push_back(flash);
    }

    /// The failures that are kept, oldest first; some may be older than [`FLASH`].
    #[must_use]
    pub const fn all(&self) -> &VecDeque<Flash> {
        &self.0
    }
}
