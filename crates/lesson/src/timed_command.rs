//! Commands with their times, which name servers instead of numbering them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use evenkeel_sim::engine::command::Command;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::engine::{EventBudget, Progress};
use evenkeel_sim::run::CommandTarget;
use evenkeel_sim::time::{SimDuration, SimTime};

/// A command with its time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimedCommand {
    /// The time in milliseconds from the start of the run.
    pub at_ms: u64,
    /// The command as in a log, but with names instead of the numbers of servers: `{"fault": ["B", "crash"]}`.
    #[serde(rename = "do")]
    pub act: Value,
}

impl TimedCommand {
    /// The time as a [`SimTime`].
    #[must_use]
    pub const fn at(&self) -> SimTime {
        SimTime::from_us(self.at_ms * 1_000)
    }
}

/// The command that `act` means in this state.
///
/// # Errors
/// A sentence that names the command that cannot be read.
pub fn command(act: &Value, view: View<'_>) -> Result<Command, String> {
    let mut plain = act.clone();
    name_things(&mut plain, view);
    serde_json::from_value(plain).map_err(|error| format!("{act} is not a command: {error}"))
}

/// Puts numbers in place of names: first in the payload of a command, or of one within it
/// (`{"edge": {"box": ["LB 1", "kill"]}}`).
fn name_things(command: &mut Value, view: View<'_>) {
    let Some(fields) = command.as_object_mut() else {
        return;
    };
    for payload in fields.values_mut() {
        match payload {
            Value::Object(_) => name_things(payload, view),
            Value::Array(parts) => {
                if let Some(first) = parts.first_mut() {
                    number_for(first, view);
                }
            }
            one => number_for(one, view),
        }
    }
}

/// Puts the number of a server, a balancer or a site in place of its name. Names must be unique in the scene of a
/// figure.
fn number_for(place: &mut Value, view: View<'_>) {
    let Some(name) = place.as_str() else { return };
    let server = view
        .members()
        .find(|member| member.server.spec.name == name);
    let balancers = view.balancers();
    let number = server.map(|member| member.server.id.0);
    let number = number.or_else(|| {
        let found = balancers.into_iter().find(|one| one.name == name);
        found.map(|one| one.id.0)
    });
    let number = number.or_else(|| {
        let sites = &view.topology().sites;
        let found = sites.iter().position(|site| site.name == name);
        found.and_then(|found| u32::try_from(found).ok())
    });
    if let Some(number) = number {
        *place = Value::from(number);
    }
}

/// Gives one command now.
///
/// # Errors
/// A sentence that says why it could not be given.
pub fn give(engine: &mut impl CommandTarget, act: &Value) -> Result<(), String> {
    let command = command(act, engine.view())?;
    engine
        .apply(command)
        .map_err(|error| format!("{act} was refused: {error}"))
}

/// Runs to `until`, giving the commands that fall due on the way; `next` counts those given. A command comes after
/// everything up to and including its time. Commands must be in the order of their times.
///
/// # Errors
/// A sentence that names the order that could not be given; it is skipped.
pub fn advance<W: CommandTarget>(
    engine: &mut W,
    orders: &[TimedCommand],
    next: &mut usize,
    until: SimTime,
    budget: EventBudget,
) -> Result<Progress, String> {
    let before = engine.view().events();
    let left = |engine: &W| budget.0.saturating_sub(engine.view().events() - before);
    while let Some(order) = orders.get(*next).filter(|order| order.at() <= until) {
        if order.at() > engine.view().now() || left(engine) == 0 {
            let progress = engine.run_until(order.at(), EventBudget(left(engine)));
            if progress == Progress::OutOfBudget {
                return Ok(progress);
            }
        }
        *next += 1;
        give(engine, &order.act)?;
    }
    Ok(engine.run_until(until, EventBudget(left(engine))))
}

/// Milliseconds after the start, as a time.
#[must_use]
pub fn at_ms(ms: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_ms(ms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::engine::Engine;
    use evenkeel_sim::engine::command::FaultKind;
    use evenkeel_sim::ids::ServerId;
    use evenkeel_sim::scenario::preset::default_scenario;
    use serde_json::json;

    #[test]
    fn names_become_numbers_and_nothing_else_does() {
        let engine = Engine::new(&default_scenario(), 7);
        let read = |act: Value| command(&act, engine.view());
        let crash = Command::Fault(ServerId(1), FaultKind::Crash);
        assert_eq!(read(json!({"fault": ["B", "crash"]})), Ok(crash));
        assert_eq!(
            read(json!({"remove_server": "C"})),
            Ok(Command::RemoveServer(ServerId(2)))
        );
        assert_eq!(read(json!("add_server")), Ok(Command::AddServer));
        assert!(read(json!({"fault": ["Z", "crash"]})).is_err());
    }

    #[test]
    fn a_script_gives_the_same_log_however_it_is_cut() {
        let orders: Vec<TimedCommand> = serde_json::from_value(json!([
            {"at_ms": 500, "do": {"fault": ["B", "crash"]}},
            {"at_ms": 500, "do": {"set_weight": ["A", 3]}},
            {"at_ms": 1_700, "do": {"fault": ["B", "restore"]}}
        ]))
        .expect("orders");
        let play = |step_ms: usize, budget: u64| {
            let mut engine = Engine::new(&default_scenario(), 7);
            let mut next = 0;
            for ms in (0..=4_000).step_by(step_ms) {
                let until = at_ms(ms);
                while advance(&mut engine, &orders, &mut next, until, EventBudget(budget))
                    .expect("they are possible")
                    == Progress::OutOfBudget
                {}
            }
            (engine.view().log().to_vec(), engine.view().digest())
        };
        let whole = play(4_000, u64::MAX);
        assert_eq!(whole.0.len(), 3);
        assert_eq!(whole.0[2].at, at_ms(1_700));
        assert_eq!(play(10, u64::MAX), whole);
        assert_eq!(play(250, 3), whole);
    }
}
