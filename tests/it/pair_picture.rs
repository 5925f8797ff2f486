//! The picture of two balancers, read from the scene that the page draws: every mark is where its request is, what is
//! lost is seen at the balancer that lost it, and a frame allocates nothing.

use evenkeel::scene::build::Motion;
use evenkeel::scene::layout::{FlowDirection, Point, Rect};
use evenkeel::scene::pair::addresses::{AddressLook, ClientWire, addresses, clients};
use evenkeel::scene::pair::costs::costs;
use evenkeel::scene::pair::falls::FALL;
use evenkeel::scene::pair::layout::{AddressSpot, PairLayout, PairWires};
use evenkeel::scene::pair::marks::PairFlights;
use evenkeel::scene::pair::missed::missed;
use evenkeel::scene::pair::route::{is_of_site, loss, node_of};
use evenkeel::scene::pair::servers::servers;
use evenkeel::scene::pair::story::headline;
use evenkeel::scene::shape::{MarkStyle, Paint, RequestMark, Scene};
use evenkeel::sim::balance::spec::Layer;
use evenkeel::sim::engine::Engine;
use evenkeel::sim::engine::command::{Command, FaultKind, NodeFault, SiteCommand};
use evenkeel::sim::engine::request::{Phase, Request};
use evenkeel::sim::ids::{BalancerId, ServerId, SiteId};
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::scenario::topology::ClientSpread;

use crate::support::{run_ms, run_secs, scene_file};

const SITE: SiteId = SiteId(0);
const FIRST: BalancerId = BalancerId(0);
/// The farthest that a mark stands beside the middle of its wire, and a little for rounding.
const BESIDE: f64 = 5.6;

fn scene_of(name: &str, edit: impl FnOnce(&mut Scenario)) -> Engine {
    let mut scenario = scene_file(name);
    edit(&mut scenario);
    let mut engine = Engine::new(&scenario, 7);
    engine.set_watched(true);
    engine
}

fn act(engine: &mut Engine, command: SiteCommand) {
    engine
        .apply(Command::Site(command))
        .expect("it is possible");
}

fn kill(engine: &mut Engine, id: BalancerId) {
    act(engine, SiteCommand::Node(id, NodeFault::Kill));
}

fn rect(x: f64, y: f64, width: f64, height: f64) -> Rect {
    Rect {
        x,
        y,
        width,
        height,
    }
}

/// A wide picture: wires so long that no mark is held back for another.
fn layout(engine: &Engine) -> PairLayout {
    let view = engine.view();
    let rows = |place: usize| 40.0 + 110.0 * place as f64;
    let clients = 0..view.clients().len();
    PairLayout {
        width: 40_000.0,
        height: 480.0,
        flow: FlowDirection::Across,
        clients: clients
            .map(|place| (place, rect(10.0, rows(place), 100.0, 30.0)))
            .collect(),
        boxes: [0.0, 1.0]
            .map(|place| rect(20_000.0, 30.0 + 240.0 * place, 240.0, 130.0))
            .to_vec(),
        head: 12.0,
        servers: view
            .members()
            .enumerate()
            .map(|(place, member)| (member.server.id, rect(39_000.0, rows(place), 240.0, 60.0)))
            .collect(),
    }
}

fn draw(engine: &Engine, flights: &mut PairFlights, motion: Motion) -> Scene {
    let mut scene = Scene::default();
    flights.lay(&layout(engine));
    flights.draw(engine.view(), SITE, motion, &mut scene);
    scene
}

fn find(scene: &Scene, request: &Request) -> Option<(Paint, MarkStyle, RequestMark)> {
    let mut marks = scene.all_marks();
    marks
        .find(|(_, _, mark)| mark.request == Some(request.number))
        .map(|(paint, style, mark)| (paint, style, *mark))
}

/// Where a request has to be, by its trip; `None` for one that is on no wire.
fn expected(engine: &Engine, wires: &PairWires, request: &Request) -> Option<(Point, bool)> {
    let view = engine.view();
    let now = view.now();
    let node = node_of(view, request)?.0 as usize;
    let client = wires.client_place(request.draw.client.index())?;
    let server = request
        .current
        .and_then(|one| wires.server_place(one.server));
    Some(match request.phase {
        Phase::ToBalancer(trip) => (wires.client(client, node)?.at(trip.progress(now)).at, false),
        Phase::ToClient(trip, _) => (
            wires.client(client, node)?.at(1.0 - trip.progress(now)).at,
            true,
        ),
        Phase::ToServer(trip) => (
            wires.server(node, server?)?.at(trip.progress(now)).at,
            false,
        ),
        Phase::FromServer(trip, _) => (
            wires.server(node, server?)?.at(1.0 - trip.progress(now)).at,
            true,
        ),
        _ => return None,
    })
}

/// Checks every mark of a frame; returns how many requests and answers were on wires.
fn check_frame(engine: &Engine) -> (usize, usize) {
    let mut flights = PairFlights::default();
    let scene = draw(engine, &mut flights, Motion::Flying);
    let (mut there, mut back) = (0, 0);
    for (_, request) in engine.view().requests() {
        let Some((at, answer)) = expected(engine, flights.wires(), &request) else {
            continue;
        };
        let (paint, style, mark) = find(&scene, &request).expect("it is drawn");
        let far = libm::hypot(mark.at.x - at.x, mark.at.y - at.y);
        // Two of one client may be a mark's width apart.
        assert!(far <= BESIDE + 40.0, "{request:?} is {far} from its place");
        let server = request.current.map(|one| one.server).or(request.served);
        if paint != Paint::Down {
            assert_eq!(paint, server.map_or(Paint::Ink, Paint::of_server));
            assert_eq!(style == MarkStyle::Hollow, answer);
        }
        if answer {
            back += 1;
        } else {
            there += 1;
        }
    }
    (there, back)
}

#[test]
fn every_mark_is_where_its_trip_is() {
    for name in ["active_passive", "active_active_40"] {
        let mut engine = scene_of(name, |_| ());
        run_secs(&mut engine, 10);
        let mut seen = (0, 0);
        for _ in 0..40 {
            run_ms(&mut engine, 97);
            let (there, back) = check_frame(&engine);
            seen = (seen.0 + there, seen.1 + back);
        }
        assert!(seen.0 > 200 && seen.1 > 200, "{name}: {seen:?}");
    }
}

#[test]
fn both_of_an_active_pair_have_marks_and_the_backup_of_a_passive_one_has_none() {
    for (name, both) in [("active_passive", false), ("active_active_40", true)] {
        let mut engine = scene_of(name, |_| ());
        run_secs(&mut engine, 12);
        let mut at = [0, 0];
        for _ in 0..20 {
            run_ms(&mut engine, 100);
            for (_, request) in engine.view().requests() {
                if let Some(node) = node_of(engine.view(), &request) {
                    at[node.index()] += 1;
                }
            }
        }
        assert!(at[0] > 100, "{name}: {at:?}");
        assert_eq!(at[1] > 100, both, "{name}: {at:?}");
    }
}

#[test]
fn what_finds_nobody_falls_at_the_dead_box_and_is_counted_there() {
    let mut engine = scene_of("active_passive", |_| ());
    run_secs(&mut engine, 20);
    kill(&mut engine, FIRST);
    // What died with it has fallen by then.
    run_ms(&mut engine, 1_000);
    let mut fell = 0;
    for _ in 0..20 {
        run_ms(&mut engine, 100);
        let view = engine.view();
        let mut flights = PairFlights::default();
        let scene = draw(&engine, &mut flights, Motion::Flying);
        let own = layout(&engine).boxes[0];
        let falling = scene.marks(Paint::Down, MarkStyle::Crossed).iter();
        for mark in falling.filter(|mark| mark.opacity < 1.0 && mark.request.is_some()) {
            fell += 1;
            assert!((mark.at.x - own.x).abs() < 60.0, "{mark:?}");
            let inside = own.y..own.y + own.height + 60.0;
            assert!(inside.contains(&mark.at.y), "{mark:?}");
            let (_, request) = view
                .requests()
                .find(|(_, one)| Some(one.number) == mark.request)
                .expect("it is in flight");
            let lost = loss(view, &request).expect("it is lost");
            assert_eq!((lost.node, lost.for_good), (Some(FIRST), false));
            assert!(view.now().since(lost.at.expect("it is traced")) < FALL);
        }
    }
    assert!(fell > 20, "{fell}");
    let view = engine.view();
    let all = costs(view, SITE);
    let here = |want: bool| {
        let all = view
            .requests()
            .filter(|(_, one)| is_of_site(view, one, SITE));
        all.filter(|(_, one)| loss(view, one).is_some_and(|loss| loss.for_good == want))
            .count() as u64
    };
    assert!(all.lost > 5 && all.waiting > 20, "{all:?}");
    assert_eq!(
        (all.lost, all.waiting, all.broken),
        (here(true), here(false), 0)
    );
    let picture = evenkeel::scene::pair::picture(view, SITE).expect("it is there");
    let at = |place: usize| (picture.boxes[place].lost, picture.boxes[place].waiting);
    assert_eq!((at(0), at(1)), ((all.lost, all.waiting), (0, 0)));
}

#[test]
fn what_was_lost_stays_lost_and_the_rest_gets_through() {
    let mut engine = scene_of("active_passive", |_| ());
    run_secs(&mut engine, 20);
    kill(&mut engine, FIRST);
    run_ms(&mut engine, 50);
    let lost = costs(engine.view(), SITE).lost;
    assert!(lost > 5);
    for _ in 0..30 {
        run_secs(&mut engine, 1);
        assert_eq!(
            costs(engine.view(), SITE).lost,
            lost,
            "no request comes back or goes twice"
        );
    }
    let after = costs(engine.view(), SITE);
    assert_eq!(after.waiting, 0);
    assert!(after.broken > 3);
}

#[test]
fn the_address_moves_when_the_segment_is_told() {
    let mut engine = scene_of("active_passive", |_| ());
    run_ms(&mut engine, 10_300);
    let held = |engine: &Engine| {
        let all = addresses(engine.view(), SITE);
        assert_eq!(all.len(), 1);
        (all[0].spot, all[0].look)
    };
    assert_eq!(held(&engine), (AddressSpot::At(0), AddressLook::Held));
    kill(&mut engine, FIRST);
    run_ms(&mut engine, 1_000);
    assert_eq!(held(&engine), (AddressSpot::At(0), AddressLook::Vacant));
    let takeover = |engine: &Engine| {
        let pair = engine.view().topology().site(SITE).pair.as_ref();
        pair.and_then(|pair| pair.takeovers.back().copied())
    };
    while takeover(&engine).is_none() {
        run_ms(&mut engine, 5);
    }
    let took = takeover(&engine).expect("one took over");
    // The gratuitous ARP is under way for 150 ms in this scene.
    run_ms(&mut engine, 100);
    assert_eq!(held(&engine).0, AddressSpot::At(0));
    assert!(
        headline(engine.view(), SITE)
            .state
            .contains("tells the segment")
    );
    run_ms(&mut engine, 60);
    assert_eq!(held(&engine), (AddressSpot::At(1), AddressLook::Held));
    assert!(engine.view().now() >= took.at);
    let said = headline(engine.view(), SITE);
    assert!(said.state.contains("just moved to LB 2"), "{said:?}");
    assert!(said.since.starts_with("LB 1 killed"), "{said:?}");
}

#[test]
fn the_backup_counts_what_it_misses_up_to_the_takeover() {
    let mut engine = scene_of("active_passive", |_| ());
    run_ms(&mut engine, 10_300);
    assert_eq!(missed(engine.view(), SITE).count, 0);
    kill(&mut engine, FIRST);
    let mut counts = vec![0];
    for _ in 0..400 {
        run_ms(&mut engine, 10);
        let now = missed(engine.view(), SITE);
        if counts.last() != Some(&now.count) {
            counts.push(now.count);
        }
    }
    assert_eq!(counts, [0, 1, 2, 3]);
    // The takeover, 3.61 s after the last advertisement.
    let said = missed(engine.view(), SITE).text;
    assert!(said.contains("3.61"), "{said}");
    run_secs(&mut engine, 10);
    assert_eq!(missed(engine.view(), SITE).count, 0);
}

#[test]
fn after_a_clean_stop_nothing_is_missed() {
    let mut engine = scene_of("active_passive", |_| ());
    run_ms(&mut engine, 10_300);
    act(&mut engine, SiteCommand::Node(FIRST, NodeFault::Stop));
    run_ms(&mut engine, 200);
    let now = missed(engine.view(), SITE);
    assert!(now.count == 0 && now.text.contains("goodbye"), "{now:?}");
    run_secs(&mut engine, 2);
    assert_eq!(missed(engine.view(), SITE).count, 0);
}

#[test]
fn a_split_brain_has_two_owners_of_which_one_is_heard() {
    let mut engine = scene_of("active_passive", |_| ());
    run_ms(&mut engine, 10_300);
    act(&mut engine, SiteCommand::SetLink(SITE, false));
    run_secs(&mut engine, 8);
    let both = addresses(engine.view(), SITE);
    let spots: Vec<_> = both.iter().map(|one| (one.spot, one.look)).collect();
    assert_eq!(
        spots,
        [
            (AddressSpot::At(1), AddressLook::Held),
            (AddressSpot::At(0), AddressLook::Claimed)
        ]
    );
    let said = headline(engine.view(), SITE);
    assert!(said.bad && said.state.contains("Split brain"), "{said:?}");
    assert!(said.state.contains("Packets go to LB 2"), "{said:?}");
    act(&mut engine, SiteCommand::SetLink(SITE, true));
    run_secs(&mut engine, 2);
    let one = addresses(engine.view(), SITE);
    assert_eq!((one.len(), one[0].spot), (1, AddressSpot::At(0)));
    assert!(headline(engine.view(), SITE).state.contains("backup again"));
}

fn wires(engine: &Engine, look: ClientWire) -> usize {
    let rows = clients(engine.view(), SITE);
    let all = rows.iter().flat_map(|row| &row.wires);
    all.filter(|one| **one == look).count()
}

#[test]
fn old_wires_stay_until_their_connections_broke_unless_the_other_knows_them() {
    for shared in [false, true] {
        let mut engine = scene_of("active_passive", |scenario| {
            scenario.balancer.layer = Layer::L4;
            scenario
                .pair
                .as_mut()
                .expect("there is one")
                .shared_connections = shared;
        });
        run_secs(&mut engine, 20);
        assert_eq!(
            (
                wires(&engine, ClientWire::On),
                wires(&engine, ClientWire::Old)
            ),
            (4, 0)
        );
        kill(&mut engine, FIRST);
        run_secs(&mut engine, 1);
        assert_eq!(wires(&engine, ClientWire::Broken), 4);
        run_secs(&mut engine, 4);
        assert_eq!(wires(&engine, ClientWire::On), 4);
        assert_eq!(wires(&engine, ClientWire::Old) > 0, !shared);
        let costs = headline(engine.view(), SITE).costs.join(" ");
        assert_eq!(costs.contains("live on"), shared, "{costs}");
        assert_eq!(costs.contains("broken"), !shared, "{costs}");
        run_secs(&mut engine, 60);
        assert_eq!(wires(&engine, ClientWire::Old), 0);
    }
}

#[test]
fn dns_gives_two_addresses_and_a_router_shares_one() {
    let mut engine = scene_of("active_active_40", |_| ());
    run_secs(&mut engine, 20);
    let both = addresses(engine.view(), SITE);
    let spots: Vec<_> = both.iter().map(|one| one.spot).collect();
    assert_eq!(spots, [AddressSpot::At(0), AddressSpot::At(1)]);
    assert!(both.iter().all(|one| one.note.contains('%')), "{both:?}");
    let mut engine = scene_of("active_active_40", |scenario| {
        let pair = scenario.pair.as_mut().expect("there is one");
        pair.spread = ClientSpread::Ecmp;
        pair.vip = Some(std::net::IpAddr::from([203, 0, 113, 10]));
        scenario.dns = None;
    });
    run_secs(&mut engine, 20);
    let one = addresses(engine.view(), SITE);
    assert_eq!((one.len(), one[0].spot), (1, AddressSpot::Between));
    let picture = evenkeel::scene::pair::picture(engine.view(), SITE).expect("it is there");
    assert!(
        picture.boxes.iter().all(|one| one.load.contains('%')),
        "{picture:?}"
    );
    kill(&mut engine, FIRST);
    run_ms(&mut engine, 500);
    assert!(
        headline(engine.view(), SITE)
            .state
            .contains("does not know it yet")
    );
    assert!(costs(engine.view(), SITE).waiting > 0);
    run_secs(&mut engine, 2);
    assert!(
        headline(engine.view(), SITE)
            .state
            .contains("sends everything to LB 2")
    );
}

#[test]
fn shares_are_of_all_that_both_pick() {
    let mut engine = scene_of("active_active_40", |_| ());
    run_secs(&mut engine, 30);
    let (rows, more) = servers(engine.view(), SITE);
    assert_eq!((rows.len(), more), (4, 0));
    let sum: u32 = rows.iter().filter_map(|row| row.share).sum();
    assert!((998..=1_002).contains(&sum), "{rows:?}");
    engine
        .apply(Command::Fault(ServerId(2), FaultKind::Crash))
        .expect("it is there");
    let (rows, _) = servers(engine.view(), SITE);
    assert!(rows[2].dead && !rows[2].word.is_empty(), "{:?}", rows[2]);
}

#[test]
fn nothing_moves_in_stills_but_everything_is_there() {
    let mut engine = scene_of("active_passive", |_| ());
    run_secs(&mut engine, 12);
    let mut flights = PairFlights::default();
    let moving = draw(&engine, &mut flights, Motion::Flying)
        .all_marks()
        .count();
    let still = draw(&engine, &mut flights, Motion::Still);
    assert_eq!(still.all_marks().count(), moving);
    run_ms(&mut engine, 20);
    let later = draw(&engine, &mut flights, Motion::Still);
    let steps: Vec<f64> = still
        .all_marks()
        .filter(|(_, _, mark)| mark.request.is_some())
        .filter_map(|(_, _, mark)| {
            let mut all = later.all_marks();
            let same = all.find(|(_, _, other)| other.request == mark.request);
            Some((mark.at.x - same?.2.at.x).abs())
        })
        .collect();
    let moved = steps.iter().filter(|step| **step > 20.0).count();
    assert!(steps.len() > moved * 4, "a few go on to their next place");
}

#[test]
fn a_frame_of_the_pair_allocates_nothing_in_the_steady_state() {
    for name in ["active_passive", "active_active_40"] {
        let mut engine = scene_of(name, |_| ());
        let layout = layout(&engine);
        let mut flights = PairFlights::default();
        let mut scene = Scene::default();
        flights.lay(&layout);
        let mut all = 0;
        for frame in 0..3_600 {
            run_ms(&mut engine, 16);
            let drawing = allocation_counter::measure(|| {
                flights.lay(&layout);
                flights.draw(engine.view(), SITE, Motion::Flying, &mut scene);
            });
            if frame >= 3_000 {
                all += drawing.count_total;
            }
        }
        assert_eq!(all, 0, "{name}");
        assert!(scene.all_marks().count() > 10);
    }
}
