//! What happened to each endpoint: faults of its server, probes and their answers, what the balancer concluded, and
//! the requests that were lost before it knew.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};

use crate::engine::observations::ObservationKind;
use crate::engine::view::View;
use crate::ids::{EndpointId, RequestKey, ServerId};
use crate::metrics::outcome::Outcome;
use crate::time::SimTime;

/// How many changes are kept for an endpoint.
const NOTES: usize = 128;
/// How many faults are kept for an endpoint.
const EPISODES: usize = 16;

/// One change of an endpoint or of the server behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointChange {
    /// The time when it happened.
    pub at: SimTime,
    /// The kind, which says what happened.
    pub what: ChangeKind,
}

/// The kinds of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// An observation that was told too.
    Fact(ObservationKind),
    /// A probe was sent.
    CheckSent,
    /// A probe ended, with this result.
    Check {
        /// Whether the probe passed.
        pass: bool,
        /// The counter after it, and its limit: failures left while the endpoint is up, passes while it is down.
        counter: (u32, u32),
        /// Whether the probes say that the endpoint is up.
        up: bool,
    },
    /// The endpoint's slow start has ended.
    FullWeight,
}

/// A fault, and how long nobody knew of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultEpisode {
    /// The kind of the fault.
    pub fault: ObservationKind,
    /// When the fault began.
    pub began: SimTime,
    /// When the balancer first took the endpoint out, and how; `None` if it has not.
    pub found: Option<(SimTime, ObservationKind)>,
    /// When the server was repaired; `None` if it was not.
    pub mended: Option<SimTime>,
    /// Requests that were sent there after the fault and before it was found or repaired, and that ended without an
    /// answer.
    pub lost: u64,
    /// Requests that had been sent there before the fault and ended without an answer.
    pub caught: u64,
    /// Requests that were sent there after the fault was found and before it was repaired (trials), and that ended
    /// without an answer.
    pub later: u64,
}

impl FaultEpisode {
    /// Whether something sent at `at` was sent before the balancer knew of the fault.
    fn covers(&self, at: SimTime) -> bool {
        let end = [self.found.map(|(at, _)| at), self.mended];
        self.began <= at && end.into_iter().flatten().all(|end| at < end)
    }
}

/// The history of one endpoint.
#[derive(Clone, Debug)]
pub struct ServerTimeline {
    /// The server behind it.
    pub server: ServerId,
    /// The changes that are kept, oldest first.
    pub notes: VecDeque<EndpointChange>,
    /// The faults that are kept, oldest first.
    pub episodes: VecDeque<FaultEpisode>,
    /// The name of the endpoint.
    pub name: String,
}

/// The history of every endpoint that anything happened to.
#[derive(Clone, Debug, Default)]
pub struct FaultHistory {
    lanes: BTreeMap<EndpointId, ServerTimeline>,
}

impl FaultHistory {
    /// The history of each endpoint that anything happened to.
    pub fn lanes(&self) -> impl Iterator<Item = (EndpointId, &ServerTimeline)> {
        self.lanes.iter().map(|(id, lane)| (*id, lane))
    }
}

impl ServerTimeline {
    fn note(&mut self, at: SimTime, what: ChangeKind) {
        if self.notes.len() == NOTES {
            self.notes.pop_front();
        }
        self.notes.push_back(EndpointChange { at, what });
        let ChangeKind::Fact(kind) = what else { return };
        match kind {
            ObservationKind::Broke(_) => {
                self.recover(at);
                if self.episodes.len() == EPISODES {
                    self.episodes.pop_front();
                }
                self.episodes.push_back(FaultEpisode {
                    fault: kind,
                    began: at,
                    found: None,
                    mended: None,
                    lost: 0,
                    caught: 0,
                    later: 0,
                });
            }
            ObservationKind::Restored | ObservationKind::Removed => self.recover(at),
            ObservationKind::WentDown
            | ObservationKind::Ejected { .. }
            | ObservationKind::Degraded => {
                if let Some(last) = self.episodes.back_mut()
                    && last.mended.is_none()
                {
                    last.found.get_or_insert((at, kind));
                }
            }
            _ => {}
        }
    }

    fn recover(&mut self, at: SimTime) {
        if let Some(last) = self.episodes.back_mut() {
            last.mended.get_or_insert(at);
        }
    }

    /// Counts a request that was sent here at `sent` and ended without an answer.
    fn lose(&mut self, sent: SimTime) {
        if let Some(one) = self.episodes.iter_mut().rev().find(|one| one.covers(sent)) {
            one.lost += 1;
        } else if let Some(last) = self.episodes.back_mut()
            && last.mended.is_none_or(|end| sent < end)
        {
            if sent < last.began {
                last.caught += 1;
            } else {
                last.later += 1;
            }
        }
    }
}

impl FaultHistory {
    /// Keeps a change of an endpoint, unless the endpoint was removed.
    pub(in crate::engine) fn note(&mut self, view: View<'_>, id: EndpointId, what: ChangeKind) {
        if let Some(lane) = self.lane(view, id) {
            lane.note(view.now(), what);
        }
    }

    /// Keeps a fault of a server, or its repair, for every endpoint that stands for it.
    pub(in crate::engine) fn fault(
        &mut self,
        view: View<'_>,
        server: ServerId,
        kind: ObservationKind,
    ) {
        for id in view.engine.balancers.records_of(server) {
            self.note(view, id, ChangeKind::Fact(kind));
        }
    }

    /// Keeps the result of a probe, with the counter after it.
    pub(in crate::engine) fn probed(&mut self, view: View<'_>, id: EndpointId, pass: bool) {
        let check = view.engine.balancers.record(id).check;
        let (counter, up) = (check.counter(), check.is_up());
        self.note(view, id, ChangeKind::Check { pass, counter, up });
    }

    /// Counts a request that ends without an answer, for the endpoint of its last attempt.
    pub(in crate::engine) fn decided(&mut self, view: View<'_>, key: RequestKey, outcome: Outcome) {
        if outcome == Outcome::Answered {
            return;
        }
        let request = view.engine.requests.in_flight(key);
        if let Some(endpoint) = request.current()
            && let Some(lane) = self.lane(view, endpoint)
        {
            lane.lose(request.sent_at);
        }
    }

    fn lane(&mut self, view: View<'_>, id: EndpointId) -> Option<&mut ServerTimeline> {
        match self.lanes.entry(id) {
            Entry::Occupied(lane) => Some(lane.into_mut()),
            Entry::Vacant(place) => {
                let config = &view.engine.balancers.upstream_of(id).endpoint(id)?.config;
                Some(place.insert(ServerTimeline {
                    server: config.server,
                    notes: VecDeque::new(),
                    episodes: VecDeque::new(),
                    name: config.name.clone(),
                }))
            }
        }
    }
}
