//! A resolver's cache: it answers from memory until the answer's time is up.
//!
//! A farm of resolvers behind one address has several caches that know nothing of each other. Some
//! resolvers keep answers for longer than they were told; a TTL of 0 is not kept at all (RFC 1035,
//! 3.2.1).

use std::collections::BTreeMap;

use crate::ids::{ClientId, SiteId};
use crate::time::{SimTime, Span};

/// Whom an answer is for: everybody, or the network of one client where that was passed on
/// (RFC 7871).
pub type Scope = Option<ClientId>;

/// An answer: a site, and which of its addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The site.
    pub site: SiteId,
    /// One bit for each of the site's addresses, in its order.
    pub gates: u8,
}

/// One cache.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    entries: BTreeMap<Scope, (Answer, SimTime)>,
}

impl Cache {
    /// What it still remembers.
    #[must_use]
    pub fn get(&self, now: SimTime, scope: Scope) -> Option<Answer> {
        let (answer, until) = self.entries.get(&scope)?;
        (now < *until).then_some(*answer)
    }

    /// Remembers an answer until `until`.
    pub fn put(&mut self, scope: Scope, answer: Answer, until: SimTime) {
        self.entries.insert(scope, (answer, until));
    }

    /// When an answer's time is up; `None` where there is none.
    #[must_use]
    pub fn expires(&self, scope: Scope) -> Option<SimTime> {
        Some(self.entries.get(&scope)?.1)
    }
}

/// How long an answer is kept by a resolver that keeps everything at least for `keep`.
#[must_use]
pub fn kept(ttl: Span, keep: Span) -> Span {
    ttl.max(keep)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_kept_until_its_time_is_up_for_its_own_scope() {
        let answer = Answer {
            site: SiteId(2),
            gates: 1,
        };
        let mut cache = Cache::default();
        let at = SimTime::from_us;
        cache.put(None, answer, at(100));
        assert_eq!(cache.get(at(99), None), Some(answer));
        assert_eq!(cache.get(at(100), None), None);
        assert_eq!(cache.get(at(1), Some(ClientId(0))), None);
    }

    #[test]
    fn a_ttl_of_nought_is_not_kept_unless_the_resolver_overstays() {
        assert_eq!(kept(Span::ZERO, Span::ZERO), Span::ZERO);
        assert_eq!(kept(Span::ZERO, Span::from_secs(60)), Span::from_secs(60));
        assert_eq!(
            kept(Span::from_secs(90), Span::from_secs(60)),
            Span::from_secs(90)
        );
    }
}
