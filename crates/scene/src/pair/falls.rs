//! Requests that are lost: each bounces off the box that does not answer, or falls out of the one that died with it.

use super::layout::PairWires;
use super::marks::{Frame, look};
use super::route::loss;
use crate::build::Motion;
use crate::few::sort_few;
use crate::flight::FAILED;
use crate::layout::{FlowDirection, Point};
use crate::shape::{MarkStyle, Paint, RequestMark, Scene};
use evenkeel_sim::engine::request::Request;
use evenkeel_sim::time::{SimDuration, SimTime};

/// How long a lost request is seen to fall.
pub const FALL: SimDuration = SimDuration::from_ms(900);
/// How far it falls in that time.
const DROP: f64 = 26.0;
/// The time between two losses that are drawn at the same place.
const BETWEEN: SimDuration = SimDuration::from_ms(400);
/// The most requests that are seen to fall out of a box that dies; all are counted on it.
const SPILLED: usize = 9;
/// The most losses that are looked at in a frame.
const MOST: usize = 256;
/// The part of a box's width over which requests fall out of it.
const SPILL: f64 = 0.84;

/// A mark that falls.
#[derive(Clone, Copy, Debug)]
struct Falling {
    node: usize,
    /// The client whose wire it came on; `None` if it died with the box.
    client: Option<usize>,
    at: SimTime,
    number: u64,
    mark: RequestMark,
}

/// What falls now, kept from frame to frame for its memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Falls {
    falling: Vec<Falling>,
}

impl Falls {
    /// Empties it for the next frame.
    pub(super) fn clear(&mut self) {
        self.falling.clear();
    }

    /// Takes in a request that is lost, while it is seen to fall. `node` and `client` are its box and its client by
    /// their indices in the layout.
    pub(super) fn take_in(
        &mut self,
        frame: &Frame<'_>,
        request: &Request,
        node: usize,
        client: usize,
    ) {
        let Some(lost) = loss(frame.view, request) else {
            return;
        };
        let Some(at) = lost.at.filter(|at| frame.now.since(*at) < FALL) else {
            return;
        };
        if self.falling.len() == MOST {
            return;
        }
        let (_, _, mark) = look(frame, request, Some(true));
        self.falling.push(Falling {
            node,
            client: (!lost.for_good).then_some(client),
            at,
            number: request.number,
            mark,
        });
    }

    /// Draws what falls. Of several at one place only those are drawn that are apart in time.
    pub(super) fn put(&mut self, frame: &Frame<'_>, wires: &PairWires, scene: &mut Scene) {
        let order = |one: &Falling| (one.node, one.client, one.at, one.number);
        sort_few(&mut self.falling, |a, b| order(a) < order(b));
        let mut last: Option<Falling> = None;
        let mut spilled = 0;
        for one in &self.falling {
            let near = |last: &Falling| {
                (last.node, last.client) == (one.node, one.client)
                    && one.at.since(last.at) < BETWEEN
            };
            let is_near = last.as_ref().is_some_and(near);
            if one.client.is_some() && is_near || one.client.is_none() && spilled == SPILLED {
                continue;
            }
            if one.client.is_none() {
                spilled += 1;
            }
            last = Some(*one);
            let age = match frame.motion {
                Motion::Flying => frame.now.since(one.at).as_us() as f64 / FALL.as_us() as f64,
                Motion::Still => 0.3,
            };
            let at = match one.client {
                Some(client) => bounced(wires, client, one, age),
                None => spilled_out(wires, one.node, spilled - 1, age),
            };
            let mark = RequestMark {
                at,
                opacity: 1.0 - age * age,
                ..one.mark
            };
            scene.mark(Paint::Down, MarkStyle::Crossed, mark);
        }
    }
}

/// The place of a request that found nobody, back from the end of its wire.
fn bounced(wires: &PairWires, client: usize, one: &Falling, age: f64) -> Point {
    let Some(wire) = wires.client(client, one.node) else {
        return Point::default();
    };
    let end = wire.end();
    match wires.layout().flow {
        FlowDirection::Across => Point {
            x: end.x - FAILED - 4.0 - 14.0 * age,
            y: end.y + DROP * age * age,
        },
        // Below the edge is the box: up and back.
        FlowDirection::Down => Point {
            x: end.x + 16.0 * aside(one.number) * age,
            y: end.y - FAILED - 4.0 - 2.0 * DROP * age * (1.0 - age),
        },
    }
}

/// The place of a request that died with its box: below it, one beside the other.
fn spilled_out(wires: &PairWires, node: usize, place: usize, age: f64) -> Point {
    let own = wires.layout().boxes[node];
    let part = (place as f64 + 0.5) / SPILLED as f64 - 0.5;
    let far = 0.7 + 0.3 * aside(place as u64 + 1);
    Point {
        x: own.x + own.width * (0.5 + SPILL * part),
        y: own.y + own.height + FAILED + DROP * far * age * age,
    }
}

/// A number's position between −1 and 1: neighbours lie far apart (steps of the golden ratio).
fn aside(number: u64) -> f64 {
    let part = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
    part as f64 / (1_u64 << 23) as f64 - 1.0
}
