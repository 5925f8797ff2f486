//! Questions that people asked in public about real balancers, and the figure that answers each. They are
//! numbered as they were collected. Where a figure has a bound, the test says which.

mod envoy;
mod haproxy;
mod kubernetes;
mod nginx;
mod pairs;
mod sessions;

use std::net::{IpAddr, Ipv4Addr};

use evenkeel::sim::balance::algorithm::{Algorithm, Implementation};
use evenkeel::sim::balance::retry::RetryOn;
use evenkeel::sim::engine::Engine;
use evenkeel::sim::engine::observer::request_traces::ENDED;
use evenkeel::sim::fleet::spec::{ArrivalProcess, ClassSpec, ClientSpec, RequestKind, Work};
use evenkeel::sim::metrics::outcome::Outcome;
use evenkeel::sim::scenario::{Scenario, ServerSpec};
use evenkeel::sim::time::{SimDuration, SimTime};

use crate::support::run_ms;

/// What proxies take for a reason to try again unless they are told otherwise: nginx's `error timeout`.
const ERROR_OR_TIMEOUT: [RetryOn; 3] = [RetryOn::Refused, RetryOn::Reset, RetryOn::TimedOut];

/// Makes of a scene one of `count` equal servers with room for everybody, named A, B, C and so on. Each needs `work_ms`
/// for a request, and a request comes every `gap_ms`. nginx picks by weights in turn. Nothing else takes time, and
/// nobody checks or tries again.
fn plain(scene: &mut Scenario, count: usize, work_ms: u64, gap_ms: u64) {
    let like = scene.servers[0].clone();
    let server = |index: usize| ServerSpec {
        name: name(index),
        address: format!("10.0.1.{}:8080", index + 1),
        workers: 1_000,
        queue: 0,
        ..like.clone()
    };
    scene.servers = (0..count).map(server).collect();
    let work = Work::Fixed {
        us: SimDuration::from_ms(work_ms),
    };
    scene.classes = vec![ClassSpec::plain(RequestKind::Page, "/page", work)];
    scene.clients = vec![client(Ipv4Addr::new(203, 0, 113, 7).into(), 1)];
    scene.arrivals.process = ArrivalProcess::Steady;
    scene.arrivals.rate_rps = 1_000.0 / gap_ms as f64;
    scene.links.client_us = SimDuration::ZERO;
    scene.links.server_us = SimDuration::ZERO;
    by(scene, Algorithm::WeightedRoundRobin, Implementation::Nginx);
    let spec = &mut scene.balancer;
    (spec.tls_us, spec.parse_us) = (SimDuration::ZERO, SimDuration::ZERO);
    spec.forward_us = SimDuration::ZERO;
    (spec.active_checks, spec.passive_checks) = (None, None);
    spec.request_timeout_us = SimDuration::from_secs(3_600);
}

/// The name of the server at a place of the list: a letter, as commands that add servers give it.
fn name(index: usize) -> String {
    let letter = u8::try_from(index).ok().filter(|index| *index < 26);
    letter.map_or_else(
        || format!("S{index}"),
        |index| char::from(b'A' + index).to_string(),
    )
}

/// So many people behind one address, each with one connection for everything.
fn client(address: IpAddr, users: u32) -> ClientSpec {
    ClientSpec {
        name: address.to_string(),
        note: String::new(),
        address,
        users,
        share: 1,
        requests_per_connection: 1_000_000,
    }
}

/// Sets whose algorithm picks.
fn by(scene: &mut Scenario, algorithm: Algorithm, engine: Implementation) {
    (scene.balancer.algorithm, scene.balancer.engine) = (algorithm, engine);
}

/// What became of one request.
#[derive(Clone, Debug)]
struct Told {
    source: IpAddr,
    path: String,
    /// The servers that it was sent to, by their letters, in order.
    tried: String,
    outcome: Outcome,
    born: SimTime,
    took: SimDuration,
}

/// Runs for so long, and tells the requests that ended meanwhile, fewer than [`ENDED`], in the order in which they were
/// sent. Those that were sent before the first call are not told.
fn follow(engine: &mut Engine, ms: u64) -> Vec<Told> {
    if engine.view().trail().is_none() {
        engine.set_watched(true);
    }
    let began = engine.view().now();
    run_ms(engine, ms);
    let view = engine.view();
    let mut told = Vec::new();
    for life in view.trail().expect("it is watched").ended() {
        let (at, outcome) = life.ended.expect("it is among those that ended");
        if at <= began {
            continue;
        }
        let mut tried = String::new();
        let mut last = 0;
        for step in &life.steps {
            if let (Some(server), true) = (step.server, step.attempt > last) {
                tried.push(char::from(b'A' + server.0 as u8));
                last = step.attempt;
            }
        }
        told.push((life.number, at.since(life.born), tried, outcome, life));
    }
    assert!(told.len() < ENDED, "some were forgotten");
    told.sort_by_key(|(number, ..)| *number);
    told.into_iter()
        .map(|(_, took, tried, outcome, life)| Told {
            source: life.source,
            path: life.path.clone(),
            tried,
            outcome,
            born: life.born,
            took,
        })
        .collect()
}

/// The servers of all requests in order, one letter a try.
fn letters(told: &[Told]) -> String {
    told.iter().map(|one| one.tried.as_str()).collect()
}
