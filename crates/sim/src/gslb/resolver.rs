//! The resolver cache (DNS cache): a resolver answers from memory until an answer's time to live (TTL) is over.
//!
//! A farm of resolvers behind one address has several independent caches. Some resolvers keep answers for longer than
//! they were told; an answer with TTL 0 is not kept at all (RFC 1035, 3.2.1).

use std::collections::BTreeMap;

use crate::ids::{ClientId, SiteId};
use crate::time::{SimDuration, SimTime};

/// The scope of an answer: all users (`None`), or the network of one client if the resolver passed that on (RFC 7871).
pub type EcsScope = Option<ClientId>;

/// A DNS answer: a site, and some of its addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DnsAnswer {
    /// The site of the addresses.
    pub site: SiteId,
    /// The addresses, one bit for each of the site's, in its order.
    pub vips: u8,
}

/// One cache of a resolver.
#[derive(Clone, Debug, Default)]
pub struct DnsCache {
    entries: BTreeMap<EcsScope, (DnsAnswer, SimTime)>,
}

impl DnsCache {
    /// The answer in the cache; `None` if there is none or it has expired.
    #[must_use]
    pub fn get(&self, now: SimTime, scope: EcsScope) -> Option<DnsAnswer> {
        let (answer, until) = self.entries.get(&scope)?;
        (now < *until).then_some(*answer)
    }

    /// Keeps an answer until `until`.
    pub fn put(&mut self, scope: EcsScope, answer: DnsAnswer, until: SimTime) {
        self.entries.insert(scope, (answer, until));
    }

    /// When an answer expires; `None` if there is none.
    #[must_use]
    pub fn expires(&self, scope: EcsScope) -> Option<SimTime> {
        Some(self.entries.get(&scope)?.1)
    }
}

/// How long a resolver keeps an answer if it keeps every answer for at least `keep`.
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
