//! The table of the requests in flight, and the data that most of them never have.
//!
//! Owns the records and gives each request a key of its slot and the lower half of its number. **Invariant:** a key
//! finds its request until the request ends, and nothing after that; a slot is used again, a key is not (before 2^32
//! more requests have arrived).

use super::request_record::RequestRecord;
use crate::balance::l7::rule_table::RouteDecision;
use crate::balance::picker::LoadReport;
use crate::fleet::chunked::ChunkedVec;
use crate::gslb::resolver::DnsAnswer as NameAnswer;
use crate::ids::{EndpointId, RequestKey, ServerId};

/// The data that most requests never have.
#[derive(Clone, Debug, Default)]
pub(super) struct RareState {
    /// The resolver's answer; `None` if the client knows the address.
    pub answer: Option<NameAnswer>,
    /// The decision of the frontend's rules; `None` before it, without rules, and at L4.
    pub decision: Option<RouteDecision>,
    /// The endpoints of earlier attempts.
    pub tried: Vec<EndpointId>,
    /// The server that the request's cookie names; `None` if the client has no cookie, or cookies are off.
    pub cookie: Option<ServerId>,
    /// The load report that comes back with the answer; `None` if nobody wants one.
    pub report: Option<LoadReport>,
    /// How far the walk from hash to hash of its attempts went, for the next one (nginx's `hash` and `ip_hash`).
    pub walked: u32,
}

/// The table of requests in flight.
#[derive(Clone, Debug, Default)]
pub(super) struct Requests {
    records: ChunkedVec<RequestRecord>,
    /// By slot, up to the last that any request needed.
    extras: Vec<RareState>,
    free: Vec<u32>,
}

impl Requests {
    /// Adds a request to the table.
    pub(super) fn insert(&mut self, record: RequestRecord) -> RequestKey {
        let slot = if let Some(slot) = self.free.pop() {
            if let Some(place) = self.records.get_mut(slot as usize) {
                *place = record;
            }
            if let Some(extra) = self.extras.get_mut(slot as usize) {
                extra.tried.clear();
                (extra.answer, extra.decision) = (None, None);
                (extra.cookie, extra.report) = (None, None);
                extra.walked = 0;
            }
            slot
        } else {
            let slot = self.records.len() as u32;
            self.records.push(record);
            slot
        };
        RequestKey {
            slot,
            generation: record.number as u32,
        }
    }

    /// Removes a request: its key is stale from now on.
    ///
    /// # Panics
    /// If the key is stale.
    #[track_caller]
    pub(super) fn remove(&mut self, key: RequestKey) -> RequestRecord {
        let record = self.in_flight_mut(key);
        record.retire();
        let record = *record;
        self.free.push(key.slot);
        record
    }

    /// The request of a key; `None` if the key is stale.
    #[inline(always)]
    pub(super) fn get(&self, key: RequestKey) -> Option<&RequestRecord> {
        let record = self.records.get(key.slot as usize)?;
        (record.number as u32 == key.generation && record.is_live()).then_some(record)
    }

    /// The request of a key, to change.
    #[inline(always)]
    pub(super) fn get_mut(&mut self, key: RequestKey) -> Option<&mut RequestRecord> {
        let record = self.records.get_mut(key.slot as usize)?;
        (record.number as u32 == key.generation && record.is_live()).then_some(record)
    }

    /// A request that must be in flight.
    ///
    /// # Panics
    /// If the key is stale.
    #[inline(always)]
    #[track_caller]
    pub(super) fn in_flight(&self, key: RequestKey) -> &RequestRecord {
        self.get(key).expect("the request is in flight")
    }

    /// A request that must be in flight, to change.
    ///
    /// # Panics
    /// If the key is stale.
    #[inline(always)]
    #[track_caller]
    pub(super) fn in_flight_mut(&mut self, key: RequestKey) -> &mut RequestRecord {
        self.get_mut(key).expect("the request is in flight")
    }

    /// A request whose attempt number `attempt` is still the one in flight.
    pub(super) fn on_attempt(&self, key: RequestKey, attempt: u32) -> Option<&RequestRecord> {
        self.get(key).filter(|record| record.is_on_attempt(attempt))
    }

    /// The rare data of a request; `None` if it has none. The key must not be stale.
    pub(super) fn extra(&self, key: RequestKey) -> Option<&RareState> {
        self.extras.get(key.slot as usize)
    }

    /// The endpoints of a request's earlier attempts.
    pub(super) fn tried(&self, key: RequestKey) -> &[EndpointId] {
        self.extra(key).map_or(&[], |extra| &extra.tried)
    }

    /// The rare data of a request, to change. The key must not be stale.
    pub(super) fn extra_mut(&mut self, key: RequestKey) -> &mut RareState {
        let place = key.slot as usize;
        if self.extras.len() <= place {
            self.extras.resize_with(place + 1, RareState::default);
        }
        &mut self.extras[place]
    }

    /// How far the walk from hash to hash of a request's earlier attempts went.
    pub(super) fn walked(&self, key: RequestKey) -> u32 {
        self.extra(key).map_or(0, |extra| extra.walked)
    }

    /// Keeps how far the last walk went, for the next attempt; 0 is not worth a place.
    pub(super) fn keep_walk(&mut self, key: RequestKey, walked: u32) {
        if walked > 0 {
            self.extra_mut(key).walked = walked;
        }
    }

    /// The cookie of a request names no server any more.
    pub(super) fn forget_cookie(&mut self, key: RequestKey) {
        if let Some(extra) = self.extras.get_mut(key.slot as usize) {
            extra.cookie = None;
        }
    }

    /// All requests in flight, in the order of their slots.
    pub(super) fn iter(&self) -> impl Iterator<Item = (RequestKey, &RequestRecord)> {
        let places = self.records.iter().enumerate();
        places
            .filter(|(_, record)| record.is_live())
            .map(|(slot, record)| {
                let (slot, generation) = (slot as u32, record.number as u32);
                (RequestKey { slot, generation }, record)
            })
    }

    /// How many requests are in flight.
    pub(super) const fn len(&self) -> usize {
        self.records.len() - self.free.len()
    }

    /// How many slots the table has.
    #[cfg(debug_assertions)]
    pub(super) const fn places(&self) -> usize {
        self.records.len()
    }

    /// How many slots hold no request, by the list of free ones, which names each once.
    #[cfg(debug_assertions)]
    pub(super) fn unused(&self) -> usize {
        let free = self.free.iter();
        let used = |slot: &&u32| {
            let record = self.records.get(**slot as usize);
            record.is_none_or(|record| record.is_live())
        };
        free.len() - free.filter(used).count()
    }

    /// About how many bytes a copy of the table takes.
    pub(super) fn footprint(&self) -> usize {
        let tried: usize = self.extras.iter().map(|extra| extra.tried.len()).sum();
        self.records.len() * size_of::<RequestRecord>()
            + self.free.len() * size_of::<u32>()
            + self.extras.len() * size_of::<RareState>()
            + tried * size_of::<EndpointId>()
    }
}
