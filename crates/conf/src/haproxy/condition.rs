//! Conditions of HAProxy: `if { path_beg /pay } is_post or !has_login`.

use super::limits::{TableRate, rate_of};
use crate::conditions::both;
use evenkeel_sim::balance::l7::rules::{HeaderMatch, RouteMatch};
use evenkeel_sim::scenario::limits::MAX_TEXT;

/// A condition in disjunctive normal form: it holds if one of these matches.
pub type AclDnf = Vec<RouteMatch>;

/// The most named conditions that are kept.
const MAX_NAMES: usize = 1_000;
/// The most alternatives that are kept of a condition.
const MAX_ALTERNATIVES: usize = 64;

/// The test of a named condition.
#[derive(Clone, Debug)]
pub enum AclTest {
    /// One of these matches.
    Matches(AclDnf),
    /// A request rate of the client.
    Rate(TableRate),
    /// Whether a random number of the request is below a bound: the variable, and the bound.
    Below(String, u64),
    /// A test that no rule of the scene can have.
    TooMuch,
}

/// The conditions that have names.
#[derive(Clone, Debug, Default)]
pub struct AclNames(Vec<(String, AclTest)>);

/// A condition in its parts.
#[derive(Clone, Debug, Default)]
pub struct AclCondition {
    /// The alternatives for the request, one of which must match.
    pub alternatives: AclDnf,
    /// A header that must be missing.
    pub missing: Option<String>,
    /// A request rate of the client.
    pub rate: Option<TableRate>,
    /// A random number of the request that must be below a bound: the variable, and the bound.
    pub below: Option<(String, u64)>,
}

impl AclCondition {
    /// A condition that holds for all requests.
    pub fn always() -> Self {
        Self {
            alternatives: vec![RouteMatch::default()],
            ..Self::default()
        }
    }

    /// The alternatives, if the condition has no other part.
    pub fn plain(self) -> Option<AclDnf> {
        let plain = self.missing.is_none() && self.rate.is_none() && self.below.is_none();
        plain.then_some(self.alternatives)
    }

    fn and(&mut self, test: &AclTest) -> Option<()> {
        match test {
            AclTest::Matches(alternatives) => {
                self.alternatives = all_of(&self.alternatives, alternatives)?;
            }
            AclTest::Rate(rate) => self.rate = once(self.rate.as_ref(), rate)?,
            AclTest::Below(name, bound) => {
                self.below = once(self.below.as_ref(), &(name.clone(), *bound))?;
            }
            AclTest::TooMuch => return None,
        }
        Some(())
    }
}

/// A second test of the same kind is one too many.
fn once<T: Clone>(own: Option<&T>, new: &T) -> Option<Option<T>> {
    own.is_none().then(|| Some(new.clone()))
}

impl AclNames {
    /// Adds a named condition; several lines of one name are alternatives. `false` if the scene has no such test.
    pub fn add(&mut self, name: &str, words: &[&str]) -> bool {
        let test = test_of(words);
        let good = !matches!(test, AclTest::TooMuch);
        let room = self.0.len() < MAX_NAMES;
        match self.0.iter_mut().find(|(own, _)| own == name) {
            Some((_, own)) => match (own, test) {
                (AclTest::Matches(own), AclTest::Matches(more)) if own.len() < MAX_ALTERNATIVES => {
                    own.extend(more);
                }
                (own, _) => *own = AclTest::TooMuch,
            },
            None if room => self.0.push((name.to_owned(), test)),
            None => return false,
        }
        good
    }

    fn named(&self, name: &str) -> AclTest {
        match name {
            "METH_GET" => AclTest::Matches(vec![method("GET")]),
            "METH_POST" => AclTest::Matches(vec![method("POST")]),
            "TRUE" => AclTest::Matches(vec![RouteMatch::default()]),
            _ => {
                let found = self.0.iter().find(|(own, _)| own == name);
                found.map_or(AclTest::TooMuch, |(_, test)| test.clone())
            }
        }
    }

    /// The condition after `if` or `unless`, or of no words; `None` if the scene has no such rule.
    pub fn condition(&self, words: &[&str]) -> Option<AclCondition> {
        match words {
            [] => Some(AclCondition::always()),
            ["if", words @ ..] => self.alternatives(words),
            ["unless", words @ ..] => {
                let mut only = AclCondition::always();
                self.negated(words, &mut only)?;
                Some(only)
            }
            _ => None,
        }
    }

    /// Names and `{ tests }`, all of which must hold, with `or` between alternatives.
    fn alternatives(&self, words: &[&str]) -> Option<AclCondition> {
        let mut whole: Option<AclCondition> = None;
        for part in words.split(|word| matches!(*word, "or" | "||")) {
            let mut one = AclCondition::always();
            let mut rest = part;
            while let Some((first, more)) = rest.split_first() {
                let length = test_length(rest);
                if first.starts_with('!') {
                    self.negated(&rest[..length], &mut one)?;
                } else {
                    one.and(&self.test(&rest[..length]))?;
                }
                rest = more.get(length - 1..).unwrap_or_default();
            }
            match &mut whole {
                None => whole = Some(one),
                // Only what a request looks like can have alternatives.
                Some(whole) => {
                    let both_plain = whole.clone().plain().zip(one.plain());
                    let (_, more) = both_plain?;
                    whole.alternatives.extend(more);
                }
            }
        }
        whole.filter(|whole| (1..=MAX_ALTERNATIVES).contains(&whole.alternatives.len()))
    }

    /// A test in braces, or a name.
    fn test(&self, words: &[&str]) -> AclTest {
        match words {
            ["{", inside @ .., "}"] => test_of(inside),
            [name] => self.named(name),
            _ => AclTest::TooMuch,
        }
    }

    /// Adds a negated test: a header that is there, or a login.
    fn negated(&self, words: &[&str], one: &mut AclCondition) -> Option<()> {
        let mut words = words.to_vec();
        let first = words.first_mut()?;
        *first = first.trim_start_matches('!');
        words.retain(|word| !word.is_empty());
        let is_login = matches!(words.as_slice(), ["{", fetch, "}"] if is_login(fetch));
        let header = if is_login {
            "authorization".to_owned()
        } else {
            match self.test(&words) {
                AclTest::Matches(alternatives) => match alternatives.as_slice() {
                    [
                        RouteMatch {
                            header: Some(pair), ..
                        },
                    ] if pair.value.is_none() => pair.name.clone(),
                    _ => return None,
                },
                _ => return None,
            }
        };
        one.missing = once(one.missing.as_ref(), &header)?;
        Some(())
    }
}

/// `http_auth(users)`: whether the client has a login.
fn is_login(fetch: &str) -> bool {
    ["http_auth(", "http_auth_group("]
        .iter()
        .any(|name| fetch.starts_with(name))
}

/// The number of words of the first test.
fn test_length(words: &[&str]) -> usize {
    let begins = match words {
        ["{" | "!{", ..] => true,
        ["!", "{", ..] => true,
        ["!", _, ..] => return 2,
        _ => return 1,
    };
    let end = words.iter().position(|word| *word == "}");
    end.filter(|_| begins).map_or(words.len(), |end| end + 1)
}

fn method(name: &str) -> RouteMatch {
    RouteMatch {
        method: Some(name.to_owned()),
        ..RouteMatch::default()
    }
}

/// The test of an `acl`, or between braces.
fn test_of(words: &[&str]) -> AclTest {
    if let Some(rate) = rate_of(words) {
        return AclTest::Rate(rate);
    }
    if let ["rand(100)", "lt", bound] = words {
        let bound = bound.parse().ok();
        return bound.map_or(AclTest::TooMuch, |bound| {
            AclTest::Below("rand(100)".to_owned(), bound)
        });
    }
    if let [fetch, "-m", "int", "lt", bound] = words
        && let Some(name) = fetch
            .strip_prefix("var(")
            .and_then(|rest| rest.strip_suffix(')'))
    {
        let bound = bound.parse().ok();
        return bound.map_or(AclTest::TooMuch, |bound| {
            AclTest::Below(name.to_owned(), bound)
        });
    }
    matches_of(words).map_or(AclTest::TooMuch, AclTest::Matches)
}

/// The match of a test: its subject, its flags, and its values, one of which must fit.
fn matches_of(words: &[&str]) -> Option<AclDnf> {
    let (fetch, rest) = words.split_first()?;
    let (name, argument) = match fetch.split_once('(') {
        Some((name, rest)) => (name, Some(rest.strip_suffix(')')?)),
        None => (*fetch, None),
    };
    let mut found = false;
    let mut begins = name.ends_with("_beg");
    let mut within = name.ends_with("_sub");
    let mut values = Vec::new();
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        match *word {
            "-i" | "--" => {}
            "-m" => match *words.next()? {
                "beg" => begins = true,
                "sub" => within = true,
                "found" => found = true,
                "str" => {}
                _ => return None,
            },
            flag if flag.starts_with('-') => return None,
            value if value.chars().count() <= MAX_TEXT => values.push(value.to_owned()),
            _ => return None,
        }
    }
    let kind = name
        .trim_start_matches("req.")
        .trim_end_matches("_beg")
        .trim_end_matches("_sub");
    let pair = |value: Option<&String>| HeaderMatch {
        name: argument.unwrap_or_default().to_owned(),
        value: value.cloned(),
    };
    let is_host = argument.is_some_and(|one| one.eq_ignore_ascii_case("host"));
    if found && matches!(kind, "hdr" | "cook") {
        values = vec![String::new()];
    }
    let way = |value: &String| {
        let mut when = RouteMatch::default();
        let text = Some(value.clone());
        match kind {
            "path" | "url" if begins => when.path = text,
            "path" | "url" if within => when.contains = text,
            "method" => when.method = text,
            "hdr" if is_host && !begins && !within && !found => when.host = text,
            "hdr" if !begins && !within => when.header = Some(pair(Some(value).filter(|_| !found))),
            "cook" if !begins && !within => {
                when.cookie = Some(pair(Some(value).filter(|_| !found)));
            }
            _ => return None,
        }
        Some(when)
    };
    let alternatives: Option<AclDnf> = values.iter().map(way).collect();
    alternatives.filter(|alternatives| !alternatives.is_empty())
}

/// All combinations of two conditions that must both hold; `None` if two tests have the same subject.
fn all_of(ones: &AclDnf, others: &AclDnf) -> Option<AclDnf> {
    let pairs = ones
        .iter()
        .flat_map(|one| others.iter().map(move |other| (one, other)));
    let found: Option<AclDnf> = pairs.map(|(one, other)| both(one, other)).collect();
    found.filter(|found| found.len() <= MAX_ALTERNATIVES)
}
