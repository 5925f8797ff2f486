//! What is kept for whoever looks at a run: the page, a picture, a test.
//!
//! Owns the balancer that is looked at, the failures of the last moments, each client's last picks and, while the run
//! is watched, request traces, fault histories and counts of requests in each place. The engine tells it what happens
//! (`Observed`), and it reads the rest through a [`View`]. **Invariant:** nothing here is read by the simulation, so
//! looking changes no result; all of it is bounded.

pub mod fault_history;
pub mod flashes;
pub mod in_flight;
pub mod request_traces;

use std::collections::VecDeque;

use self::fault_history::{ChangeKind, FaultHistory};
use self::flashes::{Flash, Flashes};
use self::in_flight::{InFlightSample, InFlightSampler};
use self::request_traces::RequestTraces;
use super::observations::ObservationKind;
use super::view::View;
use crate::ids::{BalancerId, ClientId, EndpointId, RequestKey, ServerId};
use crate::metrics::outcome::Outcome;
use crate::time::SimTime;

/// How many of a client's last picks are kept.
pub const RECENT_PICKS: usize = 8;

/// The most request traces that a copy keeps. A scene at human scale has fewer; where there are thousands, a reader
/// who goes back sees the traces of the requests that come from then on.
const LIVES_IN_COPY: usize = 400;

/// Something that happened and that traces may be kept of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Observed {
    /// A sample is due at this time, before its events.
    Due(SimTime),
    /// A request entered another phase.
    Moved(RequestKey),
    /// An upstream picked for a request, which is not sent yet.
    Picked(RequestKey),
    /// The outcome of a request was decided.
    Decided(RequestKey, Outcome),
    /// The request of that number ended at its client.
    Ended(u64, Outcome),
    /// Something happened to an endpoint.
    Endpoint(EndpointId, ChangeKind),
    /// The result of an endpoint's probe was counted.
    Probed(EndpointId, bool),
    /// A server broke or was repaired.
    Fault(ServerId, ObservationKind),
}

/// Everything that is kept for whoever looks.
#[derive(Clone, Debug, Default)]
pub(super) struct Observer {
    /// The balancer that is looked at.
    pub focus: BalancerId,
    /// The failures of the last moments.
    pub flashes: Flashes,
    /// By client: the endpoints of its last requests, newest last.
    recent: Vec<Vec<EndpointId>>,
    /// `None` unless the run is watched.
    watch: Option<Box<Watch>>,
}

/// What is kept while a run is watched.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch {
    /// The number of requests in each place, second by second.
    pub gauge: InFlightSampler,
    /// The traces of single requests.
    pub trail: RequestTraces,
    /// The fault history of each endpoint.
    pub checks: FaultHistory,
}

impl Observer {
    /// An observer of a run with so many clients, which is not watched.
    pub fn new(clients: usize) -> Self {
        Self {
            recent: vec![Vec::with_capacity(RECENT_PICKS); clients],
            ..Self::default()
        }
    }

    /// Begins to watch with nothing kept, or stops.
    pub fn set_watched(&mut self, watched: bool) {
        self.watch = watched.then(Box::default);
    }

    /// What is kept while the run is watched; `None` unless it is.
    #[inline(always)]
    pub fn watch(&self) -> Option<&Watch> {
        self.watch.as_deref()
    }

    /// Drops the request traces, if there are more than a copy of the run keeps.
    pub fn drop_many_traces(&mut self) {
        if let Some(watch) = self.watch.as_mut()
            && watch.trail.lives() > LIVES_IN_COPY
        {
            watch.trail.clear();
        }
    }

    /// Takes out what is kept while the run is watched, so that it can look at the rest of the run.
    pub const fn take_watch(&mut self) -> Option<Box<Watch>> {
        self.watch.take()
    }

    /// Puts back what was taken out.
    pub fn put_back(&mut self, watch: Box<Watch>) {
        self.watch = Some(watch);
    }

    /// Keeps the endpoint that a client's request is sent to.
    pub fn sent(&mut self, client: ClientId, endpoint: EndpointId) {
        let recent = &mut self.recent[client.index()];
        if recent.len() == RECENT_PICKS {
            recent.remove(0);
        }
        recent.push(endpoint);
    }

    /// The endpoints of a client's last requests, newest last; empty if there is no such client.
    pub fn recent_picks(&self, client: ClientId) -> &[EndpointId] {
        self.recent.get(client.index()).map_or(&[], Vec::as_slice)
    }
}

impl Watch {
    /// Keeps what happened, for those who look at it.
    pub fn observe(&mut self, view: View<'_>, what: Observed) {
        match what {
            Observed::Due(now) => self.gauge.sample(view, now),
            Observed::Moved(key) => self.trail.step(view, key),
            Observed::Picked(key) => self.trail.choice(view, key),
            Observed::Ended(number, outcome) => self.trail.close(number, view.now(), outcome),
            Observed::Decided(key, outcome) => self.checks.decided(view, key, outcome),
            Observed::Endpoint(endpoint, change) => self.checks.note(view, endpoint, change),
            Observed::Probed(endpoint, pass) => self.checks.probed(view, endpoint, pass),
            Observed::Fault(server, kind) => self.checks.fault(view, server, kind),
        }
    }
}

impl<'a> View<'a> {
    /// The endpoints of a client's last requests, newest last; at most
    /// [`RECENT_PICKS`].
    #[must_use]
    pub fn recent_picks(&self, client: ClientId) -> &'a [EndpointId] {
        self.engine.observer.recent_picks(client)
    }

    /// Where requests failed a moment ago, oldest first.
    #[must_use]
    pub const fn flashes(&self) -> &'a VecDeque<Flash> {
        self.engine.observer.flashes.all()
    }

    /// The request traces; `None` unless the run is watched.
    #[must_use]
    pub fn trail(&self) -> Option<&'a RequestTraces> {
        self.engine.observer.watch().map(|watch| &watch.trail)
    }

    /// The fault history of each endpoint; `None` unless the run is watched.
    #[must_use]
    pub fn checks(&self) -> Option<&'a FaultHistory> {
        self.engine.observer.watch().map(|watch| &watch.checks)
    }

    /// The number of requests in each place, once a second, oldest first; empty unless the run is watched.
    pub fn samples(&self) -> impl Iterator<Item = &'a InFlightSample> + use<'a> {
        let watch = self.engine.observer.watch();
        watch.into_iter().flat_map(|watch| watch.gauge.samples())
    }
}
