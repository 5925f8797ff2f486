//! Many servers as a grid of squares, each filled by its load. Cards for a thousand would need a page of their own,
//! and would not show what they have in common.

use super::layout::{Layout, Point, Rect, ServerSpot, Side};
use super::shape::{GridCell, Paint, Scene};
use super::words::thousands;
use evenkeel_sim::balance::endpoint::Belief;
use evenkeel_sim::engine::view::{Member, View};
use evenkeel_sim::ids::ServerId;
use evenkeel_words::t;

/// From this many servers on, the stage shows a grid.
pub const FLEET: usize = 41;
/// The number of requests for each worker that fills a square.
const FULL: usize = 4;
/// The largest side of a square with its gap, in pixels.
const LARGEST: f64 = 34.0;
/// The share of its cell that a square fills.
const SIDE: f64 = 0.8;

/// Whether a scene is shown as a grid.
#[must_use]
pub fn is_fleet(view: View<'_>) -> bool {
    view.members().nth(FLEET - 1).is_some()
}

/// The number of columns, and the distance between them: as large as `count` squares can be in the place.
fn columns(place: Rect, count: usize) -> (usize, f64) {
    let count = count.max(1) as f64;
    let room = (place.width * place.height / count).sqrt();
    // One more column than the square root asks for is the first that can be too many.
    let fits = |columns: f64| {
        let pitch = place.width / columns;
        (count / columns).ceil() * pitch <= place.height + 0.5
    };
    let mut columns = (place.width / room.max(1.0)).floor().max(1.0);
    while !fits(columns) {
        columns += 1.0;
    }
    (columns as usize, (place.width / columns).min(LARGEST))
}

/// The rows of a grid of `count` squares: all have `short` squares, and the first `longer` of them one more.
struct Rows {
    short: usize,
    longer: usize,
    pitch: f64,
}

impl Rows {
    fn of(place: Rect, count: usize) -> Self {
        let (columns, pitch) = columns(place, count);
        let rows = count.div_ceil(columns).max(1);
        Self {
            short: count / rows,
            longer: count % rows,
            pitch,
        }
    }

    /// The row and the column of a square.
    const fn cell(&self, number: usize) -> (usize, usize) {
        let long = self.short + 1;
        match number.checked_sub(self.longer * long) {
            Some(rest) => (self.longer + rest / self.short, rest % self.short),
            None => (number / long, number % long),
        }
    }

    /// The number of the square in a row and a column; `None` where that row has none.
    fn number(&self, row: usize, column: usize) -> Option<usize> {
        let wide = self.short + usize::from(row < self.longer);
        (column < wide).then(|| row * self.short + row.min(self.longer) + column)
    }
}

/// The square of the `number`th of `count` servers.
fn square(place: Rect, count: usize, number: usize) -> Rect {
    let rows = Rows::of(place, count);
    let (row, column) = rows.cell(number);
    let side = rows.pitch * SIDE;
    let aside = (rows.pitch - side) / 2.0;
    Rect {
        x: place.x + column as f64 * rows.pitch + aside,
        y: place.y + row as f64 * rows.pitch + aside,
        width: side,
        height: side,
    }
}

/// The server whose cell of the grid contains a point.
#[must_use]
pub fn server_at(view: View<'_>, place: Rect, at: Point) -> Option<ServerId> {
    let rows = Rows::of(place, view.members().count());
    let (x, y) = ((at.x - place.x) / rows.pitch, (at.y - place.y) / rows.pitch);
    if x < 0.0 || y < 0.0 {
        return None;
    }
    let number = rows.number(y as usize, x as usize)?;
    view.members().nth(number).map(|member| member.server.id)
}

/// Puts every server's spot where its square is. `cards` are the spots of those that have a card as well: their
/// requests are drawn there.
pub fn place(view: View<'_>, layout: &mut Layout) {
    let Some(place) = layout.grid else { return };
    let cards = std::mem::take(&mut layout.servers);
    let count = view.members().count();
    let spot = |(number, member): (usize, Member<'_>)| {
        let square = square(place, count, number);
        let card = cards.iter().find(|card| card.id == member.server.id);
        ServerSpot {
            id: member.server.id,
            door: Point {
                x: square.x + square.width / 2.0,
                y: square.y + square.height / 2.0,
            },
            side: Side::Left,
            work: card.map_or_else(Rect::default, |card| card.work),
        }
    };
    layout.servers = view.members().enumerate().map(spot).collect();
    layout.chosen = cards.first().map(|card| card.id);
}

/// Draws the grid of servers.
pub(super) fn grid(view: View<'_>, scene: &mut Scene) {
    let Some(place) = scene.wires.layout().grid else {
        return;
    };
    let chosen = scene.wires.layout().chosen;
    let count = view.members().count();
    for (number, member) in view.members().enumerate() {
        let (paint, usable) = match member.endpoint.belief() {
            Belief::Down | Belief::Ejected => (Paint::Down, false),
            Belief::Draining | Belief::Maintenance => (Paint::Draining, false),
            _ => (Paint::Healthy, true),
        };
        let load = load(&member);
        scene.cells.push(GridCell {
            rect: square(place, count, number),
            paint: if usable && load >= 1.0 {
                Paint::Degraded
            } else {
                paint
            },
            filled: load.min(1.0),
            crossed: member.server.trouble().is_some(),
            chosen: chosen == Some(member.server.id),
        });
    }
}

/// How uneven the load of a fleet is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unevenness {
    /// The requests at the fullest server, running and waiting.
    pub most: usize,
    /// The servers whose square is full.
    pub full: usize,
    /// The servers with no request.
    pub idle: usize,
}

/// How uneven the load is now.
#[must_use]
pub fn unevenness(view: View<'_>) -> Unevenness {
    let mut found = Unevenness::default();
    for member in view.members() {
        let all = member.server.running().len() + member.server.waiting().len();
        found.most = found.most.max(all);
        found.full += usize::from(load(&member) >= 1.0);
        found.idle += usize::from(all == 0);
    }
    found
}

/// The load of a server, as a share of what fills its square.
fn load(member: &Member<'_>) -> f64 {
    let all = member.server.running().len() + member.server.waiting().len();
    all as f64 / (member.server.spec.workers as usize * FULL) as f64
}

/// The fleet in a sentence or two.
#[must_use]
pub fn summary(view: View<'_>) -> String {
    let (mut servers, mut well, mut broken) = (0_usize, 0_usize, 0_usize);
    let (mut busy, mut workers, mut most) = (0_usize, 0_usize, 0_usize);
    for member in view.members() {
        let running = member.server.running().len();
        servers += 1;
        well += usize::from(view.balancer().is_usable(member.endpoint.id));
        broken += usize::from(member.server.trouble().is_some());
        busy += running;
        workers += member.server.spec.workers as usize;
        most = most.max(running + member.server.waiting().len());
    }
    t!(
        "fleet.summary",
        servers = servers,
        well = thousands(well as u64),
        broken = thousands(broken as u64),
        busy = super::words::percent(busy as f64 / workers.max(1) as f64),
        most = most
    )
}

/// The next server after `from`, wrapping round, that is broken or not in use.
#[must_use]
pub fn next_in_trouble(view: View<'_>, from: Option<ServerId>) -> Option<ServerId> {
    let all: Vec<Member<'_>> = view.members().collect();
    let start = all.iter().position(|one| Some(one.server.id) == from);
    let start = start.map_or(0, |place| place + 1);
    let in_trouble = |one: &&Member<'_>| {
        one.server.trouble().is_some() || !view.balancer().is_usable(one.endpoint.id)
    };
    let (before, after) = all.split_at(start.min(all.len()));
    let found = after.iter().chain(before).find(in_trouble);
    found.map(|one| one.server.id)
}

/// Every tenth server, from the first on.
#[must_use]
pub fn every_tenth(view: View<'_>) -> Vec<ServerId> {
    view.members()
        .step_by(10)
        .map(|one| one.server.id)
        .collect()
}

/// The servers that have a fault in truth.
#[must_use]
pub fn broken(view: View<'_>) -> Vec<ServerId> {
    let broken = view.members().filter(|one| one.server.trouble().is_some());
    broken.map(|one| one.server.id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::engine::command::{Command, FaultKind};
    use evenkeel_sim::engine::{Engine, EventBudget};
    use evenkeel_sim::scenario::preset::default_scenario;
    use evenkeel_sim::time::SimTime;

    const PLACE: Rect = Rect {
        x: 10.0,
        y: 20.0,
        width: 400.0,
        height: 420.0,
    };

    fn engine(servers: usize) -> Engine {
        let mut scenario = default_scenario();
        let first = scenario.servers[0].clone();
        let server = |number: usize| evenkeel_sim::scenario::ServerSpec {
            name: format!("s{number}"),
            address: format!("10.0.{}.{}:80", number / 250, number % 250),
            ..first.clone()
        };
        scenario.servers = (0..servers).map(server).collect();
        Engine::new(&scenario, 7)
    }

    #[test]
    fn every_square_is_inside_and_none_overlaps() {
        for count in [1, 41, 100, 999, 1_000, 1_024] {
            let squares: Vec<Rect> = (0..count).map(|n| square(PLACE, count, n)).collect();
            for (n, one) in squares.iter().enumerate() {
                assert!(one.x >= PLACE.x && one.x + one.width <= PLACE.x + PLACE.width + 0.5);
                assert!(one.y >= PLACE.y && one.y + one.height <= PLACE.y + PLACE.height + 0.5);
                let apart = |other: &Rect| {
                    (one.x - other.x).abs() >= one.width || (one.y - other.y).abs() >= one.height
                };
                assert!(squares[..n].iter().all(apart), "{count}: {n}");
            }
        }
    }

    #[test]
    fn no_row_has_two_squares_fewer_than_another() {
        for count in [1, 41, 100, 999, 1_000, 1_024] {
            let mut rows = std::collections::BTreeMap::new();
            for number in 0..count {
                let top = square(PLACE, count, number).y.to_bits();
                *rows.entry(top).or_insert(0) += 1;
            }
            let (least, most) = (rows.values().min(), rows.values().max());
            assert!(most.unwrap() - least.unwrap() <= 1, "{count}: {rows:?}");
        }
    }

    #[test]
    fn a_point_in_a_square_is_its_server() {
        let engine = engine(1_000);
        let view = engine.view();
        for number in [0, 1, 37, 500, 999] {
            let square = square(PLACE, 1_000, number);
            let at = Point {
                x: square.x + 1.0,
                y: square.y + 1.0,
            };
            assert_eq!(server_at(view, PLACE, at), Some(ServerId(number as u32)));
        }
        let outside = Point { x: 5.0, y: 25.0 };
        assert_eq!(server_at(view, PLACE, outside), None);
    }

    #[test]
    fn the_squares_show_who_is_broken_and_who_is_down() {
        let mut engine = engine(50);
        assert!(is_fleet(engine.view()) && !is_fleet(self::engine(40).view()));
        for id in every_tenth(engine.view()) {
            let _ = engine.apply(Command::Fault(id, FaultKind::Crash));
        }
        engine.run_until(SimTime::from_us(60_000_000), EventBudget::UNBOUNDED);
        let mut scene = Scene::default();
        let mut layout = Layout {
            width: 800.0,
            height: 500.0,
            grid: Some(PLACE),
            ..Layout::default()
        };
        place(engine.view(), &mut layout);
        crate::build::stage(
            engine.view(),
            &layout,
            crate::build::Motion::Flying,
            &mut scene,
        );
        assert_eq!(scene.cells.len(), 50);
        let crossed = scene.cells.iter().filter(|cell| cell.crossed);
        assert_eq!(crossed.count(), 5);
        let down = scene.cells.iter().filter(|cell| cell.paint == Paint::Down);
        assert_eq!(down.count(), 5);
        assert_eq!(broken(engine.view()).len(), 5);
        let next = next_in_trouble(engine.view(), Some(ServerId(0)));
        assert_eq!(next, Some(ServerId(10)));
        assert!(summary(engine.view()).contains("50 servers"));
    }
}
