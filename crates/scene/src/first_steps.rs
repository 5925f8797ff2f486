//! The first three things to try on the stage, and what came of each: one sentence at a time, which answers
//! to what the reader does.

use super::words::{duration, share};
use evenkeel_sim::balance::endpoint::Belief;
use evenkeel_sim::engine::observe::FactKind;
use evenkeel_sim::engine::view::{Member, View};
use evenkeel_sim::fleet::server::Trouble;
use evenkeel_sim::ids::ServerId;
use evenkeel_sim::time::SimTime;
use evenkeel_words::t;

/// A server that is so much faster than its weight says is worth a suggestion, in thousandths.
const STRONG: u32 = 2_000;

/// So many requests that wait at a server are worth a sentence.
const LINE: usize = 3;

/// Where the reader is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Step {
    /// Nothing was tried yet.
    #[default]
    Kill,
    /// A server was killed; the balancer does not know.
    Dying {
        /// The server that was killed.
        server: ServerId,
        /// When this step began: the first look at the run after the kill.
        since: SimTime,
        /// How many requests had failed at it by then.
        failed: u64,
    },
    /// The balancer has found out.
    Known {
        /// The server that was found out.
        server: ServerId,
        /// How many requests had failed at it before it died.
        failed: u64,
        /// When it was killed.
        since: SimTime,
        /// When it was taken out of use.
        until: SimTime,
    },
    /// The strong server has its weight.
    Weighed {
        /// Its name.
        name: String,
    },
    /// Another algorithm was chosen.
    Switched,
    /// All was tried, or the reader has had enough.
    Done,
}

/// What the stage shows for a step: a sentence on what happened, and what to try next. Either may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hint {
    /// What happened.
    pub happened: String,
    /// What to try.
    pub try_this: String,
}

/// The step that follows from what is on the stage now.
#[must_use]
pub fn next(step: Step, view: View<'_>) -> Step {
    let dead = || {
        view.members()
            .find(|one| one.server.trouble() == Some(Trouble::Crashed))
    };
    match step {
        Step::Kill => match dead() {
            Some(member) => Step::Dying {
                server: member.server.id,
                since: view.now(),
                failed: failed_at(&member),
            },
            None => Step::Kill,
        },
        Step::Dying {
            server,
            since,
            failed,
        } => match view.member(server) {
            // A jump back in time, or it is gone.
            None => Step::Kill,
            Some(_) if view.now() < since => Step::Kill,
            Some(member) if is_out(&member) => known(view, &member, (since, failed)),
            Some(member) if member.server.trouble().is_none() => Step::Kill,
            Some(_) => Step::Dying {
                server,
                since,
                failed,
            },
        },
        // A jump back in time.
        Step::Known { since, .. } if view.now() < since => Step::Kill,
        Step::Known {
            server,
            failed,
            since,
            until,
        } if view.now() < until => Step::Dying {
            server,
            since,
            failed,
        },
        Step::Known { .. } => match weighed(view) {
            Some(name) => Step::Weighed { name },
            None => step,
        },
        Step::Weighed { .. } if is_adaptive(view) => Step::Switched,
        other => other,
    }
}

/// What to say at a step.
#[must_use]
pub fn hint(step: &Step, view: View<'_>) -> Hint {
    let lost = |server: ServerId, before: u64| {
        let member = view.member(server);
        member.map_or(0, |member| failed_at(&member).saturating_sub(before))
    };
    if let Some(said) = drowning(view).filter(|_| *step != Step::Done) {
        return said;
    }
    let (happened, try_this) = match step {
        Step::Kill => (String::new(), t!("first.kill")),
        Step::Dying { server, failed, .. } => (
            t!("first.dying", lost = lost(*server, *failed)),
            String::new(),
        ),
        Step::Known {
            server,
            failed,
            since,
            until,
        } => {
            let name = view
                .member(*server)
                .map_or_else(String::new, |one| one.server.spec.name.clone());
            let happened = t!(
                "first.known",
                name = &name,
                lost = lost(*server, *failed),
                took = duration(until.since(*since))
            );
            let strong = strong(view);
            let try_this = match &strong {
                Some(strong) => t!("first.weigh", name = strong),
                None => t!("first.revive", name = &name),
            };
            (happened, try_this)
        }
        Step::Weighed { name } => (t!("first.weighed", name = name), t!("first.switch")),
        Step::Switched => (t!("first.switched"), t!("first.read")),
        Step::Done => (String::new(), String::new()),
    };
    Hint { happened, try_this }
}

/// The balancer has found out, by the times of the events themselves: the page looks only now and then.
fn known(view: View<'_>, member: &Member<'_>, (since, failed): (SimTime, u64)) -> Step {
    let own = || {
        let name = &member.server.spec.name;
        view.facts().iter().filter(move |fact| fact.server == *name)
    };
    let killed = own().rfind(|fact| fact.kind == FactKind::Crashed);
    let since = killed.map_or(since, |fact| fact.at);
    let out = |kind| matches!(kind, FactKind::WentDown | FactKind::Ejected { .. });
    let until = own().find(|fact| fact.at >= since && out(fact.kind));
    Step::Known {
        server: member.server.id,
        failed,
        since,
        until: until.map_or(view.now(), |fact| fact.at),
    }
}

/// Requests that had no good answer from a server: it failed them, turned them away, or was late.
fn failed_at(member: &Member<'_>) -> u64 {
    let counts = &member.endpoint.counts;
    counts.failed + counts.timed_out + counts.rejected
}

fn is_out(member: &Member<'_>) -> bool {
    matches!(member.endpoint.belief(), Belief::Ejected | Belief::Down)
}

/// A server that is stronger than its weight says.
fn strong(view: View<'_>) -> Option<String> {
    let member = view
        .members()
        .find(|one| one.server.spec.speed_permille >= STRONG && one.endpoint.config.weight == 1)?;
    Some(member.server.spec.name.clone())
}

/// A server that drowns because it has more weight than its machine can carry, and what would help.
fn drowning(view: View<'_>) -> Option<Hint> {
    let member = view.members().find(|one| {
        let weight = one.endpoint.config.weight;
        let carries = one.server.spec.speed_permille;
        weight > 1 && weight * 1_000 > carries && one.server.waiting().len() >= LINE
    })?;
    let name = &member.server.spec.name;
    Some(Hint {
        happened: t!(
            "first.drowns",
            name = name,
            share = share(view.share(member.endpoint.id).unwrap_or(0.0)),
            queued = member.server.waiting().len()
        ),
        try_this: t!("first.lighten"),
    })
}

/// A strong server that has got more weight.
fn weighed(view: View<'_>) -> Option<String> {
    let member = view
        .members()
        .find(|one| one.server.spec.speed_permille >= STRONG && one.endpoint.config.weight > 1)?;
    Some(member.server.spec.name.clone())
}

/// Whether the balancer looks at how busy servers are.
fn is_adaptive(view: View<'_>) -> bool {
    let adaptive = [
        "least_connections",
        "weighted_least_connections",
        "power_of_two",
    ];
    adaptive.contains(&view.balancer().spec().algorithm.row().id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::engine::command::{Command, FaultKind};
    use evenkeel_sim::engine::{Engine, EventBudget};
    use evenkeel_sim::scenario::preset::start_scenario;

    #[test]
    fn each_step_answers_to_what_was_done() {
        let mut engine = Engine::new(&start_scenario(), 7);
        let mut at = 0;
        let mut run = |engine: &mut Engine, step: Step, ms: u64| {
            at += ms;
            engine.run_until(SimTime::from_us(at * 1_000), EventBudget::UNBOUNDED);
            next(step, engine.view())
        };
        let step = run(&mut engine, Step::default(), 5_000);
        assert_eq!(step, Step::Kill);
        engine
            .apply(Command::Fault(ServerId(3), FaultKind::Crash))
            .expect("there is a server D");
        let mut step = next(step, engine.view());
        assert!(matches!(step, Step::Dying { .. }), "{step:?}");
        for _ in 0..100 {
            step = run(&mut engine, step, 100);
        }
        assert!(
            matches!(
                step,
                Step::Known {
                    server: ServerId(3),
                    ..
                }
            ),
            "{step:?}"
        );
        let said = hint(&step, engine.view());
        // Passive checks eject at the third failure; more were on their way.
        let lost = failed_at(&engine.view().member(ServerId(3)).expect("it is there"));
        assert!(
            lost >= 3 && said.happened.starts_with(&format!("{lost} ")),
            "{said:?}"
        );
        assert!(said.try_this.contains('A'), "{said:?}");
        let Step::Known { since, until, .. } = step else {
            unreachable!("{step:?}")
        };
        let times = |kind: fn(&FactKind) -> bool| {
            let mut facts = engine.view().facts().iter();
            facts.find(|fact| kind(&fact.kind)).map(|fact| fact.at)
        };
        assert_eq!(times(|kind| *kind == FactKind::Crashed), Some(since));
        let ejected = times(|kind| matches!(kind, FactKind::Ejected { .. }));
        assert_eq!(ejected, Some(until));
        assert!(
            said.happened.contains(&duration(until.since(since))),
            "{said:?}"
        );
        engine
            .apply(Command::SetWeight(ServerId(0), 3))
            .expect("a weight");
        let step = run(&mut engine, step, 100);
        assert!(matches!(step, Step::Weighed { .. }), "{step:?}");
    }

    #[test]
    fn a_weight_that_a_machine_cannot_carry_is_explained() {
        let mut engine = Engine::new(&start_scenario(), 7);
        let said = |engine: &Engine| hint(&Step::default(), engine.view());
        engine
            .apply(Command::SetWeight(ServerId(1), 3))
            .expect("a weight");
        engine.run_until(SimTime::from_us(2_000_000), EventBudget::UNBOUNDED);
        let calm = said(&engine);
        assert_eq!(calm.happened, "", "nobody waits yet");
        engine.run_until(SimTime::from_us(30_000_000), EventBudget::UNBOUNDED);
        let waiting = {
            let view = engine.view();
            let member = view.member(ServerId(1)).expect("it is there");
            member.server.waiting().len()
        };
        assert!(waiting >= LINE, "{waiting}");
        let hint = said(&engine);
        assert!(hint.happened.contains(&format!("{waiting} ")), "{hint:?}");
        assert_ne!(hint.try_this, calm.try_this);
        // The strong machine carries the same weight.
        let mut engine = Engine::new(&start_scenario(), 7);
        engine
            .apply(Command::SetWeight(ServerId(0), 3))
            .expect("a weight");
        engine.run_until(SimTime::from_us(30_000_000), EventBudget::UNBOUNDED);
        assert_eq!(
            said(&engine).try_this,
            said(&Engine::new(&start_scenario(), 7)).try_this
        );
    }
}
