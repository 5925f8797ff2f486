//! The wires between the parts of the stage: made when the layout changes, kept until then.

use super::layout::{FlowDirection, Layout, Point, Side};
use super::path::Path;
use super::return_ways::ReturnWays;
use super::turns::{CORNER, bend, level_curve, round_corner};
use evenkeel_sim::ids::ServerId;

/// The distance of a phone's rail from the left of the servers' cards.
const RAIL_GAP: f64 = 14.0;
/// The smallest distance of the rail from the edge of the stage.
const RAIL_MARGIN: f64 = 7.0;

/// The distance of the wires in a gutter from the cards.
const GUTTER: f64 = 9.0;
/// The distance of the lane of the picked requests from the balancer's edge, inside the card.
const INSET: f64 = 8.0;
/// The height that the wire needs to cross over to the rail: less than the space between two cards.
const CROSSING: f64 = 36.0;

/// The owner of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireId {
    /// The wire of a client, by its index.
    Client(usize),
    /// A server's own line, by its index in the layout.
    Server(usize),
    /// The outline of the wires to a grid of servers.
    Fan,
    /// The stretch of rail to this server and to all below it.
    Rail(usize),
    /// A part of the ways of answers past the balancer.
    Return,
}

/// The wires of one layout.
#[derive(Clone, Debug, Default)]
pub struct Wires {
    layout: Layout,
    laid: bool,
    clients: Vec<Path>,
    servers: Vec<Path>,
    /// The paths through the balancer's card, from the door to each server's port.
    picks: Vec<Path>,
    /// The ways of answers past the balancer.
    returns: ReturnWays,
    drawn: Vec<(WireId, Path)>,
    /// The index in the layout, by server identity.
    places: Vec<Option<usize>>,
}

impl Wires {
    /// Makes the wires anew if the layout differs from the last one.
    pub fn lay(&mut self, layout: &Layout) {
        if self.laid && self.layout == *layout {
            return;
        }
        self.layout.clone_from(layout);
        self.laid = true;
        self.drawn.clear();
        self.clients
            .resize_with(layout.clients.len(), Path::default);
        for (place, &from) in layout.clients.iter().enumerate() {
            let path = &mut self.clients[place];
            path.begin(from);
            let entry = layout.entries.get(place).copied();
            level_curve(path, layout.flow, entry.unwrap_or(layout.balancer_in));
            self.drawn.push((WireId::Client(place), path.clone()));
        }
        self.places.clear();
        for (place, spot) in layout.servers.iter().enumerate() {
            let index = spot.id.index();
            if self.places.len() <= index {
                self.places.resize(index + 1, None);
            }
            self.places[index] = Some(place);
        }
        self.servers
            .resize_with(layout.servers.len(), Path::default);
        match layout.flow {
            _ if layout.grid.is_some() => self.lay_fan(),
            FlowDirection::Across => self.lay_across(),
            FlowDirection::Down if layout.servers.iter().any(|spot| spot.side == Side::Left) => {
                self.lay_rail();
            }
            FlowDirection::Down => self.lay_down(),
        }
        self.lay_picks();
        self.returns.lay(layout);
        let returns = self.returns.up.iter().chain(&self.returns.down);
        self.drawn
            .extend(returns.map(|path| (WireId::Return, path.clone())));
    }

    /// The ways through the balancer: from the door down a lane inside the card's edge, which no text is on,
    /// then along the server's line to its port. Where the card has no such lines, down the lane and along the
    /// card's lower border, as the last line of text may stand just above that.
    fn lay_picks(&mut self) {
        let layout = &self.layout;
        if layout.balancer.width <= 0.0 {
            self.picks.clear();
            return;
        }
        self.picks.resize_with(self.servers.len(), Path::default);
        for (path, way) in self.picks.iter_mut().zip(&self.servers) {
            let (door, port) = (layout.door, way.start());
            path.begin(door);
            match layout.flow {
                FlowDirection::Across if !layout.beside_rows => {
                    let card = layout.balancer;
                    let (left, right) = (card.x + INSET, card.x + card.width - INSET);
                    let bottom = card.y + card.height;
                    let point = |x, y| Point { x, y };
                    let middle = f64::midpoint;
                    bend(
                        path,
                        point(left, door.y),
                        point(left, middle(door.y, bottom)),
                    );
                    bend(
                        path,
                        point(left, bottom),
                        point(middle(left, right), bottom),
                    );
                    bend(
                        path,
                        point(right, bottom),
                        point(right, middle(bottom, port.y)),
                    );
                    bend(path, point(right, port.y), port);
                }
                FlowDirection::Across => {
                    let lane = door.x + INSET;
                    let down = Point {
                        x: lane,
                        y: f64::midpoint(door.y, port.y),
                    };
                    bend(path, Point { x: lane, y: door.y }, down);
                    bend(path, Point { x: lane, y: port.y }, port);
                }
                FlowDirection::Down => {
                    let level = port.y;
                    let over = Point {
                        x: f64::midpoint(door.x, port.x),
                        y: level,
                    };
                    bend(
                        path,
                        Point {
                            x: door.x,
                            y: level,
                        },
                        over,
                    );
                    bend(
                        path,
                        Point {
                            x: port.x,
                            y: level,
                        },
                        port,
                    );
                }
            }
        }
    }

    /// Straight to each square of the grid; what is drawn is the first and the last way.
    fn lay_fan(&mut self) {
        for (path, spot) in self.servers.iter_mut().zip(&self.layout.servers) {
            path.begin(self.layout.balancer_out);
            path.line(spot.door);
        }
        let Some(grid) = self.layout.grid else { return };
        let (right, bottom) = (grid.x + grid.width, grid.y + grid.height);
        let corners = match self.layout.flow {
            FlowDirection::Across => [(grid.x, grid.y), (grid.x, bottom)],
            FlowDirection::Down => [(grid.x, grid.y), (right, grid.y)],
        };
        for (x, y) in corners {
            let mut path = Path::default();
            path.begin(self.layout.balancer_out);
            level_curve(&mut path, self.layout.flow, Point { x, y });
            self.drawn.push((WireId::Fan, path));
        }
    }

    fn lay_across(&mut self) {
        for (place, spot) in self.layout.servers.iter().enumerate() {
            let path = &mut self.servers[place];
            let exit = self.layout.exits.get(place).copied();
            path.begin(exit.unwrap_or(self.layout.balancer_out));
            level_curve(path, FlowDirection::Across, spot.door);
            self.drawn.push((WireId::Server(place), path.clone()));
        }
    }

    /// Two columns of cards: the upper row is reached from above, the rows below it through the gutters at
    /// the stage's edges.
    fn lay_down(&mut self) {
        let layout = &self.layout;
        let tops = layout.servers.iter().filter(|spot| spot.side == Side::Top);
        let level = tops.map(|spot| spot.door.y).fold(f64::INFINITY, f64::min);
        for (place, spot) in layout.servers.iter().enumerate() {
            let path = &mut self.servers[place];
            path.begin(
                layout
                    .exits
                    .get(place)
                    .copied()
                    .unwrap_or(layout.balancer_out),
            );
            let gutter = match spot.side {
                Side::Right => spot.door.x + GUTTER,
                _ => spot.door.x - GUTTER,
            };
            if spot.side == Side::Top {
                level_curve(path, FlowDirection::Down, spot.door);
            } else {
                let level = level.min(spot.door.y - CORNER);
                level_curve(
                    path,
                    FlowDirection::Down,
                    Point {
                        x: gutter,
                        y: level,
                    },
                );
                path.line(Point {
                    x: gutter,
                    y: spot.door.y - CORNER.min(spot.door.y - level),
                });
                round_corner(
                    path,
                    Point {
                        x: gutter,
                        y: spot.door.y,
                    },
                    spot.door,
                );
            }
            self.drawn.push((WireId::Server(place), path.clone()));
        }
    }

    /// One rail down the left edge, a branch to each server. A request travels along both; what is
    /// drawn is cut in pieces, so that the rail is drawn once and each piece has a state of its own.
    fn lay_rail(&mut self) {
        let layout = &self.layout;
        let doors = layout.servers.iter().map(|spot| spot.door.x);
        let cards = doors.fold(f64::INFINITY, f64::min);
        let out = layout.balancer_out;
        // Where the balancer's exit is left of the cards, the rail runs straight down from it.
        let rail = if out.x < cards {
            out.x
        } else {
            (cards - RAIL_GAP).max(RAIL_MARGIN)
        };
        let corner = CORNER.min((cards - rail).max(0.0));
        let mut reached = out;
        for (place, spot) in layout.servers.iter().enumerate() {
            let turn = Point {
                x: rail,
                y: spot.door.y - corner,
            };
            let path = &mut self.servers[place];
            path.begin(out);
            let joint = join_rail(path, rail, out, layout.servers[0].door.y - corner);
            if turn.y > joint.y {
                path.line(turn);
            }
            let mut stretch = Path::default();
            stretch.begin(reached);
            if place == 0 {
                join_rail(&mut stretch, rail, out, turn.y);
            }
            stretch.line(turn);
            let mut branch = Path::default();
            branch.begin(turn);
            for path in [&mut *path, &mut branch] {
                let door = spot.door;
                let round = Point {
                    x: rail + corner,
                    y: door.y,
                };
                round_corner(path, Point { x: rail, y: door.y }, round);
                path.line(door);
            }
            self.drawn.push((WireId::Rail(place), stretch));
            self.drawn.push((WireId::Server(place), branch));
            reached = turn;
        }
    }

    /// A point of the way from a server past the balancer to a client (direct server return): `gone` from 0 to 1.
    #[must_use]
    pub fn past_balancer(&self, server: ServerId, client: usize, gone: f64) -> Option<Point> {
        self.returns.at(self.place(server)?, client, gone)
    }

    /// The path from a client to the balancer.
    #[must_use]
    pub fn client(&self, place: usize) -> Option<&Path> {
        self.clients.get(place)
    }

    /// The path from the balancer to a server, with the server's index in the layout.
    #[must_use]
    pub fn server(&self, id: ServerId) -> Option<(usize, &Path)> {
        let place = self.place(id)?;
        Some((place, &self.servers[place]))
    }

    /// The path through the balancer to a server's port.
    #[must_use]
    pub fn pick(&self, id: ServerId) -> Option<&Path> {
        self.picks.get(self.place(id)?)
    }

    /// The index of a server in the layout.
    #[must_use]
    pub fn place(&self, id: ServerId) -> Option<usize> {
        *self.places.get(id.index())?
    }

    /// The lines to draw, each with its owner.
    pub fn owners(&self) -> impl Iterator<Item = (usize, WireId)> + use<'_> {
        self.drawn
            .iter()
            .enumerate()
            .map(|(path, (owner, _))| (path, *owner))
    }

    /// A line to draw.
    #[must_use]
    pub fn drawn(&self, path: usize) -> &Path {
        &self.drawn[path].1
    }

    /// The layout that the wires were made for.
    #[must_use]
    pub const fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// Draws from the balancer's exit over to the rail, above `below`; returns where that ends.
fn join_rail(path: &mut Path, rail: f64, out: Point, below: f64) -> Point {
    if (out.x - rail).abs() < 0.5 {
        return out;
    }
    let room = (below - out.y).clamp(0.0, CROSSING);
    let end = Point {
        x: rail,
        y: out.y + room,
    };
    let y = f64::midpoint(out.y, end.y);
    let side = if out.x < rail { -1.0 } else { 1.0 };
    let corner = CORNER.min(room / 2.0).min((out.x - rail).abs() / 2.0);
    let point = |x: f64, y: f64| Point { x, y };
    path.line(point(out.x, y - corner));
    round_corner(path, point(out.x, y), point(out.x - side * corner, y));
    path.line(point(rail + side * corner, y));
    round_corner(path, point(rail, y), point(rail, y + corner));
    path.line(end);
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::{Rect, ServerSpot};

    fn layout(flow: FlowDirection) -> Layout {
        let x = match flow {
            FlowDirection::Across => 330.0,
            FlowDirection::Down => 30.0,
        };
        let spot = |id: u32, y: f64| ServerSpot {
            id: ServerId(id),
            door: Point { x, y },
            side: Side::Left,
            work: Rect::default(),
        };
        Layout {
            entries: Vec::new(),
            exits: Vec::new(),
            door: Point { x: 180.0, y: 140.0 },
            balancer: Rect::default(),
            beside_rows: false,
            grid: None,
            chosen: None,
            width: 360.0,
            height: 900.0,
            flow,
            clients: vec![Point { x: 40.0, y: 60.0 }, Point { x: 300.0, y: 60.0 }],
            balancer_in: Point { x: 180.0, y: 140.0 },
            balancer_out: Point { x: 180.0, y: 300.0 },
            servers: vec![spot(0, 400.0), spot(2, 500.0), spot(5, 600.0)],
        }
    }

    #[test]
    fn every_way_ends_at_its_door() {
        for flow in [FlowDirection::Across, FlowDirection::Down] {
            let layout = layout(flow);
            let mut wires = Wires::default();
            wires.lay(&layout);
            for spot in &layout.servers {
                let (_, path) = wires.server(spot.id).expect("it has a wire");
                assert_eq!(path.end(), spot.door);
                assert_eq!(path.at(0.0).at, layout.balancer_out);
                let along = path.at(1.0).along;
                assert!(along.x > 0.9, "arrives level: {along:?}");
            }
            assert!(wires.server(ServerId(1)).is_none());
            assert!(wires.server(ServerId(9)).is_none());
        }
    }

    #[test]
    fn the_rail_stays_beside_the_cards() {
        let layout = layout(FlowDirection::Down);
        let mut wires = Wires::default();
        wires.lay(&layout);
        let first_card = layout.servers[0].door.y - 30.0;
        for spot in &layout.servers {
            let (_, path) = wires.server(spot.id).expect("it has a wire");
            for part in 0..=100 {
                let at = path.at(f64::from(part) / 100.0).at;
                assert!(at.y < first_card || at.x <= spot.door.x + 1e-9, "{at:?}");
            }
        }
    }

    #[test]
    fn the_rail_is_drawn_once() {
        let layout = layout(FlowDirection::Down);
        let mut wires = Wires::default();
        wires.lay(&layout);
        let rails: Vec<_> = wires
            .owners()
            .filter(|(_, owner)| matches!(owner, WireId::Rail(_)))
            .map(|(path, _)| (wires.drawn(path).start().y, wires.drawn(path).end().y))
            .collect();
        assert_eq!(rails, [(300.0, 390.0), (390.0, 490.0), (490.0, 590.0)]);
    }
}
