//! Random cases: a scene that a program can hold, and what happens while it runs.

use evenkeel::sim::balance::algorithm::{Algorithm, HashOptions, Implementation};
use evenkeel::sim::balance::endpoint::{AdminState, Tier};
use evenkeel::sim::balance::pickers::haproxy::HashFunction;
use evenkeel::sim::balance::retry::{RetryOn, RetrySpec};
use evenkeel::sim::balance::set::BackupRule;
use evenkeel::sim::balance::spec::QueueSpec;
use evenkeel::sim::engine::command::{Command, FaultKind};
use evenkeel::sim::fleet::spec::{
    ArrivalProcess, ClassSpec, ClientSpec, Discipline, Links, RequestKind, Work,
};
use evenkeel::sim::health::passive::{PassiveRule, PassiveSpec};
use evenkeel::sim::ids::ServerId;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::scenario::{Scenario, ServerSpec};
use evenkeel::sim::time::{SimDuration, SimTime};
use proptest::collection::vec;
use proptest::prelude::*;

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

/// Everything that a case is drawn from.
#[derive(Clone, Debug)]
struct Draw {
    method: Method,
    servers: Vec<Server>,
    classes: Vec<Class>,
    clients: u8,
    retries: RetrySpec,
    passive: Option<(u32, bool)>,
    all_backups: bool,
    events: Vec<(u16, Event)>,
    requests: u64,
    seed: u64,
}

#[derive(Clone, Debug)]
struct Method {
    algorithm: Algorithm,
    hash: HashOptions,
    static_table: bool,
}

#[derive(Clone, Copy, Debug)]
struct Server {
    weight: u32,
    backup: bool,
    max_conns: Option<u32>,
    max_queue: Option<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Class {
    /// How many requests come before a server answers one.
    hold: u64,
    /// Which path it asks for.
    path: u8,
    post: bool,
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Crash(prop::sample::Index),
    Fail(prop::sample::Index),
    Restore(prop::sample::Index),
    Weight(prop::sample::Index, u32),
    Admin(prop::sample::Index, AdminState),
}

/// A case that the program can hold. Its servers have addresses of the loopback net that depend on the seed and the
/// program alone, since hashes see them, and that no other case has which may run beside it.
pub fn any_case(proxy: Proxy, seed: u64) -> impl Strategy<Value = Case> {
    draw(proxy).prop_map(move |draw| {
        let mut case = case(&draw, proxy.implementation());
        let net = [127, 100 + (seed / 250 % 100) as u8, (seed % 250) as u8];
        for (number, server) in (1..).zip(&mut case.scene.servers) {
            let [a, b, c] = net;
            server.address = format!("{a}.{b}.{c}.{number}:{}", proxy.server_port());
        }
        case
    })
}

fn draw(proxy: Proxy) -> impl Strategy<Value = Draw> {
    let haproxy = proxy.implementation() == Implementation::Haproxy;
    let scene = (
        any_method(haproxy),
        vec(any_server(), 1..=8),
        vec(any_class(), 1..=12),
        1_u8..=5,
        any_retries(),
        prop::option::weighted(0.7, (0_u32..=3, any::<bool>())),
    );
    let rest = (
        any::<bool>(),
        vec((0_u16..400, any_event(haproxy)), 0..8),
        1_u64..=40,
        any::<u64>(),
    );
    (scene, rest).prop_map(|(scene, rest)| Draw {
        method: scene.0,
        servers: scene.1,
        classes: scene.2,
        clients: scene.3,
        retries: scene.4,
        passive: scene.5,
        all_backups: rest.0,
        events: rest.1,
        requests: rest.2,
        seed: rest.3,
    })
}

fn any_method(haproxy: bool) -> BoxedStrategy<Method> {
    let plain = |algorithm| Method {
        algorithm,
        hash: HashOptions::default(),
        static_table: false,
    };
    let common = vec![
        Algorithm::RoundRobin,
        Algorithm::WeightedRoundRobin,
        Algorithm::LeastConnections,
        Algorithm::WeightedLeastConnections,
        Algorithm::IpHash,
        Algorithm::KeyHash,
        Algorithm::ConsistentHash,
    ];
    let common = prop::sample::select(common).prop_map(plain);
    if !haproxy {
        return common.boxed();
    }
    let function = prop::option::of(prop::sample::select(vec![
        HashFunction::Sdbm,
        HashFunction::Djb2,
        HashFunction::Wt6,
        HashFunction::Crc32,
    ]));
    let hashes = prop::sample::select(vec![Algorithm::IpHash, Algorithm::KeyHash]);
    let hash = (hashes, function, any::<bool>(), any::<bool>());
    let hash = hash.prop_map(|(algorithm, function, avalanche, consistent)| Method {
        algorithm,
        hash: HashOptions {
            function,
            avalanche: avalanche && function.is_some(),
            consistent,
        },
        static_table: false,
    });
    let static_table = Just(Method {
        static_table: true,
        ..plain(Algorithm::WeightedRoundRobin)
    });
    let only = prop::sample::select(vec![Algorithm::First, Algorithm::BoundedLoadHash]);
    prop_oneof![6 => common, 3 => hash, 1 => static_table, 1 => only.prop_map(plain)].boxed()
}

fn any_server() -> impl Strategy<Value = Server> {
    let weight = prop_oneof![6 => Just(1_u32), 6 => 2_u32..=5, 2 => 6_u32..=256, 1 => Just(0)];
    let limit = prop::option::weighted(0.4, 1_u32..=3);
    let queue = prop::option::weighted(0.3, 1_u32..=2);
    (weight, prop::bool::weighted(0.15), limit, queue).prop_map(
        |(weight, backup, max_conns, max_queue)| Server {
            weight,
            backup,
            max_conns,
            max_queue,
        },
    )
}

fn any_class() -> impl Strategy<Value = Class> {
    let hold = prop_oneof![3 => Just(0_u64), 3 => 1_u64..=6, 2 => 7_u64..=60];
    (hold, 0_u8..6, prop::bool::weighted(0.2)).prop_map(|(hold, path, post)| Class {
        hold,
        path,
        post,
    })
}

fn any_retries() -> impl Strategy<Value = RetrySpec> {
    let on = prop::sample::subsequence(
        vec![RetryOn::Refused, RetryOn::Reset, RetryOn::ServerError],
        0..=3,
    );
    (1_u32..=4, on, any::<bool>()).prop_map(|(tries, mut on, non_idempotent)| {
        // nginx has one word for both.
        if on.contains(&RetryOn::Reset) && !on.contains(&RetryOn::Refused) {
            on.insert(0, RetryOn::Refused);
        }
        if on.contains(&RetryOn::Refused) && !on.contains(&RetryOn::Reset) {
            on.insert(1, RetryOn::Reset);
        }
        RetrySpec {
            tries,
            on,
            budget_permille: None,
            non_idempotent,
        }
    })
}

fn any_event(haproxy: bool) -> BoxedStrategy<Event> {
    let index = any::<prop::sample::Index>;
    let faults = prop_oneof![
        index().prop_map(Event::Crash),
        index().prop_map(Event::Fail),
        index().prop_map(Event::Restore),
    ];
    if !haproxy {
        return faults.boxed();
    }
    let state = prop::sample::select(vec![
        AdminState::Ready,
        AdminState::Drain,
        AdminState::Maint,
    ]);
    prop_oneof![
        3 => faults,
        1 => (index(), 0_u32..=20).prop_map(|(one, weight)| Event::Weight(one, weight)),
        1 => (index(), state).prop_map(|(one, state)| Event::Admin(one, state)),
    ]
    .boxed()
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
    let weighs = draw.method.algorithm.row().weighted;
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
    let map = matches!(
        draw.method.algorithm,
        Algorithm::IpHash | Algorithm::KeyHash
    );
    implementation == Implementation::Haproxy
        && (draw.method.static_table || (map && !draw.method.hash.consistent))
}

fn command(event: Event, scene: &Scenario, is_fixed: bool) -> Command {
    let id = |index: prop::sample::Index| ServerId(index.index(scene.servers.len()) as u32);
    match event {
        Event::Crash(one) => Command::Fault(id(one), FaultKind::Crash),
        Event::Fail(one) => Command::Fault(id(one), FaultKind::FailFast(1_000)),
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
    balancer.passive_checks = draw
        .passive
        .filter(|_| !haproxy)
        .map(|passive| PassiveSpec {
            rule: PassiveRule::Nginx,
            max_fails: passive.0,
            fail_timeout_s: 3_600,
            count_server_errors: true,
            ..PassiveSpec::default()
        });
    balancer.backups = if draw.all_backups || !haproxy {
        BackupRule::All
    } else {
        BackupRule::First
    };
    balancer.queue = (haproxy).then_some(QueueSpec {
        limit: 100_000,
        timeout_us: SimDuration::from_secs(600),
    });
    let hash = matches!(
        draw.method.algorithm,
        Algorithm::IpHash | Algorithm::KeyHash | Algorithm::ConsistentHash
    );
    let can_back_up = haproxy || !hash;
    let servers = (0..).zip(&draw.servers);
    scene.servers = servers
        .map(|(number, one)| server(number, *one, haproxy, can_back_up))
        .collect();
    scene
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

fn server(number: u32, one: Server, haproxy: bool, can_back_up: bool) -> ServerSpec {
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
        max_conns: one.max_conns,
        max_queue: one.max_queue.filter(|_| haproxy && one.max_conns.is_some()),
        speed_permille: 1_000,
        discipline: Discipline::Fifo,
        pool: None,
    }
}
