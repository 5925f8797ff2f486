//! How requests ended in each of the last sixty seconds, as stacked columns.

use std::fmt::Write as _;

use super::{Frame, Tick, latest, round_steps, stretch, time_ticks};
use crate::scene::words;
use crate::sim::engine::view::View;
use crate::sim::metrics::outcome::Totals;
use crate::sim::metrics::recorder::WINDOW;
use crate::t;

/// The parts of a column from the bottom up, as the legend has them.
#[must_use]
pub fn parts() -> [String; 4] {
    [
        t!("outcome.answered"),
        t!("outcome.failed"),
        t!("outcome.rejected"),
        t!("outcome.timed_out"),
    ]
}

/// The chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OutcomesChart {
    /// Where the plot is.
    pub frame: Frame,
    /// The columns of each part, as SVG path data.
    pub parts: [String; 4],
    /// What the heights mean.
    pub heights: Vec<Tick>,
    /// What the widths mean.
    pub times: Vec<Tick>,
    /// The chart in words.
    pub description: String,
}

/// The plot's place in a chart of this size.
#[must_use]
pub const fn frame(width: f64, height: f64) -> Frame {
    Frame {
        left: 30.0,
        right: width - 10.0,
        top: 8.0,
        bottom: height - 20.0,
    }
}

const fn parts_of(totals: &Totals) -> [u64; 4] {
    [
        totals.answered,
        totals.failed,
        totals.rejected,
        totals.timed_out,
    ]
}

/// The chart of a view, in a box of `width` by `height` pixels.
#[must_use]
pub fn chart(view: View<'_>, width: f64, height: f64) -> OutcomesChart {
    let frame = frame(width, height);
    let end = latest(view);
    let (span_s, step_s) = stretch(end, width);
    let span = f64::from(span_s);
    let windows = view.recorder().windows().iter();
    let recent = windows
        .map(|window| (end.since(window.start + WINDOW).as_secs_f64(), window))
        .filter(|(age, _)| *age < span);
    let highest = recent
        .clone()
        .map(|(_, window)| window.totals.ended())
        .max();
    let (step, count) = round_steps(highest.unwrap_or(0).max(4) as f64, 4);
    let full = step * f64::from(count);
    let pitch = (frame.right - frame.left) / span;
    let wide = (pitch - if pitch > 4.0 { 1.5 } else { 0.6 }).max(1.0);
    let mut parts: [String; 4] = Default::default();
    let mut sums = [0; 4];
    for (age, window) in recent {
        let x = frame.x(age, span) - pitch;
        let mut below = 0;
        for (place, count) in parts_of(&window.totals).into_iter().enumerate() {
            if count > 0 {
                let (low, high) = (below, below + count);
                let (y, top) = (frame.y(low as f64 / full), frame.y(high as f64 / full));
                let tall = y - top;
                let _ = write!(
                    parts[place],
                    "M{x:.1} {top:.1}h{wide:.1}v{tall:.1}h-{wide:.1}z"
                );
                below = high;
                sums[place] += count;
            }
        }
    }
    OutcomesChart {
        frame,
        parts,
        heights: (0..=count)
            .map(|number| Tick {
                at: frame.y(f64::from(number) / f64::from(count)),
                label: words::thousands((step * f64::from(number)) as u64),
            })
            .collect(),
        times: time_ticks(&frame, span_s, step_s),
        description: t!(
            "outcomes.spoken",
            span = span_s,
            answered = sums[0],
            failed = sums[1],
            rejected = sums[2],
            timed_out = sums[3],
        ),
    }
}

/// `1,318 answered · 21 failed · 0 rejected · 0 timed out · 9 in flight`.
#[must_use]
pub fn headline(view: View<'_>) -> String {
    let [answered, failed, rejected, timed_out] = parts_of(view.totals());
    t!(
        "outcomes.headline",
        answered = answered,
        failed = failed,
        rejected = rejected,
        timed_out = timed_out,
        in_flight = view.in_flight(),
    )
}

/// `1,348 arrived = 1,318 answered + 21 failed + …`: nothing is lost.
#[must_use]
pub fn balance(view: View<'_>) -> String {
    let totals = view.totals();
    let sign = if view.is_conserved() { "=" } else { "≠" };
    let [answered, failed, rejected, timed_out] = parts_of(totals);
    t!(
        "outcomes.balance",
        arrived = totals.arrived,
        sign = sign,
        answered = answered,
        failed = failed,
        rejected = rejected,
        timed_out = timed_out,
        in_flight = view.in_flight(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::engine::command::{Command, FaultKind};
    use crate::sim::engine::{Engine, EventBudget};
    use crate::sim::ids::ServerId;
    use crate::sim::scenario::preset::default_scenario;
    use crate::sim::time::SimTime;

    fn engine(secs: u64) -> Engine {
        let scenario = default_scenario();
        let mut engine = Engine::new(&scenario, scenario.seed);
        let kill = Command::Fault(ServerId(1), FaultKind::Crash);
        engine.apply(kill).expect("B is there");
        engine.run_until(SimTime::from_us(secs * 1_000_000), EventBudget::UNBOUNDED);
        engine
    }

    #[test]
    fn a_column_a_second_within_the_plot() {
        let chart = chart(engine(30).view(), 340.0, 170.0);
        assert_eq!(
            chart.parts[0].matches('M').count(),
            29,
            "none ends in the first second"
        );
        assert!(!chart.parts[1].is_empty() && chart.parts[2].is_empty());
        assert_eq!(chart.heights[0].label, "0");
        let full = chart.heights.last().expect("there are ticks");
        assert_eq!(full.at, 8.0);
        assert!(chart.description.contains(" 0 rejected, 0 timed out"));
    }

    #[test]
    fn the_words_add_up() {
        let engine = engine(30);
        let view = engine.view();
        assert!(balance(view).contains(" arrived = "), "{}", balance(view));
        let headline = headline(view);
        let ends = format!(
            " failed · 0 rejected · 0 timed out · {} in flight",
            view.in_flight()
        );
        assert!(headline.ends_with(&ends), "{headline}");
    }

    #[test]
    fn nothing_yet() {
        let chart = chart(engine(0).view(), 340.0, 170.0);
        assert!(chart.parts.iter().all(String::is_empty));
        assert_eq!(chart.heights.len(), 5);
    }
}
