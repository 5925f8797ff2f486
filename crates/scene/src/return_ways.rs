//! The ways of answers that pass the balancer by (direct server return): from each server into a lane beside the
//! balancer's card, and out of it to each client. All of them share the lane.

use super::layout::{FlowDirection, Layout, Point, ServerSpot, Side};
use super::path::Path;
use super::turns::bend;

/// The least distance between the lane and the stage's edge, in pixels.
const RIM: f64 = 9.0;
/// The distance between a card and the way out of its left edge, in pixels; its wire is at 9.
const BESIDE: f64 = 5.0;
/// Half the height of a card, in pixels: its door is in the middle of a side edge.
const HALF: f64 = 30.0;
/// The most servers that have a way each. A scene with more draws none: its servers are squares of a grid.
const MOST: usize = 64;

/// The ways of one layout.
#[derive(Clone, Debug, Default)]
pub(super) struct ReturnWays {
    /// From each server's door to the middle of the lane.
    pub up: Vec<Path>,
    /// From the middle of the lane to each client.
    pub down: Vec<Path>,
}

impl ReturnWays {
    /// Makes the ways of a layout, reusing the memory.
    pub fn lay(&mut self, layout: &Layout) {
        let drawn = layout.grid.is_none() && layout.servers.len() <= MOST;
        let servers = if drawn { layout.servers.len() } else { 0 };
        self.up.resize_with(servers, Path::default);
        self.down.resize_with(layout.clients.len(), Path::default);
        let lane = Lane::new(layout);
        for (path, spot) in self.up.iter_mut().zip(&layout.servers) {
            lane.lay_up(path, spot);
        }
        for (path, client) in self.down.iter_mut().zip(&layout.clients) {
            lane.lay_down(path, *client);
        }
    }

    /// A point of the way from a server to a client, both by their indices in the layout: `gone` from 0 to 1.
    pub fn at(&self, server: usize, client: usize, gone: f64) -> Option<Point> {
        let (up, down) = (self.up.get(server)?, self.down.get(client)?);
        let far = gone * (up.length() + down.length());
        let point = if far < up.length() {
            up.at(far / up.length())
        } else {
            down.at((far - up.length()) / down.length().max(f64::MIN_POSITIVE))
        };
        Some(point.at)
    }
}

/// Where the lane is.
struct Lane {
    flow: FlowDirection,
    /// The middle of the lane, where all ways meet.
    middle: Point,
    /// Between the balancer and the servers, and between the clients and the balancer: the x or y of the ways there.
    behind: f64,
    before: f64,
}

impl Lane {
    /// Above the balancer where requests go across, or below it where there is more room; to the right of it where they
    /// go down.
    fn new(layout: &Layout) -> Self {
        let card = layout.balancer;
        let (right, bottom) = (card.x + card.width, card.y + card.height);
        let middle = f64::midpoint;
        let doors = layout.servers.iter().map(|spot| spot.door);
        let clients = layout.clients.iter();
        match layout.flow {
            FlowDirection::Across => {
                let first = doors.map(|door| door.x).fold(layout.width, f64::min);
                let last = clients.map(|from| from.x).fold(0.0, f64::max);
                let y = if card.y + 1.0 >= layout.height - bottom {
                    middle(0.0, card.y).max(RIM)
                } else {
                    middle(bottom, layout.height).min(layout.height - RIM)
                };
                Self {
                    flow: layout.flow,
                    middle: Point {
                        x: middle(card.x, right),
                        y,
                    },
                    behind: middle(right, first),
                    before: middle(last, card.x),
                }
            }
            FlowDirection::Down => {
                let first = layout.servers.iter().map(top).fold(layout.height, f64::min);
                let last = clients.map(|from| from.y).fold(0.0, f64::max);
                Self {
                    flow: layout.flow,
                    middle: Point {
                        x: middle(right, layout.width).min(layout.width - RIM),
                        y: middle(card.y, bottom),
                    },
                    behind: middle(bottom, first),
                    before: middle(last, card.y),
                }
            }
        }
    }

    fn lay_up(&self, path: &mut Path, spot: &ServerSpot) {
        let (door, end) = (spot.door, self.middle);
        path.begin(door);
        if self.flow == FlowDirection::Across {
            let turn = |y| Point { x: self.behind, y };
            bend(path, turn(door.y), turn(f64::midpoint(door.y, end.y)));
            bend(path, turn(end.y), end);
            return;
        }
        let lane = |y| Point { x: end.x, y };
        if spot.side == Side::Right {
            bend(path, lane(door.y), end);
            return;
        }
        // Out of the card's upper edge, or up beside its left one.
        let x = match spot.side {
            Side::Top => door.x,
            _ => door.x - BESIDE,
        };
        let turn = |y| Point { x, y };
        if x < door.x {
            bend(path, turn(door.y), turn(f64::midpoint(door.y, self.behind)));
        }
        let over = Point {
            x: f64::midpoint(x, end.x),
            y: self.behind,
        };
        bend(path, turn(self.behind), over);
        bend(path, lane(self.behind), end);
    }

    fn lay_down(&self, path: &mut Path, client: Point) {
        let start = self.middle;
        path.begin(start);
        match self.flow {
            FlowDirection::Across => {
                let turn = |y| Point { x: self.before, y };
                bend(path, turn(start.y), turn(f64::midpoint(start.y, client.y)));
                bend(path, turn(client.y), client);
            }
            FlowDirection::Down => {
                let turn = |x| Point { x, y: self.before };
                bend(path, turn(start.x), turn(f64::midpoint(start.x, client.x)));
                bend(path, turn(client.x), client);
            }
        }
    }
}

/// The upper edge of a server's card, as far as its door tells it.
fn top(spot: &ServerSpot) -> f64 {
    match spot.side {
        Side::Top => spot.door.y,
        _ => spot.door.y - HALF,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Rect;
    use evenkeel_sim::ids::ServerId;

    fn layout(flow: FlowDirection) -> Layout {
        let point = |x, y| Point { x, y };
        let across = flow == FlowDirection::Across;
        let spot = |id: u32| {
            let place = f64::from(id);
            let (door, side) = match (across, id) {
                (true, _) => (point(560.0, 60.0 + 110.0 * place), Side::Left),
                (false, 2) => (point(20.0, 620.0), Side::Gutter),
                (false, _) => (point(90.0 + 160.0 * place, 480.0), Side::Top),
            };
            let work = Rect {
                x: door.x + 10.0,
                y: door.y + 20.0,
                width: 90.0,
                height: 12.0,
            };
            ServerSpot {
                id: ServerId(id),
                door,
                side,
                work,
            }
        };
        let balancer = if across {
            Rect {
                x: 240.0,
                y: 60.0,
                width: 250.0,
                height: 330.0,
            }
        } else {
            Rect {
                x: 10.0,
                y: 200.0,
                width: 330.0,
                height: 110.0,
            }
        };
        Layout {
            width: if across { 840.0 } else { 370.0 },
            height: if across { 460.0 } else { 700.0 },
            flow,
            clients: [0.0, 1.0, 2.0]
                .map(|place| {
                    if across {
                        point(170.0, 120.0 + 70.0 * place)
                    } else {
                        point(50.0 + 120.0 * place, 90.0)
                    }
                })
                .to_vec(),
            balancer,
            servers: (0..3).map(spot).collect(),
            ..Layout::default()
        }
    }

    #[test]
    fn answers_go_from_door_to_client_inside_the_stage_and_past_the_balancer() {
        for flow in [FlowDirection::Across, FlowDirection::Down] {
            let layout = layout(flow);
            let mut ways = ReturnWays::default();
            ways.lay(&layout);
            let card = layout.balancer;
            for (server, spot) in layout.servers.iter().enumerate() {
                for (client, to) in layout.clients.iter().enumerate() {
                    let at = |gone| ways.at(server, client, gone).expect("it has a way");
                    let apart = |a: Point, b: Point| libm::hypot(a.x - b.x, a.y - b.y);
                    assert!(apart(at(0.0), spot.door) < 1e-9 && apart(at(1.0), *to) < 1e-9);
                    for step in 0..=200 {
                        let at = at(f64::from(step) / 200.0);
                        let inside = (8.0..=layout.width - 8.0).contains(&at.x)
                            && (8.0..=layout.height - 8.0).contains(&at.y);
                        assert!(inside, "{at:?} of {server} to {client}");
                        let hidden = (card.x..=card.x + card.width).contains(&at.x)
                            && (card.y..=card.y + card.height).contains(&at.y);
                        assert!(!hidden, "{at:?} of {server} to {client}");
                    }
                }
            }
        }
    }
}
