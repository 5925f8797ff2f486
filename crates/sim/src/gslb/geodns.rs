//! The authority for the scene's name: which site it answers with.
//!
//! It sees where the question comes from (the resolver, or the user's network where the resolver
//! passes that on, RFC 7871), what its own checks say of each address, and its policy.

use serde::{Deserialize, Serialize};

use crate::health::active::{ActiveCheck, ActiveConfig, CheckTransition};
use crate::ids::{SiteId, VipId};
use crate::rng::{Rng, below};
use crate::time::SimDuration;

/// How the authority chooses among the sites that its checks call healthy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GeoDnsPolicy {
    /// The one with the shortest way over the globe.
    #[default]
    Nearest,
    /// The one with the lowest delay, as measured.
    LowestLatency,
    /// At random, by weight.
    Weighted,
    /// The first in the list.
    Failover,
    /// Each in turn.
    RoundRobin,
}

/// Every policy in the order of the page.
pub const POLICIES: [GeoDnsPolicy; 5] = [
    GeoDnsPolicy::Nearest,
    GeoDnsPolicy::LowestLatency,
    GeoDnsPolicy::Weighted,
    GeoDnsPolicy::Failover,
    GeoDnsPolicy::RoundRobin,
];

/// What is to be known of a site, as seen from where a question comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Which site.
    pub site: SiteId,
    /// The way over the globe in kilometres.
    pub km: f64,
    /// The measured delay one way.
    pub delay: SimDuration,
    /// Its weight.
    pub weight: u32,
}

/// The authority.
#[derive(Clone, Debug)]
pub struct Zone {
    /// How it chooses.
    pub policy: GeoDnsPolicy,
    /// How often it was asked.
    asked: u64,
    config: Option<ActiveConfig>,
    /// By gate: what its own checks say of the address.
    checks: Vec<ActiveCheck>,
    rng: Rng,
}

impl Zone {
    /// An authority for this many addresses. Without checks it calls all of them healthy.
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

    /// The rules of its checks; `None` where it does not check.
    #[must_use]
    pub const fn config(&self) -> Option<&ActiveConfig> {
        self.config.as_ref()
    }

    /// Whether its checks call an address healthy.
    #[must_use]
    pub fn is_up(&self, vip: VipId) -> bool {
        self.checks[vip.index()].is_up()
    }

    /// A check of an address ended.
    pub fn on_check(&mut self, vip: VipId, pass: bool) -> Option<CheckTransition> {
        self.checks[vip.index()].on_result(pass)
    }

    /// From the end of an address's last check to its next; `None` without checks.
    #[must_use]
    pub fn check_delay(&self, vip: VipId) -> Option<SimDuration> {
        Some(self.checks[vip.index()].next_delay(self.config.as_ref()?))
    }

    /// Which of the candidates to answer with; `None` where there are none.
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
