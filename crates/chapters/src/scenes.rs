//! The pictures of the workbench's scenes, for its list of all scenes.

use std::fs;
use std::path::Path;

use evenkeel_lesson::library::Library;
use evenkeel_scene::picture::reel::{Reel, ReelKind};
use evenkeel_sim::engine::{Engine, EventBudget};
use evenkeel_sim::scenario::preset::{SCENES, start_scenario};
use evenkeel_sim::scenario::validate::parse;
use evenkeel_sim::scenario::{Scale, Scenario};
use evenkeel_sim::time::{SimDuration, SimTime};

use crate::site::ChapterSite;
use crate::write::save;

/// The time between two looks at a run on its way to the picture: a map draws a request later than it was.
const STEP: SimDuration = SimDuration::from_ms(100);
/// The most servers that a small picture can show.
const MOST: usize = 12;

/// Writes `scenarios/NAME.svg` for each scene.
///
/// # Errors
/// A scene that cannot be read, or a file that cannot be written.
pub fn write(site: &ChapterSite<'_>, library: &Library) -> Result<(), String> {
    for (place, (name, _)) in SCENES.iter().enumerate() {
        let scenario = if place == 0 {
            start_scenario()
        } else {
            read(&site.assets.join(format!("scenarios/{name}.json")))?
        };
        let picture = still(&few(scenario), &library.land);
        save(&site.out.join(format!("scenarios/{name}.svg")), picture)?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Scenario, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    parse(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The scene with as many servers as a small picture can show, and traffic to match.
fn few(mut scenario: Scenario) -> Scenario {
    let all = scenario.servers.len();
    if all > MOST {
        scenario.servers.truncate(MOST);
        scenario.arrivals.rate_rps *= MOST as f64 / all as f64;
    }
    scenario
}

/// What a scene is drawn as.
const fn kind(scenario: &Scenario) -> ReelKind {
    if scenario.world.is_some() {
        ReelKind::World
    } else if scenario.pair.is_some() {
        ReelKind::Pair
    } else {
        ReelKind::Stage
    }
}

/// The scene when it is under way.
fn still(scenario: &Scenario, land: &str) -> String {
    let kind = kind(scenario);
    let end = match (kind, scenario.scale) {
        // At the scale of a data centre a thousand servers see enough in a moment.
        (ReelKind::Stage, Scale::True) => SimTime::from_us(500_000),
        _ => SimTime::from_us(12_000_000),
    };
    let mut engine = Engine::new(scenario, scenario.seed);
    let mut reel = Reel::new(kind, land);
    let mut now = SimTime::ZERO;
    while now < end {
        now = (now + STEP).min(end);
        engine.run_until(now, EventBudget::UNBOUNDED);
        if kind == ReelKind::World {
            reel.follow(engine.view());
        }
    }
    reel.take(engine.view());
    reel.file(engine.view(), None)
}
