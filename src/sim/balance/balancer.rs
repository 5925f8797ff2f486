//! A balancer.
