//! What an upstream's endpoints have to do: attempts and connections in progress, and what servers report of their load.

use super::Upstream;
use crate::balance::algorithm::Implementation;
use crate::balance::picker::{AttemptEnd, LoadReport};
use crate::balance::spec::Layer;
use crate::ids::EndpointId;
use crate::time::SimTime;

impl Upstream {
    /// Counts an attempt that is sent. (A connection at L4 counts as load from its pick to its close.)
    ///
    /// # Panics
    /// If the endpoint was removed; the same goes for the next two functions.
    pub fn on_sent(&mut self, id: EndpointId) {
        let slot = self.set.slot(id);
        let endpoint = self.set.at_mut(slot);
        endpoint.in_progress += 1;
        endpoint.counts.tries += 1;
        if self.config.layer == Layer::L7 {
            self.load_up(slot);
        }
    }

    /// Counts a connection that is bound to an endpoint (L4), or an open WebSocket (L7).
    pub fn on_connected(&mut self, id: EndpointId) {
        let slot = self.set.slot(id);
        self.set.at_mut(slot).connections += 1;
        self.load_up(slot);
    }

    /// Counts the end of a connection that was bound to an endpoint (L4), or of a WebSocket (L7).
    pub fn on_disconnected(&mut self, id: EndpointId) {
        let slot = self.set.slot(id);
        self.set.at_mut(slot).connections -= 1;
        self.load_down(slot, AttemptEnd::Answered);
    }

    /// Whether it wants load reports: its algorithm reads them, and it reads answers (L7).
    #[must_use]
    pub fn wants_load_reports(&self) -> bool {
        self.reads_load && self.config.layer == Layer::L7
    }

    /// A load report of an endpoint came with an answer. Call it before [`Self::on_end`] of the same attempt.
    pub fn on_load_report(&mut self, now: SimTime, id: EndpointId, report: LoadReport) {
        if let Some(slot) = self.set.slot_of(id) {
            self.picker.on_load_report(now, slot, report);
        }
    }

    pub(super) fn load_up(&mut self, slot: usize) {
        self.set.at_mut(slot).active += 1;
        self.picker.on_dispatched(slot, self.set.endpoints());
    }

    pub(super) fn load_down(&mut self, slot: usize, end: AttemptEnd) {
        self.set.at_mut(slot).active -= 1;
        self.room = true;
        if self.limited && self.config.picker.implementation == Implementation::Haproxy {
            self.freed.push(self.set.endpoints()[slot].id);
        }
        self.picker.on_finished(slot, self.set.endpoints(), end);
    }
}
