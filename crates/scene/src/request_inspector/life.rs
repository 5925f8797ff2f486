//! The trace of a request as a timeline, and in words.

use super::server_name;
use crate::chart::Chart;
use crate::chart::axes::{AxisUnit, round_steps};
use crate::chart::lanes::{Timeline, TimelineForm, TimelineItem, TimelineRow, draw};
use crate::chart::table::{DataTable, TableCell};
use crate::shape::Paint;
use crate::words::{self, clock, duration};
use evenkeel_sim::engine::observer::request_traces::RequestTrace;
use evenkeel_sim::engine::request::{AttemptResult, Phase};
use evenkeel_sim::engine::view::View;
use evenkeel_sim::fleet::spec::RequestKind;
use evenkeel_sim::metrics::outcome::Outcome;
use evenkeel_sim::time::{SimDuration, SimTime};
use evenkeel_words::t;

/// The look of a stage in which the request failed.
const FAILED: TimelineForm = TimelineForm::Bar(Paint::Down, 1.0);

/// One stage of a trace.
#[derive(Clone, Debug, PartialEq)]
struct TraceStage {
    name: String,
    from: SimDuration,
    took: SimDuration,
    form: TimelineForm,
}

/// The name of a kind of request.
#[must_use]
pub fn kind_word(kind: RequestKind) -> String {
    match kind {
        RequestKind::Page => t!("glass.kind.page"),
        RequestKind::Static => t!("glass.kind.static"),
        RequestKind::Checkout => t!("glass.kind.checkout"),
        RequestKind::Grpc => t!("glass.kind.grpc"),
        RequestKind::WebSocket => t!("glass.kind.websocket"),
    }
}

/// `Request 1,234, a page: /page/24 from 203.0.113.7. Answered after 1.62 s.`
#[must_use]
pub fn headline(view: View<'_>, life: &RequestTrace) -> String {
    let kind = kind_word(life.kind);
    let source = life.source.to_string();
    let took = duration(life.took(view.now()));
    let (number, path) = (life.number, &life.path);
    match life.ended {
        None => t!(
            "glass.head.open",
            number = number,
            kind = kind,
            path = path,
            source = source,
            took = took
        ),
        Some((_, Outcome::Answered)) => t!(
            "glass.head.answered",
            number = number,
            kind = kind,
            path = path,
            source = source,
            took = took
        ),
        Some((_, outcome)) => t!(
            "glass.head.failed",
            number = number,
            kind = kind,
            path = path,
            source = source,
            took = took,
            why = words::outcome(outcome)
        ),
    }
}

fn stages(view: View<'_>, life: &RequestTrace) -> Vec<TraceStage> {
    let end = life.ended.map_or_else(|| view.now(), |(at, _)| at);
    let ends = life.steps.iter().skip(1).map(|step| step.at);
    let ends = ends.chain([end]);
    let stages = life.steps.iter().zip(ends).map(|(step, to)| {
        let server = step.server.map(|id| server_name(view, life, id));
        let (name, form) = words_of(step.phase, server.unwrap_or_default(), step.attempt);
        TraceStage {
            name,
            from: step.at.since(life.born),
            took: to.since(step.at),
            form,
        }
    });
    // A name that is known takes no time to ask for, and a pick none of its own: what takes no time is no
    // stretch, unless it failed there.
    let idle = |stage: &TraceStage| stage.took == SimDuration::ZERO && stage.form != FAILED;
    stages.filter(|stage| !idle(stage)).collect()
}

/// The name and the look of a phase: trips are pale, work is dark, waiting is striped, failures are red.
fn words_of(phase: Phase, server: String, attempt: u32) -> (String, TimelineForm) {
    let way = TimelineForm::Bar(Paint::Edge, 0.7);
    let wait = TimelineForm::Striped(Paint::Degraded);
    let failed = FAILED;
    match phase {
        Phase::Resolving { .. } => (
            t!("glass.stage.resolver"),
            TimelineForm::Bar(Paint::InkSoft, 0.6),
        ),
        Phase::Lost { .. } => (t!("glass.stage.lost"), TimelineForm::Striped(Paint::Down)),
        Phase::ToBalancer(_) => (t!("glass.stage.to_balancer"), way),
        Phase::AtBalancer { .. } if attempt > 0 => (t!("glass.stage.retry_pause"), wait),
        Phase::AtBalancer { .. } => (
            t!("glass.stage.balancer"),
            TimelineForm::Bar(Paint::Focus, 0.85),
        ),
        Phase::Queued { endpoint: None, .. } => (t!("glass.stage.queued"), wait),
        Phase::Queued { .. } => (t!("glass.stage.queued_for", server = server), wait),
        Phase::ToServer(_) if attempt > 1 => {
            let text = t!(
                "glass.stage.to_server_again",
                server = server,
                attempt = attempt
            );
            (text, way)
        }
        Phase::ToServer(_) => (t!("glass.stage.to_server", server = server), way),
        Phase::Waiting { .. } => (t!("glass.stage.waiting", server = server), wait),
        Phase::InService { .. } => (
            t!("glass.stage.service", server = server),
            TimelineForm::Bar(Paint::Ink, 0.85),
        ),
        Phase::FromServer(_, AttemptResult::Ok) => (t!("glass.stage.answer", server = server), way),
        Phase::FromServer(_, answer) => {
            let why = words::outcome(answer.outcome());
            (t!("glass.stage.failed", server = server, why = why), failed)
        }
        Phase::Connecting { .. } => (
            t!("glass.stage.connecting"),
            TimelineForm::Bar(Paint::InkSoft, 0.6),
        ),
        Phase::Dialling(_) => (
            t!("glass.stage.dialling", server = server),
            TimelineForm::Bar(Paint::InkSoft, 0.6),
        ),
        Phase::Direct(_, AttemptResult::Ok) => (t!("glass.stage.direct", server = server), way),
        Phase::Direct(_, answer) => {
            let why = words::outcome(answer.outcome());
            (t!("glass.stage.failed", server = server, why = why), failed)
        }
        Phase::ToClient(_, Outcome::Answered) => (t!("glass.stage.to_client"), way),
        Phase::ToClient(_, outcome) => {
            let why = words::outcome(outcome);
            (t!("glass.stage.failed_to_client", why = why), failed)
        }
    }
}

/// The timeline of a trace, `width` pixels wide: one row for each stage.
#[must_use]
pub fn chart(view: View<'_>, life: &RequestTrace, width: f64) -> Chart {
    let stages = stages(view, life);
    let whole = life.took(view.now()).as_us().max(1) as f64;
    let most = if width < 420.0 { 2 } else { 5 };
    let (step, count) = round_steps(whole, most);
    let full = step * f64::from(count);
    let lanes = stages.iter().enumerate().map(|(place, stage)| {
        let from = stage.from.as_us() as f64;
        let took = duration(stage.took);
        let item = TimelineItem {
            key: place as u64,
            from,
            to: from + stage.took.as_us() as f64,
            level: 0.5,
            thick: 12.0,
            form: stage.form,
            label: String::new(),
            text: t!(
                "glass.reading",
                name = &stage.name,
                took = &took,
                from = duration(stage.from)
            ),
        };
        TimelineRow {
            name: stage.name.clone(),
            note: took,
            items: vec![item],
        }
    });
    let tick = |number: u32| {
        let at = step * f64::from(number);
        (at, AxisUnit::Time.tick(at, full))
    };
    let lanes = Timeline {
        lanes: lanes.collect(),
        from: 0.0,
        to: full,
        ticks: (0..=count).map(tick).collect(),
        now: None,
        name: t!("glass.axis"),
        pitch: 24.0,
        right: 60.0,
        description: headline(view, life),
    };
    draw(&lanes, width)
}

/// The same as a table.
#[must_use]
pub fn table(view: View<'_>, life: &RequestTrace) -> DataTable {
    let heads = vec![
        t!("glass.table.stage"),
        t!("glass.table.at"),
        t!("glass.table.after"),
        t!("glass.table.took"),
    ];
    let mut table = DataTable {
        heads,
        rows: Vec::new(),
    };
    for stage in stages(view, life) {
        let at = SimTime::from_us(life.born.as_us() + stage.from.as_us());
        let ms = |span: SimDuration| TableCell::number(duration(span), span.as_us() as f64 / 1e3);
        table.rows.push(vec![
            TableCell::text(stage.name),
            TableCell::number(clock(at), at.as_secs_f64()),
            ms(stage.from),
            ms(stage.took),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::engine::command::{Command, FaultKind};
    use evenkeel_sim::engine::{Engine, EventBudget};
    use evenkeel_sim::ids::ServerId;
    use evenkeel_sim::scenario::preset::default_scenario;

    #[test]
    fn a_place_is_one_stretch_and_takes_time() {
        let mut engine = Engine::new(&default_scenario(), 7);
        engine.set_watched(true);
        let kill = Command::Fault(ServerId(1), FaultKind::Crash);
        engine.apply(kill).expect("B is there");
        engine.run_until(SimTime::from_us(20_000_000), EventBudget::UNBOUNDED);
        let view = engine.view();
        let trail = view.trail().expect("it is watched");
        assert!(trail.ended().count() > 200);
        for life in trail.ended() {
            let stages = stages(view, life);
            for pair in stages.windows(2) {
                assert_ne!(pair[0].name, pair[1].name, "request {}", life.number);
            }
            for stage in &stages {
                let shown = stage.took > SimDuration::ZERO || stage.form == FAILED;
                assert!(shown, "request {}: {}", life.number, stage.name);
            }
        }
    }
}
