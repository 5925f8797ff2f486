//! TLS sessions that a balancer can resume.
//!
//! A client that has had a handshake before comes back with a ticket (RFC 8446, section 2.2), and the balancer leaves
//! out the signature, the expensive part. A ticket is valid for some time; another balancer does not know it, so after
//! a takeover every handshake is a full one again.

use std::collections::BTreeMap;

use crate::time::{SimDuration, SimTime};

/// The kind of a TLS handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsHandshake {
    /// A full handshake: certificate and signature.
    Full,
    /// A resumption by a ticket.
    Resumed,
}

/// The session tickets that a balancer has given out.
#[derive(Clone, Debug, Default)]
pub struct Sessions {
    /// By client and user: when the last ticket was given.
    given: BTreeMap<(u32, u32), SimTime>,
    full: u64,
    resumed: u64,
}

impl Sessions {
    /// Begins the TLS handshake of a user; returns its kind, and gives a new ticket. `lifetime`: how long a ticket is
    /// valid; zero is not at all.
    pub fn begin(&mut self, who: (u32, u32), now: SimTime, lifetime: SimDuration) -> TlsHandshake {
        if lifetime == SimDuration::ZERO {
            self.full += 1;
            return TlsHandshake::Full;
        }
        let last = self.given.insert(who, now);
        if last.is_some_and(|at| now.since(at) <= lifetime) {
            self.resumed += 1;
            TlsHandshake::Resumed
        } else {
            self.full += 1;
            TlsHandshake::Full
        }
    }

    /// Makes all tickets invalid.
    pub fn forget(&mut self) {
        self.given.clear();
    }

    /// The number of full handshakes.
    #[must_use]
    pub const fn full(&self) -> u64 {
        self.full
    }

    /// The number of resumptions.
    #[must_use]
    pub const fn resumed(&self) -> u64 {
        self.resumed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_good_for_its_lifetime_and_for_its_owner() {
        let mut sessions = Sessions::default();
        let secs = |secs: u64| SimTime::from_us(secs * 1_000_000);
        let hour = SimDuration::from_secs(3_600);
        assert_eq!(sessions.begin((0, 1), secs(0), hour), TlsHandshake::Full);
        assert_eq!(sessions.begin((0, 2), secs(1), hour), TlsHandshake::Full);
        assert_eq!(
            sessions.begin((0, 1), secs(3_600), hour),
            TlsHandshake::Resumed
        );
        assert_eq!(
            sessions.begin((0, 1), secs(7_201), hour),
            TlsHandshake::Full
        );
        assert_eq!((sessions.full(), sessions.resumed()), (3, 1));
    }

    #[test]
    fn without_a_lifetime_nothing_is_resumed() {
        let mut sessions = Sessions::default();
        for _ in 0..3 {
            assert_eq!(
                sessions.begin((0, 0), SimTime::ZERO, SimDuration::ZERO),
                TlsHandshake::Full
            );
        }
    }
}
