//! HAProxy's roundrobin, the fast weighted round robin.
//!
//! Source: HAProxy 2.6, src/lb_fwrr.c. Each server waits for its next position in one of three
//! trees: `init` (not yet used in this round, heaviest first), `current` (by next position) and
//! `next` (for the next round, heaviest first). A server that was picked waits total / weight
//! positions; weights and states can change while running without a jump.
//!
//! The trees are fields here: with the few servers of an upstream the least key is found by looking at all servers. Of
//! equal keys the first in goes first.

use super::haproxy::{WEIGHT_MAX, WEIGHT_SCALE, eweight, is_up};
use super::per_slot::PerSlot;
use super::ranges::tier_in_use;
use crate::balance::endpoint::{Endpoint, Tier};
use crate::balance::picker::{CandidateValue, Pick, PickContext, Picker, Reason};
use crate::time::SimTime;

/// The distance of two positions in the keys of `current` (`SRV_UWGHT_RANGE`).
const POSITION: i64 = 256;

/// The tree in which a server waits. `First` and `Second` are `init` and `next` by turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tree {
    Out,
    First,
    Second,
    Current,
}

/// One server with its position and weights.
#[derive(Clone, Copy, Debug)]
struct Place {
    tier: Tier,
    up: bool,
    eweight: i64,
    tree: Tree,
    key: i64,
    order: u64,
    npos: i64,
    lpos: i64,
    rest: i64,
}

impl Place {
    const fn new(tier: Tier) -> Self {
        let (tree, up) = (Tree::Out, false);
        Self {
            tier,
            up,
            eweight: 0,
            tree,
            key: 0,
            order: 0,
            npos: 0,
            lpos: 0,
            rest: 0,
        }
    }
}

/// The servers of one tier.
#[derive(Clone, Copy, Debug)]
struct Group {
    /// Which tree is `init`; the other is `next`.
    init: Tree,
    /// The total weight of this round.
    curr_weight: i64,
    /// The total weight of the next round: it follows every change at once.
    next_weight: i64,
    /// The position of the next pick.
    curr_pos: i64,
}

impl Group {
    const fn next(&self) -> Tree {
        match self.init {
            Tree::First => Tree::Second,
            _ => Tree::First,
        }
    }
}

/// The picker of HAProxy's `balance roundrobin`.
#[derive(Clone, Debug)]
pub struct HaproxyRoundRobin {
    honours_weight: bool,
    places: PerSlot<Place>,
    groups: [Group; 2],
    tier: Tier,
    started: bool,
    orders: u64,
    /// The servers passed over in a pick, last first; kept for its memory.
    parked: Vec<usize>,
}

impl HaproxyRoundRobin {
    /// `honours_weight`: false counts every server as 1.
    #[must_use]
    pub fn new(honours_weight: bool) -> Self {
        let group = Group {
            init: Tree::First,
            curr_weight: 0,
            next_weight: 0,
            curr_pos: 0,
        };
        Self {
            honours_weight,
            places: PerSlot::default(),
            groups: [group; 2],
            tier: Tier::Primary,
            started: false,
            orders: 0,
            parked: Vec::new(),
        }
    }

    fn group(&mut self, slot: usize) -> &mut Group {
        &mut self.groups[self.places[slot].tier as usize]
    }

    fn insert(&mut self, slot: usize, tree: Tree, key: i64) {
        self.orders += 1;
        let order = self.orders;
        let place = &mut self.places[slot];
        (place.tree, place.key, place.order) = (tree, key, order);
    }

    /// `fwrr_queue_by_weight`: queues a server by weight, heaviest first.
    fn queue_by_weight(&mut self, slot: usize, tree: Tree) {
        let key = i64::from(WEIGHT_MAX) - self.places[slot].eweight;
        self.insert(slot, tree, key);
    }

    /// `fwrr_queue_srv`: into `current` if its position lies in this round and in the round as it
    /// will be, else into `next`.
    fn queue(&mut self, slot: usize) {
        let group = *self.group(slot);
        let place = &mut self.places[slot];
        if place.npos >= 2 * group.curr_weight
            || place.npos >= group.curr_weight + group.next_weight
        {
            place.npos -= group.curr_weight;
            self.queue_by_weight(slot, group.next());
        } else {
            let finer =
                (i64::from(WEIGHT_MAX) + place.rest - place.eweight) / i64::from(WEIGHT_SCALE);
            let key = POSITION * place.npos + finer;
            self.insert(slot, Tree::Current, key);
        }
    }

    /// The first server of a tree of the tier in use.
    fn first(&self, tree: Tree) -> Option<usize> {
        self.places
            .iter()
            .filter(|(_, place)| place.tree == tree && place.tier == self.tier)
            .min_by_key(|(_, place)| (place.key, place.order))
            .map(|(slot, _)| slot)
    }

    /// `fwrr_get_server_from_group`: the first of `current` if its turn has come, else the first of
    /// `init`, else the first of `current` all the same.
    fn next_in_group(&mut self) -> Option<usize> {
        let group = self.groups[self.tier as usize];
        let current = self.first(Tree::Current);
        if let Some(slot) = current
            && self.places[slot].npos <= group.curr_pos
        {
            return current;
        }
        let Some(slot) = self.first(group.init) else {
            return current;
        };
        let place = &mut self.places[slot];
        (place.npos, place.rest) = (0, 0);
        Some(slot)
    }

    /// `fwrr_update_position`: its next position, counted from its last.
    fn advance(&mut self, slot: usize) {
        let group = *self.group(slot);
        let place = &mut self.places[slot];
        if place.npos == 0 {
            place.npos = group.curr_pos;
        }
        place.lpos = place.npos;
        place.npos += group.next_weight / place.eweight;
        place.rest += group.next_weight % place.eweight;
        if place.rest >= place.eweight {
            place.rest -= place.eweight;
            place.npos += 1;
        }
    }

    /// `fwrr_set_server_status_up`: a server joins where it would be if it had always been there.
    fn comes_up(&mut self, slot: usize, eweight: i64) {
        self.places[slot].eweight = eweight;
        self.places[slot].up = true;
        let group = self.group(slot);
        group.next_weight += eweight;
        let ahead = unsigned_div(
            group.next_weight + group.curr_weight - group.curr_pos,
            eweight,
        );
        let npos = group.curr_pos + ahead;
        self.places[slot].npos = npos;
        self.queue(slot);
    }

    fn goes_down(&mut self, slot: usize) {
        let eweight = self.places[slot].eweight;
        self.group(slot).next_weight -= eweight;
        let place = &mut self.places[slot];
        (place.up, place.tree) = (false, Tree::Out);
    }

    /// `fwrr_update_server_weight`: its next position moves at once, but not past its turn.
    fn changes_weight(&mut self, slot: usize, eweight: i64) {
        let old = self.places[slot].eweight;
        let group = self.group(slot);
        group.next_weight += eweight - old;
        let group = *group;
        let place = &mut self.places[slot];
        place.eweight = eweight;
        if place.tree == group.init {
            self.queue_by_weight(slot, group.init);
            return;
        }
        if place.tree == group.next() {
            place.npos += group.curr_weight;
        }
        let (before, step) = (place.npos, group.next_weight / eweight);
        place.npos = (place.lpos + step).min(before);
        place.rest = 0;
        if place.npos < group.curr_pos + 2 {
            place.npos = group.curr_pos + step;
        }
        self.queue(slot);
    }

    /// `fwrr_init_server_groups`: every server that is up waits in `init`.
    fn start(&mut self) {
        self.started = true;
        for slot in 0..self.places.len() {
            if self.places[slot].up {
                let init = self.group(slot).init;
                self.queue_by_weight(slot, init);
            }
        }
        self.total();
        for group in &mut self.groups {
            group.curr_weight = group.next_weight;
            group.curr_pos = group.next_weight;
        }
    }

    /// The totals of the next round, also after servers were removed.
    fn total(&mut self) {
        for group in &mut self.groups {
            group.next_weight = 0;
        }
        for (_, place) in self.places.iter().filter(|(_, place)| place.up) {
            self.groups[place.tier as usize].next_weight += place.eweight;
        }
    }

    /// Puts back the servers that were passed over: as if used, or only by weight if the round has changed meanwhile.
    fn requeue(&mut self, switched: bool) {
        while let Some(slot) = self.parked.pop() {
            if switched {
                let init = self.group(slot).init;
                self.queue_by_weight(slot, init);
            } else {
                self.queue(slot);
            }
        }
    }

    fn note(&self, cx: &mut PickContext<'_>) {
        if !cx.is_watched() {
            return;
        }
        let group = self.groups[self.tier as usize];
        for slot in 0..cx.endpoints.len() {
            let place = &self.places[slot];
            let position = match place.tree {
                Tree::Out => None,
                tree if tree == group.init => Some(group.curr_pos),
                tree if tree == group.next() => Some(place.npos + group.curr_weight),
                _ => Some(place.npos),
            };
            let value = match position {
                Some(due) if cx.is_candidate(slot) => CandidateValue::Turn {
                    due,
                    now: group.curr_pos,
                },
                _ => CandidateValue::NotUsed,
            };
            cx.note(slot, value);
        }
    }
}

/// C's division of an `int` by an `unsigned`: a negative number becomes a very large one.
fn unsigned_div(number: i64, by: i64) -> i64 {
    number.rem_euclid(1 << 32) / by
}

impl Picker for HaproxyRoundRobin {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        let tier = self.tier as usize;
        if self.groups[tier].next_weight == 0 {
            // No server is up: the round stands still.
            return None;
        }
        let mut switched = false;
        let mut found = None;
        // The server that the request comes from, passed over once: it is taken after all if no other is found.
        let mut avoided = None;
        while found.is_none() {
            let group = &mut self.groups[tier];
            if group.curr_weight == 0 {
                group.curr_weight = group.next_weight;
                group.curr_pos = group.next_weight;
            }
            let Some(slot) = self.next_in_group() else {
                if switched {
                    found = avoided;
                    break;
                }
                switched = true;
                let group = &mut self.groups[tier];
                group.init = group.next();
                group.curr_weight = group.next_weight;
                group.curr_pos = group.curr_weight;
                continue;
            };
            self.advance(slot);
            self.places[slot].tree = Tree::Out;
            self.groups[tier].curr_pos += 1;
            let comes_from = cx.takes_avoided && cx.is_avoided(slot);
            if cx.is_candidate(slot) {
                found = Some(slot);
            } else {
                if comes_from {
                    avoided = Some(slot);
                }
                self.parked.push(slot);
            }
        }
        if let Some(slot) = found {
            self.parked.retain(|parked| *parked != slot);
            self.queue(slot);
        }
        self.requeue(switched);
        self.note(cx);
        found.map(|slot| Pick {
            slot,
            reason: Reason::NextInTurn,
        })
    }

    fn sync(&mut self, _now: SimTime, endpoints: &[Endpoint], usable: &[bool]) {
        self.tier = tier_in_use(endpoints, usable);
        let honours_weight = self.honours_weight;
        let weight = |endpoint: &Endpoint| i64::from(eweight(endpoint, honours_weight));
        self.places
            .align(endpoints, |endpoint| Place::new(endpoint.config.tier));
        if !self.started {
            for (slot, endpoint) in endpoints.iter().enumerate() {
                self.places[slot].up = is_up(slot, endpoint, usable);
                self.places[slot].eweight = weight(endpoint);
            }
            if !endpoints.is_empty() {
                self.start();
            }
            return;
        }
        self.total();
        for (slot, endpoint) in endpoints.iter().enumerate() {
            let (was, is) = (self.places[slot].up, is_up(slot, endpoint, usable));
            let new = weight(endpoint);
            match (was, is) {
                (false, true) => self.comes_up(slot, new),
                (true, false) => self.goes_down(slot),
                (true, true) if new != self.places[slot].eweight => self.changes_weight(slot, new),
                _ => {}
            }
        }
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(self.clone())
    }
}
