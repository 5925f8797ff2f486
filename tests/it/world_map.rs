//! The requests on the map of the world: where the engine has them, in nobody's way, and without allocating.

use std::collections::BTreeMap;

use evenkeel::scene::build::Motion;
use evenkeel::scene::layout::Point;
use evenkeel::scene::shape::{MarkStyle, Paint, RequestMark, Scene};
use evenkeel::scene::world::site_paint;
use evenkeel::scene::world_map::{Arc, MapFit};
use evenkeel::scene::world_picture::picture;
use evenkeel::scene::world_traffic::{SLOWER, WorldTraffic, drawn_one_in};
use evenkeel::sim::engine::command::{Command, SiteCommand};
use evenkeel::sim::engine::request::{Phase, Trip};
use evenkeel::sim::engine::{Engine, EventBudget};
use evenkeel::sim::ids::SiteId;
use evenkeel::sim::scenario::validate::parse;
use evenkeel::sim::time::{SimDuration, SimTime};

/// The size of the map's place.
const SIZE: (f64, f64) = (1_240.0, 480.0);
const TOKYO: SiteId = SiteId(0);

fn world() -> Engine {
    let text = include_str!("../../assets/scenarios/world.json");
    let mut engine = Engine::new(&parse(text).expect("it is valid"), 7);
    engine.set_watched(true);
    engine
}

fn pass(engine: &mut Engine, time: SimDuration) {
    let until = engine.view().now() + time;
    engine.run_until(until, EventBudget::UNBOUNDED);
}

/// A sixtieth of a second passes, and the picture of it is made.
fn frame(engine: &mut Engine, traffic: &mut WorldTraffic, scene: &mut Scene) {
    pass(engine, SimDuration::from_us(16_667));
    traffic.frame(engine.view(), SIZE, Motion::Flying, scene);
}

/// A way that a request has gone: its trip, the arc of its client and site, and whether it is the way back.
struct Leg {
    trip: Trip,
    arc: Arc,
    back: bool,
    /// When the journey began, for the journey's own clock.
    depart: SimTime,
    site: SiteId,
}

/// What the test itself sees of every request, in each frame: its ways.
#[derive(Default)]
struct Ledger(BTreeMap<u64, Vec<Leg>>);

impl Ledger {
    fn look(&mut self, engine: &Engine) {
        let view = engine.view();
        let edge = view.topology();
        let fit = MapFit::new(SIZE);
        for (_, request) in view.requests() {
            let (trip, back) = match request.phase {
                Phase::ToBalancer(trip) => (trip, false),
                Phase::ToClient(trip, _) => (trip, true),
                _ => continue,
            };
            let legs = self.0.entry(request.number).or_default();
            if legs.iter().any(|leg| leg.trip == trip) {
                continue;
            }
            let out = legs.iter().rev().find(|leg| !leg.back);
            let depart = match (back, out) {
                (false, _) => trip.depart,
                (true, Some(out)) => out.depart,
                (true, None) => continue,
            };
            let site = edge.vips[request.vip.index()].site;
            let city = edge.cities[request.draw.client.index()].expect("users have a city");
            let there = edge.site(site).city.expect("sites have a city");
            let arc = Arc::between(fit.city(city), fit.city(there));
            legs.push(Leg {
                trip,
                arc,
                back,
                depart,
                site,
            });
        }
    }

    /// How far a mark is from the nearest place at which its request may be drawn, in pixels.
    fn off(&self, number: u64, at: Point, now: SimTime, hollow: bool) -> (f64, SiteId) {
        let legs = self.0.get(&number).expect("a mark is a request's");
        let legs = legs.iter().filter(|leg| leg.back == hollow);
        let off = legs.map(|leg| {
            let clock = leg.depart.as_us() + now.since(leg.depart).as_us() / SLOWER;
            let (from, to) = (leg.trip.depart.as_us() as f64, leg.trip.arrive.as_us() as f64);
            let gone = ((clock as f64 - from) / (to - from)).clamp(0.0, 1.0);
            let t = if leg.back { 1.0 - gone } else { gone };
            let (a, b, c) = (leg.arc.from, leg.arc.control, leg.arc.to);
            let mix = |a: f64, b: f64, c: f64| {
                (1.0 - t).powi(2) * a + 2.0 * (1.0 - t) * t * b + t * t * c
            };
            let (x, y) = (mix(a.x, b.x, c.x), mix(a.y, b.y, c.y));
            ((at.x - x).hypot(at.y - y), leg.site)
        });
        off.min_by(|a, b| a.0.total_cmp(&b.0)).expect("it has such a way")
    }
}

#[test]
fn every_mark_is_where_its_request_was_by_its_slowed_clock() {
    let mut engine = world();
    pass(&mut engine, SimDuration::from_secs(5));
    let (mut traffic, mut scene, mut ledger) =
        (WorldTraffic::default(), Scene::default(), Ledger::default());
    let (mut filled, mut hollow, mut most) = (0, 0, 0);
    for step in 0..900 {
        frame(&mut engine, &mut traffic, &mut scene);
        ledger.look(&engine);
        // What was under way before the first frame is not in the test's ledger.
        if step < 300 {
            continue;
        }
        let now = engine.view().now();
        let mut marks = 0;
        for (paint, finish, mark) in scene.all_marks() {
            marks += 1;
            let number = mark.request.expect("a mark is a request's");
            assert_eq!(number % drawn_one_in(engine.view(), SIZE.0), 0);
            let back = finish == MarkStyle::Hollow;
            let (off, site) = ledger.off(number, mark.at, now, back);
            // On its lane beside the arc.
            assert!((off - 3.6).abs() < 1.0, "{number} is {off} px from its arc");
            assert_eq!(paint, site_paint(site));
            filled += u32::from(!back);
            hollow += u32::from(back);
        }
        most = most.max(marks);
    }
    assert!(filled > 1_000 && hollow > 1_000, "{filled} {hollow}");
    assert!((25..=90).contains(&most), "{most} at one time");
}

#[test]
fn requests_to_a_dead_site_stay_ink_and_fall_there() {
    let mut engine = world();
    let (mut traffic, mut scene) = (WorldTraffic::default(), Scene::default());
    for _ in 0..300 {
        frame(&mut engine, &mut traffic, &mut scene);
    }
    assert!(scene.marks(Paint::Down, MarkStyle::Crossed).is_empty());
    engine
        .apply(Command::Site(SiteCommand::KillSite(TOKYO)))
        .expect("it is there");
    let tokyo = MapFit::new(SIZE).city(engine.view().topology().site(TOKYO).city.expect("a city"));
    let (mut ink, mut fallen, mut covered) = (0, 0, 0);
    for _ in 0..600 {
        frame(&mut engine, &mut traffic, &mut scene);
        ink += scene.marks(Paint::Ink, MarkStyle::Filled).len();
        let crosses = scene.marks(Paint::Down, MarkStyle::Crossed);
        for mark in crosses {
            let off = (mark.at.x - tokyo.x).hypot(mark.at.y - tokyo.y);
            assert!(off < 60.0, "it falls {off} px from the site");
        }
        fallen += crosses.len();
        for (index, one) in crosses.iter().enumerate() {
            let near = |other: &&_| {
                let other: &RequestMark = other;
                (one.at.x - other.at.x).hypot(one.at.y - other.at.y) < one.size + other.size
            };
            covered += usize::from(crosses[..index].iter().any(|other| near(&other)));
        }
    }
    assert!(ink > 500 && fallen > 500, "{ink} {fallen}");
    // They fall beside one another: there is no heap. The first ones died at the site at one time.
    assert!(covered * 10 < fallen, "{covered} of {fallen} cover another");
    // No request goes there in the site's own colour; answers from before may still return in it.
    let own = scene.marks(site_paint(TOKYO), MarkStyle::Filled);
    assert!(own.is_empty(), "{own:?}");
}

#[test]
fn in_reduced_motion_requests_rest_at_a_few_places_of_their_way() {
    let mut engine = world();
    let (mut traffic, mut scene, mut ledger) =
        (WorldTraffic::default(), Scene::default(), Ledger::default());
    let mut resting = 0;
    for step in 0..600 {
        pass(&mut engine, SimDuration::from_us(16_667));
        traffic.frame(engine.view(), SIZE, Motion::Still, &mut scene);
        ledger.look(&engine);
        if step < 300 {
            continue;
        }
        for (_, finish, mark) in scene.all_marks() {
            let number = mark.request.expect("a mark is a request's");
            let legs = ledger.0[&number].iter().filter(|leg| leg.back == (finish == MarkStyle::Hollow));
            let off = legs.flat_map(|leg| [0.25, 0.5, 0.75].map(|part| leg.arc.at(part).at));
            let off = off.map(|at| (mark.at.x - at.x).hypot(mark.at.y - at.y));
            let off = off.fold(f64::INFINITY, f64::min);
            assert!((off - 3.6).abs() < 0.5, "{number} is {off} px from a place to rest");
            resting += 1;
        }
    }
    assert!(resting > 1_000, "{resting}");
}

#[test]
fn a_picture_of_the_world_allocates_nothing_in_the_steady_state() {
    let mut engine = world();
    let (mut traffic, mut scene) = (WorldTraffic::default(), Scene::default());
    for _ in 0..2_400 {
        frame(&mut engine, &mut traffic, &mut scene);
    }
    let mut all = 0;
    for _ in 0..300 {
        pass(&mut engine, SimDuration::from_us(16_667));
        let drawing = allocation_counter::measure(|| {
            traffic.frame(engine.view(), SIZE, Motion::Flying, &mut scene);
        });
        all += drawing.count_total;
    }
    assert_eq!(all, 0);
}

#[test]
fn a_jump_in_time_leaves_no_mark_of_another_time() {
    let mut engine = world();
    pass(&mut engine, SimDuration::from_secs(20));
    let early = engine.clone();
    pass(&mut engine, SimDuration::from_secs(20));
    let (mut traffic, mut scene) = (WorldTraffic::default(), Scene::default());
    traffic.frame(engine.view(), SIZE, Motion::Flying, &mut scene);
    // What is known of the last seconds is drawn at once.
    let late = scene.all_marks().count();
    assert!(late > 5, "{late}");
    let first = early.view().totals().arrived;
    traffic.frame(early.view(), SIZE, Motion::Flying, &mut scene);
    let numbers = scene.all_marks().filter_map(|(_, _, mark)| mark.request);
    assert!(numbers.into_iter().all(|number| number <= first));
}

#[test]
fn the_words_count_down_until_the_last_answer_has_run_out() {
    let mut engine = world();
    pass(&mut engine, SimDuration::from_secs(10));
    let calm = picture(engine.view());
    assert_eq!(calm.headline.lost, "");
    assert!(calm.description.contains("No user holds the address of a site that is down."));
    engine
        .apply(Command::Site(SiteCommand::KillSite(TOKYO)))
        .expect("it is there");
    pass(&mut engine, SimDuration::from_secs(2));
    let first = picture(engine.view());
    assert!(first.headline.said.starts_with("Tokyo killed 2 s ago."), "{:?}", first.headline);
    assert!(first.headline.lost.contains("DNS still sends Tokyo"), "{:?}", first.headline);
    // Nobody has given up yet: who waits is neither lost nor fine.
    let tokyo = &first.sites[TOKYO.index()];
    assert!(tokyo.lost == 0 && tokyo.unanswered > 20, "{tokyo:?}");
    let open = format!("{} requests unanswered: lost at the time-out.", tokyo.unanswered);
    assert!(first.headline.lost.starts_with(&open), "{:?}", first.headline);
    let seoul = |told: &str| {
        let (_, rest) = told.split_once("Seoul: ")?;
        let (users, rest) = rest.split_once(" of 40 users hold the address of Tokyo and fail, for ")?;
        let (time, _) = rest.split_once(" s at most")?;
        Some((users.parse::<u32>().ok()?, time.parse::<u32>().ok()?))
    };
    let (mut before, mut steps) = ((41, 31), 0);
    for _ in 0..40 {
        pass(&mut engine, SimDuration::from_secs(1));
        let now = picture(engine.view());
        let tokyo = &now.sites[TOKYO.index()];
        if tokyo.lost > 0 && tokyo.unanswered > 0 {
            let both = format!("{} requests lost, {} unanswered.", tokyo.lost, tokyo.unanswered);
            assert!(now.headline.lost.starts_with(&both), "{:?}", now.headline);
        }
        let Some(count) = seoul(&now.description) else {
            continue;
        };
        assert!(count.0 <= before.0 && count.1 < before.1, "{count:?} after {before:?}");
        (before, steps) = (count, steps + 1);
    }
    assert!(steps > 10, "{steps}");
    let last = picture(engine.view());
    assert!(last.description.contains("No user holds the address"), "{}", last.description);
    assert!(last.headline.lost.ends_with("Nobody is sent there any more."), "{:?}", last.headline);
    assert!(last.cities.iter().all(|city| !city.astray));
}
