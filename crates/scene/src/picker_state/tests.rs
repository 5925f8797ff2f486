//! What is drawn of each algorithm's inside, from real runs.

use super::*;
use evenkeel_sim::balance::algorithm::{CATALOGUE, Implementation};
use evenkeel_sim::engine::command::{Command, FaultKind};
use evenkeel_sim::engine::{Engine, EventBudget};
use evenkeel_sim::ids::ServerId;
use evenkeel_sim::scenario::preset::default_scenario;

fn engine() -> Engine {
    let mut engine = Engine::new(&default_scenario(), 7);
    engine.set_watched(true);
    engine
}

/// The default scene with another algorithm, by its name in the catalogue.
fn with(id: &str, implementation: Implementation) -> Engine {
    let row = CATALOGUE.iter().find(|row| row.id == id);
    let algorithm = row.expect("it is in the catalogue").algorithm;
    let mut engine = engine();
    let command = Command::SetAlgorithm(algorithm, implementation);
    engine.apply(command).expect("it has this form");
    engine
}

#[test]
fn ten_picks_of_five_one_one_show_the_known_scores() {
    let mut engine = engine();
    engine.apply(Command::RemoveServer(ServerId(3))).expect("D");
    engine.apply(Command::SetWeight(ServerId(0), 5)).expect("A");
    // The order that nginx's own comment gives for 5, 1, 1, and the scores after each pick.
    let known = [
        ("A", [-2.0, 1.0, 1.0]),
        ("A", [-4.0, 2.0, 2.0]),
        ("B", [1.0, -4.0, 3.0]),
        ("A", [-1.0, -3.0, 4.0]),
        ("C", [4.0, -2.0, -2.0]),
        ("A", [2.0, -1.0, -1.0]),
        ("A", [0.0, 0.0, 0.0]),
        ("A", [-2.0, 1.0, 1.0]),
        ("A", [-4.0, 2.0, 2.0]),
        ("B", [1.0, -4.0, 3.0]),
    ];
    for (pick, (winner, scores)) in known.into_iter().enumerate() {
        engine.run_to_next_pick(SimTime::FAR);
        let view = engine.view();
        let inside = PickerStateView::of(view);
        let picked = inside.picked().expect("somebody was picked");
        assert_eq!(inside.name(picked), winner, "pick {pick}");
        let shown: Vec<f64> = rows(&inside).iter().map(|row| row.amount).collect();
        assert_eq!(shown, scores, "pick {pick}");
    }
    let text = &chart(engine.view(), 400.0).stops[1].text;
    assert_eq!(text, "Server B: running score −4, weight 1.");
}

#[test]
fn every_algorithm_in_every_form_has_an_inside_to_read() {
    for row in CATALOGUE {
        for form in row.flavours {
            let mut engine = engine();
            let command = Command::SetAlgorithm(row.algorithm, *form);
            engine.apply(command).expect("it has this form");
            for _ in 0..30 {
                engine.run_to_next_pick(SimTime::FAR);
            }
            let view = engine.view();
            let before = (view.digest(), view.balancer().decision().clone());
            for width in [260.0, 700.0] {
                let chart = chart(view, width);
                assert!(chart.stops.len() >= 4, "{} {form:?}", row.id);
                for stop in &chart.stops {
                    let inside =
                        stop.area.x >= -1.0 && stop.area.x + stop.area.width <= width + 1.0;
                    assert!(inside, "{} {form:?}: {:?}", row.id, stop.area);
                    assert!(stop.text.ends_with('.'), "{}: {}", row.id, stop.text);
                }
            }
            assert_eq!(table(view).rows.len(), 4, "{} {form:?}", row.id);
            assert!(headline(view).ends_with('.'));
            assert_eq!(before, (view.digest(), view.balancer().decision().clone()));
        }
    }
}

#[test]
fn a_ring_moves_only_the_keys_of_the_server_that_goes() {
    let mut engine = with("consistent_hash", Implementation::Nginx);
    engine.run_until(SimTime::from_us(5_000_000), EventBudget::UNBOUNDED);
    let before = mapping(engine.view()).expect("it takes keys");
    let none = moved(engine.view(), &before).expect("it takes keys");
    assert!(none.contains("None of 1,000 sample keys"), "{none}");
    let own = {
        let endpoint = engine.view().balancer().endpoints()[1].id;
        before
            .owners
            .iter()
            .filter(|owner| **owner == Some(endpoint))
            .count()
    };
    // Killing changes nothing until the balancer knows.
    let kill = Command::Fault(ServerId(1), FaultKind::Crash);
    engine.apply(kill).expect("B is there");
    let unaware = moved(engine.view(), &before).expect("it takes keys");
    assert!(unaware.starts_with("None of"), "{unaware}");
    engine.run_until(SimTime::from_us(9_000_000), EventBudget::UNBOUNDED);
    let found = moved(engine.view(), &before).expect("it takes keys");
    assert!(
        found.contains(&format!("{own} of 1,000 sample keys")),
        "{found}"
    );
    assert!(found.contains(&format!("from B {own}")), "{found}");
}

#[test]
fn only_a_hash_has_keys_to_move() {
    assert!(mapping(with("least_connections", Implementation::Nginx).view()).is_none());
    assert!(mapping(with("ip_hash", Implementation::Nginx).view()).is_some());
    assert!(mapping(with("maglev", Implementation::Envoy).view()).is_some());
}

#[test]
fn fading_times_are_drawn_as_curves_that_fall_to_a_seventh_in_two_lives() {
    let mut engine = with("peak_ewma", Implementation::Finagle);
    let bars = |engine: &Engine| {
        let view = engine.view();
        compared::draw(&PickerStateView::of(view), 500.0).height
    };
    // Before the first answer there is nothing to draw.
    assert!((chart(engine.view(), 500.0).height - bars(&engine)).abs() < 1e-9);
    engine.run_until(SimTime::from_us(20_000_000), EventBudget::UNBOUNDED);
    let view = engine.view();
    let drawn = chart(view, 500.0);
    assert!(drawn.height > bars(&engine) + 100.0);
    let curves: Vec<Vec<f64>> = drawn
        .shapes
        .iter()
        .filter_map(|shape| match shape {
            crate::svg::SvgShape::Path { data, .. } if data.matches('L').count() == 48 => {
                let heights = data.split(['M', 'L']).skip(1);
                let height = |point: &str| point.split_once(' ')?.1.parse().ok();
                Some(heights.filter_map(height).collect())
            }
            _ => None,
        })
        .collect();
    let PickerState::Fading { us, .. } = PickerStateView::of(view).kept else {
        panic!("it fades")
    };
    assert_eq!(curves.len(), us.iter().flatten().count());
    assert_eq!(curves.len(), 4);
    let ground = drawn.height - crate::chart::axes::BELOW;
    for curve in curves {
        assert_eq!(curve.len(), 49);
        assert!(
            curve.windows(2).all(|two| two[0] <= two[1]),
            "it only falls"
        );
        let (now, later) = (ground - curve[0], ground - curve[48]);
        assert!(
            (later - now * libm::exp(-2.0)).abs() < 0.11,
            "{now} {later}"
        );
    }
}
