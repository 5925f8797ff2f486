//! What moves in the picture of a site's balancers: requests, responses, losses, and the advertisements on the link.
//!
//! The rules are the stage's: a request is ink until a server was picked for it and wears that server's colour from
//! then on; it keeps to one side of its wire, and its response to the other. Every position is the engine's: the
//! progress of a trip, the age of a loss.

use std::mem;

use super::falls::Falls;
use super::layout::{PairLayout, PairWires};
use super::route::{is_of_site, node_of};
use crate::build::{Motion, glyph_of};
use crate::few::sort_few;
use crate::flight::{ANSWER, APART, FAILED, FIRST, LANE, PLACE, REQUEST, RESTS};
use crate::layout::{FlowDirection, Point};
use crate::path::Path;
use crate::shape::{Glyph, MarkStyle, More, Paint, RequestMark, Scene};
use evenkeel_sim::balance::spec::Layer;
use evenkeel_sim::engine::request::{AttemptResult, Phase, Request, Trip};
use evenkeel_sim::engine::topology::Site;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::ids::{BalancerId, ServerId, SiteId};
use evenkeel_sim::metrics::outcome::Outcome;
use evenkeel_sim::time::{SimDuration, SimTime};

/// Up to this many requests in flight, each has its full size.
const CALM: f64 = 350.0;
/// The smallest scale of requests, where there are many.
const SMALLEST: f64 = 0.45;
/// How long an advertisement is seen after it arrived: on a fast link nobody would see it come.
const AFTER: SimDuration = SimDuration::from_ms(220);
/// The radius of an advertisement.
const ADVERT: f64 = 5.0;
/// How far from the upper edge a response passes that is sent past the balancer (direct server return).
const PAST: f64 = 12.0;

/// A wire, by the indices of its ends in the layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// From a client to a box.
    Client(usize, usize),
    /// From a box to a server.
    Server(usize, usize),
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

/// A mark in the line at a box's door.
#[derive(Clone, Debug)]
struct Standing {
    node: usize,
    /// The sort key: requests that wait for a server stand before those that are being read.
    turn: (bool, SimTime, u64),
    mark: RequestMark,
}

/// The wires of the picture, and lists that are kept from frame to frame for their memory.
#[derive(Clone, Debug, Default)]
pub struct PairFlights {
    wires: PairWires,
    flying: Vec<Flying>,
    standing: Vec<Standing>,
    falls: Falls,
}

/// The values that hold for the whole frame.
pub(super) struct Frame<'a> {
    pub(super) view: View<'a>,
    site: &'a Site,
    pub(super) now: SimTime,
    pub(super) motion: Motion,
    sealed: bool,
    scale: f64,
}

impl PairFlights {
    /// Lays the wires anew where the layout has changed.
    pub fn lay(&mut self, layout: &PairLayout) {
        if self.wires.layout() != layout {
            self.wires = PairWires::new(layout);
        }
    }

    /// The wires on which the marks travel.
    #[must_use]
    pub const fn wires(&self) -> &PairWires {
        &self.wires
    }

    /// Fills `scene` with the present frame of a site; empties it where the site or its layout is not there.
    pub fn draw(&mut self, view: View<'_>, id: SiteId, motion: Motion, scene: &mut Scene) {
        scene.clear();
        let Some(site) = view.topology().sites.get(id.index()) else {
            return;
        };
        if self.wires.layout().width <= 0.0 {
            return;
        }
        let crowd = (view.in_flight() as f64).max(CALM);
        let first = site.balancers.first().copied().unwrap_or(BalancerId(0));
        let frame = Frame {
            view,
            site,
            now: view.now(),
            motion,
            sealed: view.balancer_at(first).layer() == Layer::L4,
            scale: (CALM / crowd).sqrt().max(SMALLEST),
        };
        self.flying.clear();
        self.standing.clear();
        self.falls.clear();
        for (_, request) in view.requests() {
            if is_of_site(view, &request, id) {
                self.take_in(&frame, &request, scene);
            }
        }
        self.pull_apart(frame.scale);
        self.put(frame.scale, scene);
        self.put_lines(scene);
        self.falls.put(&frame, &self.wires, scene);
        adverts(&frame, self.wires.link(), scene);
    }

    fn take_in(&mut self, frame: &Frame<'_>, request: &Request, scene: &mut Scene) {
        let node = node_of(frame.view, request).and_then(|id| frame.node(id));
        let client = self.wires.client_place(request.draw.client.index());
        let (Some(node), Some(client)) = (node, client) else {
            return;
        };
        let server = request.current.map(|attempt| attempt.server);
        let server = server.and_then(|id| self.wires.server_place(id));
        let to_client = Way::Client(client, node);
        match request.phase {
            Phase::ToBalancer(trip) => self.fly(frame, request, to_client, trip, None),
            // Where its wire begins.
            Phase::Connecting { since } => {
                self.fly(frame, request, to_client, not_begun(since), None);
            }
            Phase::ToClient(trip, outcome) => {
                let failed = outcome != Outcome::Answered;
                self.fly(frame, request, to_client, trip, Some(failed));
            }
            Phase::AtBalancer { until, .. } => self.stand(frame, request, node, (true, until)),
            Phase::Queued { since, .. } => self.stand(frame, request, node, (false, since)),
            Phase::Lost { .. } => self.falls.take_in(frame, request, node, client),
            Phase::ToServer(trip) => {
                let Some(server) = server else { return };
                self.fly(frame, request, Way::Server(node, server), trip, None);
            }
            Phase::Dialling(trip) => {
                let Some(server) = server else { return };
                let trip = not_begun(trip.depart);
                self.fly(frame, request, Way::Server(node, server), trip, None);
            }
            Phase::FromServer(trip, answer) => {
                let Some(server) = server else { return };
                let failed = answer != AttemptResult::Ok;
                self.fly(
                    frame,
                    request,
                    Way::Server(node, server),
                    trip,
                    Some(failed),
                );
            }
            Phase::Direct(trip, answer) => {
                let Some(server) = server else { return };
                let gone = frame.progress(trip, request.number);
                if let Some(at) = self.past(server, client, gone) {
                    let failed = answer != AttemptResult::Ok;
                    let (paint, finish, mark) = look(frame, request, Some(failed));
                    scene.mark(paint, finish, RequestMark { at, ..mark });
                }
            }
            Phase::Resolving { .. } | Phase::Waiting { .. } | Phase::InService { .. } => {}
        }
    }

    /// `back` is whether an answer failed; `None` for a request.
    fn fly(
        &mut self,
        frame: &Frame<'_>,
        request: &Request,
        way: Way,
        trip: Trip,
        back: Option<bool>,
    ) {
        let Some(length) = path(&self.wires, way).map(Path::length) else {
            return;
        };
        let (paint, finish, mark) = look(frame, request, back);
        self.flying.push(Flying {
            way,
            back: back.is_some(),
            gone: length * frame.progress(trip, request.number),
            paint,
            finish,
            mark,
        });
    }

    fn stand(
        &mut self,
        frame: &Frame<'_>,
        request: &Request,
        node: usize,
        (read, at): (bool, SimTime),
    ) {
        let (_, _, mark) = look(frame, request, None);
        let turn = (read, at, request.number);
        self.standing.push(Standing { node, turn, mark });
    }

    /// Holds back every mark that would overlap the one before it on its side of the wire. In a crowd they could not
    /// be told apart anyway.
    fn pull_apart(&mut self, scale: f64) {
        if scale < 1.0 {
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

    fn put(&self, scale: f64, scene: &mut Scene) {
        for one in &self.flying {
            let Some(path) = path(&self.wires, one.way) else {
                continue;
            };
            let part = one.gone / path.length().max(f64::MIN_POSITIVE);
            let fraction = if one.back { 1.0 - part } else { part };
            let side = if one.back { -LANE } else { LANE };
            let at = path.at(fraction).beside(side * scale.max(0.6));
            scene.mark(one.paint, one.finish, RequestMark { at, ..one.mark });
        }
    }

    /// Draws the line at each door: as many requests as there is room for, and the number of the others.
    fn put_lines(&mut self, scene: &mut Scene) {
        let mut standing = mem::take(&mut self.standing);
        let mut rest = &mut standing[..];
        for node in 0..self.wires.layout().boxes.len() {
            let mut here = 0;
            for place in 0..rest.len() {
                if rest[place].node == node {
                    rest.swap(place, here);
                    here += 1;
                }
            }
            let (own, others) = rest.split_at_mut(here);
            self.put_line(node, own, scene);
            rest = others;
        }
        self.standing = standing;
    }

    fn put_line(&self, node: usize, line: &mut [Standing], scene: &mut Scene) {
        let (door, along) = self.wires.layout().door(node);
        let room = (self.wires.layout().line_room(node) - 2.0 * FIRST) / PLACE;
        let room = room.clamp(1.0, 64.0) as usize;
        let shown = match line.len() {
            all if all <= room => all,
            _ => room - 1,
        };
        let spot = |number: usize| {
            let back = FIRST + PLACE * number as f64;
            Point {
                x: door.x + along.x * back,
                y: door.y + along.y * back,
            }
        };
        for number in 0..shown {
            // The next in the line, of those that are left: no more than some dozens are shown.
            let next = (number..line.len()).min_by_key(|place| line[*place].turn);
            line.swap(number, next.unwrap_or(number));
            let mark = RequestMark {
                at: spot(number),
                ..line[number].mark
            };
            scene.mark(Paint::Ink, MarkStyle::Filled, mark);
        }
        if line.len() > shown {
            let at = spot(shown);
            scene.more.push(More {
                at: Point {
                    x: at.x - PLACE,
                    y: at.y + 4.0,
                },
                count: line.len() - shown,
            });
        }
    }

    /// A point of the way from a server past the boxes to a client (direct server return).
    fn past(&self, server: usize, client: usize, gone: f64) -> Option<Point> {
        let layout = self.wires.layout();
        let from = self.wires.server(0, server)?.end();
        let to = self.wires.client(client, 0)?.start();
        let through = |a: f64, b: f64, middle: f64| 2.0 * middle - (a + b) / 2.0;
        let bend = match layout.flow {
            FlowDirection::Across => Point {
                x: f64::midpoint(from.x, to.x),
                y: through(from.y, to.y, PAST),
            },
            FlowDirection::Down => Point {
                x: through(from.x, to.x, layout.width - PAST),
                y: f64::midpoint(from.y, to.y),
            },
        };
        let left = 1.0 - gone;
        let at = |a: f64, b: f64, c: f64| left * left * a + 2.0 * left * gone * b + gone * gone * c;
        Some(Point {
            x: at(from.x, bend.x, to.x),
            y: at(from.y, bend.y, to.y),
        })
    }
}

impl Frame<'_> {
    /// The index of a balancer in its site.
    fn node(&self, id: BalancerId) -> Option<usize> {
        self.site.balancers.iter().position(|one| *one == id)
    }

    /// The share of a trip that is done, 0 to 1. In reduced motion, one of a few resting places.
    fn progress(&self, trip: Trip, number: u64) -> f64 {
        match self.motion {
            Motion::Flying => trip.progress(self.now),
            Motion::Still => (number % RESTS + 1) as f64 / (RESTS + 1) as f64,
        }
    }
}

/// Draws the advertisements on the link: those that are lost end half way, at the cut.
fn adverts(frame: &Frame<'_>, link: &Path, scene: &mut Scene) {
    let Some(pair) = &frame.site.pair else { return };
    let way = pair.spec.link_us;
    for sent in &pair.adverts {
        let age = frame.now.since(sent.at);
        if age >= way + AFTER || sent.at > frame.now {
            continue;
        }
        let whole = way.as_us().max(1) as f64;
        let gone = (age.as_us() as f64 / whole).min(if sent.carried { 1.0 } else { 0.5 });
        let late = age.as_us().saturating_sub(way.as_us()) as f64 / AFTER.as_us() as f64;
        let from_first = frame.node(sent.from) == Some(0);
        let at = link.at(if from_first { gone } else { 1.0 - gone }).at;
        let mark = RequestMark {
            at,
            size: ADVERT,
            glyph: Glyph::Circle,
            opacity: 1.0 - late,
            sealed: false,
            request: None,
        };
        if sent.carried || gone < 0.5 {
            scene.mark(Paint::Focus, MarkStyle::Filled, mark);
        } else {
            scene.mark(Paint::Down, MarkStyle::Crossed, mark);
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

fn path(wires: &PairWires, way: Way) -> Option<&Path> {
    match way {
        Way::Client(client, node) => wires.client(client, node),
        Way::Server(node, server) => wires.server(node, server),
    }
}

/// The look of a request (`None`) or of its response (whether it failed).
pub(super) fn look(
    frame: &Frame<'_>,
    request: &Request,
    back: Option<bool>,
) -> (Paint, MarkStyle, RequestMark) {
    let server = request
        .current
        .map(|attempt| attempt.server)
        .or(request.served);
    let own = server.map_or(Paint::Ink, |id: ServerId| Paint::of_server(id));
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
