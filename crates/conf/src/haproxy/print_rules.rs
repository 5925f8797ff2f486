//! Writes the rules of a scene as conditions of HAProxy.
//!
//! HAProxy evaluates the `http-request` lines of a frontend in their order, and after them the `use_backend` lines in
//! theirs.

use super::print_tests::{joined, missing, tests};
use crate::pools::{Pool, spare, written};
use crate::remark::Remark;
use crate::text::{ConfigWriter, time, truncated};
use evenkeel_sim::balance::l7::rules::{AddedHeader, RouteAction, Rule, SplitWeight};
use evenkeel_sim::balance::l7::token_bucket::RateLimit;
use evenkeel_sim::time::SimDuration;

/// The number of counters that can track a request; HAProxy's default.
const COUNTERS: usize = 3;
/// HAProxy's longest time, in milliseconds (`TIMER_LOOK_BACK` in include/haproxy/ticks.h).
const LONGEST_MS: u64 = (1 << 31) - 1;

/// A table that a limit counts in.
pub(super) struct StickTable {
    /// The name of the table.
    pub(super) name: String,
    /// The period that it counts over.
    window: String,
    /// The index of the rule that it belongs to.
    place: usize,
}

/// The tables of all limits that HAProxy can have, in the order of their counters.
pub(super) fn tables(rules: &[Rule], pools: &[Pool<'_>]) -> Vec<StickTable> {
    let mut found = Vec::new();
    for (place, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.on) {
        let RouteAction::Limit(limit) = &rule.then else {
            continue;
        };
        if let (Some(window), Some(_)) = (window(limit), tests(&rule.when)) {
            let name = spare(pools, format!("limit{}", place + 1));
            found.push(StickTable {
                name,
                window,
                place,
            });
        }
    }
    found.truncate(COUNTERS);
    found
}

/// The period in which as many requests may come as the bucket holds: so the long-run rate and the burst are those of
/// the scene.
fn window(limit: &RateLimit) -> Option<String> {
    let rate = u64::from(limit.rate_permille.max(1));
    let ms = ((u64::from(limit.burst) * 1_000_000 + rate / 2) / rate).max(1);
    (ms <= LONGEST_MS).then(|| time(SimDuration::from_ms(ms)))
}

/// Writes the stick table of a limit, in a section of its own.
pub(super) fn table(table: &StickTable, out: &mut ConfigWriter) {
    let window = &table.window;
    out.line(format_args!(
        "stick-table type ip size 10k expire {window} store gpc0,gpc0_rate({window})"
    ));
}

/// Whether a rule sends a request to a pool.
const fn is_routing(rule: &Rule) -> bool {
    matches!(rule.then, RouteAction::Pool(_) | RouteAction::Split(_))
}

/// The name of a rule in remarks.
fn called(place: usize, rule: &Rule) -> String {
    if rule.name.is_empty() {
        (place + 1).to_string()
    } else {
        truncated(&rule.name)
    }
}

/// Writes the rules: first those on requests, then those that send requests to pools, as HAProxy orders them.
pub(super) fn rules(
    rules: &[Rule],
    pools: &[Pool<'_>],
    tables: &[StickTable],
    out: &mut ConfigWriter,
) {
    let on = || rules.iter().enumerate().filter(|(_, rule)| rule.on);
    let mut way_before = false;
    for (place, rule) in on() {
        if is_routing(rule) {
            way_before = true;
            draw_number(place, rule, pools, out);
            continue;
        }
        title(rule, out);
        if way_before && rule.then != RouteAction::Upgrade {
            let rule = called(place, rule);
            out.comment(Remark::ForAll { rule });
        }
        if request_rule(place, rule, tables, out).is_none() {
            let rule = called(place, rule);
            out.comment(Remark::Rule { rule });
        }
    }
    for (place, rule) in on().filter(|(_, rule)| is_routing(rule)) {
        title(rule, out);
        if backend_rule(place, rule, pools, out).is_none() {
            let rule = called(place, rule);
            out.comment(Remark::Rule { rule });
        }
    }
}

/// Writes the name of a rule as a comment, if it has one.
fn title(rule: &Rule, out: &mut ConfigWriter) {
    if !rule.name.is_empty() && rule.then != RouteAction::Upgrade {
        out.comment(truncated(&rule.name));
    }
}

fn request_rule(
    place: usize,
    rule: &Rule,
    tables: &[StickTable],
    out: &mut ConfigWriter,
) -> Option<()> {
    let all = tests(&rule.when)?;
    let when = joined(&all);
    match &rule.then {
        RouteAction::Block => out.line(format_args!("http-request deny{when}")),
        RouteAction::Auth(header) => {
            let mut all = all;
            all.push(missing(header)?);
            let when = joined(&all);
            out.line(format_args!("http-request deny deny_status 401{when}"));
        }
        RouteAction::Limit(limit) => {
            let counter = tables.iter().position(|table| table.place == place)?;
            limited(limit, (counter, &tables[counter]), all, out);
        }
        RouteAction::Static => {
            out.comment(Remark::NoFiles { program: "HAProxy" });
            out.line(format_args!("http-request return status 200{when}"));
        }
        RouteAction::Inject(headers) if all.is_empty() => {
            for header in headers {
                inject(*header, out);
            }
        }
        // HAProxy lets protocols change by itself.
        RouteAction::Upgrade => {}
        _ => return None,
    }
    Some(())
}

/// Writes a limit: only requests that were let through are counted, as in the scene.
fn limited(
    limit: &RateLimit,
    (counter, table): (usize, &StickTable),
    mut all: Vec<String>,
    out: &mut ConfigWriter,
) {
    let when = joined(&all);
    let name = &table.name;
    out.comment(Remark::Window);
    out.line(format_args!(
        "http-request track-sc{counter} src table {name}{when}"
    ));
    all.push(format!("{{ sc_gpc0_rate({counter}) ge {} }}", limit.burst));
    let full = joined(&all);
    out.line(format_args!("http-request deny deny_status 429{full}"));
    out.line(format_args!("http-request sc-inc-gpc0({counter}){when}"));
}

/// Writes the random number of a request; each part of a split has a range of its values.
fn draw_number(place: usize, rule: &Rule, pools: &[Pool<'_>], out: &mut ConfigWriter) {
    let RouteAction::Split(parts) = &rule.then else {
        return;
    };
    if let (Some(parts), Some(all)) = (known(parts, pools), tests(&rule.when)) {
        let sum: u64 = parts.iter().map(|(_, share)| share).sum();
        let (number, when) = (place + 1, joined(&all));
        out.line(format_args!(
            "http-request set-var(txn.split{number}) rand({sum}){when}"
        ));
    }
}

/// The parts of a split with a weight, by pool; `None` if a pool does not exist.
fn known<'a>(parts: &[SplitWeight], pools: &'a [Pool<'_>]) -> Option<Vec<(&'a str, u64)>> {
    let parts = parts.iter().filter(|part| part.share > 0);
    let found: Option<Vec<(&str, u64)>> = parts
        .map(|part| Some((written(pools, &part.pool)?, u64::from(part.share))))
        .collect();
    found.filter(|found| !found.is_empty())
}

fn backend_rule(
    place: usize,
    rule: &Rule,
    pools: &[Pool<'_>],
    out: &mut ConfigWriter,
) -> Option<()> {
    let all = tests(&rule.when)?;
    let when = joined(&all);
    match &rule.then {
        RouteAction::Pool(pool) => {
            let pool = written(pools, pool)?;
            out.line(format_args!("use_backend {pool}{when}"));
        }
        RouteAction::Split(parts) => {
            let parts = known(parts, pools)?;
            let (last, others) = parts.split_last()?;
            let mut sum = 0;
            for (pool, share) in others {
                sum += share;
                let mut all = all.clone();
                all.push(format!("{{ var(txn.split{}) -m int lt {sum} }}", place + 1));
                let when = joined(&all);
                out.line(format_args!("use_backend {pool}{when}"));
            }
            out.line(format_args!("use_backend {}{when}", last.0));
        }
        _ => return None,
    }
    Some(())
}

fn inject(header: AddedHeader, out: &mut ConfigWriter) {
    let value = match header {
        AddedHeader::XForwardedFor => return out.line("option forwardfor"),
        AddedHeader::XRealIp => "%[src]",
        AddedHeader::XForwardedProto => "%[ssl_fc,iif(https,http)]",
        AddedHeader::XRequestId => "%[uuid()]",
    };
    out.line(format_args!(
        "http-request set-header {} {value}",
        header.name()
    ));
}
