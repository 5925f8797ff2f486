//! Marks of what happened, as dashed lines in a chart over time.

use super::axes::{CHARACTER, PlotFrame};
use crate::marks::told;
use crate::shape::Paint;
use crate::svg::{Anchor, Label, Style, SvgShape, line};
use crate::words;
use evenkeel_sim::engine::observations::{Observation, ObservationKind};
use evenkeel_sim::engine::view::View;
use evenkeel_sim::metrics::recorder::WINDOW;
use evenkeel_sim::time::SimTime;
use evenkeel_words::t;

/// The most marks that are drawn.
const MARKS: usize = 24;
/// The number of rows of labels above the plot.
const ROWS: usize = 3;
/// The height of a row of labels.
const ROW: f64 = 13.0;
/// The distance in pixels within which events of one server share a label.
const NEAR: f64 = 12.0;
/// The most words in a label.
const WORDS: usize = 3;

/// The marks of what happened while a chart over time ran.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChartMarks {
    kept: bool,
    /// The marks, oldest first.
    list: Vec<Mark>,
}

#[derive(Clone, Debug, PartialEq)]
struct Mark {
    at: SimTime,
    server: String,
    bad: bool,
    /// Whether the reader caused what happened.
    act: bool,
    word: String,
    sentence: String,
}

impl ChartMarks {
    /// No marks, and no room for any.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The last marks in a chart of the last `span_s` seconds before `end`.
    #[must_use]
    pub fn of(view: View<'_>, end: SimTime, span_s: u32) -> Self {
        let seen = |fact: &&Observation| end.since(fact.at).as_secs_f64() <= f64::from(span_s);
        let recent = told(view.facts()).rev().take_while(seen);
        let marks = recent.filter_map(|fact| {
            let (bad, word) = word_of(fact.kind)?;
            Some(Mark {
                at: fact.at,
                server: fact.server.clone(),
                bad,
                act: is_act(fact.kind),
                word,
                sentence: words::sentence(fact),
            })
        });
        let mut list: Vec<Mark> = marks.take(MARKS).collect();
        list.reverse();
        Self { kept: true, list }
    }

    /// Whether there is room for marks, even if there are none.
    #[must_use]
    pub const fn is_kept(&self) -> bool {
        self.kept
    }
}

/// The room above the plot for the labels.
#[must_use]
pub fn room(marks: &ChartMarks) -> f64 {
    if marks.kept { ROW * ROWS as f64 } else { 0.0 }
}

/// The marks of the second that ended at a time.
pub fn within(marks: &ChartMarks, end: SimTime) -> impl Iterator<Item = &str> {
    let inside = move |mark: &&Mark| mark.at <= end && mark.at + WINDOW > end;
    let marks = marks.list.iter().filter(inside);
    marks.map(|mark| mark.sentence.as_str())
}

/// The word for an observation, and whether it is bad news; `None` if it has no mark.
fn word_of(kind: ObservationKind) -> Option<(bool, String)> {
    match kind {
        ObservationKind::Broke(row) => Some((true, words::fault(row, "mark", &[]))),
        ObservationKind::Removed => Some((true, t!("mark.removed"))),
        ObservationKind::WentDown => Some((true, t!("mark.down"))),
        ObservationKind::Ejected { .. } => Some((true, t!("mark.ejected"))),
        ObservationKind::Restored => Some((false, t!("mark.revived"))),
        ObservationKind::WentUp => Some((false, t!("mark.up"))),
        ObservationKind::Added => Some((false, t!("mark.added"))),
        ObservationKind::BalancerDied | ObservationKind::SiteDied => {
            Some((true, t!("mark.killed")))
        }
        ObservationKind::BalancerStopped => Some((true, t!("mark.stopped"))),
        ObservationKind::LinkCut => Some((true, t!("mark.link_cut"))),
        ObservationKind::SplitBrain => Some((true, t!("mark.two_active"))),
        ObservationKind::AddressDelisted => Some((true, t!("mark.delisted"))),
        ObservationKind::BalancerRevived | ObservationKind::SiteRestored => {
            Some((false, t!("mark.revived")))
        }
        ObservationKind::BecameActive => Some((false, t!("mark.active"))),
        ObservationKind::LinkMended => Some((false, t!("mark.link_mended"))),
        ObservationKind::AddressListed => Some((false, t!("mark.listed"))),
        _ => None,
    }
}

/// Whether the reader caused what happened.
const fn is_act(kind: ObservationKind) -> bool {
    !matches!(
        kind,
        ObservationKind::WentDown | ObservationKind::WentUp | ObservationKind::Ejected { .. }
    )
}

/// A label and the mark it belongs to.
struct Saying<'a> {
    server: &'a str,
    words: Vec<String>,
    act: bool,
    bad: bool,
    /// The position of its line: the first of those it stands for.
    x: f64,
}

impl Saying<'_> {
    fn text(&self) -> String {
        let words = self.words[..self.words.len().min(WORDS)].join(", ");
        let more = if self.words.len() > WORDS { " …" } else { "" };
        format!("{} {words}{more}", self.server)
    }
}

/// Draws the marks: all lines before all labels, or a later line would cross an earlier label. If there are too many
/// labels, the reader's acts come before their consequences, and new ones before old ones.
pub fn draw(
    marks: &ChartMarks,
    frame: &PlotFrame,
    x: impl Fn(SimTime) -> f64,
    shapes: &mut Vec<SvgShape>,
) {
    let mut sayings: Vec<Saying<'_>> = Vec::with_capacity(marks.list.len());
    for mark in &marks.list {
        let x = x(mark.at);
        shapes.push(stroke(mark.bad, x, frame.top, frame.bottom));
        let mut before = sayings.iter_mut().rev();
        match before.find(|saying| saying.server == mark.server) {
            Some(saying) if x - saying.x <= NEAR => {
                saying.act |= mark.act;
                if saying.words.last() != Some(&mark.word) {
                    saying.words.push(mark.word.clone());
                }
            }
            _ => sayings.push(Saying {
                server: &mark.server,
                words: vec![mark.word.clone()],
                act: mark.act,
                bad: mark.bad,
                x,
            }),
        }
    }
    let mut taken: [Vec<(f64, f64)>; ROWS] = Default::default();
    let mut labels = Vec::new();
    for acts in [true, false] {
        for saying in sayings.iter().rev().filter(|saying| saying.act == acts) {
            if let Some(label) = place(saying.text(), saying.x, frame, &mut taken) {
                shapes.push(stroke(saying.bad, saying.x, label.y - 9.0, frame.top));
                labels.push(label.painted(tone(saying.bad)).rimmed().into());
            }
        }
    }
    shapes.extend(labels);
}

/// Bad news and good news differ in hue; the words say the rest.
const fn tone(bad: bool) -> Paint {
    if bad { Paint::Down } else { Paint::Healthy }
}

fn stroke(bad: bool, x: f64, top: f64, bottom: f64) -> SvgShape {
    let style = Style::line(tone(bad), 1.0).dashed(&[2.0, 3.0]);
    line(x, top, x, bottom, style)
}

/// The place of a label in the first row with room: to the right of its line, at the right edge to its left. Always
/// the same side, or the labels of two lines look swapped.
fn place(
    text: String,
    x: f64,
    frame: &PlotFrame,
    taken: &mut [Vec<(f64, f64)>; ROWS],
) -> Option<Label> {
    let width = text.chars().count() as f64 * CHARACTER;
    let flipped = x + 3.0 + width > frame.right + 26.0;
    let (x, from, to) = if flipped {
        (x - 3.0, x - 3.0 - width, x - 3.0)
    } else {
        (x + 3.0, x + 3.0, x + 3.0 + width)
    };
    let first = frame.top - ROW * ROWS as f64;
    for (row, taken) in taken.iter_mut().enumerate() {
        let free = |&(left, right): &(f64, f64)| to + 6.0 < left || from > right + 6.0;
        if taken.iter().all(free) {
            taken.push((from, to));
            let y = first + ROW * (row + 1) as f64 - 4.0;
            let anchor = if flipped { Anchor::End } else { Anchor::Start };
            return Some(Label::new(x, y, text).anchored(anchor));
        }
    }
    None
}
