//! Writes the rules of a scene as routes and filters of Envoy.

use super::duration;
use super::print::{PROGRAM, extension, route};
use crate::pools::Pool;
use crate::remark::Remark;
use crate::text::{ConfigWriter, truncated};
use evenkeel_sim::balance::l7::rules::{AddedHeader, HeaderMatch, RouteAction, RouteMatch, Rule};
use evenkeel_sim::balance::l7::token_bucket::RateLimit;
use evenkeel_sim::balance::spec::BalancerSpec;
use evenkeel_sim::scenario::Scenario;
use evenkeel_sim::time::SimDuration;

/// The shortest fill interval of Envoy's token buckets, in microseconds.
const LEAST_FILL_US: u64 = 50_000;

/// The rules that are switched on, with their indexes.
fn on(rules: &[Rule]) -> impl Iterator<Item = (usize, &Rule)> {
    rules.iter().enumerate().filter(|(_, rule)| rule.on)
}

fn is_for_all(rule: &Rule) -> bool {
    rule.when == RouteMatch::default()
}

/// The first rate limit for all requests, which becomes the filter.
fn limit_of(rules: &[Rule]) -> Option<(usize, RateLimit)> {
    on(rules)
        .filter(|(_, rule)| is_for_all(rule))
        .find_map(|(place, rule)| match rule.then {
            RouteAction::Limit(limit) => Some((place, limit)),
            _ => None,
        })
}

/// The form of a rule among the routes.
enum Step<'a> {
    /// The rule is written elsewhere.
    Elsewhere,
    /// The requests go to these pools, each with its share.
    To(Vec<(&'a Pool<'a>, u32)>),
    /// The balancer answers with this status.
    Answer(u16),
}

/// Writes a route for each rule that Envoy can have, in their order, and a remark for every other rule.
pub(super) fn routes(scene: &Scenario, pools: &[Pool<'_>], out: &mut ConfigWriter) {
    let limit = limit_of(&scene.rules).map(|(place, _)| place);
    for (place, rule) in on(&scene.rules) {
        let is_elsewhere = limit == Some(place)
            || (is_for_all(rule)
                && matches!(rule.then, RouteAction::Inject(_) | RouteAction::Upgrade));
        let step = if is_elsewhere {
            Some(Step::Elsewhere)
        } else {
            step(rule, pools)
        };
        if written(rule, step, &scene.balancer, out).is_none() {
            let rule = if rule.name.is_empty() {
                (place + 1).to_string()
            } else {
                truncated(&rule.name)
            };
            out.comment(Remark::Rule { rule });
        }
    }
}

fn step<'a>(rule: &Rule, pools: &'a [Pool<'a>]) -> Option<Step<'a>> {
    let find = |name: &str| pools.iter().find(|pool| pool.own_name == *name);
    Some(match &rule.then {
        RouteAction::Pool(name) => Step::To(vec![(find(name)?, 1)]),
        RouteAction::Split(parts) => {
            let parts = parts.iter().filter(|part| part.share > 0);
            let found: Option<Vec<(&Pool<'_>, u32)>> = parts
                .map(|part| Some((find(&part.pool)?, part.share)))
                .collect();
            Step::To(found.filter(|found| !found.is_empty())?)
        }
        RouteAction::Static => Step::Answer(200),
        RouteAction::Block => Step::Answer(403),
        RouteAction::Auth(_) => Step::Answer(401),
        _ => return None,
    })
}

fn written(
    rule: &Rule,
    step: Option<Step<'_>>,
    balancer: &BalancerSpec,
    out: &mut ConfigWriter,
) -> Option<()> {
    let step = step?;
    if matches!(step, Step::Elsewhere) {
        return Some(());
    }
    let missing = match &rule.then {
        RouteAction::Auth(header) => Some(header),
        _ => None,
    };
    let test = matching(&rule.when, missing)?;
    if !rule.name.is_empty() {
        out.comment(truncated(&rule.name));
    }
    if rule.then == RouteAction::Static {
        out.comment(Remark::NoFiles { program: PROGRAM });
    }
    out.line(format_args!("- match: {test}"));
    out.indented(|out| match step {
        Step::To(parts) => {
            out.line("route:");
            out.indented(|out| route(balancer, &parts, out));
        }
        Step::Answer(status) => {
            out.line(format_args!("direct_response: {{ status: {status} }}"));
        }
        Step::Elsewhere => {}
    });
    Some(())
}

/// A text in quotes; `None` if it has characters other than plain ones.
fn quoted(text: &str) -> Option<String> {
    let is_plain = |one: char| one == ' ' || one.is_ascii_graphic();
    let spelt = text.replace('\\', "\\\\").replace('"', "\\\"");
    text.chars().all(is_plain).then(|| format!("\"{spelt}\""))
}

/// The name of a header; `None` if it has characters that no name has.
fn name(text: &str) -> Option<String> {
    let fits = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '_');
    let good = !text.is_empty() && text.chars().all(fits);
    good.then(|| quoted(text))?
}

/// The match of a route, and the header that must be missing.
fn matching(when: &RouteMatch, missing: Option<&String>) -> Option<String> {
    let mut headers = Vec::new();
    let mut is = |name: &str, how: &str, value: &str| {
        headers.push(format!(
            "{{ name: {name}, string_match: {{ {how}: {value} }} }}"
        ));
    };
    if let Some(part) = &when.contains {
        let part = format!("{}, ignore_case: true", quoted(part)?);
        is("\":path\"", "contains", &part);
    }
    if let Some(host) = &when.host {
        let host = format!("{}, ignore_case: true", quoted(host)?);
        is("\":authority\"", "exact", &host);
    }
    if let Some(method) = &when.method {
        is("\":method\"", "exact", &quoted(method)?);
    }
    if let Some(HeaderMatch { name: own, value }) = &when.header {
        match value {
            Some(value) => is(&name(own)?, "exact", &quoted(value)?),
            None => headers.push(format!("{{ name: {}, present_match: true }}", name(own)?)),
        }
    }
    if let Some(HeaderMatch { name: own, value }) = &when.cookie {
        // The whole header must fit, and the cookie is one of several.
        let own = name(own).is_some().then_some(own)?;
        let value = match value {
            Some(value) => pattern(value)?,
            None => "[^;]*".to_owned(),
        };
        let text = quoted(&format!("(.*; ?)?{own}={value}(;.*)?"))?;
        headers.push(format!(
            "{{ name: \"cookie\", string_match: {{ safe_regex: {{ regex: {text} }} }} }}"
        ));
    }
    if let Some(header) = missing {
        headers.push(format!(
            "{{ name: {}, present_match: true, invert_match: true }}",
            name(header)?
        ));
    }
    let path = quoted(when.path.as_deref().unwrap_or("/"))?;
    if headers.is_empty() {
        return Some(format!("{{ prefix: {path} }}"));
    }
    Some(format!(
        "{{ prefix: {path}, headers: [{}] }}",
        headers.join(", ")
    ))
}

/// A text escaped for a regular expression; `None` if it cannot be.
fn pattern(text: &str) -> Option<String> {
    let mut found = String::new();
    for one in text.chars() {
        match one {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' | ' ' => found.push(one),
            '!'..='~' => found.extend(['\\', one]),
            _ => return None,
        }
    }
    Some(found)
}

/// Writes the settings of the connection manager for all requests.
pub(super) fn for_all(rules: &[Rule], out: &mut ConfigWriter) {
    let all = || on(rules).filter(|(_, rule)| is_for_all(rule));
    if all().any(|(_, rule)| rule.then == RouteAction::Upgrade) {
        out.line("upgrade_configs:");
        out.line("- upgrade_type: websocket");
    }
    if !injected(rules).is_empty() {
        // With it Envoy tells X-Forwarded-For and X-Forwarded-Proto by itself.
        out.line("use_remote_address: true");
    }
}

/// The headers that are added to all requests.
fn injected(rules: &[Rule]) -> Vec<AddedHeader> {
    let mut found: Vec<AddedHeader> = on(rules)
        .filter(|(_, rule)| is_for_all(rule))
        .filter_map(|(_, rule)| match &rule.then {
            RouteAction::Inject(headers) => Some(headers.clone()),
            _ => None,
        })
        .flatten()
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Writes the added headers that Envoy does not add by itself, as it does X-Request-ID and the forwarded ones.
pub(super) fn headers(rules: &[Rule], out: &mut ConfigWriter) {
    if !injected(rules).contains(&AddedHeader::XRealIp) {
        return;
    }
    out.line("request_headers_to_add:");
    let value = "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%";
    out.line(format_args!(
        "- header: {{ key: {}, value: \"{value}\" }}",
        AddedHeader::XRealIp.name()
    ));
    out.indented(|out| out.line("append_action: OVERWRITE_IF_EXISTS_OR_ADD"));
}

/// Writes the rate limit filter.
pub(super) fn limit(rules: &[Rule], out: &mut ConfigWriter) {
    let Some((place, limit)) = limit_of(rules) else {
        return;
    };
    if place > 0 {
        out.comment(Remark::CountsFirst);
    }
    out.comment(Remark::EnvoyLimit);
    let kind = "filters.http.local_ratelimit.v3.LocalRateLimit";
    extension(out, "envoy.filters.http.local_ratelimit", kind, |out| {
        out.line("stat_prefix: limit");
        let (tokens, every) = fill(&limit);
        out.line(format_args!(
            "token_bucket: {{ max_tokens: {}, tokens_per_fill: {tokens}, fill_interval: {} }}",
            limit.burst.max(tokens),
            duration(every)
        ));
        out.line("local_rate_limit_per_downstream_connection: true");
        for (field, key) in [
            ("filter_enabled", "limit_enabled"),
            ("filter_enforced", "limit_enforced"),
        ] {
            out.line(format_args!("{field}:"));
            out.indented(|out| {
                out.line(format_args!("runtime_key: {key}"));
                out.line("default_value: { numerator: 100, denominator: HUNDRED }");
            });
        }
    });
}

/// Tokens per fill, and the fill interval, that give the rate of the scene.
fn fill(limit: &RateLimit) -> (u32, SimDuration) {
    let rate = u64::from(limit.rate_permille.max(1));
    let tokens = (LEAST_FILL_US * rate).div_ceil(1_000_000_000).max(1);
    let every = (tokens * 1_000_000_000).div_ceil(rate);
    (
        u32::try_from(tokens).unwrap_or(u32::MAX),
        SimDuration::from_us(every),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_fill_at_the_rate_and_not_too_often() {
        for (rate_permille, tokens, us) in [
            (2_000, 1, 500_000),
            (20_000, 1, 50_000),
            (30_000, 2, 66_667),
            (1, 1, 1_000_000_000),
            (1_000_000, 50, 50_000),
        ] {
            let limit = RateLimit {
                rate_permille,
                burst: 5,
            };
            assert_eq!(
                fill(&limit),
                (tokens, SimDuration::from_us(us)),
                "{rate_permille}"
            );
        }
    }

    #[test]
    fn a_cookie_is_one_of_several() {
        let when = serde_json::from_str(r#"{"cookie": {"name": "tester", "value": "a.b"}}"#);
        let text = matching(&when.expect("a condition"), None);
        let expected = r#"{ prefix: "/", headers: [{ name: "cookie", string_match: { safe_regex: { regex: "(.*; ?)?tester=a\\.b(;.*)?" } } }] }"#;
        assert_eq!(text.as_deref(), Some(expected));
    }
}
