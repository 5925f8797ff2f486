//! Each kind of defect is put into a sound world on purpose: the check must find it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::super::request_record::RequestRecord;
use crate::balance::endpoint::AdminState;
use crate::balance::spec::QueueSpec;
use crate::engine::command::{Command, FaultKind};
use crate::engine::event::Event;
use crate::engine::request::Phase;
use crate::engine::{Engine, EventBudget};
use crate::ids::{EndpointId, RequestKey, ServerId, UpstreamRef};
use crate::scenario::preset::default_scenario;
use crate::time::{SimDuration, SimTime};

/// Three servers of four, which take two requests each; the fourth is in maintenance. Requests wait
/// everywhere: at the balancer, at a server that hangs, with workers.
fn busy() -> Engine {
    let mut scene = default_scenario();
    scene.arrivals.rate_rps = 40.0;
    scene.balancer.queue = Some(QueueSpec {
        limit: 50,
        timeout_us: SimDuration::from_secs(5),
    });
    for server in &mut scene.servers {
        server.max_conns = Some(2);
        server.workers = 1;
    }
    let mut engine = Engine::new(&scene, 7);
    let commands = [
        Command::SetAdmin(ServerId(3), AdminState::Maint),
        Command::Fault(ServerId(2), FaultKind::Hang),
    ];
    for command in commands {
        engine.apply(command).expect("the command is possible");
    }
    engine.run_until(SimTime::from_us(3_000_000), EventBudget::UNBOUNDED);
    engine
}

/// A request in flight in such a phase.
fn one(engine: &Engine, fits: impl Fn(Phase) -> bool) -> RequestKey {
    let mut requests = engine.requests.iter();
    let found = requests.find(|(_, request)| fits(request.phase()));
    found.expect("there is one").0
}

fn change(engine: &mut Engine, key: RequestKey, change: impl FnOnce(&mut RequestRecord)) {
    change(engine.requests.get_mut(key).expect("it is in flight"));
}

/// Puts a defect into a sound world; the check must panic with these words.
fn finds(words: &str, defect: impl FnOnce(&mut Engine)) {
    let mut engine = busy();
    engine.check_invariants();
    defect(&mut engine);
    let found = catch_unwind(AssertUnwindSafe(|| engine.check_invariants()));
    let message = found.expect_err(words);
    let message = message.downcast_ref::<String>().expect("it is a text");
    assert!(message.contains(words), "{message}");
}

#[test]
fn a_request_that_is_lost_or_counted_twice_is_found() {
    finds("arrived requests", |engine| {
        engine.record.recorder.arrived(engine.schedule.now());
    });
    finds("arrived requests", |engine| {
        let key = one(engine, |_| true);
        engine.requests.remove(key);
    });
}

#[test]
fn a_counter_that_is_wrong_is_found() {
    const FIRST: EndpointId = EndpointId(0);
    finds("tries under way of EndpointId(0)", |engine| {
        engine.balancers.upstream_of_mut(FIRST).on_sent(FIRST);
    });
    finds("connections of EndpointId(0)", |engine| {
        engine.balancers.upstream_of_mut(FIRST).on_connected(FIRST);
    });
    finds("requests on", |engine| {
        let key = one(engine, |_| true);
        let connection = engine
            .requests
            .get(key)
            .expect("it is in flight")
            .connection;
        engine.clients.connection_mut(connection).open += 1;
    });
}

#[test]
fn a_request_that_is_in_no_list_or_in_a_wrong_one_is_found() {
    finds("places of a request in the queues at balancers", |engine| {
        let key = one(engine, |phase| matches!(phase, Phase::Queued { .. }));
        let since = engine.schedule.now();
        change(engine, key, |request| {
            request.set_phase(Phase::Connecting { since });
        });
    });
    finds("workers on a request", |engine| {
        let mut servers = engine.servers.iter_mut();
        let busy = servers.find(|server| !server.running().is_empty());
        busy.expect("one works").clear();
    });
    finds("places of a request in the queues of servers", |engine| {
        engine
            .servers
            .get_mut(ServerId(2))
            .expect("it is there")
            .clear();
    });
    finds("deadlines of a request", |engine| {
        engine
            .balancers
            .queues_mut(UpstreamRef::default())
            .deadlines
            .forget_all();
    });
    finds("turns come in order", |engine| {
        engine
            .balancers
            .queues_mut(UpstreamRef::default())
            .waiting
            .turn_round();
    });
}

#[test]
fn an_event_that_is_missing_or_doubled_is_found() {
    finds("awaited end of waiting", |engine| {
        engine.schedule.lose_all();
    });
    finds("pending events of a request", |engine| {
        let key = one(engine, |phase| matches!(phase, Phase::ToClient(..)));
        let Phase::ToClient(trip, _) = engine.requests.get(key).expect("it is there").phase()
        else {
            unreachable!("it was chosen by its phase");
        };
        engine.schedule.at(trip.arrive, Event::AtClient { key });
    });
    finds("pending arrivals", |engine| {
        engine.workload.forget_arrival();
    });
    finds("pending events of a check", |engine| {
        engine.probes.forget(EndpointId(0));
    });
}

#[test]
fn who_waits_while_somebody_has_room_is_found() {
    finds("somebody has room", |engine| {
        let endpoint = engine.balancers.records_of(ServerId(3))[0];
        let upstream = engine.balancers.upstream_of_mut(endpoint);
        upstream.set_admin(engine.schedule.now(), endpoint, AdminState::Ready);
    });
}

#[test]
fn a_violation_names_the_time_the_ids_and_both_numbers() {
    let (mut engine, id) = (busy(), EndpointId(1));
    let before = engine
        .balancers
        .upstream_of(id)
        .endpoint(id)
        .expect("it is there");
    let tries = before.in_progress;
    engine.balancers.upstream_of_mut(id).on_sent(id);
    let found = catch_unwind(AssertUnwindSafe(|| engine.check_invariants()));
    let message = found.expect_err("it is found");
    let message = message.downcast_ref::<String>().expect("it is a text");
    let words = [
        "at 3000000 us".to_string(),
        format!("tries under way of EndpointId(1): {}", tries + 1),
        format!("{tries} by the lists"),
    ];
    for words in words {
        assert!(message.contains(&words), "{message}");
    }
}

#[test]
fn a_run_checks_itself_and_so_does_a_command() {
    let wrong = || {
        let mut engine = busy();
        engine.record.recorder.arrived(engine.schedule.now());
        engine
    };
    let goes_on = |engine: &mut Engine| {
        let until = engine.schedule.now() + SimDuration::from_secs(20);
        engine.run_until(until, EventBudget::UNBOUNDED);
    };
    let found = catch_unwind(AssertUnwindSafe(|| goes_on(&mut wrong())));
    assert!(found.is_err(), "20 seconds go by unnoticed");
    let command = Command::SetWeight(ServerId(0), 2);
    let found = catch_unwind(AssertUnwindSafe(|| wrong().apply(command)));
    assert!(found.is_err(), "a command goes by unnoticed");
}
