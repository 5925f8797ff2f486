//! The configuration IR (intermediate representation): the settings and servers of a configuration, before they become
//! a scene. Clients, traffic and machines come from the present scene.

use super::algorithms::{ParsedAlgorithm, label};
use super::diagnostic::{ConfigMessage, Diagnostics, Span};
use super::text;
use evenkeel_sim::balance::algorithm::{HashOptions, Implementation};
use evenkeel_sim::balance::endpoint::{MAX_WEIGHT, Tier};
use evenkeel_sim::balance::l7::rules::Rule;
use evenkeel_sim::balance::set::BackupRule;
use evenkeel_sim::balance::spec::{BalancerSpec, Layer};
use evenkeel_sim::scenario::limits::{MAX_RULES, MAX_SERVERS, MAX_SPAN_US, MAX_TEXT};
use evenkeel_sim::scenario::{PoolSpec, Scenario, ServerSpec};
use evenkeel_sim::time::SimDuration as Time;
use evenkeel_sim::units::Permille;

/// The time of a TLS handshake if the present scene does not end TLS.
const TLS: Time = Time::from_ms(120);

/// A server as a configuration gives it.
#[derive(Clone, Debug)]
pub struct ParsedServer {
    /// The name; `None` if the configuration gives none.
    pub name: Option<String>,
    /// The address as written.
    pub address: String,
    /// The line that names it.
    pub span: Span,
    /// The weight; 0 if it is out of use.
    pub weight: u32,
    /// Whether it is a backup.
    pub backup: bool,
    /// The connection limit; `None` is no limit.
    pub max_conns: Option<u32>,
    /// The most requests that may wait for it alone; `None` is no limit.
    pub max_queue: Option<u32>,
    /// The pool; `None` is the main one.
    pub pool: Option<String>,
}

/// The settings and servers that a configuration asks for.
#[derive(Clone, Debug)]
pub struct ConfigIr {
    /// The settings of the balancer.
    pub balancer: BalancerSpec,
    /// The servers of all pools.
    pub members: Vec<ParsedServer>,
    /// Whether TLS ends at the balancer.
    pub tls: bool,
    /// The pools besides the main one.
    pub pools: Vec<PoolSpec>,
    /// The rules of the frontend, in order.
    pub rules: Vec<Rule>,
}

impl ConfigIr {
    /// A balancer in one program's implementation, with everything else off, at the costs of the scene.
    #[must_use]
    pub fn new(scene: &Scenario, engine: Implementation, layer: Layer) -> Self {
        let own = &scene.balancer;
        let balancer = BalancerSpec {
            layer,
            engine,
            algorithm: ParsedAlgorithm::weighted_round_robin().algorithm,
            draws: None,
            active_checks: None,
            passive_checks: None,
            retries: Default::default(),
            slow_start: None,
            panic_percent: 0,
            fail_open: false,
            queue: None,
            sticky_cookie: false,
            hash: HashOptions::default(),
            static_table: false,
            backups: BackupRule::default(),
            ..own.clone()
        };
        Self {
            balancer,
            members: Vec::new(),
            tls: false,
            pools: Vec::new(),
            rules: Vec::new(),
        }
    }

    /// Sets the algorithm. If the directive and the scene do not mean quite the same, a diagnostic is added at `span`.
    pub fn pick_by(
        &mut self,
        method: ParsedAlgorithm,
        scene: &Scenario,
        at: Option<Span>,
        notes: &mut Diagnostics,
    ) {
        let main = self.members.iter().filter(|member| member.pool.is_none());
        let all_alike = { main }.all(|member| member.weight <= 1);
        let method = method.with_scene_algorithm(scene.balancer.algorithm, all_alike);
        (self.balancer.algorithm, self.balancer.draws) = (method.algorithm, method.draws);
        if let (true, Some(span)) = (method.nearest, at) {
            let label = label(method.algorithm);
            notes.push(span, ConfigMessage::NearestAlgorithm { label });
        }
    }

    /// Adds a pool with its servers, found in a draft of its own; `None` if it has no servers or its name is taken.
    pub fn add_pool(&mut self, name: &str, other: Self) -> Option<()> {
        let taken = self.balancer.pool == name || self.pools.iter().any(|pool| pool.name == name);
        if taken || other.members.is_empty() || name.chars().count() > MAX_TEXT {
            return None;
        }
        self.pools.push(PoolSpec {
            name: name.to_owned(),
            algorithm: other.balancer.algorithm,
            engine: other.balancer.engine,
            draws: other.balancer.draws,
        });
        let members = other.members.into_iter().map(|member| ParsedServer {
            pool: Some(name.to_owned()),
            ..member
        });
        self.members.extend(members);
        Some(())
    }

    /// Puts the pools, and their servers, into the order of the text.
    pub fn order_pools(&mut self, place: impl Fn(&str) -> Option<usize>) {
        self.pools.sort_by_key(|pool| place(&pool.name));
        // The main pool's come first.
        self.members
            .sort_by_key(|member| member.pool.as_deref().map(&place));
    }

    /// Drops the rules beyond a scene's limit.
    pub fn bound_rules(&mut self, notes: &mut Diagnostics) {
        if self.rules.len() > MAX_RULES {
            notes.push(
                Span::default(),
                ConfigMessage::TooManyRules { max: MAX_RULES },
            );
            self.rules.truncate(MAX_RULES);
        }
    }

    /// The scene with this balancer and these servers; `None` if there are none.
    #[must_use]
    pub fn onto(mut self, scene: &Scenario, notes: &mut Diagnostics) -> Option<Scenario> {
        if let Some(extra) = self.members.get(MAX_SERVERS) {
            notes.push(
                extra.span,
                ConfigMessage::TooManyServers { max: MAX_SERVERS },
            );
            self.members.truncate(MAX_SERVERS);
        }
        if self.members.is_empty() {
            return None;
        }
        if self.tls && self.balancer.tls_us.as_us() == 0 {
            self.balancer.tls_us = TLS;
        }
        let servers = machines(&self.members, scene, notes);
        name_rules(&mut self.rules, &scene.rules);
        Some(Scenario {
            balancer: self.balancer,
            servers,
            pools: self.pools,
            rules: self.rules,
            ..scene.clone()
        })
    }
}

/// Gives a rule the name of the scene's rule with the same content.
fn name_rules(rules: &mut [Rule], known: &[Rule]) {
    for rule in rules {
        let is_same = |own: &&Rule| own.on && own.when == rule.when && own.then == rule.then;
        if let Some(same) = known.iter().find(is_same) {
            rule.name.clone_from(&same.name);
        }
    }
}

/// The machines of the servers. A server of the scene with the same address is the same machine, first the one whose
/// name an export would write so; else one with the same name. Others are like the scene's first.
fn machines(
    members: &[ParsedServer],
    scene: &Scenario,
    notes: &mut Diagnostics,
) -> Vec<ServerSpec> {
    let known = known(members, scene);
    let mut taken: Vec<String> = Vec::new();
    let mut servers = Vec::new();
    for (member, (found, same_name)) in members.iter().zip(known) {
        let name = name(member, found, same_name, &taken);
        taken.push(name.clone());
        if member.weight > MAX_WEIGHT {
            let message = ConfigMessage::Clamped {
                what: "weight",
                max: MAX_WEIGHT.into(),
            };
            notes.push(member.span, message);
        }
        let like = found.or(scene.servers.first());
        servers.push(ServerSpec {
            name,
            address: member.address.chars().take(MAX_TEXT).collect(),
            weight: member.weight.min(MAX_WEIGHT),
            tier: if member.backup {
                Tier::Backup
            } else {
                Tier::Primary
            },
            workers: like.map_or(1, |like| like.workers),
            queue: like.map_or(100, |like| like.queue),
            max_conns: member.max_conns.map(|most| most.clamp(1, 1_000_000)),
            max_queue: member.max_queue.map(|most| most.clamp(1, 1_000_000)),
            speed_permille: found.map_or(Permille::ONE, |like| like.speed_permille),
            discipline: like.map(|like| like.discipline).unwrap_or_default(),
            pool: member.pool.clone(),
        });
    }
    servers
}

/// Whether a member is the server at an index of the scene.
type Same<'a> = dyn Fn(&ParsedServer, usize) -> bool + 'a;

/// For each member, the server of the scene that it is, and whether that has its name too.
fn known<'a>(members: &[ParsedServer], scene: &'a Scenario) -> Vec<(Option<&'a ServerSpec>, bool)> {
    let mut names = text::UniqueNames::default();
    let written = |(place, server): (usize, &'a ServerSpec)| {
        let name = names.take(&server.name, &spare_name(place));
        (server, name)
    };
    let all: Vec<(&ServerSpec, String)> = scene.servers.iter().enumerate().map(written).collect();
    let mut left: Vec<bool> = vec![true; all.len()];
    let mut found: Vec<(Option<&ServerSpec>, bool)> = vec![(None, false); members.len()];
    let same_address = |member: &ParsedServer, at: usize| all[at].0.address == member.address;
    let same_name = |member: &ParsedServer, at: usize| {
        let (server, written) = &all[at];
        let own = text::truncated(&server.name);
        let name = member.name.as_ref();
        name.is_some_and(|name| name == written || *name == own || *name == server.name)
    };
    let both = |member: &ParsedServer, at: usize| same_address(member, at) && same_name(member, at);
    let passes: [&Same<'_>; 3] = [&both, &same_address, &same_name];
    for same in passes {
        for (member, found) in members.iter().zip(&mut found) {
            if found.0.is_some() {
                continue;
            }
            let at = (0..all.len()).find(|at| left[*at] && same(member, *at));
            if let Some(at) = at {
                left[at] = false;
                *found = (Some(all[at].0), same_name(member, at));
            }
        }
    }
    found
}

/// The scene's name where the configuration's is the same, else the configuration's, the scene's,
/// one from the host name, or the next letter.
fn name(
    member: &ParsedServer,
    found: Option<&ServerSpec>,
    same_name: bool,
    taken: &[String],
) -> String {
    let free = |name: &String| !name.trim().is_empty() && !taken.contains(name);
    let own = found.map(|found| found.name.clone());
    let wanted = [
        own.clone().filter(|_| same_name),
        member.name.clone(),
        own,
        host_label(&member.address),
    ];
    let short = |name: String| name.chars().take(MAX_TEXT).collect::<String>();
    let known = wanted.into_iter().flatten().map(short).find(free);
    let letters = u32::try_from(taken.len()).unwrap_or(0)..;
    known.unwrap_or_else(|| letters.map(letter).find(free).unwrap_or_default())
}

/// The name in an export of the server at this index, if its own name has no letter that may be written.
#[must_use]
pub fn spare_name(place: usize) -> String {
    format!("s{}", place + 1)
}

/// The first part of a host name: `app1` of `app1.example.com:8080`.
fn host_label(address: &str) -> Option<String> {
    let host = address.split([':', '/']).find(|part| !part.is_empty())?;
    let label = host.split('.').next()?;
    let is_name = label.starts_with(|one: char| one.is_ascii_alphabetic()) && label != "unix";
    is_name.then(|| label.to_owned())
}

/// `A` to `Z`, then `A1`, `B1` and so on.
fn letter(place: u32) -> String {
    let letter = char::from(b'A' + u8::try_from(place % 26).unwrap_or(0));
    match place / 26 {
        0 => letter.to_string(),
        round => format!("{letter}{round}"),
    }
}

/// A length of time of a configuration, in milliseconds, as the scene can hold it.
#[must_use]
pub fn within_limits(ms: u64, least_ms: u64) -> Time {
    Time::from_ms(ms.clamp(least_ms, MAX_SPAN_US / 1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_never_end() {
        let first: Vec<String> = [0, 25, 26, 53].into_iter().map(letter).collect();
        assert_eq!(first, ["A", "Z", "A1", "B2"]);
    }
}
