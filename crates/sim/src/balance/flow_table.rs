//! The flow table: which endpoint each connection was sent to (L4).
//!
//! A balancer at L4 picks once for a connection, with its first packet, and sends all later packets to the same
//! endpoint. The flow entry of the connection says which. IPVS calls the table its connection table, a stateful
//! firewall calls it conntrack. It is what the balancer believes; client and server know nothing of it.
//!
//! **Invariant:** a flow whose endpoint is in the scene is counted once in that endpoint's `connections`.

use crate::ids::EndpointId;

/// The value for no flow. There are fewer than 2^32 endpoints.
const NONE: u32 = u32::MAX;

/// The flows of one balancer, by the connection's number.
#[derive(Clone, Debug, Default)]
pub struct FlowTable {
    endpoints: Vec<u32>,
}

impl FlowTable {
    /// The endpoint that a connection was sent to; `None` if nothing was picked for it.
    #[must_use]
    #[inline(always)]
    pub fn get(&self, connection: u32) -> Option<EndpointId> {
        let endpoint = *self.endpoints.get(connection as usize)?;
        (endpoint != NONE).then_some(EndpointId(endpoint))
    }

    /// Sends a connection to an endpoint from now on; returns the endpoint that it was sent to before.
    pub fn insert(&mut self, connection: u32, endpoint: EndpointId) -> Option<EndpointId> {
        let place = connection as usize;
        if place >= self.endpoints.len() {
            self.endpoints.resize(place + 1, NONE);
        }
        let before = std::mem::replace(&mut self.endpoints[place], endpoint.0);
        (before != NONE).then_some(EndpointId(before))
    }

    /// Removes a connection; returns the endpoint that it was sent to.
    pub fn remove(&mut self, connection: u32) -> Option<EndpointId> {
        let place = self.endpoints.get_mut(connection as usize)?;
        let before = std::mem::replace(place, NONE);
        (before != NONE).then_some(EndpointId(before))
    }

    /// The connections that were sent to an endpoint, in the order of their numbers.
    pub fn connections_to(&self, endpoint: EndpointId) -> impl Iterator<Item = u32> {
        let flows = self.endpoints.iter().enumerate();
        flows
            .filter(move |(_, one)| **one == endpoint.0)
            .map(|(connection, _)| connection as u32)
    }

    /// Removes all connections that were sent to an endpoint.
    pub fn remove_all_to(&mut self, endpoint: EndpointId) {
        for place in &mut self.endpoints {
            if *place == endpoint.0 {
                *place = NONE;
            }
        }
    }

    /// Removes the entries of all connections.
    pub fn clear(&mut self) {
        self.endpoints.clear();
    }

    /// The size of the entries in bytes.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.endpoints.capacity() * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_is_kept_until_it_is_removed() {
        let mut flows = FlowTable::default();
        assert_eq!(flows.get(3), None);
        assert_eq!(flows.insert(3, EndpointId(1)), None);
        assert_eq!(flows.get(3), Some(EndpointId(1)));
        assert_eq!(flows.get(2), None);
        assert_eq!(flows.insert(3, EndpointId(2)), Some(EndpointId(1)));
        assert_eq!(flows.remove(3), Some(EndpointId(2)));
        assert_eq!((flows.get(3), flows.remove(3)), (None, None));
    }

    #[test]
    fn flows_to_an_endpoint_are_found_and_forgotten() {
        let mut flows = FlowTable::default();
        for (connection, endpoint) in [(0, 5), (1, 6), (4, 5)] {
            flows.insert(connection, EndpointId(endpoint));
        }
        let to = |flows: &FlowTable| flows.connections_to(EndpointId(5)).collect::<Vec<_>>();
        assert_eq!(to(&flows), [0, 4]);
        flows.remove_all_to(EndpointId(5));
        assert!(to(&flows).is_empty());
        assert_eq!(flows.get(1), Some(EndpointId(6)));
        flows.clear();
        assert_eq!(flows.get(1), None);
    }
}
