//! Random cases: a scene that a program can hold, and what happens while it runs.

use evenkeel::sim::balance::algorithm::{Algorithm, Implementation, KeyNeed};
use evenkeel::sim::balance::endpoint::Tier;
use evenkeel::sim::balance::l7::rules::{RouteAction, RouteMatch, Rule};
use evenkeel::sim::balance::retry::RetrySpec;
use evenkeel::sim::balance::set::BackupRule;
use evenkeel::sim::balance::spec::{Layer, QueueSpec};
use evenkeel::sim::engine::command::{Command, FaultKind};
use evenkeel::sim::fleet::spec::{
    ArrivalProcess, ClassSpec, ClientSpec, Discipline, Links, RequestKind, Work,
};
use evenkeel::sim::health::passive::{PassiveRule, PassiveSpec};
use evenkeel::sim::ids::ServerId;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::scenario::{PoolSpec, Scenario, ServerSpec};
use evenkeel::sim::time::{SimDuration, SimTime};
use evenkeel::sim::units::Permille;
use proptest::prelude::*;

use crate::draw::{Class, Draw, Event, RuleKind, Server, any_draw};
use crate::proxy::Proxy;

/// The time between two requests. Real runs do not wait for it: they do one step after another. A second, which some
/// programs wait, is no multiple of it.
const GAP_MS: u64 = 97;

/// A scene, and the commands that are given while it runs.
#[derive(Clone, Debug)]
pub struct Case {
    /// The scene.
    pub scene: Scenario,
    /// The commands, oldest first.
    pub commands: Vec<(SimTime, Command)>,
    /// How long it runs.
    pub length: SimDuration,
    /// Whether weights change between nothing and all alone.
    pub has_fixed_table: bool,
}

/// A case that the program can hold. Its servers have addresses of the loopback net that depend on the seed and the
/// program alone, since hashes see them, and that no other case has which may run beside it.
pub fn any_case(proxy: Proxy, seed: u64) -> impl Strategy<Value = Case> {
    any_draw(proxy).prop_map(move |mut draw| {
        let envoy = proxy == Proxy::Envoy;
        if draw.layer == Layer::L4 && (envoy || reads_more_than_l4(&draw, proxy.implementation())) {
            draw.layer = Layer::L7;
        }
        let mut case = case(&draw, proxy.implementation());
        let net = [127, 100 + (seed / 250 % 100) as u8, (seed % 250) as u8];
        for (number, server) in (1..).zip(&mut case.scene.servers) {
            let [a, b, c] = net;
            server.address = format!("{a}.{b}.{c}.{number}:{}", proxy.server_port());
        }
        case
    })
}

/// Whether the program has no such algorithm where it sees connections alone: nothing that reads a path, and in nginx
/// no `ip_hash`.
fn reads_more_than_l4(draw: &Draw, implementation: Implementation) -> bool {
    match draw.method.algorithm.row().key {
        KeyNeed::None => false,
        KeyNeed::Address => implementation == Implementation::Nginx,
        KeyNeed::Path => true,
    }
}

fn case(draw: &Draw, implementation: Implementation) -> Case {
    let scene = scene(draw, implementation);
    let is_fixed = has_fixed_table(draw, implementation);
    let mut commands: Vec<(SimTime, Command)> = (0_u64..)
        .zip(&draw.events)
        .map(|(place, (after, event))| {
            let at = u64::from(*after) * GAP_MS * 1_000 / 10 + 50_311 + place * 397;
            (SimTime::from_us(at), command(*event, &scene, is_fixed))
        })
        .collect();
    let last = draw.requests * GAP_MS * 1_000 + GAP_MS * 500 + 7;
    commands.push((SimTime::from_us(last), Command::SetTraffic(0)));
    let pool = draw.pool.as_ref().map(|pool| pool.algorithm);
    let mut algorithms = pool.into_iter().chain([draw.method.algorithm]);
    let weighs = algorithms.all(|algorithm| algorithm.row().weighted);
    commands.retain(|(_, command)| weighs || !matches!(command, Command::SetWeight(..)));
    commands.sort_by_key(|(at, _)| *at);
    Case {
        scene,
        commands,
        length: SimDuration::from_secs(60),
        has_fixed_table: is_fixed,
    }
}

/// Whether HAProxy's algorithm works by a table of weights that the runtime interface can only switch between nothing
/// and all.
fn has_fixed_table(draw: &Draw, implementation: Implementation) -> bool {
    let is_map = |algorithm| matches!(algorithm, Algorithm::IpHash | Algorithm::KeyHash);
    let other = draw.pool.as_ref().map(|pool| pool.algorithm);
    let map = is_map(draw.method.algorithm) || other.is_some_and(is_map);
    implementation == Implementation::Haproxy
        && (draw.method.static_table || (map && !draw.method.hash.consistent))
}

fn command(event: Event, scene: &Scenario, is_fixed: bool) -> Command {
    let id = |index: prop::sample::Index| ServerId(index.index(scene.servers.len()) as u32);
    match event {
        Event::Crash(one) => Command::Fault(id(one), FaultKind::Crash),
        Event::Fail(one) => Command::Fault(id(one), FaultKind::FailFast(Permille(1_000))),
        Event::Restore(one) => Command::Fault(id(one), FaultKind::Restore),
        Event::Weight(one, weight) if is_fixed => {
            let own = scene.servers[id(one).index()].weight;
            Command::SetWeight(id(one), if weight % 2 == 0 { 0 } else { own })
        }
        Event::Weight(one, weight) => Command::SetWeight(id(one), weight),
        Event::Admin(one, state) => Command::SetAdmin(id(one), state),
    }
}

fn scene(draw: &Draw, implementation: Implementation) -> Scenario {
    let mut scene = default_scenario();
    let haproxy = implementation == Implementation::Haproxy;
    scene.name = "differential".to_owned();
    scene.seed = draw.seed;
    scene.arrivals.process = ArrivalProcess::Steady;
    scene.arrivals.rate_rps = 1_000.0 / GAP_MS as f64;
    scene.arrivals.in_turn = true;
    scene.links = Links {
        client_us: SimDuration::ZERO,
        server_us: SimDuration::ZERO,
    };
    scene.clients = (0..draw.clients).map(client).collect();
    scene.classes = (0..).zip(&draw.classes).map(class).collect();
    let balancer = &mut scene.balancer;
    balancer.engine = implementation;
    balancer.algorithm = draw.method.algorithm;
    balancer.hash = draw.method.hash;
    balancer.static_table = draw.method.static_table;
    (balancer.tls_us, balancer.parse_us) = (SimDuration::ZERO, SimDuration::ZERO);
    balancer.forward_us = SimDuration::ZERO;
    balancer.request_timeout_us = SimDuration::from_secs(600);
    balancer.active_checks = None;
    balancer.retries = draw.retries.clone();
    balancer.passive_checks = passive(draw, implementation);
    if implementation == Implementation::Envoy {
        balancer.panic_percent = [0, 50, 100][(draw.seed / 3 % 3) as usize];
    }
    // In a table HAProxy lets all backups compete for the places of the first, so that the heaviest may win them all:
    // not simulated.
    let all = draw.all_backups || !haproxy || has_fixed_table(draw, implementation);
    balancer.backups = if all {
        BackupRule::All
    } else {
        BackupRule::First
    };
    balancer.queue = (haproxy).then_some(QueueSpec {
        limit: 100_000,
        timeout_us: SimDuration::from_secs(600),
    });
    balancer.layer = draw.layer;
    balancer.sticky_cookie = draw.cookie;
    if draw.layer == Layer::L4 {
        balancer.retries = RetrySpec::default();
    }
    // Envoy has no limit for one host, and its turns in a second pool begin anywhere.
    let limits = implementation != Implementation::Envoy;
    let pool = draw
        .pool
        .as_ref()
        .filter(|_| draw.servers.len() > 1 && limits);
    let hashes = |algorithm| {
        matches!(
            algorithm,
            Algorithm::IpHash | Algorithm::KeyHash | Algorithm::ConsistentHash
        )
    };
    let hash = hashes(draw.method.algorithm) || pool.is_some_and(|pool| hashes(pool.algorithm));
    let can_back_up = match implementation {
        Implementation::Nginx => !hash,
        // Envoy gives backups a part of the traffic already while some others are healthy: not simulated.
        Implementation::Envoy => scene.balancer.passive_checks.is_none(),
        _ => true,
    };
    if let Some(pool) = pool {
        scene.pools = vec![PoolSpec {
            name: POOL.to_owned(),
            algorithm: pool.algorithm,
            engine: implementation,
            draws: None,
        }];
        scene.rules = pool.rules.iter().map(rule).collect();
        // HAProxy turns away before it routes, whatever stands first.
        scene
            .rules
            .sort_by_key(|rule| rule.then != RouteAction::Block);
    }
    let servers = (0..).zip(&draw.servers);
    scene.servers = servers
        .map(|(number, one)| server(number, *one, (haproxy, limits, can_back_up)))
        .collect();
    if pool.is_some() {
        for server in scene.servers.iter_mut().skip(1).step_by(2) {
            server.pool = Some(POOL.to_owned());
        }
    }
    scene
}

/// Passive checks that end nothing within a case.
fn passive(draw: &Draw, implementation: Implementation) -> Option<PassiveSpec> {
    match implementation {
        Implementation::Nginx => Some(PassiveSpec {
            rule: PassiveRule::Nginx,
            max_fails: draw.passive?,
            fail_timeout_s: 3_600,
            count_server_errors: true,
            ..PassiveSpec::default()
        }),
        // Where its turns go on after a change of the hosts is random.
        Implementation::Envoy if draw.method.algorithm == Algorithm::RoundRobin => None,
        Implementation::Envoy => Some(PassiveSpec {
            rule: PassiveRule::Consecutive,
            consecutive_failures: draw.passive?.max(1),
            base_ejection_us: SimDuration::from_secs(3_600),
            max_ejection_us: SimDuration::from_secs(3_600),
            max_ejection_percent: [100, 50, 30][(draw.seed % 3) as usize],
            count_server_errors: true,
            ..PassiveSpec::default()
        }),
        _ => None,
    }
}

/// The name of the second pool.
const POOL: &str = "other";

fn rule(kind: &RuleKind) -> Rule {
    let path = |path: u8| RouteMatch {
        path: Some(format!("/p{path}/")),
        ..RouteMatch::default()
    };
    let pool = || RouteAction::Pool(POOL.to_owned());
    let (when, then) = match *kind {
        RuleKind::Path(number) => (path(number), pool()),
        RuleKind::Block(number) => (path(number), RouteAction::Block),
        RuleKind::Post => {
            let method = Some("POST".to_owned());
            let when = RouteMatch {
                method,
                ..RouteMatch::default()
            };
            (when, pool())
        }
    };
    Rule {
        name: String::new(),
        when,
        then,
        on: true,
    }
}

fn client(number: u8) -> ClientSpec {
    ClientSpec {
        name: format!("c{number}"),
        note: String::new(),
        address: [127, number.wrapping_mul(41), number, 1 + number % 5].into(),
        users: 1,
        share: 1,
        requests_per_connection: 1,
    }
}

fn class((number, class): (u64, &Class)) -> ClassSpec {
    let kind = if class.post {
        RequestKind::Checkout
    } else {
        RequestKind::Page
    };
    // No two requests end at one time, and none ends when another begins.
    let us = SimDuration::from_us(class.hold * GAP_MS * 1_000 + 7_001 + number * 3_343);
    // The number tells classes of one path apart; hashes of the path see it too.
    let path = format!("/p{}/{number}", class.path);
    ClassSpec::plain(kind, &path, Work::Fixed { us })
}

fn server(
    number: u32,
    one: Server,
    (haproxy, limits, can_back_up): (bool, bool, bool),
) -> ServerSpec {
    ServerSpec {
        name: format!("s{number}"),
        address: String::new(),
        weight: one.weight,
        // nginx has no backups beside a hash.
        tier: if one.backup && can_back_up {
            Tier::Backup
        } else {
            Tier::Primary
        },
        workers: 1_000,
        queue: 0,
        max_conns: one.max_conns.filter(|_| limits),
        max_queue: one.max_queue.filter(|_| haproxy && one.max_conns.is_some()),
        speed_permille: Permille::ONE,
        discipline: Discipline::Fifo,
        pool: None,
    }
}
