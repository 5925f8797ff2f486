//! Nothing is ever lost: arrived = answered + failed + rejected + timed out + in flight, at every
//! instant, whatever the reader does.

use evenkeel::sim::balance::algorithm::{Algorithm, CATALOGUE, Implementation};
use evenkeel::sim::balance::endpoint::AdminState;
use evenkeel::sim::balance::l7::keepalive::KeepaliveSpec;
use evenkeel::sim::balance::l7::rules::{RouteAction, RouteMatch, Rule};
use evenkeel::sim::balance::l7::token_bucket::RateLimit;
use evenkeel::sim::balance::spec::{Layer, ReturnPath};
use evenkeel::sim::engine::command::{Command, FaultKind, NodeFault, SiteCommand};
use evenkeel::sim::engine::frontend::FrontendCommand;
use evenkeel::sim::engine::{Engine, EventBudget};
use evenkeel::sim::gslb::geodns::POLICIES;
use evenkeel::sim::ids::{BalancerId, ServerId, SiteId};
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::scenario::validate::faults;
use evenkeel::sim::time::SimDuration;
use evenkeel::sim::units::Permille;
use proptest::prelude::*;

use crate::any_scene::{any_fields, any_pair, any_passive, any_scene};
use crate::cases::cases;
use crate::possible::attempt;
use crate::support::{run_ms, run_secs, scene_file, world};

/// Acts upon balancers, sites and the name; many of them impossible in a scene without these.
fn any_edge_command() -> impl Strategy<Value = Command> {
    let fault = prop_oneof![
        Just(NodeFault::Kill),
        Just(NodeFault::Stop),
        Just(NodeFault::Revive),
        Just(NodeFault::Revive)
    ];
    let site = (0_u32..4).prop_map(SiteId);
    let tuned = site.clone();
    let command = prop_oneof![
        4 => (0_u32..8, fault).prop_map(|(id, fault)| SiteCommand::Node(BalancerId(id), fault)),
        2 => (site.clone(), any::<bool>()).prop_map(|(id, up)| SiteCommand::SetLink(id, up)),
        1 => site.clone().prop_map(SiteCommand::KillSite),
        2 => site.prop_map(SiteCommand::RestoreSite),
        1 => (0..POLICIES.len()).prop_map(|place| SiteCommand::SetPolicy(POLICIES[place])),
        1 => (0_u64..5_000).prop_map(|ms| SiteCommand::SetTtl(SimDuration::from_ms(ms))),
        1 => any::<bool>().prop_map(SiteCommand::SetClientSubnet),
        1 => any::<bool>().prop_map(SiteCommand::SetAnycast),
        1 => (0_u32..8, 0_u8..=255).prop_map(|(id, priority)| {
            SiteCommand::SetPriority(BalancerId(id), priority)
        }),
        1 => (tuned.clone(), 0_u32..300).prop_map(|(id, advert)| {
            SiteCommand::SetAdvertInterval(id, advert)
        }),
        1 => (tuned.clone(), any::<bool>()).prop_map(|(id, on)| SiteCommand::SetPreempt(id, on)),
        1 => (tuned.clone(), any::<bool>()).prop_map(|(id, on)| {
            SiteCommand::SetSharedConnections(id, on)
        }),
        1 => (tuned, any::<bool>()).prop_map(|(id, on)| SiteCommand::SetStandbyChecks(id, on)),
    ];
    command.prop_map(Command::Site)
}

/// Some rule; its pool may not be in the scene.
fn any_rule() -> impl Strategy<Value = Rule> {
    let then = prop_oneof![
        Just(RouteAction::Static),
        Just(RouteAction::Block),
        Just(RouteAction::Upgrade),
        Just(RouteAction::Pool("web".to_string())),
        Just(RouteAction::Pool("pay".to_string())),
        (1_u32..20_000, 1_u32..10).prop_map(|(rate_permille, burst)| {
            RouteAction::Limit(RateLimit {
                rate_permille,
                burst,
            })
        }),
    ];
    let path = prop_oneof![
        Just(None),
        Just(Some("/checkout".to_string())),
        Just(Some("/s".to_string()))
    ];
    (path, then, any::<bool>()).prop_map(|(path, then, on)| Rule {
        name: String::new(),
        when: RouteMatch {
            path,
            ..RouteMatch::default()
        },
        then,
        on,
    })
}

/// For rules, pools and a processor that the scene may lack.
fn any_front_command() -> impl Strategy<Value = FrontendCommand> {
    let place = 0_u32..8;
    let any_place = place.clone();
    let limit = (1_u32..20_000, 1_u32..10).prop_map(|(rate_permille, burst)| RateLimit {
        rate_permille,
        burst,
    });
    let path = prop_oneof![Just(ReturnPath::Nat), Just(ReturnPath::Direct)];
    let keep = prop::option::of(0_u32..4).prop_map(|idle| {
        idle.map(|idle| KeepaliveSpec {
            idle,
            timeout_us: SimDuration::from_secs(2),
        })
    });
    prop_oneof![
        (place.clone(), any::<bool>()).prop_map(|(rule, on)| FrontendCommand::SwitchRule(rule, on)),
        (place.clone(), limit).prop_map(|(rule, limit)| FrontendCommand::SetLimit(rule, limit)),
        (place, 0_u32..=100).prop_map(|(rule, share)| FrontendCommand::SetSplit(rule, share)),
        (1_u32..5).prop_map(FrontendCommand::SetCores),
        (any_place.clone(), any_rule())
            .prop_map(|(place, rule)| FrontendCommand::AddRule(place, Box::new(rule))),
        (any_place.clone(), any_rule())
            .prop_map(|(place, rule)| FrontendCommand::SetRule(place, Box::new(rule))),
        any_place.clone().prop_map(FrontendCommand::RemoveRule),
        (any_place.clone(), any_place).prop_map(|(from, to)| FrontendCommand::MoveRule(from, to)),
        path.prop_map(FrontendCommand::SetReturnPath),
        keep.prop_map(FrontendCommand::SetKeepalive),
    ]
}

/// Some of every command; it may be impossible where it is given.
pub fn any_command() -> impl Strategy<Value = Command> {
    let server = (0_u32..8).prop_map(ServerId);
    // A slowdown to a twentieth at most, or hardly anything is done.
    let fault = (0..FaultKind::EXAMPLES.len(), 0_u32..19_000).prop_map(|(which, permille)| {
        let (mut fault, _) = FaultKind::EXAMPLES[which];
        if let Some((value, range)) = fault.permille() {
            *value = Permille((range.start() + permille).min(*range.end()));
        }
        fault
    });
    let admin = prop_oneof![
        Just(AdminState::Ready),
        Just(AdminState::Drain),
        Just(AdminState::Maint)
    ];
    prop_oneof![
        4 => (server.clone(), fault).prop_map(|(id, fault)| Command::Fault(id, fault)),
        2 => (server.clone(), 0_u32..6).prop_map(|(id, weight)| Command::SetWeight(id, weight)),
        1 => (server.clone(), admin).prop_map(|(id, admin)| Command::SetAdmin(id, admin)),
        1 => Just(Command::AddServer),
        1 => server.prop_map(Command::RemoveServer),
        2 => (0..CATALOGUE.len(), any::<usize>()).prop_map(|(row, form)| {
            let row = &CATALOGUE[row];
            let implementation = row.flavours[form % row.flavours.len()];
            Command::SetAlgorithm(row.algorithm, implementation)
        }),
        2 => prop_oneof![Just(Layer::L4), Just(Layer::L7)].prop_map(Command::SetLayer),
        1 => (0_u64..200_000).prop_map(Command::SetTraffic),
        1 => any::<bool>().prop_map(|on| Command::SetActiveChecks(on.then(Default::default))),
        1 => any_passive().prop_map(Command::SetPassiveChecks),
        2 => any_front_command().prop_map(Command::Frontend),
        2 => any_edge_command(),
    ]
}

/// Everything that must hold between any two events. The engine checks itself; the first law is
/// counted here once more, from outside.
fn assert_sound(engine: &Engine) {
    let view = engine.view();
    assert!(
        view.is_conserved(),
        "{:?}, in flight {}",
        view.totals(),
        view.in_flight()
    );
    engine.check_invariants();
}

/// Gives a command that may be impossible (the server is gone); then it must change nothing.
fn try_out(engine: &mut Engine, command: &Command) {
    let before = (engine.view().digest(), *engine.view().totals());
    if !attempt(engine, command) {
        let after = (engine.view().digest(), *engine.view().totals());
        assert_eq!(after, before);
    }
}

/// What may happen in a run: commands, each with the time until the next, in milliseconds.
fn any_acts() -> impl Strategy<Value = Vec<(Command, u64)>> {
    prop::collection::vec((any_command(), 0_u64..4_000), 1..12)
}

fn assert_loses_nothing(scenario: &Scenario, acts: Vec<(Command, u64)>, seed: u64) {
    assert_eq!(faults(scenario), []);
    let mut engine = Engine::new(scenario, seed);
    for (command, pause_ms) in acts {
        try_out(&mut engine, &command);
        assert_sound(&engine);
        run_ms(&mut engine, pause_ms);
        assert_sound(&engine);
    }
}

// Three tests, and not one, so that every core has work to the end.
proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(200)))]

    #[test]
    fn random_histories_lose_nothing(
        scenario in any_scene(), acts in any_acts(), seed in any::<u64>(),
    ) {
        assert_loses_nothing(&scenario, acts, seed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(100)))]

    #[test]
    fn random_histories_of_any_fields_lose_nothing(
        scenario in any_fields(), acts in any_acts(), seed in any::<u64>(),
    ) {
        assert_loses_nothing(&scenario, acts, seed);
    }

    #[test]
    fn random_histories_of_a_pair_lose_nothing(
        scenario in any_pair(), acts in any_acts(), seed in any::<u64>(),
    ) {
        assert_loses_nothing(&scenario, acts, seed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(40)))]

    #[test]
    fn random_histories_of_a_world_lose_nothing(
        acts in prop::collection::vec(
            (prop_oneof![2 => any_edge_command().boxed(), 1 => any_command().boxed()], 0_u64..8_000),
            1..12,
        ),
        seed in any::<u64>(),
    ) {
        let mut scenario = scene_file("world");
        scenario.arrivals.rate_rps = 20.0;
        let mut engine = Engine::new(&scenario, seed);
        for (command, pause_ms) in acts {
            try_out(&mut engine, &command);
            assert_sound(&engine);
            run_ms(&mut engine, pause_ms);
            assert_sound(&engine);
        }
    }
}

#[test]
fn conservation_holds_after_every_single_event() {
    let mut engine = world(|_| ());
    let script = [
        Command::Fault(ServerId(0), FaultKind::Crash),
        Command::Fault(ServerId(1), FaultKind::Hang),
        Command::SetLayer(Layer::L4),
        Command::RemoveServer(ServerId(1)),
        Command::Fault(ServerId(2), FaultKind::Fail(Permille(500))),
        Command::SetLayer(Layer::L7),
        Command::Fault(ServerId(0), FaultKind::Restore),
    ];
    for command in script {
        engine.apply(command).expect("the command is possible");
        assert_sound(&engine);
        let until = engine.view().now() + SimDuration::from_secs(4);
        while engine.run_until(until, EventBudget(1)) != evenkeel::sim::engine::Progress::Done {
            assert_sound(&engine);
        }
    }
}

#[test]
fn the_last_server_may_go_and_requests_are_turned_away() {
    let mut engine = world(|_| ());
    run_secs(&mut engine, 5);
    for id in 0..4 {
        engine
            .apply(Command::RemoveServer(ServerId(id)))
            .expect("it is there");
    }
    run_secs(&mut engine, 5);
    let totals = *engine.view().totals();
    assert!(totals.rejected > 100 && totals.failed > 10, "{totals:?}");
    assert_sound(&engine);
    engine.apply(Command::AddServer).expect("there is room");
    run_secs(&mut engine, 5);
    assert!(engine.view().totals().answered > totals.answered);
    assert_sound(&engine);
}

#[test]
fn impossible_commands_say_why_and_change_nothing() {
    let mut engine = world(|_| ());
    run_secs(&mut engine, 1);
    let refuse = |engine: &mut Engine, command: Command, words: &str| {
        let before = engine.view().log().len();
        let error = engine.apply(command).expect_err(words);
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(engine.view().log().len(), before);
    };
    refuse(
        &mut engine,
        Command::SetWeight(ServerId(0), 257),
        "between 0 and 256",
    );
    refuse(
        &mut engine,
        Command::SetWeight(ServerId(9), 1),
        "no longer in the scene",
    );
    refuse(
        &mut engine,
        Command::Fault(ServerId(0), FaultKind::Fail(Permille(0))),
        "between 1 and 1000",
    );
    refuse(
        &mut engine,
        Command::SetTraffic(u64::MAX),
        "between 0 and 1000000000",
    );
    refuse(
        &mut engine,
        Command::Fault(ServerId(0), FaultKind::Slow(Permille(999))),
        "between 1000 and 1000000",
    );
    refuse(
        &mut engine,
        Command::SetAlgorithm(Algorithm::Maglev, Implementation::Nginx),
        "no form of maglev",
    );
    refuse(
        &mut engine,
        Command::Frontend(FrontendCommand::SetCores(1)),
        "Processor",
    );
    refuse(
        &mut engine,
        Command::Site(SiteCommand::SetTtl(SimDuration::from_secs(1))),
        "Names",
    );
    for _ in 0..1_020 {
        engine.apply(Command::AddServer).expect("there is room");
    }
    refuse(&mut engine, Command::AddServer, "at most 1024");
}

#[test]
fn too_many_in_flight_are_turned_away_and_counted() {
    let mut engine = world(|scene| {
        scene.arrivals.rate_rps = 1_000_000.0;
        scene.links.client_us = SimDuration::from_secs(3_600);
    });
    run_ms(&mut engine, 300);
    assert_eq!(
        engine.view().in_flight(),
        evenkeel::sim::scenario::limits::MAX_IN_FLIGHT
    );
    assert!(engine.view().totals().rejected > 50_000);
    assert!(engine.view().is_conserved());
}
