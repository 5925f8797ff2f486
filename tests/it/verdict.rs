//! The verdicts of a comparison name no winner of mere noise, and find real differences within the time they have.

use evenkeel::sim::balance::algorithm::CATALOGUE;
use evenkeel::sim::comparison::verdict::{Figure, Verdict, look_at};
use evenkeel::sim::comparison::{ComparedConfig, RunComparison};
use evenkeel::sim::engine::EventBudget;
use evenkeel::sim::run::Run;
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::time::SimDuration;

use crate::cases::cases;

/// The looks that every comparison here goes through.
const LOOKS: u32 = 4;

fn comparison(scenario: &Scenario, seed: u64, ids: &[&str]) -> RunComparison {
    let entrant = |id: &&str| {
        let row = CATALOGUE.iter().find(|row| row.id == *id).expect("known");
        ComparedConfig {
            algorithm: row.algorithm,
            engine: row.form(scenario.balancer.engine),
            ..ComparedConfig::of(scenario)
        }
    };
    let entrants: Vec<ComparedConfig> = ids.iter().map(entrant).collect();
    let mut run = Run::start(scenario.clone());
    run.seed = seed;
    RunComparison::new(&run, &entrants)
}

/// Short ways and a busy fleet, so that queues make response times vary.
fn busy() -> Scenario {
    let mut scenario = default_scenario();
    (scenario.links.client_us, scenario.links.server_us) =
        (SimDuration::from_ms(2), SimDuration::from_ms(1));
    for server in &mut scenario.servers {
        server.weight = 1;
    }
    scenario
}

/// The verdicts of every look.
fn verdicts(mut race: RunComparison) -> Vec<Verdict> {
    let mut all = Vec::new();
    for look in 0..LOOKS {
        race.run_until(look_at(look), EventBudget::UNBOUNDED);
        all.extend_from_slice(race.verdicts());
    }
    all
}

/// Equal weights make both algorithms pick each server with the same chance, by different numbers.
#[test]
fn of_two_equal_lanes_a_winner_is_named_in_at_most_five_of_a_hundred() {
    let runs = cases(200);
    let named = |seed: &u64| {
        let all = verdicts(comparison(&busy(), *seed, &["random", "weighted_random"]));
        assert_eq!(all.len(), 3 * LOOKS as usize, "every look judges all figures");
        all.iter().any(|one| one.winner().is_some())
    };
    let wrong = (1..=u64::from(runs)).filter(named).count();
    assert!(wrong * 20 <= runs as usize, "{wrong} of {runs}");
}

#[test]
fn a_real_difference_is_found_within_the_looks_and_never_the_other_way_round() {
    let runs = cases(20);
    for seed in 1..=u64::from(runs) {
        let all = verdicts(comparison(&busy(), seed, &["random", "least_connections"]));
        for figure in [Figure::Mean, Figure::Tail] {
            let winners: Vec<usize> = all
                .iter()
                .filter(|one| one.figure == figure)
                .filter_map(Verdict::winner)
                .collect();
            assert!(winners.iter().all(|one| *one == 1), "{seed} {figure:?}");
            assert!(!winners.is_empty(), "{seed} {figure:?}: {all:?}");
        }
    }
}
