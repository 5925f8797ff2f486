//! The geometry of the map: where its places stand on the page, and the arcs between them. The lines that the page
//! draws and the marks that fly along them come from the same [`Arc`].

use super::layout::Point;
use super::path::PathPoint;
use super::svg::PathData;
use super::world_answers::ClientAnswers;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::gslb::geo::City;
use evenkeel_sim::ids::{ClientId, SiteId};
use evenkeel_words::scene_text;

/// The part of the map in which all cities are, in map units: left, top, width and height. What lies beyond is seen
/// where there is room.
const SEEN: (f64, f64, f64, f64) = (96.0, 22.0, 596.0, 230.0);
/// How much higher a degree of latitude may be drawn than one of longitude is wide, in a high place. Common maps
/// (Miller's, Mercator's) stretch the latitudes of most cities as much.
const STRETCH: f64 = 1.5;
/// The width of a map on which dots have their full size, in pixels.
const FULL: f64 = 1_000.0;
/// How far the middle of an arc is from the straight line, as a share of the line's length.
const BEND: f64 = 1.0 / 6.0;

/// The position of a city on the map.
#[must_use]
pub fn project(city: &City) -> (f64, f64) {
    ((city.lon + 180.0) * 2.0, (78.0 - city.lat) * 2.0)
}

/// How the map lies in its place on the page: as large as it fits, in the middle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MapFit {
    /// Pixels per map unit, from left to right and from top to bottom.
    pub scale: (f64, f64),
    /// The distance from the place's left edge to the map's, in pixels.
    pub left: f64,
    /// The distance from the place's upper edge to the map's, in pixels.
    pub top: f64,
}

impl MapFit {
    /// The map in a place of this width and height, in pixels.
    #[must_use]
    pub fn new((width, height): (f64, f64)) -> Self {
        let (left, top, wide, high) = SEEN;
        let across = (width / wide).min(height / high).max(0.0);
        let down = (height / high).clamp(across, across * STRETCH);
        Self {
            scale: (across, down),
            left: (width - wide * across) / 2.0 - left * across,
            top: (height - high * down) / 2.0 - top * down,
        }
    }

    /// Where a place of the map is on the page, in pixels.
    #[must_use]
    pub fn at(&self, (x, y): (f64, f64)) -> Point {
        Point {
            x: self.left + x * self.scale.0,
            y: self.top + y * self.scale.1,
        }
    }

    /// Where a city is on the page, in pixels.
    #[must_use]
    pub fn city(&self, city: &City) -> Point {
        self.at(project(city))
    }

    /// The size of dots and marks as a share of their full size.
    #[must_use]
    pub fn unit(&self) -> f64 {
        (self.scale.0 * SEEN.2 / FULL).clamp(0.55, 1.15)
    }

    /// The SVG transform from map units to pixels.
    #[must_use]
    pub fn transform(&self) -> String {
        let Self { scale, left, top } = self;
        let (across, down) = scale;
        format!("translate({left:.2} {top:.2}) scale({across:.4} {down:.4})")
    }
}

/// A quadratic Bézier curve between two places, in pixels. It bends to the north, from both ends alike.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Arc {
    /// The start of the arc.
    pub from: Point,
    /// The point that both ends aim at.
    pub control: Point,
    /// The end of the arc.
    pub to: Point,
}

impl Arc {
    /// The arc between two places.
    #[must_use]
    pub fn between(from: Point, to: Point) -> Self {
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        // The normal that points up the map, whichever end the arc begins at.
        let north = if dx < 0.0 || (dx == 0.0 && dy < 0.0) {
            -1.0
        } else {
            1.0
        };
        Self {
            from,
            control: Point {
                x: from.x + dx / 2.0 + dy * north * BEND,
                y: from.y + dy / 2.0 - dx * north * BEND,
            },
            to,
        }
    }

    /// The same arc bent to the other side.
    #[must_use]
    pub fn mirrored(self) -> Self {
        let middle = |a: f64, b: f64| (a + b) / 2.0;
        let (x, y) = (
            middle(self.from.x, self.to.x),
            middle(self.from.y, self.to.y),
        );
        Self {
            control: Point {
                x: 2.0 * x - self.control.x,
                y: 2.0 * y - self.control.y,
            },
            ..self
        }
    }

    /// The point at `t` of the arc, 0 to 1, and the direction there.
    #[must_use]
    pub fn at(&self, t: f64) -> PathPoint {
        let rest = 1.0 - t;
        let mix = |a: f64, b: f64, c: f64| rest * rest * a + 2.0 * rest * t * b + t * t * c;
        let slope = |a: f64, b: f64, c: f64| rest * (b - a) + t * (c - b);
        let (dx, dy) = (
            slope(self.from.x, self.control.x, self.to.x),
            slope(self.from.y, self.control.y, self.to.y),
        );
        let length = libm::hypot(dx, dy).max(f64::MIN_POSITIVE);
        PathPoint {
            at: Point {
                x: mix(self.from.x, self.control.x, self.to.x),
                y: mix(self.from.y, self.control.y, self.to.y),
            },
            along: Point {
                x: dx / length,
                y: dy / length,
            },
        }
    }

    /// The distance between its ends in pixels.
    #[must_use]
    pub fn span(&self) -> f64 {
        libm::hypot(self.to.x - self.from.x, self.to.y - self.from.y)
    }

    /// The arc as SVG path data.
    #[must_use]
    pub fn data(&self) -> String {
        let mut data = PathData::default();
        data.move_to(self.from.x, self.from.y);
        data.bend_to((self.control.x, self.control.y), (self.to.x, self.to.y));
        data.into()
    }
}

/// A city with users: one dot of the map.
#[derive(Clone, Debug, PartialEq)]
pub struct UserCity {
    /// The name of the city.
    pub name: String,
    /// The position on the map, in map units.
    pub at: (f64, f64),
    /// The clients whose users are there.
    pub clients: Vec<ClientId>,
    /// The site in the same city; `None` if there is none.
    pub site: Option<SiteId>,
}

/// The cities with users, in the order in which the scenario names them.
#[must_use]
pub fn user_cities(view: View<'_>) -> Vec<UserCity> {
    let edge = view.topology();
    let mut found: Vec<(&str, UserCity)> = Vec::new();
    for (place, city) in edge.cities.iter().enumerate() {
        let Some(city) = city else { continue };
        let client = ClientId(place as u32);
        if let Some((_, one)) = found.iter_mut().find(|(key, _)| *key == city.key) {
            one.clients.push(client);
            continue;
        }
        let here = |site: &evenkeel_sim::engine::topology::Site| {
            site.city.is_some_and(|there| there.key == city.key)
        };
        let site = edge.sites.iter().position(here);
        found.push((
            city.key,
            UserCity {
                name: scene_text(city.name),
                at: project(city),
                clients: vec![client],
                site: site.map(|place| SiteId(place as u32)),
            },
        ));
    }
    found.into_iter().map(|(_, one)| one).collect()
}

/// The users of one city that are sent to one site.
#[derive(Clone, Debug, PartialEq)]
pub struct UserFlow {
    /// The position of the city, in map units.
    pub from: (f64, f64),
    /// The position of the site, in map units.
    pub to: (f64, f64),
    /// The site that the users are sent to.
    pub site: SiteId,
    /// Their share of all users, in thousandths.
    pub users: u32,
    /// Whether no balancer answers there.
    pub astray: bool,
}

/// The users who are sent from each city to each site elsewhere.
#[must_use]
pub fn flows(view: View<'_>, cities: &[UserCity], answers: &[ClientAnswers]) -> Vec<UserFlow> {
    let edge = view.topology();
    let all: u64 = answers.iter().map(|one| u64::from(one.share)).sum();
    let mut flows = Vec::new();
    for city in cities {
        for (place, site) in edge.sites.iter().enumerate() {
            let id = SiteId(place as u32);
            let Some(to) = site.city.map(project).filter(|to| *to != city.at) else {
                continue;
            };
            let theirs = city
                .clients
                .iter()
                .filter_map(|one| answers.get(one.index()));
            let sum: u64 = theirs
                .map(|one| u64::from(one.share) * u64::from(one.part(id)))
                .sum();
            if sum > 0 {
                flows.push(UserFlow {
                    from: city.at,
                    to,
                    site: id,
                    users: (sum / all.max(1)) as u32,
                    astray: edge.is_unreachable(id),
                });
            }
        }
    }
    flows
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACES: [(f64, f64); 4] = [(40.0, 30.0), (300.0, 90.0), (300.0, 200.0), (10.0, 200.0)];

    #[test]
    fn an_arc_is_the_same_line_from_both_ends() {
        for a in PLACES {
            for b in PLACES.into_iter().filter(|b| *b != a) {
                let [a, b] = [a, b].map(|(x, y)| Point { x, y });
                let (there, back) = (Arc::between(a, b), Arc::between(b, a));
                for step in 0..=10 {
                    let t = f64::from(step) / 10.0;
                    let (one, other) = (there.at(t).at, back.at(1.0 - t).at);
                    assert!(libm::hypot(one.x - other.x, one.y - other.y) < 1e-9);
                }
                assert_eq!((there.at(0.0).at, there.at(1.0).at), (a, b));
                // It bends up the map, and its mirror image down.
                let straight = (a.y + b.y) / 2.0;
                if a.x != b.x {
                    assert!(there.at(0.5).at.y < straight);
                    assert!(there.mirrored().at(0.5).at.y > straight);
                }
            }
        }
    }

    #[test]
    fn the_map_fits_any_place_whole() {
        for size in [(1_240.0, 470.0), (300.0, 110.0), (700.0, 700.0)] {
            let fit = MapFit::new(size);
            let (left, top, wide, high) = SEEN;
            for corner in [(left, top), (left + wide, top + high)] {
                let at = fit.at(corner);
                assert!(at.x > -1e-6 && at.x < size.0 + 1e-6, "{at:?} in {size:?}");
                assert!(at.y > -1e-6 && at.y < size.1 + 1e-6, "{at:?} in {size:?}");
            }
        }
    }
}
