//! What a frame of the stage holds, from real runs.

use super::*;
use crate::layout::{Rect, ServerSpot, Side};
use evenkeel_sim::engine::command::{Command, FaultKind};
use evenkeel_sim::engine::request::Phase;
use evenkeel_sim::engine::{Engine, EventBudget};
use evenkeel_sim::scenario::preset::default_scenario;

fn layout(flow: FlowDirection) -> Layout {
    let spot = |id: u32| {
        let y = 400.0 + 100.0 * f64::from(id);
        ServerSpot {
            id: ServerId(id),
            door: Point { x: 900.0, y },
            side: Side::Left,
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
    let mut layout = Layout {
        width: 1280.0,
        height: 900.0,
        flow,
        clients: (0..4).map(client).collect(),
        servers: (0..4).map(spot).collect(),
        ..Layout::default()
    };
    let balancer = Rect {
        x: 400.0,
        y: 100.0,
        width: 200.0,
        height: 200.0,
    };
    layout.set_ports(balancer, &[]);
    layout
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
        .filter(|((_, owner), _)| matches!(owner, WireId::Server(_)))
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
            &layout(FlowDirection::Across),
            Motion::Flying,
            &mut scene,
        );
        let requests = scene
            .all_marks()
            .filter(|(paint, finish, _)| *finish != MarkStyle::Line && *paint != Paint::Draining)
            .count();
        // The last "+N" of a queue stands for more than one.
        let more: usize = scene.more.iter().map(|more| more.count).sum();
        assert_eq!(requests + more, engine.view().in_flight(), "step {step}");
    }
}

/// Where the mark of a request is, if it is drawn.
fn place_of(scene: &Scene, number: u64) -> Option<Point> {
    let mut marks = scene.all_marks().map(|(_, _, mark)| mark);
    marks
        .find(|mark| mark.request == Some(number))
        .map(|mark| mark.at)
}

#[test]
fn a_request_moves_steadily_through_the_balancer_and_along_its_wire() {
    let mut engine = engine_at(5_000);
    let view = engine.view();
    let just_left =
        |phase| matches!(phase, Phase::ToServer(trip) if trip.depart.as_us() > 4_950_000);
    let (key, request) = view
        .requests()
        .find(|(_, request)| just_left(request.phase))
        .expect("one has just left");
    let layout = layout(FlowDirection::Across);
    let mut scene = Scene::default();
    let (mut last, mut steps) = (None::<Point>, Vec::new());
    for ms in 5_000..5_290 {
        run(&mut engine, ms);
        let view = engine.view();
        let Some(Phase::ToServer(_)) = view.request(key).map(|request| request.phase) else {
            break;
        };
        stage(view, &layout, Motion::Flying, &mut scene);
        let at = place_of(&scene, request.number).expect("it is drawn");
        if let Some(last) = last {
            let (x, y): (f64, f64) = (at.x - last.x, at.y - last.y);
            steps.push((x * x + y * y).sqrt());
        }
        last = Some(at);
    }
    assert!(steps.len() > 200, "{}", steps.len());
    // A pixel and a half for each millisecond, inside as outside: nothing jumps.
    let longest = steps.iter().copied().fold(0.0, f64::max);
    assert!(longest < 4.0, "{longest}");
}

#[test]
fn requests_and_answers_keep_to_their_own_sides_and_cover_nobody() {
    let mut engine = engine_at(2_000);
    let layout = layout(FlowDirection::Across);
    let mut scene = Scene::default();
    for step in 0..200 {
        run(&mut engine, 2_000 + step * 50);
        stage(engine.view(), &layout, Motion::Flying, &mut scene);
        let wires = &scene.wires;
        for server in 0..4 {
            let (_, path) = wires.server(ServerId(server)).expect("it has a wire");
            let near = |at: Point, side: f64| {
                (0..=200).any(|part| {
                    let there = path.at(f64::from(part) / 200.0).beside(side);
                    libm::hypot(there.x - at.x, there.y - at.y) < 2.0
                })
            };
            let paint = Paint::of_server(ServerId(server));
            let outside = |mark: &&RequestMark| mark.at.x > 640.0 && mark.at.x < 860.0;
            for mark in scene.marks(paint, MarkStyle::Filled).iter().filter(outside) {
                assert!(near(mark.at, LANE), "a request at {:?}", mark.at);
            }
            for mark in scene.marks(paint, MarkStyle::Hollow).iter().filter(outside) {
                assert!(near(mark.at, -LANE), "an answer at {:?}", mark.at);
            }
        }
    }
}

#[test]
fn who_is_read_stands_in_line_at_the_door() {
    let mut scenario = default_scenario();
    scenario.balancer.parse_us = SimDuration::from_ms(400);
    let mut engine = Engine::new(&scenario, 7);
    run(&mut engine, 5_000);
    let layout = layout(FlowDirection::Across);
    let mut scene = Scene::default();
    stage(engine.view(), &layout, Motion::Flying, &mut scene);
    let mut turns: Vec<(SimTime, u64)> = engine
        .view()
        .requests()
        .filter_map(|(_, request)| match request.phase {
            Phase::AtBalancer { until, .. } => Some((until, request.number)),
            _ => None,
        })
        .collect();
    turns.sort_unstable();
    assert!(turns.len() > 5, "{}", turns.len());
    let places: Vec<Point> = turns
        .iter()
        .filter_map(|(_, number)| place_of(&scene, *number))
        .collect();
    assert!(
        places
            .windows(2)
            .all(|two| two[0].x > two[1].x && two[0].y == two[1].y),
        "{places:?}"
    );
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
        &layout(FlowDirection::Across),
        Motion::Flying,
        &mut scene,
    );
    let crosses = scene.marks(Paint::Down, MarkStyle::Line);
    assert!(crosses.iter().any(|mark| (mark.at.y - 500.0).abs() < 9.0));
    assert!(!scene.marks(Paint::Down, MarkStyle::Crossed).is_empty());
    run(&mut engine, 9_000);
    stage(
        engine.view(),
        &layout(FlowDirection::Across),
        Motion::Flying,
        &mut scene,
    );
    let expected = [Dash::Solid, Dash::Broken, Dash::Solid, Dash::Solid];
    assert_eq!(dashes(&scene), expected);
    stage(
        engine.view(),
        &layout(FlowDirection::Down),
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
            &layout(FlowDirection::Across),
            Motion::Flying,
            &mut scene,
        );
        // On the wires: servers open what they get.
        let mut requests = scene
            .all_marks()
            .filter(|(_, finish, mark)| *finish != MarkStyle::Line && mark.at.x < 930.0);
        assert!(requests.all(|(_, _, mark)| mark.sealed == sealed));
    }
}

#[test]
fn nothing_flies_when_it_must_not() {
    let mut scene = Scene::default();
    let mut engine = engine_at(6_000);
    let mut places = |engine: &Engine| -> Vec<(Paint, RequestMark)> {
        stage(
            engine.view(),
            &layout(FlowDirection::Across),
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
        &layout(FlowDirection::Across),
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
        &layout(FlowDirection::Across),
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

#[test]
fn of_requests_that_fail_together_some_are_drawn_and_all_are_counted() {
    let mut engine = engine_at(5_000);
    engine
        .apply(Command::Fault(ServerId(1), FaultKind::Crash))
        .expect("there is a server B");
    let layout = layout(FlowDirection::Across);
    let (mut most, mut scene) = (0, Scene::default());
    for step in 0..40 {
        run(&mut engine, 5_000 + step * 25);
        stage(engine.view(), &layout, Motion::Flying, &mut scene);
        let crosses = scene
            .all_marks()
            .filter(|(_, _, mark)| mark.glyph == Glyph::Cross);
        most = most.max(crosses.count());
    }
    let failed: u64 = {
        let view = engine.view();
        let member = view.member(ServerId(1)).expect("it is there");
        member.endpoint.counts.failed
    };
    assert!((1..=4).contains(&most), "{most} at once");
    assert!(
        failed >= most as u64,
        "{failed} failed, {most} drawn at once"
    );
}

#[test]
fn no_status_of_a_refused_request_covers_another() {
    let text = include_str!("../../../../assets/scenarios/rate_limit.json");
    let scenario = evenkeel_sim::scenario::validate::parse(text).expect("it is one of the scenes");
    let mut engine = Engine::new(&scenario, scenario.seed);
    let layout = layout(FlowDirection::Across);
    let (mut seen, mut scene) = (0, Scene::default());
    for step in 0..400 {
        run(&mut engine, step * 50);
        stage(engine.view(), &layout, Motion::Flying, &mut scene);
        seen += scene.statuses.len();
        for (place, one) in scene.statuses.iter().enumerate() {
            let apart = |other: &Status| {
                let (x, y) = ((one.at.x - other.at.x).abs(), (one.at.y - other.at.y).abs());
                x >= STATUS_WIDTH || y >= STATUS_HEIGHT
            };
            assert!(
                scene.statuses[..place].iter().all(apart),
                "{:?}",
                scene.statuses
            );
        }
    }
    assert!(seen > 100, "only {seen} were refused");
}
