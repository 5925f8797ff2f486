//! The life of a request on the client's side: it arrives, is read, is picked for, comes back.

use super::Engine;
use super::event::Event;
use super::observer::Observed;
use super::observer::flashes::Flash;
use super::request::{Phase, Trip};
use super::request_record::RequestRecord;
use crate::balance::l7::FrontendTask;
use crate::balance::picker::PickKey;
use crate::balance::spec::Layer;
use crate::fleet::traffic::RequestSample;
use crate::ids::{EndpointId, RequestKey, ServerId};
use crate::metrics::outcome::{Outcome, Rejection};
use crate::scenario::limits::MAX_IN_FLIGHT;
use crate::time::SimDuration;

impl Engine {
    pub(super) fn on_arrival(&mut self) {
        let draw = self.workload.arrive(&mut self.schedule);
        self.admit(draw);
    }

    pub(super) fn on_user_thinks(&mut self, user_index: u32) {
        let draw = self.workload.send(user_index);
        self.admit(draw);
    }

    /// A client sends a new request.
    fn admit(&mut self, draw: RequestSample) {
        let now = self.schedule.now();
        let number = self.record.arrived(now);
        if self.requests.len() >= MAX_IN_FLIGHT {
            self.record.turned_away(now);
            self.workload.on_end(&draw, &mut self.schedule);
            return;
        }
        let connection = self.clients.connect(draw.client, draw.user);
        let record = RequestRecord::new(number, &draw, connection, now);
        let key = self.requests.insert(record);
        self.start_request(key);
    }

    pub(super) fn on_at_balancer(&mut self, key: RequestKey) {
        if !self.is_received(key) {
            return;
        }
        let request = self.requests.in_flight_mut(key);
        let balancer = self.balancers.get_mut(request.balancer());
        let spec = balancer.spec();
        let (layer, ticket) = (spec.layer, spec.ticket_us);
        // Where connections live, they have their handshake before the first request comes.
        let shakes =
            request.is_fresh() && layer == Layer::L7 && self.scenario.connections.is_none();
        let front = balancer.front_mut();
        front.count_request();
        let done = if shakes {
            let who = (request.client().0, request.user());
            let handshake = front.sessions.begin(who, self.schedule.now(), ticket);
            let tasks = [FrontendTask::Handshake(handshake), FrontendTask::Request];
            balancer.work(self.schedule.now(), &tasks)
        } else {
            balancer.work(self.schedule.now(), &[FrontendTask::Request])
        };
        let Some(until) = done else {
            return self.turn_away(key, Rejection::BalancerBusy);
        };
        request.set_phase(Phase::AtBalancer {
            since: self.schedule.now(),
            until,
        });
        self.observe(Observed::Moved(key));
        self.schedule.at(until, Event::Pick { key });
    }

    pub(super) fn on_pick(&mut self, key: RequestKey) {
        if !self.passes_rules(key) {
            return;
        }
        let request = self.requests.in_flight(key);
        let choice = match self.tied(request) {
            Some(endpoint) => Some(endpoint),
            None if self.must_wait(key, request) => return self.wait_at_balancer(key),
            None => self.choose(key),
        };
        match choice {
            Some(endpoint) => self.dispatch(key, endpoint),
            None => self.turn_away(key, Rejection::NoEndpoint),
        }
    }

    /// At L4: the balancer's endpoint for the server that a request's connection is bound to. The other balancer of a
    /// pair may have bound it, if connection sync is on.
    fn tied(&self, request: &RequestRecord) -> Option<EndpointId> {
        let balancer = request.balancer();
        if self.balancers.get(balancer).spec().layer != Layer::L4 {
            return None;
        }
        let flow = self.flow_of(request.connection)?;
        self.balancers.same_server(flow, balancer)
    }

    /// Whether every endpoint that could take the request is full, including the one it is bound to.
    fn must_wait(&self, key: RequestKey, request: &RequestRecord) -> bool {
        let upstream = self.balancers.upstream(request.upstream_ref());
        let takes = |id| upstream.takes_pinned(id);
        upstream.is_saturated(&[]) && !self.cookie(key, request).is_some_and(takes)
    }

    /// The endpoint that a request's cookie names, for its first attempt; `None` where cookies are off.
    fn cookie(&self, key: RequestKey, request: &RequestRecord) -> Option<EndpointId> {
        let spec = self.balancers.upstream(request.upstream_ref()).spec();
        if !spec.sticky_cookie || spec.layer != Layer::L7 || !self.requests.tried(key).is_empty() {
            return None;
        }
        let named = self.clients.cookie(request.client(), request.user())?;
        // Another balancer may have set it: it means the server.
        self.balancers.same_server(named, request.balancer())
    }

    /// Sends the request to the endpoint that was picked.
    pub(super) fn dispatch(&mut self, key: RequestKey, endpoint: EndpointId) {
        self.send(key, endpoint);
        self.admit_tied(key, endpoint);
    }

    /// Lets the balancer pick; at L4 it binds the connection to the endpoint.
    pub(super) fn choose(&mut self, key: RequestKey) -> Option<EndpointId> {
        let request = self.requests.in_flight(key);
        let cookie = self.cookie(key, request);
        let connection = request.connection;
        let client = self.clients.get(request.client());
        let upstream = self.balancers.upstream_mut(request.upstream_ref());
        let layer = upstream.spec().layer;
        let path = if layer == Layer::L7 && upstream.reads_paths() {
            let templates = &mut self.workload.templates;
            templates.path(request.class(), request.item())
        } else {
            ""
        };
        let pick_key = PickKey {
            source: client.spec.address,
            port: self.clients.connection(connection).port,
            user: request.user(),
            text: path.as_bytes(),
        };
        let pinned = cookie.and_then(|id| upstream.pick_pinned(self.schedule.now(), pick_key, id));
        let tried = self.requests.tried(key);
        let choice = pinned.or_else(|| upstream.pick(self.schedule.now(), pick_key, tried));
        let picked = choice.map(|(endpoint, _)| endpoint);
        self.record.picked(request.number, picked);
        self.observe(Observed::Picked(key));
        let (endpoint, _) = choice?;
        self.schedule_trial(endpoint);
        if layer == Layer::L4 {
            let balancer = self.balancers.upstream_ref_of(endpoint).balancer;
            let state = self.clients.connection_mut(connection);
            state.set_balancer(Some(balancer));
            let flows = self.balancers.get_mut(balancer).flows_mut();
            let before = flows.insert(connection.0, endpoint);
            debug_assert_eq!(before, None, "a connection is tied once: {connection:?}");
            self.balancers
                .upstream_of_mut(endpoint)
                .on_connected(endpoint);
        }
        Some(endpoint)
    }

    /// The outcome is decided: sends it to the client.
    pub(super) fn return_to_client(&mut self, key: RequestKey, outcome: Outcome) {
        self.observe(Observed::Decided(key, outcome));
        let trip = self.trip_to_client(key);
        let request = self.requests.in_flight_mut(key);
        request.mark_served();
        request.set_phase(Phase::ToClient(trip, outcome));
        self.schedule.at(trip.arrive, Event::AtClient { key });
        self.observe(Observed::Moved(key));
    }

    pub(super) fn on_at_client(&mut self, key: RequestKey) {
        let request = self.requests.remove(key);
        let Phase::ToClient(_, outcome) = request.phase() else {
            unreachable!("{key:?} is not on its way to its client");
        };
        self.end(&request, outcome);
    }

    /// Ends a request: counts its outcome.
    pub(super) fn end(&mut self, request: &RequestRecord, outcome: Outcome) {
        self.observe(Observed::Ended(request.number, outcome));
        self.record.ended(self.schedule.now(), request, outcome);
        let user = (request.client().0, request.user());
        self.count_at_site(request.vip(), user, outcome);
        if outcome != Outcome::Answered || !self.open_socket(request) {
            self.release_connection(request.connection);
            self.watch_idle(request.connection);
        }
        self.workload.on_end(&request.draw(), &mut self.schedule);
    }

    /// Records for the stage where a request failed.
    pub(super) fn flash(&mut self, key: RequestKey, server: Option<ServerId>, outcome: Outcome) {
        let request = self.requests.in_flight(key);
        let kind = self.scenario.classes[request.class().index()].kind;
        self.observer.flashes.push(Flash {
            at: self.schedule.now(),
            server,
            kind,
            outcome,
        });
    }

    /// The trip from the balancer to the client. A server's response has to be passed on first, which is work.
    fn trip_to_client(&mut self, key: RequestKey) -> Trip {
        let request = self.requests.in_flight(key);
        let way = self.way_of(request);
        let mut trip = self.schedule.trip(way);
        if request.current().is_some() {
            let balancer = self.balancers.get_mut(request.balancer());
            let done = balancer.work(self.schedule.now(), &[FrontendTask::Packet]);
            // What is on its way out is not dropped.
            trip.depart = done.unwrap_or(self.schedule.now());
            trip.arrive = trip.depart + way;
        }
        trip
    }

    /// The latency between a request's client and the site it went to, one way.
    pub(super) fn way_of(&self, request: &RequestRecord) -> SimDuration {
        let site = self.topology.vips[request.vip().index()].site;
        self.topology.path_latency(request.client(), site)
    }
}
