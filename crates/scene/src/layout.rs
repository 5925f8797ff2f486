//! The layout of the stage: measured from the page, and read by the code that draws between its parts.

use super::few::sort_few;
use evenkeel_sim::ids::ServerId;

/// The positions of the parts of the stage, in CSS pixels from the canvas's top left corner, measured from the page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// The width of the stage.
    pub width: f64,
    /// The height of the stage.
    pub height: f64,
    /// The direction of the requests.
    pub flow: FlowDirection,
    /// The start of each client's wire, in the order of the clients.
    pub clients: Vec<Point>,
    /// The middle of the balancer's edge that requests arrive at.
    pub balancer_in: Point,
    /// The middle of the balancer's edge that requests leave from.
    pub balancer_out: Point,
    /// The ports of the clients on the balancer's edge: where each client's wire ends.
    pub entries: Vec<Point>,
    /// The ports of the servers on the balancer's edge: where each server's wire begins.
    pub exits: Vec<Point>,
    /// The head of the line of requests that wait to be read.
    pub door: Point,
    /// The place of the balancer's card.
    pub balancer: Rect,
    /// Whether the card has a line for each server, beside which its wire begins.
    pub beside_rows: bool,
    /// The servers, in configuration order.
    pub servers: Vec<ServerSpot>,
    /// The area of the grid of servers; `None` if each has a card.
    pub grid: Option<Rect>,
    /// The server of the grid that has a card as well.
    pub chosen: Option<ServerId>,
}

/// The direction of the requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FlowDirection {
    /// From left to right.
    #[default]
    Across,
    /// From top to bottom.
    Down,
}

/// The side from which the wire reaches a server's card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// From the left: across the stage, or from a rail at the left edge that all such wires share.
    #[default]
    Left,
    /// From above, down to the card.
    Top,
    /// From the right, out of the gutter at the stage's right edge.
    Right,
    /// From the left, out of the gutter at the stage's left edge.
    Gutter,
}

/// The position of one server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServerSpot {
    /// The identity of the server.
    pub id: ServerId,
    /// The end of its wire.
    pub door: Point,
    /// The side from which the wire comes.
    pub side: Side,
    /// The strip inside its card where running and waiting requests are drawn.
    pub work: Rect,
}

/// A point on the stage.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// The distance from the left.
    pub x: f64,
    /// The distance from the top.
    pub y: f64,
}

/// A rectangle on the stage.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// The distance from the left to its left edge.
    pub x: f64,
    /// The distance from the top to its top edge.
    pub y: f64,
    /// The width of the rectangle.
    pub width: f64,
    /// The height of the rectangle.
    pub height: f64,
}

/// The largest distance between two ports.
const PORT: f64 = 26.0;
/// The distance from a corner of the balancer to its first port.
const CORNER: f64 = 12.0;
/// From a corner of the balancer to the line at the door where requests flow down: its way goes on inside the
/// card, between the edge and the text.
const EDGE: f64 = 8.0;
/// The part of the edge that the line at the door needs.
const LINE: f64 = 28.0;

impl Layout {
    /// Gives every client and every server a port of its own on the edges of the balancer's card. `rows`
    /// are the middles of the card's lines, one a server, where it has such lines: a server's wire
    /// begins beside its line.
    pub fn set_ports(&mut self, balancer: Rect, rows: &[f64]) {
        let (right, bottom) = (balancer.x + balancer.width, balancer.y + balancer.height);
        let point = |x, y| Point { x, y };
        self.balancer = balancer;
        self.beside_rows = self.flow == FlowDirection::Across && rows.len() == self.servers.len();
        let (clients, servers) = (self.clients.len(), self.servers.len());
        match self.flow {
            FlowDirection::Across => {
                let entry = spread(balancer.y + LINE, bottom - CORNER, clients);
                let exit = spread(balancer.y + CORNER, bottom - CORNER, servers);
                self.balancer_in = point(balancer.x, f64::midpoint(balancer.y, bottom));
                self.balancer_out = point(right, f64::midpoint(balancer.y, bottom));
                self.entries = (0..clients)
                    .map(|place| point(balancer.x, entry(place)))
                    .collect();
                self.exits = (0..servers)
                    .map(|place| {
                        point(
                            right,
                            if self.beside_rows {
                                rows[place]
                            } else {
                                exit(place)
                            },
                        )
                    })
                    .collect();
                self.door = point(balancer.x, balancer.y + 16.0);
            }
            FlowDirection::Down => {
                let entry = spread(balancer.x + LINE, right - CORNER, clients);
                let exit = spread(balancer.x + CORNER, right - CORNER, servers);
                self.balancer_in = point(f64::midpoint(balancer.x, right), balancer.y);
                self.balancer_out = point(f64::midpoint(balancer.x, right), bottom);
                self.entries = (0..clients)
                    .map(|place| point(entry(place), balancer.y))
                    .collect();
                let order = self.exit_order();
                self.exits = order
                    .into_iter()
                    .map(|place| point(exit(place), bottom))
                    .collect();
                self.door = point(balancer.x + EDGE, balancer.y);
            }
        }
    }

    /// The order of the servers' ports from left to right where requests flow down, so that no two wires
    /// cross: first those of the left gutter, the lowest server outermost, then those from above, then
    /// those of the right gutter. Gives each server's place.
    fn exit_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.servers.len()).collect();
        let key = |place: &usize| {
            let spot = &self.servers[*place];
            match spot.side {
                Side::Gutter | Side::Left => (0, -spot.door.y),
                Side::Top => (1, spot.door.x),
                Side::Right => (2, spot.door.y),
            }
        };
        sort_few(&mut order, |a, b| key(a) < key(b));
        let mut places = vec![0; order.len()];
        for (place, server) in order.into_iter().enumerate() {
            places[server] = place;
        }
        places
    }
}

/// `count` places between two ends, round the middle and no further apart than [`PORT`].
pub(super) fn spread(from: f64, to: f64, count: usize) -> impl Fn(usize) -> f64 {
    let gap = ((to - from).max(0.0) / count.max(1) as f64).min(PORT);
    let first = f64::midpoint(from, to) - gap * (count as f64 - 1.0) / 2.0;
    move |place| first + gap * place as f64
}
