//! The same client address, the same endpoint: nginx's ip_hash.
//!
//! Source: nginx 1.22.1, src/http/modules/ngx_http_upstream_ip_hash_module.c. The key is the first
//! three octets of an IPv4 address or all sixteen of an IPv6 address, so a whole /24 is one client.
//! The hash modulo the total configured weight names the endpoint; one that cannot be used keeps its
//! slots, and the hash is taken again from where it stands. After more than twenty such steps the
//! rule is round robin.

use std::net::IpAddr;

use super::slot_walk::SlotWalk;
use crate::balance::endpoint::Endpoint;
use crate::balance::picker::{AttemptEnd, Pick, PickContext, Picker};
use crate::balance::picker_state::{PickerState, PickerStateQuery};
use crate::time::SimTime;

/// The hash's start.
const START: u32 = 89;

/// The picker of nginx's `ip_hash`.
#[derive(Clone, Debug, Default)]
pub struct IpHash {
    walk: SlotWalk,
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
        let (source, mut hash) = (cx.key.source, START);
        self.walk.pick(cx, || {
            hash = rehash(hash, source);
            Some(hash)
        })
    }

    fn sync(&mut self, now: SimTime, endpoints: &[Endpoint], usable: &[bool]) {
        self.walk.sync(now, endpoints, usable);
    }

    fn on_finished(&mut self, slot: usize, endpoints: &[Endpoint], end: AttemptEnd) {
        self.walk.on_finished(slot, endpoints, end);
    }

    fn internals(&self, _look: PickerStateQuery<'_>) -> PickerState {
        PickerState::Table(self.walk.table())
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
