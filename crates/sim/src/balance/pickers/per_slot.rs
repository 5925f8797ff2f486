//! A picker's data for each endpoint, kept in step with the list of endpoints.

use crate::balance::endpoint::Endpoint;
use crate::ids::EndpointId;

/// One value for each endpoint, by slot. It follows endpoints that move up when an earlier one is removed.
#[derive(Clone, Debug)]
pub struct PerSlot<T> {
    entries: Vec<(EndpointId, T)>,
}

impl<T> Default for PerSlot<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
        }
    }
}

impl<T: Clone> PerSlot<T> {
    /// Updates the values to `endpoints`: values of removed endpoints are dropped, and new endpoints get `fresh`.
    /// Returns whether the list changed.
    pub fn align(&mut self, endpoints: &[Endpoint], mut fresh: impl FnMut(&Endpoint) -> T) -> bool {
        let same = self.entries.len() == endpoints.len()
            && self
                .entries
                .iter()
                .zip(endpoints)
                .all(|((id, _), endpoint)| *id == endpoint.id);
        if same {
            return false;
        }
        let mut from = 0;
        let entries = endpoints
            .iter()
            .map(|endpoint| {
                // The order never changes, so the search goes on where the last one ended.
                let found = (0..self.entries.len())
                    .map(|step| (from + step) % self.entries.len())
                    .find(|&at| self.entries[at].0 == endpoint.id);
                match found {
                    Some(at) => {
                        from = at + 1;
                        self.entries[at].clone()
                    }
                    None => (endpoint.id, fresh(endpoint)),
                }
            })
            .collect();
        self.entries = entries;
        true
    }

    /// The number of endpoints.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no endpoints.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The endpoint of a slot.
    #[must_use]
    pub fn id(&self, slot: usize) -> EndpointId {
        self.entries[slot].0
    }

    /// The slots and their values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        self.entries
            .iter()
            .enumerate()
            .map(|(slot, (_, value))| (slot, value))
    }
}

impl<T> std::ops::Index<usize> for PerSlot<T> {
    type Output = T;
    fn index(&self, slot: usize) -> &T {
        &self.entries[slot].1
    }
}

impl<T> std::ops::IndexMut<usize> for PerSlot<T> {
    fn index_mut(&mut self, slot: usize) -> &mut T {
        &mut self.entries[slot].1
    }
}
