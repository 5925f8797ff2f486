//! What happened to each endpoint: faults of its machine, checks and their answers, what the
//! balancer made of it, and what was lost before it knew.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};

use crate::engine::Engine;
use crate::engine::observations::ObservationKind;
use crate::ids::{EndpointId, RequestKey, ServerId};
use crate::metrics::outcome::Outcome;
use crate::time::SimTime;

/// How many notes are kept for an endpoint.
const NOTES: usize = 128;
/// How many faults are kept for an endpoint.
const EPISODES: usize = 16;

/// Something that happened to an endpoint or to the machine behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointChange {
    /// When.
    pub at: SimTime,
    /// What.
    pub what: ChangeKind,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// A fact that was told too.
    Fact(ObservationKind),
    /// A check was sent.
    CheckSent,
    /// A check ended.
    Check {
        /// Whether it passed.
        pass: bool,
        /// How far the counter is after it, and of how many: failures that are left while it is up,
        /// passes while it is down.
        counter: (u32, u32),
        /// Whether the checks say that it is up.
        up: bool,
    },
    /// Slow start has ended.
    FullWeight,
}

/// A fault, and how long nobody knew of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultEpisode {
    /// What the reader did.
    pub fault: ObservationKind,
    /// When.
    pub began: SimTime,
    /// When the balancer first took the endpoint out, and how; `None` while it has not.
    pub found: Option<(SimTime, ObservationKind)>,
    /// When the machine was mended; `None` while it is not.
    pub mended: Option<SimTime>,
    /// Requests that were sent there after the fault and before it was found or mended, and that
    /// ended without an answer.
    pub lost: u64,
    /// Requests that had been sent there before the fault and ended without an answer.
    pub caught: u64,
    /// Requests that were sent there after it was found and before it was mended, as it was tried
    /// again, and that ended without an answer.
    pub later: u64,
}

impl FaultEpisode {
    /// Whether something that was sent then was sent in ignorance.
    fn covers(&self, at: SimTime) -> bool {
        let end = [self.found.map(|(at, _)| at), self.mended];
        self.began <= at && end.into_iter().flatten().all(|end| at < end)
    }
}

/// What is kept for one endpoint.
#[derive(Clone, Debug)]
pub struct ServerTimeline {
    /// The machine behind it.
    pub server: ServerId,
    /// Oldest first.
    pub notes: VecDeque<EndpointChange>,
    /// Oldest first.
    pub episodes: VecDeque<FaultEpisode>,
    /// The name it had.
    pub name: String,
}

/// What is kept for every endpoint that anything happened to.
#[derive(Clone, Debug, Default)]
pub struct FaultHistory {
    lanes: BTreeMap<EndpointId, ServerTimeline>,
}

impl FaultHistory {
    /// Each endpoint that anything happened to.
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
            ObservationKind::Crashed
            | ObservationKind::Hung
            | ObservationKind::Slowed
            | ObservationKind::Failing => {
                self.mend(at);
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
            ObservationKind::Restored | ObservationKind::Removed => self.mend(at),
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

    fn mend(&mut self, at: SimTime) {
        if let Some(last) = self.episodes.back_mut() {
            last.mended.get_or_insert(at);
        }
    }

    /// A request that had been sent here at `sent` ended without an answer.
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

impl Engine {
    fn lane(&mut self, id: EndpointId) -> Option<&mut ServerTimeline> {
        let watch = self.observer.as_mut()?;
        match watch.checks.lanes.entry(id) {
            Entry::Occupied(lane) => Some(lane.into_mut()),
            Entry::Vacant(place) => {
                let config = &self.balancers.upstream_of(id).endpoint(id)?.config;
                Some(place.insert(ServerTimeline {
                    server: config.server,
                    notes: VecDeque::new(),
                    episodes: VecDeque::new(),
                    name: config.name.clone(),
                }))
            }
        }
    }

    /// Notes something about an endpoint.
    pub(in crate::engine) fn trace_note(&mut self, id: EndpointId, what: ChangeKind) {
        let now = self.now;
        if let Some(lane) = self.lane(id) {
            lane.note(now, what);
        }
    }

    /// Notes what the reader did to a machine with every endpoint that stands for it.
    pub(in crate::engine) fn trace_fault(&mut self, server: ServerId, kind: ObservationKind) {
        if self.observer.is_none() {
            return;
        }
        for id in self.balancers.records_of(server) {
            self.trace_note(id, ChangeKind::Fact(kind));
        }
    }

    /// Notes that a check ended, and where the counter is.
    pub(in crate::engine) fn trace_check(&mut self, id: EndpointId, pass: bool) {
        if self.observer.is_none() {
            return;
        }
        let check = self
            .balancers
            .upstream_of(id)
            .endpoint(id)
            .map(|one| one.check);
        if let Some(check) = check {
            let (counter, up) = (check.counter(), check.is_up());
            self.trace_note(id, ChangeKind::Check { pass, counter, up });
        }
    }

    /// Notes that a request ends without an answer, with the endpoint it was last sent to.
    pub(in crate::engine) fn trace_loss(&mut self, key: RequestKey, outcome: Outcome) {
        if self.observer.is_none() || outcome == Outcome::Answered {
            return;
        }
        let Some(request) = self.requests.get(key) else {
            return;
        };
        let sent_at = request.sent_at;
        if let Some(endpoint) = request.current()
            && let Some(lane) = self.lane(endpoint)
        {
            lane.lose(sent_at);
        }
    }
}
