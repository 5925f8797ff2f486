//! One file a mechanism. Which algorithm uses which is said once, in
//! [`super::algorithm::PickerConfig::build`].

pub mod bounded_load;
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
