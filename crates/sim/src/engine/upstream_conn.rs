//! The connections that an L7 balancer keeps to its servers: each attempt takes an idle one, or opens one if none is
//! idle.

use super::Engine;
use super::event::Event;
use super::observer::Observed;
use super::request::Phase;
use crate::balance::spec::Layer;
use crate::balance::upstream::ObservedResult;
use crate::fleet::server::ProcessState;
use crate::ids::{EndpointId, RequestKey};
use crate::metrics::outcome::{Failure, Outcome};

impl Engine {
    /// Takes a connection to a server for an attempt; returns whether one has to be opened first. Then the attempt
    /// goes on with [`Engine::on_upstream_connected`].
    pub(super) fn connect_upstream(&mut self, key: RequestKey, endpoint: EndpointId) -> bool {
        let balancer = self.balancers.upstream_ref_of(endpoint).balancer;
        let spec = self.balancers.get(balancer).spec();
        let (layer, keepalive) = (spec.layer, spec.keepalive);
        let Some(keepalive) = keepalive.filter(|_| layer == Layer::L7) else {
            return false;
        };
        let now = self.schedule.now();
        let links = self.scenario.links;
        let front = self.balancers.get_mut(balancer).front_mut();
        if !front.keepalive.take(&keepalive, now, endpoint) {
            return false;
        }
        // The SYN and its answer.
        let trip = self.schedule.trip(links.server_us + links.server_us);
        let front = self.balancers.get_mut(balancer).front_mut();
        front.count_held(trip.arrive.since(trip.depart));
        let request = self.requests.in_flight_mut(key);
        request.set_phase(Phase::Dialling(trip));
        let attempt = request.attempt();
        self.observe(Observed::Moved(key));
        let event = Event::UpstreamConnected { key, attempt };
        self.schedule.at(trip.arrive, event);
        true
    }

    /// The connection to the server is open, or was refused.
    pub(super) fn on_upstream_connected(&mut self, key: RequestKey, attempt: u32) {
        let endpoint = self.requests.in_flight(key).trying();
        let id = self.balancers.server_of(endpoint);
        if self.servers.expect(id).process() == ProcessState::Crashed {
            let outcome = Outcome::Failed(Failure::Refused);
            self.flash(key, Some(id), outcome);
            return self.conclude(key, ObservedResult::Refused, outcome);
        }
        self.start_attempt(key, attempt);
    }

    /// An attempt is over, and so is its use of the connection, which is kept if it is still good.
    pub(super) fn release_upstream(&mut self, endpoint: EndpointId, response: ObservedResult) {
        let good = matches!(
            response,
            ObservedResult::Good | ObservedResult::ServerError | ObservedResult::Full
        );
        let balancer = self.balancers.upstream_ref_of(endpoint).balancer;
        let spec = self.balancers.get(balancer).spec();
        if let Some(keepalive) = spec.keepalive
            && spec.layer == Layer::L7
            && good
        {
            let now = self.schedule.now();
            let front = self.balancers.get_mut(balancer).front_mut();
            front.keepalive.give(&keepalive, now, endpoint);
        }
    }
}
