//! The rules at work: a request in, what is to become of it out.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::request_head::RequestHead;
use super::rules::{AddedHeader, RouteAction, Rule, SplitWeight};
use super::token_bucket::{RateLimit, TokenBucket};
use crate::rng::{Purpose, Rng, below, stream};
use crate::time::SimTime;

/// Addresses whose buckets one rule remembers; the one that has been quiet longest is forgotten.
const MAX_BUCKETS: usize = 10_000;

/// What is to become of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteVerdict {
    /// It goes to the pool at this place.
    Pool(usize),
    /// The balancer answers it itself.
    Answer,
    /// It is turned away.
    Deny(DenyReason),
}

/// Why a rule turns a request away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DenyReason {
    /// 401: it has no login.
    Unauthorized,
    /// 403: the firewall knows it.
    Forbidden,
    /// 429: its client sends too much.
    TooMany,
}

impl DenyReason {
    /// The status that the client gets.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::TooMany => 429,
        }
    }
}

/// What the rules said of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteDecision {
    /// What becomes of it.
    pub verdict: RouteVerdict,
    /// The place of the rule that decided; `None` where none did and it goes to the first pool.
    pub rule: Option<usize>,
    /// The headers added, by [`Injected::bit`].
    pub injected: u8,
    /// Whether the connection may change to another protocol.
    pub upgrades: bool,
}

impl RouteDecision {
    /// What holds where there are no rules.
    pub const FIRST_POOL: Self = Self {
        verdict: RouteVerdict::Pool(0),
        rule: None,
        injected: 0,
        upgrades: false,
    };

    /// Whether a header was added.
    #[must_use]
    pub const fn injects(&self, header: AddedHeader) -> bool {
        self.injected & header.bit() != 0
    }
}

/// How often a rule had something to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleCounts {
    /// Requests it was for and that reached it.
    pub matched: u64,
    /// Requests it turned away.
    pub denied: u64,
}

/// By the old place of a rule: its new one, `None` for one that is gone.
pub type RuleMoves = Vec<Option<usize>>;

/// The rules of one balancer with what they remember.
#[derive(Clone, Debug)]
pub struct RuleTable {
    rules: Vec<Rule>,
    /// The pools' names, in order: a rule's target is a place in it.
    pools: Vec<String>,
    counts: Vec<RuleCounts>,
    /// By rule and address.
    buckets: BTreeMap<(usize, IpAddr), TokenBucket>,
    rng: Rng,
}

impl RuleTable {
    /// The rules of a scenario. `index`: which balancer's, since each draws its own lots.
    #[must_use]
    pub fn new(rules: &[Rule], pools: &[String], seed: u64, index: u64) -> Self {
        Self {
            rules: rules.to_vec(),
            pools: pools.to_vec(),
            counts: vec![RuleCounts::default(); rules.len()],
            buckets: BTreeMap::new(),
            rng: stream(seed, Purpose::Split, index),
        }
    }

    /// Walks the rules.
    pub fn decide(
        &mut self,
        now: SimTime,
        source: IpAddr,
        letter: &RequestHead<'_>,
    ) -> RouteDecision {
        let mut ruling = RouteDecision::FIRST_POOL;
        for place in 0..self.rules.len() {
            let rule = &self.rules[place];
            if !rule.on || !letter.matches(&rule.when) {
                continue;
            }
            self.counts[place].matched += 1;
            let verdict = match &rule.then {
                RouteAction::Pool(name) => Some(RouteVerdict::Pool(place_of(&self.pools, name))),
                RouteAction::Split(parts) => {
                    let part = lot(&mut self.rng, parts);
                    Some(RouteVerdict::Pool(place_of(&self.pools, part)))
                }
                RouteAction::Static => Some(RouteVerdict::Answer),
                RouteAction::Block => Some(RouteVerdict::Deny(DenyReason::Forbidden)),
                RouteAction::Auth(header) => {
                    let has = letter
                        .headers
                        .iter()
                        .any(|(name, _)| name.eq_ignore_ascii_case(header));
                    (!has).then_some(RouteVerdict::Deny(DenyReason::Unauthorized))
                }
                RouteAction::Limit(limit) => {
                    let limit = *limit;
                    let allowed = self.take_token(place, source, &limit, now);
                    (!allowed).then_some(RouteVerdict::Deny(DenyReason::TooMany))
                }
                RouteAction::Inject(headers) => {
                    for header in headers {
                        ruling.injected |= header.bit();
                    }
                    None
                }
                RouteAction::Upgrade => {
                    ruling.upgrades = true;
                    None
                }
            };
            if let Some(verdict) = verdict {
                if matches!(verdict, RouteVerdict::Deny(_)) {
                    self.counts[place].denied += 1;
                }
                ruling.verdict = verdict;
                ruling.rule = Some(place);
                return ruling;
            }
        }
        ruling
    }

    fn take_token(&mut self, rule: usize, source: IpAddr, limit: &RateLimit, now: SimTime) -> bool {
        let full = self.buckets.len() >= MAX_BUCKETS;
        if full && !self.buckets.contains_key(&(rule, source)) {
            // A bucket that is full again says no more than one that is not there.
            let rules = &self.rules;
            self.buckets
                .retain(|(rule, _), bucket| match &rules[*rule].then {
                    RouteAction::Limit(limit) => bucket.tokens(limit, now) < limit.burst,
                    _ => false,
                });
        }
        self.buckets
            .entry((rule, source))
            .or_insert_with(|| TokenBucket::full(limit, now))
            .take(limit, now)
    }

    /// One more rule at a place. Gives where the rule of each old place stands now.
    pub fn insert(&mut self, place: usize, rule: &Rule) -> RuleMoves {
        let moves: RuleMoves = (0..self.rules.len())
            .map(|old| Some(old + usize::from(old >= place)))
            .collect();
        self.rules.insert(place, rule.clone());
        self.renumber(&moves);
        moves
    }

    /// Another rule at a place: it has counted nothing yet.
    pub fn replace(&mut self, place: usize, rule: &Rule) -> RuleMoves {
        let moves: RuleMoves = (0..self.rules.len())
            .map(|old| (old != place).then_some(old))
            .collect();
        self.rules[place] = rule.clone();
        self.renumber(&moves);
        moves
    }

    /// Takes a rule away.
    pub fn remove(&mut self, place: usize) -> RuleMoves {
        let moves: RuleMoves = (0..self.rules.len())
            .map(|old| (old != place).then_some(old - usize::from(old > place)))
            .collect();
        self.rules.remove(place);
        self.renumber(&moves);
        moves
    }

    /// Puts a rule to another place.
    pub fn relocate(&mut self, from: usize, to: usize) -> RuleMoves {
        let mut order: Vec<usize> = (0..self.rules.len()).collect();
        let moved = order.remove(from);
        order.insert(to, moved);
        let rule = self.rules.remove(from);
        self.rules.insert(to, rule);
        let now = |old: usize| order.iter().position(|one| *one == old);
        let moves: RuleMoves = (0..order.len()).map(now).collect();
        self.renumber(&moves);
        moves
    }

    /// What the rules remember goes where they went.
    fn renumber(&mut self, moves: &RuleMoves) {
        let mut counts = vec![RuleCounts::default(); self.rules.len()];
        for (old, new) in moves.iter().enumerate() {
            if let Some(new) = new {
                counts[*new] = self.counts[old];
            }
        }
        self.counts = counts;
        let buckets = std::mem::take(&mut self.buckets);
        let kept = buckets
            .into_iter()
            .filter_map(|((old, source), bucket)| Some(((moves[old]?, source), bucket)));
        self.buckets = kept.collect();
    }

    /// Every bucket is full again.
    pub fn forget(&mut self) {
        self.buckets.clear();
    }

    /// Puts a rule in or out of force.
    pub fn switch(&mut self, place: usize, on: bool) {
        if let Some(rule) = self.rules.get_mut(place) {
            rule.on = on;
        }
    }

    /// Changes how much a rule lets through. Buckets keep what they hold, up to their new size.
    pub fn set_limit(&mut self, place: usize, limit: RateLimit) {
        if let Some(RouteAction::Limit(old)) = self.rules.get_mut(place).map(|rule| &mut rule.then)
        {
            *old = limit;
        }
    }

    /// Changes a split of two: the first part gets `percent` of 100.
    pub fn set_split(&mut self, place: usize, percent: u32) {
        if let Some(RouteAction::Split(parts)) =
            self.rules.get_mut(place).map(|rule| &mut rule.then)
            && let [first, second] = parts.as_mut_slice()
        {
            first.share = percent;
            second.share = 100 - percent;
        }
    }

    /// The rules in order, as they are now.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// How often the rule at a place had something to do.
    #[must_use]
    pub fn counts(&self, place: usize) -> RuleCounts {
        self.counts.get(place).copied().unwrap_or_default()
    }

    /// The tokens an address has left under the rule at a place; `None` where it has sent nothing.
    #[must_use]
    pub fn tokens(&self, place: usize, source: IpAddr, now: SimTime) -> Option<u32> {
        match &self.rules.get(place)?.then {
            RouteAction::Limit(limit) => {
                let bucket = self.buckets.get(&(place, source))?;
                Some(bucket.tokens(limit, now))
            }
            _ => None,
        }
    }
}

/// The place of a pool. The scenario was checked, so it is there.
fn place_of(pools: &[String], name: &str) -> usize {
    pools.iter().position(|pool| pool == name).unwrap_or(0)
}

/// Draws one part by its share.
fn lot<'a>(rng: &mut Rng, parts: &'a [SplitWeight]) -> &'a str {
    let total: u32 = parts.iter().map(|part| part.share).sum();
    let mut at = below(rng, total);
    for part in parts {
        if at < part.share {
            return &part.pool;
        }
        at -= part.share;
    }
    parts.first().map_or("", |part| part.pool.as_str())
}

#[cfg(test)]
mod tests;
