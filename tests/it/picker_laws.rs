//! What must hold for every algorithm of the catalogue, in every engine's form.

use evenkeel::sim::balance::algorithm::{Algorithm, Implementation, PickerConfig, ShareModel};
use evenkeel::sim::balance::endpoint::{AdminState, Tier};
use evenkeel::sim::balance::picker::{AttemptEnd, Pick, Reason};
use evenkeel::sim::balance::spec::Layer;
use evenkeel::sim::engine::command::Command;
use evenkeel::sim::engine::{Engine, EventBudget};
use evenkeel::sim::ids::EndpointId;
use evenkeel::sim::scenario::preset::start_scenario;
use evenkeel::sim::time::{SimDuration, SimTime};
use evenkeel::sim::units::Permille;
use proptest::prelude::*;

use super::cases::cases;
use super::rig::{Rig, configs};

/// Something that happens to a rig.
#[derive(Clone, Debug)]
enum Step {
    Pick { client: u32, tried: u8 },
    Finish(bool),
    Admin(usize, u8),
    Weight(usize, u32),
    Remove(usize),
    Add(u32, bool),
    Wait(u32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..50_u32, 0..8_u8).prop_map(|(client, tried)| Step::Pick { client, tried }),
        4 => any::<bool>().prop_map(Step::Finish),
        1 => (0..8_usize, 0..3_u8).prop_map(|(slot, state)| Step::Admin(slot, state)),
        1 => (0..8_usize, 0..20_u32).prop_map(|(slot, weight)| Step::Weight(slot, weight)),
        1 => (0..8_usize).prop_map(Step::Remove),
        1 => (0..5_u32, any::<bool>()).prop_map(|(weight, backup)| Step::Add(weight, backup)),
        1 => (0..30_000_000_u32).prop_map(Step::Wait),
    ]
}

/// Does one step; the pick if it was one.
fn play(rig: &mut Rig, step: &Step) -> Option<Option<Pick>> {
    let slots = rig.set.endpoints().len();
    match *step {
        Step::Pick { client, tried } => {
            // The bits of `tried` choose among the first endpoints.
            let ids: Vec<EndpointId> = rig
                .set
                .endpoints()
                .iter()
                .enumerate()
                .filter(|(slot, _)| *slot < 3 && tried & (1 << slot) != 0)
                .map(|(_, endpoint)| endpoint.id)
                .collect();
            let pick = rig.pick(client, &ids);
            let candidates = rig.candidates(&ids);
            match pick {
                Some(pick) => {
                    // The search along a ring with bounds ends at the ring's last point, whoever owns it.
                    let end =
                        matches!(pick.reason, Reason::RingRoom { .. }) && !candidates.is_empty();
                    assert!(
                        candidates.contains(&pick.slot) || end,
                        "{:?}: {pick:?}",
                        rig.picker
                    );
                    assert!(rig.set.endpoints()[pick.slot].config.weight > 0);
                    rig.send(pick.slot);
                }
                None => assert!(
                    candidates.is_empty(),
                    "{:?} refused {candidates:?}",
                    rig.picker
                ),
            }
            return Some(pick);
        }
        Step::Finish(answered) => {
            rig.finish(if answered {
                AttemptEnd::Answered
            } else {
                AttemptEnd::Failed
            });
        }
        Step::Admin(slot, state) if slot < slots => {
            let states = [AdminState::Ready, AdminState::Drain, AdminState::Maint];
            rig.set_admin(slot, states[usize::from(state)]);
        }
        Step::Weight(slot, weight) if slot < slots => rig.set_weight(slot, weight),
        Step::Remove(slot) if slot < slots => {
            let id = rig.set.endpoints()[slot].id;
            rig.set.remove(id);
            rig.in_progress.retain(|of| *of != id);
            rig.sync();
        }
        Step::Add(weight, backup) if slots < 12 => {
            rig.add(weight, if backup { Tier::Backup } else { Tier::Primary });
        }
        Step::Wait(us) => rig.now = rig.now + SimDuration::from_us(u64::from(us)),
        _ => {}
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(20)))]

    /// Only candidates are picked, one is always found, weight 0 takes nothing; a clone has the same
    /// future; and looking on changes nothing.
    #[test]
    fn any_history(
        weights in prop::collection::vec(0..10_u32, 0..7),
        steps in prop::collection::vec(step(), 1..120),
    ) {
        for (_, config) in configs() {
            let mut rig = Rig::new(config, &weights);
            let half = steps.len() / 2;
            for step in &steps[..half] {
                play(&mut rig, step);
            }
            let mut twin = rig.clone();
            twin.watch = true;
            for step in &steps[half..] {
                prop_assert_eq!(play(&mut rig, step), play(&mut twin, step), "{:?}", config);
            }
        }
    }
}

#[test]
fn a_watched_pick_shows_one_row_an_endpoint() {
    for (row, config) in configs() {
        let mut rig = Rig::new(config, &[3, 1, 2]);
        rig.watch = true;
        for client in 0..20 {
            let pick = rig.pick(client, &[]).expect("three are usable");
            let shown: Vec<EndpointId> = rig.rows.iter().map(|row| row.endpoint).collect();
            let all: Vec<EndpointId> = rig.set.endpoints().iter().map(|one| one.id).collect();
            assert_eq!(shown, all, "{} {config:?}", row.id);
            rig.send(pick.slot);
        }
    }
}

#[test]
fn nothing_usable_is_no_pick() {
    for (row, config) in configs() {
        assert_eq!(Rig::new(config, &[]).pick(1, &[]), None, "{}", row.id);
        assert_eq!(Rig::new(config, &[0, 0]).pick(1, &[]), None, "{}", row.id);
        let mut rig = Rig::new(config, &[1, 1]);
        rig.set_admin(0, AdminState::Maint);
        rig.set_admin(1, AdminState::Drain);
        assert_eq!(rig.pick(1, &[]), None, "{}", row.id);
        rig.set_admin(1, AdminState::Ready);
        assert_eq!(
            rig.pick(1, &[]).map(|pick| pick.slot),
            Some(1),
            "{}",
            row.id
        );
    }
}

/// Picks with many requests always in progress, each of which lasts as many picks.
fn shares(config: PickerConfig, weights: &[u32], picks: u32, overlap: usize) -> Vec<f64> {
    let mut rig = Rig::new(config, weights);
    let mut counts = vec![0_u32; weights.len()];
    for client in 0..picks {
        let pick = rig.pick(client % 1_000, &[]).expect("all are usable");
        counts[pick.slot] += 1;
        rig.send(pick.slot);
        while rig.in_progress.len() > overlap {
            rig.finish(AttemptEnd::Answered);
        }
    }
    counts
        .iter()
        .map(|count| f64::from(*count) / f64::from(picks))
        .collect()
}

#[test]
fn shares_are_what_the_row_asks_for() {
    for weights in [[1, 1, 1, 1], [3, 1, 1, 1], [5, 3, 2, 1]] {
        for (row, config) in configs() {
            let total: u32 = weights.iter().sum();
            let asked: Vec<f64> = match row.asks {
                ShareModel::Equal => vec![0.25; 4],
                ShareModel::ByWeight => weights
                    .iter()
                    .map(|weight| f64::from(*weight) / f64::from(total))
                    .collect(),
                ShareModel::Nothing => continue,
            };
            // HAProxy draws from a ring, which is uneven; large weights make it less so.
            let (times, bound) = match (config.implementation, row.id) {
                (Implementation::Haproxy, "random") => (1, 0.1),
                (Implementation::Haproxy, "weighted_random") => (50, 0.04),
                // It flattens the weights under load: see the test below.
                (Implementation::Envoy, "weighted_least_connections" | "power_of_two") => continue,
                _ => (1, 0.015),
            };
            let found = shares(config, &weights.map(|weight| weight * times), 20_000, 400);
            for (found, asked) in found.iter().zip(&asked) {
                assert!(
                    (found - asked).abs() < bound,
                    "{} {config:?} {weights:?}: {found} of {asked}",
                    row.id
                );
            }
        }
    }
}

#[test]
fn envoy_flattens_weights_under_load() {
    let config = PickerConfig::new(Algorithm::WeightedLeastConnections, Implementation::Envoy);
    // The share is the weight over the load, which is the share again: the square root of the weight.
    let found = shares(config, &[9, 1], 20_000, 400);
    assert!((found[0] - 0.75).abs() < 0.02, "{found:?}");
    // With nothing in progress it is by weight.
    let idle = shares(config, &[9, 1], 20_000, 0);
    assert!((idle[0] - 0.9).abs() < 0.01, "{idle:?}");
}

#[test]
fn peak_ewma_prefers_the_fast_and_tries_a_new_one_once() {
    let config = PickerConfig::new(Algorithm::PeakEwma, Implementation::Finagle);
    // Answers take 10, 40, 70 and 100 ms: where costs are level, shares go as 1 / time.
    let found = shares(config, &[1; 4], 20_000, 100);
    assert!(found.is_sorted_by(|a, b| a > b), "{found:?}");
    let ratio = found[0] / found[3];
    assert!((4.0..10.0).contains(&ratio), "{found:?}");
    // A new one costs nothing until it has a request, and then more than any until it answers.
    let mut rig = Rig::new(config, &[1, 1]);
    for client in 0..40 {
        let pick = rig.pick(client, &[]).expect("both are usable");
        rig.send(pick.slot);
        if client >= 20 {
            rig.finish(AttemptEnd::Answered);
        }
    }
    rig.add(1, Tier::Primary);
    let mut picks = 0;
    for client in 0..200 {
        let pick = rig.pick(client, &[]).expect("all are usable");
        picks += u32::from(pick.slot == 2);
        rig.send(pick.slot);
    }
    assert_eq!(picks, 1);
}

/// A change moves the place of wrr to the head of the list, and rr's not at all (`ip_vs_wrr.c`, `ip_vs_rr.c`).
#[test]
fn the_kernels_rr_goes_on_where_it_stood() {
    for (algorithm, expected) in [
        (Algorithm::RoundRobin, [0, 1, 3, 0]),
        (Algorithm::WeightedRoundRobin, [0, 1, 0, 0]),
    ] {
        let mut rig = Rig::new(PickerConfig::new(algorithm, Implementation::Ipvs), &[1; 4]);
        let next = |rig: &mut Rig| rig.pick(1, &[]).expect("somebody is up").slot;
        let mut picks = vec![next(&mut rig), next(&mut rig)];
        rig.set_admin(2, AdminState::Maint);
        picks.push(next(&mut rig));
        rig.set_admin(2, AdminState::Ready);
        picks.push(next(&mut rig));
        assert_eq!(picks, expected, "{algorithm:?}");
    }
}

/// The first picks with nothing in progress, as digits from 1.
fn first_picks(config: PickerConfig, weights: &[u32], count: usize) -> String {
    let mut rig = Rig::new(config, weights);
    let digit =
        |pick: Option<Pick>| pick.map_or_else(String::new, |pick| (pick.slot + 1).to_string());
    (0..count).map(|_| digit(rig.pick(1, &[]))).collect()
}

#[test]
fn each_engine_has_its_own_order() {
    let orders = [
        (Implementation::Nginx, [5, 1, 1, 0], "1121311"),
        (Implementation::Nginx, [4, 3, 2, 1], "1231241321"),
        (Implementation::Haproxy, [5, 1, 1, 0], "1112113"),
        (Implementation::Haproxy, [4, 3, 2, 1], "1213214123"),
        (Implementation::Ipvs, [4, 3, 2, 1], "1121231234"),
        (Implementation::Ipvs, [4, 2, 0, 0], "112112"),
        (Implementation::Envoy, [4, 3, 2, 1], "1231214321"),
        (Implementation::Envoy, [1, 1, 1, 1], "12341234"),
    ];
    for (implementation, weights, expected) in orders {
        let config = PickerConfig::new(Algorithm::WeightedRoundRobin, implementation);
        assert_eq!(
            first_picks(config, &weights, expected.len()),
            expected,
            "{implementation:?} {weights:?}"
        );
    }
}

/// The share of the picks that each server gets in ten minutes, from the second minute on, at so many thousandths of a
/// request a second.
fn shares_of_a_run(layer: Layer, rate: u64) -> Vec<f64> {
    let mut scenario = start_scenario();
    scenario.balancer.algorithm = Algorithm::ClientSideWeightedRoundRobin;
    scenario.balancer.layer = layer;
    // 3 : 1 : 1/2 : 2 of the same work.
    let workers = [3, 3, 3, 6];
    for ((server, workers), speed) in scenario.servers.iter_mut().zip(workers).zip([3, 1, 0, 1]) {
        (server.workers, server.speed_permille) = (workers, Permille((speed * 1_000).max(500)));
    }
    let mut engine = Engine::new(&scenario, 7);
    engine.apply(Command::SetTraffic(rate)).expect("a rate");
    let mut picks = |secs: u64| -> Vec<u64> {
        engine.run_until(SimTime::from_us(secs * 1_000_000), EventBudget::UNBOUNDED);
        let endpoints = engine.view().balancer().endpoints().iter();
        endpoints.map(|endpoint| endpoint.counts.picks).collect()
    };
    let (before, after) = (picks(60), picks(660));
    let since: Vec<u64> = after.iter().zip(&before).map(|(a, b)| a - b).collect();
    let all: u64 = since.iter().sum();
    since
        .iter()
        .map(|picks| *picks as f64 / all as f64)
        .collect()
}

#[test]
fn by_load_reports_shares_follow_the_capacity_of_unequal_servers() {
    let found = shares_of_a_run(Layer::L7, 8_000);
    for (found, capacity) in found.iter().zip([6.0, 2.0, 1.0, 4.0]) {
        let asked = capacity / 13.0;
        assert!(
            (found - asked).abs() < 0.02,
            "{found} of {asked}: {found:?}"
        );
    }
    // At L4 nobody reads what servers report. (The slowest can do a quarter of this rate.)
    let blind = shares_of_a_run(Layer::L4, 5_000);
    assert!(
        blind.iter().all(|found| (found - 0.25).abs() < 0.02),
        "{blind:?}"
    );
}
