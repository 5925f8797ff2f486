//! "Break something": each preset is opened as a run whose log is known, so it can be wound back and
//! shared. At its end that run shows what the texts say.

use std::collections::BTreeMap;

use evenkeel::lesson::amount::Amount;
use evenkeel::lesson::figure::{Claim, Figure};
use evenkeel::lesson::measure::Stretch;
use evenkeel::lesson::part::{FigurePart, part};
use evenkeel::sim::engine::Engine;
use evenkeel::sim::run::Run;
use evenkeel::sim::time::SimTime;

use crate::lesson::library;

type Claims = BTreeMap<String, Claim>;

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

/// Compares each number that the text of a part says with the run that the page opens for it. Gives
/// how many there were.
fn compare(name: &str, part: &FigurePart, since: Option<SimTime>, claims: &Claims) -> usize {
    let world = |at: SimTime| {
        let run = Run {
            at,
            ..part.run.clone()
        };
        run.replay()
    };
    let ms = |ms: u64| SimTime::from_us(ms * 1_000);
    let mut compared = 0;
    for (id, claim) in claims {
        let to = world(claim.at_ms.map_or(part.end, ms));
        let from = claim.since_ms.map(ms).or(since).map(world);
        let stretch = Stretch {
            from: from.as_ref().map(Engine::view),
            to: to.view(),
        };
        // A sequence of picks or a time until something takes a whole run to see.
        let (Some(value), Amount::Number(says)) = (claim.measure.number(stretch), &claim.says)
        else {
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
            let fix = number.checked_sub(1).map(|place| &figure.play.fixes[place]);
            let goes_on = fix.is_some_and(|fix| fix.patch.is_none());
            let since = goes_on.then_some(part.run.at);
            let claims = fix.map_or(&figure.play.claims, |fix| &fix.claims);
            compared += compare(&figure.name, &part, since, claims);
        }
        assert!(compared >= 2, "{}: {compared} to read", figure.name);
    }
}

#[test]
fn there_is_no_part_beyond_the_last_fix() {
    for figure in presets() {
        assert_eq!(part(&figure, figure.play.fixes.len() + 1), None);
    }
}
