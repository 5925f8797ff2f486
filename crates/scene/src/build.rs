//! One frame of the stage: the view and the layout in, a [`Scene`] out.

use super::fleet;
use super::flows;
use super::layout::{Flow, Layout, Point};
use super::path::Path;
use super::shape::{Dash, Finish, Glyph, Mark, Paint, Scene, Status, Stroke};
use super::wires::{Owner, Wires};
use super::work;
use evenkeel_sim::balance::balancer::Balancer;
use evenkeel_sim::balance::endpoint::{Belief, Endpoint};
use evenkeel_sim::balance::spec::Layer;
use evenkeel_sim::engine::observe::FLASH;
use evenkeel_sim::engine::probes::ProbePhase;
use evenkeel_sim::engine::request::{Answer, Phase, Request, Trip};
use evenkeel_sim::engine::shake::{Leg, Step};
use evenkeel_sim::engine::view::View;
use evenkeel_sim::fleet::spec::RequestKind;
use evenkeel_sim::ids::ServerId;
use evenkeel_sim::metrics::outcome::Outcome;
use evenkeel_sim::time::{SimTime, Span};

/// From this many requests in flight on, each is but a small square.
const CROWD: usize = 3_000;
/// From more requests in flight than this on, they are drawn as flows with their number.
pub const FLOWS: usize = 6_000;
/// Up to this many requests in flight each has its full size.
const CALM: f64 = 350.0;
/// How small they become at most, where there are more.
const SMALLEST: f64 = 0.45;
/// How far requests and answers keep apart on a wire at most, where there are many.
const LANES: f64 = 10.0;
/// The radius of a request.
const REQUEST: f64 = 5.5;
/// The radius of an answer.
const ANSWER: f64 = 4.2;
/// The radius of a failed answer: large enough for the cross in it.
const FAILED: f64 = 5.0;
/// The radius of a packet that opens a connection.
const SYN: f64 = 2.8;
/// The radius of a check.
const PROBE: f64 = 6.0;
/// The radius of a check in a grid of servers.
const PROBE_OF_MANY: f64 = 3.5;
/// How far from the middle of its wire a request may be.
const ASIDE: f64 = 2.5;
/// How far apart requests are spread while the balancer reads them.
const READING: f64 = 9.0;
/// How far before the balancer's edge they wait.
const BEFORE: f64 = 8.0;
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
    /// The size of a request: 1 is full. Many are small, so that the wires stay readable.
    scale: f64,
}

impl<'a> Frame<'a> {
    fn new(view: View<'a>, motion: Motion) -> Self {
        let crowd = (view.in_flight() as f64).max(CALM);
        Self {
            view,
            now: view.now(),
            motion,
            sealed: view.balancer().spec().layer == Layer::L4,
            scale: (CALM / crowd).sqrt().max(SMALLEST),
        }
    }
}

/// Fills `scene` with what the stage shows now.
pub fn stage(view: View<'_>, layout: &Layout, motion: Motion, scene: &mut Scene) {
    scene.begin(layout, view.in_flight() > CROWD);
    // Not measured yet.
    if layout.width <= 0.0 {
        return;
    }
    let frame = Frame::new(view, motion);
    strokes(&frame, scene);
    fleet::grid(view, scene);
    if view.in_flight() > FLOWS {
        flows::flows(view, scene);
    } else {
        for (_, request) in view.requests().filter(|(_, one)| view.is_here(one)) {
            travelling(&frame, &request, scene);
        }
    }
    work::servers(view, scene);
    shakes(&frame, scene);
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
            Owner::Client(_) | Owner::Fan => (Paint::Edge, 1.2, Dash::Solid),
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
    let its = |endpoint: &&Endpoint| endpoint.config.server == server;
    let guess = balancer.endpoints().get(place).filter(its);
    let mut pools = balancer.upstreams().iter();
    guess.or_else(|| pools.find_map(|pool| pool.endpoints().iter().find(its)))
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
        Phase::AtBalancer { since, until } => {
            let left = share(until.since(frame.now), until.since(since));
            let at = reading(frame, request, left, scene.wires.layout());
            return put(frame, request, at, false, false, scene);
        }
        Phase::Queued { .. } => {
            let at = reading(frame, request, 0.0, scene.wires.layout());
            return put(frame, request, at, false, false, scene);
        }
        // Where their wire begins.
        Phase::Connecting { since } => (scene.wires.client(client()), rest(since), false, false),
        Phase::Dialling(trip) => {
            let wire = server().and_then(|id| scene.wires.server(id));
            (wire.map(|(_, path)| path), rest(trip.depart), false, false)
        }
        Phase::Direct(trip, answer) => {
            let gone = match frame.motion {
                Motion::Flying => trip.progress(frame.now),
                Motion::Still => (request.number % RESTS + 1) as f64 / (RESTS + 1) as f64,
            };
            let way = server().and_then(|id| scene.wires.past_balancer(id, client(), gone));
            if let Some(at) = way {
                put(frame, request, at, true, answer != Answer::Ok, scene);
            }
            return;
        }
        Phase::Resolving { .. }
        | Phase::Lost { .. }
        | Phase::Waiting { .. }
        | Phase::InService { .. } => return,
    };
    if let Some(path) = path {
        let at = on_wire(frame, path, trip, back, request.number);
        put(frame, request, at, back, failed, scene);
    }
}

/// A way that has not begun.
const fn rest(since: SimTime) -> Trip {
    Trip {
        depart: since,
        arrive: SimTime::FAR,
    }
}

/// Where something is on its way. A little to the side, each by its own number, so that two that
/// left at once are still two; where there are many, answers keep to one side and requests to the
/// other.
fn on_wire(frame: &Frame<'_>, path: &Path, trip: Trip, back: bool, number: u64) -> Point {
    let gone = match frame.motion {
        Motion::Flying => trip.progress(frame.now),
        Motion::Still => (number % RESTS + 1) as f64 / (RESTS + 1) as f64,
    };
    let fraction = if back { 1.0 - gone } else { gone };
    let lane = (1.0 - frame.scale) * LANES * if back { -0.5 } else { 0.5 };
    path.at(fraction).beside(lane + aside(number) * ASIDE)
}

/// A number's place between −1 and 1: neighbours lie far apart (steps of the golden ratio).
fn aside(number: u64) -> f64 {
    let part = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
    part as f64 / (1u64 << 23) as f64 - 1.0
}

/// Where a request waits while the balancer reads it: at the entrance, spread along the card's
/// edge, out and back again while the reading lasts.
fn reading(frame: &Frame<'_>, request: &Request, left: f64, layout: &Layout) -> Point {
    let out = match frame.motion {
        Motion::Flying => (4.0 * left * (1.0 - left) * 2.0).min(1.0),
        Motion::Still => 1.0,
    };
    let spread = aside(request.number) * (ASIDE + (READING - ASIDE) * out);
    let at = layout.balancer_in;
    match layout.flow {
        Flow::Across => Point {
            x: at.x - BEFORE,
            y: at.y + spread,
        },
        Flow::Down => Point {
            x: at.x + spread,
            y: at.y - BEFORE,
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
        size: size * frame.scale,
        glyph: glyph_of(kind),
        opacity: 1.0,
        sealed: frame.sealed,
        request: Some(request.number),
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
        RequestKind::WebSocket => Paint::Socket,
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
        RequestKind::WebSocket => Glyph::Hexagon,
    }
}

// ===== checks and failures =====

fn probes(frame: &Frame<'_>, scene: &mut Scene) {
    let many = scene.wires.layout().grid.is_some();
    let size = if many { PROBE_OF_MANY } else { PROBE };
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
            size,
            glyph,
            opacity: 1.0,
            sealed: false,
            request: None,
        };
        scene.mark(paint, Finish::Line, mark);
    }
}

/// Where a failure is shown: before the server's door, or after the balancer's exit.
fn failed_at(wires: &Wires, server: Option<ServerId>) -> Option<Point> {
    let layout = wires.layout();
    let (at, back) = match server {
        Some(id) => (layout.servers[wires.place(id)?].door, -4.0),
        None => (layout.balancer_out, 8.0),
    };
    Some(match layout.flow {
        Flow::Down if server.is_none() => Point {
            x: at.x,
            y: at.y + back,
        },
        _ => Point {
            x: at.x + back,
            y: at.y,
        },
    })
}

/// A cross where a request failed a moment ago: at the server's door, or at the balancer's exit.
fn flashes(frame: &Frame<'_>, scene: &mut Scene) {
    for (number, flash) in frame.view.flashes().iter().enumerate() {
        let age = share(frame.now.since(flash.at), FLASH);
        if age >= 1.0 {
            continue;
        }
        let Some(door) = failed_at(&scene.wires, flash.server) else {
            continue;
        };
        let spread = 8.0 * aside(flash.at.as_us() ^ number as u64);
        let mark = Mark {
            at: Point {
                x: door.x,
                y: door.y + spread,
            },
            size: 6.5,
            glyph: Glyph::Cross,
            opacity: 1.0 - age * age,
            sealed: false,
            request: None,
        };
        scene.mark(Paint::Down, Finish::Line, mark);
        if let Some(code) = flash.outcome.refusal_status() {
            scene.statuses.push(Status {
                at: Point {
                    x: mark.at.x + mark.size + 2.0,
                    y: mark.at.y + 4.0,
                },
                code,
                opacity: mark.opacity,
            });
        }
    }
}

// ===== connections =====

/// The packets that open connections.
fn shakes(frame: &Frame<'_>, scene: &mut Scene) {
    for shake in frame.view.shakes() {
        let connection = frame.view.connection(shake.connection);
        let client = connection.client().index();
        let to_server = || {
            let endpoint = frame.view.balancer().endpoint(connection.pinned?)?;
            Some(endpoint.config.server)
        };
        let server = |server: Option<ServerId>| scene.wires.server(server?).map(|(_, path)| path);
        let (path, back) = match shake.leg {
            Leg::ToBalancer => (scene.wires.client(client), false),
            Leg::ToClient => (scene.wires.client(client), true),
            Leg::ToServer => (server(to_server()), false),
            Leg::FromServer => (server(to_server()), true),
            Leg::AtBalancer | Leg::AtServer | Leg::Direct => continue,
        };
        let Some(path) = path else { continue };
        let at = on_wire(frame, path, shake.trip, back, u64::from(connection.port));
        let mark = Mark {
            at,
            size: SYN * frame.scale,
            glyph: Glyph::Circle,
            opacity: 1.0,
            sealed: false,
            request: None,
        };
        let finish = match shake.step {
            Step::Syn => Finish::Hollow,
            Step::Tls => Finish::Filled,
        };
        scene.mark(Paint::InkSoft, finish, mark);
    }
}

#[cfg(test)]
mod tests;
