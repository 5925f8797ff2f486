//! The engine against queueing theory: mean response times inside the confidence interval that the
//! run itself gives (batch means), 99th percentiles within 5 %.
//!
//! `tests/oracles/queueing.json` has the closed forms (service rate 1). One unit of service is
//! 10 ms here, so that rounding to microseconds is 1 part in 10,000; links and balancer cost
//! nothing. How tight an interval a run gives depends on its length: 2 % needs the long runs of
//! `EVENKEEL_LONG=1`; the everyday ones allow 6 %.

use evenkeel::sim::balance::algorithm::{CATALOGUE, Flavour};
use evenkeel::sim::balance::spec::Layer;
use evenkeel::sim::engine::{Engine, EventBudget};
use evenkeel::sim::fleet::spec::{Discipline, Work};
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::time::Span;
use serde_json::Value;

/// One mean service time.
const UNIT: Span = Span::from_ms(10);
/// Batches of a run; the first are left out: the queue fills.
const BATCHES: usize = 40;
const WARM_UP: usize = 4;
/// Student's t for 99.9 % both sides and 35 degrees of freedom.
const T_999: f64 = 3.591;

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

/// A mean with half the width of its 99.9 % confidence interval, and the 99th percentile; in units
/// of service.
struct Measured {
    mean: f64,
    half_width: f64,
    p99: f64,
}

fn measure(scene: &Scenario, seed: u64, requests: f64) -> Measured {
    let mut engine = Engine::new(scene, seed);
    let batch_secs = requests / scene.arrivals.rate_rps / BATCHES as f64;
    let batch = Span::from_us((batch_secs * 1e6) as u64);
    let mut means = Vec::new();
    let (mut sum, mut count) = (0_u128, 0_u64);
    for _ in 0..BATCHES {
        let until = engine.view().now() + batch;
        engine.run_until(until, EventBudget::UNBOUNDED);
        let view = engine.view();
        let (new_sum, new_count) = (view.recorder().answered_us(), view.totals().answered);
        means.push((new_sum - sum) as f64 / (new_count - count) as f64 / UNIT.as_us() as f64);
        (sum, count) = (new_sum, new_count);
    }
    let view = engine.view();
    assert_eq!(view.totals().unanswered(), 0);
    little(&engine);
    let kept = &means[WARM_UP..];
    let mean = kept.iter().sum::<f64>() / kept.len() as f64;
    let variance = kept
        .iter()
        .map(|batch| (batch - mean) * (batch - mean))
        .sum::<f64>()
        / (kept.len() - 1) as f64;
    let p99 = view.recorder().run_percentiles().expect("answers came").p99;
    Measured {
        mean,
        half_width: T_999 * (variance / kept.len() as f64).sqrt(),
        p99: p99.as_us() as f64 / UNIT.as_us() as f64,
    }
}

/// Little's law, exactly: the time that requests spent here is the number in flight over time.
/// (What is still in flight has spent part of its time.)
fn little(engine: &Engine) {
    let view = engine.view();
    let unfinished: u128 = view
        .requests()
        .map(|(_, request)| u128::from(view.now().since(request.born).as_us()))
        .sum();
    assert_eq!(
        view.recorder().answered_us() + unfinished,
        view.recorder().in_flight_us(view.now())
    );
}

fn check(name: &str, scene: &Scenario, theory: f64, p99: Option<f64>, requests: f64) {
    let long = std::env::var_os("EVENKEEL_LONG").is_some();
    let (seeds, times, widest) = if long {
        (1..=3, 10.0, 0.02)
    } else {
        (1..=1, 1.0, 0.06)
    };
    for seed in seeds {
        let run = measure(scene, seed, requests * times);
        let half = run.half_width / theory;
        let words = format!(
            "{name}, seed {seed}: {:.4} ± {:.1} %, theory {theory:.4}",
            run.mean,
            half * 100.0
        );
        println!("{words}");
        assert!((run.mean - theory).abs() <= run.half_width, "{words}");
        assert!(half <= widest, "{words}");
        if let Some(p99) = p99 {
            assert!(
                (run.p99 / p99 - 1.0).abs() < 0.05,
                "{words}: p99 {:.3} for {p99:.3}",
                run.p99
            );
        }
    }
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

const EXPONENTIAL: Work = Work::Exponential { mean_us: UNIT };

#[test]
fn one_server() {
    for row in oracle("mm1") {
        let load = number(&row, "lam");
        if load <= 0.8 {
            let scene = queues(1, 1, "round_robin", load, EXPONENTIAL);
            let (mean, p99) = (number(&row, "mean_response"), number(&row, "p99_response"));
            check(
                &format!("M/M/1 {load}"),
                &scene,
                mean,
                Some(p99),
                1_500_000.0,
            );
        }
    }
}

#[test]
fn several_workers_one_queue() {
    for row in oracle("mmc") {
        let (c, load) = (number(&row, "c"), number(&row, "utilisation"));
        if load <= 0.8 {
            let scene = queues(1, c as u32, "round_robin", load, EXPONENTIAL);
            check(
                &format!("M/M/{c} {load}"),
                &scene,
                number(&row, "mean_response"),
                None,
                800_000.0,
            );
        }
    }
}

#[test]
fn other_distributions_of_work() {
    for row in oracle("mg1") {
        let load = number(&row, "rho");
        let name = row["service"].as_str().expect("a name");
        let work = match name {
            "deterministic" => Work::Fixed { us: UNIT },
            "exponential" => EXPONENTIAL,
            _ => Work::Bimodal {
                us: UNIT.scaled(1, 2),
                rare_us: UNIT.scaled(11, 2),
                rare_permille: 100,
            },
        };
        if load <= 0.8 {
            let scene = queues(1, 1, "round_robin", load, work);
            let mean = number(&row, "mean_response");
            check(
                &format!("M/G/1 {name} {load}"),
                &scene,
                mean,
                None,
                1_500_000.0,
            );
        }
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
    let bimodal = Work::Bimodal {
        us: UNIT.scaled(1, 2),
        rare_us: UNIT.scaled(11, 2),
        rare_permille: 100,
    };
    for load in [0.5, 0.8] {
        for (name, work) in [
            ("deterministic", Work::Fixed { us: UNIT }),
            ("exponential", EXPONENTIAL),
            ("bimodal", bimodal),
        ] {
            let name = format!("M/G/1 sharing {name} {load}");
            let theory = 1.0 / (1.0 - load);
            check(&name, &shared(1, load, work), theory, None, 1_500_000.0);
        }
    }
    for row in oracle("mmc") {
        let (c, load) = (number(&row, "c"), number(&row, "utilisation"));
        if load <= 0.8 {
            let scene = shared(c as u32, load, EXPONENTIAL);
            let mean = number(&row, "mean_response");
            let name = format!("M/M/{c} sharing {load}");
            check(&name, &scene, mean, None, 500_000.0);
        }
    }
}

#[test]
fn round_robin_and_random_over_queues_of_their_own() {
    for (list, algorithm) in [
        ("round_robin_ErM1", "round_robin"),
        ("split_mm1_random", "random"),
    ] {
        for row in oracle(list) {
            let (n, load) = (number(&row, "n"), number(&row, "load"));
            if load <= 0.8 {
                let scene = queues(n as usize, 1, algorithm, load, EXPONENTIAL);
                let mean = number(&row, "mean_response");
                check(
                    &format!("{algorithm} {n} {load}"),
                    &scene,
                    mean,
                    None,
                    1_200_000.0,
                );
            }
        }
    }
}

#[test]
fn two_three_and_five_choices_over_a_thousand_servers() {
    let long = std::env::var_os("EVENKEEL_LONG").is_some();
    for row in oracle("supermarket") {
        let (load, d) = (number(&row, "lam"), number(&row, "d"));
        if load <= 0.8 || (long && load <= 0.95) {
            let mut scene = queues(1_000, 1, "power_of_two", load, EXPONENTIAL);
            scene.balancer.engine = Flavour::Envoy;
            scene.balancer.draws = Some(d as u8);
            let run = measure(&scene, 1, if long { 5_000_000.0 } else { 600_000.0 });
            let theory = number(&row, "mean_response");
            // The form is the limit of many servers: a thousand come within 1 %.
            assert!(
                (run.mean / theory - 1.0).abs() < 0.01,
                "{d} of 1,000 at {load}: {} for {theory}",
                run.mean
            );
        }
    }
}
