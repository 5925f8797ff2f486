//! The whole world behind one name: where the authority sends whom, what resolvers keep, and how
//! long users go on asking at a site that is gone.

use evenkeel::sim::engine::command::{Command, SiteCommand};
use evenkeel::sim::engine::observations::ObservationKind;
use evenkeel::sim::engine::{Engine, EventBudget};
use evenkeel::sim::gslb::geo::{CITIES, City, find_city};
use evenkeel::sim::gslb::geodns::GeoDnsPolicy;
use evenkeel::sim::ids::{ClientId, SiteId};
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::scenario::topology::{DnsSpec, WorldSpec};
use evenkeel::sim::scenario::validate::faults;
use evenkeel::sim::time::{SimDuration, SimTime};
use libm::{asin, cos, sin};

use crate::support::{run_secs, scene_file};

const TOKYO: SiteId = SiteId(0);
const LONDON: SiteId = SiteId(1);

fn scene(edit: impl FnOnce(&mut Scenario)) -> Engine {
    let mut scenario = scene_file("world");
    edit(&mut scenario);
    assert_eq!(faults(&scenario), [], "the edited scene is valid");
    Engine::new(&scenario, 7)
}

fn dns(scenario: &mut Scenario) -> &mut DnsSpec {
    scenario.dns.as_mut().expect("the scene has a name")
}

fn world(scenario: &mut Scenario) -> &mut WorldSpec {
    scenario.world.as_mut().expect("the scene has a world")
}

fn client(engine: &Engine, name: &str) -> ClientId {
    let clients = &engine.view().scenario().clients;
    let place = clients.iter().position(|one| one.name == name);
    ClientId(place.expect("it is in the scene") as u32)
}

fn act(engine: &mut Engine, command: SiteCommand) {
    engine
        .apply(Command::Site(command))
        .expect("the command is possible");
}

/// Where a client's first user is sent now; `None` where the resolver would ask.
fn sent_to(engine: &Engine, name: &str) -> Option<SiteId> {
    let view = engine.view();
    let names = view.dns().expect("the scene has a name");
    let answer = names.remembered(view.now(), client(engine, name), 0)?;
    Some(answer.site)
}

/// The chord through the globe: another way to compare distances than the one under test.
fn chord(a: &City, b: &City) -> f64 {
    let point = |city: &City| {
        let (lat, lon) = (city.lat.to_radians(), city.lon.to_radians());
        [cos(lat) * cos(lon), cos(lat) * sin(lon), sin(lat)]
    };
    let (a, b) = (point(a), point(b));
    let square = |axis: usize| (a[axis] - b[axis]) * (a[axis] - b[axis]);
    (0..3).map(square).sum()
}

#[test]
fn every_city_is_sent_to_the_nearest_site() {
    let engine = scene(|scenario| {
        let clients: Vec<_> = CITIES.iter().map(|city| city.key.to_string()).collect();
        let template = scenario.clients[0].clone();
        let named = |name: &String| evenkeel::sim::fleet::spec::ClientSpec {
            name: name.clone(),
            ..template.clone()
        };
        scenario.clients = clients.iter().map(named).collect();
        let world = world(scenario);
        let (resolver, user) = (world.resolvers[0].clone(), world.users[0].clone());
        world.resolvers.clear();
        world.users.clear();
        for city in clients {
            let mut own = resolver.clone();
            (own.name, own.city) = (city.clone(), city.clone());
            world.resolvers.push(own);
            let mut user = user.clone();
            (user.client, user.resolver, user.city) = (city.clone(), city.clone(), city);
            world.users.push(user);
        }
    });
    let view = engine.view();
    let sites = &view.topology().sites;
    for (index, city) in CITIES.iter().enumerate() {
        let client = ClientId(index as u32);
        let names = view.dns().expect("the scene has a name");
        let answer = names.remembered(SimTime::ZERO, client, 0).expect("filled");
        let nearest = (0..sites.len()).min_by(|a, b| {
            let far = |site: &usize| chord(city, sites[*site].city.expect("it is somewhere"));
            far(a).total_cmp(&far(b))
        });
        assert_eq!(Some(answer.site.index()), nearest, "{}", city.key);
    }
}

#[test]
fn a_far_resolver_misleads_until_it_passes_the_network_on() {
    let mut engine = scene(|_| ());
    assert_eq!(sent_to(&engine, "Tokyo"), Some(TOKYO));
    assert_eq!(sent_to(&engine, "Tokyo branch"), Some(LONDON));
    act(&mut engine, SiteCommand::SetClientSubnet(true));
    run_secs(&mut engine, 60);
    let asked: Vec<_> = (0..60)
        .filter_map(|_| {
            run_secs(&mut engine, 1);
            sent_to(&engine, "Tokyo branch")
        })
        .collect();
    assert!(asked.len() > 20 && asked.iter().all(|site| *site == TOKYO));
}

/// A world in which every cache is asked far more often than its answers expire.
fn busy(ttl_s: u64, stubborn: bool) -> Engine {
    scene(|scenario| {
        scenario.arrivals.rate_rps = 1_500.0;
        for client in &mut scenario.clients {
            client.requests_per_connection = 1;
            client.users = 100;
        }
        for server in &mut scenario.servers {
            (server.workers, server.queue) = (2_000, 2_000);
        }
        dns(scenario).ttl_us = SimDuration::from_secs(ttl_s);
        let world = world(scenario);
        for resolver in &mut world.resolvers {
            resolver.caches = 100;
            if !stubborn {
                resolver.keep_us = SimDuration::ZERO;
            }
        }
    })
}

/// When the authority stopped answering with a site, after it died.
fn delisted(engine: &Engine) -> SimTime {
    let facts = engine.view().facts();
    let fact = facts
        .iter()
        .find(|fact| fact.kind == ObservationKind::AddressDelisted);
    fact.expect("its checks failed").at
}

fn astray(engine: &mut Engine, at: SimTime) -> f64 {
    engine.run_until(at, EventBudget::UNBOUNDED);
    let view = engine.view();
    f64::from(view.pointing_at(LONDON).0)
}

#[test]
fn users_leave_a_dead_site_evenly_over_one_ttl() {
    let mut engine = busy(40, false);
    run_secs(&mut engine, 100);
    let at = engine.view().now();
    let before = astray(&mut engine, at);
    assert!(before > 250.0, "a good part is sent to London: {before}");
    act(&mut engine, SiteCommand::KillSite(LONDON));
    run_secs(&mut engine, 15);
    let gone = delisted(&engine);
    for tenths in [4_u64, 6, 8] {
        let at = gone + SimDuration::from_secs(4 * tenths);
        let (found, expected) = (astray(&mut engine, at) / before, 1.0 - tenths as f64 / 10.0);
        // 600 caches of an even age, asked about once a second each: within 7 % of the whole.
        assert!(
            (found - expected).abs() < 0.07,
            "{tenths} tenths of a TTL after: {found} for {expected}"
        );
    }
    assert!(astray(&mut engine, gone + SimDuration::from_secs(41)) < f64::EPSILON);
}

#[test]
fn failed_users_fall_as_answers_expire_and_a_stubborn_resolver_leaves_a_tail() {
    let mut engine = busy(20, true);
    run_secs(&mut engine, 60);
    act(&mut engine, SiteCommand::KillSite(LONDON));
    run_secs(&mut engine, 15);
    let gone = delisted(&engine);
    let failed = |engine: &mut Engine, secs: u64| {
        engine.run_until(gone + SimDuration::from_secs(secs), EventBudget::UNBOUNDED);
        let samples = engine.view().topology().samples();
        let last = samples.iter().rev().take(5);
        last.map(|one| one.failed_users).sum::<u32>()
    };
    // A request fails five seconds after it was sent: what its client gives up after.
    let row = [8, 16, 24, 30].map(|secs| failed(&mut engine, secs));
    assert!(row.is_sorted_by(|a, b| a > b), "{row:?}");
    assert!(row[3] > 0, "the stubborn resolver's users still fail");
    assert!(row[3] * 6 < row[0], "{row:?}");
    let tail = astray(&mut engine, gone + SimDuration::from_secs(40));
    assert!(tail > 0.0);
    // Its answers are kept for 180 s from when they came.
    assert!(astray(&mut engine, gone + SimDuration::from_secs(181)) < f64::EPSILON);
    assert_eq!(failed(&mut engine, 195), 0);
}

#[test]
fn a_ttl_of_nought_asks_each_time_and_leaves_nobody_behind() {
    let mut engine = busy(0, false);
    run_secs(&mut engine, 20);
    act(&mut engine, SiteCommand::KillSite(LONDON));
    run_secs(&mut engine, 15);
    delisted(&engine);
    // Six more seconds for those who set out before that to give up.
    run_secs(&mut engine, 6);
    let before = engine.view().totals().failed;
    run_secs(&mut engine, 20);
    assert_eq!(engine.view().totals().failed, before);
}

#[test]
fn anycast_needs_no_answer_to_expire() {
    let failed = |anycast| {
        let mut engine = scene(|scenario| {
            dns(scenario).anycast = anycast;
            world(scenario)
                .resolvers
                .iter_mut()
                .for_each(|one| one.keep_us = SimDuration::ZERO);
        });
        run_secs(&mut engine, 30);
        act(&mut engine, SiteCommand::KillSite(LONDON));
        run_secs(&mut engine, 60);
        let totals = *engine.view().totals();
        // The routes came round: nobody fails any more.
        let last = engine
            .view()
            .topology()
            .samples()
            .back()
            .map(|one| one.failed_users);
        assert!(!anycast || last == Some(0));
        totals.failed
    };
    let (anycast, names) = (failed(true), failed(false));
    assert!(anycast * 2 < names, "{anycast} against {names}");
}

/// What each site was sent in a minute under a policy.
fn sent(policy: GeoDnsPolicy, edit: impl FnOnce(&mut Scenario)) -> Vec<f64> {
    let mut engine = scene(|scenario| {
        dns(scenario).policy = policy;
        dns(scenario).ttl_us = SimDuration::ZERO;
        for client in &mut scenario.clients {
            client.requests_per_connection = 1;
        }
        world(scenario)
            .resolvers
            .iter_mut()
            .for_each(|one| one.keep_us = SimDuration::ZERO);
        edit(scenario);
    });
    run_secs(&mut engine, 60);
    let sites = engine.view().topology().sites.iter();
    let counts: Vec<u64> = sites.map(|site| site.totals.arrived).collect();
    let all: u64 = counts.iter().sum();
    counts.iter().map(|one| *one as f64 / all as f64).collect()
}

#[test]
fn each_policy_has_its_shares() {
    let even = sent(GeoDnsPolicy::RoundRobin, |_| ());
    assert!(
        even.iter().all(|share| (share - 0.25).abs() < 0.005),
        "{even:?}"
    );
    let weights = [5, 3, 1, 1];
    let weighted = sent(GeoDnsPolicy::Weighted, |scenario| {
        for (site, weight) in world(scenario).sites.iter_mut().zip(weights) {
            site.weight = weight;
        }
    });
    for (share, weight) in weighted.iter().zip(weights) {
        // 7,200 draws: five standard deviations are 3 %.
        assert!(
            (share - f64::from(weight) / 10.0).abs() < 0.03,
            "{weighted:?}"
        );
    }
    assert!((sent(GeoDnsPolicy::Failover, |_| ())[0] - 1.0).abs() < f64::EPSILON);
    // A detour of 200 ms at London: the nearest is still London, the fastest no longer.
    let detour = |scenario: &mut Scenario| {
        world(scenario).sites[LONDON.index()].extra_us = SimDuration::from_ms(200);
    };
    assert!(sent(GeoDnsPolicy::Nearest, detour)[LONDON.index()] > 0.2);
    assert!(sent(GeoDnsPolicy::LowestLatency, detour)[LONDON.index()] < f64::EPSILON);
}

#[test]
fn the_next_site_takes_over_when_the_first_fails() {
    let mut engine = scene(|scenario| {
        dns(scenario).policy = GeoDnsPolicy::Failover;
        dns(scenario).ttl_us = SimDuration::from_secs(5);
        world(scenario)
            .resolvers
            .iter_mut()
            .for_each(|one| one.keep_us = SimDuration::ZERO);
    });
    run_secs(&mut engine, 30);
    act(&mut engine, SiteCommand::KillSite(TOKYO));
    run_secs(&mut engine, 40);
    let before = engine.view().topology().site(LONDON).totals.answered;
    run_secs(&mut engine, 10);
    let gained = engine.view().topology().site(LONDON).totals.answered - before;
    assert!(gained > 1_000, "London answers all 120 a second: {gained}");
    act(&mut engine, SiteCommand::RestoreSite(TOKYO));
    run_secs(&mut engine, 60);
    let before = engine.view().topology().site(TOKYO).totals.answered;
    run_secs(&mut engine, 10);
    assert!(engine.view().topology().site(TOKYO).totals.answered > before + 800);
}

#[test]
fn latency_is_that_of_the_globe() {
    let mut engine = scene(|scenario| {
        scenario.clients.retain(|one| one.name == "Sydney");
        world(scenario).users.retain(|one| one.client == "Sydney");
        scenario.classes.truncate(1);
        scenario.classes[0].work = evenkeel::sim::fleet::spec::Work::Fixed {
            us: SimDuration::from_ms(1),
        };
        scenario.clients[0].requests_per_connection = 1;
        scenario.arrivals.rate_rps = 5.0;
    });
    run_secs(&mut engine, 20);
    let [sydney, tokyo] = ["sydney", "tokyo"].map(|key| find_city(key).expect("listed"));
    // Chord to arc: 6,371 km × 2 asin(chord / 2), 1.5 times as long in cables, at 199,862 km/s.
    let arc = 6_371.0 * 2.0 * asin(chord(sydney, tokyo).sqrt() / 2.0);
    let there_and_back = 2.0 * (arc * 1.5 / 199_862.0 + 0.002);
    let inside = 0.001 + 2.0 * 0.000_5 + 0.002 + 0.000_5;
    let p50 = engine
        .view()
        .recorder()
        .run_percentiles()
        .expect("some")
        .p50;
    let found = p50.as_us() as f64 / 1e6;
    // Some had to wait for the authority's answer, 20 ms; half of them did not.
    assert!((found - there_and_back - inside).abs() < 0.004, "{found}");
}
