//! The engine and its event queue, natively. Prints lines that `scripts/bench.mjs` makes tables of.

mod workload;

use std::collections::{BTreeMap, BinaryHeap};
use std::hint::black_box;
use std::time::Instant;

use evenkeel::sim::balance::algorithm::CATALOGUE;
use evenkeel::sim::queue::EventQueue;
use evenkeel::sim::time::{SimDuration, SimTime};
use workload::{EVENTS, FLEETS, arrive, crowd, fill, fleet, model, run};

const SAMPLES: usize = 5;

fn main() {
    // `cargo test` runs benchmarks too, to see that they work.
    let quick = !std::env::args().any(|argument| argument == "--bench");
    let (samples, events) = if quick { (1, 100) } else { (SAMPLES, EVENTS) };
    let requests = if quick { 1_000 } else { 100_000 };
    // First: what others gave back would be taken again, and nothing seem to grow.
    println!("memory native {}", bytes_a_request(requests));
    for row in CATALOGUE {
        for servers in FLEETS {
            let engine = fleet(servers, row.id);
            let best = fastest(samples, || {
                let mut engine = engine.clone();
                move || run(black_box(&mut engine), events)
            });
            println!("engine {} {servers} {:.0}", row.id, events as f64 / best);
        }
    }
    let seconds = fastest(samples, || {
        let mut engine = model(7);
        move || arrive(black_box(&mut engine), requests as u64)
    });
    let mut end = model(7);
    arrive(&mut end, requests as u64);
    let (events, mean) = (end.view().events(), end.view().recorder().run_mean());
    let mean = mean.unwrap_or_default().as_us();
    println!("model {requests} {events} {seconds:.6} {mean}");
    for pending in [16, 1_000, 10_000, 100_000] {
        queues(pending, samples, if quick { 10 } else { 1_000_000 });
    }
}

/// The shortest of several samples, in seconds. Making one ready does not count.
#[allow(
    clippy::disallowed_methods,
    reason = "a benchmark measures the wall's time"
)]
fn fastest<F: FnMut()>(samples: usize, mut ready: impl FnMut() -> F) -> f64 {
    let one = |_| {
        let mut act = ready();
        let start = Instant::now();
        act();
        start.elapsed().as_secs_f64()
    };
    (0..samples).map(one).fold(f64::INFINITY, f64::min)
}

/// What this process grows by for a request in flight, in bytes.
fn bytes_a_request(requests: usize) -> u64 {
    let mut engine = crowd();
    let before = resident();
    fill(&mut engine, requests);
    resident().saturating_sub(before) / engine.view().in_flight() as u64
}

/// Bytes of memory that this process holds; 0 where the system does not say.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    pages.unwrap_or(0_u64) * 4_096
}

/// The hold model: with so many events pending, take the first and put in another one later. Ours
/// beside what else could serve.
fn queues(pending: usize, samples: usize, times: u32) {
    let ours = fastest(samples, || {
        let mut queue = EventQueue::default();
        let mut draw = draws();
        for _ in 0..pending {
            queue.push(SimTime::from_us(draw()), [0_u64; 3]);
        }
        move || {
            for _ in 0..times {
                let (at, event) = queue.pop_until(SimTime::FAR).expect("it is never empty");
                queue.push(at + SimDuration::from_us(draw()), event);
            }
            black_box(&queue);
        }
    });
    let heap = fastest(samples, || {
        let mut queue = BinaryHeap::new();
        let (mut draw, mut sequence) = (draws(), 0_u64);
        for _ in 0..pending {
            sequence += 1;
            queue.push(std::cmp::Reverse((draw(), sequence, [0_u64; 3])));
        }
        move || {
            for _ in 0..times {
                let std::cmp::Reverse((at, _, event)) = queue.pop().expect("it is never empty");
                sequence += 1;
                queue.push(std::cmp::Reverse((at + draw(), sequence, event)));
            }
            black_box(&queue);
        }
    });
    let tree = fastest(samples, || {
        let mut queue = BTreeMap::new();
        let (mut draw, mut sequence) = (draws(), 0_u64);
        for _ in 0..pending {
            sequence += 1;
            queue.insert((draw(), sequence), [0_u64; 3]);
        }
        move || {
            for _ in 0..times {
                let ((at, _), event) = queue.pop_first().expect("it is never empty");
                sequence += 1;
                queue.insert((at + draw(), sequence), event);
            }
            black_box(&queue);
        }
    });
    let ns = |seconds: f64| seconds * 1e9 / f64::from(times);
    println!(
        "queue {pending} {:.1} {:.1} {:.1}",
        ns(ours),
        ns(heap),
        ns(tree)
    );
}

/// Gaps between events, in microseconds: spread evenly, from a small generator.
fn draws() -> impl FnMut() -> u64 {
    let mut state = 1_u64;
    move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % 20_000
    }
}
