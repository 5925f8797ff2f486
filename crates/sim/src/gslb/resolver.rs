//! A resolver's cache: it answers from memory until the answer's time is up.
//!
//! A farm of resolvers behind one address has several caches that know nothing of each other. Some
//! resolvers keep answers for longer than they were told; a TTL of 0 is not kept at all (RFC 1035,
//! 3.2.1).

use std::collections::BTreeMap;

use crate::ids::{ClientId, SiteId};
use crate::time::{SimDuration, SimTime};

/// Whom an answer is for: everybody, or the network of one client where that was passed on
/// (RFC 7871).
pub type EcsScope = Option<ClientId>;

/// An answer: a site, and which of its addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DnsAnswer {
    /// The site.
    pub site: SiteId,
    /// One bit for each of the site's addresses, in its order.
    pub vips: u8,
}

/// One cache.
#[derive(Clone, Debug, Default)]
pub struct DnsCache {
    entries: BTreeMap<EcsScope, (DnsAnswer, SimTime)>,
}

impl DnsCache {
    /// What it still remembers.
    #[must_use]
    pub fn get(&self, now: SimTime, scope: EcsScope) -> Option<DnsAnswer> {
        let (answer, until) = self.entries.get(&scope)?;
        (now < *until).then_some(*answer)
    }

    /// Remembers an answer until `until`.
    pub fn put(&mut self, scope: EcsScope, answer: DnsAnswer, until: SimTime) {
        self.entries.insert(scope, (answer, until));
    }

    /// When an answer's time is up; `None` where there is none.
    #[must_use]
    pub fn expires(&self, scope: EcsScope) -> Option<SimTime> {
        Some(self.entries.get(&scope)?.1)
    }
}

/// How long an answer is kept by a resolver that keeps everything at least for `keep`.
#[must_use]
pub fn kept(ttl: SimDuration, keep: SimDuration) -> SimDuration {
    ttl.max(keep)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_kept_until_its_time_is_up_for_its_own_scope() {
        let answer = DnsAnswer {
            site: SiteId(2),
            vips: 1,
        };
        let mut cache = DnsCache::default();
        let at = SimTime::from_us;
        cache.put(None, answer, at(100));
        assert_eq!(cache.get(at(99), None), Some(answer));
        assert_eq!(cache.get(at(100), None), None);
        assert_eq!(cache.get(at(1), Some(ClientId(0))), None);
    }

    #[test]
    fn a_ttl_of_nought_is_not_kept_unless_the_resolver_overstays() {
        assert_eq!(
            kept(SimDuration::ZERO, SimDuration::ZERO),
            SimDuration::ZERO
        );
        assert_eq!(
            kept(SimDuration::ZERO, SimDuration::from_secs(60)),
            SimDuration::from_secs(60)
        );
        assert_eq!(
            kept(SimDuration::from_secs(90), SimDuration::from_secs(60)),
            SimDuration::from_secs(90)
        );
    }
}
