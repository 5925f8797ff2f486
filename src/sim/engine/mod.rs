//! The engine: owns the world, runs its events in order, takes commands.
//!
//! The only place that sees both truth ([`crate::sim::fleet`]) and belief
//! ([`crate::sim::balance`]). A request goes
//! client → link → balancer → link → server → link → balancer → link → client;
//! `life.rs` follows it, `probes.rs` the checks, `apply.rs` the reader's commands.

mod apply;
pub mod command;
pub mod event;
mod life;
pub mod observe;
pub mod probes;
pub mod request;
mod retry;
mod tries;
pub mod view;
mod waiting;
pub mod watch;

use std::collections::VecDeque;

use self::command::LogEntry;
use self::event::Event;
use self::observe::{FactKind, Journal};
use self::probes::Probe;
use self::request::Requests;
use self::view::View;
use self::waiting::Waiting;
use self::watch::Watch;
use super::balance::balancer::Balancer;
use super::balance::endpoint::EndpointConfig;
use super::fleet::client::Clients;
use super::fleet::server::Server;
use super::fleet::traffic::Traffic;
use super::hash::Digest;
use super::ids::{EndpointId, RequestKey, ServerId};
use super::metrics::recorder::Recorder;
use super::queue::EventQueue;
use super::scenario::{Scenario, ServerSpec};
use super::time::SimTime;

/// How many events one call may handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventBudget(pub u64);

impl EventBudget {
    /// No bound.
    pub const UNBOUNDED: Self = Self(u64::MAX);
}

/// How far a call came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Everything up to the asked time has happened.
    Done,
    /// The budget was used up first; the clock stands at the last event handled.
    OutOfBudget,
}

/// The whole simulated world.
#[derive(Clone, Debug)]
pub struct Engine {
    scenario: Scenario,
    seed: u64,
    now: SimTime,
    queue: EventQueue<Event>,
    traffic: Traffic,
    /// Arrival events of an older epoch are void: the rate changed since.
    arrival_epoch: u32,
    clients: Clients,
    /// By identity; `None` once removed.
    servers: Vec<Option<Server>>,
    balancer: Balancer,
    requests: Requests,
    /// When each try in flight is given up, oldest first. The timeout is the same for all, so the
    /// order is that of sending, and one event for the first is enough.
    deadlines: VecDeque<(SimTime, RequestKey, u32)>,
    waiting: Waiting,
    /// By endpoint identity.
    probes: Vec<Probe>,
    /// By endpoint identity: the last end of nginx's time-out that is awaited.
    scouts: Vec<SimTime>,
    recorder: Recorder,
    journal: Journal,
    /// Whether the balancer ignored health when it was last looked at: its changes are facts.
    panicking: bool,
    log: Vec<LogEntry>,
    digest: Digest,
    events: u64,
    key_text: String,
    /// What is kept for the page; `None` while nobody looks.
    watch: Option<Box<Watch>>,
}

impl Engine {
    /// A world at time 0. The scenario must be valid
    /// ([`crate::sim::scenario::validate::faults`] is empty).
    #[must_use]
    pub fn new(scenario: &Scenario, seed: u64) -> Self {
        let mut engine = Self {
            scenario: scenario.clone(),
            seed,
            now: SimTime::ZERO,
            queue: EventQueue::default(),
            traffic: Traffic::new(
                scenario.arrivals,
                &scenario.clients,
                &scenario.classes,
                seed,
            ),
            arrival_epoch: 0,
            clients: Clients::new(&scenario.clients),
            servers: Vec::new(),
            balancer: Balancer::new(&scenario.balancer, seed, 0),
            requests: Requests::default(),
            deadlines: VecDeque::new(),
            waiting: Waiting::default(),
            probes: Vec::new(),
            scouts: Vec::new(),
            recorder: Recorder::default(),
            journal: Journal::default(),
            panicking: false,
            log: Vec::new(),
            digest: Digest::default(),
            events: 0,
            key_text: String::new(),
            watch: None,
        };
        for spec in &scenario.servers {
            engine.install(spec);
        }
        engine.schedule_arrival();
        engine.wake_people();
        engine.schedule_all_probes();
        engine
    }

    /// Handles every event up to and including `until`, within the budget, and sets the clock there.
    pub fn run_until(&mut self, until: SimTime, budget: EventBudget) -> Progress {
        let mut left = budget.0;
        while left > 0 {
            let Some((at, event)) = self.queue.pop_until(until) else {
                self.sample(until);
                self.now = self.now.max(until);
                self.recorder.advance(self.now);
                return Progress::Done;
            };
            self.sample(at);
            self.now = at;
            self.events += 1;
            left -= 1;
            self.handle(event);
            self.look_after();
        }
        Progress::OutOfBudget
    }

    /// Runs to the end of the instant of the next pick, but not beyond `until`. Tells whether there
    /// was a pick.
    pub fn run_to_next_pick(&mut self, until: SimTime) -> bool {
        let before = self.balancer.decision().number;
        while self.balancer.decision().number == before {
            let Some(next) = self.queue.next_at().filter(|at| *at <= until) else {
                self.run_until(until, EventBudget::UNBOUNDED);
                return false;
            };
            self.run_until(next, EventBudget::UNBOUNDED);
        }
        true
    }

    /// Everything there is to see.
    #[must_use]
    pub const fn view(&self) -> View<'_> {
        View::new(self)
    }

    /// Whether what happens is written down in full, for the page. It changes no result.
    pub fn set_watched(&mut self, watched: bool) {
        self.watch = watched.then(Box::default);
        self.balancer.set_watched(watched);
    }

    /// Puts a new server into the fleet and an endpoint for it into the balancer.
    fn install(&mut self, spec: &ServerSpec) -> (ServerId, EndpointId) {
        let server = ServerId(u32::try_from(self.servers.len()).expect("fewer than 2^32 servers"));
        let config = EndpointConfig {
            server,
            name: spec.name.clone(),
            address: spec.address.clone(),
            hash_id: server.0 + 1,
            weight: spec.weight,
            tier: spec.tier,
            max_conns: spec.max_conns,
        };
        self.servers.push(Some(Server::new(server, spec.machine())));
        let endpoint = self.balancer.add(self.now, config);
        self.probes.push(Probe::default());
        self.scouts.push(SimTime::ZERO);
        (server, endpoint)
    }

    fn server(&self, id: ServerId) -> Option<&Server> {
        self.servers.get(id.index())?.as_ref()
    }

    fn server_mut(&mut self, id: ServerId) -> Option<&mut Server> {
        self.servers.get_mut(id.index())?.as_mut()
    }

    /// What follows from a change, whatever changed.
    fn look_after(&mut self) {
        if self.balancer.take_room() {
            self.admit_waiting();
        }
        let panics = self.balancer.is_panicking();
        if self.panicking != panics {
            self.panicking = panics;
            let kind = if panics {
                FactKind::PanicBegan
            } else {
                FactKind::PanicEnded
            };
            self.journal.note(self.now, "", kind);
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Arrival { epoch } => self.on_arrival(epoch),
            Event::Person { person } => self.on_person(person),
            Event::AtBalancer { key } => self.on_at_balancer(key),
            Event::Pick { key } => self.on_pick(key),
            Event::AtServer { key, attempt } => self.on_at_server(key, attempt),
            Event::Done {
                server,
                epoch,
                key,
                attempt,
            } => {
                self.on_done(server, epoch, key, attempt);
            }
            Event::BackAtBalancer { key, attempt } => self.on_back(key, attempt),
            Event::AtClient { key } => self.on_at_client(key),
            Event::Deadline => self.on_deadline(),
            Event::Waited => self.on_waited(),
            Event::EjectionEnds { endpoint } => self.on_ejection_ends(endpoint),
            Event::Ramp { endpoint, since } => self.on_ramp(endpoint, since),
            Event::Probe {
                endpoint,
                run,
                step,
            } => self.on_probe(endpoint, run, step),
        }
    }
}
