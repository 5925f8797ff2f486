//! Where the elements of the stage stand. The style sheet decides that; this only looks.

use wasm_bindgen::JsCast;
use web_sys::{DomRect, Element};

use crate::scene::layout::{Flow, Layout, Point, Rect, ServerSpot};
use crate::sim::ids::ServerId;

/// How far left of the servers the wires run down where the stage is narrow.
const RAIL: f64 = 14.0;

/// Measures the stage from the canvas's corner.
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
    let flow = if above { Flow::Down } else { Flow::Across };
    let servers: Vec<ServerSpot> = all(stage, ".server")
        .iter()
        .filter_map(|card| spot(card, &place))
        .collect();
    let rail = servers.first().map_or(RAIL, |first| first.door.x - RAIL);
    let (middle_x, middle_y) = (
        balancer.x + balancer.width / 2.0,
        balancer.y + balancer.height / 2.0,
    );
    let bottom = balancer.y + balancer.height;
    let grid = find(stage, ".grid").map(|element| place(&element));
    Layout {
        width: frame.width(),
        height: frame.height(),
        flow,
        clients: clients
            .iter()
            .map(|client| match flow {
                Flow::Across => point(client.x + client.width, client.y + client.height / 2.0),
                Flow::Down => point(client.x + client.width / 2.0, client.y + client.height),
            })
            .collect(),
        balancer_in: match flow {
            Flow::Across => point(balancer.x, middle_y),
            Flow::Down => point(middle_x, balancer.y),
        },
        balancer_out: match flow {
            Flow::Across => point(balancer.x + balancer.width, middle_y),
            Flow::Down if grid.is_some() => point(middle_x, bottom),
            Flow::Down => point(rail, bottom),
        },
        servers,
        grid,
        chosen: None,
    }
}

fn spot(card: &Element, place: &impl Fn(&Element) -> Rect) -> Option<ServerSpot> {
    let id = card.get_attribute("data-server")?.parse().ok()?;
    let own = place(card);
    let work = find(card, ".work").map_or(own, |strip| place(&strip));
    Some(ServerSpot {
        id: ServerId(id),
        door: point(own.x, own.y + own.height / 2.0),
        work,
    })
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
