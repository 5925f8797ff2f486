//! The flow tables of the balancers in the run: a connection's flow is in the table of the balancer that knows the
//! connection.

use super::Engine;
use crate::fleet::client::ConnectionId;
use crate::ids::EndpointId;

impl Engine {
    /// The endpoint that a connection goes to (L4); `None` where nothing was picked for the connection.
    pub(super) fn flow_of(&self, connection: ConnectionId) -> Option<EndpointId> {
        let balancer = self.clients.connection(connection).balancer()?;
        self.balancers.get(balancer).flows().get(connection.0)
    }

    /// The connections that go to an endpoint (L4), in the order of their numbers.
    pub(super) fn connections_to(&self, endpoint: EndpointId) -> Vec<ConnectionId> {
        let balancer = self.balancers.upstream_ref_of(endpoint).balancer;
        let flows = self.balancers.get(balancer).flows();
        flows.connections_to(endpoint).map(ConnectionId).collect()
    }

    /// The balancer forgets where a connection goes.
    pub(super) fn remove_flow(&mut self, connection: ConnectionId) -> Option<EndpointId> {
        let balancer = self.clients.connection(connection).balancer()?;
        let flows = self.balancers.get_mut(balancer).flows_mut();
        flows.remove(connection.0)
    }

    /// The balancer forgets a connection, and its endpoint has one fewer.
    pub(super) fn disconnect(&mut self, connection: ConnectionId) {
        if let Some(endpoint) = self.remove_flow(connection) {
            let upstream = self.balancers.upstream_of_mut(endpoint);
            upstream.on_disconnected(endpoint);
        }
    }

    /// A request on a connection came back. A connection that is closed and empty goes.
    pub(super) fn release_connection(&mut self, connection: ConnectionId) {
        if self.clients.release(connection) {
            self.disconnect(connection);
        }
    }
}
