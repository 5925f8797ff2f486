//! Pictures of many scenes: well-formed, in bounds, and nothing of a scene becomes markup.

use super::*;
use evenkeel_sim::engine::command::{Command, FaultKind};
use evenkeel_sim::engine::{Engine, EventBudget};
use evenkeel_sim::ids::ServerId;
use evenkeel_sim::scenario::Scenario;
use evenkeel_sim::scenario::preset::default_scenario;
use evenkeel_sim::time::{SimDuration, SimTime};

fn picture(change: impl FnOnce(&mut Scenario), commands: &[Command]) -> String {
    let mut scenario = default_scenario();
    change(&mut scenario);
    let mut engine = Engine::new(&scenario, 7);
    engine.set_watched(true);
    for command in commands {
        engine
            .apply(command.clone())
            .expect("the command is possible");
    }
    let until = SimTime::ZERO + SimDuration::from_secs(20);
    engine.run_until(until, EventBudget::UNBOUNDED);
    svg(engine.view(), &PictureOptions::default())
}

/// Every start tag has its end tag, in order: enough of XML for what is written here.
fn assert_well_formed(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    for part in svg.split('<').skip(1) {
        let (tag, after) = part.split_once('>').expect("a tag ends");
        assert!(!after.contains('"'), "{after}");
        let name = tag
            .trim_start_matches('/')
            .split([' ', '/'])
            .next()
            .unwrap_or_default();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn a_picture_says_what_the_stage_says() {
    let svg = picture(|_| (), &[Command::Fault(ServerId(3), FaultKind::Crash)]);
    assert_well_formed(&svg);
    for text in [
        "<title>Four equal servers</title>",
        "<desc>4 clients send 30 requests a second",
        ">203.0.113.7<",
        ">L7 · Weighted round robin<",
        ">Why server ",
        ">Server A<",
        ">weight 1<",
        "class=\"f ink\"",
        "class=\"h s0\"",
        "wire down",
        "really crashed",
    ] {
        assert!(svg.contains(text), "{text}");
    }
}

#[test]
fn nothing_in_a_scene_becomes_markup() {
    let svg = picture(
        |scene| {
            let evil = "<img src=x onerror=\"alert(1)\">]]>&'".to_string();
            scene.name.clone_from(&evil);
            scene.clients[0].name.clone_from(&evil);
            scene.clients[1].note.clone_from(&evil);
            scene.servers[0].name.clone_from(&evil);
            scene.servers[1].address = evil + ":80";
        },
        &[],
    );
    assert_well_formed(&svg);
    assert!(!svg.contains("<img"));
    assert!(svg.contains("&lt;img src=x"));
}

#[test]
fn large_scenes_are_counted_and_small_ones_are_still_pictures() {
    let many = picture(
        |scene| {
            let first = scene.servers[0].clone();
            let client = scene.clients[0].clone();
            for number in 0..40 {
                let mut server = first.clone();
                server.name = format!("web-{number}");
                scene.servers.push(server);
                scene.clients.push(client.clone());
            }
        },
        &[],
    );
    assert_well_formed(&many);
    assert_eq!(many.matches("and 32 more").count(), 2);
    let none = picture(|scene| scene.servers.clear(), &[]);
    assert_well_formed(&none);
}

#[test]
fn colours_can_be_fixed() {
    let engine = Engine::new(&default_scenario(), 7);
    let with = |theme| {
        let options = PictureOptions {
            theme,
            title: Some("A & B".into()),
            transparent: true,
        };
        svg(engine.view(), &options)
    };
    assert!(with(PictureTheme::Auto).contains("prefers-color-scheme"));
    assert!(!with(PictureTheme::Dark).contains("prefers-color-scheme"));
    assert!(with(PictureTheme::Dark).contains("--card:#1a202a"));
    assert!(with(PictureTheme::Light).contains("--card:#ffffff"));
    assert!(with(PictureTheme::Light).contains("<title>A &amp; B</title>"));
}
