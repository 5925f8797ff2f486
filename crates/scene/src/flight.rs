//! Requests and responses on the wires, and those that wait at the balancer's door.
//!
//! A request keeps to one side of its wire and its response to the other. If two on the same side would overlap, the
//! later one is drawn a little behind. Requests that the balancer reads, or has no endpoint for, stand in line at its
//! door, the next one first. A request that was picked for goes through the balancer from the door to its server's
//! port, and then along the wire.

use super::build::{FrameContext, Motion, glyph_of};
use super::few::sort_few;
use super::layout::{FlowDirection, Point};
use super::shape::{MarkStyle, More, Paint, RequestMark, Scene};
use super::wires::Wires;
use evenkeel_sim::engine::request::{AttemptResult, Phase, Request, Trip};
use evenkeel_sim::ids::ServerId;
use evenkeel_sim::metrics::outcome::Outcome;
use evenkeel_sim::time::SimTime;

/// The radius of a request.
pub(super) const REQUEST: f64 = 5.5;
/// The radius of a response.
pub(super) const ANSWER: f64 = 4.2;
/// The radius of a failed response: large enough for the cross in it.
pub(super) const FAILED: f64 = 5.0;
/// The distance of a request or a response from the middle of its wire.
pub(super) const LANE: f64 = 5.5;
/// The smallest distance between two marks on the same side of a wire.
pub(super) const APART: f64 = 12.0;
/// The distance between two places in the line at the door.
pub(super) const PLACE: f64 = 14.0;
/// The distance from the door to the first place of the line.
pub(super) const FIRST: f64 = 10.0;
/// The share of the time to a server in which a request goes through the balancer, at least and at most.
const INSIDE: (f64, f64) = (0.2, 0.66);
/// How far before its port a request turns to its side of the wire.
const JOIN: f64 = 12.0;
/// The number of resting places on a wire in reduced motion.
pub(super) const RESTS: u64 = 6;

/// A path that marks share. The order only serves to group them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// Between a client, by its index, and the balancer.
    Client(usize),
    /// Through the balancer to a server's port.
    Pick(ServerId),
    /// Between the balancer and a server.
    Server(ServerId),
}

/// A mark on a wire.
#[derive(Clone, Debug)]
struct Flying {
    way: Way,
    back: bool,
    /// How far it has come, in pixels.
    gone: f64,
    paint: Paint,
    finish: MarkStyle,
    mark: RequestMark,
}

/// A mark in the line at the door.
#[derive(Clone, Debug)]
struct Standing {
    /// The sort key: requests that wait for a server stand before those that are being read.
    turn: (bool, SimTime, u64),
    mark: RequestMark,
}

/// The marks on the wires and at the door, kept from frame to frame for their memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Flights {
    flying: Vec<Flying>,
    standing: Vec<Standing>,
}

/// Draws every request that is on a wire or at the balancer. [`super::worker_slots`] draws those in a server.
pub(super) fn draw(frame: &FrameContext<'_>, scene: &mut Scene) {
    let mut flights = std::mem::take(&mut scene.flights);
    flights.flying.clear();
    flights.standing.clear();
    for (_, request) in frame
        .view
        .requests()
        .filter(|(_, one)| frame.view.is_here(one))
    {
        flights.take_in(frame, &request, scene);
    }
    flights.pull_apart(frame);
    flights.put(frame, scene);
    flights.line(scene);
    scene.flights = flights;
}

impl Flights {
    fn take_in(&mut self, frame: &FrameContext<'_>, request: &Request, scene: &mut Scene) {
        let client = request.draw.client.index();
        let server = request.current.map(|attempt| attempt.server);
        let wires = &scene.wires;
        match request.phase {
            Phase::ToBalancer(trip) => {
                self.fly(frame, request, wires, Way::Client(client), trip, None);
            }
            // Where its wire begins.
            Phase::Connecting { since } => {
                self.fly(
                    frame,
                    request,
                    wires,
                    Way::Client(client),
                    not_begun(since),
                    None,
                );
            }
            Phase::ToServer(trip) => {
                let Some(server) = server else { return };
                let (way, trip) = inside(frame, wires, server, trip);
                self.fly(frame, request, wires, way, trip, None);
            }
            Phase::Dialling(trip) => {
                let Some(server) = server else { return };
                let trip = not_begun(trip.depart);
                self.fly(frame, request, wires, Way::Server(server), trip, None);
            }
            Phase::FromServer(trip, answer) => {
                let Some(server) = server else { return };
                let failed = answer != AttemptResult::Ok;
                self.fly(
                    frame,
                    request,
                    wires,
                    Way::Server(server),
                    trip,
                    Some(failed),
                );
            }
            Phase::ToClient(trip, outcome) => {
                let failed = outcome != Outcome::Answered;
                self.fly(
                    frame,
                    request,
                    wires,
                    Way::Client(client),
                    trip,
                    Some(failed),
                );
            }
            Phase::AtBalancer { until, .. } => self.stand(frame, request, (true, until)),
            Phase::Queued { since, .. } => self.stand(frame, request, (false, since)),
            Phase::Direct(trip, answer) => {
                let gone = progress(frame, trip, request.number);
                let at = server.and_then(|id| wires.past_balancer(id, client, gone));
                if let Some(at) = at {
                    let (paint, finish, mark) =
                        mark(frame, request, Some(answer != AttemptResult::Ok));
                    scene.mark(paint, finish, RequestMark { at, ..mark });
                }
            }
            Phase::Resolving { .. }
            | Phase::Lost { .. }
            | Phase::Waiting { .. }
            | Phase::InService { .. } => {}
        }
    }

    /// `back` is whether an answer failed; `None` for a request.
    fn fly(
        &mut self,
        frame: &FrameContext<'_>,
        request: &Request,
        wires: &Wires,
        way: Way,
        trip: Trip,
        back: Option<bool>,
    ) {
        let Some(length) = path(wires, way).map(super::path::Path::length) else {
            return;
        };
        let (mut paint, mut finish, mark) = mark(frame, request, back);
        let mut part = progress(frame, trip, request.number);
        if matches!(way, Way::Server(_)) && is_lost(frame, trip) {
            // The packet got so far, and no further.
            (paint, finish, part) = (Paint::Down, MarkStyle::Crossed, 0.5);
        }
        self.flying.push(Flying {
            way,
            back: back.is_some(),
            gone: length * part,
            paint,
            finish,
            mark,
        });
    }

    fn stand(&mut self, frame: &FrameContext<'_>, request: &Request, (read, at): (bool, SimTime)) {
        let (_, _, mark) = mark(frame, request, None);
        let turn = (read, at, request.number);
        self.standing.push(Standing { turn, mark });
    }

    /// Holds back every mark that would overlap the one before it on its side of the wire. In a crowd they could not
    /// be told apart anyway.
    fn pull_apart(&mut self, frame: &FrameContext<'_>) {
        if frame.scale < 1.0 {
            return;
        }
        let order = |one: &Flying| (one.way, one.back);
        sort_few(&mut self.flying, |a, b| {
            let ahead = b.gone.total_cmp(&a.gone);
            let number = a.mark.request.cmp(&b.mark.request);
            order(a).cmp(&order(b)).then(ahead).then(number).is_lt()
        });
        for place in 1..self.flying.len() {
            let (before, rest) = self.flying.split_at_mut(place);
            let (ahead, this) = (&before[place - 1], &mut rest[0]);
            if order(ahead) == order(this) {
                this.gone = this.gone.min(ahead.gone - APART).max(0.0);
            }
        }
    }

    fn put(&self, frame: &FrameContext<'_>, scene: &mut Scene) {
        for one in &self.flying {
            let Some(path) = path(&scene.wires, one.way) else {
                continue;
            };
            let part = one.gone / path.length().max(f64::MIN_POSITIVE);
            let fraction = if one.back { 1.0 - part } else { part };
            let side = if one.back { -LANE } else { LANE };
            let place = path.at(fraction);
            let at = match one.way {
                // On its way in the middle, and beside the wire where that begins.
                Way::Pick(_) => {
                    let left = path.length() - one.gone;
                    place.beside(side * (1.0 - left / JOIN).clamp(0.0, 1.0))
                }
                _ => place.beside(side * frame.scale.max(0.6)),
            };
            scene.mark(one.paint, one.finish, RequestMark { at, ..one.mark });
        }
    }

    /// Draws the line at the door: as many requests as there is room for, and the number of the others.
    fn line(&mut self, scene: &mut Scene) {
        if self.standing.is_empty() {
            return;
        }
        let layout = scene.wires.layout();
        let (door, flow) = (layout.door, layout.flow);
        let free = layout.clients.iter().fold(f64::INFINITY, |least, client| {
            least.min(match flow {
                FlowDirection::Across => door.x - client.x,
                FlowDirection::Down => door.y - client.y,
            })
        });
        let room = ((free - 2.0 * FIRST) / PLACE).clamp(1.0, 64.0) as usize;
        let shown = match self.standing.len() {
            all if all <= room => all,
            _ => room - 1,
        };
        let place = |number: usize| {
            let back = FIRST + PLACE * number as f64;
            match flow {
                FlowDirection::Across => Point {
                    x: door.x - back,
                    y: door.y,
                },
                FlowDirection::Down => Point {
                    x: door.x,
                    y: door.y - back,
                },
            }
        };
        for number in 0..shown {
            // The next in the line, of those that are left: no more than some dozens are shown.
            let left = number..self.standing.len();
            let next = left.min_by_key(|place| self.standing[*place].turn);
            self.standing.swap(number, next.unwrap_or(number));
            let one = &self.standing[number];
            let mark = RequestMark {
                at: place(number),
                ..one.mark
            };
            scene.mark(Paint::Ink, MarkStyle::Filled, mark);
        }
        if self.standing.len() > shown {
            let at = place(shown);
            scene.more.push(More {
                at: Point {
                    x: at.x - PLACE,
                    y: at.y + 4.0,
                },
                count: self.standing.len() - shown,
            });
        }
    }
}

/// A trip that has not begun.
const fn not_begun(since: SimTime) -> Trip {
    Trip {
        depart: since,
        arrive: SimTime::FAR,
    }
}

/// Whether a packet between the balancer and a server was lost: its trip begins when it is sent again.
fn is_lost(frame: &FrameContext<'_>, trip: Trip) -> bool {
    frame.now < trip.depart
}

/// The part of the way to a server that a request is on: through the balancer, or on the wire after it.
fn inside(frame: &FrameContext<'_>, wires: &Wires, server: ServerId, trip: Trip) -> (Way, Trip) {
    if is_lost(frame, trip) {
        return (Way::Server(server), trip);
    }
    let flies = frame.motion == Motion::Flying && wires.layout().grid.is_none();
    let whole = trip.arrive.since(trip.depart).as_us();
    let length = |way| path(wires, way).map_or(0.0, super::path::Path::length);
    let (through, wire) = (length(Way::Pick(server)), length(Way::Server(server)));
    // As fast inside as on the wire, so that the eye can stay on it.
    let part = (through / (through + wire).max(1.0)).clamp(INSIDE.0, INSIDE.1);
    let out = SimTime::from_us(trip.depart.as_us() + (whole as f64 * part) as u64);
    if flies && frame.now < out && wires.pick(server).is_some() {
        (
            Way::Pick(server),
            Trip {
                arrive: out,
                ..trip
            },
        )
    } else if flies {
        (
            Way::Server(server),
            Trip {
                depart: out,
                ..trip
            },
        )
    } else {
        (Way::Server(server), trip)
    }
}

fn path(wires: &Wires, way: Way) -> Option<&super::path::Path> {
    match way {
        Way::Client(place) => wires.client(place),
        Way::Pick(server) => wires.pick(server),
        Way::Server(server) => wires.server(server).map(|(_, path)| path),
    }
}

/// The share of a trip that is done, 0 to 1. In reduced motion, one of a few resting places.
fn progress(frame: &FrameContext<'_>, trip: Trip, number: u64) -> f64 {
    match frame.motion {
        Motion::Flying => trip.progress(frame.now),
        Motion::Still => (number % RESTS + 1) as f64 / (RESTS + 1) as f64,
    }
}

/// The look of a request (`None`) or of its response (whether it failed): ink until a server was picked, then in that
/// server's colour.
fn mark(
    frame: &FrameContext<'_>,
    request: &Request,
    back: Option<bool>,
) -> (Paint, MarkStyle, RequestMark) {
    let server = request
        .current
        .map(|attempt| attempt.server)
        .or(request.served);
    let own = server.map_or(Paint::Ink, Paint::of_server);
    let (paint, finish, size) = match back {
        None => (own, MarkStyle::Filled, REQUEST),
        Some(false) => (own, MarkStyle::Hollow, ANSWER),
        Some(true) => (Paint::Down, MarkStyle::Crossed, FAILED),
    };
    let mark = RequestMark {
        at: Point::default(),
        size: size * frame.scale,
        glyph: glyph_of(frame.view.kind_of(request)),
        opacity: 1.0,
        sealed: frame.sealed,
        request: Some(request.number),
    };
    (paint, finish, mark)
}
