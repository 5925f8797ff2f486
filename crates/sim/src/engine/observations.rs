//! The observations of a run, for the event list, the live region and the marks of charts.

use std::collections::VecDeque;

use crate::fleet::server::fault::FaultRow;
use crate::time::SimTime;

/// How many observations are kept.
const KEPT: usize = 256;

/// One observation: something worth telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Its number in the order of all observations of the run, from 0.
    pub number: u64,
    /// The time when it happened.
    pub at: SimTime,
    /// The name of the server, balancer or site that it is about, as it was then; empty if it is about none.
    pub server: String,
    /// The kind, which says what happened.
    pub kind: ObservationKind,
}

/// The kinds of observation. "The server" is the one that [`Observation::server`] names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObservationKind {
    /// The reader gave the server this fault.
    Broke(&'static FaultRow),
    /// The reader repaired the server.
    Restored,
    /// The server was added to the scene.
    Added,
    /// The server was taken out of the scene.
    Removed,
    /// The reader drains the server.
    Drained,
    /// The reader took the server out for maintenance.
    Maintained,
    /// The reader put the server back in use.
    Readied,
    /// Probes took the endpoint down.
    WentDown,
    /// Probes brought the endpoint up.
    WentUp,
    /// Passive checks ejected the endpoint.
    Ejected {
        /// When the ejection ends.
        until: SimTime,
    },
    /// The endpoint's ejection is over.
    Returned,
    /// The endpoint answers slowly: it is degraded.
    Degraded,
    /// The endpoint answers fast enough again.
    Recovered,
    /// Too few endpoints are healthy: the balancer ignores health from now on (panic threshold).
    PanicBegan,
    /// Enough endpoints are healthy again.
    PanicEnded,
    /// The limit of requests in flight was reached.
    InFlightLimit,
    /// The server's crash reset the connections that were bound to it (L4).
    ConnectionsReset {
        /// The number of connections that were reset.
        count: u32,
    },
    /// WebSockets broke: their server died or was removed, or the balancer changed its layer.
    SocketsBroke {
        /// The number of WebSockets that broke.
        count: u32,
    },
    /// A balancer lost its power.
    BalancerDied,
    /// A balancer was stopped cleanly.
    BalancerStopped,
    /// A balancer runs again.
    BalancerRevived,
    /// A balancer took the virtual IP over.
    BecameActive,
    /// A balancer gave the virtual IP up to one of higher priority.
    BecameBackup,
    /// A balancer became active while the other of its pair is active too.
    SplitBrain,
    /// The link between the balancers of a pair was cut.
    LinkCut,
    /// The link between the balancers of a pair was restored.
    LinkMended,
    /// A whole site lost its power.
    SiteDied,
    /// A whole site runs again.
    SiteRestored,
    /// The authority's checks failed: it no longer answers with this virtual IP.
    AddressDelisted,
    /// The authority's checks pass: it answers with this virtual IP again.
    AddressListed,
}

/// The observations that are kept.
#[derive(Clone, Debug, Default)]
pub struct ObservationLog {
    facts: VecDeque<Observation>,
    told: u64,
}

impl ObservationLog {
    /// Records an observation and gives it the next number.
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

    /// The observations that are kept, oldest first.
    #[must_use]
    pub const fn facts(&self) -> &VecDeque<Observation> {
        &self.facts
    }
}
