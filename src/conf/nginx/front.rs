//! What nginx does with which request before it picks: locations, limits, headers.

use super::tree::Directive;
use super::values::number;
use crate::conf::diagnostic::{Diagnostics, Message};
use crate::conf::draft::Draft;
use crate::sim::balance::front::rules::{Action, INJECTED, Injected, Rule, When};
use crate::sim::balance::front::token_bucket::Limit;
use crate::sim::scenario::limits::{MAX_RULES, MAX_TEXT};

/// The rules that come of a server, by kind.
#[derive(Default)]
pub struct Front {
    zones: Vec<(String, u32)>,
    limits: Vec<Rule>,
    inject: Vec<Injected>,
    upgrade: bool,
    routes: Vec<(String, Action)>,
}

impl Front {
    /// Takes a directive that holds for a path, or for all; `false` if it is none of these.
    pub fn take(&mut self, line: &Directive, path: Option<&str>, notes: &mut Diagnostics) -> bool {
        let words = line.words();
        match (line.name.text.as_str(), words.as_slice()) {
            ("limit_req_zone", [_, rest @ ..]) => self.zone(rest, line, notes),
            ("limit_req", _) => self.limit(line, path, notes),
            ("limit_req_status", ["429"]) => {}
            ("proxy_set_header" | "grpc_set_header", [name, value]) => {
                return self.header(name, value);
            }
            _ => return false,
        }
        true
    }

    /// `limit_req_zone $binary_remote_addr zone=NAME:SIZE rate=5r/s`
    fn zone(&mut self, words: &[&str], line: &Directive, notes: &mut Diagnostics) {
        let find = |name: &str| words.iter().find_map(|word| word.strip_prefix(name));
        let name = find("zone=").and_then(|zone| zone.split(':').next());
        let rate = find("rate=").and_then(rate);
        match (name, rate) {
            (Some(name), Some(rate)) => self.zones.push((name.to_owned(), rate)),
            _ => {
                let what = "limit_req_zone".to_owned();
                notes.say(line.span(), Message::BadLine { what });
            }
        }
        if !line.args[0].text.contains("remote_addr") {
            notes.say(line.args[0].span, Message::LimitByAddress);
        }
    }

    /// `limit_req zone=NAME burst=10 nodelay`
    fn limit(&mut self, line: &Directive, path: Option<&str>, notes: &mut Diagnostics) {
        let mut burst = 0;
        let mut rate = None;
        for word in &line.args {
            if let Some(zone) = word.text.strip_prefix("zone=") {
                let found = self.zones.iter().find(|(name, _)| name == zone);
                rate = found.map(|(_, rate)| *rate);
                if rate.is_none() {
                    let name = zone.to_owned();
                    notes.say(word.span, Message::UnknownPool { name });
                }
            } else if let Some(value) = word.text.strip_prefix("burst=") {
                burst = number(word, value, "burst", (0, 1_000_000), notes).unwrap_or(0);
            }
        }
        let Some(rate_permille) = rate else { return };
        // One that is within the rate needs a token too.
        let burst = u32::try_from(burst + 1).unwrap_or(1).min(1_000_000);
        let limit = Limit {
            rate_permille,
            burst,
        };
        self.limits.push(rule(path, Action::Limit(limit)));
    }

    fn header(&mut self, name: &str, value: &str) -> bool {
        let injected = INJECTED
            .iter()
            .find(|one| one.name().eq_ignore_ascii_case(name));
        if let Some(injected) = injected {
            if !self.inject.contains(injected) {
                self.inject.push(*injected);
            }
            return true;
        }
        if name.eq_ignore_ascii_case("upgrade") && value.contains("http_upgrade") {
            self.upgrade = true;
            return true;
        }
        // The scene's servers see the host that was asked for.
        name.eq_ignore_ascii_case("host") || name.eq_ignore_ascii_case("connection")
    }

    /// What happens to requests below a path.
    pub fn route(&mut self, path: &str, action: Action) {
        self.routes.push((path.to_owned(), action));
    }

    /// Puts the rules into the draft: first those after which a request goes on, then the ways, the
    /// longest path first, as nginx has it.
    pub fn finish(mut self, draft: &mut Draft) {
        let mut rules = self.limits;
        if !self.inject.is_empty() {
            self.inject.sort_unstable();
            rules.push(rule(None, Action::Inject(self.inject)));
        }
        if self.upgrade {
            rules.push(rule(None, Action::Upgrade));
        }
        self.routes
            .sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
        let routes = self.routes.into_iter();
        rules.extend(routes.map(|(path, action)| rule(Some(&path), action)));
        rules.truncate(MAX_RULES);
        draft.rules = rules;
    }
}

/// The prefix that a location stands for, where it is one.
pub fn prefix(location: &Directive) -> Option<&str> {
    match location.words().as_slice() {
        [path] | ["^~", path] if path.starts_with('/') && path.len() <= MAX_TEXT => {
            location.args.last().map(|word| word.text.as_str())
        }
        _ => None,
    }
}

/// What a location does itself, without an upstream.
pub fn own_action(location: &Directive) -> Option<Action> {
    let has = |name: &str, first: &str| {
        let mut lines = location.children().iter();
        lines
            .any(|line| line.is(name) && (first.is_empty() || line.words().first() == Some(&first)))
    };
    if has("return", "403") || has("deny", "all") {
        Some(Action::Block)
    } else if has("root", "") || has("alias", "") || has("try_files", "") {
        Some(Action::Static)
    } else {
        None
    }
}

fn rule(path: Option<&str>, then: Action) -> Rule {
    Rule {
        name: String::new(),
        when: When {
            path: path.map(ToOwned::to_owned),
            ..When::default()
        },
        then,
        on: true,
    }
}

/// `5r/s` or `30r/m`, in thousandths of a request a second.
fn rate(text: &str) -> Option<u32> {
    let (number, unit) = text.split_once("r/")?;
    let number: u64 = number.parse().ok()?;
    let permille = match unit {
        "s" => number.checked_mul(1_000)?,
        "m" => number.checked_mul(1_000)? / 60,
        _ => return None,
    };
    u32::try_from(permille)
        .ok()
        .filter(|rate| (1..=1_000_000_000).contains(rate))
}
