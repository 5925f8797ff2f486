//! What the benchmarks run, natively and as WebAssembly: a fleet at true scale.

use evenkeel::sim::balance::algorithm::CATALOGUE;
use evenkeel::sim::engine::{Engine, EventBudget};
use evenkeel::sim::fleet::spec::Work;
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::time::Span;

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
            mean_us: Span::from_ms(10),
        };
        class.items = 10_000;
    }
    scene.links.client_us = Span::from_ms(1);
    scene.links.server_us = Span::from_ms(1);
    let row = CATALOGUE.iter().find(|row| row.id == id);
    let row = row.expect("the ids are the catalogue's");
    scene.balancer.algorithm = row.algorithm;
    scene.balancer.engine = row.flavours[0];
    scene.balancer.tls_us = Span::from_us(500);
    scene.balancer.parse_us = Span::from_us(50);
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
    let far = engine.view().now() + Span::from_secs(3_600);
    engine.run_until(far, EventBudget(events));
}

/// The fleet whose memory is weighed: everything that arrives stays in flight.
pub fn crowd() -> Engine {
    let mut scene = scene(20, "round_robin");
    for class in &mut scene.classes {
        class.work = Work::Fixed {
            us: Span::from_secs(3_000),
        };
    }
    scene.balancer.active_checks = None;
    scene.balancer.request_timeout_us = Span::from_secs(3_600);
    scene.arrivals.rate_rps = 100_000.0;
    Engine::new(&scene, 7)
}

/// Lets requests come until so many are in flight.
pub fn fill(engine: &mut Engine, requests: usize) {
    while engine.view().in_flight() < requests {
        let until = engine.view().now() + Span::from_ms(5);
        engine.run_until(until, EventBudget::UNBOUNDED);
    }
}
