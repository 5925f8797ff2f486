//! Reads the rules of an nginx server: locations, limits, headers.

use super::listeners::host_of;
use super::rewrite::{ParsedLine, RewriteAction, Variables, is_over};
use super::tree::{Directive, NginxWord};
use super::values::number;
use crate::conditions::both;
use crate::diagnostic::{ConfigMessage, Diagnostics};
use crate::ir::ConfigIr;
use evenkeel_sim::balance::l7::rules::{AddedHeader, INJECTED, RouteAction, RouteMatch, Rule};
use evenkeel_sim::balance::l7::token_bucket::RateLimit;
use evenkeel_sim::scenario::limits::{MAX_RULES, MAX_TEXT};

/// The most rules that are kept; a scene has fewer.
const ENOUGH: usize = 4 * MAX_RULES;

/// A zone that a limit counts in.
struct Zone {
    name: String,
    key: NginxWord,
    rate_permille: u32,
}

/// The rules of a server, in the order in which they apply.
#[derive(Default)]
pub struct NginxRules {
    /// The variables that the lines set.
    pub variables: Variables,
    zones: Vec<Zone>,
    rules: Vec<Rule>,
    /// The upstreams of the rules, each with the first line that names it.
    upstreams: Vec<NginxWord>,
    /// The upstream of requests that match no rule; `None` if there is none.
    pub main: Option<String>,
    routes: Vec<(String, RouteAction)>,
}

impl NginxRules {
    /// Whether a line decides where connections go: each of its values is a listener (nginx/listeners.rs).
    pub fn names_listeners(&self, line: &Directive) -> bool {
        let gives = line
            .args
            .last()
            .and_then(|word| word.text.strip_prefix('$'));
        let targets = &self.variables.targets;
        line.is("map") && gives.is_some_and(|name| targets.iter().any(|target| target == name))
    }

    /// Reads a directive for a path, or for all; `false` if it is none of these.
    pub fn take(&mut self, line: &Directive, path: Option<&str>, notes: &mut Diagnostics) -> bool {
        let words = line.words();
        match (line.name.text.as_str(), words.as_slice()) {
            ("limit_req_zone", [_, rest @ ..]) => self.zone(rest, line, notes),
            ("limit_req", _) => self.limit(line, path, notes),
            ("limit_req_status", ["429"]) => {}
            ("proxy_set_header" | "grpc_set_header", [name, value]) => {
                return self.header(name, value);
            }
            ("auth_basic", [realm]) => {
                if *realm != "off" {
                    let login = RouteAction::Auth("authorization".to_owned());
                    self.add(rule(path, login), false);
                }
            }
            ("split_clients", _) if is_over(line) => {
                let what = "split_clients".to_owned();
                notes.push(line.span(), ConfigMessage::BadLine { what });
            }
            ("split_clients", _) => return self.variables.add_split(line),
            ("map" | "geo", _) => return self.variables.add_map(line, notes),
            ("set" | "if" | "return", _) => return self.rewrite(line, path, notes),
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
            (Some(name), Some(rate_permille)) => self.zones.push(Zone {
                name: name.to_owned(),
                key: line.args[0].clone(),
                rate_permille,
            }),
            _ => {
                let what = "limit_req_zone".to_owned();
                notes.push(line.span(), ConfigMessage::BadLine { what });
            }
        }
    }

    /// `limit_req zone=NAME burst=10 nodelay`
    fn limit(&mut self, line: &Directive, path: Option<&str>, notes: &mut Diagnostics) {
        let mut burst = 0;
        let mut zone = None;
        let mut waits = true;
        for word in &line.args {
            if let Some(name) = word.text.strip_prefix("zone=") {
                zone = self.zones.iter().find(|zone| zone.name == name);
                if zone.is_none() {
                    let name = name.to_owned();
                    notes.push(word.span, ConfigMessage::UnknownPool { name });
                }
            } else if let Some(value) = word.text.strip_prefix("burst=") {
                burst = number(word, value, "burst", (0, 1_000_000), notes).unwrap_or(0);
            } else if word.text == "nodelay" {
                waits = false;
            } else {
                let what = word.text.clone();
                notes.push(word.span, ConfigMessage::NotSimulated { what });
            }
        }
        let Some(zone) = zone else { return };
        if waits && burst > 0 {
            // nginx lets them wait, the scene lets them through.
            let what = "delay".to_owned();
            notes.push(line.span(), ConfigMessage::NotSimulated { what });
        }
        // One that is within the rate needs a token too.
        let burst = u32::try_from(burst + 1).unwrap_or(1).min(1_000_000);
        let limit = RateLimit {
            rate_permille: zone.rate_permille,
            burst,
        };
        let counted = self.variables.counts(&zone.key.text).cloned();
        let mut limited = rule(path, RouteAction::Limit(limit));
        let condition = counted.unwrap_or_default();
        match both(&limited.when, &condition.when) {
            Some(when) => limited.when = when,
            None => return notes.push(line.span(), ConfigMessage::Condition),
        }
        self.add(limited, condition.late);
    }

    /// Adds diagnostics for zones whose key is neither an address nor a variable that holds one.
    fn keys(&self, notes: &mut Diagnostics) {
        for zone in &self.zones {
            let key = &zone.key.text;
            if !key.contains("remote_addr") && self.variables.counts(key).is_none() {
                notes.push(zone.key.span, ConfigMessage::LimitByAddress);
            }
        }
    }

    fn header(&mut self, name: &str, value: &str) -> bool {
        let injected = INJECTED
            .iter()
            .find(|one| one.name().eq_ignore_ascii_case(name));
        if let Some(injected) = injected {
            self.inject(*injected);
            return true;
        }
        if name.eq_ignore_ascii_case("upgrade") && value.contains("http_upgrade") {
            if !self
                .rules
                .iter()
                .any(|rule| rule.then == RouteAction::Upgrade)
            {
                self.add(rule(None, RouteAction::Upgrade), false);
            }
            return true;
        }
        // The scene's servers see the host that was asked for.
        (name.eq_ignore_ascii_case("host") && matches!(value, "$host" | "$http_host"))
            || name.eq_ignore_ascii_case("connection")
    }

    /// Adds a header. One rule adds all headers.
    fn inject(&mut self, header: AddedHeader) {
        for rule in &mut self.rules {
            if let RouteAction::Inject(headers) = &mut rule.then {
                if !headers.contains(&header) {
                    headers.push(header);
                    headers.sort_unstable();
                }
                return;
            }
        }
        self.add(rule(None, RouteAction::Inject(vec![header])), false);
    }

    fn rewrite(&mut self, line: &Directive, path: Option<&str>, notes: &mut Diagnostics) -> bool {
        let (condition, deed) = match self.variables.read(line) {
            ParsedLine::VariablesOnly => return true,
            ParsedLine::Other => return false,
            ParsedLine::TooMuch => {
                notes.push(line.span(), ConfigMessage::Condition);
                return true;
            }
            ParsedLine::Done(condition, deed) => (*condition, deed),
        };
        let then = match (deed, &condition.missing) {
            (RewriteAction::Return(403), None) => RouteAction::Block,
            (RewriteAction::Return(401), Some(header)) => RouteAction::Auth(header.clone()),
            (RewriteAction::PassTo(pool), None) => match self.pass_action(&pool, line) {
                Some(way) => way,
                None => return false,
            },
            _ => return false,
        };
        if let RouteAction::Pool(pool) = &then
            && path.is_none()
        {
            if condition.late && self.main.is_some() {
                // Every request has its way already.
                return true;
            }
            if condition.when == RouteMatch::default() {
                self.main = Some(pool.clone());
                return true;
            }
        }
        let mut made = rule(path, then);
        match both(&made.when, &condition.when) {
            Some(when) => made.when = when,
            None => {
                notes.push(line.span(), ConfigMessage::Condition);
                return true;
            }
        }
        self.add(made, condition.late);
        true
    }

    /// The action that sends requests to an upstream, or to the parts of a split.
    fn pass_action(&mut self, target: &str, line: &Directive) -> Option<RouteAction> {
        let mut named = |name: &str| {
            if self.upstreams.iter().any(|known| known.text == name) {
                return;
            }
            let text = name.to_owned();
            let span = line.span();
            self.upstreams.push(NginxWord { text, span });
        };
        let Some(variable) = target.strip_prefix('$') else {
            let host = host_of(target);
            named(host);
            return Some(RouteAction::Pool(host.to_owned()));
        };
        let parts = self.variables.split(variable)?.to_vec();
        for part in &parts {
            named(&part.pool);
        }
        Some(RouteAction::Split(parts))
    }

    /// Sends requests to the upstreams that a variable names: the parts of a split, the values of a map.
    pub fn pass_to(&mut self, variable: &str, line: &Directive) {
        if let Some(map) = self.variables.map(variable).cloned() {
            let first = map.cases.first().map(|(_, pool)| pool.clone());
            for (when, pool) in map.cases {
                if let Some(then) = self.pass_action(&pool, line) {
                    let made = Rule {
                        when,
                        ..rule(None, then)
                    };
                    self.add(made, true);
                }
            }
            let default = map.default.or(first);
            if let Some(pool) = &default {
                self.pass_action(pool, line);
            }
            self.main = default;
            return;
        }
        let last = self.variables.split(variable).and_then(<[_]>::last);
        let Some(last) = last.map(|part| part.pool.clone()) else {
            return;
        };
        if let Some(then) = self.pass_action(&format!("${variable}"), line) {
            self.add(rule(None, then), true);
            self.main = Some(last);
        }
    }

    /// Adds a rule. Rules that apply always come before the first that applies only while no upstream was chosen.
    fn add(&mut self, rule: Rule, late: bool) {
        if self.rules.len() >= ENOUGH {
            return;
        }
        let at = match self.rules.iter().position(is_final) {
            Some(at) if !late => at,
            _ => self.rules.len(),
        };
        self.rules.insert(at, rule);
    }

    /// The upstreams of the rules, each with the line that names it.
    pub fn upstreams(&self) -> Vec<NginxWord> {
        self.upstreams.clone()
    }

    /// Removes the rules to an upstream that does not exist.
    pub fn without(&mut self, name: &str) {
        self.rules.retain(|rule| !rule.then.pools().contains(&name));
    }

    /// Adds the action for requests below a path. nginx takes the longest path that fits, so it comes before the
    /// shorter ones.
    pub fn route(&mut self, path: &str, action: RouteAction) {
        if self.routes.len() >= ENOUGH {
            return;
        }
        let shorter = |(own, _): &(String, RouteAction)| path.starts_with(own.as_str());
        let at = self.routes.iter().position(shorter);
        let at = at.unwrap_or(self.routes.len());
        self.routes.insert(at, (path.to_owned(), action));
    }

    /// Puts the rules into the draft: first those after which a request goes on, then the locations, then the others.
    pub fn finish(self, draft: &mut ConfigIr, notes: &mut Diagnostics) {
        self.keys(notes);
        for (what, span) in self.variables.unused() {
            notes.push(span, ConfigMessage::NotSimulated { what });
        }
        let mut rules = self.rules;
        // A location is found by the path alone, so no way below it is ever gone.
        rules.retain(|rule| {
            let path = rule.when.path.as_deref().filter(|_| is_final(rule));
            let is_below = |path: &str| self.routes.iter().any(|(own, _)| path.starts_with(own));
            !path.is_some_and(is_below)
        });
        let first = rules.iter().position(is_final).unwrap_or(rules.len());
        let routes = self.routes.into_iter();
        let routes = routes.map(|(path, action)| rule(Some(&path), action));
        rules.splice(first..first, routes);
        draft.rules = rules;
        draft.bound_rules(notes);
    }
}

/// Whether a rule sends requests to a pool.
fn is_final(rule: &Rule) -> bool {
    matches!(rule.then, RouteAction::Pool(_) | RouteAction::Split(_))
}

/// The path prefix of a location; `None` if it is no prefix.
pub fn prefix(location: &Directive) -> Option<&str> {
    match location.words().as_slice() {
        [path] | ["^~", path] if path.starts_with('/') && path.len() <= MAX_TEXT => {
            location.args.last().map(|word| word.text.as_str())
        }
        _ => None,
    }
}

/// The action of a location without an upstream; `None` if it has none.
pub fn own_action(location: &Directive) -> Option<RouteAction> {
    let has = |name: &str, first: &str| {
        let mut lines = location.children().iter();
        lines
            .any(|line| line.is(name) && (first.is_empty() || line.words().first() == Some(&first)))
    };
    if has("return", "403") || has("deny", "all") {
        Some(RouteAction::Block)
    } else if has("root", "") || has("alias", "") || has("try_files", "") {
        Some(RouteAction::Static)
    } else {
        None
    }
}

fn rule(path: Option<&str>, then: RouteAction) -> Rule {
    Rule {
        name: String::new(),
        when: RouteMatch {
            path: path.map(ToOwned::to_owned),
            ..RouteMatch::default()
        },
        then,
        on: true,
    }
}

/// `5r/s` or `30r/m`, in thousandths of a request a second.
fn rate(text: &str) -> Option<u32> {
    // Without a unit nginx counts a second.
    let (number, unit) = text.split_once("r/").unwrap_or((text, "s"));
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
