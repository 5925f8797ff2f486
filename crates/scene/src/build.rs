//! One frame of the stage: the view and the layout in, a [`Scene`] out.

use super::fleet;
use super::flight::{self, LANE};
use super::flows;
use super::layout::{FlowDirection, Layout, Point};
use super::shape::{Dash, Glyph, MarkStyle, Paint, RequestMark, Scene, Status, Stroke};
use super::wires::{WireId, Wires};
use super::worker_slots;
use evenkeel_sim::balance::balancer::Balancer;
use evenkeel_sim::balance::endpoint::{Belief, Endpoint};
use evenkeel_sim::balance::spec::{Layer, ReturnPath};
use evenkeel_sim::engine::handshake::{HandshakeStage, Hop};
use evenkeel_sim::engine::observer::flashes::FLASH;
use evenkeel_sim::engine::probes::ProbePhase;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::fleet::server::ServerFault;
use evenkeel_sim::fleet::spec::RequestKind;
use evenkeel_sim::ids::ServerId;
use evenkeel_sim::time::{SimDuration, SimTime};

/// From this many requests in flight on, each is drawn as a small square.
const CROWD: usize = 3_000;
/// From more requests in flight than this on, they are drawn as flows with a number.
pub const FLOWS: usize = 6_000;
/// Up to this many requests in flight, each has its full size.
const CALM: f64 = 350.0;
/// The smallest scale of requests, where there are many.
const SMALLEST: f64 = 0.45;
/// How far above a server's door a failed request begins to fall, where requests come from above.
const ABOVE: f64 = 12.0;
/// The time between two failed requests that are drawn at the same place.
const BETWEEN: SimDuration = SimDuration::from_ms(180);
/// The number of places for which that time is kept; a thousand servers share them.
const PLACES: usize = 64;
/// How far a failed request falls while it is visible.
const DROP: f64 = 44.0;
/// The radius of a packet of a handshake.
const SYN: f64 = 2.8;
/// The radius of a probe.
const PROBE: f64 = 6.0;
/// The radius of a probe in a grid of servers.
const PROBE_OF_MANY: f64 = 3.5;

/// Whether marks may move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Motion {
    /// Requests are drawn where they are.
    #[default]
    Flying,
    /// Requests rest at fixed places along the wire that they are on (reduced motion).
    Still,
}

/// The values that hold for the whole frame.
pub(super) struct FrameContext<'a> {
    pub(super) view: View<'a>,
    pub(super) now: SimTime,
    pub(super) motion: Motion,
    /// Whether the balancer cannot read requests (L4).
    pub(super) sealed: bool,
    /// The size of a request: 1 is full. Many are small, so that the wires stay readable.
    pub(super) scale: f64,
}

impl<'a> FrameContext<'a> {
    fn new(view: View<'a>, motion: Motion) -> Self {
        let crowd = (view.in_flight() as f64).max(CALM);
        Self {
            view,
            now: view.now(),
            motion,
            sealed: view.balancer().layer() == Layer::L4,
            scale: (CALM / crowd).sqrt().max(SMALLEST),
        }
    }

    /// Whether a server is dead in truth.
    fn is_dead(&self, id: ServerId) -> bool {
        let member = self.view.member(id);
        member.is_some_and(|member| member.server.trouble() == Some(ServerFault::Crashed))
    }
}

/// Fills `scene` with the present frame of the stage.
pub fn stage(view: View<'_>, layout: &Layout, motion: Motion, scene: &mut Scene) {
    scene.begin(layout, view.in_flight() > CROWD);
    // Not measured yet.
    if layout.width <= 0.0 {
        return;
    }
    let frame = FrameContext::new(view, motion);
    strokes(&frame, scene);
    fleet::grid(view, scene);
    if view.in_flight() > FLOWS {
        flows::flows(view, scene);
    } else {
        flight::draw(&frame, scene);
    }
    worker_slots::servers(view, scene);
    handshakes(&frame, scene);
    probes(&frame, scene);
    flashes(&frame, scene);
}

// ===== wires =====

fn strokes(frame: &FrameContext<'_>, scene: &mut Scene) {
    let Scene { wires, strokes, .. } = scene;
    let balancer = frame.view.balancer();
    let spots = &wires.layout().servers;
    for (path, owner) in wires.owners() {
        let (paint, width, dash) = match owner {
            WireId::Return if balancer.front().config().return_path == ReturnPath::Direct => {
                (Paint::Edge, 1.2, Dash::Resting)
            }
            WireId::Return => continue,
            WireId::Client(_) | WireId::Fan => (Paint::Edge, 1.2, Dash::Solid),
            WireId::Server(place) => {
                let id = spots[place].id;
                let look = look_of(balancer, endpoint_at(balancer, place, id));
                if frame.is_dead(id) {
                    broken(look)
                } else {
                    look
                }
            }
            // The rail leads to all below: it is whole as long as one of them is in use.
            WireId::Rail(place) => (place..spots.len())
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

/// The wire to a dead server is broken at once, even while the balancer does not know of it.
const fn broken((paint, width, _): (Paint, f64, Dash)) -> (Paint, f64, Dash) {
    (paint, width, Dash::Broken)
}

/// The look of the wire to an endpoint, from what the balancer believes of it.
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

/// A number's position between −1 and 1: neighbours lie far apart (steps of the golden ratio).
fn aside(number: u64) -> f64 {
    let part = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
    part as f64 / (1u64 << 23) as f64 - 1.0
}

fn share(part: SimDuration, whole: SimDuration) -> f64 {
    if whole == SimDuration::ZERO {
        0.0
    } else {
        (part.as_us() as f64 / whole.as_us() as f64).min(1.0)
    }
}

/// The shape of a kind of request.
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

fn probes(frame: &FrameContext<'_>, scene: &mut Scene) {
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
        let mark = RequestMark {
            at,
            size,
            glyph,
            opacity: 1.0,
            sealed: false,
            request: None,
        };
        scene.mark(paint, MarkStyle::Line, mark);
    }
}

/// The place where a failure is shown: at the server's door, or at the balancer's exit.
fn failed_at(wires: &Wires, server: Option<ServerId>) -> Option<Point> {
    let layout = wires.layout();
    let (at, back) = match server {
        Some(id) => (layout.servers[wires.place(id)?].door, -4.0),
        None => (layout.balancer_out, 8.0),
    };
    Some(match layout.flow {
        FlowDirection::Down if server.is_none() => Point {
            x: at.x,
            y: at.y + back,
        },
        FlowDirection::Down => Point {
            x: at.x + back,
            y: at.y - ABOVE,
        },
        _ => Point {
            x: at.x + back,
            y: at.y,
        },
    })
}

/// The room that the status beside a cross takes, in pixels.
const STATUS_WIDTH: f64 = 26.0;
const STATUS_HEIGHT: f64 = 12.0;

/// Draws a cross where a request failed a moment ago: at the server's door, or at the balancer's exit. Of many at one
/// place, only as many are drawn as can be told apart: the server's card counts them all.
fn flashes(frame: &FrameContext<'_>, scene: &mut Scene) {
    let mut last: [Option<(Option<ServerId>, SimTime)>; PLACES] = [None; PLACES];
    // Where requests come from above it falls to the side: below the door is the server's card.
    let (aside_part, down) = match scene.wires.layout().flow {
        FlowDirection::Across => (0.4, 1.0),
        FlowDirection::Down => (0.8, 0.2),
    };
    for (number, flash) in frame.view.flashes().iter().enumerate() {
        let age = share(frame.now.since(flash.at), FLASH);
        if age >= 1.0 {
            continue;
        }
        let slot = flash.server.map_or(0, |server| server.index() + 1) % PLACES;
        let near =
            |(server, at): (_, SimTime)| server == flash.server && flash.at.since(at) < BETWEEN;
        if last[slot].is_some_and(near) {
            continue;
        }
        last[slot] = Some((flash.server, flash.at));
        let Some(door) = failed_at(&scene.wires, flash.server) else {
            continue;
        };
        // It falls, so that the next one is seen beside it.
        let spread = 3.0 * aside(flash.at.as_us() ^ number as u64);
        let mark = RequestMark {
            at: Point {
                x: door.x - DROP * aside_part * age + spread,
                y: door.y + DROP * down * age * age,
            },
            size: 6.5,
            glyph: Glyph::Cross,
            opacity: 1.0 - age * age,
            sealed: false,
            request: None,
        };
        scene.mark(Paint::Down, MarkStyle::Line, mark);
        if let Some(code) = flash.outcome.refusal_status() {
            let status = Status {
                at: Point {
                    x: mark.at.x + mark.size + 2.0,
                    y: mark.at.y + 4.0,
                },
                code,
                opacity: mark.opacity,
            };
            // Of two that would cover each other the younger is written.
            let covers = |other: &&mut Status| {
                (other.at.x - status.at.x).abs() < STATUS_WIDTH
                    && (other.at.y - status.at.y).abs() < STATUS_HEIGHT
            };
            match scene.statuses.iter_mut().find(covers) {
                Some(other) if other.opacity < status.opacity => *other = status,
                Some(_) => {}
                None => scene.statuses.push(status),
            }
        }
    }
}

// ===== connections =====

/// Draws the packets of handshakes.
fn handshakes(frame: &FrameContext<'_>, scene: &mut Scene) {
    for shake in frame.view.handshakes() {
        let connection = frame.view.connection(shake.connection);
        let client = connection.client().index();
        let to_server = || {
            let endpoint = frame
                .view
                .balancer()
                .endpoint(frame.view.flow_of(shake.connection)?)?;
            Some(endpoint.config.server)
        };
        let server = |server: Option<ServerId>| scene.wires.server(server?).map(|(_, path)| path);
        let (path, back) = match shake.leg {
            Hop::ToBalancer => (scene.wires.client(client), false),
            Hop::ToClient => (scene.wires.client(client), true),
            Hop::ToServer => (server(to_server()), false),
            Hop::FromServer => (server(to_server()), true),
            Hop::AtBalancer | Hop::AtServer | Hop::Direct => continue,
        };
        let Some(path) = path else { continue };
        let gone = match frame.motion {
            Motion::Flying => shake.trip.progress(frame.now),
            Motion::Still => 0.5,
        };
        let (fraction, side) = if back {
            (1.0 - gone, -LANE)
        } else {
            (gone, LANE)
        };
        let at = path.at(fraction).beside(side);
        let mark = RequestMark {
            at,
            size: SYN * frame.scale,
            glyph: Glyph::Circle,
            opacity: 1.0,
            sealed: false,
            request: None,
        };
        let finish = match shake.step {
            HandshakeStage::Syn => MarkStyle::Hollow,
            HandshakeStage::Tls => MarkStyle::Filled,
        };
        scene.mark(Paint::InkSoft, finish, mark);
    }
}

#[cfg(test)]
mod tests;
