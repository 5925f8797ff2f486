//! A small moving picture of a run, as one SVG file that needs no program: the requests move by SMIL animations, and the
//! rest stands as it is at the end. It has a style of its own, so it belongs into an `<img>`.

use super::style::style;
use super::{PictureTheme, marks, small_pair, small_world, styled};
use crate::build::{self, Motion};
use crate::layout::{FlowDirection, Layout, Point, Rect, ServerSpot, Side};
use crate::pair::marks::PairFlights;
use crate::shape::{Glyph, MarkStyle, Paint, RequestMark, Scene};
use crate::svg::{NAMESPACE, SvgWriter, number};
use crate::world_picture::picture as world;
use evenkeel_sim::balance::endpoint::Belief;
use evenkeel_sim::engine::view::{Member, View};
use evenkeel_sim::ids::SiteId;

/// What a reel shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReelKind {
    /// Clients, a balancer and its servers.
    Stage,
    /// The balancers of the first site.
    Pair,
    /// The map of the world.
    World,
}

/// The size of a stage and of a map.
const SIZE: (f64, f64) = (240.0, 140.0);
/// Where the clients' wires begin.
const CLIENTS: f64 = 24.0;
/// The balancer: from the left, width, height.
const BALANCER: (f64, f64, f64) = (88.0, 40.0, 66.0);
/// A server: from the left, width, the most height, from one to the next at most.
const SERVER: (f64, f64, f64, f64) = (166.0, 68.0, 26.0, 34.0);
/// How far a mark without a number may move between two frames to be the same.
const NEAR: f64 = 16.0;
/// How far a mark may be drawn from where it is, in pixels: between two kept points it moves straight.
const EXACT: f64 = 1.2;
/// Where a mark is while it is not seen: two equal times make a jump.
const AWAY: &str = "-99 0";
/// The rules of the style sheet for a picture so small: names only, and those larger.
pub(super) const RULES: &str = ".s,.t{display:none}text{font-weight:600}.big text{font-size:22px}";

/// A mark in one frame.
#[derive(Clone, Copy, Debug)]
struct Seen {
    frame: usize,
    at: Point,
}

/// One mark on its way, with one look.
#[derive(Clone, Debug)]
struct Track {
    request: Option<u64>,
    glyph: Glyph,
    paint: Paint,
    finish: MarkStyle,
    /// The size, in halves of a pixel.
    size: u32,
    seen: Vec<Seen>,
}

/// A moving picture while it is taken.
pub struct Reel<'a> {
    kind: ReelKind,
    land: &'a str,
    followed: small_world::Followed,
    flights: PairFlights,
    scene: Scene,
    tracks: Vec<Track>,
    frames: usize,
}

impl<'a> Reel<'a> {
    /// A reel without a frame. `land` is the outline of the continents, as SVG path data.
    #[must_use]
    pub fn new(kind: ReelKind, land: &'a str) -> Self {
        Self {
            kind,
            land,
            followed: small_world::Followed::default(),
            flights: PairFlights::default(),
            scene: Scene::default(),
            tracks: Vec::new(),
            frames: 0,
        }
    }

    /// Takes in the run before the first frame: on a map a request is drawn later than it was.
    pub fn follow(&mut self, view: View<'_>) {
        self.followed.follow(view);
    }

    /// Adds a frame that shows `view`.
    pub fn take(&mut self, view: View<'_>) {
        match self.kind {
            ReelKind::Stage => build::stage(view, &layout(view), Motion::Flying, &mut self.scene),
            ReelKind::Pair => {
                self.flights.lay(&small_pair::layout(view, SiteId(0), 0.0));
                self.flights
                    .draw(view, SiteId(0), Motion::Flying, &mut self.scene);
            }
            ReelKind::World => {
                self.followed.follow(view);
                self.followed.draw(view, SIZE, &mut self.scene);
            }
        }
        let frame = self.frames;
        let marks = self.scene.all_marks();
        for (paint, finish, mark) in marks {
            note(&mut self.tracks, frame, paint, finish, mark);
        }
        self.frames += 1;
    }

    /// The file: moving for so many milliseconds, again and again, or as it is in the last frame.
    #[must_use]
    pub fn file(&self, view: View<'_>, loop_ms: Option<u64>) -> String {
        let mut writer = SvgWriter::default();
        let picture = writer.element("svg").attr("xmlns", NAMESPACE);
        let picture = picture.attr("viewBox", self.view_box());
        picture.attr("class", self.class()).hold(|svg| {
            svg.element("style")
                .text(&(style(PictureTheme::Auto) + RULES));
            match loop_ms {
                Some(ms) => {
                    self.still(view, svg);
                    self.moving(ms, svg);
                }
                None => self.present(view, svg),
            }
        });
        writer.finish()
    }

    /// The part of the drawing that is seen.
    pub(super) fn view_box(&self) -> String {
        let size = if self.kind == ReelKind::Pair {
            small_pair::SIZE
        } else {
            SIZE
        };
        format!("0 0 {} {}", number(size.0), number(size.1))
    }

    /// The style class of the drawing.
    pub(super) const fn class(&self) -> &'static str {
        match self.kind {
            ReelKind::Pair => "big",
            ReelKind::Stage | ReelKind::World => "small",
        }
    }

    /// Draws the last frame.
    pub(super) fn present(&self, view: View<'_>, svg: &mut SvgWriter) {
        self.still(view, svg);
        marks::marks(&self.scene, svg);
    }

    fn still(&self, view: View<'_>, svg: &mut SvgWriter) {
        match self.kind {
            ReelKind::Stage => stage(view, &self.scene, svg),
            ReelKind::Pair => small_pair::cards(view, SiteId(0), &self.flights, &[], svg),
            ReelKind::World => small_world::map(view, &world(view), self.land, SIZE, false, svg),
        }
    }

    fn moving(&self, loop_ms: u64, svg: &mut SvgWriter) {
        let shown = || self.tracks.iter().filter(|track| track.seen.len() > 1);
        let mut shapes: Vec<(Glyph, u32, MarkStyle)> = Vec::new();
        for track in shown() {
            let shape = (track.glyph, track.size, track.finish);
            if !shapes.contains(&shape) {
                shapes.push(shape);
            }
        }
        svg.element("defs").hold(|svg| {
            for (place, (glyph, size, finish)) in shapes.iter().enumerate() {
                let id = format!("m{place}");
                svg.element("g").attr("id", id).hold(|svg| {
                    marks::shape(*glyph, *finish, f64::from(*size) / 2.0, svg);
                });
            }
        });
        for track in shown() {
            let shape = (track.glyph, track.size, track.finish);
            let place = shapes.iter().position(|one| *one == shape).unwrap_or(0);
            self.one(track, place, loop_ms, svg);
        }
    }

    /// One mark: it is in the picture from its first frame to its last, and moves between the points that tell its way.
    fn one(&self, track: &Track, shape: usize, loop_ms: u64, svg: &mut SvgWriter) {
        let time = |frame: usize| {
            let share = frame as f64 / self.frames.max(1) as f64;
            format!("{:.3}", share).trim_start_matches('0').to_string()
        };
        let time = |frame: usize| match time(frame).as_str() {
            ".000" => "0".to_string(),
            text => text.to_string(),
        };
        let points = thinned(&track.seen);
        let (Some(first), Some(last)) = (points.first(), points.last()) else {
            return;
        };
        let mut way: Vec<(String, String)> = Vec::new();
        if first.frame > 0 {
            way.push(("0".to_string(), AWAY.to_string()));
            way.push((time(first.frame), AWAY.to_string()));
        }
        way.extend(points.iter().map(|seen| (time(seen.frame), place(seen.at))));
        if last.frame + 1 < self.frames {
            way.push((time(last.frame + 1), place(last.at)));
            way.push((time(last.frame + 1), AWAY.to_string()));
            way.push(("1".to_string(), AWAY.to_string()));
        } else {
            way.push(("1".to_string(), place(last.at)));
        }
        let (times, values): (Vec<String>, Vec<String>) = way.into_iter().unzip();
        let duration = format!("{}s", loop_ms as f64 / 1e3);
        let mark = svg.element("use").attr("href", format!("#m{shape}"));
        mark.attr("class", marks::class(track.paint)).hold(|svg| {
            let animate = svg
                .element("animateTransform")
                .attr("attributeName", "transform");
            let animate = animate.attr("type", "translate").attr("dur", &duration);
            let animate = animate.attr("repeatCount", "indefinite");
            animate
                .attr("keyTimes", times.join(";"))
                .attr("values", values.join(";"))
                .end();
        });
    }
}

fn place(at: Point) -> String {
    format!("{} {}", number(at.x), number(at.y))
}

/// Adds a mark of a frame to its track, or begins one.
fn note(
    tracks: &mut Vec<Track>,
    frame: usize,
    paint: Paint,
    finish: MarkStyle,
    mark: &RequestMark,
) {
    let seen = Seen { frame, at: mark.at };
    let near = |track: &Track, last: &Seen| {
        let (x, y) = (last.at.x - mark.at.x, last.at.y - mark.at.y);
        track.request.is_some() || x * x + y * y < NEAR * NEAR
    };
    let goes_on = |track: &&mut Track| {
        let same = track.request == mark.request && track.glyph == mark.glyph;
        let look = track.paint == paint && track.finish == finish;
        let last = track.seen.last();
        same && look && last.is_some_and(|last| last.frame + 1 == frame && near(track, last))
    };
    if let Some(track) = tracks.iter_mut().rev().find(goes_on) {
        track.seen.push(seen);
        return;
    }
    tracks.push(Track {
        request: mark.request,
        glyph: mark.glyph,
        paint,
        finish,
        size: (mark.size * 2.0) as u32,
        seen: vec![seen],
    });
}

/// The points between which the way is straight, as nearly as can be seen (Ramer, Douglas and Peucker, over time).
fn thinned(seen: &[Seen]) -> Vec<Seen> {
    let [first, inner @ .., last] = seen else {
        return seen.to_vec();
    };
    let span = (last.frame - first.frame).max(1) as f64;
    let off = |one: &Seen| {
        let share = (one.frame - first.frame) as f64 / span;
        let x = first.at.x + (last.at.x - first.at.x) * share - one.at.x;
        let y = first.at.y + (last.at.y - first.at.y) * share - one.at.y;
        libm::hypot(x, y)
    };
    let farthest = inner
        .iter()
        .enumerate()
        .max_by(|a, b| off(a.1).total_cmp(&off(b.1)));
    match farthest {
        Some((place, one)) if off(one) > EXACT => {
            let mut points = thinned(&seen[..place + 2]);
            points.pop();
            points.extend(thinned(&seen[place + 1..]));
            points
        }
        _ => vec![*first, *last],
    }
}

fn layout(view: View<'_>) -> Layout {
    let point = |x, y| Point { x, y };
    let middle = SIZE.1 / 2.0;
    let column = |count: usize, most: f64| {
        let pitch = ((SIZE.1 - 8.0) / count.max(1) as f64).min(most);
        let first = middle - pitch * (count as f64 - 1.0) / 2.0;
        (first, pitch)
    };
    let clients = view.clients().len();
    let (client, client_pitch) = column(clients, 44.0);
    let (server, pitch) = column(view.members().count(), SERVER.3);
    let spot = |(place, member): (usize, Member<'_>)| {
        let y = server + pitch * place as f64;
        ServerSpot {
            id: member.server.id,
            door: point(SERVER.0, y),
            side: Side::Left,
            work: Rect {
                x: SERVER.0 + 20.0,
                y: y - 5.5,
                width: SERVER.1 - 24.0,
                height: 11.0,
            },
        }
    };
    let mut layout = Layout {
        width: SIZE.0,
        height: SIZE.1,
        flow: FlowDirection::Across,
        clients: (0..clients)
            .map(|place| point(CLIENTS, client + client_pitch * place as f64))
            .collect(),
        servers: view.members().enumerate().map(spot).collect(),
        ..Layout::default()
    };
    let balancer = Rect {
        x: BALANCER.0,
        y: middle - BALANCER.2 / 2.0,
        width: BALANCER.1,
        height: BALANCER.2,
    };
    layout.set_ports(balancer, &[]);
    layout
}

fn stage(view: View<'_>, scene: &Scene, svg: &mut SvgWriter) {
    marks::wires(scene, svg);
    let layout = layout(view);
    for at in &layout.clients {
        styled::circle(svg, "bold", (at.x - 10.0, at.y), 9.0);
    }
    let own = layout.balancer;
    let (at, size) = ((own.x, own.y), (own.width, own.height));
    styled::rect(svg, "bold", at, size, 9.0);
    let spots = &layout.servers;
    let pitch = spots
        .get(1)
        .map_or(SERVER.3, |next| next.door.y - spots[0].door.y);
    let height = SERVER.2.min(pitch - 4.0);
    for (member, spot) in view.members().zip(spots) {
        let out = matches!(member.endpoint.belief(), Belief::Down | Belief::Ejected);
        let class = match (member.server.trouble().is_some(), out) {
            (true, _) => "box gone",
            (false, true) => "box resting",
            (false, false) => "box",
        };
        let top = spot.door.y - height / 2.0;
        styled::rect(svg, class, (SERVER.0, top), (SERVER.1, height), 6.0);
        let name: String = member.server.spec.name.chars().take(2).collect();
        let hue = format!("s{}", member.server.id.0 % 8);
        let text = svg
            .element("text")
            .attr("class", hue)
            .at(SERVER.0 + 5.0, spot.door.y + 4.5);
        text.attr("font-size", 12).text(&name);
    }
    marks::slots(scene, svg);
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::engine::{Engine, EventBudget};
    use evenkeel_sim::scenario::preset::default_scenario;
    use evenkeel_sim::time::SimTime;

    #[test]
    fn a_way_is_kept_as_its_corners() {
        let seen = |frame: usize, x: f64, y: f64| Seen {
            frame,
            at: Point { x, y },
        };
        let mut way: Vec<Seen> = (0..=10)
            .map(|frame| seen(frame, frame as f64 * 5.0, 0.0))
            .collect();
        way.extend((11..=20).map(|frame| seen(frame, 50.0, (frame - 10) as f64 * 5.0)));
        let corners: Vec<usize> = thinned(&way).iter().map(|one| one.frame).collect();
        assert_eq!(corners, [0, 10, 20]);
        // Who stands still for a while moves later.
        way.insert(0, seen(0, 0.0, 0.0));
        assert!(thinned(&way).len() >= 3);
    }

    #[test]
    fn a_reel_moves_and_its_still_does_not() {
        let mut engine = Engine::new(&default_scenario(), 7);
        let mut reel = Reel::new(ReelKind::Stage, "");
        for frame in 0..40 {
            let until = SimTime::from_us(3_000_000 + frame * 100_000);
            engine.run_until(until, EventBudget::UNBOUNDED);
            reel.take(engine.view());
        }
        let moving = reel.file(engine.view(), Some(4_000));
        let still = reel.file(engine.view(), None);
        let marks = moving.matches("<animateTransform").count();
        assert!(marks > 20, "{moving}");
        assert!(!still.contains("<animate"));
        // A mark costs its way in a few points, and not a point for each frame.
        assert!(
            moving.len() < 300 * marks,
            "{} for {marks} marks",
            moving.len()
        );
        // Every time of an animation lies in its loop, and they are in order.
        for part in moving.split("keyTimes=\"").skip(1) {
            let times = part.split('"').next().unwrap_or_default();
            let times: Vec<f64> = times
                .split(';')
                .map(|time| time.parse().expect("a time"))
                .collect();
            assert_eq!(times.first(), Some(&0.0), "{times:?}");
            assert!(times.windows(2).all(|pair| pair[0] <= pair[1]), "{times:?}");
            assert!(
                times.iter().all(|time| (0.0..=1.0).contains(time)),
                "{times:?}"
            );
        }
    }
}
