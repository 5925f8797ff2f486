//! Processor sharing: everything that a server has accepted is in service at once, and the workers'
//! speed is shared out evenly.
//! All jobs run at the same speed, so one clock that counts the work done for each since the start is enough: a job is
//! done when that clock has advanced by its work. The clock counts in 2^-20 of a microsecond, so that rounding at each
//! change of speed stays negligible.

use super::{Job, Server};
use crate::fleet::server::ProcessState;
use crate::fleet::spec::Discipline;
use crate::time::{SimDuration, SimTime};

/// Bits of the clock below a microsecond.
const FINE: u32 = 20;

impl Server {
    /// Whether every accepted request is in service at once.
    #[must_use]
    pub fn is_sharing(&self) -> bool {
        self.spec.discipline == Discipline::Sharing
    }

    /// The number of requests that may be in service at once.
    pub(super) fn places(&self) -> usize {
        let queue = if self.is_sharing() {
            self.spec.queue
        } else {
            0
        };
        self.spec.workers as usize + queue as usize
    }

    /// The work done for each job in a microsecond, as a fraction.
    fn pace(&self) -> (u128, u128) {
        let jobs = self.running.len().max(1) as u128;
        let workers = u128::from(self.spec.workers);
        (
            u128::from(self.spec.speed_permille) * workers.min(jobs),
            u128::from(self.faults.slow) * jobs,
        )
    }

    /// Advances the clock to `now` at the speed that held until now.
    pub(super) fn advance_shared(&mut self, now: SimTime) {
        if self.process == ProcessState::Up {
            let gone = u128::from(now.since(self.clock_at).as_us()) << FINE;
            let (num, den) = self.pace();
            self.clock += gone * num / den;
        }
        self.clock_at = now;
    }

    /// Starts one more job. Returns when it will be done, if nothing changes.
    pub(super) fn start_shared(&mut self, now: SimTime, mut job: Job) -> SimTime {
        self.advance_shared(now);
        job.target = self.clock + (u128::from(job.remaining.as_us()) << FINE);
        job.since = now;
        self.running.push(job);
        self.reschedule_shared(now);
        self.running.last().map_or(now, |job| job.done_at)
    }

    /// Updates the end time of each job. The clock must stand at `now`.
    pub(super) fn reschedule_shared(&mut self, now: SimTime) {
        self.epoch += 1;
        let up = self.process == ProcessState::Up;
        let (num, den) = self.pace();
        for job in &mut self.running {
            let left = job.target.saturating_sub(self.clock) * den;
            let us = left.div_ceil(num << FINE);
            job.done_at = if up {
                now + SimDuration::from_us(u64::try_from(us).unwrap_or(u64::MAX))
            } else {
                SimTime::FAR
            };
        }
    }

    /// The jobs whose ends are to be scheduled: all running jobs, or only the first to end if they share the workers,
    /// since its end changes the speed of the rest.
    #[must_use]
    pub fn due(&self) -> Vec<Job> {
        let moving = self.running.iter().filter(|job| job.done_at < SimTime::FAR);
        if self.is_sharing() {
            moving
                .min_by_key(|job| job.done_at)
                .copied()
                .into_iter()
                .collect()
        } else {
            moving.copied().collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::server::Admission;
    use crate::fleet::spec::MachineSpec;
    use crate::ids::{RequestKey, ServerId};
    use crate::units::Permille;

    fn server(workers: u32, queue: u32) -> Server {
        let spec = MachineSpec {
            name: "A".to_string(),
            address: "10.0.0.1:8080".to_string(),
            workers,
            queue,
            speed_permille: Permille::ONE,
            discipline: Discipline::Sharing,
        };
        Server::new(ServerId(0), spec)
    }

    fn key(slot: u32) -> RequestKey {
        let generation = 0;
        RequestKey { slot, generation }
    }

    fn job(slot: u32, work_ms: u64) -> Job {
        Job::new(key(slot), 0, SimDuration::from_ms(work_ms))
    }

    fn at(ms: u64) -> SimTime {
        SimTime::from_us(ms * 1_000)
    }

    fn first(server: &Server) -> (u32, SimTime) {
        let due = server.due();
        (due[0].key.slot, due[0].done_at)
    }

    #[test]
    fn two_jobs_take_twice_as_long_and_the_rest_hurries_on() {
        let mut server = server(1, 5);
        assert_eq!(
            server.accept(at(0), job(0, 100)),
            Admission::Started(at(100))
        );
        assert_eq!(
            server.accept(at(50), job(1, 100)),
            Admission::Started(at(250))
        );
        // 50 ms are left of the first, at half the speed.
        assert_eq!(first(&server), (0, at(150)));
        server.finish(at(150), key(0), 0);
        // 50 ms of the second are done.
        assert_eq!(first(&server), (1, at(200)));
    }

    #[test]
    fn two_workers_slow_down_only_for_the_third() {
        let mut server = server(2, 5);
        server.accept(at(0), job(0, 100));
        server.accept(at(0), job(1, 100));
        assert_eq!(first(&server), (0, at(100)));
        server.accept(at(0), job(2, 100));
        assert_eq!(first(&server), (0, at(150)));
        for slot in 3..7 {
            server.accept(at(0), job(slot, 100));
        }
        assert_eq!(server.accept(at(0), job(7, 100)), Admission::Full);
    }

    #[test]
    fn slowing_down_and_hanging_count_the_work_already_done() {
        let mut server = server(1, 5);
        server.accept(at(0), job(0, 100));
        server.slow_down(at(50), Permille(2_000));
        assert_eq!(first(&server), (0, at(150)));
        server.hang(at(100));
        assert!(server.due().is_empty());
        assert_eq!(server.accept(at(200), job(1, 10)), Admission::Waiting);
        server.restore(at(1_000));
        assert_eq!(first(&server), (0, at(1_025)));
        let next = server.start_next(at(1_000)).expect("one waits");
        assert_eq!(next.key.slot, 1);
        assert_eq!(first(&server), (1, at(1_020)));
    }
}
