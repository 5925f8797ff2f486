//! What a client does when it hears no answer.
//!
//! Pure functions of the client's settings: no state, no clock. A packet to an address without a balancer is lost. The
//! client sends again after a while, then after twice that time (RFC 6298 section 5.5), and gives up in the end. A
//! request that had arrived before its balancer died is not sent again, since TCP had acknowledged it: its client waits
//! for an answer that never comes. Times are microseconds of simulated time.

use crate::scenario::topology::RetransmitPolicy;
use crate::time::{SimDuration, SimTime};

/// How long a server waits before it retransmits a response (Linux: at least 200 ms).
pub(super) const SERVER_RESEND: SimDuration = SimDuration::from_ms(200);

impl RetransmitPolicy {
    /// When the client of a request gives up.
    pub(super) fn retransmit_deadline(&self, born: SimTime) -> SimTime {
        born + self.give_up_us
    }

    /// When the client of a request whose packet was lost sends again, or gives up.
    pub(super) fn next_send(&self, born: SimTime, now: SimTime) -> SimTime {
        let mut again = born;
        let mut gap = self.resend_us;
        while again <= now {
            again = again + gap;
            gap = gap.times(2);
        }
        again.min(self.retransmit_deadline(born)).max(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gap_doubles_until_the_client_gives_up() {
        let policy = RetransmitPolicy {
            resend_us: SimDuration::from_secs(1),
            give_up_us: SimDuration::from_secs(10),
        };
        let at = |seconds: u64| SimTime::from_us(seconds * 1_000_000);
        let next = |now| policy.next_send(at(5), at(now));
        assert_eq!([5, 6, 8, 12, 15].map(next), [6, 8, 12, 15, 15].map(at));
        // After the time is over, at once.
        assert_eq!(next(20), at(20));
    }
}
