//! The requests on the map.
//!
//! A packet takes 5 to 150 ms to a site: too fast to be seen. So each request that is drawn has a clock of its own,
//! which starts when the request departs and runs [`SLOWER`] times slower than the run. The clock is never ahead of
//! the run, so everything up to it is known: a mark is where the request was at that time.

use super::build::{Motion, glyph_of};
use super::layout::Point;
use super::shape::{Glyph, MarkStyle, Paint, RequestMark, Scene};
use super::world::site_paint;
use super::world_layout::RADII;
use super::world_map::{Arc, MapFit};
use evenkeel_sim::engine::observer::request_traces::RequestTrace;
use evenkeel_sim::engine::request::{AttemptResult, Phase, Request, Trip};
use evenkeel_sim::engine::view::View;
use evenkeel_sim::gslb::geodns::GeoDnsPolicy;
use evenkeel_sim::ids::{ClientId, SiteId};
use evenkeel_sim::metrics::outcome::Outcome;
use evenkeel_sim::time::{SimDuration, SimTime};

/// How many times slower than the run a request is drawn: the longest ways then take about two seconds.
pub const SLOWER: u64 = 12;
/// About how many requests are drawn at one time, on a map that is at least [`WIDE`] and on a smaller one.
const DRAWN: (u64, u64) = (56, 26);
/// The width of a map with room for the larger number, in pixels.
const WIDE: f64 = 640.0;
/// One request in so many is drawn: numbers that read well, the first that is large enough.
const STEPS: [u64; 12] = [1, 2, 3, 4, 5, 8, 10, 20, 50, 100, 1_000, 10_000];
/// The most journeys that are kept at one time.
const KEPT: usize = 512;
/// A step in time that no frame takes: what was drawn before it is of another time.
const JUMP: SimDuration = SimDuration::from_secs(5);
/// How long a lost request falls, by its own clock.
const FALL: SimDuration = SimDuration::from_ms(32);
/// Where it begins to fall, and how far it falls, in pixels at full size: from below the ring of the site's city.
const DROP: (f64, f64) = (RADII.0 + 5.0, 32.0);
/// In how many columns they fall, one after the other, and how far the columns are apart, in pixels at full size. So
/// they fall beside one another and are no heap.
const COLUMNS: (u8, f64) = (7, 9.5);
/// The distance from a site within which a way is not seen, in pixels at full size.
const DOOR: f64 = 13.0;
/// The distance of a mark from the middle of its arc, in pixels at full size.
const LANE: f64 = 3.6;
/// The radius of a request, of an answer, and of one that failed, at full size.
const SIZES: [f64; 3] = [4.0, 3.4, 4.2];
/// In reduced motion: the resting places on each way.
const RESTS: u64 = 3;

/// What became of a request that was sent to a site.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    /// It is not known yet: the request is on its way, or at the site.
    Open,
    /// It was lost at this time: nobody answered there, or the balancer died with it.
    Lost(SimTime),
    /// An answer went back, and whether it says that the request failed.
    Back(Trip, bool),
    /// It left the run in another way.
    Gone,
}

/// One sending of a request to a site, and what came back.
#[derive(Clone, Copy, Debug)]
struct Journey {
    number: u64,
    client: ClientId,
    site: SiteId,
    glyph: Glyph,
    out: Trip,
    fate: Fate,
    /// Whether the request was sent before.
    again: bool,
    /// The column in which it falls; `None` before it does.
    column: Option<u8>,
    /// Whether the request was in flight when the run was last looked at.
    seen: bool,
}

/// Where a journey is, by its own clock.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// On the way to the site: the share of the way.
    Out(f64),
    /// At the site, where it is not seen.
    Inside,
    /// On the way back: the share of the way, and whether the request failed.
    Back(f64, bool),
    /// Lost, and falling: the share of the fall.
    Falling(f64),
    /// Nowhere any more.
    Over,
}

impl Journey {
    /// The journey's own clock.
    fn clock(&self, now: SimTime) -> SimTime {
        self.out.depart + now.since(self.out.depart).scaled(1, SLOWER)
    }

    fn place(&self, now: SimTime) -> Place {
        let at = self.clock(now);
        if at < self.out.arrive {
            return Place::Out(self.out.progress(at));
        }
        match self.fate {
            Fate::Open => Place::Inside,
            Fate::Gone => Place::Over,
            Fate::Lost(since) if at < since => Place::Inside,
            Fate::Lost(since) => {
                let gone = at.since(since).as_us() as f64 / FALL.as_us() as f64;
                if gone < 1.0 {
                    Place::Falling(gone)
                } else {
                    Place::Over
                }
            }
            Fate::Back(trip, _) if at < trip.depart => Place::Inside,
            Fate::Back(trip, failed) if at < trip.arrive => Place::Back(trip.progress(at), failed),
            Fate::Back(..) => Place::Over,
        }
    }

    /// Takes in the phase of its request. What is known once stays.
    fn learn(&mut self, phase: Phase, since: SimTime) {
        if self.fate != Fate::Open {
            return;
        }
        match phase {
            Phase::Lost { .. } => self.fate = Fate::Lost(since.max(self.out.arrive)),
            Phase::ToClient(trip, outcome) => {
                self.fate = Fate::Back(trip, outcome != Outcome::Answered);
            }
            Phase::Direct(trip, result) => {
                self.fate = Fate::Back(trip, result != AttemptResult::Ok);
            }
            _ => {}
        }
    }
}

/// The requests on the map, kept from frame to frame. Once it has grown to its size it allocates nothing.
#[derive(Debug)]
pub struct WorldTraffic {
    journeys: Vec<Journey>,
    last: SimTime,
    /// The column in which the next one falls.
    column: u8,
}

impl Default for WorldTraffic {
    fn default() -> Self {
        Self {
            journeys: Vec::with_capacity(KEPT),
            last: SimTime::ZERO,
            column: 0,
        }
    }
}

/// One request in how many is drawn on a map of this width in pixels. It follows the traffic and the policy, never
/// the moment, so that it does not change while nothing else does.
#[must_use]
pub fn drawn_one_in(view: View<'_>, width: f64) -> u64 {
    let edge = view.topology();
    let policy = view.dns().map(|names| names.spec.policy);
    let spread = matches!(
        policy,
        Some(GeoDnsPolicy::Weighted | GeoDnsPolicy::RoundRobin)
    );
    let (mut all, mut travel) = (0_u64, 0_u64);
    for (place, spec) in view.scenario().clients.iter().enumerate() {
        all += u64::from(spec.share);
        let ways = edge.ways[place].iter().map(|way| way.as_us());
        let way = if spread {
            ways.sum::<u64>() / edge.sites.len().max(1) as u64
        } else {
            ways.min().unwrap_or(0)
        };
        travel += u64::from(spec.share) * way * 2;
    }
    // Thousandths of a request a second, for so many microseconds: their product is in 10^9.
    let mean = u128::from(travel / all.max(1));
    let flying = u128::from(view.rate().0) * u128::from(SLOWER) * mean / 1_000_000_000;
    let most = u128::from(if width >= WIDE { DRAWN.0 } else { DRAWN.1 });
    let enough = |step: &u64| flying <= u128::from(*step) * most;
    STEPS.into_iter().find(enough).unwrap_or(STEPS[11])
}

impl WorldTraffic {
    /// Takes in the run as it is now, and draws the picture of it for a map of this width and height in pixels.
    pub fn frame(&mut self, view: View<'_>, size: (f64, f64), motion: Motion, scene: &mut Scene) {
        self.follow(view, drawn_one_in(view, size.0));
        scene.clear();
        self.draw(view, &MapFit::new(size), motion, scene);
    }

    /// Takes in the run as it is now: every request whose number is a multiple of `every`.
    pub fn follow(&mut self, view: View<'_>, every: u64) {
        let now = view.now();
        if now < self.last || now.since(self.last) > JUMP {
            self.journeys.clear();
            self.remember(view, every);
        }
        self.last = now;
        for journey in &mut self.journeys {
            journey.seen = false;
        }
        for (_, request) in view.requests() {
            if request.number.is_multiple_of(every) {
                self.take_in(view, &request);
            }
        }
        for journey in &mut self.journeys {
            if !journey.seen && journey.fate == Fate::Open {
                let trace = view.trail().and_then(|all| all.life(journey.number));
                settle(journey, trace.map(AsRef::as_ref));
            }
        }
        self.journeys.retain(|one| one.place(now) != Place::Over);
        for journey in &mut self.journeys {
            // What is sent anew fell before: it vanishes at the site.
            let falls = matches!(journey.place(now), Place::Falling(_)) && !journey.again;
            if falls && journey.column.is_none() {
                journey.column = Some(self.column);
                self.column = (self.column + 1) % COLUMNS.0;
            }
        }
    }

    fn take_in(&mut self, view: View<'_>, request: &Request) {
        let found = self
            .journeys
            .iter()
            .rposition(|one| one.number == request.number);
        let trace = || view.trail().and_then(|all| all.life(request.number));
        let out = match (request.phase, found) {
            (Phase::ToBalancer(trip), found) => {
                let same = found.is_some_and(|one| self.journeys[one].out.depart == trip.depart);
                (!same).then_some(trip)
            }
            (_, Some(_)) => None,
            // Between two frames it has got past the way out.
            (_, None) => trace()
                .and_then(|trace| way_out(trace))
                .map(|(trip, _)| trip),
        };
        if let Some(out) = out {
            if self.journeys.len() == KEPT {
                return;
            }
            self.journeys.push(Journey {
                number: request.number,
                client: request.draw.client,
                site: view.topology().vips[request.vip.index()].site,
                glyph: glyph_of(view.kind_of(request)),
                again: out.depart.since(request.born) >= view.topology().retransmit.resend_us,
                out,
                column: None,
                fate: Fate::Open,
                seen: true,
            });
        }
        let Some(journey) = self
            .journeys
            .iter_mut()
            .rfind(|one| one.number == request.number)
        else {
            return;
        };
        journey.seen = true;
        if journey.fate == Fate::Open && matches!(request.phase, Phase::Lost { .. }) {
            // When it was lost: that is when it arrived, unless the balancer died with it.
            let step = trace().and_then(|trace| trace.steps.last());
            journey.learn(
                request.phase,
                step.map_or(journey.out.arrive, |step| step.at),
            );
        } else {
            journey.learn(request.phase, journey.out.arrive);
        }
    }

    /// After a jump in time: what ended a moment ago would still be on its way on the map.
    fn remember(&mut self, view: View<'_>, every: u64) {
        let Some(trail) = view.trail() else { return };
        for trace in trail.ended() {
            let Some((out, _)) = way_out(trace) else {
                continue;
            };
            let Some(choice) = trace.choices.last() else {
                continue;
            };
            if !trace.number.is_multiple_of(every) || self.journeys.len() == KEPT {
                continue;
            }
            let (site, _) = view
                .topology()
                .position_in_site(choice.upstream_ref.balancer);
            let mut journey = Journey {
                number: trace.number,
                client: trace.seen.client,
                site,
                glyph: glyph_of(trace.kind),
                again: false,
                column: None,
                out,
                fate: Fate::Open,
                seen: false,
            };
            settle(&mut journey, Some(trace));
            self.journeys.push(journey);
        }
    }

    /// Draws every journey where its own clock has it. The rest of the scene stays as it is.
    pub fn draw(&self, view: View<'_>, fit: &MapFit, motion: Motion, scene: &mut Scene) {
        let edge = view.topology();
        let unit = fit.unit();
        for journey in &self.journeys {
            let city = edge.cities.get(journey.client.index()).copied().flatten();
            let site = edge.site(journey.site).city;
            let Some((city, site)) = city.zip(site) else {
                continue;
            };
            let arc = Arc::between(fit.city(city), fit.city(site));
            let place = journey.place(view.now());
            let own = site_paint(journey.site);
            let lost = match journey.fate {
                Fate::Lost(_) => true,
                Fate::Open => edge.is_unreachable(journey.site),
                Fate::Back(..) | Fate::Gone => false,
            };
            let rest = |gone: f64| match motion {
                Motion::Flying => gone,
                Motion::Still => (journey.number / 7 % RESTS + 1) as f64 / (RESTS + 1) as f64,
            };
            // Users in the site's own city have no way that could be seen.
            let local = arc.span() < DOOR * unit;
            let (at, paint, finish, size, opacity) = match place {
                Place::Out(gone) if !local => {
                    let paint = if lost { Paint::Ink } else { own };
                    let at = arc.at(rest(gone)).beside(LANE * unit);
                    (at, paint, MarkStyle::Filled, SIZES[0], 1.0)
                }
                Place::Back(gone, failed) if !local => {
                    let at = arc.at(1.0 - rest(gone)).beside(-LANE * unit);
                    if failed {
                        (at, Paint::Down, MarkStyle::Crossed, SIZES[2], 1.0)
                    } else {
                        (at, own, MarkStyle::Hollow, SIZES[1], 1.0)
                    }
                }
                Place::Falling(gone) => {
                    let Some(column) = journey.column else {
                        continue;
                    };
                    let at = fallen(arc.to, column, gone, unit);
                    (at, Paint::Down, MarkStyle::Crossed, SIZES[2], 1.0 - gone)
                }
                _ => continue,
            };
            let mark = RequestMark {
                at,
                size: size * unit,
                glyph: journey.glyph,
                opacity,
                sealed: false,
                request: Some(journey.number),
            };
            scene.mark(paint, finish, mark);
        }
    }
}

/// Where a lost request has fallen to, below the site that did not answer it.
fn fallen(site: Point, column: u8, gone: f64, unit: f64) -> Point {
    let side = f64::from(column) - f64::from(COLUMNS.0 - 1) / 2.0;
    Point {
        x: site.x + side * COLUMNS.1 * unit,
        y: site.y + (DROP.0 + DROP.1 * gone) * unit,
    }
}

/// The last way to a site in a trace, and the place of that step.
fn way_out(trace: &RequestTrace) -> Option<(Trip, usize)> {
    let steps = trace.steps.iter().enumerate();
    steps.rev().find_map(|(place, step)| match step.phase {
        Phase::ToBalancer(trip) => Some((trip, place)),
        _ => None,
    })
}

/// What became of a request that is no longer in flight.
fn settle(journey: &mut Journey, trace: Option<&RequestTrace>) {
    let sent = trace.and_then(|trace| {
        let this =
            |phase| matches!(phase, Phase::ToBalancer(trip) if trip.depart == journey.out.depart);
        let place = trace.steps.iter().position(|step| this(step.phase))?;
        Some(&trace.steps[place + 1..])
    });
    for step in sent.into_iter().flatten() {
        journey.learn(step.phase, step.at);
    }
    if journey.fate == Fate::Open {
        journey.fate = Fate::Gone;
    }
}
