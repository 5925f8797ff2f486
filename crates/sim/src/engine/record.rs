//! The record of a run: what replays it, and what it came to.
//!
//! Owns the seed and the log of commands, which with the scenario give the same run again; the digest of all
//! decisions; the counts and response times; and the observations, which are part of the results that lessons and
//! tests ask for. **Invariant:** arrived = answered + failed + rejected + timed out + in flight. Times are microseconds
//! of simulated time.

use super::command::{Command, LogEntry};
use super::observations::{ObservationKind, ObservationLog};
use super::request_record::RequestRecord;
use crate::hash::Digest;
use crate::ids::{EndpointId, VipId};
use crate::metrics::outcome::{Outcome, Rejection};
use crate::metrics::recorder::Recorder;
use crate::time::{SimDuration, SimTime};

/// What replays a run, and its results so far.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// Decides every random draw.
    pub seed: u64,
    /// The commands that were given.
    pub log: Vec<LogEntry>,
    /// The counts and response times.
    pub recorder: Recorder,
    observations: ObservationLog,
    digest: Digest,
}

impl Record {
    /// The record of a run that has not begun.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            log: Vec::new(),
            recorder: Recorder::default(),
            observations: ObservationLog::default(),
            digest: Digest::default(),
        }
    }

    /// The observations that are kept.
    pub const fn observations(&self) -> &ObservationLog {
        &self.observations
    }

    /// The digest of all decisions so far.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// Records an observation about the server, balancer or site of that name; empty if it is about none.
    pub fn observe(&mut self, now: SimTime, name: &str, kind: ObservationKind) {
        self.observations.record(now, name, kind);
    }

    /// Counts a request that a client sends; returns its number, from 1.
    pub fn arrived(&mut self, now: SimTime) -> u64 {
        self.recorder.arrived(now);
        self.recorder.totals().arrived
    }

    /// Counts a request that the simulation has no room for.
    pub fn record_rejected(&mut self, now: SimTime) {
        let outcome = Outcome::Rejected(Rejection::InFlightLimit);
        self.recorder.ended(now, outcome, SimDuration::ZERO);
        self.observe(now, "", ObservationKind::InFlightLimit);
    }

    /// Records a pick for the request of that number; `None` if there was no endpoint for it.
    #[inline(always)]
    pub fn picked(&mut self, number: u64, endpoint: Option<EndpointId>) {
        self.digest.add(number);
        self.digest
            .add(endpoint.map_or(u64::MAX, |endpoint| u64::from(endpoint.0)));
    }

    /// Records the end of a request at its client.
    pub fn ended(&mut self, now: SimTime, request: &RequestRecord, outcome: Outcome) {
        let took = now.since(request.born);
        self.recorder.ended(now, outcome, took);
        if outcome == Outcome::Answered {
            self.recorder.answered_in(request.class().index(), took);
        }
        self.digest.add(request.number);
        self.digest.add(outcome.code());
        self.digest.add(now.as_us());
    }

    /// Records the result of a probe.
    pub fn probed(&mut self, now: SimTime, endpoint: EndpointId, pass: bool) {
        self.digest
            .add(u64::from(endpoint.0) << 1 | u64::from(pass));
        self.digest.add(now.as_us());
    }

    /// Records the result of the authority's check of an address.
    pub fn vip_checked(&mut self, vip: VipId, pass: bool) {
        self.digest.add(u64::from(vip.0) << 1 | u64::from(pass));
    }

    /// Whether a command takes the place of the last one in the log.
    pub fn replaces_last(&self, now: SimTime, command: &Command) -> bool {
        let entry = entry(now, command);
        self.log.last().is_some_and(|last| entry.replaces(last))
    }

    /// Adds a command to the log, at its time.
    pub fn remember(&mut self, now: SimTime, command: &Command) {
        if self.replaces_last(now, command) {
            self.log.pop();
        }
        self.log.push(entry(now, command));
    }
}

fn entry(at: SimTime, command: &Command) -> LogEntry {
    LogEntry {
        at,
        command: command.clone(),
    }
}
