//! What a frame of the stage holds, from real runs.

use super::*;
use crate::layout::{Rect, ServerSpot};
use evenkeel_sim::engine::command::{Command, FaultKind};
use evenkeel_sim::engine::{Engine, EventBudget};
use evenkeel_sim::scenario::preset::default_scenario;

fn layout(flow: Flow) -> Layout {
    let spot = |id: u32| {
        let y = 400.0 + 100.0 * f64::from(id);
        ServerSpot {
            id: ServerId(id),
            door: Point { x: 900.0, y },
            work: Rect {
                x: 930.0,
                y,
                width: 320.0,
                height: 18.0,
            },
        }
    };
    let client = |place: u32| Point {
        x: 20.0,
        y: 30.0 * f64::from(place),
    };
    Layout {
        grid: None,
        chosen: None,
        width: 1280.0,
        height: 900.0,
        flow,
        clients: (0..4).map(client).collect(),
        balancer_in: Point { x: 400.0, y: 200.0 },
        balancer_out: Point { x: 600.0, y: 200.0 },
        servers: (0..4).map(spot).collect(),
    }
}

fn run(engine: &mut Engine, ms: u64) {
    engine.run_until(SimTime::from_us(ms * 1_000), EventBudget::UNBOUNDED);
}

fn engine_at(ms: u64) -> Engine {
    let scenario = default_scenario();
    let mut engine = Engine::new(&scenario, scenario.seed);
    run(&mut engine, ms);
    engine
}

fn dashes(scene: &Scene) -> Vec<Dash> {
    let lines = scene.wires.owners().zip(&scene.strokes);
    lines
        .filter(|((_, owner), _)| matches!(owner, Owner::Server(_)))
        .map(|(_, stroke)| stroke.dash)
        .collect()
}

#[test]
fn every_request_in_flight_is_drawn_exactly_once() {
    let mut scene = Scene::default();
    let mut engine = engine_at(0);
    for step in 1..400 {
        if step == 150 {
            let hang = Command::Fault(ServerId(1), FaultKind::Hang);
            engine.apply(hang).expect("there is a server B");
        }
        run(&mut engine, step * 50);
        stage(
            engine.view(),
            &layout(Flow::Across),
            Motion::Flying,
            &mut scene,
        );
        let requests = scene
            .all_marks()
            .filter(|(paint, finish, _)| *finish != Finish::Line && *paint != Paint::Draining)
            .count();
        // The last "+N" of a queue stands for more than one.
        let more: usize = scene.more.iter().map(|more| more.count).sum();
        assert_eq!(requests + more, engine.view().in_flight(), "step {step}");
    }
}

#[test]
fn a_request_moves_steadily_and_never_jumps_on_a_wire() {
    let engine = engine_at(5_000);
    let (key, _) = engine
        .view()
        .requests()
        .find(|(_, request)| matches!(request.phase, Phase::ToServer(trip) if trip.depart.as_us() > 4_950_000))
        .expect("one has just left");
    let mut engine = engine;
    let mut scene = Scene::default();
    scene.begin(&layout(Flow::Across), false);
    let mut last: Option<Point> = None;
    for ms in 5_000..5_200 {
        run(&mut engine, ms);
        let view = engine.view();
        let request = view.request(key).expect("it is on its way");
        let Phase::ToServer(trip) = request.phase else {
            panic!("still on its way");
        };
        let server = request.current.expect("to a server").server;
        let (_, path) = scene.wires.server(server).expect("it has a wire");
        let frame = Frame::new(view, Motion::Flying);
        let at = on_wire(&frame, path, trip, false, request.number);
        if let Some(last) = last {
            let (x, y) = (at.x - last.x, at.y - last.y);
            let gone = (x * x + y * y).sqrt();
            let step = path.length() / 350.0;
            assert!((gone - step).abs() < step * 0.2, "{gone} {step}");
        }
        last = Some(at);
    }
}

#[test]
fn a_killed_server_fails_visibly_at_its_door_and_then_its_wire_breaks() {
    let mut engine = engine_at(4_000);
    let kill = Command::Fault(ServerId(1), FaultKind::Crash);
    engine.apply(kill).expect("there is a server B");
    run(&mut engine, 4_600);
    let mut scene = Scene::default();
    stage(
        engine.view(),
        &layout(Flow::Across),
        Motion::Flying,
        &mut scene,
    );
    let crosses = scene.marks(Paint::Down, Finish::Line);
    assert!(crosses.iter().any(|mark| (mark.at.y - 500.0).abs() < 9.0));
    assert!(!scene.marks(Paint::Down, Finish::Crossed).is_empty());
    run(&mut engine, 9_000);
    stage(
        engine.view(),
        &layout(Flow::Across),
        Motion::Flying,
        &mut scene,
    );
    let expected = [Dash::Solid, Dash::Broken, Dash::Solid, Dash::Solid];
    assert_eq!(dashes(&scene), expected);
    stage(
        engine.view(),
        &layout(Flow::Down),
        Motion::Flying,
        &mut scene,
    );
    assert_eq!(dashes(&scene), expected);
}

#[test]
fn at_l4_the_envelopes_are_closed() {
    let mut engine = engine_at(3_000);
    let mut scene = Scene::default();
    for (layer, sealed) in [(Layer::L7, false), (Layer::L4, true)] {
        engine.apply(Command::SetLayer(layer)).expect("it can");
        stage(
            engine.view(),
            &layout(Flow::Across),
            Motion::Flying,
            &mut scene,
        );
        // On the wires: servers open what they get.
        let mut requests = scene
            .all_marks()
            .filter(|(_, finish, mark)| *finish != Finish::Line && mark.at.x < 930.0);
        assert!(requests.all(|(_, _, mark)| mark.sealed == sealed));
    }
}

#[test]
fn nothing_flies_when_it_must_not() {
    let mut scene = Scene::default();
    let mut engine = engine_at(6_000);
    let mut places = |engine: &Engine| -> Vec<(Paint, Mark)> {
        stage(
            engine.view(),
            &layout(Flow::Across),
            Motion::Still,
            &mut scene,
        );
        let marks = scene.all_marks();
        marks.map(|(paint, _, mark)| (paint, *mark)).collect()
    };
    let mut quiet = 0;
    for ms in 6_000..6_100 {
        run(&mut engine, ms);
        let (before, events) = (places(&engine), engine.view().events());
        run(&mut engine, ms + 1);
        if engine.view().events() == events {
            assert_eq!(before, places(&engine));
            quiet += 1;
        }
    }
    assert!(quiet > 10);
}

#[test]
fn a_layout_behind_the_times_draws_what_it_can() {
    let mut engine = engine_at(3_000);
    engine.apply(Command::AddServer).expect("there is room");
    engine.apply(Command::RemoveServer(ServerId(0))).expect("A");
    run(&mut engine, 6_000);
    let mut scene = Scene::default();
    stage(
        engine.view(),
        &layout(Flow::Across),
        Motion::Flying,
        &mut scene,
    );
    assert_eq!(dashes(&scene)[0], Dash::Resting);
    stage(
        engine.view(),
        &Layout::default(),
        Motion::Flying,
        &mut scene,
    );
    assert_eq!(scene.all_marks().count(), 0);
}

#[test]
fn every_request_that_is_drawn_can_be_hit() {
    let mut scene = Scene::default();
    let engine = engine_at(12_000);
    stage(
        engine.view(),
        &layout(Flow::Across),
        Motion::Flying,
        &mut scene,
    );
    let drawn = scene
        .all_marks()
        .filter(|(_, _, mark)| mark.request.is_some());
    let drawn: Vec<(Point, f64)> = drawn.map(|(_, _, mark)| (mark.at, mark.size)).collect();
    assert!(drawn.len() > 20);
    let known = |number| {
        let mut requests = engine.view().requests();
        requests.any(|(_, request)| request.number == number)
    };
    for (at, size) in drawn {
        let hit = crate::hit::request_at(&scene, at, 0.0);
        assert!(hit.is_some_and(known), "{at:?}");
        let beside = Point {
            x: at.x + size + 3.0,
            y: at.y,
        };
        assert!(crate::hit::request_at(&scene, beside, 4.0).is_some());
    }
    let nowhere = Point { x: 5.0, y: 880.0 };
    assert_eq!(crate::hit::request_at(&scene, nowhere, 12.0), None);
}
