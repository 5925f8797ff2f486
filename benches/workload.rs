//! What the benchmarks run, natively and as WebAssembly: a fleet at true scale.
#![allow(dead_code, reason = "each of the two programs uses a part of it")]

use evenkeel::sim::balance::algorithm::CATALOGUE;
use evenkeel::sim::engine::{Engine, EventBudget};
use evenkeel::sim::fleet::spec::Work;
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::time::{SimDuration, SimTime};

/// Fleet sizes that are measured.
pub const FLEETS: [usize; 3] = [4, 100, 1_000];
/// Events of one sample, about: 13 ms of the default machine's time.
pub const EVENTS: u64 = 100_000;

/// Servers of four workers with 10 ms of work a request, 60 % busy, links of 1 ms.
fn scene(servers: usize, id: &str) -> Scenario {
    let mut scene = default_scenario();
    let first = scene.servers[0].clone();
    scene.servers = (0..servers)
        .map(|index| {
            let mut server = first.clone();
            server.name = format!("S{index}");
            server.address = format!("10.1.{}.{}:80", index / 250, index % 250 + 1);
            server.workers = 4;
            server.queue = 10_000;
            server
        })
        .collect();
    for class in &mut scene.classes {
        class.work = Work::Exponential {
            mean_us: SimDuration::from_ms(10),
        };
        class.items = 10_000;
    }
    scene.links.client_us = SimDuration::from_ms(1);
    scene.links.server_us = SimDuration::from_ms(1);
    let row = CATALOGUE.iter().find(|row| row.id == id);
    let row = row.expect("the ids are the catalogue's");
    scene.balancer.algorithm = row.algorithm;
    scene.balancer.engine = row.flavours[0];
    scene.balancer.tls_us = SimDuration::from_us(500);
    scene.balancer.parse_us = SimDuration::from_us(50);
    scene.arrivals.rate_rps = servers as f64 * 240.0;
    scene
}

/// That fleet, warm.
pub fn fleet(servers: usize, id: &str) -> Engine {
    let mut engine = Engine::new(&scene(servers, id), 7);
    run(&mut engine, EVENTS);
    engine
}

/// Handles so many events.
pub fn run(engine: &mut Engine, events: u64) {
    let far = engine.view().now() + SimDuration::from_secs(3_600);
    engine.run_until(far, EventBudget(events));
}

/// The fleet whose memory is weighed: everything that arrives stays in flight.
pub fn crowd() -> Engine {
    let mut scene = scene(20, "round_robin");
    for class in &mut scene.classes {
        class.work = Work::Fixed {
            us: SimDuration::from_secs(3_000),
        };
    }
    scene.balancer.active_checks = None;
    scene.balancer.request_timeout_us = SimDuration::from_secs(3_600);
    scene.arrivals.rate_rps = 100_000.0;
    Engine::new(&scene, 7)
}

/// Lets requests come until so many are in flight.
pub fn fill(engine: &mut Engine, requests: usize) {
    while engine.view().in_flight() < requests {
        let until = engine.view().now() + SimDuration::from_ms(5);
        engine.run_until(until, EventBudget::UNBOUNDED);
    }
}

/// Servers of the queue model that others compute too (`scripts/bench/`).
const MODEL_SERVERS: usize = 100;

/// A queue model that is said in a few lines anywhere: Poisson arrivals, two choices over a hundred
/// servers of four workers with exponential work of 10 ms, 90 % busy, four ways of 1 ms each. No
/// checks, no TLS, no time-out that is ever reached.
pub fn model(seed: u64) -> Engine {
    let mut scene = scene(MODEL_SERVERS, "power_of_two");
    scene.balancer.active_checks = None;
    scene.balancer.passive_checks = None;
    scene.balancer.tls_us = SimDuration::ZERO;
    scene.balancer.parse_us = SimDuration::ZERO;
    scene.balancer.request_timeout_us = SimDuration::from_secs(3_600);
    scene.arrivals.rate_rps = 36_000.0;
    Engine::new(&scene, seed)
}

/// Lets requests of the model arrive until so many have.
pub fn arrive(engine: &mut Engine, requests: u64) {
    while engine.view().totals().arrived < requests {
        let until = engine.view().now() + SimDuration::from_ms(20);
        engine.run_until(until, EventBudget::UNBOUNDED);
    }
}

/// Four engines at 10,000 requests a second each: the lanes of a race.
pub fn lanes() -> Vec<Engine> {
    let ids = ["round_robin", "least_connections", "power_of_two", "random"];
    let lane = |id: &&str| {
        let mut scene = scene(100, id);
        scene.arrivals.rate_rps = 10_000.0;
        let mut engine = Engine::new(&scene, 7);
        engine.run_until(SimTime::from_us(1_000_000), EventBudget::UNBOUNDED);
        engine
    };
    ids.iter().map(lane).collect()
}

/// One frame of a race: a sixtieth of a second in every lane.
pub fn race_frame(lanes: &mut [Engine]) {
    for engine in lanes {
        let until = engine.view().now() + SimDuration::from_us(16_667);
        engine.run_until(until, EventBudget::UNBOUNDED);
    }
}

/// About so many requests on their way at any time, seen from afar: eight servers that keep up.
pub fn crowded(requests: usize) -> Engine {
    let mut scene = scene(8, "round_robin");
    scene.links.client_us = SimDuration::from_ms(350);
    scene.links.server_us = SimDuration::from_ms(350);
    scene.balancer.active_checks = None;
    scene.balancer.request_timeout_us = SimDuration::from_secs(3_600);
    for server in &mut scene.servers {
        server.workers = 1_000;
    }
    // Four ways of 350 ms, and 10 ms of work.
    scene.arrivals.rate_rps = requests as f64 / 1.41;
    let mut engine = Engine::new(&scene, 7);
    engine.run_until(SimTime::from_us(3_000_000), EventBudget::UNBOUNDED);
    engine
}
