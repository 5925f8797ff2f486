//! The engine against queueing theory: mean response times inside the 99.9 % confidence interval
//! that the run itself gives, that interval at most 2 % wide (5 % from a load of 0.95 on), 99th
//! percentiles within 5 %.
//!
//! `make test` compares one seed at loads up to 0.8, and one higher load with a wider interval:
//! about a minute. With `EVENKEEL_CASES=full` it is three seeds and every load: thousands of
//! millions of events, which take half an hour on two cores. Each test is one part of that, and a
//! name such as `mmc` or `mmc_4` chooses parts.
//!
//! `tests/oracles/queueing.json` has the closed forms (service rate 1). One unit of service is
//! 10 ms here, so that rounding to microseconds is 1 part in 10,000; links and balancer cost
//! nothing.
#![allow(
    clippy::disallowed_methods,
    reason = "closed forms are computed on the host alone"
)]

#[path = "../shared/cases.rs"]
mod cases;
mod measure;

use cases::{FULL, cases};
use evenkeel::sim::balance::algorithm::{CATALOGUE, Implementation};
use evenkeel::sim::balance::spec::Layer;
use evenkeel::sim::fleet::spec::{Discipline, Work};
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::time::SimDuration;
use evenkeel::sim::units::Permille;
use measure::{Batches, FEW, MANY, measure};
use serde_json::Value;
use std::thread;

/// One mean service time.
const UNIT: SimDuration = SimDuration::from_ms(10);
const EXPONENTIAL: Work = Work::Exponential { mean_us: UNIT };
/// The highest load that a short run compares with all it has.
const SHORT_LOAD: f64 = 0.8;

/// Whether every load and seed is compared.
fn is_full() -> bool {
    cases(1) >= FULL
}

/// The seeds of the runs that give one interval each.
fn seeds() -> &'static [u64] {
    if is_full() { &[1, 2, 3] } else { &[1] }
}

/// A world that is nothing but queues.
fn queues(servers: usize, workers: u32, algorithm: &str, load: f64, work: Work) -> Scenario {
    let mut scene = default_scenario();
    let first = scene.servers[0].clone();
    scene.servers = (0..servers)
        .map(|index| {
            let mut server = first.clone();
            server.name = format!("S{index}");
            server.address = format!("10.2.{}.{}:80", index / 250, index % 250 + 1);
            server.workers = workers;
            server.queue = 10_000;
            server
        })
        .collect();
    scene.classes.truncate(1);
    scene.classes[0].work = work;
    scene.links.client_us = SimDuration::ZERO;
    scene.links.server_us = SimDuration::ZERO;
    let spec = &mut scene.balancer;
    spec.layer = Layer::L7;
    spec.algorithm = CATALOGUE
        .iter()
        .find(|row| row.id == algorithm)
        .expect("it is in the catalogue")
        .algorithm;
    (spec.forward_us, spec.tls_us, spec.parse_us) =
        (SimDuration::ZERO, SimDuration::ZERO, SimDuration::ZERO);
    spec.request_timeout_us = SimDuration::from_secs(3_600);
    (spec.active_checks, spec.passive_checks) = (None, None);
    let per_second = 1e6 / UNIT.as_us() as f64;
    scene.arrivals.rate_rps = load * (servers as f64) * f64::from(workers) * per_second;
    scene
}

/// What theory says of a scene.
struct Theory {
    mean: f64,
    p99: Option<f64>,
}

/// How wide an interval may be, as part of the mean.
fn widest(load: f64) -> f64 {
    if load >= 0.95 { 0.05 } else { 0.02 }
}

/// Compares a scene with theory for every seed. `millions`: of requests, as many as make the
/// interval narrow enough; found by shorter runs, since the width falls with the root of the length.
fn check(name: &str, scene: &Scenario, load: f64, theory: &Theory, millions: f64) {
    let widest = widest(load);
    compare(name, scene, load, theory, (millions, seeds(), widest, MANY));
}

/// A shorter look, for what other tests here hold in substance.
fn glance(name: &str, scene: &Scenario, load: f64, theory: &Theory, millions: f64) {
    compare(name, scene, load, theory, (millions, &[1], 0.06, MANY));
}

fn compare(
    name: &str,
    scene: &Scenario,
    load: f64,
    theory: &Theory,
    (millions, seeds, widest, cut): (f64, &[u64], f64, Batches),
) {
    let one = |seed| {
        let run = measure(scene, UNIT, seed, millions * 1e6, cut);
        let wide = 2.0 * run.half_width / theory.mean;
        let words = format!(
            "{name} at {load}, seed {seed}: {:.4} for {:.4} ({:+.2} %), interval {:.2} % wide, \
             p99 {:.3} for {:.3}",
            run.mean,
            theory.mean,
            (run.mean / theory.mean - 1.0) * 100.0,
            wide * 100.0,
            run.p99,
            theory.p99.unwrap_or(f64::NAN),
        );
        println!("{words}");
        assert!((run.mean - theory.mean).abs() <= run.half_width, "{words}");
        assert!(wide <= widest, "{words}");
        if let Some(p99) = theory.p99 {
            assert!((run.p99 / p99 - 1.0).abs() < 0.05, "{words}");
        }
    };
    // Side by side, so that no processor is idle while the last test ends.
    thread::scope(|scope| {
        for &seed in seeds {
            scope.spawn(move || one(seed));
        }
    });
}

/// The rows of a list. `load` names the field with the load: a short run leaves out the high ones.
fn oracle(list: &str, load: &str) -> Vec<Value> {
    let mut rows = every_load(list);
    rows.retain(|row| is_full() || number(row, load) <= SHORT_LOAD);
    rows
}

fn every_load(list: &str) -> Vec<Value> {
    let all: Value =
        serde_json::from_str(include_str!("../oracles/queueing.json")).expect("it is JSON");
    all[list].as_array().expect("a list").clone()
}

fn number(row: &Value, name: &str) -> f64 {
    row[name]
        .as_f64()
        .unwrap_or_else(|| panic!("{name} in {row}"))
}

/// The 99th percentile of an exponential response time: M/M/1, and GI/M/1 in general.
fn exponential_p99(mean: f64) -> Option<f64> {
    Some(mean * 100_f64.ln())
}

/// The 99th percentile of the response of M/M/c: with chance `p_wait` an exponential wait of rate
/// `a = c (1 - load)`, and then an exponential service of rate 1.
fn mmc_p99(p_wait: f64, a: f64) -> Option<f64> {
    percentile(|t| {
        let both = if (a - 1.0).abs() < 1e-9 {
            (1.0 + t) * (-t).exp()
        } else {
            (a * (-t).exp() - (-a * t).exp()) / (a - 1.0)
        };
        (1.0 - p_wait) * (-t).exp() + p_wait * both
    })
}

/// The same of the least of `d` queues of very many: the share of queues with `k` requests or more is
/// `load^((d^k - 1) / (d - 1))`; who comes as the k-th of a queue is served k times.
fn choices_p99(load: f64, d: f64) -> Option<f64> {
    let share = |k: i32| load.powf((d.powi(k) - 1.0) / (d - 1.0));
    percentile(|t| {
        let (mut over, mut term, mut erlang) = (0.0, 1.0, 0.0);
        for k in 1..60 {
            erlang += term;
            term *= t / f64::from(k);
            over += (share(k - 1).powf(d) - share(k).powf(d)) * erlang;
        }
        over * (-t).exp()
    })
}

/// Where a falling tail is 1 %, by bisection.
fn percentile(over: impl Fn(f64) -> f64) -> Option<f64> {
    let (mut low, mut high) = (0.0, 1_000.0);
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        if over(middle) > 0.01 {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(low)
}

/// The entry for a load, of those for loads up to 0.5, 0.8, 0.9 and above.
fn by_load(load: f64, entries: [f64; 4]) -> f64 {
    let place = [0.5, 0.8, 0.9].iter().position(|most| load <= *most);
    entries[place.unwrap_or(3)]
}

#[test]
fn mm1() {
    for row in every_load("mm1") {
        let load = number(&row, "lam");
        let scene = queues(1, 1, "round_robin", load, EXPONENTIAL);
        let mean = number(&row, "mean_response");
        let p99 = Some(number(&row, "p99_response"));
        let theory = Theory { mean, p99 };
        if is_full() || load <= SHORT_LOAD {
            let millions = by_load(load, [1.0, 6.5, 27.0, 21.0]);
            check("M/M/1", &scene, load, &theory, millions);
        } else if load <= 0.9 {
            // The one high load of a short run: a queue that is too short or too long shows here most.
            glance("M/M/1", &scene, load, &theory, 3.5);
        }
    }
}

/// Several workers with one queue. `millions` for loads of 0.5, 0.8, 0.9 and 0.95.
fn mmc(workers: u32, millions: [f64; 4]) {
    let rows = oracle("mmc", "utilisation").into_iter();
    let mut compared = 0;
    for row in rows.filter(|row| row["c"] == workers) {
        let (c, load) = (f64::from(workers), number(&row, "utilisation"));
        let scene = queues(1, workers, "round_robin", load, EXPONENTIAL);
        let theory = Theory {
            mean: number(&row, "mean_response"),
            p99: mmc_p99(number(&row, "p_wait"), c * (1.0 - load)),
        };
        let name = format!("M/M/{workers}");
        check(&name, &scene, load, &theory, by_load(load, millions));
        compared += 1;
    }
    assert!(compared >= 2, "{compared} loads");
}

#[test]
fn mmc_2() {
    mmc(2, [0.6, 5.3, 26.0, 26.0]);
}

#[test]
fn mmc_4() {
    mmc(4, [0.3, 3.4, 22.0, 24.0]);
}

#[test]
fn mmc_10() {
    mmc(10, [0.3, 1.3, 11.0, 17.0]);
}

/// Other distributions of work, by their names in the oracle. (The exponential one is M/M/1.)
fn mg1(service: &str, work: Work, millions: [f64; 4]) {
    let rows = oracle("mg1", "rho").into_iter();
    let mut compared = 0;
    for row in rows.filter(|row| row["service"] == service) {
        let load = number(&row, "rho");
        let scene = queues(1, 1, "round_robin", load, work);
        let mean = number(&row, "mean_response");
        let theory = Theory { mean, p99: None };
        let name = format!("M/G/1 {service}");
        check(&name, &scene, load, &theory, by_load(load, millions));
        compared += 1;
    }
    assert!(compared >= 2, "{compared} loads");
}

#[test]
fn mg1_fixed() {
    mg1(
        "deterministic",
        Work::Fixed { us: UNIT },
        [0.3, 2.2, 14.0, 0.0],
    );
}

#[test]
fn mg1_bimodal() {
    mg1(
        "bimodal 90% x0.5 / 10% x5.5",
        bimodal(),
        [1.2, 13.5, 60.0, 0.0],
    );
}

/// Nine of ten requests are half a unit, one of ten is five and a half.
fn bimodal() -> Work {
    Work::Bimodal {
        us: UNIT.scaled(1, 2),
        rare_us: UNIT.scaled(11, 2),
        rare_permille: Permille(100),
    }
}

/// Where a worker is shared, the mean response depends on the load alone, whatever the
/// distribution: 1 / (1 - load). Several shared workers are a birth and death process like M/M/c.
#[test]
fn mg1_shared_workers_do_not_mind_how_work_is_distributed() {
    let shared = |workers, load, work| {
        let mut scene = queues(1, workers, "round_robin", load, work);
        scene.servers[0].discipline = Discipline::Sharing;
        scene
    };
    let fixed = Work::Fixed { us: UNIT };
    for load in [0.5, 0.8] {
        for (name, work) in [
            ("fixed", fixed),
            ("exponential", EXPONENTIAL),
            ("bimodal", bimodal()),
        ] {
            let theory = Theory {
                mean: 1.0 / (1.0 - load),
                p99: None,
            };
            let name = format!("M/G/1 sharing, {name}");
            glance(
                &name,
                &shared(1, load, work),
                load,
                &theory,
                by_load(load, [1.0, 2.0, 0.0, 0.0]),
            );
        }
    }
    for row in every_load("mmc")
        .iter()
        .filter(|row| number(row, "utilisation") < 0.85)
    {
        let (c, load) = (number(row, "c"), number(row, "utilisation"));
        let mean = number(row, "mean_response");
        let theory = Theory { mean, p99: None };
        let scene = shared(c as u32, load, EXPONENTIAL);
        glance(
            &format!("M/M/{c} sharing"),
            &scene,
            load,
            &theory,
            by_load(load, [0.5, 1.0, 0.0, 0.0]),
        );
    }
}

/// Turns over servers with a queue each.
fn round_robin(servers: usize, millions: [f64; 4]) {
    let rows = oracle("round_robin_ErM1", "load").into_iter();
    let mut compared = 0;
    for row in rows.filter(|row| row["n"] == servers) {
        let load = number(&row, "load");
        let scene = queues(servers, 1, "round_robin", load, EXPONENTIAL);
        let name = format!("round robin over {servers}");
        let theory = own_queue(&row);
        check(&name, &scene, load, &theory, by_load(load, millions));
        compared += 1;
    }
    assert!(compared >= 2, "{compared} loads");
}

#[test]
fn round_robin_2() {
    round_robin(2, [0.6, 5.0, 26.0, 0.0]);
}

#[test]
fn round_robin_4() {
    round_robin(4, [0.5, 4.4, 30.0, 0.0]);
}

#[test]
fn round_robin_10() {
    round_robin(10, [0.4, 3.6, 25.0, 0.0]);
}

/// One draw decides: each server has an M/M/1 of its own.
#[test]
fn choices_1() {
    for row in oracle("split_mm1_random", "load") {
        let (n, load) = (number(&row, "n"), number(&row, "load"));
        let scene = queues(n as usize, 1, "random", load, EXPONENTIAL);
        let name = format!("random over {n}");
        let millions = by_load(load, [0.5, 1.0, 4.0, 0.0]);
        glance(&name, &scene, load, &own_queue(&row), millions);
    }
}

/// Of a queue with one exponential server, whatever comes to it: GI/M/1.
fn own_queue(row: &Value) -> Theory {
    let mean = number(row, "mean_response");
    Theory {
        mean,
        p99: exponential_p99(mean),
    }
}

/// The least loaded of so many draws, over a thousand servers. The form is the limit of many servers:
/// a thousand come within 1 %, except of five draws at a load of 0.99, and longer runs would see that.
/// `millions` for loads of up to 0.5, 0.8, 0.9 and 0.95; `at_99` for 0.99.
fn choices(draws: u8, millions: [f64; 4], at_99: f64) {
    let rows = oracle("supermarket", "lam").into_iter();
    let mut compared = 0;
    for row in rows.filter(|row| row["d"] == draws) {
        let load = number(&row, "lam");
        let mut scene = queues(1_000, 1, "power_of_two", load, EXPONENTIAL);
        scene.balancer.engine = Implementation::Envoy;
        scene.balancer.draws = Some(draws);
        let theory = Theory {
            mean: number(&row, "mean_response"),
            p99: choices_p99(load, f64::from(draws)),
        };
        let millions = if load > 0.98 {
            at_99
        } else {
            by_load(load, millions)
        };
        let name = format!("{draws} of 1,000");
        compared += 1;
        if draws > 4 && load > 0.98 {
            // Here a thousand servers are too few for the limit: 1.7 and 2.0 % slower were seen.
            let run = measure(&scene, UNIT, 1, millions * 1e6, FEW);
            let over = run.mean / theory.mean - 1.0;
            println!("{name} at {load}: {:+.2} % of the limit", over * 100.0);
            assert!((0.0..0.03).contains(&over), "{name} at {load}: {over}");
            continue;
        }
        let how = (millions, seeds(), widest(load), FEW);
        compare(&name, &scene, load, &theory, how);
    }
    assert!(compared >= 3, "{compared} loads");
}

#[test]
fn choices_2() {
    choices(2, [0.5, 1.7, 4.4, 1.8], 10.0);
}

// More draws differ less from run to run, so that a shorter one gives the same interval.

#[test]
fn choices_3() {
    choices(3, [0.5, 1.7, 3.0, 1.8], 10.5);
}

#[test]
fn choices_5() {
    choices(5, [0.4, 1.0, 1.8, 1.6], 6.5);
}
