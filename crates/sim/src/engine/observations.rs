//! What is worth telling: facts for the event list, the live region and the charts' marks, and the
//! places where requests failed a moment ago.

use std::collections::VecDeque;

use crate::fleet::spec::RequestKind;
use crate::ids::ServerId;
use crate::metrics::outcome::Outcome;
use crate::time::{SimDuration, SimTime};

/// How many facts are kept.
const KEPT: usize = 256;
/// How long a failure stays on the stage.
pub const FLASH: SimDuration = SimDuration::from_ms(900);
/// How many failures are kept for the stage.
const FLASHES: usize = 128;

/// Something worth telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Its place in the order of all facts of the run, from 0.
    pub number: u64,
    /// When.
    pub at: SimTime,
    /// The name of the server (or balancer, or site) it is about, as it was then; empty where it is
    /// about none.
    pub server: String,
    /// What.
    pub kind: ObservationKind,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObservationKind {
    /// The reader killed it.
    Crashed,
    /// The reader made it hang.
    Hung,
    /// The reader made it slow.
    Slowed,
    /// The reader made it fail a share of its answers.
    Failing,
    /// The reader mended it.
    Restored,
    /// It joined.
    Added,
    /// It was taken out of the scene.
    Removed,
    /// The reader drains it.
    Drained,
    /// The reader took it out for maintenance.
    Maintained,
    /// The reader put it back in use.
    Readied,
    /// Active checks took it down.
    WentDown,
    /// Active checks brought it up.
    WentUp,
    /// Passive checks ejected it.
    Ejected {
        /// Until when.
        until: SimTime,
    },
    /// Its ejection is over.
    Returned,
    /// Its answers are slow: it is degraded.
    Degraded,
    /// Its answers are fast enough again.
    Recovered,
    /// Too few are healthy: the balancer ignores health from now on.
    PanicBegan,
    /// Enough are healthy again.
    PanicEnded,
    /// The limit of requests in flight was reached.
    InFlightLimit,
    /// Its death reset the connections that were tied to it (L4).
    ConnectionsReset {
        /// How many.
        count: u32,
    },
    /// WebSockets broke: their server died or went, or the balancer changed its layer.
    SocketsBroke {
        /// How many.
        count: u32,
    },
    /// A balancer lost its power.
    BoxDied,
    /// A balancer was stopped cleanly.
    BoxStopped,
    /// A balancer runs again.
    BoxRevived,
    /// A balancer took over the virtual address.
    BecameActive,
    /// A balancer gave the virtual address up to a better one.
    BecameBackup,
    /// A balancer became active while the other one is, too.
    SplitBrain,
    /// The link between a pair carries nothing.
    LinkCut,
    /// The link between a pair carries again.
    LinkMended,
    /// A whole site lost its power.
    SiteDied,
    /// A whole site is back.
    SiteRestored,
    /// The authority's checks failed: it no longer answers with this address.
    AddressDelisted,
    /// The authority's checks pass: it answers with this address again.
    AddressListed,
}

/// A request that failed a moment ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flash {
    /// When.
    pub at: SimTime,
    /// At which server; `None` at the balancer.
    pub server: Option<ServerId>,
    /// What kind of request.
    pub kind: RequestKind,
    /// What became of it.
    pub outcome: Outcome,
}

/// The facts and failures kept.
#[derive(Clone, Debug, Default)]
pub struct ObservationLog {
    facts: VecDeque<Observation>,
    told: u64,
    flashes: VecDeque<Flash>,
}

impl ObservationLog {
    /// Notes a fact.
    pub fn record(&mut self, at: SimTime, server: &str, kind: ObservationKind) {
        if self.facts.len() == KEPT {
            self.facts.pop_front();
        }
        let number = self.told;
        self.told += 1;
        self.facts.push_back(Observation {
            number,
            at,
            server: server.to_string(),
            kind,
        });
    }

    /// Notes a failure and forgets those that have faded.
    pub fn flash(&mut self, flash: Flash) {
        while self.flashes.len() == FLASHES
            || self
                .flashes
                .front()
                .is_some_and(|old| flash.at.since(old.at) > FLASH)
        {
            self.flashes.pop_front();
        }
        self.flashes.push_back(flash);
    }

    /// The facts kept, oldest first.
    #[must_use]
    pub const fn facts(&self) -> &VecDeque<Observation> {
        &self.facts
    }

    /// The failures kept, oldest first; some may have faded.
    #[must_use]
    pub const fn flashes(&self) -> &VecDeque<Flash> {
        &self.flashes
    }
}
