//! What a server says of its own load: the requests and errors of the last ten seconds, and the share of its workers that
//! was busy. It is what a process would send in an ORCA report (xds/data/orca/v3/orca_load_report.proto:
//! `rps_fractional`, `eps`, `application_utilization`).
//!
//! A process chooses by itself over which time it averages. Ten seconds are long enough for some requests at human
//! scale, and as long as the blackout of gRPC's policy, after which a weight is believed.

use super::Server;
use crate::time::{SimDuration, SimTime};

/// The whole seconds that a report looks back on, besides the present one.
const SECONDS: u64 = 10;
/// A server says nothing before it has looked at itself for so long.
const LEAST: SimDuration = SimDuration::from_secs(1);

/// The load of a server, by its own count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServerLoad {
    /// Answers a second, errors among them.
    pub qps: f64,
    /// Errors a second: answers with a status of 500 or above.
    pub eps: f64,
    /// The share of the workers that was busy, 0 to 1.
    pub utilization: f64,
}

/// The counts of one second.
#[derive(Clone, Copy, Debug, Default)]
struct Second {
    number: u64,
    /// Microseconds of all workers together.
    busy_us: u64,
    answers: u64,
    errors: u64,
}

/// The counts that a report is made from.
#[derive(Clone, Debug)]
pub(super) struct LoadMeter {
    since: SimTime,
    /// The seconds looked back on, each in the place of its number.
    seconds: [Second; SECONDS as usize + 1],
    /// The busy workers from `counted_to` on.
    busy: u64,
    counted_to: SimTime,
}

impl Server {
    /// Counts an answer that the process sends to somebody who wants load reports, and gives the report that goes with
    /// it: the load over the last ten seconds. `None` in the first second in which reports are wanted. The counts are
    /// those of the process: a new one begins anew.
    pub fn report_load(&mut self, now: SimTime, failed: bool) -> Option<ServerLoad> {
        let (busy, workers) = (self.busy_workers(), self.spec.workers);
        let meter = self
            .load
            .get_or_insert_with(|| Box::new(LoadMeter::new(now, busy)));
        meter.answered(now, failed);
        meter.read(now, workers)
    }

    fn busy_workers(&self) -> usize {
        self.running.len().min(self.spec.workers as usize)
    }

    /// Counts the busy workers after a job began or ended, if anybody wants load reports.
    pub(super) fn count_busy(&mut self, now: SimTime) {
        let busy = self.busy_workers();
        if let Some(meter) = &mut self.load {
            meter.set_busy(now, busy);
        }
    }
}

impl LoadMeter {
    /// A meter that begins to count at `now`, with so many workers busy.
    pub(super) fn new(now: SimTime, busy: usize) -> Self {
        Self {
            since: now,
            seconds: [Second::default(); SECONDS as usize + 1],
            busy: busy as u64,
            counted_to: now,
        }
    }

    /// Counts the time until `now`; from then on so many workers are busy.
    pub(super) fn set_busy(&mut self, now: SimTime, busy: usize) {
        self.count_to(now);
        self.busy = busy as u64;
    }

    /// Counts an answer.
    pub(super) fn answered(&mut self, now: SimTime, failed: bool) {
        let second = self.second(now.whole_secs());
        second.answers += 1;
        second.errors += u64::from(failed);
    }

    /// The load over the last ten seconds and the present one; `None` if that is less than a second.
    pub(super) fn read(&mut self, now: SimTime, workers: u32) -> Option<ServerLoad> {
        self.count_to(now);
        let first = now.whole_secs().saturating_sub(SECONDS);
        let from = start_of(first).max(self.since);
        let span = now.since(from);
        if span < LEAST {
            return None;
        }
        let (mut busy_us, mut answers, mut errors) = (0, 0, 0);
        for second in self.seconds.iter().filter(|one| one.number >= first) {
            busy_us += second.busy_us;
            answers += second.answers;
            errors += second.errors;
        }
        let secs = span.as_secs_f64();
        let all_us = span.as_us() as f64 * f64::from(workers);
        Some(ServerLoad {
            qps: answers as f64 / secs,
            eps: errors as f64 / secs,
            utilization: busy_us as f64 / all_us,
        })
    }

    fn count_to(&mut self, now: SimTime) {
        // What lies further back counts no more.
        let first = now.whole_secs().saturating_sub(SECONDS);
        let mut at = self.counted_to.max(start_of(first));
        while at < now {
            let number = at.whole_secs();
            let until = start_of(number + 1).min(now);
            let busy = self.busy;
            self.second(number).busy_us += until.since(at).as_us() * busy;
            at = until;
        }
        self.counted_to = now;
    }

    /// The counts of a second, which takes the place of one that nobody looks back on.
    fn second(&mut self, number: u64) -> &mut Second {
        let second = &mut self.seconds[(number % (SECONDS + 1)) as usize];
        if second.number != number {
            *second = Second {
                number,
                ..Second::default()
            };
        }
        second
    }
}

fn start_of(second: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs(second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> SimTime {
        SimTime::from_us(ms * 1_000)
    }

    #[test]
    fn answers_errors_and_busy_workers_are_averaged() {
        let mut meter = LoadMeter::new(at(500), 1);
        for ms in [600, 900, 1_400, 2_000] {
            meter.answered(at(ms), ms == 900);
        }
        meter.set_busy(at(1_500), 3);
        let load = meter.read(at(2_500), 4).expect("two seconds have passed");
        // One worker for a second and three for another, of four.
        let expected = ServerLoad {
            qps: 2.0,
            eps: 0.5,
            utilization: 0.5,
        };
        assert_eq!(load, expected);
    }

    #[test]
    fn ten_seconds_and_the_present_one_count_and_no_more() {
        let mut meter = LoadMeter::new(at(0), 2);
        meter.answered(at(100), false);
        meter.set_busy(at(1_000), 0);
        meter.answered(at(1_100), false);
        // Second 0 counts until second 11 begins.
        let load = meter.read(at(10_500), 2).expect("measured");
        assert_eq!((load.qps, load.utilization), (2.0 / 10.5, 1.0 / 10.5));
        let load = meter.read(at(11_500), 2).expect("measured");
        assert_eq!((load.qps, load.utilization), (1.0 / 10.5, 0.0));
        let load = meter.read(at(100_000), 2).expect("measured");
        assert_eq!((load.qps, load.utilization), (0.0, 0.0));
    }

    #[test]
    fn in_the_first_second_nothing_is_said() {
        let mut meter = LoadMeter::new(at(0), 1);
        assert_eq!(meter.read(at(999), 1), None);
        assert!(meter.read(at(1_000), 1).is_some());
    }
}
