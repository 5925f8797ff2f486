//! The axes of charts: the plot's frame, ticks, names and units.

use super::super::svg::{Anchor, Label, Style, SvgShape, line};
use crate::shape::Paint;
use crate::words;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::metrics::recorder::WINDOW;
use evenkeel_sim::time::{SimDuration, SimTime};
use evenkeel_words::number;
use evenkeel_words::t;

/// About the width of a character of a label.
pub const CHARACTER: f64 = 6.3;
/// Room below a plot: its ticks and the name of its axis.
pub const BELOW: f64 = 34.0;
/// Room above a plot for the name of its upright axis.
pub const ABOVE: f64 = 20.0;

/// The frame of a plot, in pixels of the chart.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PlotFrame {
    /// The left edge of the plot.
    pub left: f64,
    /// The right edge of the plot.
    pub right: f64,
    /// The top edge of the plot.
    pub top: f64,
    /// The bottom edge of the plot.
    pub bottom: f64,
}

impl PlotFrame {
    /// The height of a share of the full scale, 0 to 1 from the bottom.
    #[must_use]
    pub fn y(&self, part: f64) -> f64 {
        self.bottom - (self.bottom - self.top) * part.clamp(0.0, 1.0)
    }

    /// The position of `age_s` seconds ago, if the left edge is `span_s` seconds ago.
    #[must_use]
    pub fn x(&self, age_s: f64, span_s: f64) -> f64 {
        self.right - (self.right - self.left) * (age_s / span_s).clamp(0.0, 1.0)
    }

    /// The width of the plot.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.right - self.left
    }
}

/// A labelled place on an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// The position along the axis, in pixels of the chart.
    pub at: f64,
    /// The label at the tick.
    pub label: String,
}

/// The unit of an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AxisUnit {
    /// A number of things.
    Count,
    /// A time in microseconds.
    Time,
    /// A share of a whole, 0 to 1.
    Share,
    /// A number without a unit.
    Plain,
    /// A number without a unit, with its sign.
    Signed,
}

impl AxisUnit {
    /// An amount as a sentence writes it.
    #[must_use]
    pub fn say(self, amount: f64) -> String {
        match self {
            Self::Count => words::thousands(amount.round().max(0.0) as u64),
            Self::Time => words::duration(SimDuration::from_us(amount.round().max(0.0) as u64)),
            Self::Share => words::share(amount),
            Self::Plain => short(amount),
            Self::Signed if amount > 0.0 => format!("+{}", short(amount)),
            Self::Signed if amount < 0.0 => format!("−{}", short(-amount)),
            Self::Signed => short(0.0),
        }
    }

    /// An amount as an axis that ends at `full` writes it.
    #[must_use]
    pub fn tick(self, amount: f64, full: f64) -> String {
        match self {
            Self::Time => words::axis_duration(amount, full),
            Self::Count | Self::Plain | Self::Signed => self.say(amount),
            Self::Share => {
                // The finest scales end below five in a hundred.
                let digits = if full < 0.01 {
                    2
                } else {
                    usize::from(full < 0.05)
                };
                number::of_hundred(number::fixed(amount * 100.0, digits))
            }
        }
    }

    /// The unit of [`Self::plain`], as the head of a column names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Count | Self::Plain | Self::Signed => "",
            Self::Time => " (ms)",
            Self::Share => " (%)",
        }
    }

    /// An amount as a bare number, for a table that a program reads.
    #[must_use]
    pub fn plain(self, amount: f64) -> f64 {
        match self {
            Self::Count | Self::Plain | Self::Signed => amount,
            Self::Time => amount / 1e3,
            Self::Share => amount * 100.0,
        }
    }
}

/// A number with at most two digits after the point, without trailing zeros.
fn short(amount: f64) -> String {
    let text = format!("{amount:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

/// A round step (1, 2 or 5 times a power of ten) and how many of them cover `top`: at most `most`.
#[must_use]
pub fn round_steps(top: f64, most: u32) -> (f64, u32) {
    let wanted = top.max(1e-9) / f64::from(most.max(1));
    let mut power = 1.0;
    while power * 10.0 <= wanted {
        power *= 10.0;
    }
    while power > wanted {
        power /= 10.0;
    }
    // `wanted` itself may be a round step, but for the last bits.
    let enough = wanted * (1.0 - 1e-9);
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|&step| step >= enough)
        .unwrap_or(10.0 * power);
    let count = (top / step * (1.0 - 1e-9)).ceil().max(1.0);
    (step, count as u32)
}

/// The ticks of an upright axis from 0 that covers `top`, and the value at its end.
#[must_use]
pub fn heights(frame: &PlotFrame, top: f64, unit: AxisUnit) -> (Vec<Tick>, f64) {
    let (step, count) = round_steps(top, 4);
    let full = step * f64::from(count);
    let tick = |number| Tick {
        at: frame.y(f64::from(number) / f64::from(count)),
        label: unit.tick(step * f64::from(number), full),
    };
    ((0..=count).map(tick).collect(), full)
}

/// The end of the last window that is closed: the right edge of charts over time.
#[must_use]
pub fn latest(view: View<'_>) -> SimTime {
    view.recorder()
        .windows()
        .back()
        .map_or(SimTime::ZERO, |window| window.start + WINDOW)
}

/// How many seconds a time axis shows, and between two ticks: the same for all charts, so that they can be read side
/// by side. A young run has a short axis, so that the chart does not begin empty.
#[must_use]
pub fn stretch(end: SimTime, width: f64) -> (u32, u32) {
    let (span, wide, narrow) = if end.as_secs_f64() <= 30.0 {
        (30, 10, 15)
    } else {
        (60, 15, 30)
    };
    (span, if width < 380.0 { narrow } else { wide })
}

/// Ticks of a time axis that ends now: `−60 s`, `−30 s`, `now`.
#[must_use]
pub fn time_ticks(frame: &PlotFrame, span_s: u32, step_s: u32) -> Vec<Tick> {
    (0..=span_s / step_s)
        .rev()
        .map(|step| Tick {
            at: frame.x(f64::from(step * step_s), f64::from(span_s)),
            label: match step * step_s {
                0 => t!("chart.now"),
                // The minus sign, not a hyphen: it is as wide as a digit.
                ago => t!("chart.ago", secs = ago),
            },
        })
        .collect()
}

/// Both axes with their names: lines at the heights, ticks below.
pub fn draw(
    shapes: &mut Vec<SvgShape>,
    frame: &PlotFrame,
    upright: (&str, &[Tick]),
    level: (&str, &[Tick]),
) {
    let PlotFrame {
        left,
        right,
        bottom,
        ..
    } = *frame;
    for tick in upright.1 {
        shapes.push(line(
            left,
            tick.at,
            right,
            tick.at,
            Style::line(Paint::Line, 1.0),
        ));
        let label = Label::new(left - 6.0, tick.at + 4.0, tick.label.as_str());
        shapes.push(label.anchored(Anchor::End).into());
    }
    below(shapes, frame, level.1);
    if !upright.0.is_empty() {
        shapes.push(Label::new(0.0, 10.0, upright.0).into());
    }
    let name = Label::new(f64::midpoint(left, right), bottom + 29.0, level.0);
    shapes.push(name.anchored(Anchor::Middle).into());
}

/// Ticks below a plot.
pub fn below(shapes: &mut Vec<SvgShape>, frame: &PlotFrame, ticks: &[Tick]) {
    for tick in ticks {
        // The first label begins at the edge, so that it does not meet the other axis.
        let anchor = if tick.at <= frame.left + 1.0 {
            Anchor::Start
        } else if tick.at >= frame.right - 1.0 {
            Anchor::End
        } else {
            Anchor::Middle
        };
        let label = Label::new(tick.at, frame.bottom + 15.0, tick.label.as_str());
        shapes.push(label.anchored(anchor).into());
    }
}

/// Moves heights apart, in place, until neighbours in the order given are `gap` apart and none is
/// below `lowest`; the first is the highest on the page.
pub fn spread(heights: &mut [f64], gap: f64, lowest: f64) {
    let mut floor = f64::NEG_INFINITY;
    for height in heights.iter_mut() {
        *height = height.max(floor);
        floor = *height + gap;
    }
    let mut ceiling = lowest;
    for height in heights.iter_mut().rev() {
        *height = height.min(ceiling);
        ceiling = *height - gap;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_and_cover_the_top() {
        let table = [
            (1.0, (0.5, 2)),
            (4.0, (1.0, 4)),
            (4.1, (2.0, 3)),
            (7.0, (2.0, 4)),
            (84.0, (50.0, 2)),
            (312.0, (100.0, 4)),
            (1_999.0, (500.0, 4)),
            (2_000.0, (500.0, 4)),
            (5_100.0, (2_000.0, 3)),
            (0.03, (0.01, 3)),
        ];
        for (top, (step, count)) in table {
            let (found, many) = round_steps(top, 4);
            assert!(
                (found - step).abs() < step * 1e-6 && many == count,
                "{top}: {found} {many}"
            );
        }
        assert!(round_steps(0.0, 4).1 <= 4);
    }

    #[test]
    fn time_runs_to_the_right_edge() {
        let frame = PlotFrame {
            left: 40.0,
            right: 240.0,
            top: 0.0,
            bottom: 100.0,
        };
        let ticks = time_ticks(&frame, 120, 60);
        let seen: Vec<_> = ticks
            .iter()
            .map(|tick| (tick.at, tick.label.as_str()))
            .collect();
        assert_eq!(seen, [(40.0, "−120 s"), (140.0, "−60 s"), (240.0, "now")]);
        assert_eq!(frame.y(0.25), 75.0);
    }

    #[test]
    fn the_axis_grows_with_the_run() {
        let at = |secs: u64| SimTime::from_us(secs * 1_000_000);
        assert_eq!(stretch(at(0), 500.0), (30, 10));
        assert_eq!(stretch(at(31), 300.0), (60, 30));
        assert_eq!(stretch(at(3_600), 500.0), (60, 15));
    }

    #[test]
    fn labels_make_room_for_each_other() {
        let mut heights = [50.0, 52.0, 53.0];
        spread(&mut heights, 12.0, 70.0);
        assert_eq!(heights, [46.0, 58.0, 70.0]);
        let mut apart = [10.0, 40.0, 60.0];
        spread(&mut apart, 12.0, 70.0);
        assert_eq!(apart, [10.0, 40.0, 60.0]);
    }
}
