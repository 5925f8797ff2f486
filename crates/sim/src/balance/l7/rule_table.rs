//! The rules at work: from a request to the decision about it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::request_head::RequestHead;
use super::rules::{AddedHeader, RouteAction, Rule, SplitWeight};
use super::token_bucket::{RateLimit, TokenBucket};
use crate::rng::{Purpose, Rng, below, stream};
use crate::time::SimTime;

/// The most addresses whose buckets one rule keeps; the one idle the longest is dropped.
const MAX_BUCKETS: usize = 10_000;

/// What a rule decides to do with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteVerdict {
    /// Send it to the pool at this position.
    Pool(usize),
    /// Answer it at the balancer itself.
    Answer,
    /// Reject it, for this reason.
    Deny(DenyReason),
}

/// The reason why a rule rejects a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DenyReason {
    /// Status 401: it has no login.
    Unauthorized,
    /// Status 403: the firewall rule matches it.
    Forbidden,
    /// Status 429: its client sends too much.
    TooMany,
}

impl DenyReason {
    /// The HTTP status that the client gets.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::TooMany => 429,
        }
    }
}

/// The decision of the rules about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteDecision {
    /// What to do with the request.
    pub verdict: RouteVerdict,
    /// The position of the deciding rule; `None` if none did and it goes to the first pool.
    pub rule: Option<usize>,
    /// The headers added, as a set of [`AddedHeader::bit`].
    pub injected: u8,
    /// Whether the connection may be upgraded to another protocol.
    pub upgrades: bool,
}

impl RouteDecision {
    /// The decision where there are no rules.
    pub const FIRST_POOL: Self = Self {
        verdict: RouteVerdict::Pool(0),
        rule: None,
        injected: 0,
        upgrades: false,
    };

    /// Whether the header was added.
    #[must_use]
    pub const fn injects(&self, header: AddedHeader) -> bool {
        self.injected & header.bit() != 0
    }
}

/// The counts of one rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleCounts {
    /// Requests that reached the rule and fulfilled its conditions.
    pub matched: u64,
    /// Requests that the rule rejected.
    pub denied: u64,
}

/// By the old position of a rule: its new one, `None` if it was removed.
pub type RuleMoves = Vec<Option<usize>>;

/// The rules of one balancer with their state.
#[derive(Clone, Debug)]
pub struct RuleTable {
    rules: Vec<Rule>,
    /// The pools' names, in order: a rule's target is an index in this list.
    pools: Vec<String>,
    counts: Vec<RuleCounts>,
    /// The token buckets, by rule and address.
    buckets: BTreeMap<(usize, IpAddr), TokenBucket>,
    rng: Rng,
}

impl RuleTable {
    /// The rules of a scenario. `index`: the number of the balancer, as each draws its own random numbers.
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

    /// Applies the rules to a request, in order.
    pub fn decide(
        &mut self,
        now: SimTime,
        source: IpAddr,
        letter: &RequestHead<'_>,
    ) -> RouteDecision {
        let mut decision = RouteDecision::FIRST_POOL;
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
                        decision.injected |= header.bit();
                    }
                    None
                }
                RouteAction::Upgrade => {
                    decision.upgrades = true;
                    None
                }
            };
            if let Some(verdict) = verdict {
                if matches!(verdict, RouteVerdict::Deny(_)) {
                    self.counts[place].denied += 1;
                }
                decision.verdict = verdict;
                decision.rule = Some(place);
                return decision;
            }
        }
        decision
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

    /// Inserts a rule at a position; returns the new position of each rule.
    pub fn insert(&mut self, place: usize, rule: &Rule) -> RuleMoves {
        let moves: RuleMoves = (0..self.rules.len())
            .map(|old| Some(old + usize::from(old >= place)))
            .collect();
        self.rules.insert(place, rule.clone());
        self.renumber(&moves);
        moves
    }

    /// Replaces the rule at a position: its counts start anew.
    pub fn replace(&mut self, place: usize, rule: &Rule) -> RuleMoves {
        let moves: RuleMoves = (0..self.rules.len())
            .map(|old| (old != place).then_some(old))
            .collect();
        self.rules[place] = rule.clone();
        self.renumber(&moves);
        moves
    }

    /// Removes the rule at a position.
    pub fn remove(&mut self, place: usize) -> RuleMoves {
        let moves: RuleMoves = (0..self.rules.len())
            .map(|old| (old != place).then_some(old - usize::from(old > place)))
            .collect();
        self.rules.remove(place);
        self.renumber(&moves);
        moves
    }

    /// Moves a rule to another position.
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

    /// Moves the state of the rules to their new positions.
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

    /// Fills every bucket again.
    pub fn forget(&mut self) {
        self.buckets.clear();
    }

    /// Turns a rule on or off.
    pub fn switch(&mut self, place: usize, on: bool) {
        if let Some(rule) = self.rules.get_mut(place) {
            rule.on = on;
        }
    }

    /// Changes the limit of a rule. Buckets keep their tokens, up to the new size.
    pub fn set_limit(&mut self, place: usize, limit: RateLimit) {
        if let Some(RouteAction::Limit(old)) = self.rules.get_mut(place).map(|rule| &mut rule.then)
        {
            *old = limit;
        }
    }

    /// Changes a split between two pools: the first side gets `percent` of 100.
    pub fn set_split(&mut self, place: usize, percent: u32) {
        if let Some(RouteAction::Split(parts)) =
            self.rules.get_mut(place).map(|rule| &mut rule.then)
            && let [first, second] = parts.as_mut_slice()
        {
            first.share = percent;
            second.share = 100 - percent;
        }
    }

    /// The present rules, in order.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The counts of the rule at a position.
    #[must_use]
    pub fn counts(&self, place: usize) -> RuleCounts {
        self.counts.get(place).copied().unwrap_or_default()
    }

    /// The tokens an address has left under the rule at a position; `None` if it has sent nothing.
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

/// The index of a pool. The scenario was validated, so it exists.
fn place_of(pools: &[String], name: &str) -> usize {
    pools.iter().position(|pool| pool == name).unwrap_or(0)
}

/// Draws one side of a split by its share.
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
