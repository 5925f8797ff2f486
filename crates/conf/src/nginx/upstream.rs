//! Reads an `upstream` block: servers, method, passive checks.

use super::tree::{Directive, NginxWord};
use super::values::{number, time};
use crate::algorithms::{ParsedAlgorithm, allows_no_backup, from_nginx};
use crate::diagnostic::{ConfigMessage, Diagnostics, Span};
use crate::ir::{ConfigIr, ParsedServer, within_limits};
use evenkeel_sim::balance::l7::keepalive::KeepaliveSpec;
use evenkeel_sim::balance::slow_start::{SlowStart, SlowStartCurve};
use evenkeel_sim::balance::spec::QueueSpec;
use evenkeel_sim::health::passive::{PassiveRule, PassiveSpec};
use evenkeel_sim::scenario::Scenario;

/// The longest comment that counts as a server's name.
const MAX_NAME: usize = 40;
/// The most idle connections that a scene keeps to a server.
const MOST_IDLE: u64 = 10_000;
/// The largest number that nginx's own reader takes.
const ANY: (u64, u64) = (0, u32::MAX as u64);

/// `max_fails` and `fail_timeout` of one server, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Passive {
    max_fails: u32,
    fail_timeout_s: u32,
}

/// The content of an upstream, before it is applied.
struct Upstream {
    kept: UpstreamKeepalive,
    method: Option<(ParsedAlgorithm, Span)>,
    passive: Vec<(Passive, Span)>,
    slow_start: Option<u64>,
    /// Whether a method that allows no backups was read.
    allows_no_backup: bool,
}

/// The settings of kept connections (`keepalive`).
#[derive(Default)]
struct UpstreamKeepalive {
    idle: Option<u32>,
    timeout_ms: Option<u64>,
}

impl UpstreamKeepalive {
    fn take(&mut self, line: &Directive, notes: &mut Diagnostics) {
        let Some(word) = line.args.first() else {
            let what = text_of(line);
            return notes.push(line.span(), ConfigMessage::BadLine { what });
        };
        if line.is("keepalive_timeout") {
            self.timeout_ms = time(word, &word.text, "keepalive_timeout", notes);
            return;
        }
        let found = number(word, &word.text, "keepalive", (1, ANY.1), notes);
        if found.is_some_and(|idle| idle > MOST_IDLE) {
            let (what, max) = ("keepalive", MOST_IDLE);
            notes.push(word.span, ConfigMessage::Clamped { what, max });
        }
        self.idle = found.and_then(|idle| u32::try_from(idle.min(MOST_IDLE)).ok());
    }

    /// Without `keepalive` the scene at hand may open a connection for each request, as nginx does,
    /// or take no account of connections.
    fn spec(&self, own: Option<KeepaliveSpec>) -> Option<KeepaliveSpec> {
        let Some(idle) = self.idle else {
            return own.filter(|own| own.idle == 0);
        };
        // nginx's own 60 s where nothing is said.
        let timeout_us = within_limits(self.timeout_ms.unwrap_or(60_000), 1);
        Some(KeepaliveSpec { idle, timeout_us })
    }
}

/// Reads the block into the draft.
pub fn read(
    upstream: &Directive,
    stream: bool,
    scene: &Scenario,
    draft: &mut ConfigIr,
    notes: &mut Diagnostics,
) {
    let mut found = Upstream {
        kept: UpstreamKeepalive::default(),
        method: None,
        passive: Vec::new(),
        slow_start: None,
        allows_no_backup: false,
    };
    for line in upstream.children() {
        let words = line.words();
        match line.name.text.as_str() {
            "server" => server(line, &mut found, draft, notes),
            // One state for all processes, which is how the scene counts.
            "zone" => {}
            // NGINX Plus: the servers are in a file that its interface writes.
            "state" => {
                let (name, count) = (text_of(line), 1);
                notes.push(line.span(), ConfigMessage::FoundAtRunTime { name, count });
                let place = upstream.args.first().unwrap_or(&upstream.name);
                draft.members.push(member(&place.text, line));
            }
            "keepalive" | "keepalive_timeout" if !stream => found.kept.take(line, notes),
            "queue" => queue(line, draft, notes),
            "sticky" if words.first() == Some(&"cookie") && !stream => {
                draft.balancer.sticky_cookie = true;
                for word in line.args.iter().skip(2) {
                    let what = word.text.clone();
                    notes.push(word.span, ConfigMessage::NotSimulated { what });
                }
            }
            name => match from_nginx(name, &words, stream) {
                Some(method) => {
                    found.method = Some((method, line.span()));
                    found.allows_no_backup = allows_no_backup(name);
                }
                None if ["hash", "random", "least_time", "least_conn", "ip_hash"]
                    .contains(&name) =>
                {
                    let what = text_of(line);
                    notes.push(line.span(), ConfigMessage::BadLine { what });
                }
                None => {
                    let what = name.to_owned();
                    notes.push(line.span(), ConfigMessage::PoolNotSimulated { what });
                }
            },
        }
    }
    if draft.members.iter().all(|member| member.backup) {
        let name = upstream.words().join(" ");
        notes.push(upstream.span(), ConfigMessage::EmptyPool { name });
    }
    let (method, at) = match found.method {
        Some((method, at)) => (method, Some(at)),
        None => (ParsedAlgorithm::weighted_round_robin(), None),
    };
    draft.pick_by(method, scene, at, notes);
    passive(&found.passive, draft, notes);
    if !stream {
        draft.balancer.keepalive = found.kept.spec(scene.balancer.keepalive);
    }
    if let Some(ms) = found.slow_start.filter(|ms| *ms > 0) {
        draft.balancer.slow_start = Some(SlowStart {
            window_us: within_limits(ms, 1),
            shape: SlowStartCurve::Linear,
        });
    }
}

/// A directive as one line.
pub fn text_of(line: &Directive) -> String {
    let mut words = vec![line.name.text.as_str()];
    words.extend(line.words());
    words.join(" ")
}

/// Applies the passive rule. A scene has one rule for all servers, so the first server's counts.
fn passive(found: &[(Passive, Span)], draft: &mut ConfigIr, notes: &mut Diagnostics) {
    let Some((first, _)) = found.first() else {
        return;
    };
    if let Some((_, span)) = found.iter().find(|(one, _)| one != first) {
        let what = "max_fails and fail_timeout";
        notes.push(*span, ConfigMessage::OneForAll { what });
    }
    draft.balancer.passive_checks = (first.max_fails > 0).then(|| PassiveSpec {
        rule: PassiveRule::Nginx,
        max_fails: first.max_fails,
        fail_timeout_s: first.fail_timeout_s,
        ..PassiveSpec::default()
    });
}

fn server(line: &Directive, found: &mut Upstream, draft: &mut ConfigIr, notes: &mut Diagnostics) {
    let Some((address, parameters)) = line.args.split_first() else {
        notes.push(line.span(), ConfigMessage::NeedsAddress);
        return;
    };
    let mut member = member(&address.text, line);
    let mut down = false;
    let mut rule = Passive {
        max_fails: 1,
        fail_timeout_s: 10,
    };
    for word in parameters {
        let (name, value) = word.text.split_once('=').unwrap_or((&word.text, ""));
        let take = |what, range, notes: &mut Diagnostics| {
            let number = number(word, value, what, range, notes)?;
            u32::try_from(number).ok()
        };
        match name {
            "weight" => member.weight = take("weight", (1, ANY.1), notes).unwrap_or(1),
            "max_conns" => {
                member.max_conns = take("max_conns", ANY, notes).filter(|most| *most > 0);
            }
            "max_fails" => {
                rule.max_fails = take("max_fails", ANY, notes).unwrap_or(1).min(1_000);
            }
            "fail_timeout" => {
                let ms = time(word, value, "fail_timeout", notes).unwrap_or(10_000);
                rule.fail_timeout_s = u32::try_from(ms / 1_000).unwrap_or(u32::MAX).min(3_600);
            }
            "slow_start" => found.slow_start = time(word, value, "slow_start", notes),
            "backup" => {
                member.backup = true;
                // nginx looks at the methods that stand before the server.
                if found.allows_no_backup {
                    let what = word.text.clone();
                    notes.push(word.span, ConfigMessage::UnknownParameter { what });
                }
            }
            "down" => down = true,
            "resolve" | "service" => {
                let (name, count) = (address.text.clone(), 1);
                notes.push(word.span, ConfigMessage::FoundAtRunTime { name, count });
            }
            _ => unknown(word, notes),
        }
    }
    if down {
        member.weight = 0;
    }
    found.passive.push((rule, line.span()));
    draft.members.push(member);
}

/// Adds a diagnostic for a server parameter without effect in a scene: known to nginx, or a slip.
fn unknown(word: &NginxWord, notes: &mut Diagnostics) {
    let known = ["route=", "drain", "backup", "id="];
    let what = word.text.clone();
    let message = if known.iter().any(|known| what.starts_with(known)) {
        ConfigMessage::NotSimulated { what }
    } else {
        ConfigMessage::UnknownParameter { what }
    };
    notes.push(word.span, message);
}

/// A server of weight 1 at an address.
#[must_use]
pub fn member(address: &str, line: &Directive) -> ParsedServer {
    let is_name = |comment: &&String| {
        let short = comment.chars().count() <= MAX_NAME;
        short && !comment.is_empty() && !comment.contains(char::is_whitespace)
    };
    ParsedServer {
        name: line.comment.as_ref().filter(is_name).cloned(),
        address: address.to_owned(),
        span: line.span(),
        weight: 1,
        backup: false,
        max_conns: None,
        max_queue: None,
        pool: None,
    }
}

/// NGINX Plus: `queue 100 timeout=30s`, 60 s where it is not said.
fn queue(line: &Directive, draft: &mut ConfigIr, notes: &mut Diagnostics) {
    let mut queue = QueueSpec {
        timeout_us: within_limits(60_000, 1),
        ..QueueSpec::default()
    };
    for word in &line.args {
        if let Some(value) = word.text.strip_prefix("timeout=") {
            if let Some(ms) = time(word, value, "timeout", notes) {
                queue.timeout_us = within_limits(ms, 1);
            }
        } else if let Some(limit) = number(word, &word.text, "queue", (0, 100_000), notes) {
            queue.limit = u32::try_from(limit).unwrap_or(queue.limit);
        }
    }
    draft.balancer.queue = Some(queue);
}
