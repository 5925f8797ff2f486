//! What a reader changes while it runs: rules, pairs. Each change has its effect, is in the log and
//! in a link, and is part of the scene that is saved.

use evenkeel::scene::refusal::refusal;
use evenkeel::sim::balance::l7::keepalive::KeepaliveSpec;
use evenkeel::sim::balance::l7::rules::{RouteAction, RouteMatch, Rule, SplitWeight};
use evenkeel::sim::engine::Engine;
use evenkeel::sim::engine::command::{Command, NodeFault, SiteCommand};
use evenkeel::sim::engine::frontend::FrontendCommand;
use evenkeel::sim::gslb::geodns::GeoDnsPolicy;
use evenkeel::sim::ha::vrrp::VrrpState;
use evenkeel::sim::ids::{BalancerId, SiteId};
use evenkeel::sim::run::Run;
use evenkeel::sim::scenario::validate::faults;
use evenkeel::sim::share;
use evenkeel::sim::time::SimDuration;

use crate::support::{run_ms, run_secs, scene_file, send, tries_of};

const SITE: SiteId = SiteId(0);

fn scene(name: &str) -> Engine {
    let scenario = scene_file(name);
    Engine::new(&scenario, scenario.seed)
}

fn front(engine: &mut Engine, command: FrontendCommand) {
    send(engine, Command::Frontend(command));
}

fn edge(engine: &mut Engine, command: SiteCommand) {
    send(engine, Command::Site(command));
}

fn rule(path: Option<&str>, then: RouteAction) -> Box<Rule> {
    Box::new(Rule {
        name: String::new(),
        when: RouteMatch {
            path: path.map(str::to_string),
            ..RouteMatch::default()
        },
        then,
        on: true,
    })
}

fn pool_of(engine: &Engine, name: &str) -> u32 {
    let names = engine.view().scenario().pool_names();
    let place = names.iter().position(|one| one == name);
    place.expect("the scene has the pool") as u32
}

/// How many tries a pool gets in ten seconds.
fn gained(engine: &mut Engine, pool: u32) -> u64 {
    // What was decided before is through by then.
    run_secs(engine, 10);
    let before = tries_of(engine, pool);
    run_secs(engine, 10);
    tries_of(engine, pool) - before
}

#[test]
fn a_rule_that_is_added_before_the_others_decides_and_gone_it_does_not() {
    let mut engine = scene("l7_routing");
    let pay = pool_of(&engine, "pay");
    let usual = gained(&mut engine, pay);
    assert!(usual > 0);
    let all = rule(None, RouteAction::Pool("pay".to_string()));
    front(&mut engine, FrontendCommand::AddRule(0, all));
    let web = gained(&mut engine, 0);
    assert_eq!(web, 0, "everything goes to the pool pay");
    assert!(gained(&mut engine, pay) > usual * 2);
    front(&mut engine, FrontendCommand::RemoveRule(0));
    assert!(gained(&mut engine, 0) > 0);
    let again = gained(&mut engine, pay);
    assert!(again < usual * 2, "{again} against {usual}");
    assert!(engine.view().is_conserved());
}

#[test]
fn the_order_of_rules_decides_and_counts_go_with_their_rule() {
    let mut engine = scene("plain");
    let block = rule(Some("/"), RouteAction::Block);
    let own = rule(Some("/"), RouteAction::Static);
    front(&mut engine, FrontendCommand::AddRule(0, own));
    front(&mut engine, FrontendCommand::AddRule(1, block));
    run_secs(&mut engine, 10);
    let counts = |engine: &Engine| {
        let table = &engine.view().balancer().front().rules;
        [0, 1].map(|place| (table.counts(place).matched, table.counts(place).denied))
    };
    let before = counts(&engine);
    assert!(before[0].0 > 0 && before[1] == (0, 0), "{before:?}");
    front(&mut engine, FrontendCommand::MoveRule(1, 0));
    assert_eq!(counts(&engine), [before[1], before[0]]);
    run_secs(&mut engine, 10);
    let after = counts(&engine);
    assert_eq!(after[1], before[0], "nobody comes past the first rule");
    assert!(after[0].1 > 0);
    // Rewritten it counts from nothing.
    let split = RouteAction::Split(vec![
        SplitWeight {
            pool: "main".to_string(),
            share: 1,
        },
        SplitWeight {
            pool: "main".to_string(),
            share: 1,
        },
    ]);
    front(&mut engine, FrontendCommand::SetRule(0, rule(None, split)));
    assert_eq!(counts(&engine)[0], (0, 0));
    run_secs(&mut engine, 10);
    assert!(tries_of(&engine, 0) > 0);
}

#[test]
fn a_rule_that_cannot_be_is_refused_with_its_place_and_the_scene_goes_on() {
    let mut engine = scene("l7_routing");
    let mut refuse = |command, words: &str| {
        let error = engine.apply(Command::Frontend(command)).expect_err(words);
        let said = refusal(error);
        assert!(said.contains(words), "{said}");
    };
    let nowhere = || rule(None, RouteAction::Pool("nowhere".to_string()));
    let missing = "rule.then.pool: there is no pool \"nowhere\"; there are: ";
    refuse(FrontendCommand::AddRule(0, nowhere()), missing);
    refuse(FrontendCommand::SetRule(0, nowhere()), missing);
    refuse(
        FrontendCommand::AddRule(60, rule(None, RouteAction::Block)),
        "There is no rule number 61.",
    );
    refuse(
        FrontendCommand::AddRule(0, rule(Some(""), RouteAction::Block)),
        "rule.when.path",
    );
    refuse(
        FrontendCommand::MoveRule(0, 60),
        "There is no rule number 61.",
    );
    let one_sided = RouteAction::Split(vec![SplitWeight {
        pool: "pay".to_string(),
        share: 1,
    }]);
    refuse(
        FrontendCommand::AddRule(0, rule(None, one_sided)),
        "rule.then.split: 1 parts",
    );
    run_secs(&mut engine, 10);
    assert!(engine.view().log().is_empty() && engine.view().totals().answered > 100);
    let spare = 64 - engine.view().balancer().front().rules.rules().len();
    for _ in 0..spare {
        front(
            &mut engine,
            FrontendCommand::AddRule(0, rule(Some("/no"), RouteAction::Block)),
        );
    }
    let last = FrontendCommand::AddRule(0, rule(None, RouteAction::Block));
    let error = engine.apply(Command::Frontend(last)).expect_err("full");
    assert_eq!(refusal(error), "A balancer has at most 64 rules.");
}

fn pair(engine: &Engine) -> &evenkeel::sim::engine::pair::HaPair {
    let pair = engine.view().topology().site(SITE).pair.as_ref();
    pair.expect("the scene has a pair")
}

fn states(engine: &Engine) -> [VrrpState; 2] {
    pair(engine).machines.each_ref().map(|one| one.state())
}

const FIRST_WORKS: [VrrpState; 2] = [VrrpState::Active, VrrpState::Backup];
const SECOND_WORKS: [VrrpState; 2] = [VrrpState::Backup, VrrpState::Active];

#[test]
fn a_higher_priority_takes_the_address_where_preemption_is_on() {
    for (preempt, expected) in [(true, SECOND_WORKS), (false, FIRST_WORKS)] {
        let mut engine = scene("active_passive");
        edge(&mut engine, SiteCommand::SetPreempt(SITE, preempt));
        run_secs(&mut engine, 10);
        assert_eq!(states(&engine), FIRST_WORKS);
        edge(&mut engine, SiteCommand::SetPriority(BalancerId(1), 250));
        run_secs(&mut engine, 5);
        assert_eq!(states(&engine), expected, "preempt {preempt}");
        assert_eq!(pair(&engine).spec.members[1].priority, 250);
    }
    // The owner of the address takes it in any case.
    let mut engine = scene("active_passive");
    edge(&mut engine, SiteCommand::SetPreempt(SITE, false));
    edge(&mut engine, SiteCommand::SetPriority(BalancerId(1), 255));
    run_secs(&mut engine, 5);
    assert_eq!(states(&engine), SECOND_WORKS);
}

#[test]
fn another_interval_reaches_the_other_before_it_would_take_over() {
    for advert_cs in [20_u32, 500, 4_095] {
        let mut engine = scene("active_passive");
        run_ms(&mut engine, 10_300);
        edge(&mut engine, SiteCommand::SetAdvertInterval(SITE, advert_cs));
        for _ in 0..600 {
            run_ms(&mut engine, 100);
            assert_eq!(states(&engine), FIRST_WORKS, "{advert_cs}");
        }
        edge(
            &mut engine,
            SiteCommand::Node(BalancerId(0), NodeFault::Kill),
        );
        let interval = u64::from(advert_cs) * 10_000;
        let priority = u64::from(pair(&engine).spec.members[1].priority);
        let most = 3 * interval + (256 - priority) * interval / 256;
        run_ms(&mut engine, most / 1_000 + 200);
        let found = pair(&engine).takeovers.back().expect("one took over");
        assert_eq!(found.within.as_us(), most);
        // The scene's link takes 150 ms.
        assert!(found.took().as_us() <= most + 150_000, "{found:?}");
    }
}

#[test]
fn what_the_pair_shares_and_checks_can_be_switched_while_it_runs() {
    let mut engine = scene("active_passive");
    run_secs(&mut engine, 5);
    let checked = |engine: &Engine| {
        let view = engine.view();
        view.members_of(BalancerId(1))
            .any(|one| one.probe != evenkeel::sim::engine::probes::ProbePhase::Off)
    };
    assert!(!checked(&engine));
    edge(&mut engine, SiteCommand::SetStandbyChecks(SITE, true));
    run_secs(&mut engine, 5);
    assert!(checked(&engine));
    edge(&mut engine, SiteCommand::SetStandbyChecks(SITE, false));
    assert!(!checked(&engine));
    edge(&mut engine, SiteCommand::SetSharedConnections(SITE, true));
    assert!(pair(&engine).spec.shared_connections);
}

#[test]
fn a_pair_is_tuned_only_where_there_is_one_and_within_its_ranges() {
    let mut plain = scene("plain");
    let mut both = scene("active_active_40");
    let mut pair = scene("active_passive");
    let refuse = |engine: &mut Engine, command, words: &str| {
        let error = engine.apply(Command::Site(command)).expect_err(words);
        assert_eq!(refusal(error), words);
    };
    let no_pair = "This scene has no such pair with a link.";
    for engine in [&mut plain, &mut both] {
        refuse(engine, SiteCommand::SetPreempt(SITE, true), no_pair);
        refuse(engine, SiteCommand::SetPriority(BalancerId(0), 9), no_pair);
    }
    refuse(
        &mut plain,
        SiteCommand::SetPriority(BalancerId(7), 9),
        "This scene has no such balancer.",
    );
    refuse(
        &mut pair,
        SiteCommand::SetPriority(BalancerId(0), 0),
        "A priority must be between 1 and 255.",
    );
    refuse(
        &mut pair,
        SiteCommand::SetAdvertInterval(SITE, 4_096),
        "The time between advertisements, in hundredths of a second, must be between 1 and 4,095.",
    );
    // Equal priorities are no fault: a backup that hears its equal stays one.
    for id in [0, 1] {
        edge(&mut pair, SiteCommand::SetPriority(BalancerId(id), 100));
    }
    run_secs(&mut pair, 20);
    assert_eq!(states(&pair), FIRST_WORKS);
}

/// A world with everything changed that can be changed.
fn changed() -> Engine {
    let mut engine = scene("world");
    run_secs(&mut engine, 3);
    let block = rule(Some("/admin"), RouteAction::Block);
    front(&mut engine, FrontendCommand::AddRule(0, block));
    let keep = KeepaliveSpec {
        idle: 3,
        timeout_us: SimDuration::from_secs(9),
    };
    front(&mut engine, FrontendCommand::SetKeepalive(Some(keep)));
    run_secs(&mut engine, 3);
    for command in [
        SiteCommand::SetPriority(BalancerId(1), 201),
        SiteCommand::SetAdvertInterval(SITE, 50),
        SiteCommand::SetPreempt(SITE, false),
        SiteCommand::SetSharedConnections(SITE, true),
        SiteCommand::SetStandbyChecks(SITE, true),
        SiteCommand::SetPolicy(GeoDnsPolicy::Weighted),
        SiteCommand::SetTtl(SimDuration::ZERO),
    ] {
        edge(&mut engine, command);
        run_secs(&mut engine, 1);
    }
    engine
}

#[test]
fn a_link_and_a_replay_give_every_change_again() {
    let engine = changed();
    let run = Run::of(engine.view());
    assert_eq!(run.log.len(), 9);
    let fragment = share::encode(&run).expect("it fits into a link");
    let decoded = share::decode(&fragment).expect("it was made a moment ago");
    assert_eq!(decoded, run);
    assert_eq!(decoded.replay().view().digest(), engine.view().digest());
}

#[test]
fn a_saved_scene_has_every_change() {
    let engine = changed();
    let saved = engine.view().edited();
    assert_eq!(faults(&saved), []);
    assert_eq!(saved.rules[0].then, RouteAction::Block);
    assert_eq!(saved.balancer.keepalive.map(|keep| keep.idle), Some(3));
    let site = &saved.world.as_ref().expect("a world").sites[0];
    let spec = site.pair.as_ref().expect("a pair");
    assert_eq!(spec.members[1].priority, 201);
    assert_eq!((spec.advert_cs, spec.preempt), (50, false));
    assert!(spec.shared_connections && spec.standby_checks);
    let dns = saved.dns.expect("a name");
    assert_eq!(
        (dns.policy, dns.ttl_us),
        (GeoDnsPolicy::Weighted, SimDuration::ZERO)
    );
}
