//! What happens to a request whose endpoint has as many connections as it may have.
//!
//! In HAProxy (2.6, `assign_server` and `assign_server_and_queue` in src/backend.c) each server has a queue of its
//! own beside the backend's. Round robin and `first` pass over a full server, and wait in the backend's queue when
//! all are full. So does leastconn, but for a server whose own queue has a limit (`maxqueue`) and room: it takes
//! that queue for more connections (src/lb_fwlc.c: `fwlc_get_next_server`). A hash knows one server for a key: the
//! request waits in that server's queue, however idle the others are. `random` takes a draw that falls on a full
//! server as none, and waits in the backend's queue.

use super::algorithm::{Algorithm, Implementation};
use super::endpoint::Endpoint;

/// What happens to a request whose endpoint is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FullRule {
    /// A full endpoint is not picked.
    #[default]
    PassOver,
    /// A full endpoint is picked, and the request waits in that endpoint's own queue.
    OwnQueue,
    /// A full endpoint is picked only while its own queue has a limit and room, and the request then waits there.
    OwnQueueRoom,
    /// A full endpoint may be drawn, and the request then waits in the queue of the whole upstream.
    SharedQueue,
}

impl FullRule {
    /// The rule of an algorithm in one implementation.
    #[must_use]
    pub fn of(algorithm: Algorithm, implementation: Implementation) -> Self {
        if algorithm.row().form(implementation) != Implementation::Haproxy {
            return Self::PassOver;
        }
        algorithm.row().haproxy_full
    }

    /// Whether a picker may pick this endpoint, which is full.
    #[must_use]
    pub fn picks_full(self, endpoint: &Endpoint) -> bool {
        match self {
            Self::PassOver => false,
            Self::OwnQueue | Self::SharedQueue => true,
            Self::OwnQueueRoom => {
                let config = &endpoint.config;
                let most = config.max_conns.zip(config.max_queue);
                most.is_some_and(|(conns, queue)| endpoint.active + endpoint.queued < conns + queue)
            }
        }
    }
}
