//! How decaying response times fall if no answer comes: one curve for each server, over two decay times.

use super::PickerStateView;
use crate::chart::Chart;
use crate::chart::axes::{self, AxisUnit, CHARACTER, PlotFrame, Tick};
use crate::shape::Paint;
use crate::svg::{Label, PathData, Style, path};
use crate::words::duration;
use evenkeel_sim::time::SimDuration;
use evenkeel_words::t;

/// The height of the curves with their axes.
const HEIGHT: f64 = 170.0;
/// The number of decay times that the curves cover.
const LIVES: u32 = 2;
/// The number of points of a curve.
const STEPS: u32 = 48;
/// The most servers that are drawn, those with the longest times.
const MOST: usize = 8;
/// Curves differ in their dashes as well as in their names.
const DASHES: [&[f64]; 4] = [&[], &[7.0, 4.0], &[2.0, 3.0], &[10.0, 3.0, 2.0, 3.0]];

/// Adds the curves below a chart. `us` is the time of each slot in microseconds; `life` is the time in which it decays
/// to 1/e.
pub(super) fn add(
    inside: &PickerStateView<'_>,
    life: SimDuration,
    us: &[Option<f64>],
    chart: &mut Chart,
) {
    let times = us.iter().enumerate();
    let mut known: Vec<(usize, f64)> = times
        .filter_map(|(slot, us)| Some((slot, (*us)? / 1e3)))
        .collect();
    // The longest first: the highest on the page.
    known.sort_by(|one, other| other.1.total_cmp(&one.1));
    known.truncate(MOST);
    let Some(&(_, top)) = known.first().filter(|longest| longest.1 > 0.0) else {
        return;
    };
    let names: Vec<(String, Paint)> = known
        .iter()
        .map(|one| (inside.name(one.0), inside.paint(one.0)))
        .collect();
    let longest = names.iter().map(|(name, _)| name.chars().count()).max();
    let room = 10.0 + CHARACTER * longest.unwrap_or(0) as f64;
    let frame = PlotFrame {
        left: 46.0,
        right: (chart.width - room).max(86.0),
        top: chart.height + axes::ABOVE + 14.0,
        bottom: chart.height + HEIGHT - axes::BELOW,
    };
    let (heights, full) = axes::heights(&frame, top, AxisUnit::Plain);
    let head = Label::new(0.0, frame.top - 12.0, t!("inside.curve.upright"));
    chart.shapes.push(head.into());
    let level = t!("inside.curve.level");
    let ticks = ahead(&frame, life);
    axes::draw(&mut chart.shapes, &frame, ("", &heights), (&level, &ticks));
    let y = |ms: f64| frame.y(ms / full);
    for (slot, ms) in &known {
        let style = Style::line(inside.paint(*slot), 1.6).dashed(DASHES[slot % DASHES.len()]);
        chart.shapes.push(path(curve(&frame, *ms, y), style));
    }
    let last = libm::exp(-f64::from(LIVES));
    let mut ends: Vec<f64> = known.iter().map(|one| y(one.1 * last)).collect();
    axes::spread(&mut ends, 12.0, frame.bottom);
    for ((name, paint), end) in names.into_iter().zip(ends) {
        let label = Label::new(frame.right + 4.0, end + 4.0, name);
        chart.shapes.push(label.painted(paint).into());
    }
    chart.height += HEIGHT;
}

/// The ticks: now, and after each decay time.
fn ahead(frame: &PlotFrame, life: SimDuration) -> Vec<Tick> {
    let tick = |lives: u32| Tick {
        at: frame.left + frame.width() * f64::from(lives) / f64::from(LIVES),
        label: match lives {
            0 => t!("chart.now"),
            _ => t!(
                "inside.curve.after",
                time = duration(life.times(u64::from(lives)))
            ),
        },
    };
    (0..=LIVES).map(tick).collect()
}

/// The outline of a time that decays from `ms`.
fn curve(frame: &PlotFrame, ms: f64, y: impl Fn(f64) -> f64) -> PathData {
    let point = |step: u32| {
        let part = f64::from(step) / f64::from(STEPS);
        let left = libm::exp(-part * f64::from(LIVES));
        (frame.left + frame.width() * part, y(ms * left))
    };
    let mut data = PathData::default();
    data.polyline((0..=STEPS).map(point));
    data
}
