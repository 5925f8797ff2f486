//! Where things stand on the stage: measured from the page, read by whoever draws between them.

use super::few::sort_few;
use evenkeel_sim::ids::ServerId;

/// Where things stand on the stage, in CSS pixels from the canvas's top left corner. Measured from
/// the page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// Width of the stage.
    pub width: f64,
    /// Height of the stage.
    pub height: f64,
    /// The direction of the requests.
    pub flow: FlowDirection,
    /// Where each client's wire begins, in the order of the clients.
    pub clients: Vec<Point>,
    /// The middle of the balancer's edge that requests come to.
    pub balancer_in: Point,
    /// The middle of the balancer's edge that they leave by.
    pub balancer_out: Point,
    /// The ports of the clients on the balancer's edge: where each client's wire ends.
    pub entries: Vec<Point>,
    /// The ports of the servers on the balancer's edge: where each server's wire begins.
    pub exits: Vec<Point>,
    /// The head of the line of those that wait to be read.
    pub door: Point,
    /// The balancer's card.
    pub balancer: Rect,
    /// Whether the card has a line for each server, beside which its wire begins.
    pub beside_rows: bool,
    /// The servers, in configuration order.
    pub servers: Vec<ServerSpot>,
    /// Where many servers stand as a grid; `None` where each has a card.
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

/// From which side the wire comes to a server's card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// From the left: across the stage, or from a rail at the left edge that all such wires share.
    #[default]
    Left,
    /// From above.
    Top,
    /// From the right, out of the gutter at the stage's right edge.
    Right,
    /// From the left, out of the gutter at the stage's left edge.
    Gutter,
}

/// Where one server stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServerSpot {
    /// Its identity.
    pub id: ServerId,
    /// Where its wire ends.
    pub door: Point,
    /// From which side the wire comes.
    pub side: Side,
    /// The strip inside its card where running and waiting requests are drawn.
    pub work: Rect,
}

/// A point.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// From the left to its left edge.
    pub x: f64,
    /// From the top to its top edge.
    pub y: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
}

/// From one port to the next, at most.
const PORT: f64 = 26.0;
/// From a corner of the balancer to its first port.
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
fn spread(from: f64, to: f64, count: usize) -> impl Fn(usize) -> f64 {
    let gap = ((to - from).max(0.0) / count.max(1) as f64).min(PORT);
    let first = f64::midpoint(from, to) - gap * (count as f64 - 1.0) / 2.0;
    move |place| first + gap * place as f64
}
