//! Turns the sections of an HAProxy configuration into a scene: the proxy that has the servers, and its settings.

use std::collections::BTreeSet;

use super::listeners::{Entry, entries};
use super::settings::{HaproxySettings, ServerLine, pass_over};
use super::tree::{Section, SectionKind};
use super::use_backend::rules_and_pools;
use crate::algorithms::{ParsedAlgorithm, from_haproxy};
use crate::diagnostic::{ConfigMessage, Diagnostics};
use crate::ir::{ConfigIr, within_limits};
use crate::listener::Listeners;
use evenkeel_sim::balance::algorithm::{HashOptions, Implementation};
use evenkeel_sim::balance::l7::keepalive::KeepaliveSpec;
use evenkeel_sim::balance::retry::RetrySpec;
use evenkeel_sim::balance::set::BackupRule;
use evenkeel_sim::balance::slow_start::{SlowStart, SlowStartCurve};
use evenkeel_sim::balance::spec::{Layer, QueueSpec};
use evenkeel_sim::health::active::InitState;
use evenkeel_sim::health::observe::Observe;
use evenkeel_sim::health::passive::{PassiveRule, PassiveSpec};
use evenkeel_sim::scenario::Scenario;
use evenkeel_sim::scenario::limits::MAX_TEXT;

/// The queue limit of a scene from HAProxy, whose queues have none: the largest that a scene can have.
const ENDLESS: u32 = 100_000;

/// A proxy with the settings of its section and its defaults.
pub(super) struct HaproxyProxy<'a> {
    /// The section with its lines.
    pub(super) section: &'a Section,
    /// The settings of the lines.
    pub(super) settings: HaproxySettings,
}

impl HaproxyProxy<'_> {
    /// The name, if the scene allows it for a pool.
    fn pool_name(&self) -> Option<&str> {
        let name = self.section.name()?.text.as_str();
        (!name.trim().is_empty() && name.chars().count() <= MAX_TEXT).then_some(name)
    }

    /// Whether it has servers of its own.
    pub(super) fn has_servers(&self) -> bool {
        !self.settings.servers.is_empty()
    }
}

/// Turns the listener of these sections that is `wanted`, or else the first, into a scene; `None` if there are no servers.
pub fn lower(
    sections: &[Section],
    scene: &Scenario,
    wanted: Option<&str>,
    notes: &mut Diagnostics,
) -> (Option<Scenario>, Listeners) {
    let proxies = proxies(sections, notes);
    let (entries, mut listeners) = entries(&proxies, notes);
    listeners.chosen = wanted.and_then(|name| listeners.find(name)).unwrap_or(0);
    let Some(entry) = entries.get(listeners.chosen) else {
        return (None, listeners);
    };
    let draft = read(&proxies, entry, scene, notes);
    for (place, listener) in listeners.all.iter().enumerate() {
        if place != listeners.chosen {
            let name = listener.name.clone();
            notes.push(listener.span, ConfigMessage::OtherListener { name });
        }
    }
    let told: BTreeSet<usize> = { entries.iter() }
        .flat_map(|entry| entry.targets.clone())
        .collect();
    for (place, other) in proxies.iter().enumerate() {
        let is_told = told.contains(&place);
        let name = other.pool_name().unwrap_or_default();
        let is_there = draft.pools.iter().any(|pool| pool.name == name);
        if other.has_servers() && !is_told && !is_there {
            let name = name.to_owned();
            notes.push(other.section.head.span(), ConfigMessage::OtherPool { name });
        }
    }
    (draft.onto(scene, notes), listeners)
}

/// Reads one listener.
fn read(
    proxies: &[HaproxyProxy<'_>],
    entry: &Entry,
    scene: &Scenario,
    notes: &mut Diagnostics,
) -> ConfigIr {
    let chosen = &proxies[entry.main];
    let front = entry.front.map(|at| &proxies[at]);
    let settings = &chosen.settings;
    let layer = if settings.tcp { Layer::L4 } else { Layer::L7 };
    let mut draft = picks(settings, layer, scene, notes);
    if let Some(name) = chosen.pool_name() {
        draft.balancer.pool = name.to_owned();
    }
    draft.tls = layer == Layer::L7 && front.is_some_and(|front| front.settings.tls);
    if let Some(ms) = settings.timeout_server.filter(|ms| *ms > 0) {
        draft.balancer.request_timeout_us = within_limits(ms, 1);
    }
    if layer == Layer::L7 {
        draft.balancer.retries = retries(settings, chosen, notes);
        draft.balancer.sticky_cookie =
            settings.cookie && settings.servers.iter().any(|server| server.options.cookie);
        draft.balancer.keepalive = keepalive(settings, notes);
    }
    checks(settings, scene, &mut draft, notes);
    queue(settings, scene, &mut draft, notes);
    draft.balancer.backups = backups(settings);
    if let Some(front) = front.filter(|_| layer == Layer::L7) {
        rules_and_pools(proxies, front, chosen, scene, &mut draft, notes);
    }
    draft
}

/// Reads the servers of a proxy and its algorithm.
pub(super) fn picks(
    settings: &HaproxySettings,
    layer: Layer,
    scene: &Scenario,
    notes: &mut Diagnostics,
) -> ConfigIr {
    let mut draft = ConfigIr::new(scene, Implementation::Haproxy, layer);
    let members = settings.servers.iter().map(|server| server.member.clone());
    draft.members = members.collect();
    method(settings, scene, &mut draft, notes);
    draft
}

/// Reads all proxies, each with the `defaults` before it.
fn proxies<'a>(sections: &'a [Section], notes: &mut Diagnostics) -> Vec<HaproxyProxy<'a>> {
    let mut defaults = HaproxySettings::default();
    let mut found = Vec::new();
    for section in sections {
        match section.kind {
            SectionKind::Defaults => {
                defaults = HaproxySettings::default();
                for line in &section.lines {
                    defaults.take(line, notes);
                }
            }
            SectionKind::Global => {
                for line in &section.lines {
                    if line.texts() != ["nbthread", "1"] {
                        pass_over(line, notes);
                    }
                }
            }
            SectionKind::Other => pass_over(&section.head, notes),
            SectionKind::Frontend | SectionKind::Backend | SectionKind::Listen => {
                let mut settings = defaults.clone();
                // Other lines mean something else at L4, also above it.
                settings.mode(&section.lines);
                for line in &section.lines {
                    settings.take(line, notes);
                }
                found.push(HaproxyProxy { section, settings });
            }
        }
    }
    found
}

fn method(
    settings: &HaproxySettings,
    scene: &Scenario,
    draft: &mut ConfigIr,
    notes: &mut Diagnostics,
) {
    let Some((words, span)) = &settings.balance else {
        draft.pick_by(ParsedAlgorithm::weighted_round_robin(), scene, None, notes);
        return;
    };
    let texts: Vec<&str> = words.iter().map(String::as_str).collect();
    let hash = settings.hash;
    draft.balancer.hash = match texts[..] {
        ["source", ..] => hash,
        // A ring has an algorithm of its own.
        ["uri", ..] => HashOptions {
            consistent: false,
            ..hash
        },
        _ => HashOptions::default(),
    };
    draft.balancer.static_table = texts == ["static-rr"];
    match from_haproxy(&texts, settings.hash.consistent, settings.bounded) {
        Some(method) => draft.pick_by(method, scene, Some(*span), notes),
        None => {
            let what = format!("balance {}", texts.join(" "));
            notes.push(*span, ConfigMessage::BadLine { what });
            draft.pick_by(ParsedAlgorithm::weighted_round_robin(), scene, None, notes);
        }
    }
}

/// HAProxy's `retries` counts the attempts after the first. Without redispatch they go to the same server, which the
/// scene never does.
fn retries(
    settings: &HaproxySettings,
    proxy: &HaproxyProxy<'_>,
    notes: &mut Diagnostics,
) -> RetrySpec {
    if settings.retries == 0 || settings.retry_on.is_empty() {
        return RetrySpec::default();
    }
    if !settings.redispatch {
        notes.push(proxy.section.head.span(), ConfigMessage::SameServer);
    }
    RetrySpec {
        tries: settings.retries.saturating_add(1).min(100),
        on: settings.retry_on.clone(),
        budget_permille: None,
        // A request that was refused was never sent: only the other causes could send it twice.
        non_idempotent: !settings.posts_stay && settings.retry_on.len() > 1,
    }
}

/// The connections that are kept to the servers: the first server's number, up to the scene's most.
fn keepalive(settings: &HaproxySettings, notes: &mut Diagnostics) -> Option<KeepaliveSpec> {
    let of = |server: &ServerLine| (server.options.pool_max, server.options.pool_purge);
    let first = settings.servers.first()?;
    if let Some(other) = settings.servers.iter().find(|one| of(one) != of(first)) {
        let what = "pool-max-conn";
        notes.push(other.member.span, ConfigMessage::OneForAll { what });
    }
    first.options.pool_max.map(|idle| KeepaliveSpec {
        idle: idle.min(10_000),
        timeout_us: within_limits(first.options.pool_purge, 1),
    })
}

/// The active checks. A scene has one set of them, so the first server with checks counts.
fn checks(
    settings: &HaproxySettings,
    scene: &Scenario,
    draft: &mut ConfigIr,
    notes: &mut Diagnostics,
) {
    let servers = &settings.servers;
    let init = match &scene.balancer.active_checks {
        Some(own) if scene.balancer.engine == Implementation::Haproxy => own.init,
        // Up to HAProxy 3.0.
        _ => InitState::Up,
    };
    let of = |server: &ServerLine| server.options.active(settings.timeout_check, init);
    let Some(first) = servers.iter().find(|server| server.options.check) else {
        slow_start(servers, draft);
        return;
    };
    let active = of(first);
    let differs = |server: &&ServerLine| !server.options.check || of(server) != active;
    if let Some(other) = servers.iter().find(differs) {
        let what = "check";
        notes.push(other.member.span, ConfigMessage::OneForAll { what });
    }
    draft.balancer.active_checks = Some(active);
    let options = &first.options;
    draft.balancer.passive_checks = (options.observe != Observe::Nothing).then(|| PassiveSpec {
        rule: PassiveRule::Haproxy,
        observe: options.observe,
        error_limit: options.error_limit.min(1_000),
        on_error: options.on_error,
        ..PassiveSpec::default()
    });
    slow_start(servers, draft);
}

fn slow_start(servers: &[ServerLine], draft: &mut ConfigIr) {
    let window = servers.iter().map(|server| server.options.slowstart).max();
    if let Some(ms) = window.filter(|ms| *ms > 0) {
        draft.balancer.slow_start = Some(SlowStart {
            // It counts whole seconds.
            window_us: within_limits(ms.div_ceil(1_000) * 1_000, 1_000),
            shape: SlowStartCurve::Haproxy,
        });
    }
}

/// The queue. If servers have connection limits, requests wait as long as `timeout queue`, or else `timeout connect`,
/// says. HAProxy does not limit their number.
fn queue(
    settings: &HaproxySettings,
    scene: &Scenario,
    draft: &mut ConfigIr,
    notes: &mut Diagnostics,
) {
    let has_limit = draft
        .members
        .iter()
        .any(|member| member.max_conns.is_some());
    let waits = settings.timeout_queue.is_some() || has_limit;
    if let Some(span) = settings.connect_at
        && (!waits || settings.timeout_queue.is_some())
    {
        // It is how long a request waits, where nothing else says so.
        let what = "timeout connect".to_owned();
        notes.push(span, ConfigMessage::NotSimulated { what });
    }
    if !waits {
        return;
    }
    let timeout = settings.timeout_queue.or(settings.timeout_connect);
    let own = scene.balancer.queue;
    draft.balancer.queue = Some(QueueSpec {
        limit: own.map_or(ENDLESS, |own| own.limit),
        timeout_us: within_limits(timeout.unwrap_or(10_000), 1),
    });
}

/// The backup rule: HAProxy uses one backup at a time, unless told otherwise.
fn backups(settings: &HaproxySettings) -> BackupRule {
    let backups = settings.servers.iter().filter(|one| one.options.backup);
    if settings.allbackups || backups.count() < 2 {
        BackupRule::All
    } else {
        BackupRule::First
    }
}
