//! A race is fair: the same arrivals and acts in every lane, and each lane's figures are those of a
//! run of its own.

use std::collections::BTreeMap;

use evenkeel::sim::balance::algorithm::CATALOGUE;
use evenkeel::sim::balance::spec::Layer;
use evenkeel::sim::comparison::batches::Estimate;
use evenkeel::sim::comparison::{ComparedConfig, RunComparison};
use evenkeel::sim::engine::command::{Command, FaultKind};
use evenkeel::sim::engine::{Engine, EventBudget, Progress};
use evenkeel::sim::ids::ServerId;
use evenkeel::sim::run::Run;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::time::SimDuration;
use evenkeel::sim::units::Permille;

use crate::support::at_ms;

const ALL: EventBudget = EventBudget::UNBOUNDED;

/// The scene's way, with the algorithm of that name.
fn with(id: &str) -> ComparedConfig {
    let row = CATALOGUE
        .iter()
        .find(|row| row.id == id)
        .expect("it is there");
    ComparedConfig {
        algorithm: row.algorithm,
        engine: row.form(default_scenario().balancer.engine),
        ..ComparedConfig::of(&default_scenario())
    }
}

fn race(entrants: &[ComparedConfig]) -> RunComparison {
    RunComparison::new(&Run::start(default_scenario()), entrants)
}

#[test]
fn every_lane_sees_the_same_arrivals() {
    let mut lanes = ["round_robin", "least_connections", "random"]
        .map(with)
        .to_vec();
    lanes.push(ComparedConfig {
        layer: Layer::L4,
        passive_checks: false,
        ..with("round_robin")
    });
    let mut race = race(&lanes);
    let mut tapes = vec![BTreeMap::new(); 4];
    for ms in 0..20_000 {
        race.run_until(at_ms(ms), ALL);
        if ms == 5_000 {
            race.send(Command::Fault(ServerId(1), FaultKind::Crash))
                .expect("B is there");
        }
        for (lane, tape) in race.lanes().iter().zip(&mut tapes) {
            for (_, request) in lane.view().requests() {
                tape.insert(request.number, (request.born, request.draw));
            }
        }
    }
    assert!(tapes[0].len() > 500);
    for tape in &tapes[1..] {
        assert_eq!(tape, &tapes[0]);
    }
}

#[test]
fn each_lane_is_a_run_of_its_own_scene_however_it_is_cut() {
    let entrants = ["round_robin", "least_connections", "random", "ip_hash"].map(with);
    let mut race = race(&entrants);
    let kill = Command::Fault(ServerId(2), FaultKind::Crash);
    while race.run_until(at_ms(12_345), EventBudget(700)) == Progress::OutOfBudget {}
    race.send(kill.clone()).expect("C is there");
    while race.run_until(at_ms(60_000), EventBudget(1)) == Progress::OutOfBudget {}
    for (lane, entrant) in race.lanes().iter().zip(entrants) {
        let scenario = entrant.scenario(&default_scenario());
        let mut alone = Engine::new(&scenario, scenario.seed);
        alone.run_until(at_ms(12_345), ALL);
        alone.apply(kill.clone()).expect("C is there");
        alone.run_until(at_ms(60_000), ALL);
        let (own, lane) = (alone.view(), lane.view());
        assert_eq!(own.digest(), lane.digest());
        assert_eq!(own.totals(), lane.totals());
        assert_eq!(
            own.recorder().run_percentiles(),
            lane.recorder().run_percentiles()
        );
        assert_eq!(own.fairness(), lane.fairness());
    }
}

#[test]
fn what_was_done_in_the_run_is_done_in_every_lane_but_what_is_a_lanes_own() {
    let mut engine = Engine::new(&default_scenario(), 7);
    let acts = [
        Command::SetLayer(Layer::L4),
        Command::Fault(ServerId(1), FaultKind::Crash),
        Command::SetTraffic(40_000),
    ];
    for (turn, act) in acts.into_iter().enumerate() {
        engine.run_until(at_ms(1_000 + turn as u64 * 1_007), ALL);
        engine.apply(act).expect("it is possible");
    }
    let run = Run::of(engine.view());
    let mut race = RunComparison::new(&run, &[with("round_robin"), with("random")]);
    race.run_until(at_ms(10_000), ALL);
    for lane in race.lanes() {
        assert_eq!(lane.view().log(), &run.log[1..]);
        assert_eq!(lane.view().balancer().layer(), Layer::L7);
        // And it can be gone on with alone.
        assert_eq!(lane.run().replay().view().digest(), lane.view().digest());
    }
}

#[test]
fn in_a_black_hole_least_connections_fails_most_and_the_interval_says_so() {
    let blind = |id| ComparedConfig {
        active_checks: false,
        passive_checks: false,
        ..with(id)
    };
    // Short ways, so that a server which answers at once looks idle.
    let mut scenario = default_scenario();
    (scenario.links.client_us, scenario.links.server_us) =
        (SimDuration::from_ms(20), SimDuration::from_ms(20));
    let entrants = ["least_connections", "round_robin", "random"].map(blind);
    let mut race = RunComparison::new(&Run::start(scenario), &entrants);
    race.run_until(at_ms(2_000), ALL);
    let hole = Command::Fault(ServerId(1), FaultKind::FailFast(Permille(1_000)));
    race.send(hole).expect("B is there");
    race.run_until(at_ms(8_000), ALL);
    let lanes = race.lanes();
    assert_eq!(
        lanes[0].batches().interval(Estimate::Errors),
        None,
        "too early to tell"
    );
    race.run_until(at_ms(120_000), ALL);
    let failed = |lane: usize| race.lanes()[lane].view().totals().unanswered();
    assert!(failed(0) > failed(1) * 5 / 4 && failed(0) > failed(2) * 5 / 4);
    for other in [1, 2] {
        let lanes = race.lanes();
        let more = lanes[0]
            .batches()
            .difference(lanes[other].batches(), Estimate::Errors);
        let more = more.expect("there is enough");
        assert!(more.mean > 0.0 && more.is_significant(), "{more:?}");
    }
    let busy = race.lanes()[1].utilisation().expect("it ran");
    assert!((0.2..0.8).contains(&busy), "{busy}");
}

/// One frame of four lanes at 10,000 requests a second is about 3,300 events, and is done in
/// slices of at most that.
#[test]
fn four_fast_lanes_stop_together_within_their_budget() {
    let mut scenario = default_scenario();
    scenario.arrivals.rate_rps = 10_000.0;
    for server in &mut scenario.servers {
        (server.workers, server.queue) = (1_000, 5_000);
    }
    let lanes = ["round_robin", "least_connections", "random", "ip_hash"].map(with);
    let mut race = RunComparison::new(&Run::start(scenario), &lanes);
    let before = |race: &RunComparison| {
        race.lanes()
            .iter()
            .map(|lane| lane.view().events())
            .sum::<u64>()
    };
    race.run_until(at_ms(1_000), ALL);
    let start = before(&race);
    race.run_until(at_ms(2_000), EventBudget(20_000));
    let spent = before(&race) - start;
    assert!((20_000..40_000).contains(&spent), "{spent}");
    assert!(
        race.lanes()
            .iter()
            .all(|lane| lane.view().now() == race.now())
    );
}
