//! Where things stand on the stage: measured from the page, read by whoever draws between them.

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
    pub flow: Flow,
    /// Where each client's wire begins, in the order of the clients.
    pub clients: Vec<Point>,
    /// Where the clients' wires end.
    pub balancer_in: Point,
    /// Where the servers' wires begin.
    pub balancer_out: Point,
    /// The servers, in configuration order.
    pub servers: Vec<ServerSpot>,
    /// Where many servers stand as a grid; `None` where each has a card.
    pub grid: Option<Rect>,
    /// The server of the grid that has a card as well.
    pub chosen: Option<ServerId>,
}

/// The direction of the requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flow {
    /// From left to right.
    #[default]
    Across,
    /// From top to bottom: wires run down a rail at the left edge and branch right to each server.
    Down,
}

/// Where one server stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServerSpot {
    /// Which.
    pub id: ServerId,
    /// Where its wire ends.
    pub door: Point,
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
