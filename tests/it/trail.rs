//! What is kept of each request and each endpoint while someone looks, and that looking changes
//! nothing.

use evenkeel::scene::request_inspector::{choice, life, recent};
use evenkeel::sim::balance::endpoint::Belief;
use evenkeel::sim::engine::command::{Command, FaultKind};
use evenkeel::sim::engine::observer::request_traces::ENDED;
use evenkeel::sim::engine::request::Phase;
use evenkeel::sim::engine::{Engine, EventBudget};
use evenkeel::sim::fleet::server::ServerFault;
use evenkeel::sim::ids::ServerId;
use evenkeel::sim::metrics::outcome::Outcome;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::time::{SimDuration, SimTime};

const B: ServerId = ServerId(1);

fn at(secs: u64) -> SimTime {
    SimTime::from_us(secs * 1_000_000)
}

/// A minute with server B dead from 10 s to 40 s.
fn minute(watched: bool) -> Engine {
    let mut engine = Engine::new(&default_scenario(), 7);
    engine.set_watched(watched);
    for (secs, fault) in [(10, FaultKind::Crash), (40, FaultKind::Restore)] {
        engine.run_until(at(secs), EventBudget::UNBOUNDED);
        engine.apply(Command::Fault(B, fault)).expect("B is there");
    }
    engine.run_until(at(60), EventBudget::UNBOUNDED);
    engine
}

#[test]
fn being_looked_at_changes_nothing() {
    let (watched, blind) = (minute(true), minute(false));
    assert_eq!(watched.view().digest(), blind.view().digest());
    assert_eq!(watched.view().totals(), blind.view().totals());
    assert!(blind.view().trail().is_none() && blind.view().checks().is_none());
}

#[test]
fn a_life_is_whole_and_its_steps_follow_each_other() {
    let engine = minute(true);
    let trail = engine.view().trail().expect("it is watched");
    assert_eq!(trail.ended().count(), ENDED);
    assert_eq!(trail.open().count(), engine.view().in_flight());
    for one in trail.ended() {
        let (end, outcome) = one.ended.expect("it has ended");
        assert_eq!(one.steps[0].at, one.born);
        assert!(one.steps.is_sorted_by_key(|step| step.at));
        let last = one.steps.last().expect("it went somewhere");
        assert!(
            matches!(last.phase, Phase::ToClient(trip, out) if trip.arrive == end && out == outcome)
        );
        // Every try was decided, and went where the decision says.
        let sent: Vec<ServerId> = one
            .steps
            .iter()
            .filter(|step| matches!(step.phase, Phase::ToServer(_)))
            .filter_map(|step| step.server)
            .collect();
        let decided: Vec<ServerId> = one
            .choices
            .iter()
            .filter_map(|choice| {
                let (id, _) = choice.decision.picked?;
                let winner = choice.figures.iter().find(|figure| figure.endpoint == id);
                winner.map(|figure| figure.server)
            })
            .collect();
        assert_eq!(sent, decided, "request {}", one.number);
    }
}

#[test]
fn the_table_of_a_life_adds_up_to_its_time() {
    let engine = minute(true);
    let view = engine.view();
    for one in view.trail().expect("it is watched").ended() {
        let table = life::table(view, one);
        let took: f64 = table.rows.iter().filter_map(|row| row[3].number).sum();
        let whole = one.took(view.now()).as_us() as f64 / 1e3;
        assert!(
            (took - whole).abs() < 1e-6,
            "request {}: {took} {whole}",
            one.number
        );
        let chart = life::chart(view, one, 400.0);
        assert_eq!(chart.stops.len(), table.rows.len());
    }
}

#[test]
fn belief_and_truth_stand_beside_each_other() {
    let mut engine = Engine::new(&default_scenario(), 7);
    engine.set_watched(true);
    engine.run_until(at(10), EventBudget::UNBOUNDED);
    engine
        .apply(Command::Fault(B, FaultKind::Crash))
        .expect("B is there");
    engine.run_until(at(12), EventBudget::UNBOUNDED);
    let view = engine.view();
    let trail = view.trail().expect("it is watched");
    let lives: Vec<_> = trail.ended().chain(trail.open()).collect();
    let deceived = lives.iter().flat_map(|one| &one.choices).find(|choice| {
        let picked = choice.decision.picked.map(|(id, _)| id);
        let winner = choice
            .figures
            .iter()
            .find(|one| Some(one.endpoint) == picked);
        winner.is_some_and(|one| one.server == B && one.trouble == Some(ServerFault::Crashed))
    });
    let deceived = deceived.expect("B is picked until somebody notices");
    let figure = deceived.figures.iter().find(|one| one.server == B);
    let belief = figure.expect("B was compared").belief;
    assert!(
        matches!(belief, Belief::Healthy | Belief::Failing),
        "{belief:?}"
    );

    let owner = lives.iter().find(|one| one.choices.contains(deceived));
    let told = choice::decided(view, owner.expect("it is somebody's"));
    let row = told[0].rows.iter().find(|row| row.name == "B").expect("B");
    assert!(row.picked && row.truth.starts_with("crashed"), "{row:?}");
    assert_eq!(row.differs, belief == Belief::Healthy);
    assert!(told[0].title.ends_with("server B"), "{}", told[0].title);
    assert!(told[0].reason.ends_with('.'), "{}", told[0].reason);
}

#[test]
fn the_lists_hold_what_they_say() {
    let engine = minute(true);
    let view = engine.view();
    let bad = recent::recent(view, recent::RequestFilter::Unanswered, 12);
    assert!(bad.iter().all(|line| line.bad));
    let slow = recent::recent(view, recent::RequestFilter::Slowest, 5);
    let trail = view.trail().expect("it is watched");
    let took = |line: &recent::Recent| {
        let one = trail.life(line.number).expect("it is listed");
        one.took(view.now())
    };
    let times: Vec<SimDuration> = slow.iter().map(took).collect();
    assert!(times.is_sorted_by(|a, b| a >= b));
    let slowest = trail.ended().map(|one| one.took(view.now())).max();
    assert_eq!(times.first().copied(), slowest);
    let latest = recent::recent(view, recent::RequestFilter::Latest, 3);
    assert_eq!(latest.len(), 3);
}

#[test]
fn what_was_lost_before_anybody_knew_is_counted() {
    let mut engine = Engine::new(&default_scenario(), 7);
    engine.set_watched(true);
    engine.run_until(at(10), EventBudget::UNBOUNDED);
    engine
        .apply(Command::Fault(B, FaultKind::Crash))
        .expect("B is there");
    engine.run_until(at(18), EventBudget::UNBOUNDED);
    let view = engine.view();
    let checks = view.checks().expect("it is watched");
    let lane = checks
        .lanes()
        .map(|(_, lane)| lane)
        .find(|lane| lane.server == B);
    let episode = lane.expect("B has a lane").episodes[0];
    let (found, _) = episode.found.expect("it was found");
    assert_eq!(episode.began, at(10));
    // Counted again from the lives: who was sent there last, and when.
    let (mut lost, mut caught) = (0, 0);
    for one in view.trail().expect("it is watched").ended() {
        let (_, outcome) = one.ended.expect("it has ended");
        let mut sent = one.steps.iter().rev();
        let sent = sent.find(|step| matches!(step.phase, Phase::ToServer(_)));
        let Some(sent) = sent.filter(|step| step.server == Some(B)) else {
            continue;
        };
        if outcome != Outcome::Answered && sent.at < found {
            if sent.at >= episode.began {
                lost += 1;
            } else {
                caught += 1;
            }
        }
    }
    assert!(lost > 0 && caught > 0);
    assert_eq!((episode.lost, episode.caught), (lost, caught));
    assert_eq!(lost + caught, view.totals().failed);
}
