//! The memory that a copy of the engine takes: the history decides by it how many copies to keep.

use super::Engine;
use super::command::LogEntry;
use super::event::Event;
use super::observations::Observation;
use super::observer::flashes::Flash;
use super::view::View;
use crate::balance::balancer::Balancer;
use crate::balance::endpoint::Endpoint;
use crate::fleet::client::{Client, Connection};
use crate::fleet::server::{QueuedJob, Server};

/// The bytes of a pending event: its time, itself, the index of the next one.
const QUEUED: usize = 16 + size_of::<Event>();
/// The bytes of an attempt's time-out.
const DEADLINE: usize = 12;
/// The bytes that a picker may keep for each endpoint: 160 points of a ring.
const PICKER: usize = 160 * 24;
/// The bytes that a picker may keep in all: a table of 65,537 entries.
const TABLE: usize = 65_537 * 4;
/// The bytes of a user: a connection, a cookie, a place in a closed loop with a random stream.
const USER: usize = 64;
/// The bytes of the names and addresses of an endpoint, its server and its specification.
const NAMES: usize = 256;
/// The bytes of a request trace: its steps, and the endpoints compared for it.
const LIFE: usize = 1_024;
impl View<'_> {
    /// About how many bytes a clone of the engine takes. It is counted from how many of each thing there are, and
    /// generous where a picker keeps tables of its own; a test compares it with the allocator.
    pub(super) fn footprint(self) -> usize {
        let endpoints: usize = self
            .engine
            .balancers
            .iter()
            .flat_map(Balancer::upstreams)
            .map(|upstream| upstream.endpoints().len())
            .sum();
        let records = endpoints * (size_of::<Endpoint>() + NAMES + PICKER);
        let upstreams = self.engine.balancers.upstream_refs().len();
        let jobs = |server: &Server| {
            size_of_val(server.running()) + server.waiting().len() * size_of::<QueuedJob>()
        };
        let users: usize = self
            .engine
            .clients
            .all()
            .iter()
            .map(|client| client.spec.users as usize)
            .sum();
        let facts = self.engine.record.observations().facts().len();
        let flashes = self.engine.observer.flashes.all().len();
        let journal = facts * (size_of::<Observation>() + 16) + flashes * size_of::<Flash>();
        let lives = self
            .engine
            .observer
            .watch()
            .map_or(0, |watch| watch.trail.lives());
        size_of::<Engine>()
            + self.engine.record.recorder.footprint()
            + self.engine.requests.footprint()
            + self.engine.schedule.places() * QUEUED
            + self.engine.requests.len() * DEADLINE
            + self.engine.clients.connection_places() * size_of::<Connection>()
            + self.engine.clients.all().len() * (size_of::<Client>() + NAMES)
            + users * USER
            + self.engine.servers.installed() * (size_of::<Server>() + NAMES)
            + self.engine.servers.iter().map(jobs).sum::<usize>()
            + records
            + upstreams * TABLE
            + journal
            + self.engine.record.log.len() * size_of::<LogEntry>()
            + lives * LIFE
    }
}
