//! A small picture, which can be read on a phone: for the figures of a text. It stands within a page,
//! so it has no style of its own; `assets/chapters/lesson.css` has the meaning of its classes.

use super::fit::{cut, room, wrap};
use super::marks::{self, key_mark};
use super::styled;
use crate::build::{self, Motion};
use crate::layout::{FlowDirection, Layout, Point, Rect, ServerSpot, Side};
use crate::shape::{FINISHES, Glyph, MarkStyle, PAINTS, Scene};
use crate::sign::{outline, tone};
use crate::small::{heading, in_front, reason, sign};
use crate::status::trouble;
use crate::svg::{SvgWriter, number};
use crate::words::{self, describe};
use evenkeel_sim::engine::view::{Member, View};
use evenkeel_sim::fleet::spec::RequestKind;
use evenkeel_words::t;

/// The width of every small picture.
const WIDTH: f64 = 410.0;
/// Where the clients' wires begin.
const CLIENTS: f64 = 82.0;
/// The balancer's card: from the left, its width.
const BALANCER: (f64, f64) = (112.0, 118.0);
/// The servers' cards: from the left, width, height, from one to the next.
const SERVERS: (f64, f64, f64, f64) = (262.0, 144.0, 44.0, 51.0);
/// From one client to the next.
const CLIENT: f64 = 36.0;
/// Above and below it all.
const MARGIN: f64 = 6.0;
/// Room for what the shapes mean.
const KEY: f64 = 20.0;
/// The small letters, and the least ones.
const LETTERS: (f64, f64) = (12.0, 11.0);

/// What the stage shows now, as a small SVG without a style: clients, balancer with the reason of its
/// last pick, servers, wires and what is on them, and what the shapes mean. The stage in words is its
/// name for those who do not see it.
#[must_use]
pub fn small(view: View<'_>) -> String {
    let card = Card::new(view);
    let (clients, servers) = (view.clients().len() as f64, view.members().count() as f64);
    let inner = (servers * SERVERS.3).max(clients * CLIENT).max(card.height);
    let height = inner + 2.0 * MARGIN + KEY;
    let middle = MARGIN + inner / 2.0;
    let layout = layout(view, inner, middle, card.height);
    let mut scene = Scene::default();
    build::stage(view, &layout, Motion::Flying, &mut scene);

    let mut writer = SvgWriter::default();
    let view_box = format!("0 0 {} {}", number(WIDTH), number(height));
    let picture = writer.element("svg").attr("class", "picture");
    let picture = picture.attr("viewBox", view_box).attr("role", "img");
    picture.attr("aria-label", describe(view)).hold(|svg| {
        marks::wires(&scene, svg);
        for (client, at) in view.clients().iter().zip(&layout.clients) {
            one_client(&client.spec.name, &client.spec.note, at.y, svg);
        }
        card.draw(middle, svg);
        for (member, spot) in view.members().zip(&layout.servers) {
            server(&member, spot.door, svg);
        }
        marks::slots(&scene, svg);
        marks::marks(&scene, svg);
        key(view, &scene, height - 9.0, svg);
    });
    writer.finish()
}

fn layout(view: View<'_>, inner: f64, middle: f64, card: f64) -> Layout {
    let point = |x, y| Point { x, y };
    let clients = view.clients().len();
    let pitch = inner / clients.max(1) as f64;
    let pitch = pitch.min(CLIENT * 1.6);
    let first = middle - pitch * (clients as f64 - 1.0) / 2.0;
    let count = view.members().count() as f64;
    let top = middle - (count - 1.0) * SERVERS.3 / 2.0;
    let spot = |(place, member): (usize, Member<'_>)| {
        let y = top + SERVERS.3 * place as f64;
        ServerSpot {
            id: member.server.id,
            door: point(SERVERS.0, y),
            side: Side::Left,
            work: Rect {
                x: SERVERS.0 + 9.0,
                y: y + 3.0,
                width: SERVERS.1 - 44.0,
                height: 13.0,
            },
        }
    };
    let mut layout = Layout {
        width: WIDTH,
        height: inner,
        flow: FlowDirection::Across,
        clients: (0..clients)
            .map(|place| point(CLIENTS, first + pitch * place as f64))
            .collect(),
        servers: view.members().enumerate().map(spot).collect(),
        ..Layout::default()
    };
    let balancer = Rect {
        x: BALANCER.0,
        y: middle - card / 2.0,
        width: BALANCER.1,
        height: card,
    };
    layout.set_ports(balancer, &[]);
    layout
}

fn one_client(name: &str, note: &str, y: f64, svg: &mut SvgWriter) {
    let (letter, beside) = sign(name, note);
    styled::circle(svg, "bold", (15.0, y), 11.0);
    styled::text(svg, "s c", (15.0, y + 4.0), &letter);
    let lines = wrap(&beside, room(CLIENTS - 28.0, LETTERS.1), 2);
    let first = y + 3.5 - 5.5 * (lines.len() as f64 - 1.0);
    for (place, line) in lines.iter().enumerate() {
        styled::text(svg, "t soft", (30.0, first + 11.0 * place as f64), line);
    }
}

/// The balancer's card: its texts in lines, and how high it is with them.
struct Card {
    head: Vec<String>,
    front: Vec<String>,
    why: Vec<String>,
    height: f64,
}

impl Card {
    fn new(view: View<'_>) -> Self {
        let width = BALANCER.1 - 18.0;
        let head = wrap(&heading(view), room(width, 14.5), 3);
        let front: Vec<String> = in_front(view)
            .iter()
            .map(|line| cut(line, room(width, LETTERS.0)))
            .collect();
        let why = wrap(&reason(view), room(width, LETTERS.0), 6);
        let lines = (head.len() + front.len() + why.len()) as f64;
        Self {
            head,
            front,
            why,
            height: lines * 15.0 + 16.0,
        }
    }

    fn draw(&self, middle: f64, svg: &mut SvgWriter) {
        let top = middle - self.height / 2.0;
        styled::rect(
            svg,
            "bold",
            (BALANCER.0, top),
            (BALANCER.1, self.height),
            9.0,
        );
        let mut y = top + 18.0;
        for (class, lines) in [
            ("b", &self.head),
            ("s b", &self.front),
            ("s soft", &self.why),
        ] {
            for line in lines {
                styled::text(svg, class, (BALANCER.0 + 9.0, y), line);
                y += 15.0;
            }
        }
    }
}

fn server(member: &Member<'_>, door: Point, svg: &mut SvgWriter) {
    let endpoint = member.endpoint;
    let belief = endpoint.belief();
    let tone = tone(belief);
    let top = door.y - SERVERS.2 / 2.0;
    let (left, right) = (SERVERS.0, SERVERS.0 + SERVERS.1);
    styled::rect(svg, "box", (left, top), (SERVERS.1, SERVERS.2), 8.0);
    let moved = format!(
        "translate({} {}) scale(.75)",
        number(left + 8.0),
        number(top + 5.0)
    );
    styled::path(svg, &format!("f {tone}"), outline(belief))
        .attr("fill-rule", "evenodd")
        .attr("transform", moved)
        .end();
    let (line, name) = (top + 15.0, cut(&member.server.spec.name, 4));
    styled::text(svg, "b", (left + 25.0, line), &name);
    let picks = endpoint.counts.picks.to_string();
    styled::text(svg, "t soft r", (right - 7.0, line + 18.0), &picks);
    // A letter's width and a gap after the name.
    let from = left + 25.0 + 8.5 * name.chars().count() as f64 + 5.0;
    let free = right - 4.0 - from;
    let word = words::belief(belief);
    let long = |text: &str, size: f64| text.chars().count() > room(free, size);
    let (said, tone) = match member.server.trouble().map(trouble) {
        // The sign says what is believed already.
        Some(wrong) if long(&format!("{word} · {wrong}"), LETTERS.1) => (wrong, "down"),
        Some(wrong) => (format!("{word} · {wrong}"), tone),
        None => (word, tone),
    };
    let (class, size) = if long(&said, LETTERS.0) {
        ("t", LETTERS.1)
    } else {
        ("s", LETTERS.0)
    };
    let said = cut(&said, room(free, size));
    styled::text(svg, &format!("{class} {tone}"), (from, line), &said);
}

/// What the shapes mean that are used here.
fn key(view: View<'_>, scene: &Scene, y: f64, svg: &mut SvgWriter) {
    let drawn = |finish: MarkStyle, glyph: Option<Glyph>| {
        let mut marks = PAINTS.iter().flat_map(|paint| scene.marks(*paint, finish));
        marks.any(|mark| glyph.is_none_or(|glyph| mark.glyph == glyph))
    };
    let classes = &view.scenario().classes;
    let kind = |kind: RequestKind| classes.iter().any(|class| class.kind == kind);
    let probes = [Glyph::ProbeOut, Glyph::ProbePass, Glyph::ProbeFail];
    let probed = FINISHES
        .iter()
        .any(|finish| probes.iter().any(|glyph| drawn(*finish, Some(*glyph))));
    let entries = [
        (
            kind(RequestKind::Page),
            MarkStyle::Filled,
            Glyph::Circle,
            "ink",
            t!("legend.page"),
        ),
        (
            kind(RequestKind::Static),
            MarkStyle::Filled,
            Glyph::Square,
            "ink",
            t!("legend.static"),
        ),
        (
            kind(RequestKind::Checkout),
            MarkStyle::Filled,
            Glyph::Diamond,
            "ink",
            t!("legend.checkout"),
        ),
        (
            kind(RequestKind::Grpc),
            MarkStyle::Filled,
            Glyph::Triangle,
            "ink",
            t!("legend.grpc"),
        ),
        (
            drawn(MarkStyle::Hollow, None),
            MarkStyle::Hollow,
            Glyph::Circle,
            "ink",
            t!("legend.answer"),
        ),
        (
            drawn(MarkStyle::Crossed, None),
            MarkStyle::Crossed,
            Glyph::Circle,
            "down",
            t!("legend.failed"),
        ),
        (
            probed,
            MarkStyle::Line,
            Glyph::ProbeOut,
            "soft",
            t!("legend.check"),
        ),
    ];
    let mut x = 10.0;
    for (there, finish, glyph, colour, word) in entries {
        if there {
            key_mark(glyph, finish, colour, Point { x, y: y - 3.5 }, svg);
            styled::text(svg, "t soft", (x + 9.0, y), &word);
            x += 24.0 + 6.2 * word.chars().count() as f64;
        }
    }
}
