//! The same client address, the same endpoint: nginx's ip_hash.
//!
//! Source: nginx 1.22.1, src/http/modules/ngx_http_upstream_ip_hash_module.c. The key is the first
//! three octets of an IPv4 address or all sixteen of an IPv6 address, so a whole /24 is one client.
//! The hash modulo the total configured weight names the endpoint; one that cannot be used keeps its
//! slots, and the hash is taken again from where it stands. After more than twenty such steps the
//! rule is round robin.

use std::net::IpAddr;

use super::ranges::Ranges;
use super::smooth_wrr::SmoothWrr;
use crate::sim::balance::endpoint::Endpoint;
use crate::sim::balance::picker::{Pick, PickContext, Picker, Reason, TryEnd, Walk};
use crate::sim::time::SimTime;

/// The hash's start.
const START: u32 = 89;

/// IP hash.
#[derive(Clone, Debug)]
pub struct IpHash {
    ranges: Ranges,
    fallback: SmoothWrr,
}

impl Default for IpHash {
    fn default() -> Self {
        Self {
            ranges: Ranges::default(),
            fallback: SmoothWrr::new(true),
        }
    }
}

/// One more round of the hash over the octets that count.
fn rehash(hash: u32, source: IpAddr) -> u32 {
    let step = |hash: u32, octet: &u8| (hash * 113 + u32::from(*octet)) % 6_271;
    match source {
        IpAddr::V4(address) => address.octets()[..3].iter().fold(hash, step),
        IpAddr::V6(address) => address.octets().iter().fold(hash, step),
    }
}

impl Picker for IpHash {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        let slots = self.ranges.total();
        let mut walk = Walk::default();
        let mut hash = START;
        while slots > 0 && cx.endpoints.len() > 1 && walk.goes_on() {
            hash = rehash(hash, cx.key.source);
            let slot = self.ranges.owner(hash % slots);
            if cx.is_candidate(slot) {
                self.ranges.note(cx);
                let rehashes = walk.steps();
                let reason = Reason::HashSlot {
                    hash: hash.into(),
                    slots,
                    slot: hash % slots,
                    rehashes,
                };
                return Some(Pick { slot, reason });
            }
            walk.missed(cx, slot);
        }
        self.fallback.fall_back(cx)
    }

    fn sync(&mut self, now: SimTime, endpoints: &[Endpoint], usable: &[bool]) {
        self.ranges
            .measure(endpoints, usable, |endpoint| endpoint.config.weight);
        self.fallback.sync(now, endpoints, usable);
    }

    fn on_finished(&mut self, slot: usize, endpoints: &[Endpoint], end: TryEnd) {
        self.fallback.on_finished(slot, endpoints, end);
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_24_has_one_hash_and_an_ipv6_address_counts_in_full() {
        let hash = |text: &str| rehash(START, text.parse().expect("an address"));
        assert_eq!(hash("203.0.113.1"), hash("203.0.113.254"));
        assert_ne!(hash("203.0.113.1"), hash("203.0.114.1"));
        assert_ne!(hash("2001:db8::1"), hash("2001:db8::2"));
    }
}
