//! What a scenario may say of pairs, names and sites: what is wrong is refused with its place.

use evenkeel::scene::refusal::refusal;
use evenkeel::sim::engine::Engine;
use evenkeel::sim::engine::command::{Command, SiteCommand};
use evenkeel::sim::ids::{BalancerId, SiteId};
use evenkeel::sim::scenario::preset::SCENES;
use evenkeel::sim::scenario::validate::parse;
use evenkeel::sim::time::SimDuration;
use serde_json::{Value, json};

use crate::support::{run_secs, scene_file, world};

fn with(file: &str, place: &str, value: Value) -> String {
    let text = std::fs::read_to_string(format!("assets/scenarios/{file}.json"));
    let mut scene: Value = serde_json::from_str(&text.expect("it is there")).expect("it is JSON");
    let (parent, name) = place.rsplit_once('/').expect("a path has a name");
    let parent = scene.pointer_mut(parent).expect("the place is there");
    match name.parse::<usize>() {
        Ok(index) => parent[index] = value,
        Err(_) => parent[name] = value,
    }
    scene.to_string()
}

fn refused(file: &str, place: &str, value: Value, expected: &str) {
    let error = parse(&with(file, place, value)).expect_err(place);
    assert!(error.to_string().contains(expected), "{place}: {error}");
}

#[test]
fn wrong_pairs_are_refused_with_their_place() {
    let refused = |place: &str, value, expected: &str| {
        refused("active_passive", place, value, expected);
    };
    refused(
        "/pair/members/1",
        json!({ "name": "LB 2", "address": "10.0.0.11", "priority": 200 }),
        "pair.members[1].address: 10.0.0.11 with priority 200 is what members[0] has",
    );
    refused(
        "/pair/members/1/address",
        json!("10.0.0.11"),
        "pair.members[1].address: 10.0.0.11 is the address of members[0] already",
    );
    refused(
        "/pair/members/1/name",
        json!("LB 1"),
        "pair.members[1].name: \"LB 1\" is the name of members[0]",
    );
    refused(
        "/pair/members/0/priority",
        json!(0),
        "pair.members[0].priority: 0 is not between 1 and 255",
    );
    refused(
        "/pair/members/0/priority",
        json!(256),
        "invalid value: integer `256`",
    );
    refused(
        "/pair/advert_cs",
        json!(4_096),
        "pair.advert_cs: 4096 is not between 1 and 4095",
    );
    refused(
        "/pair/vip",
        Value::Null,
        "pair.vip: active_passive needs the virtual address",
    );
    refused("/pair/members", json!([]), "invalid length 0");
    refused("/pair/mode", json!("both"), "unknown variant `both`");
    refused("/patience/resend_us", json!(0), "patience.resend_us: 0");
    let ecmp = json!({
        "mode": "active_active", "spread": "ecmp",
        "members": scene_file("active_passive").pair.expect("it has one").members,
    });
    refused("/pair", ecmp, "pair.vip: ecmp needs the one address");
}

#[test]
fn wrong_worlds_are_refused_with_their_place() {
    let refused = |place: &str, value, expected: &str| refused("world", place, value, expected);
    refused(
        "/world/sites/1/region",
        json!("moon"),
        "world.sites[1].region: \"moon\" is not a known region: north_america,",
    );
    refused(
        "/world/sites/1/region",
        json!("asia"),
        "world.sites[1].city: london is in europe, not in asia",
    );
    refused(
        "/world/sites/1/city",
        json!("atlantis"),
        "world.sites[1].city: \"atlantis\" is not a known city: tokyo,",
    );
    refused(
        "/world/sites",
        json!([]),
        "world.sites: 0 entries; between 1 and 32",
    );
    refused(
        "/world/sites/1/name",
        json!("Tokyo"),
        "world.sites[1].name: \"Tokyo\" is the name of another site",
    );
    refused(
        "/world/sites/0/servers/0",
        json!("X9"),
        "world.sites[0].servers[0]: \"X9\" is not the name of a server",
    );
    refused(
        "/world/sites/0/servers/0",
        json!("L1"),
        "\"L1\" stands in 2 sites of the world, and should in one",
    );
    refused("/world/resolvers", json!([]), "world.resolvers: 0 entries");
    refused(
        "/world/users/0/resolver",
        json!("nobody"),
        "world.users[0].resolver: \"nobody\" is not the name of a resolver",
    );
    refused(
        "/world/users/0/client",
        json!("London"),
        "clients[0]: \"Tokyo\" has no place in world.users",
    );
    refused("/dns/ttl_us", json!(-1), "invalid value: integer `-1`");
    refused("/dns/checks/fall", json!(0), "dns.checks.fall: 0");
    refused("/dns/policy", json!("luck"), "unknown variant `luck`");
    let pair = json!({ "members": scene_file("active_passive").pair.expect("one").members });
    refused("/pair", pair, "pair: a world has its pairs in its sites");
    let mut plain = scene_file("active_passive");
    plain.dns = scene_file("world").dns;
    plain.dns.as_mut().expect("it has one").anycast = true;
    let text = serde_json::to_string(&plain).expect("it can be written");
    let error = parse(&text).expect_err("no sites");
    assert!(
        error
            .to_string()
            .contains("dns.anycast: needs the sites of a world")
    );
}

#[test]
fn a_ttl_of_nought_is_fine() {
    assert!(parse(&with("world", "/dns/ttl_us", json!(0))).is_ok());
}

#[test]
fn every_listed_scene_has_its_name_and_survives_a_round_trip() {
    for (file, name) in SCENES {
        let scene = scene_file(file);
        assert_eq!(scene.name, *name, "{file}");
        let text = serde_json::to_string(&scene).expect("it can be written");
        assert_eq!(parse(&text), Ok(scene), "{file}");
    }
}

#[test]
fn impossible_commands_say_why_and_the_scene_goes_on() {
    let refuse = |engine: &mut Engine, command: SiteCommand, words: &str| {
        let error = engine.apply(Command::Site(command)).expect_err(words);
        assert_eq!(refusal(error), words);
    };
    let kill = |id| {
        SiteCommand::Node(
            BalancerId(id),
            evenkeel::sim::engine::command::NodeFault::Kill,
        )
    };
    let mut plain = world(|_| ());
    refuse(&mut plain, kill(1), "This scene has no such balancer.");
    refuse(
        &mut plain,
        SiteCommand::KillSite(SiteId(4)),
        "This scene has no such site.",
    );
    refuse(
        &mut plain,
        SiteCommand::SetLink(SiteId(0), false),
        "This scene has no such pair with a link.",
    );
    refuse(
        &mut plain,
        SiteCommand::SetTtl(SimDuration::ZERO),
        "This scene has no DNS name.",
    );
    refuse(
        &mut plain,
        SiteCommand::SetAnycast(true),
        "This scene has no world of sites.",
    );
    let mut world = Engine::new(&scene_file("world"), 7);
    refuse(
        &mut world,
        SiteCommand::SetTtl(SimDuration::from_secs(3_601)),
        "A TTL in microseconds must be between 0 and 3,600,000,000.",
    );
    run_secs(&mut world, 5);
    assert!(world.view().totals().answered > 300);
    assert!(world.view().log().is_empty());
}

#[test]
fn a_balancer_that_stands_alone_takes_everything_with_it() {
    let mut engine = world(|_| ());
    run_secs(&mut engine, 10);
    let kill = SiteCommand::Node(
        BalancerId(0),
        evenkeel::sim::engine::command::NodeFault::Kill,
    );
    engine.apply(Command::Site(kill)).expect("it is there");
    run_secs(&mut engine, 2);
    let answered = engine.view().totals().answered;
    run_secs(&mut engine, 30);
    assert_eq!(engine.view().totals().answered, answered);
    assert!(engine.view().totals().failed > 600);
    assert!(engine.view().is_conserved());
}
