//! The common parts of Envoy's hashing policies: the hash of the key, and the hosts that take part.
//!
//! Source: Envoy 1.3x, source/extensions/load_balancing_policies/common/thread_aware_lb_impl.cc. Keys
//! and addresses are hashed with XXH64. Only healthy hosts take part, with their configured weights
//! (slow start does not apply); any change of them makes the ring or the table anew. Where there is
//! nothing to hash the place is drawn by lot.

use xxhash_rust::xxh64::xxh64;

use crate::balance::endpoint::Endpoint;
use crate::balance::picker::PickContext;
use crate::ids::EndpointId;
use crate::rng::any_u64;

/// One host that takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// The identity of the endpoint.
    pub(super) id: EndpointId,
    /// The slot of the endpoint.
    pub(super) slot: u32,
    /// The configured weight of the endpoint.
    pub(super) weight: u32,
}

/// Updates the hosts that take part; returns whether they changed.
pub(super) fn renew(members: &mut Vec<Member>, endpoints: &[Endpoint], usable: &[bool]) -> bool {
    let now = (0_u32..)
        .zip(endpoints.iter().zip(usable))
        .filter(|(_, (_, usable))| **usable)
        .map(|(slot, (endpoint, _))| Member {
            id: endpoint.id,
            slot,
            weight: endpoint.config.weight,
        });
    if now.clone().eq(members.iter().copied()) {
        return false;
    }
    members.clear();
    members.extend(now);
    true
}

/// The sum of the weights, which is what each is divided by.
pub(super) fn total(members: &[Member]) -> f64 {
    let sum: u64 = members.iter().map(|member| u64::from(member.weight)).sum();
    sum as f64
}

/// The hash of the key: the path, or address and port if none can be read; random if both are missing.
pub(super) fn key_hash(cx: &mut PickContext<'_>) -> u64 {
    if !cx.key.text.is_empty() {
        return xxh64(cx.key.text, 0);
    }
    let address = cx.key.address_text();
    if address.as_bytes().is_empty() {
        any_u64(cx.rng)
    } else {
        xxh64(address.as_bytes(), 0)
    }
}

/// The hosts of Envoy's own unit tests: 127.0.0.1 with these ports and weights.
#[cfg(test)]
pub(super) fn local_hosts(hosts: &[(u16, u32)]) -> Vec<Endpoint> {
    use crate::balance::endpoint::{EndpointConfig, Tier};
    use crate::health::active::{ActiveCheck, ActiveConfig};
    use crate::ids::ServerId;

    let host = |(number, (port, weight)): (u32, &(u16, u32))| {
        let config = EndpointConfig {
            server: ServerId(number),
            name: String::new(),
            address: format!("127.0.0.1:{port}"),
            hash_id: number + 1,
            weight: *weight,
            tier: Tier::Primary,
            max_conns: None,
            max_queue: None,
        };
        Endpoint::new(
            EndpointId(number),
            config,
            ActiveCheck::new(&ActiveConfig::default()),
        )
    };
    (0..).zip(hosts).map(host).collect()
}
