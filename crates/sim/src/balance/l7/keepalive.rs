//! The connections that an L7 balancer keeps open to its servers.
//!
//! A request takes an idle connection to its endpoint, the one used last (nginx's `keepalive` in
//! `ngx_http_upstream_keepalive_module.c` keeps such a stack), or opens a new one, which costs a round trip first.
//! When its answer is back the connection is idle again, unless enough are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::field::schema::describe;
use crate::field::{scene_fields, span, whole};
use crate::ids::EndpointId;
use crate::time::{SimDuration, SimTime};

/// The number of connections to keep, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields, default)]
pub struct KeepaliveSpec {
    /// # Idle connections
    /// Kept to each server. 0 opens a new one for each request.
    pub idle: u32,
    /// # Idle for at most
    /// How long one may be idle.
    pub timeout_us: SimDuration,
}

scene_fields!(KeepaliveSpec {
    idle: whole(0, 10_000),
    timeout_us: span(1),
});

impl Default for KeepaliveSpec {
    /// nginx's time-out; 32 is the number its documentation uses.
    fn default() -> Self {
        Self {
            idle: 32,
            timeout_us: SimDuration::from_secs(60),
        }
    }
}

/// The idle connections of one balancer, and the counts of opened and reused ones.
#[derive(Clone, Debug, Default)]
pub struct Keepalive {
    /// By endpoint: since when each connection has been idle, the latest at the end.
    idle: Vec<Vec<SimTime>>,
    opened: u64,
    reused: u64,
}

impl Keepalive {
    /// Takes a connection to an endpoint for a request; returns whether one has to be opened.
    pub fn take(&mut self, spec: &KeepaliveSpec, now: SimTime, endpoint: EndpointId) -> bool {
        let idle = self.of(endpoint);
        idle.retain(|since| now.since(*since) <= spec.timeout_us);
        if idle.pop().is_some() {
            self.reused += 1;
            false
        } else {
            self.opened += 1;
            true
        }
    }

    /// Gives back a connection that is still good.
    pub fn give(&mut self, spec: &KeepaliveSpec, now: SimTime, endpoint: EndpointId) {
        let idle = self.of(endpoint);
        if idle.len() == spec.idle as usize && !idle.is_empty() {
            // The one that was idle longest goes.
            idle.remove(0);
        }
        if spec.idle > 0 {
            idle.push(now);
        }
    }

    /// Drops all idle connections to an endpoint: its server died, or was removed.
    pub fn drop_all(&mut self, endpoint: EndpointId) {
        self.of(endpoint).clear();
    }

    /// The number of idle connections to an endpoint.
    #[must_use]
    pub fn idle(&self, endpoint: EndpointId) -> usize {
        self.idle.get(endpoint.index()).map_or(0, Vec::len)
    }

    /// How many connections were opened.
    #[must_use]
    pub const fn opened(&self) -> u64 {
        self.opened
    }

    /// How often an idle connection was used again.
    #[must_use]
    pub const fn reused(&self) -> u64 {
        self.reused
    }

    fn of(&mut self, endpoint: EndpointId) -> &mut Vec<SimTime> {
        let index = endpoint.index();
        if self.idle.len() <= index {
            self.idle.resize(index + 1, Vec::new());
        }
        &mut self.idle[index]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: KeepaliveSpec = KeepaliveSpec {
        idle: 2,
        timeout_us: SimDuration::from_secs(60),
    };
    const A: EndpointId = EndpointId(0);

    fn secs(secs: u64) -> SimTime {
        SimTime::from_us(secs * 1_000_000)
    }

    #[test]
    fn an_idle_connection_is_used_again_until_its_time_is_over() {
        let mut pool = Keepalive::default();
        assert!(pool.take(&SPEC, secs(0), A));
        pool.give(&SPEC, secs(1), A);
        assert!(!pool.take(&SPEC, secs(2), A));
        assert!(
            pool.take(&SPEC, secs(2), EndpointId(3)),
            "another endpoint's"
        );
        pool.give(&SPEC, secs(3), A);
        assert!(pool.take(&SPEC, secs(64), A), "idle for 61 s");
        assert_eq!((pool.opened(), pool.reused()), (3, 1));
    }

    #[test]
    fn of_too_many_the_one_that_was_idle_longest_goes() {
        let mut pool = Keepalive::default();
        for second in [0, 50, 100] {
            pool.give(&SPEC, secs(second), A);
        }
        // Both that are left are younger than a minute.
        assert!(!pool.take(&SPEC, secs(105), A));
        assert!(!pool.take(&SPEC, secs(105), A));
        assert!(pool.take(&SPEC, secs(105), A));
    }

    #[test]
    fn no_more_are_kept_than_asked_for() {
        let mut pool = Keepalive::default();
        for second in 0..5 {
            pool.give(&SPEC, secs(second), A);
        }
        assert_eq!(pool.idle(A), 2);
        pool.drop_all(A);
        assert!(pool.take(&SPEC, secs(5), A));
        let none = KeepaliveSpec { idle: 0, ..SPEC };
        pool.give(&none, secs(6), A);
        assert!(pool.take(&none, secs(6), A));
    }
}
