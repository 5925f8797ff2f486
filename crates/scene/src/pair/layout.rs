//! The layout of the picture of a site's balancers: measured from the page, and the wires between its parts.
//!
//! The page's SVG lines and the marks on the canvas come from the same [`Path`]s, so that a request is always on its
//! wire.

use crate::layout::{FlowDirection, Point, Rect, spread};
use crate::path::{Path, PathPiece};
use crate::svg::PathData;
use evenkeel_sim::ids::ServerId;

/// How far below a box's upper corner the first wire from a client ends, where requests flow across.
const FIRST_PORT: f64 = 22.0;
/// The part of a box's edge that belongs to the line of requests at its door.
const DOOR: f64 = 26.0;
/// The distance from a corner of a box to its first port.
const CORNER: f64 = 14.0;
/// The distance of the line at the door from the box's corner.
const LINE: f64 = 12.0;
/// The position of the link on the facing edges of two boxes that stand one above the other, as a share of their width.
const LINK: f64 = 0.56;
/// How far the address reaches in from its box's left edge.
const PILL_LEFT: f64 = 12.0;
/// The width of the lane beside a card, in which a wire goes down to a card of a lower row.
const GUTTER: f64 = 9.0;

/// How far above the boxes an address stands that a router spreads, where requests flow down.
const ROUTER: f64 = 11.0;

/// The positions of the parts of the picture, in CSS pixels from its top left corner, measured from the page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PairLayout {
    /// The width of the picture.
    pub width: f64,
    /// The height of the picture.
    pub height: f64,
    /// The direction of the requests.
    pub flow: FlowDirection,
    /// The clients: the index of each in the scenario, and its place.
    pub clients: Vec<(usize, Rect)>,
    /// The boxes of the balancers, in the order of the site's balancers.
    pub boxes: Vec<Rect>,
    /// How far below the upper edge of its box an address ends: the box has that much room above its text.
    pub head: f64,
    /// The cards of the servers.
    pub servers: Vec<(ServerId, Rect)>,
}

/// The place of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressSpot {
    /// On the edge of a box, by its index in the site.
    At(usize),
    /// Between the two boxes: a router spreads what comes.
    Between,
}

impl PairLayout {
    /// The lower left corner of an address.
    #[must_use]
    pub fn address(&self, spot: AddressSpot) -> Point {
        let of = |index: usize| self.boxes.get(index).copied().unwrap_or_default();
        match (spot, self.flow) {
            (AddressSpot::At(index), _) => {
                let own = of(index);
                Point {
                    x: own.x + PILL_LEFT,
                    y: own.y + self.head,
                }
            }
            (AddressSpot::Between, FlowDirection::Across) => {
                let (above, below) = (of(0), of(1));
                Point {
                    x: above.x + PILL_LEFT,
                    y: f64::midpoint(above.y + above.height, below.y) + ROUTER,
                }
            }
            (AddressSpot::Between, FlowDirection::Down) => {
                let (left, right) = (of(0), of(1));
                Point {
                    x: f64::midpoint(left.x, right.x + right.width),
                    y: left.y - ROUTER,
                }
            }
        }
    }

    /// The head of the line at a box's door, and the direction in which it grows.
    #[must_use]
    pub fn door(&self, index: usize) -> (Point, Point) {
        let own = self.boxes.get(index).copied().unwrap_or_default();
        match self.flow {
            FlowDirection::Across => (
                Point {
                    x: own.x,
                    y: own.y + own.height - LINE,
                },
                Point { x: -1.0, y: 0.0 },
            ),
            FlowDirection::Down => (
                Point {
                    x: own.x + own.width - LINE,
                    y: own.y,
                },
                Point { x: 0.0, y: -1.0 },
            ),
        }
    }

    /// The free length of the line at a box's door.
    #[must_use]
    pub fn line_room(&self, index: usize) -> f64 {
        let (door, _) = self.door(index);
        let clients = self.clients.iter().map(|(_, place)| match self.flow {
            FlowDirection::Across => door.x - (place.x + place.width),
            FlowDirection::Down => door.y - (place.y + place.height),
        });
        clients.fold(f64::INFINITY, f64::min)
    }

    fn client_start(&self, place: &Rect) -> Point {
        match self.flow {
            FlowDirection::Across => Point {
                x: place.x + place.width,
                y: place.y + place.height / 2.0,
            },
            FlowDirection::Down => Point {
                x: place.x + place.width / 2.0,
                y: place.y + place.height,
            },
        }
    }

    /// The end of a client's wire at a box.
    fn entry(&self, own: &Rect, place: usize) -> Point {
        let count = self.clients.len();
        match self.flow {
            FlowDirection::Across => {
                let (from, to) = (own.y + FIRST_PORT, own.y + own.height - DOOR);
                Point {
                    x: own.x,
                    y: spread(from, to, count)(place),
                }
            }
            FlowDirection::Down => {
                let (from, to) = (own.x + CORNER, own.x + own.width - DOOR);
                Point {
                    x: spread(from, to, count)(place),
                    y: own.y,
                }
            }
        }
    }

    /// The beginning of a server's wire at a box.
    fn exit(&self, own: &Rect, place: usize) -> Point {
        let count = self.servers.len();
        match self.flow {
            FlowDirection::Across => Point {
                x: own.x + own.width,
                y: spread(own.y + CORNER, own.y + own.height - CORNER, count)(place),
            },
            FlowDirection::Down => Point {
                x: spread(own.x + CORNER, own.x + own.width - CORNER, count)(place),
                y: own.y + own.height,
            },
        }
    }

    fn lay_server_wire(&self, path: &mut Path, own: &Rect, place: usize) {
        let start = self.exit(own, place);
        let card = self.servers[place].1;
        path.begin(start);
        if self.flow == FlowDirection::Across {
            let end = Point {
                x: card.x,
                y: card.y + card.height / 2.0,
            };
            return curve(path, self.flow, start, end);
        }
        let first = self.servers[0].1.y;
        if card.y < first + 1.0 {
            let end = Point {
                x: card.x + card.width / 2.0,
                y: card.y,
            };
            return curve(path, self.flow, start, end);
        }
        // Down the lane beside the cards above it.
        let lane = card.x - GUTTER;
        let top = Point { x: lane, y: first };
        curve(path, self.flow, start, top);
        let middle = card.y + card.height / 2.0;
        path.line(Point { x: lane, y: middle });
        path.line(Point {
            x: card.x,
            y: middle,
        });
    }

    fn lay_link(&self, path: &mut Path) {
        let [first, second] = self.boxes[..] else {
            path.begin(Point::default());
            return;
        };
        let (from, to) = match self.flow {
            FlowDirection::Across => {
                let x = first.x + first.width * LINK;
                (
                    Point {
                        x,
                        y: first.y + first.height,
                    },
                    Point { x, y: second.y },
                )
            }
            FlowDirection::Down => {
                let y = first.y + first.height.min(second.height) * 0.62;
                (
                    Point {
                        x: first.x + first.width,
                        y,
                    },
                    Point { x: second.x, y },
                )
            }
        };
        path.begin(from);
        path.line(to);
    }
}

/// A curve that leaves and arrives level with the flow.
fn curve(path: &mut Path, flow: FlowDirection, from: Point, to: Point) {
    let (a, b) = match flow {
        FlowDirection::Across => {
            let x = f64::midpoint(from.x, to.x);
            (Point { x, y: from.y }, Point { x, y: to.y })
        }
        FlowDirection::Down => {
            let y = f64::midpoint(from.y, to.y);
            (Point { x: from.x, y }, Point { x: to.x, y })
        }
    };
    path.curve(a, b, to);
}

/// The wires of a layout.
#[derive(Clone, Debug, Default)]
pub struct PairWires {
    layout: PairLayout,
    /// By client and box.
    clients: Vec<Path>,
    /// By box and server.
    servers: Vec<Path>,
    link: Path,
}

impl PairWires {
    /// The wires of a layout.
    #[must_use]
    pub fn new(layout: &PairLayout) -> Self {
        let mut wires = Self {
            layout: layout.clone(),
            ..Self::default()
        };
        for (place, (_, client)) in layout.clients.iter().enumerate() {
            for own in &layout.boxes {
                let start = layout.client_start(client);
                let mut path = Path::default();
                path.begin(start);
                curve(&mut path, layout.flow, start, layout.entry(own, place));
                wires.clients.push(path);
            }
        }
        for own in &layout.boxes {
            for place in 0..layout.servers.len() {
                let mut path = Path::default();
                layout.lay_server_wire(&mut path, own, place);
                wires.servers.push(path);
            }
        }
        layout.lay_link(&mut wires.link);
        wires
    }

    /// The layout that the wires were made for.
    #[must_use]
    pub const fn layout(&self) -> &PairLayout {
        &self.layout
    }

    /// The index of a client in the layout, by its index in the scenario.
    #[must_use]
    pub fn client_place(&self, client: usize) -> Option<usize> {
        let mut clients = self.layout.clients.iter();
        clients.position(|(one, _)| *one == client)
    }

    /// The index of a server in the layout.
    #[must_use]
    pub fn server_place(&self, server: ServerId) -> Option<usize> {
        let mut servers = self.layout.servers.iter();
        servers.position(|(one, _)| *one == server)
    }

    /// The wire from a client to a box, both by their indices in the layout.
    #[must_use]
    pub fn client(&self, client: usize, node: usize) -> Option<&Path> {
        self.clients.get(client * self.layout.boxes.len() + node)
    }

    /// The wire from a box to a server, both by their indices in the layout.
    #[must_use]
    pub fn server(&self, node: usize, server: usize) -> Option<&Path> {
        self.servers.get(node * self.layout.servers.len() + server)
    }

    /// The link between the two boxes, from the first to the second.
    #[must_use]
    pub const fn link(&self) -> &Path {
        &self.link
    }
}

/// A path as SVG path data.
#[must_use]
pub fn path_data(path: &Path) -> String {
    let mut data = PathData::default();
    let pair = |point: Point| (point.x, point.y);
    data.move_to(path.start().x, path.start().y);
    for piece in path.pieces() {
        match *piece {
            PathPiece::Line(to) => data.line_to(to.x, to.y),
            PathPiece::Curve(a, b, to) => data.curve_to(pair(a), pair(b), pair(to)),
        }
    }
    data.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rect(x: f64, y: f64, width: f64, height: f64) -> Rect {
        Rect {
            x,
            y,
            width,
            height,
        }
    }

    /// Two clients, two boxes, four servers, across; or down with the servers in two rows.
    fn layout(flow: FlowDirection) -> PairLayout {
        let across = flow == FlowDirection::Across;
        let clients = [0.0, 1.0].map(|place| match flow {
            FlowDirection::Across => rect(10.0, 40.0 + 80.0 * place, 90.0, 30.0),
            FlowDirection::Down => rect(20.0 + 180.0 * place, 10.0, 60.0, 30.0),
        });
        let boxes = [0.0, 1.0].map(|place| match flow {
            FlowDirection::Across => rect(400.0, 20.0 + 190.0 * place, 220.0, 120.0),
            FlowDirection::Down => rect(10.0 + 200.0 * place, 120.0, 150.0, 110.0),
        });
        let servers = (0..4_u32).map(|id| {
            let place = f64::from(id);
            let card = if across {
                rect(900.0, 10.0 + 80.0 * place, 200.0, 60.0)
            } else {
                let (column, row) = (f64::from(id % 2), f64::from(id / 2));
                rect(30.0 + 170.0 * column, 300.0 + 70.0 * row, 140.0, 60.0)
            };
            (ServerId(id), card)
        });
        PairLayout {
            width: 1_200.0,
            height: 480.0,
            flow,
            clients: clients.into_iter().enumerate().collect(),
            boxes: boxes.to_vec(),
            head: 12.0,
            servers: servers.collect(),
        }
    }

    #[test]
    fn every_wire_begins_and_ends_on_an_edge() {
        for flow in [FlowDirection::Across, FlowDirection::Down] {
            let layout = layout(flow);
            let wires = PairWires::new(&layout);
            let on_edge = |point: Point, of: &Rect| {
                let inside = point.x >= of.x - 1e-9
                    && point.x <= of.x + of.width + 1e-9
                    && point.y >= of.y - 1e-9
                    && point.y <= of.y + of.height + 1e-9;
                let edge = [
                    point.x - of.x,
                    of.x + of.width - point.x,
                    point.y - of.y,
                    of.y + of.height - point.y,
                ];
                inside && edge.into_iter().any(|far| far.abs() < 1e-9)
            };
            for (node, own) in layout.boxes.iter().enumerate() {
                for (client, (_, place)) in layout.clients.iter().enumerate() {
                    let wire = wires.client(client, node).expect("it has a wire");
                    assert!(on_edge(wire.start(), place) && on_edge(wire.end(), own));
                }
                for (server, (_, card)) in layout.servers.iter().enumerate() {
                    let wire = wires.server(node, server).expect("it has a wire");
                    assert!(on_edge(wire.start(), own) && on_edge(wire.end(), card));
                }
            }
            assert!(on_edge(wires.link().start(), &layout.boxes[0]));
            assert!(on_edge(wires.link().end(), &layout.boxes[1]));
        }
    }

    #[test]
    fn wires_of_one_box_end_apart() {
        let layout = layout(FlowDirection::Across);
        let wires = PairWires::new(&layout);
        let ends = [0, 1].map(|client| wires.client(client, 0).expect("it has a wire").end());
        assert!((ends[0].y - ends[1].y).abs() > 12.0, "{ends:?}");
        let (door, _) = layout.door(0);
        assert!(ends.iter().all(|end| end.y < door.y - 10.0), "{door:?}");
    }

    #[test]
    fn the_address_stands_at_its_owner_or_between_the_two() {
        for flow in [FlowDirection::Across, FlowDirection::Down] {
            let layout = layout(flow);
            let spots = [AddressSpot::At(0), AddressSpot::Between, AddressSpot::At(1)];
            let [first, between, second] = spots.map(|spot| layout.address(spot));
            let order = |point: Point| match flow {
                FlowDirection::Across => point.y,
                FlowDirection::Down => point.x,
            };
            assert!(order(first) < order(between) && order(between) < order(second));
        }
    }

    #[test]
    fn path_data_is_the_path() {
        let mut path = Path::default();
        path.begin(Point { x: 1.0, y: 2.0 });
        path.line(Point { x: 3.0, y: 4.0 });
        assert_eq!(path_data(&path), "M1 2L3 4");
    }
}
