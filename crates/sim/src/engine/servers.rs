//! The servers of a run, and the ends of their jobs.
//!
//! Owns the machines as they are ([`Server`]: truth) and schedules [`Event::Done`] for the jobs that workers process.
//! **Invariant:** a server that runs awaits the end of each job in service, or only of the first where jobs share the
//! workers; an end that was scheduled before the server's speed changed has another epoch and is void. Work is
//! counted in microseconds at speed 1.

use super::event::Event;
use super::schedule::Schedule;
use crate::fleet::server::{Admission, Job, Server};
use crate::ids::{RequestKey, ServerId, SiteId};
use crate::scenario::ServerSpec;
use crate::time::SimTime;

/// All servers, by identity.
#[derive(Clone, Debug, Default)]
pub(super) struct Servers {
    /// `None` once removed.
    all: Vec<Option<Server>>,
    /// The site of each server.
    sites: Vec<SiteId>,
}

impl Servers {
    /// Puts a new server into a site.
    pub fn install(&mut self, spec: &ServerSpec, site: SiteId) -> ServerId {
        let id = ServerId(u32::try_from(self.all.len()).expect("fewer than 2^32 servers"));
        self.all.push(Some(Server::new(id, spec.machine())));
        self.sites.push(site);
        id
    }

    /// Takes a server out of the scene. Its identity is not used again.
    pub fn remove(&mut self, id: ServerId) {
        self.all[id.index()] = None;
    }

    /// The server with this identity; `None` if it was removed or never was.
    pub fn get(&self, id: ServerId) -> Option<&Server> {
        self.all.get(id.index())?.as_ref()
    }

    /// The server with this identity, to change.
    pub fn get_mut(&mut self, id: ServerId) -> Option<&mut Server> {
        self.all.get_mut(id.index())?.as_mut()
    }

    /// A server that must be in the scene: requests and current events only name such servers.
    ///
    /// # Panics
    /// If it was removed.
    #[track_caller]
    pub fn expect(&self, id: ServerId) -> &Server {
        self.get(id).expect("the server is in the scene")
    }

    /// A server that must be in the scene, to change.
    ///
    /// # Panics
    /// If it was removed.
    #[track_caller]
    pub fn expect_mut(&mut self, id: ServerId) -> &mut Server {
        self.get_mut(id).expect("the server is in the scene")
    }

    /// The servers in the scene, in the order of their identities.
    pub fn iter(&self) -> impl Iterator<Item = &Server> {
        self.all.iter().flatten()
    }

    /// The number of servers that ever were.
    pub const fn installed(&self) -> usize {
        self.all.len()
    }

    /// The servers of a site that are in the scene.
    pub fn at_site(&self, site: SiteId) -> Vec<ServerId> {
        let here = |server: &&Server| self.sites[server.id.index()] == site;
        self.iter().filter(here).map(|server| server.id).collect()
    }

    /// Whether the end of a job is void: it was scheduled in another epoch of its server, or the server is gone.
    pub fn is_void(&self, id: ServerId, epoch: u32) -> bool {
        self.get(id).is_none_or(|server| server.epoch() != epoch)
    }

    /// A job reaches its server: a worker takes it up, or it waits, or it is turned away.
    pub fn accept(&mut self, id: ServerId, job: Job, schedule: &mut Schedule) -> Admission {
        let server = self.expect_mut(id);
        let admission = server.accept(schedule.now(), job);
        if let Admission::Started(done_at) = admission {
            await_started(server, job.key, job.attempt, done_at, schedule);
        }
        admission
    }

    /// A worker has finished a job.
    pub fn finish(&mut self, id: ServerId, key: RequestKey, attempt: u32, schedule: &mut Schedule) {
        let server = self.expect_mut(id);
        let done = server.finish(schedule.now(), key, attempt);
        debug_assert!(done.is_some(), "{id:?} has no job {key:?}, try {attempt}");
        if server.is_sharing() {
            await_all(server, schedule);
        }
    }

    /// A free worker takes up the next job that waits; returns its request and the number of its attempt.
    pub fn start_next(
        &mut self,
        id: ServerId,
        schedule: &mut Schedule,
    ) -> Option<(RequestKey, u32)> {
        let server = self.expect_mut(id);
        let job = server.start_next(schedule.now())?;
        let (key, attempt) = (job.key, job.attempt);
        await_started(server, key, attempt, job.done_at(), schedule);
        Some((key, attempt))
    }

    /// Schedules the ends of all running jobs of a server anew after its speed changed.
    pub fn reschedule(&self, id: ServerId, schedule: &mut Schedule) {
        await_all(self.expect(id), schedule);
    }
}

/// Schedules the end of a job that a worker took up.
fn await_started(
    server: &Server,
    key: RequestKey,
    attempt: u32,
    done_at: SimTime,
    schedule: &mut Schedule,
) {
    if server.is_sharing() {
        // The job changes the ends of all others.
        return await_all(server, schedule);
    }
    let event = Event::Done {
        server: server.id,
        epoch: server.epoch(),
        key,
        attempt,
    };
    schedule.at(done_at, event);
}

/// Schedules the ends of a server's jobs; only the first where jobs share the workers, as it changes all others.
fn await_all(server: &Server, schedule: &mut Schedule) {
    for job in server.due() {
        let event = Event::Done {
            server: server.id,
            epoch: server.epoch(),
            key: job.key,
            attempt: job.attempt,
        };
        schedule.at(job.done_at(), event);
    }
}

#[cfg(test)]
impl Servers {
    /// All servers in the scene, to change: defects for the tests of the invariants.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Server> {
        self.all.iter_mut().flatten()
    }
}
