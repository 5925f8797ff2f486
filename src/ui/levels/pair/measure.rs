//! Measures where the parts of the picture stand. The style sheet decides the positions.

use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::scene::layout::{FlowDirection, Rect};
use crate::scene::pair::layout::PairLayout;
use crate::sim::ids::ServerId;

/// The distance between an address and the name of the balancer that owns it, in CSS pixels.
const GAP: f64 = 3.0;

/// Measures the picture, relative to its corner.
pub fn measure(picture: &Element) -> PairLayout {
    let frame = picture.get_bounding_client_rect();
    let place = |element: &Element| {
        let rect = element.get_bounding_client_rect();
        Rect {
            x: rect.left() - frame.left(),
            y: rect.top() - frame.top(),
            width: rect.width(),
            height: rect.height(),
        }
    };
    let numbered = |selector: &str, name: &str| -> Vec<(u32, Rect)> {
        let number = |element: &Element| element.get_attribute(name)?.parse().ok();
        let found = all(picture, selector);
        let found = found
            .iter()
            .filter_map(|one| Some((number(one)?, place(one))));
        found.filter(|(_, place)| place.width > 0.0).collect()
    };
    let clients = numbered(".pair-client", "data-client");
    let boxes: Vec<Rect> = all(picture, ".node").iter().map(place).collect();
    let head = all(picture, ".node h3").first().map(place);
    let head = head
        .zip(boxes.first())
        .map_or(0.0, |(head, own)| head.y - own.y - GAP);
    let above = |first: &Rect| clients.iter().all(|(_, one)| one.y + one.height <= first.y);
    let flow = match boxes.first() {
        Some(first) if !clients.is_empty() && above(first) => FlowDirection::Down,
        _ => FlowDirection::Across,
    };
    let servers = numbered(".pair-server", "data-server");
    PairLayout {
        width: frame.width(),
        height: frame.height(),
        flow,
        clients: clients
            .into_iter()
            .map(|(index, place)| (index as usize, place))
            .collect(),
        boxes,
        head,
        servers: servers
            .into_iter()
            .map(|(id, place)| (ServerId(id), place))
            .collect(),
    }
}

fn all(within: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = within.query_selector_all(selector) else {
        return Vec::new();
    };
    (0..found.length())
        .filter_map(|place| found.get(place)?.dyn_into().ok())
        .collect()
}
