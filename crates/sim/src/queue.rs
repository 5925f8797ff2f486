//! The event queue: strictly by time, ties first in, first out.

use super::time::SimTime;

/// The bits of a time that one wheel covers: with 64 lists, one integer says which of them have events.
const BITS: u32 = 6;
/// The number of lists of a wheel.
const LISTS: usize = 1 << BITS;
/// The number of wheels, for all bits of a time.
const WHEELS: usize = (u64::BITS - SimTime::FAR.as_us().leading_zeros()).div_ceil(BITS) as usize;
/// No index: the end of a list. Places are numbered from 1, so that empty lists are all zeros.
const NONE: u32 = 0;

/// A queue of events of type `E` in the order (time, sequence).
///
/// Timing wheels (Varghese and Lauck 1987), as time never goes back: an event is put into the list of
/// the highest six bits in which its time differs from the present. When the present comes to that
/// list, its events are moved to the finer wheels; a list of the finest is one microsecond. Events
/// of one instant are always in one list, in the order in which they came, so no sequence number is
/// needed. No times are compared: a binary heap took a quarter of a run.
#[derive(Clone, Debug)]
pub struct EventQueue<E> {
    places: Vec<Place<E>>,
    /// The lists of all wheels, finest first.
    lists: Box<[List]>,
    /// Which lists of each wheel have events.
    filled: [u64; WHEELS],
    /// The present time: no event is earlier, and none may be added before it.
    present: SimTime,
    /// The first free place; the others are linked from it.
    free: u32,
    len: usize,
}

/// An event, and the next one in its list.
#[derive(Clone, Copy, Debug)]
struct Place<E> {
    at: SimTime,
    event: E,
    next: u32,
}

/// The first place of a list, and the last.
#[derive(Clone, Copy, Debug)]
struct List {
    first: u32,
    last: u32,
}

impl List {
    const EMPTY: Self = Self {
        first: NONE,
        last: NONE,
    };
}

impl<E: Copy> Default for EventQueue<E> {
    fn default() -> Self {
        Self {
            places: Vec::new(),
            lists: vec![List::EMPTY; WHEELS * LISTS].into_boxed_slice(),
            filled: [0; WHEELS],
            present: SimTime::ZERO,
            free: NONE,
            len: 0,
        }
    }
}

impl<E: Copy> EventQueue<E> {
    /// Schedules `event` at `at`, behind everything already scheduled for that instant. `at` must not be earlier than
    /// the event taken last.
    pub fn push(&mut self, at: SimTime, event: E) {
        debug_assert!(at >= self.present, "time does not go back");
        let at = at.clamp(self.present, SimTime::FAR);
        let next = NONE;
        let place = Place { at, event, next };
        let mut index = self.free;
        if let Some(free) = get_mut(&mut self.places, index) {
            self.free = free.next;
            *free = place;
        } else {
            self.places.push(place);
            index = u32::try_from(self.places.len()).expect("fewer than 2^32 events are pending");
        }
        self.len += 1;
        self.append(index, at);
    }

    /// Puts a place at the end of the list that its time belongs to.
    fn append(&mut self, index: u32, at: SimTime) {
        let wheel = wheel_of(at.as_us() ^ self.present.as_us());
        let which = (at.as_us() >> (wheel * BITS)) as usize % LISTS;
        let wheel = wheel as usize;
        self.filled[wheel] |= 1 << which;
        let list = &mut self.lists[wheel * LISTS + which];
        let last = std::mem::replace(&mut list.last, index);
        match get_mut(&mut self.places, last) {
            Some(last) => last.next = index,
            None => list.first = index,
        }
    }

    /// The first list that has events: its wheel and its index there.
    fn first_list(&self) -> Option<(usize, usize)> {
        for (wheel, lists) in self.filled.iter().enumerate() {
            if *lists != 0 {
                return Some((wheel, lists.trailing_zeros() as usize));
            }
        }
        None
    }

    /// The time of the next event; `None` if there is none.
    #[must_use]
    pub fn next_at(&self) -> Option<SimTime> {
        let (wheel, which) = self.first_list()?;
        let mut index = self.lists[wheel * LISTS + which].first;
        let mut earliest = SimTime::FAR;
        while index != NONE {
            let place = &self.places[index as usize - 1];
            earliest = earliest.min(place.at);
            index = place.next;
        }
        Some(earliest)
    }

    /// Takes the next event if it happens at `until` or before.
    pub fn pop_until(&mut self, until: SimTime) -> Option<(SimTime, E)> {
        loop {
            let (wheel, which) = self.first_list()?;
            let shift = wheel as u32 * BITS;
            // Where the list's stretch of time begins: the coarser bits are the present's.
            let coarse = self.present.as_us() >> shift >> BITS << BITS;
            let begin = SimTime::from_us((coarse | which as u64) << shift);
            if begin > until {
                return None;
            }
            self.present = begin;
            if wheel == 0 {
                return Some((begin, self.take_first(which)?));
            }
            self.filled[wheel] &= !(1 << which);
            let list = std::mem::replace(&mut self.lists[wheel * LISTS + which], List::EMPTY);
            self.deal_out(list.first);
        }
    }

    /// Takes the first event of a list of the finest wheel.
    fn take_first(&mut self, which: usize) -> Option<E> {
        let list = &mut self.lists[which];
        let index = list.first;
        let place = get_mut(&mut self.places, index)?;
        list.first = std::mem::replace(&mut place.next, self.free);
        self.free = index;
        if list.first == NONE {
            list.last = NONE;
            self.filled[0] &= !(1 << which);
        }
        self.len -= 1;
        Some(place.event)
    }

    /// Puts the places from `index` on into the lists of finer wheels, in their order.
    fn deal_out(&mut self, mut index: u32) {
        while let Some(place) = get_mut(&mut self.places, index) {
            let at = place.at;
            let next = std::mem::replace(&mut place.next, NONE);
            self.append(index, at);
            index = next;
        }
    }

    /// The number of pending events.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// The number of places of the queue: as many as were ever pending at once.
    #[must_use]
    pub const fn places(&self) -> usize {
        self.places.len()
    }

    /// Whether no event is pending.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

#[cfg(debug_assertions)]
impl<E: Copy> EventQueue<E> {
    /// Shows every pending event with its time, and checks that the lists are sound: each place is in one of them or
    /// free, and each event is in the list that its time belongs to.
    ///
    /// # Panics
    /// If the lists are not sound.
    pub(crate) fn check(&self, mut show: impl FnMut(SimTime, &E)) {
        let mut pending = 0;
        for (wheel, filled) in self.filled.iter().enumerate() {
            let mut lists = *filled;
            while lists != 0 {
                let which = lists.trailing_zeros() as usize;
                lists &= lists - 1;
                pending += self.check_list(wheel, which, &mut show);
            }
        }
        assert_eq!(
            pending, self.len,
            "pending events: in the lists, and counted"
        );
        let mut free = 0;
        let mut index = self.free;
        while index != NONE && free < self.places.len() {
            free += 1;
            index = self.places[index as usize - 1].next;
        }
        let places = self.places.len();
        assert_eq!(
            pending + free,
            places,
            "places of the event queue: used or free, and all"
        );
    }

    /// Checks one list that has events; returns how many.
    fn check_list(&self, wheel: usize, which: usize, show: &mut impl FnMut(SimTime, &E)) -> usize {
        let list = self.lists[wheel * LISTS + which];
        let (mut count, mut last, mut index) = (0, NONE, list.first);
        while index != NONE && count <= self.len {
            let place = &self.places[index as usize - 1];
            let at = place.at;
            assert!(at >= self.present, "an event at {at:?} is in the past");
            let belongs = (
                wheel_of(at.as_us() ^ self.present.as_us()) as usize,
                (at.as_us() >> (wheel as u32 * BITS)) as usize % LISTS,
            );
            assert_eq!(belongs, (wheel, which), "list of an event at {at:?}");
            show(at, &place.event);
            count += 1;
            last = index;
            index = place.next;
        }
        assert!(count > 0, "list {which} of wheel {wheel} is empty");
        assert_eq!(last, list.last, "the end of list {which} of wheel {wheel}");
        count
    }
}

/// A place by its number; `None` for [`NONE`].
fn get_mut<E>(places: &mut [Place<E>], index: u32) -> Option<&mut Place<E>> {
    places.get_mut((index as usize).wrapping_sub(1))
}

/// The wheel for times that differ in these bits.
const fn wheel_of(differs: u64) -> u32 {
    // A sixth of a number below 64. The compiler would divide: that is small, and slow.
    const SIXTH: u32 = 43;
    ((differs | 1).ilog2() * SIXTH) >> 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_by_time_and_ties_in_order() {
        let mut queue = EventQueue::default();
        for (at, name) in [(5, 'a'), (3, 'b'), (5, 'c'), (3, 'd')] {
            queue.push(SimTime::from_us(at), name);
        }
        let mut seen = Vec::new();
        while let Some((at, name)) = queue.pop_until(SimTime::from_us(9)) {
            seen.push((at.as_us(), name));
        }
        assert_eq!(seen, [(3, 'b'), (3, 'd'), (5, 'a'), (5, 'c')]);
    }

    #[test]
    fn the_order_is_that_of_a_sorted_list_whatever_the_gaps() {
        let (mut queue, mut sorted) = (EventQueue::default(), std::collections::BTreeSet::new());
        let (mut state, mut now) = (1_u64, 0_u64);
        for number in 0..50_000_u64 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            // From nothing to half an hour, as often short as long.
            let gap = (state >> 33) >> (state >> 27 & 31);
            queue.push(SimTime::from_us(now + gap), number);
            sorted.insert((now + gap, number));
            let until = now + gap / 2;
            while let Some((at, event)) = queue.pop_until(SimTime::from_us(until)) {
                assert_eq!(sorted.pop_first(), Some((at.as_us(), event)));
            }
            let next = sorted.first().map(|(at, _)| SimTime::from_us(*at));
            assert_eq!((queue.next_at(), queue.len()), (next, sorted.len()));
            assert!(next.is_none_or(|at| at.as_us() > until));
            now = until;
        }
    }

    #[test]
    fn nothing_comes_before_its_time_and_slots_are_used_again() {
        let mut queue = EventQueue::default();
        queue.push(SimTime::from_us(7), 1);
        assert_eq!(queue.pop_until(SimTime::from_us(6)), None);
        assert_eq!(queue.next_at(), Some(SimTime::from_us(7)));
        for round in 0..1_000 {
            queue.push(SimTime::from_us(10 + round), 2);
            assert!(queue.pop_until(SimTime::FAR).is_some());
        }
        assert_eq!(queue.len(), 1);
        assert!(queue.places() <= 2);
    }
}
