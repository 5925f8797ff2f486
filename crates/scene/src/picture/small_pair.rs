//! The balancers of a site as a small picture: clients, boxes with the address that clients know, servers, and what
//! moves between them. It has the classes of [`small`](super::small).

use super::fit::{cut, room, wrap};
use super::marks;
use super::styled;
use crate::layout::{FlowDirection, Rect};
use crate::pair::addresses::{AddressLook, ClientWire, addresses, clients};
use crate::pair::layout::{PairLayout, path_data};
use crate::pair::marks::PairFlights;
use crate::pair::missed::missed;
use crate::pair::servers::{ServerWire, servers};
use crate::pair::story::{description, headline};
use crate::pair::{NodeView, picture};
use crate::shape::Scene;
use crate::svg::{SvgWriter, number};
use evenkeel_sim::engine::view::View;
use evenkeel_sim::ids::SiteId;

/// The width of the picture, and its height without the headline.
pub const SIZE: (f64, f64) = (410.0, 206.0);
/// Where the clients' wires begin.
const CLIENTS: f64 = 34.0;
/// A box: from the left, width, height.
const BOX: (f64, f64, f64) = (106.0, 150.0, 58.0);
/// The room above a box's text, where the address stands.
const HEAD: f64 = 9.0;
/// A server's card: from the left, width, height.
const SERVER: (f64, f64, f64) = (318.0, 84.0, 34.0);
/// The height of a line of the headline.
const LINE: f64 = 15.0;

/// The positions of the parts.
pub fn layout(view: View<'_>, id: SiteId, top: f64) -> PairLayout {
    let rows = clients(view, id);
    let (behind, _) = servers(view, id);
    let boxes = picture(view, id).map_or(0, |all| all.boxes.len());
    let middle = top + SIZE.1 / 2.0;
    let column = |count: usize, pitch: f64, place: usize| {
        middle + pitch * (place as f64 - (count as f64 - 1.0) / 2.0)
    };
    let client = |(place, row): (usize, &crate::pair::addresses::ClientRow)| {
        let pitch = (SIZE.1 / rows.len() as f64).min(44.0);
        let y = column(rows.len(), pitch, place);
        (row.index, rect(CLIENTS - 22.0, y - 11.0, 22.0, 22.0))
    };
    let server = |(place, row): (usize, &crate::pair::servers::ServerRow)| {
        let pitch = (SIZE.1 / behind.len() as f64).min(52.0);
        let y = column(behind.len(), pitch, place) - SERVER.2 / 2.0;
        (row.id, rect(SERVER.0, y, SERVER.1, SERVER.2))
    };
    let own = |place: usize| {
        let y = column(boxes, 104.0, place) - BOX.2 / 2.0 + HEAD / 2.0;
        rect(BOX.0, y, BOX.1, BOX.2)
    };
    PairLayout {
        width: SIZE.0,
        height: top + SIZE.1,
        flow: FlowDirection::Across,
        clients: rows.iter().enumerate().map(client).collect(),
        boxes: (0..boxes).map(own).collect(),
        head: HEAD,
        servers: behind.iter().enumerate().map(server).collect(),
    }
}

const fn rect(x: f64, y: f64, width: f64, height: f64) -> Rect {
    Rect {
        x,
        y,
        width,
        height,
    }
}

/// The lines of the headline.
pub fn headline_of(view: View<'_>, id: SiteId) -> Vec<String> {
    let said = headline(view, id);
    let mut text = format!("{} {}", said.state, said.since);
    for cost in &said.costs {
        text += &format!(" · {cost}");
    }
    wrap(&text, room(SIZE.0 - 20.0, 12.0), 2)
}

/// Draws what stands still: the headline, the wires, and the cards.
pub fn cards(
    view: View<'_>,
    id: SiteId,
    flights: &PairFlights,
    lines: &[String],
    svg: &mut SvgWriter,
) {
    for (place, line) in lines.iter().enumerate() {
        styled::text(svg, "s soft", (10.0, 16.0 + LINE * place as f64), line);
    }
    wires(view, id, flights, svg);
    let layout = flights.wires().layout();
    for (row, (_, place)) in clients(view, id).iter().zip(&layout.clients) {
        let at = (place.x + 11.0, place.y + 11.0);
        styled::circle(svg, "bold", at, 11.0);
        styled::text(svg, "s c", (at.0, at.1 + 4.0), &cut(&row.name, 2));
    }
    for (row, own) in picture(view, id)
        .iter()
        .flat_map(|all| &all.boxes)
        .zip(&layout.boxes)
    {
        let (class, tone) = match row.look {
            NodeView::Works => ("bold", "healthy"),
            NodeView::Waits => ("box resting", "draining"),
            NodeView::Stopped => ("box resting", "degraded"),
            NodeView::Dead => ("box gone", "down"),
        };
        styled::rect(svg, class, (own.x, own.y), (own.width, own.height), 10.0);
        styled::text(svg, "b", (own.x + 12.0, own.y + 31.0), &row.name);
        let word = cut(&row.word, room(own.width - 24.0, 12.0));
        styled::text(
            svg,
            &format!("s {tone}"),
            (own.x + 12.0, own.y + 48.0),
            &word,
        );
    }
    for (row, (id, place)) in servers(view, id).0.iter().zip(&layout.servers) {
        styled::rect(
            svg,
            "box",
            (place.x, place.y),
            (place.width, place.height),
            8.0,
        );
        let hue = format!("b s{}", id.0 % 8);
        styled::text(
            svg,
            &hue,
            (place.x + 10.0, place.y + 22.0),
            &cut(&row.name, 3),
        );
        let (text, class) = if row.word.is_empty() {
            (&row.percent, "s r")
        } else {
            (&row.word, "t r down")
        };
        let text = cut(text, room(place.width - 32.0, 11.0));
        styled::text(
            svg,
            class,
            (place.x + place.width - 8.0, place.y + 22.0),
            &text,
        );
    }
    for pill in addresses(view, id) {
        let at = layout.address(pill.spot);
        let tone = match pill.look {
            AddressLook::Held => "f focus",
            AddressLook::Claimed => "h focus",
            AddressLook::Vacant => "h down",
        };
        let width = 6.6 * pill.text.chars().count() as f64 + 14.0;
        styled::rect(svg, tone, (at.x, at.y - 17.0), (width, 17.0), 8.0);
        let class = if pill.look == AddressLook::Held {
            "t card"
        } else {
            "t"
        };
        styled::text(svg, class, (at.x + 7.0, at.y - 5.0), &pill.text);
    }
}

fn wires(view: View<'_>, id: SiteId, flights: &PairFlights, svg: &mut SvgWriter) {
    let all = flights.wires();
    for (client, row) in clients(view, id).iter().enumerate() {
        for (node, wire) in row.wires.iter().enumerate() {
            let class = match wire {
                ClientWire::Off => continue,
                ClientWire::On => "wire edge",
                ClientWire::Broken | ClientWire::Old => "wire down broken",
            };
            draw(all.client(client, node), class, svg);
        }
    }
    for (server, row) in servers(view, id).0.iter().enumerate() {
        for (node, wire) in row.wires.iter().enumerate() {
            let class = match wire {
                ServerWire::Off => continue,
                ServerWire::On => "wire edge",
                ServerWire::Broken => "wire down broken",
            };
            draw(all.server(node, server), class, svg);
        }
    }
    if let Some(up) = picture(view, id).and_then(|all| all.link_up) {
        let class = if up { "wire focus" } else { "wire down broken" };
        draw(Some(all.link()), class, svg);
        let said = missed(view, id).text;
        let at = all.link().at(0.5).at;
        for (place, line) in wrap(&said, 12, 3).iter().enumerate() {
            styled::text(
                svg,
                "t soft",
                (at.x + 10.0, at.y - 6.0 + 11.0 * place as f64),
                line,
            );
        }
    }
}

fn draw(path: Option<&crate::path::Path>, class: &str, svg: &mut SvgWriter) {
    if let Some(path) = path {
        styled::path(svg, class, &path_data(path)).end();
    }
}

/// The whole picture of a site's balancers.
pub fn still(view: View<'_>, id: SiteId) -> String {
    let lines = headline_of(view, id);
    let mut flights = PairFlights::default();
    let top = 8.0 + LINE * lines.len() as f64;
    flights.lay(&layout(view, id, top));
    let mut scene = Scene::default();
    flights.draw(view, id, crate::build::Motion::Flying, &mut scene);
    let mut writer = SvgWriter::default();
    let view_box = format!("0 0 {} {}", number(SIZE.0), number(top + SIZE.1));
    let picture = writer.element("svg").attr("class", "picture");
    let picture = picture.attr("viewBox", view_box).attr("role", "img");
    picture
        .attr("aria-label", description(view, id))
        .hold(|svg| {
            cards(view, id, &flights, &lines, svg);
            marks::marks(&scene, svg);
        });
    writer.finish()
}
