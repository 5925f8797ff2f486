//! Measures where the elements of the stage stand. The style sheet decides the positions.

use wasm_bindgen::JsCast;
use web_sys::{DomRect, Element};

use crate::scene::layout::{FlowDirection, Layout, Point, Rect, ServerSpot, Side};
use crate::sim::ids::ServerId;

/// Measures the stage, relative to the corner of the canvas.
pub fn measure(stage: &Element, canvas: &Element) -> Layout {
    let frame = canvas.get_bounding_client_rect();
    let place = |element: &Element| relative(&element.get_bounding_client_rect(), &frame);
    let Some(balancer) = find(stage, ".balancer").map(|element| place(&element)) else {
        return Layout::default();
    };
    let clients: Vec<Rect> = all(stage, ".client").iter().map(place).collect();
    let above = clients
        .iter()
        .all(|client| client.y + client.height <= balancer.y);
    let flow = if above {
        FlowDirection::Down
    } else {
        FlowDirection::Across
    };
    let cards: Vec<(ServerId, Rect, Rect)> = all(stage, ".server")
        .iter()
        .filter_map(|card| server(card, &place))
        .collect();
    let first = cards
        .first()
        .map_or_else(Rect::default, |(_, card, _)| *card);
    let side = |card: &Rect| match flow {
        FlowDirection::Across => Side::Left,
        // One column: the wires share a rail at its left.
        FlowDirection::Down
            if cards
                .iter()
                .all(|(_, other, _)| (other.x - first.x).abs() < 1.0) =>
        {
            if cards.len() == 1 {
                Side::Top
            } else {
                Side::Left
            }
        }
        FlowDirection::Down if (card.y - first.y).abs() < 1.0 => Side::Top,
        FlowDirection::Down if card.x > first.x + 1.0 => Side::Right,
        FlowDirection::Down => Side::Gutter,
    };
    let grid = find(stage, ".grid").map(|element| place(&element));
    let mut layout = Layout {
        width: frame.width(),
        height: frame.height(),
        flow,
        clients: clients
            .iter()
            .map(|client| match flow {
                FlowDirection::Across => {
                    point(client.x + client.width, client.y + client.height / 2.0)
                }
                FlowDirection::Down => {
                    point(client.x + client.width / 2.0, client.y + client.height)
                }
            })
            .collect(),
        servers: cards
            .iter()
            .map(|(id, card, work)| {
                let side = side(card);
                ServerSpot {
                    id: *id,
                    door: door(card, side),
                    side,
                    work: *work,
                }
            })
            .collect(),
        grid,
        ..Layout::default()
    };
    let rows: Vec<f64> = all(stage, ".balancer tbody tr")
        .iter()
        .map(place)
        .filter(|row| row.height > 0.0)
        .map(|row| row.y + row.height / 2.0)
        .collect();
    layout.set_ports(balancer, &rows);
    layout
}

/// The point where a wire meets a card.
fn door(card: &Rect, side: Side) -> Point {
    let (x, y) = (card.x + card.width / 2.0, card.y + card.height / 2.0);
    match side {
        Side::Left | Side::Gutter => point(card.x, y),
        Side::Top => point(x, card.y),
        Side::Right => point(card.x + card.width, y),
    }
}

/// The server of a card, the rectangle of the card, and that of the strip where its workers are drawn.
fn server(card: &Element, place: &impl Fn(&Element) -> Rect) -> Option<(ServerId, Rect, Rect)> {
    let id = card.get_attribute("data-server")?.parse().ok()?;
    let own = place(card);
    let work = find(card, ".work").map_or(own, |strip| place(&strip));
    Some((ServerId(id), own, work))
}

fn relative(rect: &DomRect, frame: &DomRect) -> Rect {
    Rect {
        x: rect.left() - frame.left(),
        y: rect.top() - frame.top(),
        width: rect.width(),
        height: rect.height(),
    }
}

const fn point(x: f64, y: f64) -> Point {
    Point { x, y }
}

fn find(within: &Element, selector: &str) -> Option<Element> {
    within.query_selector(selector).ok().flatten()
}

fn all(within: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = within.query_selector_all(selector) else {
        return Vec::new();
    };
    (0..found.length())
        .filter_map(|place| found.get(place)?.dyn_into().ok())
        .collect()
}
