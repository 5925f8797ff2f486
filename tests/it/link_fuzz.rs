//! Whatever bytes stand in a link, reading it ends, in bounded memory, and does not panic. `make
//! fuzz` reads far more than a usual run.

use evenkeel::sim::run::Run;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::scenario::validate::faults;
use evenkeel::sim::share::{decode, encode, seal};
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64;

use crate::cases::cases;

const PINNED: &str = include_str!("../golden/links.txt");

/// The bodies of real links, without version and checksum.
fn real() -> Vec<Vec<u8>> {
    use base64::Engine as _;
    let untouched = Run::start(default_scenario());
    let lines = PINNED.lines().filter_map(|line| line.split(' ').nth(1));
    let mut links: Vec<String> = lines.map(str::to_string).collect();
    links.push(encode(&untouched).expect("it is short"));
    let bytes = |link: &String| base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(link);
    let bodies = links.iter().filter_map(|link| bytes(link).ok());
    bodies.map(|bytes| bytes[3..].to_vec()).collect()
}

/// What must hold of anything that was read.
fn check(text: &str) {
    if let Ok(run) = decode(text) {
        assert_eq!(faults(&run.scenario), [], "{text}");
        let again = encode(&run).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(decode(&again), Ok(run), "{text}");
    }
}

#[test]
fn random_bytes_are_read_to_an_end() {
    let mut random = Pcg64::seed_from_u64(1);
    for _ in 0..cases(2_000) {
        let mut body = vec![0; random.random_range(0..200)];
        random.fill_bytes(&mut body);
        check(&seal(&body));
    }
}

#[test]
fn changed_links_are_read_to_an_end() {
    let real = real();
    let mut random = Pcg64::seed_from_u64(2);
    for _ in 0..cases(1_000) {
        let mut body = real[random.random_range(0..real.len())].clone();
        for _ in 0..random.random_range(1..5) {
            let place = random.random_range(0..body.len());
            match random.random_range(0..4_u32) {
                0 => body[place] = random.random(),
                1 => body.insert(place, random.random()),
                2 => body[place] ^= 1 << random.random_range(0..8_u32),
                _ => {
                    let other = &real[random.random_range(0..real.len())];
                    let from = random.random_range(0..other.len());
                    body.splice(place.., other[from..].iter().copied());
                }
            }
            if body.is_empty() {
                body.push(0);
            }
        }
        check(&seal(&body));
    }
}

#[test]
fn random_text_is_no_link() {
    let mut random = Pcg64::seed_from_u64(3);
    for _ in 0..cases(1_000) {
        let length = random.random_range(0..60);
        let text: String = (0..length).map(|_| random.random::<char>()).collect();
        assert!(decode(&text).is_err(), "{text:?}");
    }
}
