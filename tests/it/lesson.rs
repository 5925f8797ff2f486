//! The figures of the chapters: every one runs without a page, and what the texts say of it is true.

use std::path::Path;

use evenkeel::lesson::amount::Amount;
use evenkeel::lesson::check::check;
use evenkeel::lesson::expectation::Expectation;
use evenkeel::lesson::figure::{Figure, with_value};
use evenkeel::lesson::library::Library;
use evenkeel::lesson::measure::{Measure, Stretch};
use evenkeel::lesson::timed_command::give;
use evenkeel::sim::balance::l7::rules::INJECTED;
use evenkeel::sim::engine::{Engine, EventBudget};
use evenkeel::sim::run::Run;
use evenkeel::sim::share;
use evenkeel::sim::time::{SimDuration, SimTime};
use serde_json::{Value, json};

pub fn library() -> Library {
    Library::read(Path::new("assets")).expect("the figures can be read")
}

fn figure(name: &str) -> Figure {
    library().figures.remove(name).expect("it is there")
}

#[test]
fn every_figure_holds_what_it_promises() {
    let library = library();
    assert!(library.figures.len() >= 10, "{}", library.figures.len());
    let faults: Vec<String> = library
        .figures
        .values()
        .flat_map(|figure| check(figure).faults)
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_figure_says_all_it_must_in_every_language() {
    let library = library();
    let mut faults = Vec::new();
    for (language, said) in &library.languages {
        let book = &said.book;
        for (name, figure) in &library.figures {
            match book.get(name) {
                Some(words) => faults.extend(words.faults(figure)),
                None => faults.push(format!("{language}: {name} has no words")),
            }
        }
        let unknown = book
            .keys()
            .filter(|name| !library.figures.contains_key(*name));
        faults.extend(unknown.map(|name| format!("{language}: there is no figure {name}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_number_in_a_figures_words_is_a_claim() {
    // Digits stand only in claims, which are checked, and in names such as L7 and IPv4.
    let mut faults = Vec::new();
    for (language, said) in &library().languages {
        let book = &said.book;
        for (name, words) in book {
            for text in words.sentences() {
                let outside = text
                    .split('{')
                    .enumerate()
                    .map(|(place, part)| match place {
                        0 => part,
                        _ => part.split_once('}').map_or("", |(_, rest)| rest),
                    });
                let bare = |part: &str| {
                    let words = part.split_whitespace();
                    words
                        .filter(|word| word.starts_with(|c: char| c.is_ascii_digit()))
                        .count()
                };
                if outside.map(bare).sum::<usize>() > 0 {
                    faults.push(format!("{language}: {name}: {text}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_false_claim_is_found() {
    let mut figure = figure("black-hole");
    let claim = figure
        .play
        .claims
        .get_mut("errors")
        .expect("it claims that");
    claim.says = Amount::Number(0.1);
    let faults = check(&figure).faults;
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(
        faults[0].contains("claim errors: the text says 0.1"),
        "{faults:?}"
    );
}

#[test]
fn a_gate_out_of_reach_is_found() {
    let mut figure = figure("black-hole");
    let down = Expectation::Belief("A".into(), "down".into());
    figure.play.gates.push(down);
    let faults = check(&figure).faults;
    assert!(
        faults.len() == 1 && faults[0].contains("never holds"),
        "{faults:?}"
    );
}

#[test]
fn two_right_answers_are_found_and_so_is_none() {
    for always in [true, false] {
        let mut figure = figure("black-hole");
        let evenkeel::lesson::figure::Question::Choice(choices) = &mut figure.play.question else {
            panic!("it asks for a choice");
        };
        for choice in choices {
            choice.when = if always {
                Expectation::All(Vec::new())
            } else {
                Expectation::Any(Vec::new())
            };
        }
        let faults = check(&figure).faults;
        assert!(
            faults.len() == 1 && faults[0].contains("not one answer"),
            "{faults:?}"
        );
    }
}

#[test]
fn a_server_that_is_not_there_is_found() {
    let mut figure = figure("black-hole");
    figure.play.shows = vec![Measure::Share("Z".into())];
    let faults = check(&figure).faults;
    assert!(
        faults.iter().any(|fault| fault.contains("no server \"Z\"")),
        "{faults:?}"
    );
}

#[test]
fn a_misspelt_field_is_refused() {
    let text = std::fs::read_to_string("assets/figures/black-hole.json").expect("it is there");
    let scene = |name: &str| std::fs::read_to_string(format!("assets/scenarios/{name}.json")).ok();
    assert!(Figure::from_file("x", &text, scene).is_ok());
    for (from, to) in [("\"run_ms\"", "\"runs_ms\""), ("\"question\"", "\"query\"")] {
        let wrong = text.replacen(from, to, 1);
        assert!(Figure::from_file("x", &wrong, scene).is_err(), "{to}");
    }
    let extra = text.replacen('{', "{ \"surprise\": 1,", 1);
    let error = Figure::from_file("x", &extra, scene).expect_err("unknown");
    assert!(error.contains("surprise"), "{error}");
    let no_scene = text.replacen("\"plain\"", "\"nowhere\"", 1);
    let error = Figure::from_file("x", &no_scene, scene).expect_err("no scene");
    assert!(error.contains("nowhere"), "{error}");
}

/// The figure's world after a minute, with the changes that an order asks for made first.
fn changed(figure: &Figure, order: &Value) -> Engine {
    let mut engine = Engine::new(&figure.scenario, figure.scenario.seed);
    for change in figure.changes_of(order) {
        match change.get("set") {
            Some(set) => {
                let scene = with_value(&figure.scenario, set).expect("a scene comes of it");
                engine = Engine::new(&scene, figure.scenario.seed);
            }
            None => give(&mut engine, &change).expect("the engine takes it"),
        }
    }
    let minute = SimTime::ZERO + SimDuration::from_secs(60);
    engine.run_until(minute, EventBudget::UNBOUNDED);
    engine
}

#[test]
fn a_line_that_is_taken_away_changes_the_run_and_comes_back() {
    for figure in library().figures.values() {
        let whole = changed(figure, &json!({ "line": ["no-such-line", true] }));
        for name in figure.play.lines.keys() {
            let back = changed(figure, &json!({ "line": [name, true] }));
            let measure = |engine: &Engine, of: Measure| of.read(Stretch::whole(engine.view()));
            let shown = |engine: &Engine| {
                let shows = figure.play.shows.iter().cloned();
                let numbers: Vec<_> = shows.map(|one| measure(engine, one)).collect();
                let front = engine.view().balancer().front().last().copied();
                let headers = front.map(|seen| INJECTED.map(|one| seen.decision.injects(one)));
                (numbers, headers)
            };
            assert_eq!(shown(&back), shown(&whole), "{}: {name}", figure.name);
            let gone = changed(figure, &json!({ "line": [name, false] }));
            assert_ne!(shown(&gone), shown(&whole), "{}: {name}", figure.name);
        }
    }
}

#[test]
fn a_value_is_set_only_where_there_is_one() {
    let scene = figure("config").scenario;
    for wrong in [
        json!(["/nowhere", 1]),
        json!("/seed"),
        json!(["/servers/3/tier", "best"]),
    ] {
        assert!(with_value(&scene, &wrong).is_err(), "{wrong}");
    }
}

#[test]
fn every_figure_fits_into_a_link_to_the_workbench() {
    for figure in library().figures.values() {
        let run = Run::start(figure.scenario.clone());
        let link =
            share::fragment(&run).unwrap_or_else(|error| panic!("{}: {error:?}", figure.name));
        let text = share::find(&link).expect("there is a run in it");
        assert_eq!(
            share::decode(text).ok().as_ref(),
            Some(&run),
            "{}",
            figure.name
        );
    }
}
