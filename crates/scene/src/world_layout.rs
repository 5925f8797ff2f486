//! Where the cards of sites and the names of cities stand on the map of a scene, for a size of the page.

use super::layout::{Point, Rect};
use super::world_map::{Arc, MapFit, UserCity, project, user_cities};
use super::world_places::{Beside, Surroundings, place_boxes};
use evenkeel_sim::engine::view::View;
use evenkeel_sim::fleet::spec::ClientSpec;
use evenkeel_sim::ids::{ClientId, SiteId};
use evenkeel_words::scene_text;

/// The size of a card on a large map and on a small one, in pixels.
pub const CARDS: [(f64, f64); 2] = [(200.0, 92.0), (146.0, 72.0)];
/// From this size of the view on, the large cards are used, and from which on cards stand on the map at all.
const ROOM: [(f64, f64); 2] = [(1_000.0, 420.0), (660.0, 230.0)];
/// How far the head reaches into the map where cards stand on it: on a wide view and on others, in pixels.
const HEADS: (f64, f64) = (34.0, 30.0);
/// How far below the view's upper edge the map begins where the head has two lines, in pixels.
const LEDGE: f64 = 18.0;
/// From this width on the head has one line.
const ONE_LINE: f64 = 1_000.0;
/// The height of the foot of the view, in pixels, at most.
const FOOT: f64 = 42.0;
/// The width of a map from which on the cities of users have their names on it, in pixels.
const NAMED: f64 = 620.0;
/// The distances from a city to its card and to its name, in pixels.
const CARD_GAPS: [f64; 9] = [4.0, 12.0, 22.0, 32.0, 44.0, 60.0, 80.0, 110.0, 150.0];
const NAME_GAPS: [f64; 2] = [2.0, 8.0];
/// The size of a name in pixels: the width of a letter on average, and the height of a line.
const LETTER: (f64, f64) = (6.4, 15.0);
/// The radius of a site's square with the ring of its city's users, and of a city's dot with its ring, at full size.
pub const RADII: (f64, f64) = (17.0, 9.0);

/// The position of a client, that of the site nearest to it, and the client's share of the traffic in thousandths.
type NearestSite = ((f64, f64), (f64, f64), u32);

/// What of the scene stands still on the map.
#[derive(Clone, Debug, PartialEq)]
pub struct StillMap {
    /// The name and the position of each site.
    sites: Vec<(String, (f64, f64))>,
    /// The cities of users.
    pub cities: Vec<UserCity>,
    /// From each client to the site nearest to it, with its share of the traffic in thousandths.
    nearest: Vec<NearestSite>,
}

/// A name on the map.
#[derive(Clone, Debug, PartialEq)]
pub struct MapName {
    /// The name that is written on the map.
    pub text: String,
    /// Where it stands, in pixels.
    pub rect: Rect,
    /// The site that it is the name of; `None` for a city of users.
    pub site: Option<SiteId>,
}

impl StillMap {
    /// The still things of a scene.
    #[must_use]
    pub fn new(view: View<'_>) -> Self {
        let edge = view.topology();
        let sites = edge.sites.iter();
        let sites: Vec<_> = sites
            .filter_map(|site| Some((scene_text(&site.name), project(site.city?))))
            .collect();
        let clients = view.scenario().clients.iter();
        let all: u64 = clients.clone().map(|one| u64::from(one.share)).sum();
        let line = |(place, spec): (usize, &ClientSpec)| {
            let from = edge.cities[place].map(project)?;
            let ids = (0..edge.sites.len() as u32).map(SiteId);
            let client = ClientId(place as u32);
            let nearest = ids.min_by_key(|id| edge.path_latency(client, *id))?;
            let to = edge.site(nearest).city.map(project)?;
            let share = u64::from(spec.share) * 1_000 / all.max(1);
            Some((from, to, share as u32))
        };
        Self {
            nearest: clients.enumerate().filter_map(line).collect(),
            cities: user_cities(view),
            sites,
        }
    }

    /// The size of the cards in a view of this size; `None` where they have no room on the map. It is asked of the view,
    /// whose size does not follow from the answer, as that of the map does.
    #[must_use]
    pub fn card_size(&self, (width, height): (f64, f64)) -> Option<(f64, f64)> {
        let room = ROOM.iter().zip(CARDS);
        let mut fits = room
            .filter(|((least_width, least_height), _)| {
                width >= *least_width && height >= *least_height
            })
            .map(|(_, size)| size);
        fits.find(|size| self.cards(map_in((width, height)), *size).is_some())
    }

    /// The place of each site's card on a map of this size; `None` where not all of them have room.
    #[must_use]
    pub fn cards(&self, map: (f64, f64), size: (f64, f64)) -> Option<Vec<Rect>> {
        let fit = MapFit::new(map);
        let beside = |at: (f64, f64)| Beside {
            at: fit.at(at),
            radius: RADII.0 * fit.unit(),
            size,
        };
        let boxes: Vec<Beside> = self.sites.iter().map(|(_, at)| beside(*at)).collect();
        let placed = place_boxes(
            &boxes,
            &CARD_GAPS,
            &self.surroundings(&fit, map, true, &[]).borrow(),
        );
        placed.into_iter().collect()
    }

    /// The names of cities that have room: those of sites where no card says them, those of users on a map that is
    /// wide.
    #[must_use]
    pub fn names(&self, map: (f64, f64), cards: Option<&[Rect]>) -> Vec<MapName> {
        let fit = MapFit::new(map);
        let unit = fit.unit();
        let sites = self.sites.iter().enumerate().filter(|_| cards.is_none());
        let sites = sites.map(|(place, (name, at))| {
            let radius = (RADII.0 - 4.0) * unit;
            (name.clone(), *at, radius, Some(SiteId(place as u32)))
        });
        let wide = map.0 >= NAMED;
        let cities = self.cities.iter().filter(|one| wide && one.site.is_none());
        let cities = cities.map(|one| (one.name.clone(), one.at, RADII.1 * unit, None));
        let shown: Vec<_> = sites.chain(cities).collect();
        let beside = |(name, at, radius, _): &(String, (f64, f64), f64, Option<SiteId>)| Beside {
            at: fit.at(*at),
            radius: *radius,
            size: (name.chars().count() as f64 * LETTER.0 + 4.0, LETTER.1),
        };
        let boxes: Vec<Beside> = shown.iter().map(beside).collect();
        let taken = cards.unwrap_or_default();
        let rects = place_boxes(
            &boxes,
            &NAME_GAPS,
            &self
                .surroundings(&fit, map, cards.is_some(), taken)
                .borrow(),
        );
        let named = shown.into_iter().zip(rects);
        named
            .filter_map(|((text, _, _, site), rect)| {
                let rect = rect?;
                Some(MapName { text, rect, site })
            })
            .collect()
    }

    /// What is on a map of this size; `over` where the head lies over it.
    fn surroundings<'a>(
        &self,
        fit: &MapFit,
        map: (f64, f64),
        over: bool,
        taken: &'a [Rect],
    ) -> Around<'a> {
        let unit = fit.unit();
        let sites = self.sites.iter().map(|(_, at)| (*at, RADII.0 * unit));
        let cities = self.cities.iter().map(|one| (one.at, RADII.1 * unit));
        let dots = sites.chain(cities).map(|(at, radius)| (fit.at(at), radius));
        let lines = self.nearest.iter().filter(|(from, to, _)| from != to);
        let arcs =
            lines.map(|(from, to, share)| (Arc::between(fit.at(*from), fit.at(*to)), *share));
        // Where the cards stand below the map, the head stands above it.
        let head = match (over, map.0 >= ONE_LINE) {
            (false, _) => 0.0,
            (true, true) => HEADS.0,
            (true, false) => HEADS.1,
        };
        Around {
            map,
            head,
            taken,
            dots: dots.collect(),
            arcs: arcs.collect(),
        }
    }
}

/// The size of the map in a view of this size with cards on the map, or a little less.
fn map_in((width, height): (f64, f64)) -> (f64, f64) {
    let ledge = if width >= ONE_LINE { 0.0 } else { LEDGE };
    (width, height - FOOT - ledge)
}

/// What is on the map already, owned.
struct Around<'a> {
    map: (f64, f64),
    /// The height of what lies over the map's upper edge.
    head: f64,
    taken: &'a [Rect],
    dots: Vec<(Point, f64)>,
    arcs: Vec<(Arc, u32)>,
}

impl Around<'_> {
    fn borrow(&self) -> Surroundings<'_> {
        Surroundings {
            place: Rect {
                x: 0.0,
                y: self.head,
                width: self.map.0,
                height: self.map.1 - self.head,
            },
            taken: self.taken,
            dots: &self.dots,
            arcs: &self.arcs,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::engine::Engine;
    use evenkeel_sim::scenario::validate::parse;

    fn map() -> StillMap {
        let text = include_str!("../../../assets/scenarios/world.json");
        let scenario = parse(text).expect("it is valid");
        StillMap::new(Engine::new(&scenario, 7).view())
    }

    /// The views of the page at 1280x800 and 1280x720 and of frames of 800x450 and 720x420.
    const VIEWS: [(f64, f64); 4] = [
        (1_246.0, 578.0),
        (1_246.0, 498.0),
        (766.0, 340.0),
        (686.0, 310.0),
    ];

    #[test]
    fn cards_stand_on_the_map_where_there_is_room_and_hide_no_city() {
        let still = map();
        for view in VIEWS {
            let size = still.card_size(view).expect("there is room");
            let place = map_in(view);
            let rects = still.cards(place, size).expect("there is room");
            let fit = MapFit::new(place);
            let within = |rect: &Rect, at: Point| {
                (rect.x..rect.x + rect.width).contains(&at.x)
                    && (rect.y..rect.y + rect.height).contains(&at.y)
            };
            for rect in &rects {
                for city in &still.cities {
                    assert!(!within(rect, fit.at(city.at)), "{} in {view:?}", city.name);
                }
            }
            // A card stands nearer to its own site than to any other.
            for (place, rect) in rects.iter().enumerate() {
                let away = |(_, at): &(String, (f64, f64))| {
                    let at = fit.at(*at);
                    let x = (at.x - at.x.clamp(rect.x, rect.x + rect.width)).abs();
                    let y = (at.y - at.y.clamp(rect.y, rect.y + rect.height)).abs();
                    libm::hypot(x, y)
                };
                let own = away(&still.sites[place]);
                let others = still
                    .sites
                    .iter()
                    .enumerate()
                    .filter(|(other, _)| *other != place);
                assert!(
                    others.into_iter().all(|(_, other)| away(other) > own),
                    "{place} in {view:?}"
                );
            }
        }
        assert_eq!(still.card_size((360.0, 560.0)), None);
        assert_eq!(still.card_size((446.0, 260.0)), None);
    }

    #[test]
    fn names_touch_neither_cards_nor_one_another() {
        let still = map();
        let place = (1_246.0, 500.0);
        let cards = still.cards(place, CARDS[0]).expect("there is room");
        let names = still.names(place, Some(&cards));
        assert!(names.len() >= 7, "{names:?}");
        let rects: Vec<Rect> = names.iter().map(|one| one.rect).chain(cards).collect();
        for (index, a) in rects.iter().enumerate() {
            for b in &rects[..index] {
                let apart = a.x + a.width <= b.x
                    || b.x + b.width <= a.x
                    || a.y + a.height <= b.y
                    || b.y + b.height <= a.y;
                assert!(apart, "{a:?} {b:?}");
            }
        }
        // On a small map there are the names of sites alone.
        let small = still.names((300.0, 120.0), None);
        assert!(!small.is_empty() && small.iter().all(|one| one.site.is_some()));
    }
}
