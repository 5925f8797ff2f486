//! The rules of a scene as conditions of HAProxy.

use crate::conf::pools::{Pool, written};
use crate::conf::remark::Remark;
use crate::conf::text::{Writer, own};
use crate::sim::balance::front::rules::{Action, Injected, Pair, Rule, When};

/// Writes the rules: first those on requests, then the ways, in their order, as HAProxy has it.
pub(super) fn rules(rules: &[Rule], pools: &[Pool<'_>], out: &mut Writer) {
    let on = || rules.iter().enumerate().filter(|(_, rule)| rule.on);
    let is_way = |rule: &Rule| matches!(rule.then, Action::Pool(_));
    for (place, rule) in on().filter(|(_, rule)| !is_way(rule)) {
        if request_rule(rule, out).is_none() {
            let rule = if rule.name.is_empty() {
                (place + 1).to_string()
            } else {
                own(&rule.name)
            };
            out.comment(Remark::Rule { rule });
        }
    }
    for (place, rule) in on().filter(|(_, rule)| is_way(rule)) {
        let Action::Pool(pool) = &rule.then else {
            continue;
        };
        match (written(pools, pool), condition(&rule.when)) {
            (Some(pool), Some(when)) => out.line(format_args!("use_backend {pool}{when}")),
            _ => out.comment(Remark::Rule {
                rule: (place + 1).to_string(),
            }),
        }
    }
}

fn request_rule(rule: &Rule, out: &mut Writer) -> Option<()> {
    let when = condition(&rule.when)?;
    match &rule.then {
        Action::Block => out.line(format_args!("http-request deny{when}")),
        Action::Inject(headers) if when.is_empty() => {
            for header in headers {
                inject(*header, out);
            }
        }
        // HAProxy lets protocols change by itself.
        Action::Upgrade => {}
        _ => return None,
    }
    Some(())
}

fn inject(header: Injected, out: &mut Writer) {
    let value = match header {
        Injected::XForwardedFor => return out.line("option forwardfor"),
        Injected::XRealIp => "%[src]",
        Injected::XForwardedProto => "%[ssl_fc,iif(https,http)]",
        Injected::XRequestId => "%[uuid()]",
    };
    out.line(format_args!(
        "http-request set-header {} {value}",
        header.name()
    ));
}

/// ` if { … } { … }`, empty for all requests; `None` where a text cannot be one word.
fn condition(when: &When) -> Option<String> {
    let mut tests = Vec::new();
    for (start, value) in [
        ("path_beg", &when.path),
        ("url_sub -i", &when.contains),
        ("hdr(host) -i", &when.host),
        ("method", &when.method),
    ] {
        if let Some(value) = value {
            tests.push(format!("{{ {start} {} }}", word(value)?));
        }
    }
    for (fetch, pair) in [("req.hdr", &when.header), ("req.cook", &when.cookie)] {
        if let Some(Pair { name, value }) = pair {
            let how = match value {
                Some(value) => format!("str {}", word(value)?),
                None => "found".to_owned(),
            };
            tests.push(format!("{{ {fetch}({}) -m {how} }}", word(name)?));
        }
    }
    if tests.is_empty() {
        return Some(String::new());
    }
    Some(format!(" if {}", tests.join(" ")))
}

/// A text that is a word of HAProxy's as it is.
fn word(text: &str) -> Option<&str> {
    let fits = |one: char| one.is_ascii_alphanumeric() || "/._-~:;=+@*".contains(one);
    (!text.is_empty() && !text.starts_with('-') && text.chars().all(fits)).then_some(text)
}
