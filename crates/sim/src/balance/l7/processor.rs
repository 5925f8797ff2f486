//! The balancer's processor: the costs of its work, and the queue for its cores.
//!
//! A number of cores and one queue, first come, first served. The cost of a task is known when it comes, so its end is
//! known as well, and no event has to be scheduled for the processor. At L4 a packet costs little and the queue stays
//! empty; at L7 handshakes and parsing fill the cores long before, and then everything waits.

use std::collections::VecDeque;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::field::schema::describe;
use crate::field::{scene_fields, span, whole};
use crate::time::{SimDuration, SimTime};

/// The time over which the share of busy cores is measured.
const LOOKBACK: SimDuration = SimDuration::from_secs(2);

/// The most cores of a balancer.
pub const MAX_CORES: u32 = 256;

/// The cores of a balancer's processor, and the costs of its work on one core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields, default)]
pub struct ProcessorSpec {
    /// # Cores
    /// They share one queue.
    pub cores: u32,
    /// # A packet
    /// What forwarding one packet costs.
    ///
    /// A packet is a SYN, a request or an answer at L4, and an answer at L7.
    pub packet_us: SimDuration,
    /// # A full TLS handshake
    /// At L7: a signature with the private key.
    pub full_handshake_us: SimDuration,
    /// # A resumed handshake
    /// At L7: a session that is resumed by its ticket.
    pub resumed_handshake_us: SimDuration,
    /// # A request
    /// At L7: reading and buffering one request.
    pub request_us: SimDuration,
    /// # Backlog
    /// Pieces of work that may wait; one more is dropped.
    pub backlog: u32,
}

scene_fields!(ProcessorSpec {
    cores: whole(1, MAX_CORES),
    packet_us: span(0),
    full_handshake_us: span(0),
    resumed_handshake_us: span(0),
    request_us: span(0),
    backlog: whole(0, 100_000),
});

impl Default for ProcessorSpec {
    /// One core of a data centre's machine, to the order of magnitude: about 2 µs a packet in the kernel, a
    /// millisecond for an RSA-2048 signature, a tenth of it for a resumption, 50 µs to read a request.
    fn default() -> Self {
        Self {
            cores: 1,
            packet_us: SimDuration::from_us(2),
            full_handshake_us: SimDuration::from_us(1_000),
            resumed_handshake_us: SimDuration::from_us(100),
            request_us: SimDuration::from_us(50),
            backlog: 1_000,
        }
    }
}

/// The work that a balancer's processor has to do and has done.
#[derive(Clone, Debug, Default)]
pub struct Processor {
    /// When each core is free.
    free: Vec<SimTime>,
    /// Tasks that have not ended, by begin: (begin, end).
    work: VecDeque<(SimTime, SimTime)>,
    /// All work ever taken on, in microseconds of one core.
    taken_us: u64,
    /// The number of tasks dropped because too many waited.
    dropped: u64,
    /// Tasks of the last [`LOOKBACK`]: (begin, end).
    recent: VecDeque<(SimTime, SimTime)>,
}

impl Processor {
    /// A processor that is idle.
    #[must_use]
    pub fn new(spec: &ProcessorSpec) -> Self {
        Self {
            free: vec![SimTime::ZERO; spec.cores as usize],
            ..Self::default()
        }
    }

    /// Takes on a task; returns when it is done, or `None` if too many wait already.
    pub fn take(
        &mut self,
        spec: &ProcessorSpec,
        now: SimTime,
        cost: SimDuration,
    ) -> Option<SimTime> {
        if cost == SimDuration::ZERO {
            return Some(now);
        }
        self.forget(now);
        if self.waiting(now) >= spec.backlog as usize {
            self.dropped += 1;
            return None;
        }
        let core = self.free.iter_mut().min()?;
        let begin = (*core).max(now);
        let end = begin + cost;
        *core = end;
        self.taken_us += cost.as_us();
        // Begins never go back: the least free time only grows.
        self.work.push_back((begin, end));
        self.recent.push_back((begin, end));
        Some(end)
    }

    /// Changes the number of cores. Tasks under way stay; waiting ones keep their times.
    pub fn set_cores(&mut self, cores: u32, now: SimTime) {
        self.free.sort_by_cached_key(|at| at.as_us());
        self.free.resize(cores as usize, now);
    }

    fn forget(&mut self, now: SimTime) {
        self.work.retain(|(_, end)| *end > now);
        while self
            .recent
            .front()
            .is_some_and(|(_, end)| now.since(*end) > LOOKBACK)
        {
            self.recent.pop_front();
        }
    }

    /// The number of tasks that wait for a core.
    #[must_use]
    pub fn waiting(&self, now: SimTime) -> usize {
        // By begin: those that wait are the last.
        let begun = self.work.partition_point(|(begin, _)| *begin <= now);
        self.work.len() - begun
    }

    /// The number of cores at work.
    #[must_use]
    pub fn busy(&self, now: SimTime) -> usize {
        self.free.iter().filter(|free| **free > now).count()
    }

    /// The number of cores.
    #[must_use]
    pub const fn cores(&self) -> usize {
        self.free.len()
    }

    /// Microseconds that cores have worked so far.
    #[must_use]
    pub fn busy_us(&self, now: SimTime) -> u64 {
        let ahead: u64 = self
            .work
            .iter()
            .map(|(begin, end)| end.since((*begin).max(now)).as_us())
            .sum();
        self.taken_us - ahead
    }

    /// The share of the cores' time in the last two seconds that was work, in thousandths.
    #[must_use]
    pub fn share_permille(&self, now: SimTime) -> u32 {
        let from = SimTime::from_us(now.as_us().saturating_sub(LOOKBACK.as_us()));
        let whole = now.since(from).as_us() * self.free.len() as u64;
        let busy: u64 = self
            .recent
            .iter()
            .map(|(begin, end)| (*end).min(now).since((*begin).max(from)).as_us())
            .sum();
        busy.saturating_mul(1_000)
            .checked_div(whole)
            .unwrap_or(0)
            .min(1_000) as u32
    }

    /// The number of tasks that were dropped.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> SimTime {
        SimTime::from_us(ms * 1_000)
    }

    fn spec(cores: u32, backlog: u32) -> ProcessorSpec {
        ProcessorSpec {
            cores,
            backlog,
            ..ProcessorSpec::default()
        }
    }

    #[test]
    fn work_waits_for_the_first_free_core() {
        let spec = spec(2, 100);
        let mut processor = Processor::new(&spec);
        let ends = [30, 10, 10, 10].map(|cost| {
            processor
                .take(&spec, ms(0), SimDuration::from_ms(cost))
                .map(SimTime::as_us)
        });
        assert_eq!(
            ends,
            [Some(30_000), Some(10_000), Some(20_000), Some(30_000)]
        );
        assert_eq!((processor.busy(ms(0)), processor.waiting(ms(0))), (2, 2));
        assert_eq!((processor.busy(ms(25)), processor.waiting(ms(25))), (2, 0));
        assert_eq!(
            (processor.busy(ms(30)), processor.busy_us(ms(30))),
            (0, 60_000)
        );
        assert_eq!(processor.busy_us(ms(15)), 30_000);
    }

    #[test]
    fn what_does_not_fit_is_dropped_and_counted() {
        let spec = spec(1, 1);
        let mut processor = Processor::new(&spec);
        let taken = [0, 0, 0].map(|at| {
            processor
                .take(&spec, ms(at), SimDuration::from_ms(5))
                .is_some()
        });
        assert_eq!(taken, [true, true, false]);
        assert_eq!(processor.dropped(), 1);
        assert!(
            processor
                .take(&spec, ms(6), SimDuration::from_ms(5))
                .is_some()
        );
    }

    #[test]
    fn the_share_is_of_the_last_two_seconds() {
        let spec = spec(1, 100);
        let mut processor = Processor::new(&spec);
        for second in 0..10 {
            processor.take(&spec, ms(second * 1_000), SimDuration::from_ms(250));
        }
        assert_eq!(processor.share_permille(ms(10_000)), 250);
        assert_eq!(processor.share_permille(ms(11_250)), 0);
    }

    #[test]
    fn more_cores_begin_at_once() {
        let one = spec(1, 100);
        let mut processor = Processor::new(&one);
        processor.take(&one, ms(0), SimDuration::from_ms(100));
        processor.set_cores(2, ms(10));
        let end = processor.take(&one, ms(10), SimDuration::from_ms(5));
        assert_eq!(end, Some(ms(15)));
    }
}
