//! Questions about two balancers beside each other.

use evenkeel::sim::balance::algorithm::{Algorithm, Implementation};
use evenkeel::sim::engine::Engine;
use evenkeel::sim::engine::command::{Command, SiteCommand};
use evenkeel::sim::engine::observer::request_traces::EndpointSnapshot;
use evenkeel::sim::ha::vrrp::VrrpState;
use evenkeel::sim::ids::{BalancerId, SiteId, VipId};
use evenkeel::sim::scenario::topology::ClientSpread;
use evenkeel::sim::time::SimDuration;

use super::by;
use crate::support::{run_ms, run_secs, scene_file, send};

/// Case 23, the second half: does `least_conn` see what another balancer sends to the same servers?
/// <https://github.com/apache/apisix/issues/9225>
#[test]
fn least_conn_picks_by_its_own_open_requests_and_not_by_those_of_others() {
    let mut scene = scene_file("active_active_40");
    scene.dns = None;
    let pair = scene.pair.as_mut().expect("it has one");
    pair.spread = ClientSpread::Ecmp;
    pair.vip = Some([203, 0, 113, 10].into());
    by(
        &mut scene,
        Algorithm::LeastConnections,
        Implementation::Nginx,
    );
    let mut engine = Engine::new(&scene, 7);
    engine.set_watched(true);
    run_secs(&mut engine, 10);
    let view = engine.view();
    let mut picks = [0_u32; 2];
    let mut to_the_busier = 0;
    for life in view.trail().expect("it is watched").ended() {
        for choice in &life.choices {
            let (picked, _) = choice.decision.picked.expect("everybody is well");
            let its = choice.figures.iter().find(|one| one.endpoint == picked);
            let its = its.expect("it is among them");
            let fewest = choice.figures.iter().map(|one| one.in_progress).min();
            assert_eq!(Some(its.in_progress), fewest);
            let load = |one: &EndpointSnapshot| one.running + one.queued;
            let least = choice.figures.iter().map(load).min();
            to_the_busier += u32::from(Some(load(its)) > least);
            picks[choice.upstream_ref.balancer.index()] += 1;
        }
    }
    assert!(picks.iter().all(|picks| *picks > 80), "{picks:?}");
    assert!(to_the_busier > 60, "{to_the_busier} of {picks:?}");
}

fn states(engine: &Engine) -> [VrrpState; 2] {
    let site = engine.view().topology().site(SiteId(0));
    let pair = site.pair.as_ref().expect("the scene has a pair");
    pair.machines.each_ref().map(|one| one.state())
}

/// Two nodes without preemption, of priorities 100 and 50, that advertise themselves every second.
fn two_nodes() -> Engine {
    let mut scene = scene_file("active_passive");
    let pair = scene.pair.as_mut().expect("it has one");
    (pair.advert_cs, pair.preempt) = (100, false);
    pair.link_us = SimDuration::from_ms(1);
    (pair.members[0].priority, pair.members[1].priority) = (100, 50);
    let mut engine = Engine::new(&scene, 7);
    run_ms(&mut engine, 20_300);
    assert_eq!(states(&engine), [VrrpState::Active, VrrpState::Backup]);
    engine
}

/// Whether the two hear each other.
fn link(engine: &mut Engine, up: bool) {
    send(engine, Command::Site(SiteCommand::SetLink(SiteId(0), up)));
}

/// Case 32. Why is the address on both machines, and who gets the traffic?
/// <https://github.com/acassen/keepalived/issues/2370>, <https://github.com/acassen/keepalived/issues/166>
///
/// The skew of priority 50 is 206/256 of a second. The last advertisement was heard up to a second before the cut.
#[test]
fn both_are_master_after_three_adverts_and_the_skew_and_the_last_arp_wins() {
    const DOWN_MS: u64 = 3_000 + 805;
    let mut engine = two_nodes();
    link(&mut engine, false);
    let mut waited = 0;
    while states(&engine) != [VrrpState::Active; 2] {
        run_ms(&mut engine, 1);
        waited += 1;
        assert!(waited <= DOWN_MS + 1, "{waited} ms");
    }
    assert!(waited >= DOWN_MS - 1_000, "{waited} ms");
    run_ms(&mut engine, 2);
    let owner = engine.view().topology().vip_owner(VipId(0), 40_000);
    assert_eq!(owner, Some(BalancerId(1)), "it spoke last");
    let reached = |engine: &Engine| {
        let nodes = &engine.view().topology().nodes;
        [nodes[0].reached, nodes[1].reached]
    };
    let before = reached(&engine);
    run_secs(&mut engine, 10);
    let after = reached(&engine);
    assert_eq!(after[0], before[0]);
    assert!(after[1] > before[1] + 100, "{before:?} {after:?}");

    // Two that were lost change nothing.
    let mut engine = two_nodes();
    link(&mut engine, false);
    run_ms(&mut engine, 2_000);
    link(&mut engine, true);
    for _ in 0..5_000 {
        run_ms(&mut engine, 1);
        assert_eq!(states(&engine), [VrrpState::Active, VrrpState::Backup]);
    }
}
