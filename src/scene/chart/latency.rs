//! Response times over time: 50th, 95th and 99th percentile, and what happened.

use super::{Frame, Tick, corner, latest, round_steps, spread, stretch, time_ticks};
use crate::scene::words;
use crate::sim::engine::observe::{Fact, FactKind};
use crate::sim::engine::view::View;
use crate::sim::metrics::recorder::{Percentiles, WINDOW, Window};
use crate::sim::time::{SimTime, Span};

/// About the width of a character of a label.
const CHARACTER: f64 = 6.3;
/// How many marks are drawn at most.
const MARKS: usize = 24;
/// Rows of labels above the plot.
const ROWS: usize = 3;
/// The height of a row of labels.
const ROW: f64 = 13.0;
/// How near events of one server share a label, in pixels.
const NEAR: f64 = 12.0;
/// The most words in a label.
const WORDS: usize = 3;

/// The chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LatencyChart {
    /// Where the plot is.
    pub frame: Frame,
    /// The three lines, slowest first.
    pub lines: [Line; 3],
    /// What the heights mean.
    pub heights: Vec<Tick>,
    /// What the widths mean.
    pub times: Vec<Tick>,
    /// What happened.
    pub marks: Vec<EventMark>,
    /// `p50 84 ms · p95 310 ms · p99 612 ms`.
    pub headline: String,
    /// The chart in words.
    pub description: String,
}

/// One percentile's line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// SVG path data.
    pub data: String,
    /// The height of its label, beside its end; `None` before the first answer.
    pub label_y: Option<f64>,
}

/// A dashed line where something happened.
#[derive(Clone, Debug, PartialEq)]
pub struct EventMark {
    /// The number of the fact: its identity.
    pub number: u64,
    /// Where.
    pub x: f64,
    /// Whether it is bad news.
    pub bad: bool,
    /// Its label; `None` where there was no room for one, or another one speaks for it.
    pub label: Option<Label>,
}

/// What stands beside a mark.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// `B killed, ejected`.
    pub text: String,
    /// Where it begins; where it ends, if it is flipped.
    pub x: f64,
    /// Its base line.
    pub y: f64,
    /// Whether it is left of its line, for want of room at the right edge.
    pub flipped: bool,
}

/// The plot's place in a chart of this size.
#[must_use]
pub const fn frame(width: f64, height: f64) -> Frame {
    Frame {
        left: 44.0,
        right: width - 30.0,
        top: 6.0 + ROW * ROWS as f64,
        bottom: height - 20.0,
    }
}

/// The name of each line, slowest first.
pub const NAMES: [&str; 3] = ["p99", "p95", "p50"];

const PICK: [fn(&Percentiles) -> u64; 3] =
    [|p| p.p99.as_us(), |p| p.p95.as_us(), |p| p.p50.as_us()];

/// The chart of a view, in a box of `width` by `height` pixels.
#[must_use]
pub fn chart(view: View<'_>, width: f64, height: f64) -> LatencyChart {
    let frame = frame(width, height);
    let end = latest(view);
    let (span_s, step_s) = stretch(end, width);
    let age = |at: SimTime| end.since(at).as_secs_f64();
    let windows = view.recorder().windows();
    let shown = || {
        let seen = |window: &&Window| age(window.start + WINDOW) <= f64::from(span_s);
        windows.iter().filter(seen)
    };
    let known = shown().filter_map(|window| window.latency);
    let top = known
        .clone()
        .map(|p| p.p99.as_us())
        .max()
        .unwrap_or(1_000_000);
    let (step, count) = round_steps(top as f64, 4);
    let full = step * f64::from(count);
    let mut lines: [Line; 3] = Default::default();
    for (line, pick) in lines.iter_mut().zip(PICK) {
        let mut begin = true;
        for window in shown() {
            let Some(latency) = window.latency else {
                begin = true;
                continue;
            };
            let x = frame.x(age(window.start + WINDOW), f64::from(span_s));
            corner(
                &mut line.data,
                begin,
                x,
                frame.y(pick(&latency) as f64 / full),
            );
            begin = false;
        }
    }
    let last = windows.back().and_then(|window| window.latency);
    if let Some(last) = &last {
        let mut heights = PICK.map(|pick| frame.y(pick(last) as f64 / full));
        spread(&mut heights, 12.0, frame.bottom);
        for (line, height) in lines.iter_mut().zip(heights) {
            line.label_y = Some(height);
        }
    }
    LatencyChart {
        frame,
        lines,
        heights: (0..=count)
            .map(|number| Tick {
                at: frame.y(f64::from(number) / f64::from(count)),
                label: words::axis_duration(step * f64::from(number), full),
            })
            .collect(),
        times: time_ticks(&frame, span_s, step_s),
        marks: marks(view, &frame, end, f64::from(span_s)),
        headline: headline(last.as_ref()),
        description: describe(last.as_ref(), top, span_s),
    }
}

fn headline(last: Option<&Percentiles>) -> String {
    let show = |span| words::duration(span);
    match last {
        Some(p) => format!(
            "p50 {} · p95 {} · p99 {}",
            show(p.p50),
            show(p.p95),
            show(p.p99)
        ),
        None => "p50 – · p95 – · p99 –".to_string(),
    }
}

/// The chart in words; `slowest` is the highest point drawn, in microseconds.
fn describe(last: Option<&Percentiles>, slowest: u64, span_s: u32) -> String {
    let Some(last) = last else {
        return "Response times over time. Nothing was answered in the last 10 \
                seconds."
            .to_string();
    };
    format!(
        "Response times over time. Now half are answered within {}, 95 of 100 \
         within {}, 99 of 100 within {}. In the last {span_s} seconds the 99th percentile \
         was at most {}.",
        words::duration(last.p50),
        words::duration(last.p95),
        words::duration(last.p99),
        words::duration(Span::from_us(slowest)),
    )
}

/// Whether a fact is marked, whether it is bad news, and its word.
const fn word_of(kind: FactKind) -> Option<(bool, &'static str)> {
    match kind {
        FactKind::Crashed => Some((true, "killed")),
        FactKind::Hung => Some((true, "hangs")),
        FactKind::Slowed => Some((true, "slow")),
        FactKind::Failing => Some((true, "fails")),
        FactKind::Removed => Some((true, "removed")),
        FactKind::WentDown => Some((true, "down")),
        FactKind::Ejected { .. } => Some((true, "ejected")),
        FactKind::Restored => Some((false, "revived")),
        FactKind::WentUp => Some((false, "up")),
        FactKind::Added => Some((false, "added")),
        FactKind::BoxDied | FactKind::SiteDied => Some((true, "killed")),
        FactKind::BoxStopped => Some((true, "stopped")),
        FactKind::LinkCut => Some((true, "link cut")),
        FactKind::SplitBrain => Some((true, "two active")),
        FactKind::AddressDelisted => Some((true, "delisted")),
        FactKind::BoxRevived | FactKind::SiteRestored => Some((false, "revived")),
        FactKind::BecameActive => Some((false, "active")),
        FactKind::LinkMended => Some((false, "link mended")),
        FactKind::AddressListed => Some((false, "listed")),
        FactKind::BecameBackup
        | FactKind::Drained
        | FactKind::Maintained
        | FactKind::Readied
        | FactKind::Returned
        | FactKind::Degraded
        | FactKind::Recovered
        | FactKind::PanicBegan
        | FactKind::PanicEnded
        | FactKind::InFlightLimit => None,
    }
}

/// What a label says, and for which mark.
struct Saying<'a> {
    server: &'a str,
    words: Vec<&'static str>,
    act: bool,
    /// The place of its mark: the first of those it speaks for.
    mark: usize,
}

impl Saying<'_> {
    fn text(&self) -> String {
        let words = self.words[..self.words.len().min(WORDS)].join(", ");
        let more = if self.words.len() > WORDS { " …" } else { "" };
        format!("{} {words}{more}", self.server)
    }
}

/// The oldest first. Where labels are too many, what the reader did has room before what followed
/// from it, and the new before the old.
fn marks(view: View<'_>, frame: &Frame, end: SimTime, span_s: f64) -> Vec<EventMark> {
    let seen = |fact: &&Fact| end.since(fact.at).as_secs_f64() <= span_s;
    let recent = view.facts().iter().rev().take_while(seen);
    let worded = recent.filter_map(|fact| word_of(fact.kind).map(|word| (fact, word)));
    let mut worded: Vec<_> = worded.take(MARKS).collect();
    worded.reverse();
    let mut sayings: Vec<Saying<'_>> = Vec::with_capacity(worded.len());
    let mut marks: Vec<EventMark> = Vec::with_capacity(worded.len());
    for (fact, (bad, word)) in worded {
        let x = frame.x(end.since(fact.at).as_secs_f64(), span_s);
        let act = is_act(fact.kind);
        let mut before = sayings.iter_mut().rev();
        match before.find(|saying| saying.server == fact.server) {
            Some(saying) if x - marks[saying.mark].x <= NEAR => {
                saying.act |= act;
                if saying.words.last() != Some(&word) {
                    saying.words.push(word);
                }
            }
            _ => sayings.push(Saying {
                server: &fact.server,
                words: vec![word],
                act,
                mark: marks.len(),
            }),
        }
        marks.push(EventMark {
            number: fact.number,
            x,
            bad,
            label: None,
        });
    }
    let mut taken: [Vec<(f64, f64)>; ROWS] = Default::default();
    for acts in [true, false] {
        for saying in sayings.iter().rev().filter(|saying| saying.act == acts) {
            let mark = &mut marks[saying.mark];
            mark.label = place(saying.text(), mark.x, frame, &mut taken);
        }
    }
    marks
}

/// Whether the reader did it.
const fn is_act(kind: FactKind) -> bool {
    !matches!(
        kind,
        FactKind::WentDown | FactKind::WentUp | FactKind::Ejected { .. }
    )
}

/// Room for a label in the first row that has any: to the right of its line, at the right edge to
/// its left. Always the same side, or the labels of two lines look swapped.
fn place(
    text: String,
    x: f64,
    frame: &Frame,
    taken: &mut [Vec<(f64, f64)>; ROWS],
) -> Option<Label> {
    let width = text.chars().count() as f64 * CHARACTER;
    let flipped = x + 3.0 + width > frame.right + 26.0;
    let (x, from, to) = if flipped {
        (x - 3.0, x - 3.0 - width, x - 3.0)
    } else {
        (x + 3.0, x + 3.0, x + 3.0 + width)
    };
    for (row, taken) in taken.iter_mut().enumerate() {
        let free = |&(left, right): &(f64, f64)| to + 6.0 < left || from > right + 6.0;
        if taken.iter().all(free) {
            taken.push((from, to));
            let y = ROW * (row + 1) as f64 - 2.0;
            return Some(Label {
                text,
                x,
                y,
                flipped,
            });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::engine::command::{Command, FaultKind};
    use crate::sim::engine::{Engine, EventBudget};
    use crate::sim::ids::ServerId;
    use crate::sim::scenario::preset::default_scenario;

    fn engine(secs: u64) -> Engine {
        let scenario = default_scenario();
        let mut engine = Engine::new(&scenario, scenario.seed);
        run(&mut engine, secs);
        engine
    }

    fn run(engine: &mut Engine, secs: u64) {
        engine.run_until(SimTime::from_us(secs * 1_000_000), EventBudget::UNBOUNDED);
    }

    #[test]
    fn an_empty_run_has_axes_and_no_lines() {
        let chart = chart(engine(0).view(), 400.0, 170.0);
        assert_eq!(chart.headline, "p50 – · p95 – · p99 –");
        assert!(chart.lines.iter().all(|line| line.data.is_empty()));
        assert_eq!(chart.heights[0].label, "0");
        assert_eq!(
            chart.times.last().map(|tick| tick.label.as_str()),
            Some("now")
        );
    }

    #[test]
    fn slower_percentiles_lie_higher_and_labels_do_not_touch() {
        let chart = chart(engine(60).view(), 400.0, 170.0);
        let ys: Vec<f64> = chart.lines.iter().filter_map(|line| line.label_y).collect();
        assert_eq!(ys.len(), 3);
        assert!(ys[1] - ys[0] >= 12.0 && ys[2] - ys[1] >= 12.0, "{ys:?}");
        assert_eq!(chart.lines[0].data.matches('L').count(), 58);
        assert!(chart.headline.starts_with("p50 1."), "{}", chart.headline);
    }

    #[test]
    fn marks_tell_what_happened_and_labels_do_not_collide() {
        let mut engine = engine(20);
        for id in [1, 2] {
            let kill = Command::Fault(ServerId(id), FaultKind::Crash);
            engine.apply(kill).expect("it is there");
        }
        run(&mut engine, 60);
        let chart = chart(engine.view(), 400.0, 170.0);
        let labels: Vec<_> = chart
            .marks
            .iter()
            .filter_map(|mark| mark.label.clone())
            .collect();
        assert!(
            labels
                .iter()
                .any(|label| label.text.starts_with("B killed"))
        );
        assert!(
            chart
                .marks
                .iter()
                .all(|mark| (44.0..=370.0).contains(&mark.x))
        );
        let ends = |label: &Label| {
            let width = label.text.chars().count() as f64 * CHARACTER;
            let from = label.x - if label.flipped { width } else { 0.0 };
            (from, from + width)
        };
        for (place, label) in labels.iter().enumerate() {
            for other in &labels[place + 1..] {
                let ((from, to), (left, right)) = (ends(label), ends(other));
                let apart = label.y != other.y || to < left || right < from;
                assert!(apart, "{} {}", label.text, other.text);
            }
        }
    }

    #[test]
    fn what_happened_to_one_server_at_once_has_one_label() {
        let mut engine = engine(20);
        let kill = Command::Fault(ServerId(1), FaultKind::Crash);
        engine.apply(kill).expect("it is there");
        engine
            .apply(Command::Fault(ServerId(1), FaultKind::Restore))
            .expect("it is there");
        run(&mut engine, 25);
        let chart = chart(engine.view(), 400.0, 170.0);
        let labels = chart.marks.iter().filter_map(|mark| mark.label.as_ref());
        let texts: Vec<_> = labels.map(|label| label.text.as_str()).collect();
        assert_eq!(texts, ["B killed, revived"]);
    }

    #[test]
    fn only_what_is_drawn_is_told() {
        let chart = chart(engine(100).view(), 400.0, 170.0);
        assert_eq!(chart.times[0].label, "−60 s");
        assert!(chart.lines[0].data.matches('L').count() <= 60);
        assert!(chart.description.contains("In the last 60 seconds"));
    }
}
