//! The verdicts of a comparison name no winner of mere noise, and find real differences within the time they have.

use evenkeel::sim::balance::algorithm::CATALOGUE;
use evenkeel::sim::comparison::verdict::{ComparedFigure, Verdict, look_at};
use evenkeel::sim::comparison::{ComparedConfig, RunComparison};
use evenkeel::sim::engine::EventBudget;
use evenkeel::sim::run::Run;
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::time::SimDuration;

use evenkeel::scene::comparison::name;
use evenkeel::scene::comparison_cases::{Case, begin};
use evenkeel::scene::verdict::differences;

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

/// What each of so many looks found of a figure; without those that had too little of it.
fn by_figure(mut race: RunComparison, figure: ComparedFigure, looks: u32) -> Vec<Verdict> {
    let mut all = Vec::new();
    for look in 0..looks {
        race.run_until(look_at(look), EventBudget::UNBOUNDED);
        let its = race.verdicts().iter().find(|one| one.figure == figure);
        all.extend(its.cloned());
    }
    all
}

/// The busy fleet at a rate at which a random server is slower than the better of two by about a tenth of the mean.
fn a_tenth() -> Scenario {
    let mut scenario = busy();
    scenario.arrivals.rate_rps = 27.0;
    scenario
}

/// Equal weights make both algorithms pick each server with the same chance, by different numbers.
#[test]
fn of_two_equal_lanes_a_winner_is_named_in_at_most_five_of_a_hundred() {
    let runs = cases(200);
    let named = |seed: &u64| {
        let all = verdicts(comparison(&busy(), *seed, &["random", "weighted_random"]));
        assert_eq!(
            all.len(),
            3 * LOOKS as usize,
            "every look judges all figures"
        );
        all.iter().any(|one| one.winner().is_some())
    };
    let wrong = (1..=u64::from(runs)).filter(named).count();
    assert!(wrong * 20 <= runs as usize, "{wrong} of {runs}");
}

/// Of percentiles likewise: the 95th while batches are small, the 99th afterwards.
#[test]
fn of_two_equal_lanes_a_percentile_names_a_winner_in_at_most_five_of_a_hundred() {
    let runs = cases(200);
    let mut percentiles = std::collections::BTreeSet::new();
    let mut wrong = 0;
    for seed in 1..=u64::from(runs) {
        // Other seeds than above: an independent sample.
        let race = comparison(&busy(), 1_000 + seed, &["random", "weighted_random"]);
        let tail = by_figure(race, ComparedFigure::Tail, LOOKS);
        percentiles.extend(tail.iter().map(|one| one.percentile));
        wrong += u32::from(tail.iter().any(|one| one.winner().is_some()));
    }
    assert_eq!(percentiles.into_iter().collect::<Vec<_>>(), [95, 99]);
    assert!(wrong * 20 <= runs, "{wrong} of {runs}");
}

/// Lanes that differ by a tenth of the mean: the better one is found within the looks, and nobody is told that there
/// is no difference.
#[test]
fn of_lanes_that_differ_by_a_tenth_of_the_mean_the_better_one_is_found() {
    let runs = cases(20);
    let mut tenths = 0.0;
    for seed in 1..=u64::from(runs) {
        let all = by_figure(
            comparison(&a_tenth(), seed, &["random", "power_of_two"]),
            ComparedFigure::Mean,
            LOOKS,
        );
        assert!(all.iter().all(|one| !one.equal), "{seed}: {all:?}");
        assert!(
            all.iter().all(|one| one.winner() != Some(0)),
            "{seed}: {all:?}"
        );
        let last = all.last().expect("every look judges the mean");
        assert_eq!(last.winner(), Some(1), "{seed}: {all:?}");
        tenths += last.worse[0].factor.expect("means are over 0") - 1.0;
    }
    let mean = tenths / f64::from(runs);
    assert!((0.08..0.12).contains(&mean), "they differ by {mean}");
}

/// How many looks too late or too early the first forecast of a figure was; `None` where the first look decided.
fn forecast_error(all: &[Verdict]) -> Option<f64> {
    let first = all.first().filter(|one| !one.is_decided())?;
    let expected = first.expected?;
    assert!(expected > first.at);
    // What is not decided within these looks is decided later than the last of them.
    let took = all.iter().find(|one| one.is_decided());
    let took = took.map_or_else(|| look_at(all.len() as u32), |one| one.at);
    Some(libm::log2(took.as_secs_f64() / expected.as_secs_f64()))
}

/// What is said of how long it will take is right within a look or two in most runs where the difference is real: for
/// the mean of lanes that differ by a few percent, and for the 99th percentile of lanes that differ by a tenth. It is
/// often earlier, as a difference that varies much may show itself by chance, and in one run of ten more than a look
/// later at most.
#[test]
fn the_time_that_is_said_is_about_the_time_it_takes() {
    let (mut mean, mut tail) = (Vec::new(), Vec::new());
    for seed in 1..=u64::from(cases(16)) {
        let mut few = busy();
        few.arrivals.rate_rps = 18.0;
        let ids = ["random", "power_of_two"];
        let all = by_figure(comparison(&few, seed, &ids), ComparedFigure::Mean, 6);
        mean.extend(forecast_error(&all));
        let mut all = by_figure(comparison(&a_tenth(), seed, &ids), ComparedFigure::Tail, 6);
        all.retain(|one| one.percentile == 99);
        tail.extend(forecast_error(&all));
    }
    for (figure, errors) in [("mean", mean), ("tail", tail)] {
        let within = |looks: f64| errors.iter().filter(|one| one.abs() < looks + 0.1).count();
        assert!(errors.len() >= 4, "{figure}: too rarely said: {errors:?}");
        assert!(within(1.0) * 2 >= errors.len(), "{figure}: {errors:?}");
        assert!(within(2.0) * 3 >= errors.len() * 2, "{figure}: {errors:?}");
        let late = errors.iter().filter(|one| **one > 1.1).count();
        assert!(late * 10 <= errors.len(), "{figure}: {errors:?}");
    }
}

/// No losses in a short run are no proof that there are none.
#[test]
fn lanes_that_have_lost_nothing_yet_are_not_said_to_lose_equally_many() {
    let race = comparison(&a_tenth(), 3, &["random", "power_of_two"]);
    let all = by_figure(race, ComparedFigure::Lost, LOOKS);
    assert!(!all[0].equal && all[0].expected.is_some(), "{:?}", all[0]);
    // Twins lose the same, and after enough requests that is known.
    let twins = comparison(&a_tenth(), 3, &["power_of_two", "power_of_two"]);
    let all = by_figure(twins, ComparedFigure::Lost, LOOKS);
    assert!(!all[0].equal && all[3].equal, "{all:?}");
}

/// The place of the lane that each case is about to show as the best one.
const fn expected_best(case: Case) -> usize {
    match case {
        Case::BlackHole => 0,
        _ => 1,
    }
}

#[test]
fn every_classic_case_shows_what_it_is_known_for_within_the_looks() {
    for case in Case::ALL {
        for seed in 1..=u64::from(cases(5)) {
            let mut run = Run::start(case.scenario());
            run.seed = seed;
            let faults: Vec<_> = case.fault().into_iter().collect();
            let mut race = begin(&run, &case.configs(), &faults);
            let best = expected_best(case);
            let mut found = false;
            for look in 0..LOOKS {
                race.run_until(look_at(look), EventBudget::UNBOUNDED);
                let lead = &differences(&race)[0];
                let named = race.verdicts().iter().any(|one| one.winner() == Some(best));
                let says = [" is fastest", " loses fewest"]
                    .map(|what| format!(": {}{what};", name(&race, best)));
                found |= named && says.iter().any(|one| lead.contains(one));
            }
            assert!(found, "{case:?} {seed}: {:?}", differences(&race));
        }
    }
}

/// Which one is better is never said the wrong way round. Found it is in these looks, but for one run in a hundred, to
/// which chance gave a tail that takes longer.
#[test]
fn a_real_difference_is_found_within_the_looks_and_never_the_other_way_round() {
    let runs = cases(20);
    for figure in [ComparedFigure::Mean, ComparedFigure::Tail] {
        let mut late = Vec::new();
        for seed in 1..=u64::from(runs) {
            let all = verdicts(comparison(&busy(), seed, &["random", "least_connections"]));
            let its = all.iter().filter(|one| one.figure == figure);
            let winners: Vec<usize> = its.filter_map(Verdict::winner).collect();
            assert!(winners.iter().all(|one| *one == 1), "{seed} {figure:?}");
            if winners.is_empty() {
                late.push(seed);
            }
        }
        assert!(late.len() as u32 * 100 <= runs, "{figure:?}: {late:?}");
    }
}
