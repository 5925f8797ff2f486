//! How fast the engine is: a simulated second at a rate that keeps servers 60 % busy, for each
//! algorithm and fleet size. Compare within one run; absolute figures are the machine's.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use evenkeel::sim::balance::algorithm::CATALOGUE;
use evenkeel::sim::engine::{Engine, EventBudget};
use evenkeel::sim::fleet::spec::Work;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::time::Span;

fn main() {
    divan::main();
}

/// A fleet at true scale: 10 ms of work, links of 1 ms, four workers a server.
fn fleet(servers: usize, id: &str) -> Engine {
    let mut scenario = default_scenario();
    let first = scenario.servers[0].clone();
    scenario.servers = (0..servers)
        .map(|index| {
            let mut server = first.clone();
            server.name = format!("S{index}");
            server.address = format!("10.1.{}.{}:80", index / 250, index % 250 + 1);
            server.workers = 4;
            server.queue = 1_000;
            server
        })
        .collect();
    for class in &mut scenario.classes {
        class.work = Work::Exponential {
            mean_us: Span::from_ms(10),
        };
        class.items = 10_000;
    }
    scenario.links.client_us = Span::from_ms(1);
    scenario.links.server_us = Span::from_ms(1);
    let row = CATALOGUE
        .iter()
        .find(|row| row.id == id)
        .expect("the ids are the catalogue's");
    scenario.balancer.algorithm = row.algorithm;
    scenario.balancer.engine = row.flavours[0];
    scenario.balancer.tls_us = Span::from_us(500);
    scenario.balancer.parse_us = Span::from_us(50);
    scenario.arrivals.rate_rps = servers as f64 * 240.0;
    let mut engine = Engine::new(&scenario, 7);
    run(&mut engine, 200);
    engine
}

fn run(engine: &mut Engine, ms: u64) -> u64 {
    let before = engine.view().events();
    let until = engine.view().now() + Span::from_ms(ms);
    engine.run_until(until, EventBudget::UNBOUNDED);
    engine.view().events() - before
}

fn events(bencher: Bencher<'_, '_>, servers: usize, id: &str) {
    let engine = fleet(servers, id);
    let ms = 40_000 / servers as u64;
    let count = run(&mut engine.clone(), ms);
    bencher
        .counter(ItemsCount::new(count))
        .with_inputs(|| engine.clone())
        .bench_local_values(|mut engine| black_box(run(&mut engine, ms)));
}

#[divan::bench(args = CATALOGUE.iter().map(|row| row.id), sample_count = 10, sample_size = 1)]
fn servers_4(bencher: Bencher<'_, '_>, id: &str) {
    events(bencher, 4, id);
}

#[divan::bench(args = CATALOGUE.iter().map(|row| row.id), sample_count = 10, sample_size = 1)]
fn servers_100(bencher: Bencher<'_, '_>, id: &str) {
    events(bencher, 100, id);
}

#[divan::bench(args = CATALOGUE.iter().map(|row| row.id), sample_count = 10, sample_size = 1)]
fn servers_1000(bencher: Bencher<'_, '_>, id: &str) {
    events(bencher, 1_000, id);
}
