//! The pickers: one file for each mechanism. [`build`] says which algorithm uses which.

pub mod bounded_load;
pub mod client_side_wrr;
pub mod envoy_edf;
pub mod envoy_hash;
pub mod envoy_ring;
pub mod first;
pub mod haproxy;
pub mod haproxy_leastconn;
pub mod haproxy_map;
pub mod haproxy_ring;
pub mod haproxy_roundrobin;
pub mod ip_hash;
pub mod ipvs;
pub mod ketama;
pub mod key_hash;
pub mod least_conn;
pub mod least_time;
pub mod maglev;
pub mod peak_ewma;
pub mod per_slot;
pub mod random;
pub mod random_two;
pub mod ranges;
pub mod rendezvous;
pub mod slot_walk;
pub mod smooth_wrr;
pub mod subset;

use self::bounded_load::BoundedLoad;
use self::client_side_wrr::ClientSideWrr;
use self::envoy_edf::{EnvoyEdf, EnvoyLeastRequest};
use self::envoy_ring::EnvoyRing;
use self::first::First;
use self::haproxy::{HashSource, Hashing};
use self::haproxy_leastconn::HaproxyLeastConn;
use self::haproxy_map::HaproxyMap;
use self::haproxy_ring::{HaproxyRandom, HaproxyRing};
use self::haproxy_roundrobin::HaproxyRoundRobin;
use self::ip_hash::IpHash;
use self::ipvs::{IpvsLeastConn, IpvsRoundRobin};
use self::ketama::Ketama;
use self::key_hash::KeyHash;
use self::least_conn::LeastConn;
use self::least_time::LeastTime;
use self::maglev::Maglev;
use self::peak_ewma::PeakEwma;
use self::random::Random;
use self::random_two::RandomTwo;
use self::rendezvous::Rendezvous;
use self::smooth_wrr::SmoothWrr;
use self::subset::Subset;
use super::algorithm::{Algorithm, Implementation, PickerConfig};
use super::picker::Picker;

/// A new picker for a configuration. The only place that matches an algorithm with its picker.
#[must_use]
pub fn build(config: &PickerConfig) -> Box<dyn Picker> {
    let haproxy = config.algorithm.row().form(config.implementation) == Implementation::Haproxy;
    match config.algorithm {
        Algorithm::RoundRobin => round_robin(config, false),
        Algorithm::WeightedRoundRobin => round_robin(config, true),
        Algorithm::LeastConnections => least_connections(config, false),
        Algorithm::WeightedLeastConnections => least_connections(config, true),
        Algorithm::IpHash if haproxy => {
            haproxy_hash(config, HashSource::Address, config.hash.consistent)
        }
        Algorithm::IpHash => Box::new(IpHash::default()),
        Algorithm::LeastTime => Box::new(LeastTime::default()),
        Algorithm::Random if haproxy => Box::new(HaproxyRandom::new(1, false)),
        Algorithm::Random => Box::new(Random::new(false)),
        Algorithm::WeightedRandom if haproxy => Box::new(HaproxyRandom::new(1, true)),
        Algorithm::WeightedRandom => Box::new(Random::new(true)),
        Algorithm::PowerOfTwo => choices(config),
        Algorithm::KeyHash if haproxy => {
            haproxy_hash(config, HashSource::Path, config.hash.consistent)
        }
        Algorithm::KeyHash => Box::new(KeyHash::default()),
        Algorithm::ConsistentHash => ring(config),
        Algorithm::BoundedLoadHash => {
            Box::new(BoundedLoad::new(hashing(config, HashSource::Path, true)))
        }
        Algorithm::Maglev => Box::new(Maglev::default()),
        Algorithm::Rendezvous => Box::new(Rendezvous::default()),
        Algorithm::Subset => Box::new(Subset::default()),
        Algorithm::PeakEwma => Box::new(PeakEwma::default()),
        Algorithm::ClientSideWeightedRoundRobin => {
            Box::new(ClientSideWrr::new(config.load_weights))
        }
        Algorithm::First => Box::new(First),
    }
}

fn round_robin(config: &PickerConfig, honours_weight: bool) -> Box<dyn Picker> {
    match config.algorithm.row().form(config.implementation) {
        Implementation::Haproxy if config.static_table => {
            Box::new(HaproxyMap::in_turn(honours_weight))
        }
        Implementation::Haproxy => Box::new(HaproxyRoundRobin::new(honours_weight)),
        Implementation::Envoy => Box::new(EnvoyEdf::round_robin(honours_weight)),
        Implementation::Ipvs => Box::new(IpvsRoundRobin::new(honours_weight)),
        _ => Box::new(SmoothWrr::new(honours_weight)),
    }
}

fn least_connections(config: &PickerConfig, honours_weight: bool) -> Box<dyn Picker> {
    match config.algorithm.row().form(config.implementation) {
        Implementation::Haproxy => Box::new(HaproxyLeastConn::new(honours_weight)),
        Implementation::Envoy => Box::new(EnvoyLeastRequest::new(honours_weight, 2)),
        Implementation::Ipvs => Box::new(IpvsLeastConn::new(honours_weight)),
        _ => Box::new(LeastConn::new(honours_weight)),
    }
}

fn choices(config: &PickerConfig) -> Box<dyn Picker> {
    let draws = config.draws.unwrap_or(2);
    match config.algorithm.row().form(config.implementation) {
        Implementation::Haproxy => Box::new(HaproxyRandom::new(draws.into(), true)),
        Implementation::Envoy => Box::new(EnvoyLeastRequest::new(true, draws)),
        _ => Box::new(RandomTwo::default()),
    }
}

fn ring(config: &PickerConfig) -> Box<dyn Picker> {
    match config.algorithm.row().form(config.implementation) {
        Implementation::Haproxy => haproxy_hash(config, HashSource::Path, true),
        Implementation::Envoy => Box::new(EnvoyRing::default()),
        _ => Box::new(Ketama::default()),
    }
}

/// The hashing that HAProxy's `hash-type` describes for a hash of `source`.
fn hashing(config: &PickerConfig, source: HashSource, consistent: bool) -> Hashing {
    let function = config.hash.function.unwrap_or_default();
    let avalanche = match config.hash.function {
        Some(_) => config.hash.avalanche,
        None => consistent,
    };
    Hashing {
        source,
        function,
        avalanche,
    }
}

fn haproxy_hash(config: &PickerConfig, source: HashSource, consistent: bool) -> Box<dyn Picker> {
    let hashing = hashing(config, source, consistent);
    if consistent {
        Box::new(HaproxyRing::new(hashing))
    } else {
        Box::new(HaproxyMap::hashed(hashing))
    }
}
