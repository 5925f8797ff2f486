//! Where a request waits while its server has as many connections as it may have: the simulation beside real HAProxy,
//! with one key for all requests.
#![allow(
    clippy::disallowed_methods,
    reason = "a native test with a real program, real servers and real time"
)]

use std::io::Read;
use std::net::Ipv4Addr;
use std::time::Duration;

use evenkeel::conf::ConfigFormat;
use evenkeel::sim::balance::algorithm::{Algorithm, HashOptions, Implementation};
use evenkeel::sim::balance::spec::QueueSpec;
use evenkeel::sim::engine::Engine;
use evenkeel::sim::engine::command::Command;
use evenkeel::sim::fleet::spec::{ArrivalProcess, Work};
use evenkeel::sim::metrics::outcome::{Outcome, Rejection};
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::time::SimDuration;

use crate::conf_programs::{Program, folder};
use crate::conf_real::{Answers, Asked, Fleet, scene, send, start};
use crate::support::{run_ms, send as command, tries};

/// How many requests come, one after another.
const REQUESTS: usize = 12;
/// The time between two requests.
const GAP: Duration = Duration::from_millis(40);

/// What is compared: how many requests each server got, and how many were answered 503.
#[derive(Debug, PartialEq, Eq)]
struct Ended {
    by_server: Vec<u64>,
    rejected: u64,
}

/// A scene with four servers that take two requests at once, and let `max_queue` wait.
fn limited(
    fleet: &Fleet,
    (algorithm, consistent): (Algorithm, bool),
    max_queue: Option<u32>,
    queue_ms: u64,
) -> Scenario {
    let mut scene = scene(fleet, Implementation::Haproxy, algorithm, [1; 4]);
    scene.name = format!("full-{}-{consistent}", algorithm.row().id);
    scene.balancer.hash = HashOptions {
        consistent,
        ..HashOptions::default()
    };
    scene.balancer.request_timeout_us = SimDuration::from_secs(60);
    scene.classes.truncate(1);
    scene.classes[0].items = 1;
    scene.balancer.queue = Some(QueueSpec {
        limit: 100_000,
        timeout_us: SimDuration::from_ms(queue_ms),
    });
    for server in &mut scene.servers {
        (server.max_conns, server.max_queue) = (Some(2), max_queue);
        server.workers = 20;
    }
    scene
}

/// What becomes of the requests in the real program, after so long.
fn really(program: &Program, scene: &Scenario, fleet: &Fleet, after: Duration) -> Ended {
    // Tests run side by side.
    let test = std::thread::current();
    let folder =
        folder(&format!("{}-{}", test.name().unwrap_or("full"), scene.name).replace(':', "-"));
    let (running, address) = start(program, scene, &folder);
    let asked = Asked {
        source: Ipv4Addr::new(127, 0, 0, 9),
        path: scene.classes[0].path.clone(),
    };
    let streams: Vec<_> = (0..REQUESTS)
        .map(|_| {
            std::thread::sleep(GAP);
            send(address, &asked)
        })
        .collect();
    std::thread::sleep(after);
    let mut by_server = vec![0; scene.servers.len()];
    for server in fleet.got.try_iter() {
        by_server[server] += 1;
    }
    let wait = Some(Duration::from_millis(20));
    let mut rejected = 0;
    for mut stream in streams {
        stream.set_read_timeout(wait).expect("it can be set");
        let mut answer = [0; 64];
        let length = stream.read(&mut answer).unwrap_or(0);
        rejected += u64::from(answer[..length].starts_with(b"HTTP/1.1 503"));
    }
    drop(running);
    std::fs::remove_dir_all(folder).expect("the folder is ours");
    Ended {
        by_server,
        rejected,
    }
}

/// What becomes of the same requests in the simulation; `work`: how long a server takes.
fn simulated(scene: &Scenario, work: SimDuration, after: Duration) -> Ended {
    let mut scene = scene.clone();
    scene.classes[0].work = Work::Fixed { us: work };
    scene.clients.truncate(1);
    scene.clients[0].address = Ipv4Addr::new(127, 0, 0, 9).into();
    scene.arrivals.process = ArrivalProcess::Steady;
    scene.arrivals.rate_rps = 1_000.0 / GAP.as_millis() as f64;
    scene.links.client_us = SimDuration::ZERO;
    scene.links.server_us = SimDuration::ZERO;
    let mut engine = Engine::new(&scene, 7);
    while engine.view().totals().arrived < REQUESTS as u64 {
        run_ms(&mut engine, 1);
    }
    command(&mut engine, Command::SetTraffic(0));
    run_ms(&mut engine, after.as_millis() as u64);
    let totals = engine.view().totals();
    let rejected = |why| totals.of(Outcome::Rejected(why));
    Ended {
        by_server: tries(&engine),
        rejected: rejected(Rejection::BalancerQueueFull) + rejected(Rejection::QueueTimeout),
    }
}

/// Every hash that HAProxy has.
const HASHES: [(Algorithm, bool); 5] = [
    (Algorithm::IpHash, false),
    (Algorithm::IpHash, true),
    (Algorithm::KeyHash, false),
    (Algorithm::KeyHash, true),
    (Algorithm::ConsistentHash, true),
];

#[test]
fn a_hash_waits_for_its_server_however_idle_the_others_are() {
    let Some(program) = Program::find(ConfigFormat::Haproxy) else {
        return;
    };
    let after = Duration::from_millis(1_500);
    for hash in HASHES {
        let fleet = Fleet::start(4, true);
        let scene = limited(&fleet, hash, Some(1), 500);
        let real = really(&program, &scene, &fleet, after);
        assert_eq!(
            real,
            simulated(&scene, SimDuration::from_secs(50), after),
            "{hash:?}"
        );
        let mut by_server = real.by_server;
        by_server.sort_unstable();
        // Two are at the server, one waits in vain, nine find its queue full.
        assert_eq!(
            (by_server, real.rejected),
            (vec![0, 0, 0, 2], 10),
            "{hash:?}"
        );
    }
}

#[test]
fn a_hash_sends_all_to_one_server_one_after_another() {
    let Some(program) = Program::find(ConfigFormat::Haproxy) else {
        return;
    };
    let (work, after) = (Duration::from_millis(150), Duration::from_millis(2_000));
    for hash in HASHES {
        let fleet = Fleet::answering(4, Answers::After(work));
        let scene = limited(&fleet, hash, None, 10_000);
        let real = really(&program, &scene, &fleet, after);
        assert_eq!(
            real,
            simulated(&scene, SimDuration::from_ms(150), after),
            "{hash:?}"
        );
        let mut by_server = real.by_server;
        by_server.sort_unstable();
        assert_eq!(
            (by_server, real.rejected),
            (vec![0, 0, 0, 12], 0),
            "{hash:?}"
        );
    }
}

#[test]
fn other_algorithms_pass_over_full_servers_and_wait_for_any() {
    let Some(program) = Program::find(ConfigFormat::Haproxy) else {
        return;
    };
    let after = Duration::from_millis(1_500);
    for algorithm in [
        Algorithm::RoundRobin,
        Algorithm::LeastConnections,
        Algorithm::First,
        Algorithm::BoundedLoadHash,
    ] {
        let fleet = Fleet::start(4, true);
        let scene = limited(&fleet, (algorithm, false), Some(1), 500);
        let real = really(&program, &scene, &fleet, after);
        assert_eq!(
            real,
            simulated(&scene, SimDuration::from_secs(50), after),
            "{algorithm:?}"
        );
    }
}
