//! How much memory a copy of the world takes: what the history goes by when it decides how many
//! copies to keep.

use super::Engine;
use super::command::LogEntry;
use super::event::Event;
use super::observations::{Flash, Observation};
use crate::balance::balancer::Balancer;
use crate::balance::endpoint::Endpoint;
use crate::fleet::client::{Client, Connection};
use crate::fleet::server::{QueuedJob, Server};

/// What an event takes in the queue: its time, itself, the next one.
const QUEUED: usize = 16 + size_of::<Event>();
/// When a try is given up.
const DEADLINE: usize = 12;
/// What an algorithm may keep for each endpoint: a hundred and sixty points of a ring.
const PICKER: usize = 160 * 24;
/// What an algorithm may keep in all: a table of 65,537 places.
const TABLE: usize = 65_537 * 4;
/// A user: a connection, a cookie, a place in a closed loop with a random stream.
const USER: usize = 64;
/// Names and addresses of an endpoint, its server and its specification in the scenario.
const NAMES: usize = 256;
/// The life of a request as the page shows it: its steps, and what was compared for it.
const LIFE: usize = 1_024;
/// The most lives that a copy keeps. A scene at human scale has fewer; where there are thousands, a
/// reader who goes back sees those of the requests that come from then on.
const LIVES_IN_COPY: usize = 400;

impl Engine {
    /// A clone for the history: all that decides what happens, and of what is kept for the page
    /// only as much as is small.
    #[must_use]
    pub fn copy(&self) -> Self {
        let mut copy = self.clone();
        if let Some(watch) = copy.observer.as_mut()
            && watch.trail.lives() > LIVES_IN_COPY
        {
            watch.trail.clear();
        }
        copy
    }

    /// About how many bytes a clone of this world takes. Counted from what there is of each thing,
    /// and generous where an algorithm keeps tables of its own; a test holds it against the
    /// allocator.
    #[must_use]
    pub fn footprint(&self) -> usize {
        let endpoints: usize = self
            .balancers
            .iter()
            .flat_map(Balancer::upstreams)
            .map(|upstream| upstream.endpoints().len())
            .sum();
        let records = endpoints * (size_of::<Endpoint>() + NAMES + PICKER);
        let upstreams = self.balancers.upstream_refs().len();
        let jobs = |server: &Server| {
            size_of_val(server.running()) + server.waiting().len() * size_of::<QueuedJob>()
        };
        let users: usize = self
            .clients
            .all()
            .iter()
            .map(|client| client.spec.users as usize)
            .sum();
        let journal = self.observations.facts().len() * (size_of::<Observation>() + 16)
            + self.observations.flashes().len() * size_of::<Flash>();
        let lives = self
            .observer
            .as_ref()
            .map_or(0, |watch| watch.trail.lives());
        size_of::<Self>()
            + self.recorder.footprint()
            + self.requests.footprint()
            + self.queue.places() * QUEUED
            + self.requests.len() * DEADLINE
            + self.clients.connection_places() * size_of::<Connection>()
            + self.clients.all().len() * (size_of::<Client>() + NAMES)
            + users * USER
            + self.servers.len() * (size_of::<Server>() + NAMES)
            + self.servers.iter().flatten().map(jobs).sum::<usize>()
            + records
            + upstreams * TABLE
            + journal
            + self.log.len() * size_of::<LogEntry>()
            + lives * LIFE
    }
}
