//! One frame of the stage: the view and the layout in, a [`Scene`] out.

use super::layout::{Flow, Layout, Point};
use super::path::Path;
use super::shape::{Dash, Finish, Glyph, Mark, Paint, Scene, Stroke};
use super::wires::Owner;
use super::work;
use crate::sim::balance::balancer::Balancer;
use crate::sim::balance::endpoint::{Belief, Endpoint};
use crate::sim::engine::observe::FLASH;
use crate::sim::engine::probes::ProbePhase;
use crate::sim::engine::request::{Answer, Phase, Request, Trip};
use crate::sim::engine::view::View;
use crate::sim::ids::ServerId;
use crate::sim::metrics::outcome::Outcome;
use crate::sim::scenario::{Layer, RequestKind};
use crate::sim::time::{SimTime, Span};

/// From this many requests in flight on, each is but a small square.
const CROWD: usize = 3_000;
/// The radius of a request.
const REQUEST: f64 = 5.5;
/// The radius of an answer.
const ANSWER: f64 = 4.2;
/// The radius of a failed answer: large enough for the cross in it.
const FAILED: f64 = 5.0;
/// The radius of a check.
const PROBE: f64 = 6.0;
/// How far from the middle of its wire a request may be.
const ASIDE: f64 = 2.5;
/// How far apart requests are spread while the balancer reads them.
const READING: f64 = 9.0;
/// How many resting places a wire has when nothing may fly.
const RESTS: u64 = 6;

/// Whether things may fly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Motion {
    /// Requests are where they are.
    #[default]
    Flying,
    /// Requests rest at fixed places along the wire that they are on (reduced motion).
    Still,
}

/// What holds for the whole frame.
struct Frame<'a> {
    view: View<'a>,
    now: SimTime,
    motion: Motion,
    /// Whoever carries requests cannot read them (L4).
    sealed: bool,
}

/// Fills `scene` with what the stage shows now.
pub fn stage(view: View<'_>, layout: &Layout, motion: Motion, scene: &mut Scene) {
    scene.begin(layout, view.in_flight() > CROWD);
    // Not measured yet.
    if layout.width <= 0.0 {
        return;
    }
    let frame = Frame {
        view,
        now: view.now(),
        motion,
        sealed: view.balancer().spec().layer == Layer::L4,
    };
    strokes(&frame, scene);
    for (_, request) in view.requests() {
        travelling(&frame, request, scene);
    }
    work::servers(view, scene);
    probes(&frame, scene);
    flashes(&frame, scene);
}

// ===== wires =====

fn strokes(frame: &Frame<'_>, scene: &mut Scene) {
    let Scene { wires, strokes, .. } = scene;
    let balancer = frame.view.balancer();
    let spots = &wires.layout().servers;
    for (path, owner) in wires.owners() {
        let (paint, width, dash) = match owner {
            Owner::Client(_) => (Paint::Edge, 1.2, Dash::Solid),
            Owner::Server(place) => {
                look_of(balancer, endpoint_at(balancer, place, spots[place].id))
            }
            // The rail leads to all below: it is whole as long as one of them is in use.
            Owner::Rail(place) => (place..spots.len())
                .map(|below| look_of(balancer, endpoint_at(balancer, below, spots[below].id)))
                .find(|&(_, _, dash)| dash == Dash::Solid)
                .unwrap_or_else(|| {
                    look_of(balancer, endpoint_at(balancer, place, spots[place].id))
                }),
        };
        strokes.push(Stroke {
            path,
            paint,
            width,
            dash,
        });
    }
}

/// The endpoint of a server. The layout has the servers in the balancer's order, but for the moment
/// between a change and the page's next measurement.
fn endpoint_at(balancer: &Balancer, place: usize, server: ServerId) -> Option<&Endpoint> {
    let endpoints = balancer.endpoints();
    let its = |endpoint: &&Endpoint| endpoint.config.server == server;
    let guess = endpoints.get(place).filter(its);
    guess.or_else(|| endpoints.iter().find(its))
}

/// How the wire to an endpoint looks, from what the balancer believes of it.
fn look_of(balancer: &Balancer, endpoint: Option<&Endpoint>) -> (Paint, f64, Dash) {
    let Some(endpoint) = endpoint else {
        return (Paint::Draining, 1.2, Dash::Resting);
    };
    match endpoint.belief() {
        Belief::Down | Belief::Ejected => (Paint::Down, 1.6, Dash::Broken),
        Belief::Draining | Belief::Maintenance => (Paint::Draining, 1.4, Dash::Resting),
        _ if !balancer.is_usable(endpoint.id) => (Paint::Draining, 1.4, Dash::Resting),
        // Connections tied to it hold the wire (L4).
        _ if endpoint.connections > 0 => (Paint::Edge, 2.4, Dash::Solid),
        _ => (Paint::Edge, 1.4, Dash::Solid),
    }
}

// ===== requests =====

/// A request that is on a wire or at the balancer. Those at a server are [`work`]'s.
fn travelling(frame: &Frame<'_>, request: &Request, scene: &mut Scene) {
    let client = || request.draw.client.index();
    let server = || request.current.map(|try_| try_.server);
    let (path, trip, back, failed) = match request.phase {
        Phase::ToBalancer(trip) => (scene.wires.client(client()), trip, false, false),
        Phase::ToServer(trip) => {
            let wire = server().and_then(|id| scene.wires.server(id));
            (wire.map(|(_, path)| path), trip, false, false)
        }
        Phase::FromServer(trip, answer) => {
            let wire = server().and_then(|id| scene.wires.server(id));
            let failed = answer != Answer::Ok;
            (wire.map(|(_, path)| path), trip, true, failed)
        }
        Phase::ToClient(trip, outcome) => {
            let failed = outcome != Outcome::Answered;
            (scene.wires.client(client()), trip, true, failed)
        }
        Phase::AtBalancer { until } => {
            let at = reading(frame, request, until, scene.wires.layout());
            return put(frame, request, at, false, false, scene);
        }
        Phase::Waiting { .. } | Phase::InService { .. } => return,
    };
    if let Some(path) = path {
        let at = on_wire(frame, path, trip, back, request.number);
        put(frame, request, at, back, failed, scene);
    }
}

/// Where something is on its way. A little to the side, each by its own number, so that two that
/// left at once are still two.
fn on_wire(frame: &Frame<'_>, path: &Path, trip: Trip, back: bool, number: u64) -> Point {
    let gone = match frame.motion {
        Motion::Flying => trip.progress(frame.now),
        Motion::Still => (number % RESTS + 1) as f64 / (RESTS + 1) as f64,
    };
    let fraction = if back { 1.0 - gone } else { gone };
    path.at(fraction).beside(aside(number) * ASIDE)
}

/// A number's place between −1 and 1: neighbours lie far apart (steps of the golden ratio).
fn aside(number: u64) -> f64 {
    let part = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
    part as f64 / (1u64 << 23) as f64 - 1.0
}

/// Where a request waits while the balancer reads it: at the entrance, spread along the card's
/// edge, out and back again while the reading lasts.
fn reading(frame: &Frame<'_>, request: &Request, until: SimTime, layout: &Layout) -> Point {
    let spec = frame.view.balancer().spec();
    let whole = match spec.layer {
        Layer::L4 => spec.forward_us,
        Layer::L7 if request.fresh_connection => spec.tls_us + spec.parse_us,
        Layer::L7 => spec.parse_us,
    };
    let left = share(until.since(frame.now), whole);
    let out = match frame.motion {
        Motion::Flying => (4.0 * left * (1.0 - left) * 2.0).min(1.0),
        Motion::Still => 1.0,
    };
    let spread = aside(request.number) * (ASIDE + (READING - ASIDE) * out);
    let at = layout.balancer_in;
    match layout.flow {
        Flow::Across => Point {
            x: at.x,
            y: at.y + spread,
        },
        Flow::Down => Point {
            x: at.x + spread,
            y: at.y,
        },
    }
}

fn share(part: Span, whole: Span) -> f64 {
    if whole == Span::ZERO {
        0.0
    } else {
        (part.as_us() as f64 / whole.as_us() as f64).min(1.0)
    }
}

fn put(
    frame: &Frame<'_>,
    request: &Request,
    at: Point,
    back: bool,
    failed: bool,
    scene: &mut Scene,
) {
    let kind = frame.view.kind_of(request);
    let (paint, finish, size) = match (back, failed) {
        (_, true) => (Paint::Down, Finish::Crossed, FAILED),
        (true, false) => (paint_of(kind), Finish::Hollow, ANSWER),
        (false, false) => (paint_of(kind), Finish::Filled, REQUEST),
    };
    let mark = Mark {
        at,
        size,
        glyph: glyph_of(kind),
        opacity: 1.0,
        sealed: frame.sealed,
    };
    scene.mark(paint, finish, mark);
}

/// The colour of a kind of request.
#[must_use]
pub const fn paint_of(kind: RequestKind) -> Paint {
    match kind {
        RequestKind::Page => Paint::Page,
        RequestKind::Static => Paint::Static,
        RequestKind::Checkout => Paint::Checkout,
        RequestKind::Grpc => Paint::Grpc,
    }
}

/// The form of a kind of request.
#[must_use]
pub const fn glyph_of(kind: RequestKind) -> Glyph {
    match kind {
        RequestKind::Page => Glyph::Circle,
        RequestKind::Static => Glyph::Square,
        RequestKind::Checkout => Glyph::Diamond,
        RequestKind::Grpc => Glyph::Triangle,
    }
}

// ===== checks and failures =====

fn probes(frame: &Frame<'_>, scene: &mut Scene) {
    for member in frame.view.members() {
        let Some((_, path)) = scene.wires.server(member.server.id) else {
            continue;
        };
        let still = frame.motion == Motion::Still;
        let (fraction, glyph, paint) = match member.probe {
            ProbePhase::Off | ProbePhase::Idle { .. } => continue,
            ProbePhase::Out(_) if still => (0.5, Glyph::ProbeOut, Paint::InkSoft),
            ProbePhase::Out(trip) => (trip.progress(frame.now), Glyph::ProbeOut, Paint::InkSoft),
            ProbePhase::Held => (1.0, Glyph::ProbeOut, Paint::InkSoft),
            ProbePhase::Back { trip, pass } => {
                let left = 1.0 - trip.progress(frame.now);
                let (glyph, paint) = if pass {
                    (Glyph::ProbePass, Paint::Healthy)
                } else {
                    (Glyph::ProbeFail, Paint::Down)
                };
                (if still { 0.5 } else { left }, glyph, paint)
            }
        };
        let at = path.at(fraction).at;
        let mark = Mark {
            at,
            size: PROBE,
            glyph,
            opacity: 1.0,
            sealed: false,
        };
        scene.mark(paint, Finish::Line, mark);
    }
}

/// A cross where a request failed a moment ago: at the server's door, or at the balancer's exit.
fn flashes(frame: &Frame<'_>, scene: &mut Scene) {
    for (number, flash) in frame.view.flashes().iter().enumerate() {
        let age = share(frame.now.since(flash.at), FLASH);
        if age >= 1.0 {
            continue;
        }
        let door = match flash.server {
            Some(id) => scene
                .wires
                .place(id)
                .map(|place| scene.wires.layout().servers[place].door),
            None => Some(scene.wires.layout().balancer_out),
        };
        let Some(door) = door else {
            continue;
        };
        let spread = aside(flash.at.as_us() ^ number as u64);
        let mark = Mark {
            at: Point {
                x: door.x - 3.0,
                y: door.y + 8.0 * spread,
            },
            size: 6.5,
            glyph: Glyph::Cross,
            opacity: 1.0 - age * age,
            sealed: false,
        };
        scene.mark(Paint::Down, Finish::Line, mark);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::layout::{Rect, ServerSpot};
    use crate::sim::engine::command::{Command, FaultKind};
    use crate::sim::engine::{Engine, EventBudget};
    use crate::sim::scenario::preset::default_scenario;

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
            let frame = Frame {
                view,
                now: view.now(),
                motion: Motion::Flying,
                sealed: false,
            };
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
}
