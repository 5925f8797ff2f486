//! Too many requests to draw each: the number on each wire instead.

use super::layout::Point;
use super::shape::{Scene, Stream};
use evenkeel_sim::engine::request::Phase;
use evenkeel_sim::engine::view::View;

/// Draws one flow for each client, and one between balancer and servers.
pub(super) fn flows(view: View<'_>, scene: &mut Scene) {
    let layout = scene.wires.layout();
    let (entrance, exit) = (layout.balancer_in, layout.balancer_out);
    let beyond = layout.grid.map(|grid| Point {
        x: grid.x,
        y: exit.y.clamp(grid.y, grid.y + grid.height),
    });
    let beyond = beyond.or_else(|| layout.servers.first().map(|spot| spot.door));
    let clients = layout.clients.len();
    scene
        .streams
        .extend(layout.clients.iter().map(|from| Stream {
            at: middle(*from, entrance),
            from: *from,
            to: entrance,
            count: 0,
        }));
    let mut inside = 0;
    for (_, request) in view.requests().filter(|(_, one)| view.is_here(one)) {
        match request.phase {
            Phase::ToBalancer(_) | Phase::ToClient(..) | Phase::Connecting { .. } => {
                let client = request.draw.client.index();
                if client < clients {
                    scene.streams[client].count += 1;
                }
            }
            Phase::ToServer(_) | Phase::FromServer(..) | Phase::Dialling(_) => inside += 1,
            _ => {}
        }
    }
    if let Some(to) = beyond {
        scene.streams.push(Stream {
            at: middle(exit, to),
            from: exit,
            to,
            count: inside,
        });
    }
}

const fn middle(a: Point, b: Point) -> Point {
    Point {
        x: f64::midpoint(a.x, b.x),
        y: f64::midpoint(a.y, b.y),
    }
}
