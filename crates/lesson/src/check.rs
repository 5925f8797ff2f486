//! Runs a figure without a page, and checks that the run fulfils each condition, that it confirms exactly one answer,
//! and that every claim is true.

use std::collections::BTreeMap;

use super::amount::Amount;
use super::expectation::Expectation;
use super::figure::{Claim, Figure, Fix, Question};
use super::measure::{Measure, Stretch};
use super::timed_command::{TimedCommand, advance, at_ms};
use evenkeel_sim::engine::{Engine, EventBudget};
use evenkeel_sim::time::{SimDuration, SimTime};

/// The time between two evaluations of conditions and beliefs.
const LOOK: SimDuration = SimDuration::from_ms(10);

/// The result of checking a figure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FigureReport {
    /// The faults of the figure; empty if there are none.
    pub faults: Vec<String>,
    /// The measured amount of each claim of the figure and its fixes.
    pub measured: BTreeMap<String, Amount>,
    /// The answer that the run confirms; `None` for a guess.
    pub right: Option<String>,
}

/// One run of a figure, with its claims and conditions.
struct Run<'a> {
    orders: &'a [TimedCommand],
    start: Engine,
    end: SimTime,
    gates: &'a [Expectation],
    claims: &'a BTreeMap<String, Claim>,
    /// The start of claims that give none; `None` is the start of the run.
    since: Option<SimTime>,
}

/// Runs and checks the figure and its fixes.
#[must_use]
pub fn check(figure: &Figure) -> FigureReport {
    let mut report = FigureReport::default();
    let play = &figure.play;
    check_names(figure, &mut report.faults);
    if play.shows.len() > 4 {
        report
            .faults
            .push("more than four measures are shown".into());
    }
    let main = Run {
        orders: &play.script,
        start: Engine::new(&figure.scenario, figure.scenario.seed),
        end: at_ms(play.run_ms),
        gates: &play.gates,
        claims: &play.claims,
        since: None,
    };
    let ended = main.go("", &mut report);
    answer(figure, &ended, &mut report);
    for fix in &play.fixes {
        match run_of(figure, fix, &ended) {
            Ok(run) => {
                run.go(&fix.id, &mut report);
            }
            Err(fault) => report.faults.push(fault),
        }
    }
    for fault in &mut report.faults {
        *fault = format!("{}: {fault}", figure.name);
    }
    report
}

fn run_of<'a>(figure: &'a Figure, fix: &'a Fix, ended: &Engine) -> Result<Run<'a>, String> {
    let world = figure.world_of(fix)?;
    let since = world.is_none().then(|| ended.view().now());
    Ok(Run {
        orders: figure.script_of(fix),
        start: world.map_or_else(
            || ended.clone(),
            |world| Engine::new(&world, figure.scenario.seed),
        ),
        end: at_ms(fix.run_ms),
        gates: &fix.gates,
        claims: &fix.claims,
        since,
    })
}

/// Checks that exactly one answer holds at the end; that a guess lies on its slider.
fn answer(figure: &Figure, ended: &Engine, report: &mut FigureReport) {
    match &figure.play.question {
        Question::Choice(choices) => {
            let stretch = Stretch::whole(ended.view());
            let right: Vec<&str> = choices
                .iter()
                .filter(|choice| choice.when.holds(stretch))
                .map(|choice| choice.id.as_str())
                .collect();
            if choices.len() < 2 {
                report.faults.push("a choice needs two answers".into());
            }
            match right.as_slice() {
                [one] => report.right = Some((*one).to_string()),
                _ => report
                    .faults
                    .push(format!("the run confirms {right:?} and not one answer")),
            }
        }
        Question::Guess(guess) => {
            let Some(claim) = figure.play.claims.get(&guess.claim) else {
                let fault = format!("the question's claim {:?} is not there", guess.claim);
                report.faults.push(fault);
                return;
            };
            let on_slider = match claim.says {
                Amount::Number(value) => (guess.from..=guess.to).contains(&value),
                Amount::Text(_) => false,
            };
            if !on_slider || guess.step <= 0.0 || guess.within < 0.0 {
                report.faults.push("the answer is not on the slider".into());
            }
        }
    }
}

/// Checks that every named server is there at the start or joins by a command.
fn check_names(figure: &Figure, faults: &mut Vec<String>) {
    let play = &figure.play;
    let mut names = Vec::new();
    for gate in &play.gates {
        gate.servers(&mut names);
    }
    if let Question::Choice(choices) = &play.question {
        for choice in choices {
            choice.when.servers(&mut names);
        }
    }
    let claims = play.claims.values();
    let measures = claims.map(|claim| &claim.measure).chain(&play.shows);
    names.extend(measures.filter_map(Measure::server).map(str::to_string));
    let adds = play.script.iter().any(|order| order.act == "add_server");
    // Servers, the balancers of a pair, sites: whatever has that name in the scene.
    let world = serde_json::to_string(&figure.scenario).unwrap_or_default();
    for name in names {
        let known = world.contains(&format!("\"name\":{name:?}"));
        if !known && !adds {
            faults.push(format!("there is no server {name:?}"));
        }
    }
}

impl Run<'_> {
    /// Runs it and records the results; returns the engine at its end.
    fn go(self, part: &str, report: &mut FigureReport) -> Engine {
        let mut engine = self.start.clone();
        let mut next = 0;
        let mut open: Vec<&Expectation> = self.gates.iter().collect();
        let mut stops = self.stops();
        let mut kept: Vec<(SimTime, Engine)> = Vec::new();
        let mut until: BTreeMap<&str, SimTime> = BTreeMap::new();
        loop {
            let now = engine.view().now();
            if stops.first().is_some_and(|stop| *stop <= now) {
                stops.remove(0);
                kept.push((now, engine.clone()));
            }
            open.retain(|gate| !gate.holds(Stretch::whole(engine.view())));
            self.note_beliefs(&engine, &mut until);
            if now >= self.end {
                break;
            }
            let goal = (now + LOOK).min(self.end);
            let goal = stops.first().map_or(goal, |stop| goal.min(*stop));
            let done = advance(
                &mut engine,
                self.orders,
                &mut next,
                goal,
                EventBudget::UNBOUNDED,
            );
            if let Err(fault) = done {
                report.faults.push(fault);
            }
        }
        for gate in open {
            report.faults.push(format!("{part} never holds: {gate:?}"));
        }
        if next < self.orders.len() {
            report.faults.push(format!("{part} ends before its script"));
        }
        for (id, claim) in self.claims {
            let value = self.measure(claim, &kept, &until.get(id.as_str()).copied());
            judge(id, claim, value, report);
        }
        engine
    }

    /// The times that claims refer to, in order, each once.
    fn stops(&self) -> Vec<SimTime> {
        let ms = |claim: &Claim| [claim.at_ms, claim.since_ms];
        let mut stops: Vec<SimTime> = self
            .claims
            .values()
            .flat_map(ms)
            .flatten()
            .map(at_ms)
            .chain(self.since)
            .chain([self.end])
            .collect();
        stops.sort();
        stops.dedup();
        stops
    }

    fn note_beliefs<'c>(&'c self, engine: &Engine, until: &mut BTreeMap<&'c str, SimTime>) {
        for (id, claim) in self.claims {
            if let Measure::Until(server, word) = &claim.measure {
                let begun = engine.view().now() > at_ms(claim.since_ms.unwrap_or(0));
                let gate = Expectation::Belief(server.clone(), word.clone());
                if begun && gate.holds(Stretch::whole(engine.view())) {
                    until.entry(id).or_insert_with(|| engine.view().now());
                }
            }
        }
    }

    fn measure(
        &self,
        claim: &Claim,
        kept: &[(SimTime, Engine)],
        until: &Option<SimTime>,
    ) -> Option<Amount> {
        let at = |time: SimTime| {
            let found = kept.iter().find(|(kept, _)| *kept == time);
            found.map(|(_, engine)| engine.view())
        };
        let since = claim.since_ms.map(at_ms).or(self.since);
        match &claim.measure {
            Measure::Until(..) => {
                let took = until.as_ref()?.since(since.unwrap_or(SimTime::ZERO));
                Some(Amount::Number(took.as_us() as f64 / 1_000.0))
            }
            Measure::Sequence(count) => Some(Amount::Text(self.sequence(*count))),
            measure => {
                let to = at(claim.at_ms.map_or(self.end, at_ms))?;
                let from = since.filter(|_| measure.has_stretch());
                measure.read(Stretch {
                    from: from.and_then(at),
                    to,
                })
            }
        }
    }

    /// The first picks of the run, by name.
    fn sequence(&self, count: usize) -> String {
        let mut engine = self.start.clone();
        // Decisions are written down only where somebody looks.
        engine.set_watched(true);
        let mut names = Vec::new();
        while names.len() < count && engine.run_to_next_pick(self.end) {
            let view = engine.view();
            let picked = view.balancer().decision().picked.as_ref();
            let endpoint = picked.and_then(|(id, _)| view.balancer().endpoint(*id));
            names.push(endpoint.map_or_else(|| "–".to_string(), |one| one.config.name.clone()));
        }
        names.join(" ")
    }
}

fn judge(id: &str, claim: &Claim, value: Option<Amount>, report: &mut FigureReport) {
    let says = &claim.says;
    if claim.since_ms.is_some() && !claim.measure.has_stretch() {
        let fault = format!("claim {id}: this can only be measured from the start");
        report.faults.push(fault);
    }
    let Some(value) = value else {
        let fault = format!("claim {id}: there is nothing to measure");
        report.faults.push(fault);
        return;
    };
    let holds = match (says, &value) {
        (Amount::Number(says), Amount::Number(is)) => (says - is).abs() <= claim.tolerance(),
        (says, is) => says == is,
    };
    if !holds {
        let fault = format!("claim {id}: the text says {says}, the run {value}");
        report.faults.push(fault);
    }
    report.measured.insert(id.to_string(), value);
}
