//! Reads the lines of an HAProxy frontend that look at requests: `acl`, `use_backend`, `http-request`.

use super::condition::{AclCondition, AclDnf, AclNames};
use super::lex::{HaproxyLine, HaproxyWord};
use super::limits::{TableRate, counter, window};
use crate::diagnostic::{ConfigMessage, Diagnostics, Span};
use evenkeel_sim::balance::l7::rules::{AddedHeader, INJECTED, RouteAction, RouteMatch, Rule};
use evenkeel_sim::scenario::limits::MAX_RULES;

/// The most lines of a kind that are kept. A scene has fewer rules.
const ENOUGH: usize = 4 * MAX_RULES;

/// A `use_backend` line: the backend for requests that meet a condition.
#[derive(Clone, Debug)]
pub struct UseBackend {
    /// The name of the backend.
    pub backend: HaproxyWord,
    /// The condition of the line.
    pub alternatives: AclDnf,
    /// The random number that must be below a bound; `None` if there is none.
    pub below: Option<(String, u64)>,
}

/// One step of a request before a backend is chosen.
#[derive(Clone, Debug)]
pub enum FrontendStep {
    /// Rules of the scene.
    Rules(Vec<Rule>),
    /// A rate limit: its rate, its condition, and its place in the text.
    Limit(TableRate, AclDnf, Span),
}

/// A `track-sc` line: a counter of requests.
#[derive(Clone, Debug)]
pub struct TrackCounter {
    /// The number of the counter.
    pub counter: u32,
    /// The table that it counts in; `None` is the proxy's own.
    pub table: Option<String>,
    /// The condition of the line.
    pub alternatives: AclDnf,
    /// The place of the line in the text.
    pub span: Span,
}

/// The lines of a frontend that look at requests.
#[derive(Clone, Debug, Default)]
pub struct HaproxyFrontend {
    names: AclNames,
    /// The `use_backend` lines, in order.
    pub uses: Vec<UseBackend>,
    /// `http-request`, `option forwardfor`, in order.
    pub steps: Vec<FrontendStep>,
    /// The lines `http-request track-sc0 src`.
    pub tracks: Vec<TrackCounter>,
    /// The period of the proxy's own table, in milliseconds; `None` if it has none.
    pub window: Option<u64>,
    /// Random numbers of requests: the variable, the number of values, and the place in the text.
    pub random_numbers: Vec<(String, u64, Span)>,
}

impl HaproxyFrontend {
    /// Reads a line; `false` if it is none of these.
    pub fn take(&mut self, line: &HaproxyLine, notes: &mut Diagnostics) -> bool {
        let texts = line.texts();
        let taken = match texts.as_slice() {
            ["acl", name, test @ ..] => self.names.add(name, test).then_some(()),
            ["use_backend", _, condition @ ..] => self.add_use(line, condition),
            ["http-request", "deny" | "reject", rest @ ..] => match status(rest) {
                Some((status, condition)) => self.refuse(status, condition, line),
                None => return false,
            },
            ["http-request", "auth", rest @ ..] => self.login(rest),
            ["http-request", "return", "status", "200", rest @ ..] => {
                let from = rest
                    .iter()
                    .position(|word| matches!(*word, "if" | "unless"));
                let condition = &rest[from.unwrap_or(rest.len())..];
                self.then(condition, &RouteAction::Static)
            }
            ["http-request", track, "src", rest @ ..] if counter(track).is_some() => {
                self.track(track, rest, line.span())
            }
            ["http-request", raise, ..] if counter(raise).is_some() => {
                let number = counter(raise);
                let mut tracks = self.tracks.iter();
                if !tracks.any(|track| Some(track.counter) == number) {
                    return false;
                }
                Some(())
            }
            ["http-request", variable, drawn, ..] if variable.starts_with("set-var(") => {
                let found =
                    random_number(variable, drawn).filter(|_| self.random_numbers.len() < ENOUGH);
                if found.is_none() {
                    return false;
                }
                self.random_numbers
                    .extend(found.map(|(name, sides)| (name, sides, line.span())));
                Some(())
            }
            ["stick-table", ..] => match window(line) {
                Some(ms) => {
                    self.window = Some(ms);
                    Some(())
                }
                None => return false,
            },
            ["option", "forwardfor", rest @ ..] => {
                self.add_header(AddedHeader::XForwardedFor);
                if !rest.is_empty() {
                    let what = texts.join(" ");
                    notes.push(line.span(), ConfigMessage::NotSimulated { what });
                }
                Some(())
            }
            ["http-request", "set-header" | "add-header", name, ..] => {
                let found = INJECTED
                    .iter()
                    .find(|one| one.name().eq_ignore_ascii_case(name));
                let Some(found) = found else { return false };
                self.add_header(*found);
                Some(())
            }
            _ => return false,
        };
        if taken.is_none() {
            notes.push(line.span(), ConfigMessage::Condition);
        }
        true
    }

    fn add_use(&mut self, line: &HaproxyLine, condition: &[&str]) -> Option<()> {
        let AclCondition {
            alternatives,
            missing: None,
            rate: None,
            below,
        } = self.names.condition(condition)?
        else {
            return None;
        };
        let backend = line.words[1].clone();
        self.uses.push(UseBackend {
            backend,
            alternatives,
            below,
        });
        Some(())
    }

    /// `deny`: with 403 always, with 401 if a header is missing, with 429 if a client's rate is too high.
    fn refuse(&mut self, status: u16, condition: &[&str], line: &HaproxyLine) -> Option<()> {
        let found = self.names.condition(condition)?;
        match (status, found) {
            (
                _,
                AclCondition {
                    alternatives,
                    missing: None,
                    rate: Some(rate),
                    below: None,
                },
            ) => self
                .steps
                .push(FrontendStep::Limit(rate, alternatives, line.span())),
            (
                401,
                AclCondition {
                    alternatives,
                    missing: Some(header),
                    rate: None,
                    below: None,
                },
            ) => self.add(&alternatives, &RouteAction::Auth(header)),
            (403, found) => {
                let alternatives = found.plain()?;
                self.add(&alternatives, &RouteAction::Block);
            }
            _ => return None,
        }
        Some(())
    }

    /// `http-request auth realm site unless { http_auth(users) }`
    fn login(&mut self, words: &[&str]) -> Option<()> {
        let condition = match words {
            ["realm", _, condition @ ..] => condition,
            _ => words,
        };
        let found = self.names.condition(condition)?;
        if found.rate.is_some() || found.below.is_some() {
            return None;
        }
        let header = found.missing.unwrap_or_else(|| "authorization".to_owned());
        self.add(&found.alternatives, &RouteAction::Auth(header));
        Some(())
    }

    fn then(&mut self, condition: &[&str], then: &RouteAction) -> Option<()> {
        let alternatives = self.names.condition(condition)?.plain()?;
        self.add(&alternatives, then);
        Some(())
    }

    /// `track-sc0 src table per_ip if …`
    fn track(&mut self, word: &str, rest: &[&str], span: Span) -> Option<()> {
        let (table, condition) = match rest {
            ["table", name, condition @ ..] => (Some((*name).to_owned()), condition),
            _ => (None, rest),
        };
        let alternatives = self.names.condition(condition)?.plain()?;
        let counter = counter(word).filter(|_| self.tracks.len() < ENOUGH)?;
        self.tracks.push(TrackCounter {
            counter,
            table,
            alternatives,
            span,
        });
        Some(())
    }

    fn add(&mut self, alternatives: &AclDnf, then: &RouteAction) {
        if self.steps.len() >= ENOUGH {
            return;
        }
        self.steps
            .push(FrontendStep::Rules(rules(alternatives, then)));
    }

    /// Adds a header. One rule adds all headers.
    fn add_header(&mut self, header: AddedHeader) {
        for step in &mut self.steps {
            let FrontendStep::Rules(rules) = step else {
                continue;
            };
            if let [
                Rule {
                    then: RouteAction::Inject(headers),
                    ..
                },
            ] = rules.as_mut_slice()
            {
                if !headers.contains(&header) {
                    headers.push(header);
                    headers.sort_unstable();
                }
                return;
            }
        }
        let all = vec![RouteMatch::default()];
        self.add(&all, &RouteAction::Inject(vec![header]));
    }
}

/// `deny_status 429` before the condition; 403 without it.
fn status<'a, 'b>(words: &'a [&'b str]) -> Option<(u16, &'a [&'b str])> {
    match words {
        ["deny_status" | "status", status, condition @ ..] => {
            Some((status.parse().ok()?, condition))
        }
        [] | ["if" | "unless", ..] => Some((403, words)),
        _ => None,
    }
}

/// `set-var(txn.lot) rand(100)`
fn random_number(variable: &str, drawn: &str) -> Option<(String, u64)> {
    let name = variable.strip_prefix("set-var(")?.strip_suffix(')')?;
    let sides = drawn.strip_prefix("rand(")?.strip_suffix(')')?;
    let sides = sides.parse().ok().filter(|sides| *sides > 0)?;
    Some((name.to_owned(), sides))
}

/// One rule for each alternative.
pub fn rules(alternatives: &AclDnf, then: &RouteAction) -> Vec<Rule> {
    let rule = |when: &RouteMatch| Rule {
        name: String::new(),
        when: when.clone(),
        then: then.clone(),
        on: true,
    };
    alternatives.iter().map(rule).collect()
}
