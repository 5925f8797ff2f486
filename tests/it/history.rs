//! Going back and forth in a run: every place has the digest of a fresh run to that time.

use std::collections::VecDeque;

use evenkeel::sim::balance::algorithm::CATALOGUE;
use evenkeel::sim::engine::command::{Command, FaultKind, LogEntry};
use evenkeel::sim::engine::observations::Observation;
use evenkeel::sim::engine::view::View;
use evenkeel::sim::engine::{Engine, EventBudget};
use evenkeel::sim::hash::Digest;
use evenkeel::sim::history::{History, MEMORY};
use evenkeel::sim::ids::ServerId;
use evenkeel::sim::metrics::outcome::Totals;
use evenkeel::sim::run::Run;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::time::{SimDuration, SimTime};
use proptest::prelude::*;

use crate::any_scene::any_scene;
use crate::cases::cases;
use crate::conservation::any_command;
use crate::mutate::Mutator;
use crate::possible::attempt;
use crate::support::at_ms;

/// What must be equal where two worlds are the same.
#[derive(Clone, Debug, PartialEq)]
struct State {
    now: SimTime,
    digest: Digest,
    totals: Totals,
    in_flight: usize,
    log: Vec<LogEntry>,
    facts: VecDeque<Observation>,
    decision: u64,
}

fn state(view: View<'_>) -> State {
    State {
        now: view.now(),
        digest: view.digest(),
        totals: *view.totals(),
        in_flight: view.in_flight(),
        log: view.log().to_vec(),
        facts: view.facts().clone(),
        decision: view.balancer().decision().number,
    }
}

fn fresh(run: &Run, at: SimTime) -> Engine {
    Run { at, ..run.clone() }.replay()
}

fn assert_place(history: &History) {
    let at = history.view().now();
    let fresh = fresh(&history.run(), at);
    assert_eq!(state(history.view()), state(fresh.view()), "at {at:?}");
}

/// Places of one branch that were visited, to be compared with one fresh run that pauses at them in
/// their order, instead of with a fresh run for each.
#[derive(Default)]
struct Visits(Vec<State>);

impl Visits {
    fn note(&mut self, history: &History) {
        self.0.push(state(history.view()));
    }

    /// Compares and forgets them. `history` is still in the branch that they are of.
    fn check(&mut self, history: &History) {
        let run = history.run();
        let mut log = run.ordered_log().into_iter().peekable();
        let mut engine = Engine::new(&run.scenario, run.seed);
        // Of several places at one instant those before a command come before those after it.
        self.0.sort_by_key(|place| (place.now, place.log.len()));
        for place in self.0.drain(..) {
            let now = place.now;
            while let Some(entry) = log.next_if(|_| engine.view().log().len() < place.log.len()) {
                engine.run_until(entry.at, EventBudget::UNBOUNDED);
                engine.apply(entry.command).expect("it was possible");
            }
            engine.run_until(now, EventBudget::UNBOUNDED);
            assert_eq!(place, state(engine.view()), "at {now:?}");
        }
    }
}

fn history(seed: u64) -> History {
    let scenario = default_scenario();
    let run = Run {
        seed,
        ..Run::start(scenario)
    };
    History::with_copies_every(200, &run)
}

fn go(history: &mut History, ms: u64) {
    history.run_until(at_ms(ms), EventBudget::UNBOUNDED);
}

const KILL: Command = Command::Fault(ServerId(1), FaultKind::Crash);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(30)))]

    #[test]
    fn any_place_of_any_history_is_that_of_a_fresh_run(
        scenario in any_scene(),
        acts in prop::collection::vec((any_command(), 0_u64..6_000), 1..10),
        places in prop::collection::vec((0_u64..40_000_000, 1_u64..3_000, any::<bool>()), 1..8),
        spacing in prop_oneof![1_u64..2_000, Just(1)],
        seed in any::<u64>(),
    ) {
        let run = Run { seed, ..Run::start(scenario) };
        let mut history = History::with_copies_every(spacing, &run);
        for (command, pause_ms) in acts {
            attempt(&mut history, &command);
            let until = history.view().now() + SimDuration::from_ms(pause_ms);
            history.run_until(until, EventBudget::UNBOUNDED);
        }
        let mut visits = Visits::default();
        visits.note(&history);
        for (us, budget, acts) in places {
            history.seek(SimTime::from_us(us));
            while history.work(EventBudget(budget)) {}
            prop_assert_eq!(history.view().now(), SimTime::from_us(us));
            visits.note(&history);
            if acts {
                // Sometimes the run forks there.
                visits.check(&history);
                attempt(&mut history, &KILL);
                visits.note(&history);
            }
        }
        visits.check(&history);
        assert_place(&history);
    }

    #[test]
    fn acting_in_the_middle_of_an_instant_is_acting_at_its_end(
        cuts in prop::collection::vec(1_u64..400, 1..20),
        seed in any::<u64>(),
    ) {
        let mut scenario = default_scenario();
        // Much at the same instant: everybody's links are of no length.
        scenario.links.client_us = SimDuration::ZERO;
        scenario.balancer.tls_us = SimDuration::ZERO;
        scenario.balancer.parse_us = SimDuration::ZERO;
        let run = Run { seed, ..Run::start(scenario) };
        let mut history = History::with_copies_every(50, &run);
        let mut visits = Visits::default();
        for (turn, events) in cuts.into_iter().enumerate() {
            history.run_until(at_ms(60_000), EventBudget(events));
            let set = Command::SetWeight(ServerId(0), turn as u32 % 7);
            attempt(&mut history, &set);
            visits.note(&history);
        }
        visits.check(&history);
        assert_place(&history);
    }
}

#[test]
fn a_thousand_times_back_and_forth_changes_nothing() {
    let mut history = history(7);
    go(&mut history, 10_000);
    history.send(KILL).expect("B is there");
    go(&mut history, 30_000);
    history.send(Command::AddServer).expect("there is room");
    go(&mut history, 60_000);
    let (end, run) = (history.view().digest(), history.run());
    let marks: Vec<_> = history.facts().iter().cloned().collect();
    let mut random = Mutator::new(1);
    for _ in 0..1_000 {
        let at = SimTime::from_us(random.below(60_000_001) as u64);
        history.seek_now(at);
        assert_eq!(history.view().now(), at);
    }
    assert_place(&history);
    history.seek_now(at_ms(60_000));
    assert_eq!(history.view().digest(), end);
    assert_eq!(history.run(), run);
    assert!(
        history.facts().iter().eq(&marks),
        "no fact twice, none lost"
    );
    assert_eq!(history.forks().count(), 0);
}

#[test]
fn before_the_kill_the_server_is_well_and_playing_on_kills_it_again() {
    let mut history = history(7);
    go(&mut history, 10_000);
    history.send(KILL).expect("B is there");
    go(&mut history, 20_000);
    let crashed = |history: &History| {
        let member = history.view().member(ServerId(1)).expect("B is there");
        member.server.trouble().is_some()
    };
    assert!(crashed(&history));
    let end = history.view().digest();
    history.seek_now(at_ms(9_999));
    assert!(!crashed(&history));
    assert!(history.is_in_the_past());
    go(&mut history, 10_000);
    assert!(crashed(&history), "the log is carried out again");
    go(&mut history, 20_000);
    assert_eq!(history.view().digest(), end);
    assert!(!history.is_in_the_past());
}

#[test]
fn acting_in_the_past_forks_and_the_old_branch_is_kept() {
    let mut history = history(7);
    go(&mut history, 10_000);
    history.send(KILL).expect("B is there");
    go(&mut history, 20_000);
    let old = (history.view().digest(), history.log().to_vec());

    history.seek_now(at_ms(5_000));
    // What cannot be done forks nothing.
    assert!(history.send(Command::RemoveServer(ServerId(99))).is_err());
    assert_eq!(history.forks().count(), 0);
    assert_eq!(history.log(), old.1);
    history
        .send(Command::SetWeight(ServerId(0), 5))
        .expect("A is there");
    let fork = history.last_fork().expect("it forked");
    assert_eq!(
        (fork.furthest, fork.left_at, fork.commands),
        (at_ms(20_000), at_ms(5_000), 1)
    );
    assert_eq!(history.furthest(), at_ms(5_000));
    assert_eq!(history.log().len(), 1);
    assert_eq!(history.facts().len(), 0, "the kill never happened here");
    go(&mut history, 15_000);
    assert_place(&history);
    let new = (history.view().digest(), history.log().to_vec());

    history.switch(fork.id);
    while history.work(EventBudget(1_000)) {}
    assert_eq!((history.view().digest(), history.log().to_vec()), old);
    assert_eq!(history.facts().len(), history.view().facts().len());
    // And the new one can be gone back to as well.
    let other = history.last_fork().expect("the other one");
    history.switch(other.id);
    while history.work(EventBudget(1_000)) {}
    assert_eq!((history.view().digest(), history.log().to_vec()), new);
    assert_eq!(history.forks().count(), 1);
}

#[test]
fn steps_back_visit_the_instants_of_steps_forth() {
    let mut history = history(7);
    let mut instants = Vec::new();
    let mut visits = Visits::default();
    for _ in 0..300 {
        assert!(history.step());
        instants.push(history.view().now());
        visits.note(&history);
    }
    visits.check(&history);
    instants.dedup();
    // Between two picks, the last one is the one before.
    go(&mut history, 60_000);
    let after = history.view().balancer().decision().number;
    history.seek_previous_pick();
    while history.work(EventBudget(97)) {}
    assert_eq!(history.view().balancer().decision().number, after);
    history.seek_now(*instants.last().expect("there were steps"));
    for before in instants.iter().rev().skip(1) {
        history.seek_previous_pick();
        while history.work(EventBudget(1_000)) {}
        assert_eq!(history.view().now(), *before);
    }
    history.seek_previous_pick();
    while history.work(EventBudget::UNBOUNDED) {}
    assert_eq!(
        history.view().now(),
        instants[0],
        "before the first there is none"
    );
}

/// The log has one entry for a slider that was moved twice at the same instant, so that has to be
/// the same as the second place alone. A weight that was changed twice has two.
#[test]
fn settings_at_one_instant_are_done_again_as_they_were_done() {
    for row in CATALOGUE {
        for implementation in row.flavours {
            let mut scenario = default_scenario();
            (scenario.balancer.algorithm, scenario.balancer.engine) =
                (row.algorithm, *implementation);
            let mut history = History::new(&Run::start(scenario));
            go(&mut history, 5_000);
            for weight in [5, 0, 2] {
                let set = Command::SetWeight(ServerId(0), weight);
                history.send(set).expect("A is there");
            }
            for rate in [0, 90_000, 40_000] {
                history
                    .send(Command::SetTraffic(rate))
                    .expect("it has a rate");
            }
            assert_eq!(history.log().len(), 4);
            go(&mut history, 15_000);
            assert_place(&history);
        }
    }
}

#[test]
fn a_step_back_reaches_over_a_long_quiet() {
    let mut scenario = default_scenario();
    scenario.arrivals.rate_rps = 1_000.0;
    let mut history = History::new(&Run::start(scenario));
    go(&mut history, 20_000);
    history
        .send(Command::SetTraffic(0))
        .expect("it is an open loop");
    go(&mut history, 6 * 3_600_000);
    let number = history.view().balancer().decision().number;
    history.seek_previous_pick();
    while history.work(EventBudget(10_000)) {}
    assert_eq!(history.view().balancer().decision().number, number);
    assert!(
        history.view().now() < at_ms(21_000),
        "{:?}",
        history.view().now()
    );
    assert_place(&history);
}

#[test]
fn a_log_with_impossible_commands_is_cleaned_on_the_way() {
    let entry = |ms, command| LogEntry {
        at: at_ms(ms),
        command,
    };
    let run = Run {
        log: vec![
            entry(3_000, KILL),
            entry(1_000, Command::RemoveServer(ServerId(50))),
            entry(4_000, Command::SetWeight(ServerId(9), 1)),
        ],
        at: at_ms(5_000),
        ..Run::start(default_scenario())
    };
    let history = History::open(&run);
    assert_eq!(history.log(), [entry(3_000, KILL)]);
    assert_eq!(history.refused(), 2);
    assert_place(&history);
}

/// At 1,000 requests a second, as stated for [`MEMORY`]: one simulated hour where nothing is left
/// out, and ten minutes of it, with the bounds of the hour, where it has to be quick.
#[test]
fn an_hour_at_a_thousand_a_second_stays_within_the_memory_stated() {
    let minutes = u64::from(cases(10).min(60));
    let mut scenario = default_scenario();
    scenario.arrivals.rate_rps = 1_000.0;
    for server in &mut scenario.servers {
        (server.workers, server.queue) = (120, 500);
    }
    let mut grown = None;
    let mut history = None;
    let used = allocation_counter::measure(|| {
        let mut all = History::new(&Run::start(scenario));
        for minute in 1..=minutes {
            all.run_until(at_ms(minute * 60_000), EventBudget::UNBOUNDED);
            assert!(all.memory() <= MEMORY, "{} bytes", all.memory());
        }
        grown = Some(all.memory());
        history = Some(all);
    });
    let mut history = history.expect("it ran");
    let said = grown.expect("it ran") as u64;
    let now = used.bytes_current.unsigned_abs();
    assert!(history.view().totals().arrived > minutes * 58_000);
    // What is counted is what the allocator gave, but for the world itself and some slack.
    assert!(now < said + (8 << 20), "{} said, {used:?}", said);
    assert!(used.bytes_max < MEMORY as u64 * 5 / 4, "{used:?}");
    println!("{} MiB said, {used:?}", said >> 20);
    // No place is further from a copy than a forty-eighth of the run, about.
    let end = history.view().digest();
    history.seek(at_ms(minutes * 60_000 * 343 / 1_000));
    let mut events = 0_u64;
    while history.work(EventBudget(10_000)) {
        events += 10_000;
    }
    assert!(events < history.view().events() / 10, "{events}");
    history.seek_now(at_ms(minutes * 60_000));
    assert_eq!(history.view().digest(), end);
}
