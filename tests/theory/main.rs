//! The engine against queueing theory: mean response times inside the 99.9 % confidence interval
//! that the run itself gives, that interval at most 2 % wide (5 % from a load of 0.95 on), 99th
//! percentiles within 5 %, for three seeds.
//!
//! `tests/oracles/queueing.json` has the closed forms (service rate 1). One unit of service is
//! 10 ms here, so that rounding to microseconds is 1 part in 10,000; links and balancer cost
//! nothing. Thousands of millions of events: `make theory` runs it optimised, about ten minutes on
//! two cores.
#![allow(
    clippy::disallowed_methods,
    reason = "closed forms are computed on the host alone"
)]

mod measure;

use evenkeel::sim::balance::algorithm::{CATALOGUE, Flavour};
use evenkeel::sim::balance::spec::Layer;
use evenkeel::sim::fleet::spec::{Discipline, Work};
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::time::Span;
use measure::{Batches, FEW, MANY, measure};
use serde_json::Value;
use std::thread;

/// One mean service time.
const UNIT: Span = Span::from_ms(10);
const EXPONENTIAL: Work = Work::Exponential { mean_us: UNIT };
const SEEDS: [u64; 3] = [1, 2, 3];

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
    scene.links.client_us = Span::ZERO;
    scene.links.server_us = Span::ZERO;
    let spec = &mut scene.balancer;
    spec.layer = Layer::L7;
    spec.algorithm = CATALOGUE
        .iter()
        .find(|row| row.id == algorithm)
        .expect("it is in the catalogue")
        .algorithm;
    (spec.forward_us, spec.tls_us, spec.parse_us) = (Span::ZERO, Span::ZERO, Span::ZERO);
    spec.request_timeout_us = Span::from_secs(3_600);
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

/// Compares a scene with theory for three seeds. `millions`: of requests, as many as make the
/// interval narrow enough; found by shorter runs, since the width falls with the root of the length.
fn check(name: &str, scene: &Scenario, load: f64, theory: &Theory, millions: f64) {
    let widest = widest(load);
    compare(name, scene, load, theory, (millions, &SEEDS, widest, MANY));
}

/// A shorter look, for what other tests here hold in substance.
fn glance(name: &str, scene: &Scenario, load: f64, theory: &Theory, millions: f64) {
    compare(
        name,
        scene,
        load,
        theory,
        (millions, &SEEDS[..1], 0.06, MANY),
    );
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

fn oracle(list: &str) -> Vec<Value> {
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
fn one_server() {
    for row in oracle("mm1") {
        let load = number(&row, "lam");
        let scene = queues(1, 1, "round_robin", load, EXPONENTIAL);
        let mean = number(&row, "mean_response");
        let p99 = Some(number(&row, "p99_response"));
        check(
            "M/M/1",
            &scene,
            load,
            &Theory { mean, p99 },
            by_load(load, [1.0, 6.5, 27.0, 21.0]),
        );
    }
}

#[test]
fn several_workers_one_queue() {
    for row in oracle("mmc") {
        let (c, load) = (number(&row, "c"), number(&row, "utilisation"));
        let scene = queues(1, c as u32, "round_robin", load, EXPONENTIAL);
        let entries = match c as u32 {
            2 => [0.6, 5.3, 26.0, 26.0],
            4 => [0.3, 3.4, 22.0, 24.0],
            _ => [0.3, 1.3, 11.0, 17.0],
        };
        let theory = Theory {
            mean: number(&row, "mean_response"),
            p99: mmc_p99(number(&row, "p_wait"), c * (1.0 - load)),
        };
        check(
            &format!("M/M/{c}"),
            &scene,
            load,
            &theory,
            by_load(load, entries),
        );
    }
}

#[test]
fn other_distributions_of_work() {
    for row in oracle("mg1") {
        let (name, load) = (
            row["service"].as_str().expect("a name"),
            number(&row, "rho"),
        );
        let (work, entries) = match name {
            "deterministic" => (Work::Fixed { us: UNIT }, [0.3, 2.2, 14.0, 0.0]),
            // That is M/M/1.
            "exponential" => continue,
            _ => (bimodal(), [1.2, 13.5, 60.0, 0.0]),
        };
        let scene = queues(1, 1, "round_robin", load, work);
        let mean = number(&row, "mean_response");
        let theory = Theory { mean, p99: None };
        check(
            &format!("M/G/1 {name}"),
            &scene,
            load,
            &theory,
            by_load(load, entries),
        );
    }
}

/// Nine of ten requests are half a unit, one of ten is five and a half.
fn bimodal() -> Work {
    Work::Bimodal {
        us: UNIT.scaled(1, 2),
        rare_us: UNIT.scaled(11, 2),
        rare_permille: 100,
    }
}

/// Where a worker is shared, the mean response depends on the load alone, whatever the
/// distribution: 1 / (1 - load). Several shared workers are a birth and death process like M/M/c.
#[test]
fn shared_workers_do_not_mind_how_work_is_distributed() {
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
    for row in oracle("mmc")
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

#[test]
fn round_robin_over_queues_of_their_own() {
    for row in oracle("round_robin_ErM1") {
        let (n, load) = (number(&row, "n"), number(&row, "load"));
        let entries = match n as u32 {
            2 => [0.6, 5.0, 26.0, 0.0],
            4 => [0.5, 4.4, 30.0, 0.0],
            _ => [0.4, 3.6, 25.0, 0.0],
        };
        let scene = queues(n as usize, 1, "round_robin", load, EXPONENTIAL);
        let name = format!("round robin over {n}");
        check(
            &name,
            &scene,
            load,
            &own_queue(&row),
            by_load(load, entries),
        );
    }
}

#[test]
fn random_over_queues_of_their_own() {
    for row in oracle("split_mm1_random") {
        let (n, load) = (number(&row, "n"), number(&row, "load"));
        let scene = queues(n as usize, 1, "random", load, EXPONENTIAL);
        let entries = [0.5, 1.0, 4.0, 0.0];
        let name = format!("random over {n}");
        glance(
            &name,
            &scene,
            load,
            &own_queue(&row),
            by_load(load, entries),
        );
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

/// The form is the limit of many servers: a thousand come within 1 %, except of five at a load of
/// 0.99, and longer runs would see that.
#[test]
fn two_three_and_five_choices_over_a_thousand_servers() {
    for row in oracle("supermarket") {
        let (load, d) = (number(&row, "lam"), number(&row, "d"));
        let mut scene = queues(1_000, 1, "power_of_two", load, EXPONENTIAL);
        scene.balancer.engine = Flavour::Envoy;
        scene.balancer.draws = Some(d as u8);
        // More choices differ less from run to run, so that a shorter one gives the same interval.
        let (entries, at_99) = match d as u32 {
            2 => ([0.5, 1.7, 4.4, 1.8], 10.0),
            3 => ([0.5, 1.7, 3.0, 1.8], 10.5),
            _ => ([0.4, 1.0, 1.8, 1.6], 6.5),
        };
        let mean = number(&row, "mean_response");
        let p99 = choices_p99(load, d);
        let theory = Theory { mean, p99 };
        let millions = if load > 0.98 {
            at_99
        } else {
            by_load(load, entries)
        };
        let name = format!("{d} of 1,000");
        if d > 4.0 && load > 0.98 {
            // Here a thousand servers are too few for the limit: 1.7 and 2.0 % slower were seen.
            let run = measure(&scene, UNIT, 1, millions * 1e6, FEW);
            let over = run.mean / theory.mean - 1.0;
            println!("{name} at {load}: {:+.2} % of the limit", over * 100.0);
            assert!((0.0..0.03).contains(&over), "{name} at {load}: {over}");
            continue;
        }
        let how = (millions, &SEEDS[..], widest(load), FEW);
        compare(&name, &scene, load, &theory, how);
    }
}
