//! The layout of a picture: three columns, as high as the longest of them needs.

use crate::layout::{FlowDirection, Layout, Point, Rect, ServerSpot, Side};
use evenkeel_sim::engine::view::View;
use evenkeel_sim::ids::ServerId;

/// The width of every picture.
pub const WIDTH: f64 = 1_280.0;
/// The column of the clients; the height is that of one.
pub const CLIENT: Rect = Rect {
    x: 22.0,
    y: 0.0,
    width: 196.0,
    height: 44.0,
};
/// The column of the balancer.
pub const BALANCER: Rect = Rect {
    x: 408.0,
    y: 0.0,
    width: 272.0,
    height: 0.0,
};
/// The column of the servers; the height is that of one.
pub const SERVER: Rect = Rect {
    x: 872.0,
    y: 0.0,
    width: 386.0,
    height: 94.0,
};

/// The smallest distance between two clients.
const CLIENT_PITCH: f64 = 62.0;
/// The distance between two servers.
const SERVER_PITCH: f64 = 110.0;
/// The margin around the whole picture.
const MARGIN: f64 = 24.0;
/// The most clients or servers that are drawn; more are counted.
const MOST: usize = 12;
/// The most servers in the balancer's table.
pub const ROWS: usize = 6;
/// The height of the line that counts the others.
const LINE: f64 = 30.0;
/// The smallest height of a picture.
const LEAST: f64 = 300.0;

/// The positions of the parts of a picture.
pub struct PicturePlan {
    /// The height of the picture.
    pub height: f64,
    /// The middle of each client that is drawn.
    pub clients: Vec<f64>,
    /// The position and number of the clients that are not drawn; `None` if all are.
    pub more_clients: Option<(f64, usize)>,
    /// The card of the balancer.
    pub balancer: Rect,
    /// The card of each server that is drawn.
    pub servers: Vec<Rect>,
    /// The position and number of the servers that are not drawn; `None` if all are.
    pub more_servers: Option<(f64, usize)>,
}

impl PicturePlan {
    /// The plan of a scene.
    pub fn new(view: View<'_>) -> Self {
        let (clients, servers) = (view.clients().len(), view.members().count());
        let (few_clients, few_servers) = (clients.min(MOST), servers.min(MOST));
        let line = |all: usize, few: usize| if all > few { LINE } else { 0.0 };
        let rows = servers.clamp(1, ROWS) as f64;
        let balancer = 190.0 + 24.0 * rows + line(servers, ROWS);
        let left = few_clients as f64 * CLIENT_PITCH + line(clients, few_clients);
        let right = few_servers as f64 * SERVER_PITCH + line(servers, few_servers);
        let height = LEAST.max(left).max(right).max(balancer) + 2.0 * MARGIN;
        let inner = height - 2.0 * MARGIN;

        let free = inner - line(clients, few_clients);
        let pitch = free / few_clients.max(1) as f64;
        let client = |place: usize| MARGIN + pitch * (place as f64 + 0.5);
        let top = MARGIN + (inner - right) / 2.0 + (SERVER_PITCH - SERVER.height) / 2.0;
        let server = |place: usize| Rect {
            y: top + SERVER_PITCH * place as f64,
            ..SERVER
        };
        Self {
            height,
            clients: (0..few_clients).map(client).collect(),
            more_clients: (clients > few_clients)
                .then(|| (height - MARGIN - 8.0, clients - few_clients)),
            balancer: Rect {
                y: (height - balancer) / 2.0,
                height: balancer,
                ..BALANCER
            },
            servers: (0..few_servers).map(server).collect(),
            more_servers: (servers > few_servers)
                .then(|| (top + right - LINE + 4.0, servers - few_servers)),
        }
    }

    /// The layout for the code that draws between the cards.
    pub fn layout(&self, ids: impl Iterator<Item = ServerId>) -> Layout {
        let point = |x, y| Point { x, y };
        let spot = |(id, card): (ServerId, &Rect)| ServerSpot {
            id,
            door: point(card.x, card.y + card.height / 2.0),
            side: Side::Left,
            work: Rect {
                x: card.x + 44.0,
                y: card.y + 54.0,
                width: card.width - 58.0,
                height: 18.0,
            },
        };
        let mut layout = Layout {
            width: WIDTH,
            height: self.height,
            flow: FlowDirection::Across,
            clients: self
                .clients
                .iter()
                .map(|&y| point(CLIENT.x + CLIENT.width, y))
                .collect(),
            servers: ids.zip(&self.servers).map(spot).collect(),
            ..Layout::default()
        };
        layout.set_ports(self.balancer, &[]);
        layout
    }
}
