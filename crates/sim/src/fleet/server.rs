//! A server as it is: workers, a bounded queue, a speed, and its faults.

use super::chunked::ChunkedDeque;
use super::spec::MachineSpec;
use crate::ids::{RequestKey, ServerId};
use crate::time::{SimDuration, SimTime};
use crate::units::Permille;

pub mod fault;
mod load;
mod sharing;

use fault::Faults;
pub use fault::ServerFault;
use load::LoadMeter;
pub use load::ServerLoad;

/// The state of a server's process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProcessState {
    /// The process works as it should.
    #[default]
    Up,
    /// The process is gone: connections are refused.
    Crashed,
    /// The process accepts requests and never answers.
    Hanging,
}

/// A job: one request at a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    /// The request of the job.
    pub key: RequestKey,
    /// The number of the attempt; the answer to an earlier one has no receiver.
    pub attempt: u32,
    /// The work left at `since`, as time at speed 1 without a fault.
    remaining: SimDuration,
    /// Since when a worker has processed it.
    since: SimTime,
    /// If the workers are shared: the server's clock when the job is done.
    target: u128,
    /// When it will be done, if nothing changes; [`SimTime::FAR`] while the server hangs.
    done_at: SimTime,
}

impl Job {
    /// A job with all its work still to do.
    #[must_use]
    pub const fn new(key: RequestKey, attempt: u32, work: SimDuration) -> Self {
        let (since, done_at) = (SimTime::ZERO, SimTime::FAR);
        Self {
            key,
            attempt,
            remaining: work,
            target: 0,
            since,
            done_at,
        }
    }

    /// When the job will be done, if nothing changes.
    #[must_use]
    pub const fn done_at(&self) -> SimTime {
        self.done_at
    }
}

/// A queued job: a request that waits at a server for a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueuedJob {
    /// The request of the job.
    pub key: RequestKey,
    /// The number of the attempt.
    pub attempt: u32,
    /// The work in microseconds: at most an hour, which fits.
    work_us: u32,
}

impl QueuedJob {
    fn of(job: Job) -> Self {
        let work_us = job.remaining.as_us();
        Self {
            key: job.key,
            attempt: job.attempt,
            work_us: u32::try_from(work_us).expect("work is at most an hour"),
        }
    }

    const fn job(self) -> Job {
        let work = SimDuration::from_us(self.work_us as u64);
        Job::new(self.key, self.attempt, work)
    }
}

/// The result of a request's arrival at a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// A worker took it at once; it is done at that time, if nothing changes.
    Started(SimTime),
    /// The request waits for a worker.
    Waiting,
    /// The queue is full: status 503.
    Full,
    /// No process listens: the connection is refused.
    Refused,
}

/// A server: a machine of the fleet.
#[derive(Clone, Debug)]
pub struct Server {
    /// The identity of the server.
    pub id: ServerId,
    /// Its name, address and size.
    pub spec: MachineSpec,
    /// The state of the process.
    process: ProcessState,
    /// The faults of the process while it is up.
    faults: Faults,
    /// Counted up whenever the end times of running jobs change: older `Done` events are void.
    epoch: u32,
    /// If the workers are shared: the work done for each job since the start, as of the last update.
    clock: u128,
    clock_at: SimTime,
    running: Vec<Job>,
    waiting: ChunkedDeque<QueuedJob>,
    /// Counts its load, once somebody wants reports.
    load: Option<Box<LoadMeter>>,
}

impl Server {
    /// A server that works and is idle.
    #[must_use]
    pub fn new(id: ServerId, spec: MachineSpec) -> Self {
        Self {
            id,
            spec,
            process: ProcessState::Up,
            faults: Faults::default(),
            epoch: 0,
            clock: 0,
            clock_at: SimTime::ZERO,
            running: Vec::new(),
            waiting: ChunkedDeque::default(),
            load: None,
        }
    }

    /// Accepts, queues or refuses a request that arrives.
    pub fn accept(&mut self, now: SimTime, job: Job) -> Admission {
        match self.process {
            ProcessState::Crashed => Admission::Refused,
            // The kernel still accepts; nobody takes it up.
            ProcessState::Hanging => {
                self.waiting.push_back(QueuedJob::of(job));
                Admission::Waiting
            }
            ProcessState::Up if self.running.len() < self.places() => {
                Admission::Started(self.start(now, job))
            }
            ProcessState::Up
                if !self.is_sharing() && self.waiting.len() < self.spec.queue as usize =>
            {
                self.waiting.push_back(QueuedJob::of(job));
                Admission::Waiting
            }
            ProcessState::Up => Admission::Full,
        }
    }

    /// Ends the job of `key` and returns it. Call [`Self::start_next`] then.
    pub fn finish(&mut self, now: SimTime, key: RequestKey, attempt: u32) -> Option<Job> {
        let at = self
            .running
            .iter()
            .position(|job| job.key == key && job.attempt == attempt)?;
        if !self.is_sharing() {
            let done = self.running.swap_remove(at);
            self.count_busy(now);
            return Some(done);
        }
        self.advance_shared(now);
        let done = self.running.swap_remove(at);
        self.reschedule_shared(now);
        self.count_busy(now);
        Some(done)
    }

    /// A free worker takes the next job that waits.
    pub fn start_next(&mut self, now: SimTime) -> Option<Job> {
        if self.process != ProcessState::Up || self.running.len() >= self.places() {
            return None;
        }
        let ticket = self.waiting.pop_front()?;
        self.start(now, ticket.job());
        self.running.last().copied()
    }

    /// The balancer gave the request up and closed its connection. A waiting job is dropped; a running one goes on in
    /// vain.
    pub fn abandon(&mut self, key: RequestKey, attempt: u32) {
        self.waiting
            .retain(|one| one.key != key || one.attempt != attempt);
    }

    /// Removes all jobs: the process died, or the server is removed.
    pub fn clear(&mut self) -> Vec<Job> {
        self.epoch += 1;
        let mut all = std::mem::take(&mut self.running);
        all.extend(self.waiting.iter().map(|ticket| ticket.job()));
        self.waiting.clear();
        all
    }

    /// The state of the process.
    #[must_use]
    pub const fn process(&self) -> ProcessState {
        self.process
    }

    /// How many times slower than its speed it is, in thousandths.
    #[must_use]
    pub const fn slow_permille(&self) -> Permille {
        self.faults.slow
    }

    /// The epoch that a `Done` event must carry to count.
    #[must_use]
    pub const fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The jobs that workers process.
    #[must_use]
    pub fn running(&self) -> &[Job] {
        &self.running
    }

    /// The jobs that wait, first come first.
    #[must_use]
    pub const fn waiting(&self) -> &ChunkedDeque<QueuedJob> {
        &self.waiting
    }

    /// How many more requests could be in service at once.
    #[cfg(debug_assertions)]
    #[must_use]
    pub(crate) fn free_workers(&self) -> usize {
        self.places().saturating_sub(self.running.len())
    }

    /// How long `work` takes here now.
    #[must_use]
    pub fn time_for(&self, work: SimDuration) -> SimDuration {
        work.scaled(
            u64::from(self.faults.slow),
            u64::from(self.spec.speed_permille),
        )
    }

    fn start(&mut self, now: SimTime, mut job: Job) -> SimTime {
        if self.is_sharing() {
            let done_at = self.start_shared(now, job);
            self.count_busy(now);
            return done_at;
        }
        job.since = now;
        job.done_at = now + self.time_for(job.remaining);
        self.running.push(job);
        self.count_busy(now);
        job.done_at
    }

    /// Books the work done so far at the speed that held until now.
    fn advance_jobs(&mut self, now: SimTime) {
        if self.is_sharing() {
            return self.advance_shared(now);
        }
        if self.process != ProcessState::Up {
            return;
        }
        let (slow, speed) = (
            u64::from(self.faults.slow),
            u64::from(self.spec.speed_permille),
        );
        for job in &mut self.running {
            job.remaining = job.remaining - now.since(job.since).scaled(speed, slow);
            job.since = now;
        }
    }

    /// Updates the end time of each running job.
    fn reschedule(&mut self, now: SimTime) {
        if self.is_sharing() {
            return self.reschedule_shared(now);
        }
        self.epoch += 1;
        let up = self.process == ProcessState::Up;
        let (slow, speed) = (
            u64::from(self.faults.slow),
            u64::from(self.spec.speed_permille),
        );
        for job in &mut self.running {
            job.since = now;
            job.done_at = if up {
                now + job.remaining.scaled(slow, speed)
            } else {
                SimTime::FAR
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::spec::Discipline;

    fn server(workers: u32, queue: u32) -> Server {
        let (name, address) = ("A".to_string(), "10.0.0.1:8080".to_string());
        let spec = MachineSpec {
            name,
            address,
            workers,
            queue,
            speed_permille: Permille::ONE,
            discipline: Discipline::Fifo,
        };
        Server::new(ServerId(0), spec)
    }

    fn job(slot: u32, work_ms: u64) -> Job {
        Job::new(
            RequestKey {
                slot,
                generation: 0,
            },
            0,
            SimDuration::from_ms(work_ms),
        )
    }

    fn at(ms: u64) -> SimTime {
        SimTime::from_us(ms * 1_000)
    }

    #[test]
    fn workers_first_then_the_queue_then_503() {
        let mut server = server(1, 1);
        assert_eq!(server.accept(at(0), job(0, 10)), Admission::Started(at(10)));
        assert_eq!(server.accept(at(1), job(1, 10)), Admission::Waiting);
        assert_eq!(server.accept(at(2), job(2, 10)), Admission::Full);
        assert!(
            server
                .finish(
                    at(10),
                    RequestKey {
                        slot: 0,
                        generation: 0
                    },
                    0
                )
                .is_some()
        );
        let next = server.start_next(at(10)).expect("one waits");
        assert_eq!((next.key.slot, next.done_at()), (1, at(20)));
    }

    #[test]
    fn slowing_down_counts_the_work_already_done() {
        let mut server = server(1, 0);
        server.accept(at(0), job(0, 100));
        server.slow_down(at(50), Permille(4_000));
        assert_eq!(server.running()[0].done_at(), at(250));
        server.restore(at(150));
        assert_eq!(server.running()[0].done_at(), at(175));
    }

    #[test]
    fn a_hang_freezes_and_a_restart_goes_on() {
        let mut server = server(1, 0);
        server.accept(at(0), job(0, 100));
        server.hang(at(30));
        assert_eq!(server.running()[0].done_at(), SimTime::FAR);
        assert_eq!(server.accept(at(40), job(1, 10)), Admission::Waiting);
        server.restore(at(1_000));
        assert_eq!(server.running()[0].done_at(), at(1_070));
    }

    #[test]
    fn an_abandoned_request_leaves_the_queue_but_not_its_worker() {
        let mut server = server(1, 5);
        server.accept(at(0), job(0, 10));
        server.accept(at(0), job(1, 10));
        server.abandon(
            RequestKey {
                slot: 0,
                generation: 0,
            },
            0,
        );
        server.abandon(
            RequestKey {
                slot: 1,
                generation: 0,
            },
            0,
        );
        assert_eq!((server.running().len(), server.waiting().len()), (1, 0));
    }

    #[test]
    fn a_crash_refuses_and_gives_everyone_back() {
        let mut server = server(1, 5);
        server.accept(at(0), job(0, 10));
        server.accept(at(0), job(1, 10));
        server.crash();
        assert_eq!(server.clear().len(), 2);
        assert_eq!(server.accept(at(1), job(2, 10)), Admission::Refused);
    }
}
