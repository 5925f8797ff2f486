//! The endpoints of one upstream, in configuration order, and which of them may be used.

use super::endpoint::{AdminState, Endpoint, EndpointConfig, Tier};
use crate::sim::health::active::ActiveCheck;
use crate::sim::ids::EndpointId;

/// The endpoints of one upstream. A *slot* is a place in the list; it moves when an earlier endpoint
/// is removed, an [`EndpointId`] never does.
#[derive(Clone, Debug, Default)]
pub struct EndpointSet {
    endpoints: Vec<Endpoint>,
    usable: Vec<bool>,
    slots: Vec<Option<u32>>,
}

impl EndpointSet {
    /// Adds an endpoint at the end and gives it an identity never used before.
    pub fn add(&mut self, config: EndpointConfig, check: ActiveCheck) -> EndpointId {
        let id = EndpointId(u32::try_from(self.slots.len()).expect("fewer than 2^32 endpoints"));
        let slot = u32::try_from(self.endpoints.len()).expect("fewer than 2^32 endpoints");
        self.slots.push(Some(slot));
        self.endpoints.push(Endpoint::new(id, config, check));
        self.refresh();
        id
    }

    /// Takes an endpoint out for good; those after it move up.
    pub fn remove(&mut self, id: EndpointId) -> Option<Endpoint> {
        let slot = self.slot_of(id)?;
        let gone = self.endpoints.remove(slot);
        self.slots[id.index()] = None;
        for (slot, endpoint) in self.endpoints.iter().enumerate().skip(slot) {
            self.slots[endpoint.id.index()] = u32::try_from(slot).ok();
        }
        self.refresh();
        Some(gone)
    }

    /// All endpoints in configuration order.
    #[must_use]
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// For each slot: may it take new requests now?
    #[must_use]
    pub fn usable(&self) -> &[bool] {
        &self.usable
    }

    /// Where an endpoint stands; `None` once it was removed.
    #[must_use]
    pub fn slot_of(&self, id: EndpointId) -> Option<usize> {
        self.slots
            .get(id.index())
            .copied()
            .flatten()
            .map(|slot| slot as usize)
    }

    /// An endpoint by identity.
    #[must_use]
    pub fn get(&self, id: EndpointId) -> Option<&Endpoint> {
        self.slot_of(id).map(|slot| &self.endpoints[slot])
    }

    /// The endpoint at `slot`, to change. Call [`Self::refresh`] after a change of health, weight or
    /// admin state.
    pub fn at_mut(&mut self, slot: usize) -> &mut Endpoint {
        &mut self.endpoints[slot]
    }

    /// Works out anew which endpoints may be used; tells whether that changed.
    ///
    /// Backups are used only while no primary is (nginx and HAProxy alike). Weight 0 takes nothing
    /// new (HAProxy; nginx does not allow it).
    pub fn refresh(&mut self) -> bool {
        let eligible = |endpoint: &Endpoint| endpoint.is_available() && endpoint.config.weight > 0;
        let primaries = self
            .endpoints
            .iter()
            .any(|endpoint| endpoint.config.tier == Tier::Primary && eligible(endpoint));
        let tier = if primaries {
            Tier::Primary
        } else {
            Tier::Backup
        };
        let usable: Vec<bool> = self
            .endpoints
            .iter()
            .map(|endpoint| endpoint.config.tier == tier && eligible(endpoint))
            .collect();
        let changed = usable != self.usable;
        self.usable = usable;
        changed
    }

    /// How many endpoints the operator wants in use.
    #[must_use]
    pub fn ready(&self) -> usize {
        self.endpoints
            .iter()
            .filter(|endpoint| endpoint.admin == AdminState::Ready)
            .count()
    }
}
