//! Cities and regions, and the latency of light in fibre between them.

use crate::time::SimDuration;
use crate::units::Permille;

/// The mean radius of the Earth in kilometres (IUGG).
const EARTH_KM: f64 = 6_371.008_8;
/// The speed of light in a fibre: two thirds of that in a vacuum, in kilometres a second.
const FIBRE_KM_S: f64 = 299_792.458 * 2.0 / 3.0;

/// A region: a part of the world that can fail as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Region {
    /// The key in scenarios.
    pub key: &'static str,
    /// The name on the page.
    pub name: &'static str,
}

/// A city where users, resolvers and sites can be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct City {
    /// The key in scenarios.
    pub key: &'static str,
    /// The name on the page.
    pub name: &'static str,
    /// The key of the region.
    pub region: &'static str,
    /// The latitude in degrees north.
    pub lat: f64,
    /// The longitude in degrees east.
    pub lon: f64,
}

/// All regions of the program.
pub const REGIONS: &[Region] = &[
    region("north_america", "North America"),
    region("south_america", "South America"),
    region("europe", "Europe"),
    region("africa", "Africa"),
    region("asia", "Asia"),
    region("oceania", "Oceania"),
];

/// All cities of the program. Positions to a tenth of a degree, about 10 km.
pub const CITIES: &[City] = &[
    city("tokyo", "Tokyo", "asia", 35.7, 139.7),
    city("london", "London", "europe", 51.5, -0.1),
    city("virginia", "Ashburn", "north_america", 39.0, -77.5),
    city(
        "san_francisco",
        "San Francisco",
        "north_america",
        37.8,
        -122.4,
    ),
    city("new_york", "New York", "north_america", 40.7, -74.0),
    city("sao_paulo", "São Paulo", "south_america", -23.5, -46.6),
    city("frankfurt", "Frankfurt", "europe", 50.1, 8.7),
    city("madrid", "Madrid", "europe", 40.4, -3.7),
    city("nairobi", "Nairobi", "africa", -1.3, 36.8),
    city("johannesburg", "Johannesburg", "africa", -26.2, 28.0),
    city("mumbai", "Mumbai", "asia", 19.1, 72.9),
    city("singapore", "Singapore", "asia", 1.4, 103.8),
    city("seoul", "Seoul", "asia", 37.6, 127.0),
    city("sydney", "Sydney", "oceania", -33.9, 151.2),
];

const fn region(key: &'static str, name: &'static str) -> Region {
    Region { key, name }
}

const fn city(
    key: &'static str,
    name: &'static str,
    region: &'static str,
    lat: f64,
    lon: f64,
) -> City {
    City {
        key,
        name,
        region,
        lat,
        lon,
    }
}

/// The city with this key.
#[must_use]
pub fn find_city(key: &str) -> Option<&'static City> {
    CITIES.iter().find(|city| city.key == key)
}

/// The region with this key.
#[must_use]
pub fn find_region(key: &str) -> Option<&'static Region> {
    REGIONS.iter().find(|region| region.key == key)
}

/// The distance between two cities along the surface, in kilometres (haversine, on a sphere: within 0.6 % of the
/// ellipsoid).
#[must_use]
pub fn distance_km(a: &City, b: &City) -> f64 {
    let rad = |degrees: f64| degrees * std::f64::consts::PI / 180.0;
    let half_sin = |angle: f64| libm::sin(angle / 2.0);
    let (lat, lon) = (half_sin(rad(b.lat - a.lat)), half_sin(rad(b.lon - a.lon)));
    let h = lat * lat + libm::cos(rad(a.lat)) * libm::cos(rad(b.lat)) * lon * lon;
    2.0 * EARTH_KM * libm::asin(libm::sqrt(h.min(1.0)))
}

/// The latency of a packet one way: the distance at two thirds of the speed of light, times the path factor for longer
/// cables, in thousandths. To the microsecond.
#[must_use]
pub fn one_way(a: &City, b: &City, path_factor: Permille) -> SimDuration {
    let seconds = distance_km(a, b) / FIBRE_KM_S * f64::from(path_factor.0) / 1_000.0;
    SimDuration::from_us((seconds * 1e6) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_globe() {
        // From published great-circle tables, to 1 %: cities are points to 10 km here.
        let cases = [
            ("tokyo", "london", 9_560.0),
            ("london", "new_york", 5_570.0),
            ("sydney", "singapore", 6_300.0),
            ("sao_paulo", "johannesburg", 7_430.0),
        ];
        for (a, b, km) in cases {
            let [from, to] = [a, b].map(|key| find_city(key).expect("it is listed"));
            let found = distance_km(from, to);
            assert!((found / km - 1.0).abs() < 0.01, "{a} {b}: {found}");
            assert_eq!(found.to_bits(), distance_km(to, from).to_bits());
        }
        let tokyo = find_city("tokyo").expect("it is listed");
        assert_eq!(one_way(tokyo, tokyo, Permille(1_500)), SimDuration::ZERO);
    }

    #[test]
    fn light_takes_its_time() {
        let [tokyo, london] = ["tokyo", "london"].map(|key| find_city(key).expect("listed"));
        // 9,560 km at 199,862 km/s are 47.8 ms.
        let us = one_way(tokyo, london, Permille::ONE).as_us();
        assert!((47_300..48_400).contains(&us), "{us}");
        assert!(
            one_way(tokyo, london, Permille(1_500))
                .as_us()
                .abs_diff(us * 3 / 2)
                <= 1
        );
    }

    #[test]
    fn keys_are_unique_and_regions_known() {
        for (index, city) in CITIES.iter().enumerate() {
            assert!(find_region(city.region).is_some(), "{}", city.key);
            assert!(CITIES[..index].iter().all(|other| other.key != city.key));
        }
        assert!(CITIES.len() >= 8 && REGIONS.len() >= 4);
    }
}
