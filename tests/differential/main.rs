//! The differential tester: random scenes, run through real programs and through the simulation.
//!
//! A case is a scene and what happens while it runs: requests that overlap, servers that crash, fail and come back,
//! weights and states that an operator changes. The simulation runs it first and gives a list of steps: what is done,
//! and what must be seen after it. The real program, started from the scene's export, then does the same steps, one
//! after another, with scripted servers that answer when they are told to. No clock matters, so a busy machine changes
//! nothing. What is compared is which server gets each request and each retry, and every status.
//!
//! `EVENKEEL_DIFFERENTIAL` is how many scenes each program gets, `EVENKEEL_SEED` where they begin. Every seed is one
//! scene; a mismatch is shrunk to the smallest scene that has it.
#![allow(
    clippy::disallowed_methods,
    reason = "a native test with real programs, real servers and real time"
)]

mod case;
#[path = "../shared/cases.rs"]
mod cases;
mod draw;
#[path = "../shared/programs.rs"]
mod programs;
mod proxy;
mod real;
mod servers;
mod timeline;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::case::{Case, any_case};
use crate::proxy::Proxy;
use crate::real::Fault;
use crate::timeline::{Step, simulate};

/// How many scenes run at a time: most of their time is waiting.
const AT_ONCE: usize = 6;
/// How many scenes a program gets at most in `make test-all`.
const MOST: u32 = 400;
/// How often a scene that does not agree is run again before that counts.
const RUNS: u32 = 4;
/// How many scenes a shrinking tries at most.
const SHRINKS: usize = 60;
/// After so many mismatches no more scenes are tried.
const ENOUGH: usize = 6;

/// What became of all scenes of a program.
#[derive(Default)]
struct Tally {
    scenes: AtomicU64,
    steps: AtomicU64,
    requests: AtomicU64,
    again: AtomicU64,
    left_out: Mutex<BTreeMap<&'static str, u64>>,
    mismatches: Mutex<Vec<String>>,
}

#[test]
fn nginx_does_what_the_simulation_does() {
    compare(Proxy::Nginx);
}

#[test]
fn nginx_of_today_does_what_the_simulation_does() {
    compare(Proxy::NginxNew);
}

#[test]
fn haproxy_does_what_the_simulation_does() {
    compare(Proxy::Haproxy);
}

#[test]
fn haproxy_of_today_does_what_the_simulation_does() {
    compare(Proxy::HaproxyNew);
}

#[test]
fn envoy_does_what_the_simulation_does() {
    compare(Proxy::Envoy);
}

fn compare(proxy: Proxy) {
    let Some(path) = programs::find(proxy.name()) else {
        return;
    };
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let first = number("EVENKEEL_SEED").unwrap_or(1);
    let count = number("EVENKEEL_DIFFERENTIAL").unwrap_or(u64::from(cases::cases(40).min(MOST)));
    let next = AtomicU64::new(first);
    let tally = Tally::default();
    let folder = programs::folder(&format!("differential-{}", proxy.name()));
    std::thread::scope(|scope| {
        for worker in 0..AT_ONCE {
            let own = folder.join(worker.to_string());
            let (next, tally, path) = (&next, &tally, &path);
            scope.spawn(move || {
                std::fs::create_dir_all(&own).expect("a folder for the worker");
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let enough = lock(&tally.mismatches).len() >= ENOUGH;
                    if seed >= first + count || enough {
                        return;
                    }
                    one_scene(seed, proxy, path, &own, tally);
                }
            });
        }
    });
    let _ = std::fs::remove_dir_all(folder);
    let sum = |part: &AtomicU64| part.load(Ordering::Relaxed);
    let left_out = lock(&tally.left_out).clone();
    let mismatches = lock(&tally.mismatches).clone();
    println!(
        "{}: seeds {first} to {}: {} scenes with {} requests in {} steps agree, {} runs repeated, left out: {:?}, {} do not agree",
        proxy.name(),
        first + count - 1,
        sum(&tally.scenes),
        sum(&tally.requests),
        sum(&tally.steps),
        sum(&tally.again),
        left_out,
        mismatches.len(),
    );
    assert!(mismatches.is_empty(), "{}", mismatches.join("\n\n"));
}

/// Runs the scene of a seed; a mismatch is shrunk.
fn one_scene(seed: u64, proxy: Proxy, path: &Path, folder: &Path, tally: &Tally) {
    let bytes: Vec<u8> = seed.to_le_bytes().into_iter().cycle().take(32).collect();
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut tree = any_case(proxy, seed)
        .new_tree(&mut runner)
        .expect("every draw is a case");
    let case = tree.current();
    let steps = match simulate(&case, proxy) {
        Ok(steps) => steps,
        Err(why) => {
            *lock(&tally.left_out).entry(why).or_default() += 1;
            return;
        }
    };
    let run = || real::run(&case, &steps, proxy, (path, folder), real::PATIENCE);
    let mut result = run();
    for _ in 0..RUNS {
        if result.is_ok() {
            break;
        }
        // What the program does is the same each time; what a busy machine does is not.
        tally.again.fetch_add(1, Ordering::Relaxed);
        result = run();
    }
    let Err(fault) = result else {
        let sent = |step: &&Step| matches!(step.action, timeline::Action::Send { .. });
        let requests = steps.iter().filter(sent).count() as u64;
        tally.scenes.fetch_add(1, Ordering::Relaxed);
        tally.requests.fetch_add(requests, Ordering::Relaxed);
        tally.steps.fetch_add(steps.len() as u64, Ordering::Relaxed);
        return;
    };
    let mut smallest = (case, steps, fault);
    let mut more = !matches!(smallest.2, Fault::NotRun(_)) && tree.simplify();
    for _ in 0..SHRINKS {
        if !more {
            break;
        }
        let case = tree.current();
        let failed = simulate(&case, proxy).ok().and_then(|steps| {
            match real::run(&case, &steps, proxy, (path, folder), real::SHORT_PATIENCE) {
                Err(fault @ Fault::Mismatch(_)) => Some((steps, fault)),
                Ok(()) | Err(Fault::NotRun(_)) => None,
            }
        });
        more = if let Some((steps, fault)) = failed {
            smallest = (case, steps, fault);
            tree.simplify()
        } else {
            tree.complicate()
        };
    }
    let told = describe(seed, proxy, &smallest);
    lock(&tally.mismatches).push(told);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no thread panicked with it")
}

/// A mismatch in words: the scene in short, all steps up to the mismatch, and both sides.
fn describe(seed: u64, proxy: Proxy, (case, steps, fault): &(Case, Vec<Step>, Fault)) -> String {
    let scene = &case.scene;
    let balancer = &scene.balancer;
    let mut text = format!(
        "{} seed {seed}: {:?} cookie {} pools {:?} {:?} {:?} static {} retries {:?} passive {:?} backups {:?}\n",
        proxy.name(),
        balancer.layer,
        balancer.sticky_cookie,
        scene
            .pools
            .iter()
            .map(|pool| pool.algorithm)
            .collect::<Vec<_>>(),
        balancer.algorithm,
        balancer.hash,
        balancer.static_table,
        balancer.retries,
        balancer
            .passive_checks
            .map(|one| (one.max_fails, one.consecutive_failures)),
        balancer.backups
    );
    for server in &scene.servers {
        text += &format!(
            "  {} weight {} {:?} maxconn {:?} maxqueue {:?}\n",
            server.name, server.weight, server.tier, server.max_conns, server.max_queue
        );
    }
    match fault {
        Fault::NotRun(why) => text += why,
        Fault::Mismatch(mismatch) => {
            for step in &steps[..mismatch.step] {
                text += &format!("  {:?} -> {:?}\n", step.action, step.then);
            }
            text += &mismatch.to_string();
        }
    }
    text
}
