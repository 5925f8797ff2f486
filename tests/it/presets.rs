//! "Break something": each preset is opened as a run whose log is known, so it can be wound back and
//! shared. At its end that run shows what the texts say.

use std::collections::BTreeMap;

use evenkeel::lesson::amount::Amount;
use evenkeel::lesson::figure::{Claim, Figure};
use evenkeel::lesson::measure::{Measure, Stretch};
use evenkeel::lesson::part::part;
use evenkeel::sim::run::Run;

use crate::lesson::library;

/// What the menu must have: the ten truths in their order, panic mode and the lock of round robin.
const ASKED: [&str; 12] = [
    "black-hole",
    "comeback",
    "scout",
    "retry-storm",
    "fine-check",
    "hanging",
    "neighbours",
    "hash-remove",
    "weights-ignored",
    "more-balancers",
    "panic",
    "lock",
];

fn presets() -> Vec<Figure> {
    let figures = library().figures.into_values();
    figures.filter(|figure| figure.play.preset).collect()
}

#[test]
fn every_truth_is_a_preset_and_every_preset_has_a_fix() {
    let presets = presets();
    let named = |name: &str| presets.iter().any(|figure| figure.name == name);
    let missing: Vec<&str> = ASKED.into_iter().filter(|name| !named(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    for figure in &presets {
        assert!(!figure.play.fixes.is_empty(), "{}", figure.name);
        assert!(!figure.play.shows.is_empty(), "{}", figure.name);
    }
}

/// The claims that are of a whole run, as the panel measures it. How many were compared.
fn compare(name: &str, run: &Run, claims: &BTreeMap<String, Claim>) -> usize {
    let world = run.replay();
    let mut compared = 0;
    for (id, claim) in claims {
        let apart = claim.at_ms.is_some()
            || claim.since_ms.is_some()
            || matches!(claim.measure, Measure::KeysMoved);
        let value = claim.measure.number(Stretch::whole(world.view()));
        let (false, Some(value), Amount::Number(says)) = (apart, value, &claim.says) else {
            continue;
        };
        let off = (value - says).abs();
        assert!(
            off <= claim.tolerance() + 1e-9,
            "{name}, {id}: the text says {says}, the run {value}"
        );
        compared += 1;
    }
    compared
}

#[test]
fn each_part_of_a_preset_ends_in_what_its_text_says() {
    for figure in presets() {
        let mut compared = 0;
        for number in 0..=figure.play.fixes.len() {
            let part = part(&figure, number).expect("it can be made");
            let run = Run {
                at: part.end,
                ..part.run
            };
            let fix = number.checked_sub(1).map(|place| &figure.play.fixes[place]);
            let claims = match fix {
                None => &figure.play.claims,
                // One that goes on counts from the fix: `lesson` checks it.
                Some(fix) if fix.patch.is_none() => continue,
                Some(fix) => &fix.claims,
            };
            compared += compare(&figure.name, &run, claims);
        }
        let moved = |claim: &Claim| matches!(claim.measure, Measure::KeysMoved);
        let of_keys = figure.play.claims.values().any(moved);
        assert!(compared > 0 || of_keys, "{}: nothing to read", figure.name);
    }
}

#[test]
fn there_is_no_part_beyond_the_last_fix() {
    for figure in presets() {
        assert_eq!(part(&figure, figure.play.fixes.len() + 1), None);
    }
}
