//! What HAProxy does with which request before it picks: `acl`, `use_backend`, `http-request`.

use super::lex::{Line, Word};
use crate::conf::diagnostic::{Diagnostics, Message};
use crate::sim::balance::front::rules::{Action, INJECTED, Injected, Pair, Rule, When};
use crate::sim::scenario::limits::MAX_TEXT;

/// Several ways for one condition to hold.
type Ways = Vec<When>;

/// Where requests that meet a condition go.
#[derive(Clone, Debug)]
pub struct Use {
    /// The backend's name.
    pub backend: Word,
    /// When.
    pub ways: Ways,
}

/// The lines of a frontend that look at requests.
#[derive(Clone, Debug, Default)]
pub struct Front {
    acls: Vec<(String, Option<Ways>)>,
    /// `use_backend`, in order.
    pub uses: Vec<Use>,
    /// `http-request deny`
    pub denied: Ways,
    /// `http-request set-header`, `option forwardfor`
    pub inject: Vec<Injected>,
}

impl Front {
    /// Takes a line; `false` if it is none of these.
    pub fn take(&mut self, line: &Line, notes: &mut Diagnostics) -> bool {
        let texts = line.texts();
        match texts.as_slice() {
            ["acl", name, test @ ..] => {
                let ways = test_of(test);
                if ways.is_none() {
                    notes.say(line.span(), Message::Condition);
                }
                self.add_acl(name, ways);
            }
            ["use_backend", _] => self.add_use(line, vec![When::default()]),
            ["use_backend", _, "if", condition @ ..] => match self.ways(condition) {
                Some(ways) => self.add_use(line, ways),
                None => notes.say(line.span(), Message::Condition),
            },
            ["http-request", "deny", "if", condition @ ..] => match self.ways(condition) {
                Some(ways) => self.denied.extend(ways),
                None => notes.say(line.span(), Message::Condition),
            },
            ["option", "forwardfor", ..] => self.add_header(Injected::XForwardedFor),
            ["http-request", "set-header" | "add-header", name, ..] => {
                let found = INJECTED
                    .iter()
                    .find(|one| one.name().eq_ignore_ascii_case(name));
                let Some(found) = found else { return false };
                self.add_header(*found);
            }
            _ => return false,
        }
        true
    }

    /// Several lines of one name are several ways.
    fn add_acl(&mut self, name: &str, ways: Option<Ways>) {
        match (self.acls.iter_mut().find(|(own, _)| own == name), ways) {
            (Some((_, Some(own))), Some(ways)) => own.extend(ways),
            (Some((_, own)), _) => *own = None,
            (None, ways) => self.acls.push((name.to_owned(), ways)),
        }
    }

    fn add_use(&mut self, line: &Line, ways: Ways) {
        let backend = line.words[1].clone();
        self.uses.push(Use { backend, ways });
    }

    fn add_header(&mut self, header: Injected) {
        if !self.inject.contains(&header) {
            self.inject.push(header);
            self.inject.sort_unstable();
        }
    }

    /// A condition: names and `{ tests }`, all of which must hold, with `or` between alternatives.
    fn ways(&self, condition: &[&str]) -> Option<Ways> {
        let mut all = Vec::new();
        for part in condition.split(|word| matches!(*word, "or" | "||")) {
            let mut ways = vec![When::default()];
            let mut words = part.iter();
            while let Some(word) = words.next() {
                let more = if *word == "{" {
                    let inside: Vec<&str> = words
                        .by_ref()
                        .take_while(|word| **word != "}")
                        .copied()
                        .collect();
                    test_of(&inside)?
                } else {
                    self.named(word)?
                };
                ways = both(&ways, &more)?;
            }
            all.extend(ways);
        }
        (!all.is_empty() && all.len() <= 64).then_some(all)
    }

    fn named(&self, name: &str) -> Option<Ways> {
        match name {
            "METH_GET" => Some(vec![method("GET")]),
            "METH_POST" => Some(vec![method("POST")]),
            _ => self.acls.iter().find(|(own, _)| own == name)?.1.clone(),
        }
    }
}

fn method(name: &str) -> When {
    When {
        method: Some(name.to_owned()),
        ..When::default()
    }
}

/// A test: what is looked at, flags, and values of which one must be it.
fn test_of(words: &[&str]) -> Option<Ways> {
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
    let pair = |value: Option<&String>| Pair {
        name: argument.unwrap_or_default().to_owned(),
        value: value.cloned(),
    };
    let is_host = argument.is_some_and(|one| one.eq_ignore_ascii_case("host"));
    if found && matches!(kind, "hdr" | "cook") {
        values = vec![String::new()];
    }
    let way = |value: &String| {
        let mut when = When::default();
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
    let ways: Option<Ways> = values.iter().map(way).collect();
    ways.filter(|ways| !ways.is_empty())
}

/// Every way in which both hold; `None` where two tests look at the same thing.
fn both(ones: &Ways, others: &Ways) -> Option<Ways> {
    let pairs = ones
        .iter()
        .flat_map(|one| others.iter().map(move |other| (one, other)));
    pairs.map(|(one, other)| joined(one, other)).collect()
}

fn joined(one: &When, other: &When) -> Option<When> {
    fn either<T: Clone>(one: &Option<T>, other: &Option<T>) -> Option<Option<T>> {
        match (one, other) {
            (Some(_), Some(_)) => None,
            (Some(only), None) | (None, Some(only)) => Some(Some(only.clone())),
            (None, None) => Some(None),
        }
    }
    Some(When {
        path: either(&one.path, &other.path)?,
        contains: either(&one.contains, &other.contains)?,
        host: either(&one.host, &other.host)?,
        method: either(&one.method, &other.method)?,
        header: either(&one.header, &other.header)?,
        cookie: either(&one.cookie, &other.cookie)?,
    })
}

/// One rule for each way.
pub fn rules(ways: &Ways, then: &Action) -> Vec<Rule> {
    let rule = |when: &When| Rule {
        name: String::new(),
        when: when.clone(),
        then: then.clone(),
        on: true,
    };
    ways.iter().map(rule).collect()
}
