//! The world as a small picture: land, sites, cities, and the requests between them. It has the classes of
//! [`small`](super::small).

use super::fit::{cut, room, wrap};
use super::marks;
use super::styled;
use crate::build::Motion;
use crate::shape::Scene;
use crate::svg::{SvgWriter, number};
use crate::world::SiteState;
use crate::world_layout::{RADII, StillMap};
use crate::world_map::{Arc, MapFit};
use crate::world_picture::{WorldPicture, picture};
use crate::world_traffic::{WorldTraffic, drawn_one_in};
use evenkeel_sim::engine::view::View;

/// The width of the picture, and the height of the map.
const SIZE: (f64, f64) = (410.0, 190.0);
/// The height of a line of the headline, and of the line under the map.
const LINE: f64 = 15.0;

/// The requests on the map, followed through a run; a request is drawn where it was by a slower clock.
#[derive(Debug, Default)]
pub struct Followed(WorldTraffic);

impl Followed {
    /// Takes in the run as it is now.
    pub fn follow(&mut self, view: View<'_>) {
        self.0.follow(view, drawn_one_in(view, SIZE.0));
    }

    /// Fills a scene with the requests.
    pub fn draw(&self, view: View<'_>, size: (f64, f64), scene: &mut Scene) {
        scene.clear();
        self.0.draw(view, &MapFit::new(size), Motion::Flying, scene);
    }
}

/// Draws what stands still on the map; `names` for the names of the sites.
pub fn map(
    view: View<'_>,
    now: &WorldPicture,
    land: &str,
    size: (f64, f64),
    names: bool,
    svg: &mut SvgWriter,
) {
    let fit = MapFit::new(size);
    let unit = fit.unit();
    let still = StillMap::new(view);
    styled::path(svg, "land", land)
        .attr("transform", fit.transform())
        .end();
    for flow in &now.flows {
        let arc = Arc::between(fit.at(flow.from), fit.at(flow.to));
        let class = if flow.astray {
            "wire down broken".to_string()
        } else {
            format!("wire s{}", flow.site.0 % 8)
        };
        styled::path(svg, &class, &arc.data())
            .attr("opacity", "0.6")
            .end();
    }
    for (city, state) in still.cities.iter().zip(&now.cities) {
        let at = fit.at(city.at);
        let hue = state
            .main
            .map_or("soft".to_string(), |site| format!("s{}", site.0 % 8));
        if city.site.is_none() {
            styled::circle(svg, &format!("f {hue}"), (at.x, at.y), 5.0 * unit);
        }
    }
    let edge = view.topology();
    let placed = edge.sites.iter().zip(&now.sites).enumerate();
    for (place, (site, row)) in placed {
        let Some(city) = site.city else { continue };
        let at = fit.city(city);
        let half = (RADII.0 - 7.0) * unit;
        let dark = row.state == SiteState::Dark;
        let class = if dark {
            "h down".to_string()
        } else {
            format!("f s{}", place % 8)
        };
        styled::rect(
            svg,
            &class,
            (at.x - half, at.y - half),
            (2.0 * half, 2.0 * half),
            4.0 * unit,
        );
        if dark {
            styled::drawn(svg, "l down", 1.0, |data| {
                data.cross(at.x, at.y, half * 0.6);
            });
        }
    }
    if names {
        for name in still.names(size, None) {
            let class = name.site.map_or("t soft c".to_string(), |site| {
                format!("t c b s{}", site.0 % 8)
            });
            let at = (
                name.rect.x + name.rect.width / 2.0,
                name.rect.y + name.rect.height - 4.0,
            );
            styled::text(svg, &class, at, &name.text);
        }
    }
}

/// The whole picture, of a run that was followed.
pub fn still(view: View<'_>, followed: &Followed, land: &str) -> String {
    let now = picture(view);
    let said = format!("{} {}", now.headline.said, now.headline.lost);
    let lines = wrap(&said, room(SIZE.0 - 20.0, 12.0), 2);
    let top = 8.0 + LINE * lines.len() as f64;
    let height = top + SIZE.1 + LINE * now.sites.len() as f64 + 8.0;
    let mut scene = Scene::default();
    followed.draw(view, SIZE, &mut scene);
    let mut writer = SvgWriter::default();
    let view_box = format!("0 0 {} {}", number(SIZE.0), number(height));
    let drawn = writer.element("svg").attr("class", "picture");
    let drawn = drawn.attr("viewBox", view_box).attr("role", "img");
    drawn
        .attr("aria-label", now.description.as_str())
        .hold(|svg| {
            for (place, line) in lines.iter().enumerate() {
                styled::text(svg, "s soft", (10.0, 16.0 + LINE * place as f64), line);
            }
            let moved = format!("translate(0 {})", number(top));
            svg.element("g").attr("transform", moved).hold(|svg| {
                map(view, &now, land, SIZE, true, svg);
                marks::marks(&scene, svg);
            });
            for (place, row) in now.sites.iter().enumerate() {
                let text = crate::world_picture::site_line(row, now.anycast);
                let y = top + SIZE.1 + LINE * (place as f64 + 1.0);
                styled::text(svg, "s", (10.0, y), &cut(&text, room(SIZE.0 - 20.0, 12.0)));
            }
        });
    writer.finish()
}
