//! A link gives the run again, the same digest with it; every link that was ever made can be read;
//! and whatever else is put into one is refused with a reason.

use evenkeel::sim::balance::algorithm::CATALOGUE;
use evenkeel::sim::balance::spec::Layer;
use evenkeel::sim::engine::command::{Command, FaultKind, LogEntry};
use evenkeel::sim::engine::{Engine, EventBudget};
use evenkeel::sim::ids::ServerId;
use evenkeel::sim::run::Run;
use evenkeel::sim::scenario::ServerSpec;
use evenkeel::sim::scenario::preset::{default_scenario, start_scenario};
use evenkeel::sim::share::{LinkError, MAX_AT, MAX_LINK, decode, encode, find, fragment, seal};
use evenkeel::sim::time::{SimDuration, SimTime};
use evenkeel::sim::units::Permille;
use proptest::prelude::*;

use crate::any_scene::any_scene;
use crate::cases::cases;
use crate::conservation::any_command;

/// Links with the digest of their run: each stands here for ever.
const PINNED: &str = include_str!("../golden/links.txt");

fn at_secs(secs: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs(secs)
}

/// The default scene with ten things done to it, as a reader does them.
fn busy() -> Run {
    let mut engine = Engine::new(&default_scenario(), 0x1F2E_3D4C_5B6A);
    let row = &CATALOGUE[3];
    let script = [
        Command::Fault(ServerId(1), FaultKind::Crash),
        Command::SetWeight(ServerId(0), 3),
        Command::SetAlgorithm(row.algorithm, row.flavours[0]),
        Command::SetTraffic(48_000),
        Command::Fault(ServerId(1), FaultKind::Restore),
        Command::AddServer,
        Command::SetActiveChecks(None),
        Command::Fault(ServerId(2), FaultKind::Slow(Permille(4_000))),
        Command::SetLayer(Layer::L4),
        Command::SetPassiveChecks(Some(Default::default())),
    ];
    for (place, command) in script.into_iter().enumerate() {
        let pause = SimDuration::from_us(3_456_789 + 777_777 * place as u64);
        let until = engine.view().now() + pause;
        engine.run_until(until, EventBudget::UNBOUNDED);
        engine.apply(command).expect("the command is possible");
    }
    let until = engine.view().now() + SimDuration::from_us(5_432_101);
    engine.run_until(until, EventBudget::UNBOUNDED);
    Run::of(engine.view())
}

/// A scene unlike the default one: more servers, with names and weights of their own.
fn fleet(servers: usize) -> Run {
    let mut scenario = default_scenario();
    scenario.name = "A larger fleet".to_string();
    scenario.arrivals.rate_rps = 87.5;
    let first = scenario.servers[0].clone();
    scenario.servers = (1..=servers)
        .map(|number| ServerSpec {
            name: format!("web-{number}"),
            address: format!("10.1.{}.{}:8443", number / 250, number % 250 + 1),
            weight: 1 + number as u32 % 5,
            ..first.clone()
        })
        .collect();
    Run {
        seed: scenario.seed,
        scenario,
        log: Vec::new(),
        at: at_secs(30),
    }
}

/// The first scene with a server killed.
fn first() -> Run {
    let mut engine = Engine::new(&start_scenario(), 7);
    engine.run_until(at_secs(4), EventBudget::UNBOUNDED);
    let kill = Command::Fault(ServerId(1), FaultKind::Crash);
    engine.apply(kill).expect("B is there");
    engine.run_until(at_secs(9), EventBudget::UNBOUNDED);
    Run::of(engine.view())
}

fn round_trip(run: &Run) -> Run {
    let text = encode(run).expect("it is short enough");
    decode(&text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refused(text: &str, expected: &str) {
    let error = decode(text).expect_err(text);
    assert!(error.to_string().contains(expected), "{text}: {error}");
}

#[test]
fn ten_commands_take_fewer_than_600_characters() {
    let length = encode(&busy()).expect("it is short").len();
    assert!(length < 300, "{length} characters");
    let untouched = Run::start(default_scenario());
    let start = encode(&untouched).expect("it is short").len();
    assert!(start < 80, "{start} characters");
    let fresh = Run::start(start_scenario());
    let first = encode(&fresh).expect("it is short");
    assert!(first.len() < 24, "{first}");
    assert_eq!(decode(&first), Ok(fresh));
    let eight = encode(&fleet(8)).expect("it is short").len();
    assert!(eight < 300, "{eight} characters");
    let many = encode(&fleet(1_000)).expect("it is short").len();
    assert!(many < 30_000, "{many} characters");
}

#[test]
fn the_same_digest_comes_out_of_a_link() {
    for run in [busy(), fleet(8)] {
        let again = round_trip(&run);
        assert_eq!(again, run);
        assert_eq!(again.replay().view().digest(), run.replay().view().digest());
    }
    let mut engine = busy().replay();
    let digest = engine.view().digest();
    assert_eq!(
        round_trip(&Run::of(engine.view())).replay().view().digest(),
        digest
    );
    let until = engine.view().now() + SimDuration::from_secs(20);
    engine.run_until(until, EventBudget::UNBOUNDED);
    let mut later = round_trip(&busy());
    later.at = until;
    assert_eq!(later.replay().view().digest(), engine.view().digest());
}

#[test]
fn every_link_that_was_ever_made_gives_its_digest() {
    let lines = PINNED
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    let mut count = 0;
    for line in lines {
        let (digest, link) = line.split_once(' ').expect("a digest and a link");
        let run = decode(link).unwrap_or_else(|error| panic!("{link}: {error}"));
        assert_eq!(run.replay().view().digest().to_string(), digest, "{link}");
        count += 1;
    }
    assert!(count >= 4, "{count} links");
}

/// Prints what `tests/golden/links.txt` is made of; only ever added to.
#[test]
fn pinned_links_are_made_like_this() {
    for run in [busy(), fleet(8), first()] {
        let line = format!(
            "{} {}",
            run.replay().view().digest(),
            encode(&run).expect("short")
        );
        println!("{line}");
        assert_eq!(decode(line.split_once(' ').expect("two words").1), Ok(run));
    }
}

#[test]
fn the_run_is_found_in_a_link_and_in_its_fragment() {
    let run = busy();
    let (text, fragment) = (encode(&run).expect("short"), fragment(&run).expect("short"));
    for link in [
        text.clone(),
        fragment.clone(),
        fragment[1..].to_string(),
        format!("https://example.org/evenkeel/?embed=1{fragment}"),
        format!(
            "  https://example.org/#theme=dark&{}&more=1\n",
            &fragment[1..]
        ),
    ] {
        assert_eq!(find(&link), Some(text.as_str()), "{link}");
    }
    for link in ["https://example.org/", "#theme=dark", "#", "#servers"] {
        assert!(
            find(link).is_none_or(|text| decode(text).is_err()),
            "{link}"
        );
    }
    assert_eq!(find("https://example.org/#theme=dark"), None);
}

#[test]
fn what_is_no_link_is_refused_with_a_reason() {
    refused("", "no scene");
    refused(&"A".repeat(MAX_LINK + 1), "65537 characters; at most 65536");
    refused(
        "AY3v<img src=x onerror=alert(1)>",
        "Character 5 of the link is '<'",
    );
    refused("AY3vé", "Character 5 of the link is 'é'");
    refused("A", "missing or was changed");
    refused("AAAA", "missing or was changed");
    refused("AgAAAA", "missing or was changed");
    refused(
        "An1wAA",
        "version 2, which a later Evenkeel made; this one knows version 1",
    );
    refused(&seal(&[0xB0]), "cannot be read");
}

#[test]
fn a_link_that_was_cut_or_changed_is_refused() {
    let text = encode(&busy()).expect("short");
    for length in 0..text.len() {
        assert!(decode(&text[..length]).is_err(), "{length} characters");
    }
    let mut missed = 0;
    for place in 0..text.len() {
        for new in ["A", "z", "_"] {
            let mut changed = text.clone();
            changed.replace_range(place..=place, new);
            // Also where the version is what was changed, nothing is said of a later program.
            missed += u32::from(changed != text && decode(&changed) != Err(LinkError::Damaged));
        }
    }
    assert_eq!(missed, 0);
    let lower = text.to_lowercase();
    assert!(decode(&lower).is_err());
}

#[test]
fn a_scene_that_breaks_a_rule_is_refused_with_its_place() {
    let with = |change: fn(&mut Run)| {
        let mut run = busy();
        change(&mut run);
        encode(&run).expect("short")
    };
    let weight = with(|run| run.scenario.servers[2].weight = 1_000);
    refused(&weight, "servers[2].weight: 1000 is not between 0 and 256");
    let order = with(|run| run.log.swap(2, 5));
    refused(&order, "was given before the one");
    let many = with(|run| run.log = vec![run.log[0].clone(); 2_001]);
    refused(&many, "a run has at most 2000");
    let late = with(|run| run.log[9].at = MAX_AT + SimDuration::from_us(1));
    refused(&late, "later than a simulated day");
    let mut run = busy();
    run.at = MAX_AT + SimDuration::from_us(1);
    assert_eq!(encode(&run), Err(LinkError::TooLate));
}

#[test]
fn a_small_link_cannot_become_a_large_scene() {
    // A list of 2^40 servers, each like the one before it: six bytes for each would be too many.
    let mut body = vec![0xD1];
    body.push(16); // scenario
    body.extend([0xD1, 58]); // servers
    body.extend([0xBF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F]);
    body.extend(std::iter::repeat_n(0, 40_000));
    let error = decode(&seal(&body)).expect_err("too many");
    assert_eq!(error, LinkError::TooLarge);
    // Lists in lists.
    let deep: Vec<u8> = [0xD1, 18]
        .into_iter()
        .chain(std::iter::repeat_n(0xB1, 40_000))
        .collect();
    assert_eq!(decode(&seal(&deep)), Err(LinkError::TooLarge));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(200)))]

    #[test]
    fn any_run_survives_its_link(
        scenario in any_scene(),
        acts in prop::collection::vec((any_command(), 0_u64..90_000_000), 0..30),
        seed in any::<u64>(),
        at in 0_u64..=86_400_000_000,
        // Numbers of up to fifteen digits, which is what JSON keeps for certain.
        (rate, sigma) in (0_u64..1_000_000_000, 0_u64..=4_000_000),
        name in "[^\u{0}]{1,60}",
    ) {
        let mut run = Run { scenario, seed, log: Vec::new(), at: SimTime::from_us(at) };
        run.scenario.arrivals.rate_rps = rate as f64 / 1e3;
        run.scenario.name = format!("a{name}");
        run.scenario.classes[2].work = evenkeel::sim::fleet::spec::Work::LogNormal {
            median_us: SimDuration::from_us(at % 3_600_000_000 + 1),
            sigma: sigma as f64 / 1e6,
        };
        let mut clock = SimTime::ZERO;
        for (command, pause) in acts {
            clock = clock + SimDuration::from_us(pause);
            run.log.push(LogEntry { at: clock, command });
        }
        prop_assert_eq!(round_trip(&run), run);
    }
}
