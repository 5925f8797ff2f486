//! The authority for the scene's name: the site that it answers with.
//!
//! It sees where the query comes from (the resolver, or the user's network if the resolver passes it on, RFC 7871),
//! the results of its own checks of each address, and its policy.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::health::active::{ActiveCheck, ActiveConfig, CheckTransition};
use crate::ids::{SiteId, VipId};
use crate::rng::{Rng, below};
use crate::time::SimDuration;

/// How the authority chooses among the sites that its checks find healthy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GeoDnsPolicy {
    /// # The nearest
    ///
    /// The site with the shortest distance.
    #[default]
    Nearest,
    /// # The lowest measured delay
    ///
    /// The site with the lowest latency, as measured.
    LowestLatency,
    /// # At random, by weight
    ///
    /// A random site, in proportion to the weights.
    Weighted,
    /// # The first in the list
    ///
    /// The first healthy site in the list.
    Failover,
    /// # Each in turn
    ///
    /// Each site in turn.
    RoundRobin,
}

/// All policies, in the order of the page.
pub const POLICIES: [GeoDnsPolicy; 5] = [
    GeoDnsPolicy::Nearest,
    GeoDnsPolicy::LowestLatency,
    GeoDnsPolicy::Weighted,
    GeoDnsPolicy::Failover,
    GeoDnsPolicy::RoundRobin,
];

/// A site, as seen from where a query comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// The identity of the site.
    pub site: SiteId,
    /// The distance in kilometres.
    pub km: f64,
    /// The measured latency, one way.
    pub delay: SimDuration,
    /// The weight of the site.
    pub weight: u32,
}

/// The authority for a name.
#[derive(Clone, Debug)]
pub struct Zone {
    /// The GeoDNS policy of the authority.
    pub policy: GeoDnsPolicy,
    /// The number of queries so far.
    asked: u64,
    config: Option<ActiveConfig>,
    /// By virtual IP: the authority's own check of it.
    checks: Vec<ActiveCheck>,
    rng: Rng,
}

impl Zone {
    /// An authority for this many addresses. Without checks it takes all of them for healthy.
    #[must_use]
    pub fn new(policy: GeoDnsPolicy, config: Option<ActiveConfig>, vips: usize, rng: Rng) -> Self {
        let check = ActiveCheck::new(&config.unwrap_or_default());
        Self {
            policy,
            asked: 0,
            config,
            checks: vec![check; vips],
            rng,
        }
    }

    /// The settings of its checks; `None` if it does not check.
    #[must_use]
    pub const fn config(&self) -> Option<&ActiveConfig> {
        self.config.as_ref()
    }

    /// Whether its checks find an address healthy.
    #[must_use]
    pub fn is_up(&self, vip: VipId) -> bool {
        self.checks[vip.index()].is_up()
    }

    /// Records the result of a check of an address.
    pub fn on_check(&mut self, vip: VipId, pass: bool) -> Option<CheckTransition> {
        self.checks[vip.index()].on_result(pass)
    }

    /// The time from the end of an address's check to the next; `None` without checks.
    #[must_use]
    pub fn check_delay(&self, vip: VipId) -> Option<SimDuration> {
        Some(self.checks[vip.index()].next_delay(self.config.as_ref()?))
    }

    /// The candidate to answer with; `None` if there are none.
    pub fn answer(&mut self, candidates: &[Candidate]) -> Option<SiteId> {
        self.asked += 1;
        choose(self.policy, candidates, self.asked - 1, &mut self.rng)
    }
}

/// The choice among candidates. Ties go to the first.
fn choose(policy: GeoDnsPolicy, among: &[Candidate], turn: u64, rng: &mut Rng) -> Option<SiteId> {
    let first = among.first()?;
    let chosen = match policy {
        GeoDnsPolicy::Nearest => least(among, |a, b| a.km < b.km),
        GeoDnsPolicy::LowestLatency => least(among, |a, b| a.delay < b.delay),
        GeoDnsPolicy::Failover => first,
        GeoDnsPolicy::RoundRobin => &among[(turn % among.len() as u64) as usize],
        GeoDnsPolicy::Weighted => {
            let total = among.iter().map(|one| one.weight).sum();
            let mut at = below(rng, total);
            let hit = |one: &&Candidate| {
                let inside = at < one.weight;
                at = at.wrapping_sub(if inside { 0 } else { one.weight });
                inside
            };
            among.iter().find(hit).unwrap_or(first)
        }
    };
    Some(chosen.site)
}

fn least(among: &[Candidate], less: impl Fn(&Candidate, &Candidate) -> bool) -> &Candidate {
    let pick = |best, one| if less(one, best) { one } else { best };
    among[1..].iter().fold(&among[0], pick)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, stream};

    fn candidates() -> Vec<Candidate> {
        let row = [(900.0, 9, 1), (400.0, 8, 3), (500.0, 4, 0)];
        let make = |(site, (km, ms, weight)): (usize, (f64, u64, u32))| Candidate {
            site: SiteId(site as u32),
            km,
            delay: SimDuration::from_ms(ms),
            weight,
        };
        row.into_iter().enumerate().map(make).collect()
    }

    fn picks(policy: GeoDnsPolicy, count: usize) -> Vec<u32> {
        let mut zone = Zone::new(policy, None, 3, stream(1, Purpose::Dns, 0));
        let all = candidates();
        let pick = |_| zone.answer(&all).expect("there are some").0;
        (0..count).map(pick).collect()
    }

    #[test]
    fn each_policy_has_its_choice() {
        assert_eq!(picks(GeoDnsPolicy::Nearest, 1), [1]);
        assert_eq!(picks(GeoDnsPolicy::LowestLatency, 1), [2]);
        assert_eq!(picks(GeoDnsPolicy::Failover, 1), [0]);
        assert_eq!(picks(GeoDnsPolicy::RoundRobin, 4), [0, 1, 2, 0]);
    }

    #[test]
    fn weights_are_shares_and_weight_nought_gets_nothing() {
        let picks = picks(GeoDnsPolicy::Weighted, 40_000);
        let share = |site| picks.iter().filter(|one| **one == site).count();
        // Five standard deviations of a binomial with p = 3/4.
        assert!(share(1).abs_diff(30_000) < 433, "{}", share(1));
        assert_eq!(share(2), 0);
    }

    #[test]
    fn without_candidates_there_is_no_answer() {
        let mut zone = Zone::new(GeoDnsPolicy::Weighted, None, 0, stream(1, Purpose::Dns, 0));
        assert_eq!(zone.answer(&[]), None);
    }
}
