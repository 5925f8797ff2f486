//! A hash of the key on a ring: nginx's `hash KEY consistent`, ketama.
//!
//! Source: nginx 1.22.1, src/http/modules/ngx_http_upstream_hash_module.c,
//! `ngx_http_upstream_update_chash` and `ngx_http_upstream_get_chash_peer`. Each server string puts
//! 160 points a weight on the ring, each the CRC-32 of host, a zero byte, port and the point before
//! it. The key belongs to the first point at or after its own CRC-32. Where that point's owner
//! cannot be used the next point is asked; more than twenty such steps, or an empty key: round robin.

use super::ranges::{nginx_weight, tier_in_use};
use super::smooth_wrr::SmoothWrr;
use crate::balance::endpoint::Endpoint;
use crate::balance::picker::{AttemptEnd, CandidateValue, Pick, PickContext, Picker, Reason};
use crate::balance::picker_state::{PickerState, PickerStateQuery};
use crate::hash::CRC32;
use crate::ids::EndpointId;
use crate::time::SimTime;

/// The number of points for a weight of 1.
const POINTS: u64 = 160;

/// The most points of a ring. Beyond it (more than 12,500 in total weight, which no one configures and which would
/// fill the page's memory) every endpoint gets fewer points for its weight.
const MOST_POINTS: u64 = 2_000_000;

/// How often the walk may step on before the rule falls back to round robin.
const MOST_STEPS: u32 = 20;

/// One point of the ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Point {
    hash: u32,
    /// The slot of the first endpoint with the point's server string.
    slot: u32,
}

/// The data that a ring is made from: it is made anew only when this changes, not when health does.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Member {
    id: EndpointId,
    slot: u32,
    weight: u32,
}

/// The picker of nginx's `hash KEY consistent`.
#[derive(Clone, Debug)]
pub struct Ketama {
    members: Vec<Member>,
    ring: Vec<Point>,
    turns: SmoothWrr,
}

impl Default for Ketama {
    fn default() -> Self {
        Self {
            members: Vec::new(),
            ring: Vec::new(),
            turns: SmoothWrr::new(true),
        }
    }
}

/// A server string cut at its last colon: host and port. `unix:` paths have no port.
fn host_and_port(address: &str) -> (&str, &str) {
    if let Some((scheme, path)) = address.split_at_checked(5)
        && scheme.eq_ignore_ascii_case("unix:")
    {
        return (path, "");
    }
    match address.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port),
        _ => (address, ""),
    }
}

/// The points of one server string, in the order in which they are made.
fn points_of(address: &str) -> impl Iterator<Item = u32> {
    let (host, port) = host_and_port(address);
    let mut base = CRC32.digest();
    base.update(host.as_bytes());
    base.update(&[0]);
    base.update(port.as_bytes());
    let mut previous = 0_u32;
    std::iter::repeat_with(move || {
        let mut crc = base.clone();
        crc.update(&previous.to_le_bytes());
        previous = crc.finalize();
        previous
    })
}

impl Ketama {
    fn build_ring(&mut self, endpoints: &[Endpoint]) {
        let total: u64 = self
            .members
            .iter()
            .map(|member| u64::from(member.weight))
            .sum();
        let room = MOST_POINTS.max(self.members.len() as u64);
        self.ring.clear();
        for member in &self.members {
            let mut count = POINTS * u64::from(member.weight);
            if total * POINTS > room {
                count = (count * room / (total * POINTS)).max(1);
            }
            let address = endpoints[member.slot as usize].config.address.as_str();
            let slot = member.slot;
            let points = points_of(address).take(usize::try_from(count).unwrap_or(usize::MAX));
            self.ring.extend(points.map(|hash| Point { hash, slot }));
        }
        // Stable, and of equal points the first is kept, as in nginx.
        self.ring.sort_by_cached_key(|point| u64::from(point.hash));
        self.ring.dedup_by_key(|point| point.hash);
    }

    fn note(&self, cx: &mut PickContext<'_>, hash: u32) {
        if !cx.is_watched() {
            return;
        }
        let start = self.ring.partition_point(|point| point.hash < hash);
        let mut nearest = vec![None; cx.endpoints.len()];
        for step in 0..self.ring.len() {
            let point = self.ring[(start + step) % self.ring.len()];
            nearest[point.slot as usize].get_or_insert(point.hash.wrapping_sub(hash));
        }
        for (slot, distance) in nearest.into_iter().enumerate() {
            let value = match distance {
                Some(distance) if cx.is_candidate(slot) => CandidateValue::RingDistance(distance),
                _ => CandidateValue::NotUsed,
            };
            cx.note(slot, value);
        }
    }
}

impl Picker for Ketama {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        let address;
        let mut key = cx.key.text;
        if key.is_empty() {
            address = cx.key.address_text();
            key = address.as_bytes();
        }
        if key.is_empty() || self.ring.is_empty() || cx.endpoints.len() < 2 {
            return self.turns.fall_back(cx);
        }
        let hash = CRC32.checksum(key);
        let start = self.ring.partition_point(|point| point.hash < hash);
        for skipped in 0..=MOST_STEPS {
            let point = self.ring[(start + skipped as usize) % self.ring.len()];
            let endpoints = cx.endpoints;
            let address = &endpoints[point.slot as usize].config.address;
            // Endpoints with the same server string share its points and take turns on them.
            let won = self
                .turns
                .pick_among(cx, |slot| endpoints[slot].config.address == *address);
            if let Some(won) = won {
                self.note(cx, hash);
                let reason = Reason::RingPoint {
                    hash,
                    point: point.hash,
                    skipped,
                };
                return Some(Pick {
                    slot: won.slot,
                    reason,
                });
            }
        }
        self.turns.fall_back(cx)
    }

    fn sync(&mut self, now: SimTime, endpoints: &[Endpoint], usable: &[bool]) {
        self.turns.sync(now, endpoints, usable);
        let tier = tier_in_use(endpoints, usable);
        let members: Vec<Member> = (0_u32..)
            .zip(endpoints)
            .filter(|(_, endpoint)| endpoint.config.tier == tier)
            .map(|(slot, endpoint)| Member {
                id: endpoint.id,
                slot,
                weight: nginx_weight(endpoint),
            })
            .collect();
        if members != self.members {
            self.members = members;
            self.build_ring(endpoints);
        }
    }

    fn on_finished(&mut self, slot: usize, endpoints: &[Endpoint], end: AttemptEnd) {
        self.turns.on_finished(slot, endpoints, end);
    }

    fn internals(&self, _look: PickerStateQuery<'_>) -> PickerState {
        let points = self.ring.iter().map(|point| (point.hash, point.slot));
        PickerState::Ring(points.collect())
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_string_is_cut_at_its_last_colon() {
        assert_eq!(host_and_port("127.0.0.1:8080"), ("127.0.0.1", "8080"));
        assert_eq!(host_and_port("[::1]:80"), ("[::1]", "80"));
        assert_eq!(host_and_port("backend"), ("backend", ""));
        assert_eq!(host_and_port("[::1]"), ("[::1]", ""));
        assert_eq!(host_and_port("unix:/run/app.sock"), ("/run/app.sock", ""));
    }
}
