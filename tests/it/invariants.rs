//! The engine's own checks after every single event in every scene that the project ships, and what
//! they have found.

use evenkeel::sim::balance::spec::{Layer, QueueSpec};
use evenkeel::sim::engine::command::{Command, FaultKind, NodeFault, SiteCommand};
use evenkeel::sim::engine::request::{Phase, Request};
use evenkeel::sim::engine::{Engine, EventBudget, Progress};
use evenkeel::sim::ids::{BalancerId, ServerId};
use evenkeel::sim::time::SimDuration;

use crate::support::{run_ms, run_secs, scene_file, world};
use crate::tidy::files;

/// What is done to each scene, one after the other. What a scene refuses changes nothing.
const SCRIPT: [Command; 9] = [
    Command::Fault(ServerId(0), FaultKind::Crash),
    Command::SetLayer(Layer::L4),
    Command::Fault(ServerId(1), FaultKind::Hang),
    Command::Site(SiteCommand::Node(BalancerId(0), NodeFault::Kill)),
    Command::RemoveServer(ServerId(1)),
    Command::SetLayer(Layer::L7),
    Command::Site(SiteCommand::Node(BalancerId(0), NodeFault::Revive)),
    Command::Fault(ServerId(0), FaultKind::Restore),
    Command::AddServer,
];

/// Events after each command that are checked one by one.
const CLOSELY: u32 = 40;

#[test]
fn they_hold_after_every_event_of_every_scene() {
    let scenes = files("assets/scenarios", "json");
    assert!(scenes.len() > 10, "the scenes are found");
    for path in scenes {
        let name = path.file_stem().and_then(|name| name.to_str());
        let scenario = scene_file(name.expect("a scene has a plain name"));
        let mut engine = Engine::new(&scenario, scenario.seed);
        run_secs(&mut engine, 3);
        for command in SCRIPT {
            let _ = engine.apply(command);
            engine.check_invariants();
            let until = engine.view().now() + SimDuration::from_secs(1);
            for _ in 0..CLOSELY {
                if engine.run_until(until, EventBudget(1)) == Progress::Done {
                    break;
                }
                engine.check_invariants();
            }
            engine.run_until(until, EventBudget::UNBOUNDED);
        }
    }
}

/// Two servers, behind a balancer at L4 that lets one connection to each. Everybody sends all their
/// requests on one connection.
#[test]
fn requests_that_wait_on_one_connection_are_tied_to_one_endpoint_once() {
    let mut engine = world(|scene| {
        scene.balancer.layer = Layer::L4;
        scene.balancer.queue = Some(QueueSpec {
            limit: 500,
            timeout_us: SimDuration::from_secs(60),
        });
        scene.servers.truncate(2);
        for server in &mut scene.servers {
            server.max_conns = Some(1);
        }
        for client in &mut scene.clients {
            client.requests_per_connection = 10;
        }
    });
    let mut waited = 0;
    for _ in 0..600 {
        run_ms(&mut engine, 100);
        engine.check_invariants();
        let view = engine.view();
        let queued = |request: &Request| matches!(request.phase, Phase::Queued { .. });
        let ids = view.requests().filter(|(_, one)| queued(one));
        let mut ids: Vec<u32> = ids.map(|(_, one)| one.connection.0).collect();
        ids.sort_unstable();
        waited += ids.windows(2).filter(|two| two[0] == two[1]).count();
        for member in view.members() {
            assert!(member.endpoint.connections <= 1, "{}", view.now().as_us());
        }
    }
    assert!(waited > 0, "no two requests waited on one connection");
    assert!(engine.view().totals().answered > 0);
}
