//! The engine: runs the events of a simulated world in their order, and takes commands.
//!
//! The only place that sees both truth ([`crate::fleet`]) and belief ([`crate::balance`]). Each field of [`Engine`] is a
//! part that owns its state: a part takes a time and an input, schedules its own events in `schedule.rs`, and
//! answers with outputs. The engine keeps what no part can: who calls whom, and in which order. That is in this file
//! (which function an event goes to), `client_flow.rs`, `connection_flow.rs`, `balancer_flow.rs`, `attempt_flow.rs`,
//! `health_flow.rs`, `site_flow.rs` and `apply.rs` (commands); no other file has functions of the engine. Whatever only
//! looks (`view.rs`, `stale.rs`, `command_check.rs`, `footprint.rs`, `invariants.rs`, `observer/`) borrows the engine
//! through a [`View`], which can change nothing.

mod apply;
mod attempt_flow;
mod balancer_flow;
mod balancers;
mod client_flow;
pub mod command;
mod command_check;
mod connection_flow;
pub mod dns;
mod edited;
pub mod event;
mod footprint;
pub mod frontend;
pub mod handshake;
mod health_flow;
#[cfg(debug_assertions)]
mod invariants;
mod load_reports;
mod network;
pub mod observations;
pub mod observer;
pub mod pair;
pub mod probes;
mod record;
pub mod request;
mod request_record;
mod request_table;
pub mod request_template;
mod schedule;
mod server_link;
mod servers;
mod site_flow;
mod stale;
pub mod topology;
mod transport;
mod upstream_queues;
pub mod view;
pub mod websockets;
mod workload;

use self::balancers::Balancers;
use self::event::{Event, SiteEvent};
use self::handshake::Handshakes;
use self::network::Network;
use self::observations::ObservationKind;
use self::observer::{Observed, Observer};
use self::probes::Probes;
use self::record::Record;
use self::request_record::RequestRecord;
use self::request_table::Requests;
use self::schedule::Schedule;
use self::servers::Servers;
use self::view::View;
use self::websockets::WebSockets;
use self::workload::Workload;
use super::balance::config::{PickerConfig, PickerFactory};
use super::balance::endpoint::EndpointConfig;
use super::fleet::client::Clients;
use super::fleet::spec::RequestKind;
use super::ids::{BalancerId, EndpointId, ServerId, SiteId, UpstreamId, UpstreamRef};
use super::scenario::{Scenario, ServerSpec};
use super::time::SimTime;

/// The largest number of events that one call may handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventBudget(pub u64);

impl EventBudget {
    /// No limit on the number of events.
    pub const UNBOUNDED: Self = Self(u64::MAX);
}

/// How far a call to [`Engine::run_until`] came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Everything up to the asked time has happened.
    Done,
    /// The budget was used up first; the clock stands at the last event handled.
    OutOfBudget,
}

/// The engine, with the whole simulated world. A clone is an independent copy.
#[derive(Clone, Debug)]
pub struct Engine {
    /// The scene at time 0. Nothing changes it.
    scenario: Scenario,
    schedule: Schedule,
    workload: Workload,
    clients: Clients,
    servers: Servers,
    balancers: Balancers,
    network: Network,
    requests: Requests,
    handshakes: Handshakes,
    websockets: WebSockets,
    probes: Probes,
    record: Record,
    observer: Observer,
    #[cfg(debug_assertions)]
    audit: invariants::Audit,
}

impl Engine {
    /// An engine at time 0. The scenario must be valid, so that [`crate::scenario::validate::faults`] finds nothing.
    #[must_use]
    pub fn new(scenario: &Scenario, seed: u64) -> Self {
        Self::with_picker_factory(scenario, seed, PickerConfig::build)
    }

    /// The same, with pickers made by `make`.
    #[must_use]
    pub fn with_picker_factory(scenario: &Scenario, seed: u64, make: PickerFactory) -> Self {
        let mut engine = Self {
            scenario: scenario.clone(),
            schedule: Schedule::default(),
            workload: Workload::new(scenario, seed),
            clients: Clients::new(&scenario.clients),
            servers: Servers::default(),
            balancers: Balancers::default(),
            network: Network::new(scenario, seed),
            requests: Requests::default(),
            handshakes: Handshakes::default(),
            websockets: WebSockets::default(),
            probes: Probes::default(),
            record: Record::new(seed),
            observer: Observer::new(scenario.clients.len()),
            #[cfg(debug_assertions)]
            audit: invariants::Audit::default(),
        };
        for (place, record) in engine.network.topology.nodes.iter().enumerate() {
            let id = BalancerId(place as u32);
            let stream = place as u64;
            let balancer = balancers::balancer(scenario, id, &record.name, seed, stream, make);
            engine.balancers.push(balancer);
        }
        for spec in &scenario.servers {
            engine.install(spec, scenario.site_of(&spec.name));
        }
        engine.balancers.start();
        engine.workload.start_arrivals(&mut engine.schedule);
        engine.workload.start_users(&mut engine.schedule);
        engine.schedule_all_probes();
        engine.start_pairs();
        engine.network.start(&mut engine.schedule);
        engine
    }

    /// Handles every event up to and including `until`, within the budget, and sets the clock there.
    pub fn run_until(&mut self, until: SimTime, budget: EventBudget) -> Progress {
        let mut left = budget.0;
        while left > 0 {
            let Some((at, event)) = self.schedule.pop_until(until) else {
                self.sample(until);
                self.schedule.advance(until);
                self.record.recorder.advance(self.schedule.now());
                return Progress::Done;
            };
            self.sample(at);
            self.schedule.begin(at);
            left -= 1;
            if !self.view().is_stale(at, &event) {
                self.handle(event);
            }
            if self.balancers.take_dirty() {
                self.after_event();
            }
            #[cfg(debug_assertions)]
            self.audit(false);
        }
        Progress::OutOfBudget
    }

    /// Runs to the end of the instant of the next pick, but not beyond `until`; returns whether there was a pick.
    pub fn run_to_next_pick(&mut self, until: SimTime) -> bool {
        let before = self.picks();
        while self.picks() == before {
            let Some(next) = self.schedule.next_at().filter(|at| *at <= until) else {
                self.run_until(until, EventBudget::UNBOUNDED);
                return false;
            };
            self.run_until(next, EventBudget::UNBOUNDED);
        }
        true
    }

    /// How many picks the balancer that the page looks at has made.
    #[must_use]
    pub fn picks(&self) -> u64 {
        let upstreams = self.balancers.get(self.observer.focus).upstreams().iter();
        upstreams.map(|one| one.decision().number).sum()
    }

    /// The time of the next pending event; `None` if there is none.
    #[must_use]
    pub fn next_at(&self) -> Option<SimTime> {
        self.schedule.next_at()
    }

    /// A read-only view of the engine.
    #[must_use]
    pub const fn view(&self) -> View<'_> {
        View::new(self)
    }

    /// A clone for the history: everything that decides what happens, and of the data for the page only what is small.
    #[must_use]
    pub fn copy(&self) -> Self {
        let mut copy = self.clone();
        copy.observer.drop_many_traces();
        copy
    }

    /// About how many bytes a clone of the engine takes. It is counted from how many of each thing there are, and
    /// generous where a picker keeps tables of its own; a test compares it with the allocator.
    #[must_use]
    pub fn footprint(&self) -> usize {
        self.view().footprint()
    }

    /// Turns the recording for the page on or off. It changes no result.
    pub fn set_watched(&mut self, watched: bool) {
        self.observer.set_watched(watched);
        for id in self.balancers.ids() {
            self.balancers.get_mut(id).set_watched(watched);
        }
    }

    /// Chooses the balancer that the page looks at. It changes no result.
    pub fn look_at(&mut self, id: BalancerId) {
        if self.balancers.ids().any(|one| one == id) {
            self.observer.focus = id;
        }
    }

    /// Puts a new server into a site and an endpoint for it into each balancer there. Pickers know the endpoints once
    /// their upstreams start.
    fn install(&mut self, spec: &ServerSpec, site: SiteId) -> (ServerId, Vec<EndpointId>) {
        let server = self.servers.install(spec, site);
        let config = EndpointConfig {
            server,
            name: spec.name.clone(),
            address: spec.address.clone(),
            hash_id: 0,
            weight: spec.weight,
            tier: spec.tier,
            max_conns: spec.max_conns,
            max_queue: spec.max_queue,
        };
        let ids = self.network.topology.site(site).balancers.clone();
        let upstream = UpstreamId(self.scenario.pool_of(spec) as u32);
        let register = |balancer| {
            let upstream_ref = UpstreamRef { balancer, upstream };
            let endpoint = self.balancers.register_endpoint(upstream_ref, server);
            let upstream = self.balancers.upstream_mut(upstream_ref);
            let hash_id = upstream.next_hash_id();
            upstream.add_endpoint(
                endpoint,
                EndpointConfig {
                    hash_id,
                    ..config.clone()
                },
            );
            self.probes.register();
            endpoint
        };
        let endpoints = ids.into_iter().map(register).collect();
        (server, endpoints)
    }

    /// Handles the consequences of a change, whatever changed.
    fn after_event(&mut self) {
        while let Some(upstream_ref) = self.balancers.take_capacity_freed() {
            self.admit_waiting(upstream_ref);
        }
        while let Some((_, panics)) = self.balancers.take_panic_change() {
            let kind = if panics {
                ObservationKind::PanicBegan
            } else {
                ObservationKind::PanicEnded
            };
            self.record.observe(self.schedule.now(), "", kind);
        }
    }

    /// Checks everything that must hold between two events. Only in builds with debug assertions, where the engine
    /// calls it itself every few events.
    ///
    /// # Panics
    /// If an invariant does not hold.
    #[cfg(debug_assertions)]
    pub fn check_invariants(&self) {
        invariants::Audit::default().run(self);
    }

    /// Checks the invariants: now, or when the next check is due.
    #[cfg(debug_assertions)]
    fn audit(&mut self, now: bool) {
        if now || self.audit.is_due(self.schedule.handled()) {
            let mut audit = std::mem::take(&mut self.audit);
            audit.run(self);
            self.audit = audit;
        }
    }

    /// The kind of a request.
    fn kind_of(&self, request: &RequestRecord) -> RequestKind {
        self.scenario.classes[request.class().index()].kind
    }

    /// Takes the samples that are due up to `now`, before the events of `now` are handled.
    #[inline(always)]
    fn sample(&mut self, now: SimTime) {
        let watch = self.observer.watch();
        if watch.is_some_and(|watch| watch.gauge.is_due(now)) {
            self.observe_watched(Observed::Due(now));
        }
    }

    /// Tells the observer what happened. Most runs are not watched; that costs no call.
    #[inline(always)]
    fn observe(&mut self, what: Observed) {
        if self.observer.watch().is_some() {
            self.observe_watched(what);
        }
    }

    /// Lets the observer look at the run, which it cannot change.
    #[cold]
    #[inline(never)]
    fn observe_watched(&mut self, what: Observed) {
        if let Some(mut watch) = self.observer.take_watch() {
            watch.observe(self.view(), what);
            self.observer.put_back(watch);
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Arrival { .. } => self.on_arrival(),
            Event::UserThinks { user_index } => self.on_user_thinks(user_index),
            Event::AtBalancer { key } => self.on_at_balancer(key),
            Event::Pick { key } => self.on_pick(key),
            Event::AtServer { key, attempt } => self.on_at_server(key, attempt),
            Event::Done {
                server,
                key,
                attempt,
                ..
            } => self.on_done(server, key, attempt),
            Event::BackAtBalancer { key, attempt } => self.on_back(key, attempt),
            Event::UpstreamConnected { key, attempt } => self.on_upstream_connected(key, attempt),
            Event::DirectReturn { key, .. } => self.on_direct_return(key),
            Event::Handshake { connection, .. } => self.on_handshake(connection),
            Event::Reset { connection, .. } | Event::Idle { connection, .. } => {
                self.close_connection(connection);
            }
            Event::SocketEnds { number } => self.on_socket_ends(number),
            Event::AtClient { key } => self.on_at_client(key),
            Event::AttemptTimeout { upstream_ref } => self.on_attempt_timeout(upstream_ref),
            Event::QueueTimeout { upstream_ref } => self.on_queue_timeout(upstream_ref),
            Event::EjectionEnds { endpoint } | Event::FailTimeoutEnds { endpoint } => {
                self.on_ejection_ends(endpoint);
            }
            Event::SlowStartStep { endpoint, since } => self.on_slow_start_step(endpoint, since),
            Event::Site(event) => self.handle_site_event(event),
            Event::Probe { endpoint, step, .. } => self.on_probe(endpoint, step),
        }
    }

    fn handle_site_event(&mut self, event: SiteEvent) {
        match event {
            SiteEvent::Resolved { key } => self.on_resolved(key),
            SiteEvent::Retransmit { key, .. } => self.on_retransmit(key),
            SiteEvent::Vrrp { balancer } => self.on_vrrp_timer(balancer),
            SiteEvent::Advert {
                to,
                priority,
                advert_cs,
            } => self.on_advert(to, priority, advert_cs),
            SiteEvent::Arp { balancer } => self.on_arp(balancer),
            SiteEvent::RouteUpdate { site } => self.network.topology.on_route_update(site),
            SiteEvent::EcmpUpdate { site } => self.on_ecmp_update(site),
            SiteEvent::VipCheck { vip, step } => self.on_vip_check(vip, step),
            SiteEvent::Sample => self.network.sample(&self.scenario, &mut self.schedule),
        }
    }
}
