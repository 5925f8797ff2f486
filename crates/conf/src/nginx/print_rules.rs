//! Writes the rules of a scene as directives of nginx.
//!
//! nginx runs the `set`, `if` and `return` of a server in their order, then looks for the location, then counts for its
//! limits. So rejections and pools are written in the order of the rules. If a pool does not depend on the path alone,
//! `$way` holds the pool that the request goes to.

use super::print_tests::{missing, tests};
use crate::pools::{Pool, path_alone, spare, written};
use crate::remark::Remark;
use crate::text::{ConfigWriter, truncated};
use evenkeel_sim::balance::l7::rules::{AddedHeader, RouteAction, RouteMatch, Rule, SplitWeight};
use evenkeel_sim::balance::l7::token_bucket::RateLimit;

/// The directives that a rule becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    /// A location of its own.
    Location(String),
    /// `return` with this status, where all these tests hold.
    Refusal(u16, Vec<String>),
    /// A zone of this name that counts, where all these tests hold.
    Limit(RateLimit, Vec<String>, String),
    /// `set $way` to this, where all these tests hold.
    PassTo(String, Vec<String>),
    /// Headers for all requests.
    Headers,
    /// The rule is not written, for this reason.
    Nowhere(Remark),
}

/// A rule, its place in the scene, and how it is written.
type Step<'a> = (usize, &'a Rule, Form);

/// All rules of a scene that are on.
pub(super) struct RulePlan<'a> {
    steps: Vec<Step<'a>>,
}

/// A rule for every request.
fn is_for_all(rule: &Rule) -> bool {
    rule.when == RouteMatch::default()
}

/// A rule that ends the walk by sending a request somewhere or answering it.
const fn is_final(rule: &Rule) -> bool {
    matches!(
        rule.then,
        RouteAction::Pool(_) | RouteAction::Split(_) | RouteAction::Static
    )
}

/// Whether a rule may reject a request.
const fn may_reject(rule: &Rule) -> bool {
    matches!(
        rule.then,
        RouteAction::Block | RouteAction::Auth(_) | RouteAction::Limit(_)
    )
}

/// The path of a rule that can be a location of its own.
fn place_of(rule: &Rule) -> Option<&str> {
    let fits = matches!(
        rule.then,
        RouteAction::Pool(_) | RouteAction::Static | RouteAction::Block
    );
    path_alone(rule).filter(|path| fits && *path != "/")
}

/// The name of a rule in remarks.
fn called(place: usize, rule: &Rule) -> String {
    if rule.name.is_empty() {
        (place + 1).to_string()
    } else {
        truncated(&rule.name)
    }
}

impl<'a> RulePlan<'a> {
    /// How each rule is written.
    pub(super) fn new(rules: &'a [Rule], pools: &[Pool<'_>]) -> Self {
        let mut plan = Self { steps: Vec::new() };
        let on: Vec<(usize, &Rule)> = rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.on)
            .collect();
        for (at, (place, rule)) in on.iter().copied().enumerate() {
            // A location hides its requests from what the server asks of all.
            let mut later = on[at + 1..].iter();
            let gate_after = later.any(|(_, later)| may_reject(later) && place_of(later).is_none());
            let form = plan
                .form(place, rule, pools, gate_after)
                .unwrap_or_else(|| {
                    let rule = called(place, rule);
                    Form::Nowhere(Remark::Rule { rule })
                });
            plan.steps.push((place, rule, form));
        }
        plan
    }

    fn form(
        &self,
        place: usize,
        rule: &Rule,
        pools: &[Pool<'_>],
        gate_after: bool,
    ) -> Option<Form> {
        let path = place_of(rule);
        if let Some(path) = path {
            // nginx takes the longest path, the scene the first: this one would never be asked.
            if self.paths().any(|earlier| path.starts_with(earlier)) {
                let rule = called(place, rule);
                return Some(Form::Nowhere(Remark::Never { rule }));
            }
        }
        let has_pool_variable = self.has_pool_variable();
        let form = match &rule.then {
            RouteAction::Static => Form::Location(path?.to_owned()),
            RouteAction::Pool(pool) => {
                let pool = written(pools, pool)?.to_owned();
                match path {
                    Some(path) if !has_pool_variable && !gate_after => {
                        Form::Location(path.to_owned())
                    }
                    _ => Form::PassTo(pool, tests(&rule.when)?),
                }
            }
            RouteAction::Split(parts) => {
                let known = |part: &SplitWeight| written(pools, &part.pool).is_some();
                if !parts.iter().all(known) {
                    return None;
                }
                Form::PassTo(format!("$split{}", place + 1), tests(&rule.when)?)
            }
            RouteAction::Block => match path {
                Some(path) if !has_pool_variable && !gate_after => Form::Location(path.to_owned()),
                _ => Form::Refusal(403, tests(&rule.when)?),
            },
            RouteAction::Auth(header) => {
                let mut all = tests(&rule.when)?;
                all.push(missing(header)?);
                Form::Refusal(401, all)
            }
            RouteAction::Limit(limit) => {
                // The groups' own zones are in the same list.
                let zone = spare(pools, format!("limit{}", place + 1));
                Form::Limit(*limit, tests(&rule.when)?, zone)
            }
            RouteAction::Inject(_) | RouteAction::Upgrade => {
                is_for_all(rule).then_some(Form::Headers)?
            }
        };
        Some(match form {
            // Nothing of these is asked of a request that has its way.
            Form::Refusal(status, all) if has_pool_variable => {
                Form::Refusal(status, unless_routed(all))
            }
            Form::Limit(limit, all, zone) if has_pool_variable => {
                Form::Limit(limit, unless_routed(all), zone)
            }
            Form::PassTo(pool, all) if has_pool_variable => Form::PassTo(pool, unless_routed(all)),
            other => other,
        })
    }

    /// Whether `$way` holds pools.
    fn has_pool_variable(&self) -> bool {
        let mut forms = self.steps.iter().map(|(_, _, form)| form);
        forms.any(|form| matches!(form, Form::PassTo(..)))
    }

    /// The paths of the locations so far.
    fn paths(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|(_, _, form)| match form {
            Form::Location(path) => Some(path.as_str()),
            _ => None,
        })
    }

    /// Writes the directives around the server: zones of limits, and splits.
    pub(super) fn reader(&self, pools: &[Pool<'_>], out: &mut ConfigWriter) {
        for (place, rule, form) in &self.steps {
            match (form, &rule.then) {
                (Form::Limit(limit, all, name), _) => {
                    // What has an empty key is not counted.
                    let key = match all.as_slice() {
                        [] => "binary_remote_addr".to_owned(),
                        _ => format!("limit{}", place + 1),
                    };
                    let rate = rate(limit);
                    out.line(format_args!(
                        "limit_req_zone ${key} zone={name}:10m rate={rate};"
                    ));
                }
                (Form::PassTo(..), RouteAction::Split(parts)) => split(*place, parts, pools, out),
                _ => {}
            }
        }
    }

    /// Writes the directives in the server, up to the locations.
    pub(super) fn lines(&self, main: &str, out: &mut ConfigWriter) {
        if self.has_pool_variable() {
            out.line("set $way \"\";");
        }
        let mut way_before = false;
        let mut limited = false;
        let mut injected: Vec<AddedHeader> = Vec::new();
        for (at, (place, rule, form)) in self.steps.iter().enumerate() {
            let is_late = matches!(form, Form::Headers) && way_before;
            let passed_file = self.steps[..at]
                .iter()
                .any(|(_, before, form)| before.then == RouteAction::Static && is_location(form));
            if is_late || (may_reject(rule) && passed_file && !is_location(form)) {
                let rule = called(*place, rule);
                out.comment(Remark::ForAll { rule });
            }
            way_before |= is_final(rule);
            match form {
                Form::Refusal(status, all) => {
                    title(rule, out);
                    when(*place, all, &format!("return {status};"), out);
                }
                Form::Limit(limit, all, zone) => {
                    title(rule, out);
                    if self.refuses_after(at) {
                        out.comment(Remark::RefusesFirst);
                    }
                    limit_lines(*place, limit, (all, zone), out);
                    if !limited {
                        out.line("limit_req_status 429;");
                    }
                    limited = true;
                }
                Form::PassTo(pool, all) => {
                    title(rule, out);
                    when(*place, all, &format!("set $way {pool};"), out);
                }
                Form::Headers => headers(rule, &mut injected, out),
                Form::Nowhere(remark) => out.comment(remark),
                Form::Location(_) => {}
            }
        }
        if self.has_pool_variable() {
            out.line(format_args!("if ($way = \"\") {{ set $way {main}; }}"));
        }
        self.connection(out);
    }

    /// Whether a rule after this step may reject a request.
    fn refuses_after(&self, at: usize) -> bool {
        let mut later = self.steps[at + 1..].iter();
        later.any(|(_, _, form)| matches!(form, Form::Refusal(..)))
    }

    /// Writes the header that is for one hop only.
    fn connection(&self, out: &mut ConfigWriter) {
        out.line("proxy_http_version 1.1;");
        let mut steps = self.steps.iter();
        let upgrades = steps.any(|(_, rule, form)| {
            rule.then == RouteAction::Upgrade && matches!(form, Form::Headers)
        });
        if upgrades {
            out.line("proxy_set_header Connection $http_connection;");
        } else {
            out.line("proxy_set_header Connection \"\";");
        }
    }

    /// Writes the locations; the last one is for all other paths.
    pub(super) fn locations(&self, pools: &[Pool<'_>], out: &mut ConfigWriter) {
        let mut way_before = false;
        for (place, rule, form) in &self.steps {
            if let Form::Location(path) = form {
                if way_before {
                    let rule = called(*place, rule);
                    out.comment(Remark::PathFirst { rule });
                }
                let line = match &rule.then {
                    RouteAction::Pool(pool) => {
                        let pool = written(pools, pool).unwrap_or(&pools[0].name);
                        format!("proxy_pass http://{pool};")
                    }
                    RouteAction::Block => "return 403;".to_owned(),
                    _ => "root /var/www;".to_owned(),
                };
                title(rule, out);
                out.block(format_args!("location {path}"), |out| out.line(line));
            }
            way_before |= matches!(form, Form::PassTo(..));
        }
        let target = if self.has_pool_variable() {
            "$way"
        } else {
            &pools[0].name
        };
        out.block("location /", |out| {
            out.line(format_args!("proxy_pass http://{target};"));
        });
    }
}

const fn is_location(form: &Form) -> bool {
    matches!(form, Form::Location(_))
}

/// The test that no pool was chosen yet, before these tests.
fn unless_routed(all: Vec<String>) -> Vec<String> {
    let mut found = vec!["$way = \"\"".to_owned()];
    found.extend(all);
    found
}

/// Writes the name of a rule as a comment, if it has one.
fn title(rule: &Rule, out: &mut ConfigWriter) {
    if !rule.name.is_empty() {
        out.comment(truncated(&rule.name));
    }
}

/// Writes a directive for requests that fulfil all tests. nginx's `if` has one test, so a variable counts them.
fn when(place: usize, all: &[String], then: &str, out: &mut ConfigWriter) {
    let number = place + 1;
    match all {
        [] => out.line(then),
        [one] => out.line(format_args!("if ({one}) {{ {then} }}")),
        _ => {
            out.line(format_args!("set $rule{number} \"\";"));
            for one in all {
                out.line(format_args!(
                    "if ({one}) {{ set $rule{number} \"${{rule{number}}}+\"; }}"
                ));
            }
            let whole = "+".repeat(all.len());
            out.line(format_args!(
                "if ($rule{number} = \"{whole}\") {{ {then} }}"
            ));
        }
    }
}

/// The rate of a limit in nginx's units: whole requests a second or a minute.
fn rate(limit: &RateLimit) -> String {
    let permille = u64::from(limit.rate_permille);
    if permille.is_multiple_of(1_000) {
        format!("{}r/s", permille / 1_000)
    } else {
        format!("{}r/m", (permille * 60).div_ceil(1_000))
    }
}

fn limit_lines(
    place: usize,
    limit: &RateLimit,
    (all, zone): (&[String], &str),
    out: &mut ConfigWriter,
) {
    let number = place + 1;
    if !all.is_empty() {
        out.line(format_args!("set $limit{number} \"\";"));
        let then = format!("set $limit{number} $binary_remote_addr;");
        when(place, all, &then, out);
    }
    let burst = limit.burst.saturating_sub(1);
    let burst = if burst > 0 {
        format!(" burst={burst} nodelay")
    } else {
        String::new()
    };
    out.line(format_args!("limit_req zone={zone}{burst};"));
}

/// Writes a split in hundredths of a percent, as nginx has it; the last part takes the rest.
fn split(place: usize, parts: &[SplitWeight], pools: &[Pool<'_>], out: &mut ConfigWriter) {
    let sum: u64 = parts.iter().map(|part| u64::from(part.share)).sum();
    let parts: Vec<&SplitWeight> = parts.iter().filter(|part| part.share > 0).collect();
    let Some((last, others)) = parts.split_last() else {
        return;
    };
    let head = format!("split_clients \"$request_id\" $split{}", place + 1);
    out.block(head, |out| {
        for part in others {
            let share = u64::from(part.share) * 10_000 / sum.max(1);
            let (whole, rest) = (share / 100, share % 100);
            let percent = match rest {
                0 => format!("{whole}%"),
                _ => format!("{whole}.{rest:02}%"),
            };
            if share > 0 {
                let pool = written(pools, &part.pool).unwrap_or_default();
                out.line(format_args!("{percent} {pool};"));
            }
        }
        let pool = written(pools, &last.pool).unwrap_or_default();
        out.line(format_args!("* {pool};"));
    });
}

fn headers(rule: &Rule, known: &mut Vec<AddedHeader>, out: &mut ConfigWriter) {
    let RouteAction::Inject(headers) = &rule.then else {
        out.line("proxy_set_header Upgrade $http_upgrade;");
        return;
    };
    for header in headers {
        if known.contains(header) {
            continue;
        }
        known.push(*header);
        let value = match header {
            AddedHeader::XRealIp => "$remote_addr",
            AddedHeader::XForwardedFor => "$proxy_add_x_forwarded_for",
            AddedHeader::XForwardedProto => "$scheme",
            AddedHeader::XRequestId => "$request_id",
        };
        out.line(format_args!("proxy_set_header {} {value};", header.name()));
    }
}
