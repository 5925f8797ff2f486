//! The queues of an upstream: requests that wait for an endpoint with room, and attempts that may time out.
//!
//! The pending queue is HAProxy's (src/queue.c, 2.6): a backend's, first come, first served, to the endpoint that has
//! room first, and one of each endpoint for requests that no other may have. They are one list here, as a request
//! leaves them in the order of its arrival in either; within a millisecond, HAProxy's unit, the endpoint's own come
//! first (`pendconn_process_next_strm`). A request that waits too long is rejected. Attempts time out after `request_timeout_us`, as with
//! HAProxy's `timeout server` and nginx's `proxy_read_timeout`. Both time-outs are the same for all of an upstream, so
//! entries expire in the order in which they came, and one pending event for the first is enough. **Invariant:** a
//! queue with entries awaits an event that is not later than the first time-out. Times are microseconds of simulated
//! time.

use std::collections::VecDeque;

use super::event::Event;
use super::request_table::Requests;
use super::schedule::Schedule;
use crate::fleet::chunked::ChunkedDeque;
use crate::ids::{EndpointId, RequestKey, UpstreamRef};
use crate::time::{SimDuration, SimTime};

/// The queues that the engine keeps for one upstream.
#[derive(Clone, Debug, Default)]
pub(super) struct UpstreamQueues {
    /// Requests that wait for an endpoint with room.
    pub waiting: PendingQueue,
    /// The attempts that may time out.
    pub deadlines: AttemptDeadlines,
}

impl UpstreamQueues {
    /// Empties both without telling the requests.
    pub fn clear(&mut self) {
        self.waiting.queue.clear();
        self.deadlines.0.clear();
    }
}

/// A request that waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    /// The request that waits.
    pub key: RequestKey,
    /// The endpoint in whose own queue it waits; `None` is the queue of the whole upstream.
    pub endpoint: Option<EndpointId>,
    /// Since when it waits.
    since: SimTime,
    /// When it has waited too long.
    pub until: SimTime,
}

/// The requests that wait, first come first.
#[derive(Clone, Debug, Default)]
pub(super) struct PendingQueue {
    queue: VecDeque<Waiting>,
    /// Whether the time-out event is scheduled. It may come early, never late.
    watched: bool,
}

impl PendingQueue {
    /// How many requests wait.
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Puts a request at the end of the queue of an upstream, or of one endpoint of it, where it may wait for `timeout`.
    pub fn push(
        &mut self,
        (key, endpoint): (RequestKey, Option<EndpointId>),
        timeout: SimDuration,
        upstream_ref: UpstreamRef,
        schedule: &mut Schedule,
    ) {
        let since = schedule.now();
        self.queue.push_back(Waiting {
            key,
            endpoint,
            since,
            until: since + timeout,
        });
        self.watch(upstream_ref, schedule);
    }

    /// The place of the first request for which `fits` holds.
    pub fn position(&self, fits: impl Fn(&Waiting) -> bool) -> Option<usize> {
        self.queue.iter().position(fits)
    }

    /// The place of the next request for which `fits` holds: the first, or one of an endpoint's own queue that came in
    /// the same millisecond.
    pub fn next(&self, fits: impl Fn(&Waiting) -> bool) -> Option<usize> {
        let first = self.position(&fits)?;
        let ms = |one: &Waiting| one.since.as_us() / 1_000;
        let due = ms(&self.queue[first]);
        let same = self.queue.iter().enumerate().skip(first);
        let mut same = same.take_while(|(_, one)| ms(one) == due);
        let own = same.find(|(_, one)| one.endpoint.is_some() && fits(one));
        Some(own.map_or(first, |(place, _)| place))
    }

    /// Takes the request at a place that was just found out of the queue.
    pub fn remove(&mut self, place: usize) -> Waiting {
        self.queue.remove(place).expect("the place was just found")
    }

    /// Puts an entry back that was just taken from this place.
    pub fn put_back(&mut self, place: usize, waiting: Waiting) {
        self.queue.insert(place, waiting);
    }

    /// The time-out event has come.
    pub const fn on_timeout(&mut self) {
        self.watched = false;
    }

    /// Takes the first request out of the queue, if it has waited too long.
    pub fn pop_expired(&mut self, now: SimTime) -> Option<Waiting> {
        let first = *self.queue.front()?;
        (first.until <= now).then(|| {
            self.queue.pop_front();
            first
        })
    }

    /// Schedules the time-out event for the first request, if it is not scheduled.
    pub fn watch(&mut self, upstream_ref: UpstreamRef, schedule: &mut Schedule) {
        if let Some(first) = self.queue.front()
            && !self.watched
        {
            self.watched = true;
            schedule.at(first.until, Event::QueueTimeout { upstream_ref });
        }
    }
}

/// The attempts that may time out, oldest first: the request, and the number of the attempt. An attempt that is over
/// stays until the list comes to it.
#[derive(Clone, Debug, Default)]
pub(super) struct AttemptDeadlines(ChunkedDeque<(RequestKey, u32)>);

impl AttemptDeadlines {
    /// Watches an attempt that is sent now.
    pub fn watch(
        &mut self,
        (key, attempt): (RequestKey, u32),
        timeout: SimDuration,
        upstream_ref: UpstreamRef,
        requests: &Requests,
        schedule: &mut Schedule,
    ) {
        while let Some(&(key, attempt)) = self.0.front() {
            if requests.on_attempt(key, attempt).is_some() {
                break;
            }
            self.0.pop_front();
        }
        self.0.push_back((key, attempt));
        if self.0.len() == 1 {
            schedule.after(timeout, Event::AttemptTimeout { upstream_ref });
        }
    }

    /// Takes the first attempt out that has timed out. If there is none, schedules the event for the next that might.
    pub fn pop_due(
        &mut self,
        timeout: SimDuration,
        upstream_ref: UpstreamRef,
        requests: &Requests,
        schedule: &mut Schedule,
    ) -> Option<(RequestKey, u32)> {
        while let Some(&(key, attempt)) = self.0.front() {
            let request = requests.on_attempt(key, attempt);
            let due = request.map(|request| request.sent_at + timeout);
            if let Some(at) = due.filter(|at| *at > schedule.now()) {
                schedule.at(at, Event::AttemptTimeout { upstream_ref });
                return None;
            }
            self.0.pop_front();
            if due.is_some() {
                return Some((key, attempt));
            }
        }
        None
    }
}

#[cfg(debug_assertions)]
impl PendingQueue {
    /// The waiting requests, first come first.
    pub fn entries(&self) -> impl Iterator<Item = &Waiting> {
        self.queue.iter()
    }

    /// Whether the time-out event of the queue is scheduled.
    pub const fn is_watched(&self) -> bool {
        self.watched
    }

    /// Reverses the queue: a defect, for the tests of the invariants.
    #[cfg(test)]
    pub fn turn_round(&mut self) {
        self.queue.make_contiguous().reverse();
    }
}

#[cfg(debug_assertions)]
impl AttemptDeadlines {
    /// The attempts, oldest first, including those that are over.
    pub fn iter(&self) -> impl Iterator<Item = &(RequestKey, u32)> {
        self.0.iter()
    }

    /// Forgets all attempts: a defect, for the tests of the invariants.
    #[cfg(test)]
    pub fn forget_all(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: UpstreamRef = UpstreamRef {
        balancer: crate::ids::BalancerId(0),
        upstream: crate::ids::UpstreamId(0),
    };

    fn key(slot: u32) -> RequestKey {
        RequestKey {
            slot,
            generation: 0,
        }
    }

    #[test]
    fn a_queue_awaits_its_first_time_out_and_only_that() {
        let (mut queue, mut schedule) = (PendingQueue::default(), Schedule::default());
        let at = SimTime::from_us;
        let timeout = SimDuration::from_us(10);
        for (time, slot) in [(0, 7), (4, 8), (6, 9)] {
            schedule.advance(at(time));
            queue.push((key(slot), None), timeout, HERE, &mut schedule);
        }
        let event = Event::QueueTimeout { upstream_ref: HERE };
        assert_eq!(schedule.pop_until(SimTime::FAR), Some((at(10), event)));
        assert_eq!(schedule.next_at(), None);
        // The first was sent meanwhile: the event came early, and the next one is for the new first.
        assert_eq!(queue.position(|one| one.key == key(7)), Some(0));
        queue.remove(0);
        queue.on_timeout();
        assert!(queue.pop_expired(at(10)).is_none());
        queue.watch(HERE, &mut schedule);
        queue.watch(HERE, &mut schedule);
        assert_eq!(schedule.pop_until(SimTime::FAR), Some((at(14), event)));
        assert_eq!(schedule.next_at(), None);
        assert_eq!(queue.pop_expired(at(14)).map(|one| one.key), Some(key(8)));
        assert!(queue.pop_expired(at(14)).is_none());
    }

    #[test]
    fn within_a_millisecond_an_endpoints_own_queue_comes_first() {
        let (mut queue, mut schedule) = (PendingQueue::default(), Schedule::default());
        let timeout = SimDuration::from_us(10_000);
        let own = Some(EndpointId(0));
        for (us, slot, endpoint) in [(1_200, 1, None), (1_900, 2, own), (2_100, 3, own)] {
            schedule.advance(SimTime::from_us(us));
            queue.push((key(slot), endpoint), timeout, HERE, &mut schedule);
        }
        let mut order = Vec::new();
        while let Some(place) = queue.next(|_| true) {
            order.push(queue.remove(place).key);
        }
        assert_eq!(order, [key(2), key(1), key(3)]);
    }
}
