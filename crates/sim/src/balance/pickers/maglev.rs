//! A table that every host fills in an order of its own: Envoy's MAGLEV.
//!
//! Source: Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load Balancer" (NSDI 2016),
//! as in Envoy 1.3x, source/extensions/load_balancing_policies/maglev/maglev_lb.cc. The XXH64 of a
//! host's address, with two seeds, gives the order in which it asks for the 65,537 slots. The hosts
//! take turns, in the order of their addresses; in each round the heaviest takes a slot, one of half
//! its weight in every other round. The key's XXH64 modulo the slots names the host; for each
//! further attempt the hash is changed.
//!
//! How even: a host of weight w among n of total weight W has M·w/W slots, give or take 1 + n·w/W.

use xxhash_rust::xxh64::xxh64;

use super::envoy_hash::{Member, key_hash, renew, total};
use crate::balance::endpoint::Endpoint;
use crate::balance::picker::{CandidateValue, Pick, PickContext, Picker, Reason};
use crate::balance::picker_state::{PickerState, PickerStateQuery};
use crate::time::SimTime;

/// Envoy's default `table_size`, a prime.
const SLOTS: u32 = 65_537;

/// How often the hash is changed before the slots are walked in order.
const MOST_ATTEMPTS: u32 = 20;

/// A slot that nobody has taken yet.
const FREE: u32 = u32::MAX;

/// One host while the table is filled.
struct Filler {
    slot: u32,
    weight: f64,
    target: f64,
    /// The slot of the table that it asks for next.
    next: u32,
    skip: u32,
}

/// The picker of Envoy's MAGLEV.
#[derive(Clone, Debug)]
pub struct Maglev {
    slots: u32,
    members: Vec<Member>,
    table: Vec<u32>,
    /// How many slots of the table each endpoint owns.
    owned: Vec<u32>,
}

impl Default for Maglev {
    fn default() -> Self {
        Self {
            slots: SLOTS,
            members: Vec::new(),
            table: Vec::new(),
            owned: Vec::new(),
        }
    }
}

/// A hash modulo a number of slots.
fn modulo(hash: u64, slots: u32) -> u32 {
    (hash % u64::from(slots)) as u32
}

impl Maglev {
    fn fillers(&self, endpoints: &[Endpoint]) -> Vec<Filler> {
        let sum = total(&self.members);
        let address = |member: &Member| endpoints[member.slot as usize].config.address.as_str();
        let mut members = self.members.clone();
        members.sort_by(|a, b| address(a).cmp(address(b)));
        let filler = |member: &Member| Filler {
            slot: member.slot,
            weight: f64::from(member.weight) / sum,
            target: 0.0,
            next: modulo(xxh64(address(member).as_bytes(), 0), self.slots),
            skip: modulo(xxh64(address(member).as_bytes(), 1), self.slots - 1) + 1,
        };
        members.iter().map(filler).collect()
    }

    fn fill(&mut self, endpoints: &[Endpoint]) {
        self.table.clear();
        self.owned.clear();
        self.owned.resize(endpoints.len(), 0);
        let mut fillers = self.fillers(endpoints);
        let heaviest = fillers.iter().map(|one| one.weight).fold(0.0, f64::max);
        if fillers.is_empty() {
            return;
        }
        self.table.resize(self.slots as usize, FREE);
        let (mut taken, mut round) = (0, 0.0);
        while taken < self.slots {
            round += 1.0;
            for one in &mut fillers {
                if taken == self.slots || round * one.weight < one.target {
                    continue;
                }
                one.target += heaviest;
                while self.table[one.next as usize] != FREE {
                    one.next = (one.next + one.skip) % self.slots;
                }
                self.table[one.next as usize] = one.slot;
                self.owned[one.slot as usize] += 1;
                taken += 1;
            }
        }
    }

    /// The hash that names a candidate, and how often it was changed for that.
    fn find(&self, cx: &PickContext<'_>, hash: u64) -> Option<(u64, u32)> {
        let owner = |hash: u64| self.table[modulo(hash, self.slots) as usize] as usize;
        let changed = |attempt: u32| hash ^ u64::from(attempt).wrapping_neg();
        let walked = |step: u32| hash.wrapping_add(u64::from(step));
        let attempts = (cx.repick..=MOST_ATTEMPTS).map(|attempt| (changed(attempt), attempt));
        let walk = (1..=self.slots).map(|step| (walked(step), MOST_ATTEMPTS + step));
        attempts
            .chain(walk)
            .find(|(hash, _)| cx.is_candidate(owner(*hash)))
    }

    fn note(&self, cx: &mut PickContext<'_>) {
        if !cx.is_watched() {
            return;
        }
        for slot in 0..cx.endpoints.len() {
            let value = match self.owned[slot] {
                0 => CandidateValue::NotUsed,
                owned => CandidateValue::SlotCount {
                    owned,
                    of: self.slots,
                },
            };
            cx.note(slot, value);
        }
    }
}

impl Picker for Maglev {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        // With every candidate gone the walk would look at each slot for nothing.
        if self.table.is_empty() || cx.candidates().next().is_none() {
            return None;
        }
        let hash = key_hash(cx);
        let (hash, rehashes) = self.find(cx, hash)?;
        let slot = modulo(hash, self.slots);
        self.note(cx);
        Some(Pick {
            slot: self.table[slot as usize] as usize,
            reason: Reason::HashSlot {
                hash,
                slots: self.slots,
                slot,
                rehashes,
            },
        })
    }

    fn sync(&mut self, _now: SimTime, endpoints: &[Endpoint], usable: &[bool]) {
        if renew(&mut self.members, endpoints, usable) {
            self.fill(endpoints);
        }
        // One that is out of use owns nothing, and may have been added just now.
        self.owned.resize(endpoints.len(), 0);
    }

    fn internals(&self, _look: PickerStateQuery<'_>) -> PickerState {
        PickerState::Table(self.table.clone())
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::super::envoy_hash::local_hosts;
    use super::*;

    /// The ports' last digits in a table of `slots`.
    fn filled(slots: u32, hosts: &[(u16, u32)]) -> String {
        let mut maglev = Maglev {
            slots,
            ..Maglev::default()
        };
        let endpoints = local_hosts(hosts);
        maglev.sync(SimTime::ZERO, &endpoints, &vec![true; hosts.len()]);
        maglev.table.iter().map(u32::to_string).collect()
    }

    /// Envoy's own unit tests: test/extensions/load_balancing_policies/maglev, `Basic`, `Weighted`,
    /// and the one whose localities weigh 8 and 2.
    #[test]
    fn the_tables_are_those_of_envoys_own_tests() {
        let six = [(90, 1), (91, 1), (92, 1), (93, 1), (94, 1), (95, 1)];
        assert_eq!(filled(7, &six), "2401503");
        assert_eq!(filled(17, &[(90, 1), (91, 2)]), "10010110111110101");
        assert_eq!(filled(17, &[(90, 8), (91, 2)]), "10000010010100000");
    }
}
