//! High availability (HA): which balancer of a pair answers for a virtual IP. The engine passes the messages on.

pub mod vrrp;
