//! A case as the simulation runs it: what is done, one step after another, and what is seen after each.

use std::collections::BTreeMap;
use std::net::IpAddr;

use evenkeel::sim::balance::spec::Layer;
use evenkeel::sim::engine::command::Command;
use evenkeel::sim::engine::observer::request_traces::RequestTrace;
use evenkeel::sim::engine::request::{AttemptResult, Phase};
use evenkeel::sim::engine::{Engine, EventBudget};
use evenkeel::sim::fleet::server::ServerFault;
use evenkeel::sim::time::{SimDuration, SimTime};

use crate::case::Case;
use crate::proxy::Proxy;

/// The least time between two actions, which are done one after another whatever the real clock says.
const BETWEEN_ACTIONS: SimDuration = SimDuration::from_us(100);
/// The least time between what happens by time alone and the actions around it.
const BESIDE_WAIT: SimDuration = SimDuration::from_ms(25);

/// How a scripted server behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerMode {
    /// It answers when it is told to.
    Works,
    /// It listens no more, and resets what it held.
    Crashed,
    /// It answers 500 at once.
    FailsAtOnce,
}

/// What can be seen from outside the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// A server got a request.
    Received {
        /// The number of the server, from 0.
        server: usize,
        /// The number of the request, from 1.
        number: u64,
    },
    /// A client got its answer.
    Answered {
        /// The number of the request, from 1.
        number: u64,
        /// The status; 0 for a connection that was closed without an answer.
        status: u16,
    },
}

/// What is done from outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// A client sends a request.
    Send {
        /// The number of the request, from 1.
        number: u64,
        /// Where it comes from.
        source: IpAddr,
        /// The method of the request.
        method: String,
        /// The path of the request.
        path: String,
    },
    /// A server answers a request that it holds.
    Release {
        /// The number of the server, from 0.
        server: usize,
        /// The number of the request, from 1.
        number: u64,
        /// The status of the answer.
        status: u16,
    },
    /// A server changes how it behaves.
    SetMode {
        /// The number of the server, from 0.
        server: usize,
        /// How it behaves from now on.
        mode: ServerMode,
    },
    /// A command of the operator's.
    Operate(Command),
    /// Nothing: something happens by time alone.
    Wait,
}

/// One step of a run: what is done, and what must be seen after it and before the next.
#[derive(Clone, Debug)]
pub struct Step {
    /// When it is done in the simulation.
    pub at: SimTime,
    /// When the last of what must be seen after it happens there.
    pub until: SimTime,
    /// What is done.
    pub action: Action,
    /// What must be seen, sorted.
    pub then: Vec<Seen>,
}

/// Runs a case in the simulation.
///
/// # Errors
/// Why the case cannot be replayed: two things happen at one time.
pub fn simulate(case: &Case, proxy: Proxy) -> Result<Vec<Step>, &'static str> {
    let mut engine = Engine::new(&case.scene, case.scene.seed);
    engine.set_watched(true);
    let mut actions: BTreeMap<SimTime, Action> = BTreeMap::new();
    for (at, command) in &case.commands {
        engine.run_until(*at, EventBudget::UNBOUNDED);
        engine
            .apply(command.clone())
            .map_err(|_| "a command is not possible")?;
        if let Some(action) = action_of(&engine, command) {
            actions.insert(*at, action);
        }
    }
    engine.run_until(SimTime::ZERO + case.length, EventBudget::UNBOUNDED);
    let view = engine.view();
    let traces = view.trail().ok_or("it is watched")?;
    let mut seen: Vec<(SimTime, Seen)> = Vec::new();
    let methods: BTreeMap<&str, &str> = case
        .scene
        .classes
        .iter()
        .map(|class| (class.path.as_str(), class.method()))
        .collect();
    for trace in traces.ended().chain(traces.open()) {
        let send = Action::Send {
            number: trace.number,
            source: trace.source,
            method: (*methods.get(trace.path.as_str()).ok_or("no such path")?).to_owned(),
            path: trace.path.clone(),
        };
        if actions.insert(trace.born, send).is_some() {
            return Err("two actions at one time");
        }
        follow(
            trace,
            (proxy, case.scene.balancer.layer),
            &mut actions,
            &mut seen,
        )?;
    }
    let steps = steps(actions, seen)?;
    let limited = case.scene.servers.iter().any(|one| one.max_conns.is_some());
    if limited && steps.iter().any(|step| step.action == Action::Wait) {
        return Err("the end of a pause decides who is first in a queue");
    }
    let turned_away = |one: &Seen| {
        matches!(
            one,
            Seen::Answered {
                status: 0 | 503,
                ..
            }
        )
    };
    let empties = |step: &Step| {
        matches!(step.action, Action::Operate(_)) && step.then.iter().any(turned_away)
    };
    if proxy == Proxy::Haproxy && steps.iter().any(empties) {
        return Err("2.6 lets requests wait where no server is in use");
    }
    Ok(steps)
}

/// What is done for a command that was just given; `None` if nothing is to be done.
fn action_of(engine: &Engine, command: &Command) -> Option<Action> {
    let Command::Fault(id, _) = command else {
        let by_operator = matches!(command, Command::SetWeight(..) | Command::SetAdmin(..));
        return by_operator.then(|| Action::Operate(command.clone()));
    };
    let mut members = engine.view().members();
    let mode = match members.find(|one| one.server.id == *id)?.server.trouble() {
        Some(ServerFault::Crashed) => ServerMode::Crashed,
        Some(_) => ServerMode::FailsAtOnce,
        None => ServerMode::Works,
    };
    let server = id.index();
    Some(Action::SetMode { server, mode })
}

/// What is done with a request at servers, and what is seen of it.
fn follow(
    trace: &RequestTrace,
    (proxy, layer): (Proxy, Layer),
    actions: &mut BTreeMap<SimTime, Action>,
    seen: &mut Vec<(SimTime, Seen)>,
) -> Result<(), &'static str> {
    let number = trace.number;
    let mut at_server = 0;
    let mut before = None;
    for span in &trace.steps {
        // An answer is looked at again when the next pick was made.
        if before.replace(span.phase) == Some(span.phase) {
            continue;
        }
        let Some(server) = span.server.map(evenkeel::sim::ids::ServerId::index) else {
            continue;
        };
        let received = (span.at, Seen::Received { server, number });
        match span.phase {
            Phase::InService { .. } | Phase::Waiting { .. } => {
                if at_server != span.attempt {
                    seen.push(received);
                }
                at_server = span.attempt;
            }
            Phase::FromServer(_, result @ (AttemptResult::Ok | AttemptResult::ServerError)) => {
                if at_server != span.attempt {
                    // It answered without a worker, at once.
                    seen.push(received);
                    continue;
                }
                let status = if result == AttemptResult::Ok {
                    200
                } else {
                    500
                };
                let release = Action::Release {
                    server,
                    number,
                    status,
                };
                if actions.insert(span.at, release).is_some() {
                    return Err("two actions at one time");
                }
            }
            _ => {}
        }
    }
    if let Some((at, outcome)) = trace.ended {
        let status = proxy
            .status(layer, outcome)
            .ok_or("an outcome without a status")?;
        seen.push((at, Seen::Answered { number, status }));
    }
    Ok(())
}

/// Puts what is seen after the action that it follows from.
fn steps(
    actions: BTreeMap<SimTime, Action>,
    seen: Vec<(SimTime, Seen)>,
) -> Result<Vec<Step>, &'static str> {
    let mut after: BTreeMap<SimTime, Vec<Seen>> = BTreeMap::new();
    for (at, one) in seen {
        after.entry(at).or_default().push(one);
    }
    let mut actions = actions;
    for at in after.keys() {
        actions.entry(*at).or_insert(Action::Wait);
    }
    let (mut last, mut waited): (Option<SimTime>, bool) = (None, false);
    let mut steps: Vec<Step> = Vec::new();
    for (at, action) in actions {
        // Far enough apart that no rounding of the real program's clock matters.
        let waits = matches!(action, Action::Wait);
        let gap = if waits || waited {
            BESIDE_WAIT
        } else {
            BETWEEN_ACTIONS
        };
        if last.is_some_and(|last| at.since(last) < gap) {
            return Err("two actions at nearly one time");
        }
        (last, waited) = (Some(at), waits);
        let mut then = after.remove(&at).unwrap_or_default();
        then.sort_unstable();
        let received = |one: &Seen| matches!(one, Seen::Received { .. });
        let crashes = matches!(
            action,
            Action::SetMode {
                mode: ServerMode::Crashed,
                ..
            }
        );
        if crashes && then.len() > 1 && then.iter().any(received) {
            return Err("the order in which connections break decides");
        }
        // Two things that happen by time alone may change places: a clock of milliseconds decides.
        if let Some(before) = steps.last_mut().filter(|_| waits)
            && before.action == Action::Wait
        {
            before.then.extend(then);
            before.then.sort_unstable();
            before.until = at;
            continue;
        }
        steps.push(Step {
            at,
            until: at,
            action,
            then,
        });
    }
    Ok(steps)
}
