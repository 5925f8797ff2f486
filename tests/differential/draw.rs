//! What a random case is drawn from.

use evenkeel::sim::balance::algorithm::{Algorithm, HashOptions, Implementation};
use evenkeel::sim::balance::endpoint::AdminState;
use evenkeel::sim::balance::pickers::haproxy::HashFunction;
use evenkeel::sim::balance::retry::{RetryOn, RetrySpec};
use evenkeel::sim::balance::spec::Layer;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::proxy::Proxy;

/// Everything that a case is drawn from.
#[derive(Clone, Debug)]
pub struct Draw {
    pub method: Method,
    pub servers: Vec<Server>,
    pub classes: Vec<Class>,
    pub clients: u8,
    pub retries: RetrySpec,
    pub passive: Option<u32>,
    pub all_backups: bool,
    pub layer: Layer,
    pub cookie: bool,
    pub pool: Option<Pool>,
    pub events: Vec<(u16, Event)>,
    pub requests: u64,
    pub seed: u64,
}

#[derive(Clone, Debug)]
pub struct Method {
    pub algorithm: Algorithm,
    pub hash: HashOptions,
    pub static_table: bool,
}

/// A second pool, for every other server.
#[derive(Clone, Debug)]
pub struct Pool {
    pub algorithm: Algorithm,
    /// Which requests go there; the first that fits decides.
    pub rules: Vec<RuleKind>,
}

#[derive(Clone, Copy, Debug)]
pub enum RuleKind {
    Path(u8),
    Post,
    Block(u8),
}

#[derive(Clone, Copy, Debug)]
pub struct Server {
    pub weight: u32,
    pub backup: bool,
    pub max_conns: Option<u32>,
    pub max_queue: Option<u32>,
}

#[derive(Clone, Copy, Debug)]
pub struct Class {
    /// How many requests come before a server answers one.
    pub hold: u64,
    /// Which path it asks for.
    pub path: u8,
    pub post: bool,
}

#[derive(Clone, Copy, Debug)]
pub enum Event {
    Crash(prop::sample::Index),
    Fail(prop::sample::Index),
    Restore(prop::sample::Index),
    Weight(prop::sample::Index, u32),
    Admin(prop::sample::Index, AdminState),
}

/// Draws a case for a program.
pub fn any_draw(proxy: Proxy) -> impl Strategy<Value = Draw> {
    let implementation = proxy.implementation();
    let haproxy = implementation == Implementation::Haproxy;
    let scene = (
        any_method(implementation),
        vec(any_server(), 1..=8),
        vec(any_class(), 1..=12),
        1_u8..=5,
        any_retries(),
        prop::option::weighted(0.7, 0_u32..=3),
    );
    let rest = (
        any::<bool>(),
        (
            prop_oneof![6 => Just(Layer::L7), 1 => Just(Layer::L4)],
            prop::bool::weighted(if haproxy { 0.25 } else { 0.001 }),
            prop::option::weighted(0.3, any_pool()),
        ),
        vec((0_u16..400, any_event(haproxy)), 0..8),
        1_u64..=40,
        any::<u64>(),
    );
    (scene, rest).prop_map(move |(scene, rest)| Draw {
        method: scene.0,
        servers: scene.1,
        classes: scene.2,
        clients: scene.3,
        retries: scene.4,
        passive: scene.5,
        all_backups: rest.0,
        layer: (rest.1).0,
        cookie: (rest.1).1 && haproxy && (rest.1).0 == Layer::L7,
        pool: (rest.1).2.filter(|_| (rest.1).0 == Layer::L7),
        events: rest.2,
        requests: rest.3,
        seed: rest.4,
    })
}

fn any_method(implementation: Implementation) -> BoxedStrategy<Method> {
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
    match implementation {
        Implementation::Haproxy => {}
        // Where its weighted turns begin is random.
        Implementation::Envoy => {
            let methods = vec![
                Algorithm::RoundRobin,
                Algorithm::ConsistentHash,
                Algorithm::Maglev,
            ];
            return prop::sample::select(methods).prop_map(plain).boxed();
        }
        _ => return common.boxed(),
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

fn any_pool() -> impl Strategy<Value = Pool> {
    let algorithm = prop::sample::select(vec![
        Algorithm::RoundRobin,
        Algorithm::WeightedRoundRobin,
        Algorithm::LeastConnections,
        Algorithm::IpHash,
        Algorithm::KeyHash,
        Algorithm::ConsistentHash,
    ]);
    let rule = prop_oneof![
        3 => (0_u8..6).prop_map(RuleKind::Path),
        1 => Just(RuleKind::Post),
        1 => (0_u8..6).prop_map(RuleKind::Block),
    ];
    (algorithm, vec(rule, 1..4)).prop_map(|(algorithm, rules)| Pool { algorithm, rules })
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
