//! A part of a figure as a run: the whole log is known before it runs, so that it can be played, wound back and taken
//! to its end like any other run. Part 0 is the figure's own run, the parts from 1 on are its fixes.

use super::figure::{Figure, Fix};
use super::timed_command::{TimedCommand, advance, at_ms};
use evenkeel_sim::engine::{Engine, EventBudget};
use evenkeel_sim::run::Run;
use evenkeel_sim::time::SimTime;

/// A part of a figure, ready to run.
#[derive(Clone, Debug, PartialEq)]
pub struct FigurePart {
    /// The run, at the time where the part begins.
    pub run: Run,
    /// The time at which the part ends.
    pub end: SimTime,
}

/// The part with this number; `None` if the figure has no such fix or its scenario cannot be made.
#[must_use]
pub fn part(figure: &Figure, number: usize) -> Option<FigurePart> {
    let scenario = &figure.scenario;
    let mut engine = Engine::new(scenario, scenario.seed);
    let end = at_ms(figure.play.run_ms);
    let Some(place) = number.checked_sub(1) else {
        give(&mut engine, &figure.play.script, end);
        return Some(of(&engine, SimTime::ZERO, end));
    };
    let fix: &Fix = figure.play.fixes.get(place)?;
    let until = at_ms(fix.run_ms);
    if let Some(world) = figure.world_of(fix).ok()? {
        let mut engine = Engine::new(&world, scenario.seed);
        give(&mut engine, figure.script_of(fix), until);
        return Some(of(&engine, SimTime::ZERO, until));
    }
    // It goes on where the figure's own run ended.
    give(&mut engine, &figure.play.script, end);
    give(&mut engine, figure.script_of(fix), until);
    Some(of(&engine, end, until))
}

/// Runs to `until`. Commands were checked with the figure; one that cannot be given is left out.
fn give(engine: &mut Engine, script: &[TimedCommand], until: SimTime) {
    let mut next = 0;
    while advance(engine, script, &mut next, until, EventBudget::UNBOUNDED).is_err() {}
}

fn of(engine: &Engine, at: SimTime, end: SimTime) -> FigurePart {
    FigurePart {
        run: Run {
            at,
            ..Run::of(engine.view())
        },
        end,
    }
}
