//! Charts of amounts by name: one bar for each row, and a tick at the expected amount.

use super::axes::{AxisUnit, BELOW, CHARACTER, PlotFrame, Tick, below, round_steps};
use super::{Chart, FocusPoint};
use crate::layout::{Point, Rect};
use crate::shape::Paint;
use crate::svg::{Anchor, Label, Style, line, rect};

/// The distance between two bars.
const PITCH: f64 = 28.0;
/// The height of a head above bars.
const HEAD: f64 = 24.0;
/// The height of a bar.
const THICK: f64 = 14.0;
/// Room for the column of numbers: a number beside the tick would read as what is expected.
const RIGHT: f64 = 58.0;

/// The rows of a bar chart.
#[derive(Clone, Debug, Default)]
pub struct Bars {
    /// The bars, from the top down.
    pub rows: Vec<Bar>,
    /// Heads above the bars at these indexes: the bars below each belong together.
    pub heads: Vec<(usize, String)>,
    /// The value at the right end of the axis; `None` for a round number above the longest bar.
    pub full: Option<f64>,
    /// The name of the axis, like `share of the picks`.
    pub name: String,
    /// The chart in words.
    pub description: String,
}

impl Bars {
    /// Bars without heads, up to a round number; the chart in words is what each bar says, one after the other.
    #[must_use]
    pub fn described(rows: Vec<Bar>, name: String) -> Self {
        let said: Vec<&str> = rows.iter().map(|bar| bar.text.as_str()).collect();
        Self {
            description: said.join(" "),
            rows,
            name,
            ..Self::default()
        }
    }
}

/// One bar of the chart.
#[derive(Clone, Debug)]
pub struct Bar {
    /// A key that stays the same for the same subject.
    pub key: u64,
    /// The name beside the bar.
    pub name: String,
    /// The amount that the bar shows.
    pub amount: f64,
    /// The expected amount, shown as a tick; `None` is no tick.
    pub asked: Option<f64>,
    /// The colour, and the opacity from 0 to 1.
    pub look: (Paint, f64),
    /// The values, as a sentence.
    pub text: String,
}

/// The height of a chart with this number of bars, without heads.
#[must_use]
pub fn height(rows: usize) -> f64 {
    rows as f64 * PITCH + BELOW
}

/// Draws bars; the chart is as high as they need.
#[must_use]
pub fn draw(bars: &Bars, unit: AxisUnit, width: f64) -> Chart {
    let longest = bars.rows.iter().map(|row| row.name.chars().count());
    let left = (longest.max().unwrap_or(0) as f64 * CHARACTER * 1.12 + 12.0).max(30.0);
    let heads_above = |place: usize| bars.heads.iter().filter(|(at, _)| *at <= place).count();
    let tall = bars.rows.len() as f64 * PITCH + bars.heads.len() as f64 * HEAD;
    let frame = PlotFrame {
        left: left.min(width / 2.0),
        right: width - RIGHT,
        top: 0.0,
        bottom: tall,
    };
    let most = bars.rows.iter().map(|row| row.amount.abs());
    let most = most.fold(0.0, f64::max);
    let count = if width < 380.0 { 2 } else { 4 };
    let (step, steps) = match bars.full {
        Some(full) => (full / 2.0, 2),
        None => round_steps(most.max(1.0), count),
    };
    let full = step * f64::from(steps);
    // Where amounts may be negative, as many steps to the left of 0 as they take.
    let least = bars.rows.iter().map(|row| row.amount).fold(0.0, f64::min);
    let below_zero = (-least / step).ceil() as i32;
    let low = -step * f64::from(below_zero);
    let x = |amount: f64| {
        let part = (amount - low) / (full - low);
        frame.left + frame.width() * part.clamp(0.0, 1.0)
    };
    let mut shapes = Vec::new();
    let steps = i32::try_from(steps).unwrap_or(i32::MAX);
    let ticks = (-below_zero..=steps).map(|number| Tick {
        at: x(step * f64::from(number)),
        label: unit.tick(step * f64::from(number), full),
    });
    let ticks: Vec<Tick> = ticks.collect();
    for tick in &ticks {
        let style = Style::line(Paint::Line, 1.0);
        shapes.push(line(tick.at, 0.0, tick.at, tall, style));
    }
    below(&mut shapes, &frame, &ticks);
    let middle = f64::midpoint(frame.left, frame.right);
    let name = Label::new(middle, tall + 29.0, bars.name.as_str());
    shapes.push(name.anchored(Anchor::Middle).into());
    for (number, (place, head)) in bars.heads.iter().enumerate() {
        let top = *place as f64 * PITCH + number as f64 * HEAD;
        let mut label = Label::new(0.0, top + HEAD - 7.0, head.as_str()).painted(Paint::InkSoft);
        label.size = 12.5;
        shapes.push(label.into());
    }
    let mut stops = Vec::with_capacity(bars.rows.len());
    for (place, bar) in bars.rows.iter().enumerate() {
        let top = place as f64 * PITCH + heads_above(place) as f64 * HEAD;
        let y = top + PITCH / 2.0;
        let mut owner = Label::new(0.0, y + 4.5, bar.name.as_str()).strong();
        owner.size = 13.0;
        if bar.look.0.is_of_a_server() {
            owner.paint = bar.look.0;
        }
        shapes.push(owner.into());
        let (from, to) = (x(bar.amount.min(0.0)), x(bar.amount.max(0.0)));
        let style = Style::fill(bar.look.0, bar.look.1);
        shapes.push(rect(from, y - THICK / 2.0, to - from, THICK, style));
        if let Some(asked) = bar.asked {
            let at = x(asked);
            let style = Style::line(Paint::Focus, 2.5);
            shapes.push(line(at, y - 11.0, at, y + 11.0, style));
        }
        let mut amount = Label::new(width, y + 4.5, unit.say(bar.amount));
        amount.size = 12.5;
        let amount = amount.anchored(Anchor::End).painted(Paint::Ink);
        shapes.push(amount.into());
        stops.push(FocusPoint {
            key: bar.key,
            area: Rect {
                x: 2.0,
                y: top + 3.0,
                width: width - 4.0,
                height: PITCH - 6.0,
            },
            dots: Vec::<Point>::new(),
            text: bar.text.clone(),
        });
    }
    Chart {
        width,
        height: tall + BELOW,
        shapes,
        stops,
        description: bars.description.clone(),
    }
}
