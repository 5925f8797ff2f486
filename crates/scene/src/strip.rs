//! The strip under the stage: response times and outcomes of the last minute as small pictures, and the whole run in
//! one line.

use super::svg::PathData;
use super::words::{duration, thousands};
use evenkeel_sim::balance::spec::Layer;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::metrics::recorder::{Percentiles, SLIDING};
use evenkeel_sim::time::SimDuration;
use evenkeel_words::t;

/// The number of seconds in the pictures.
pub const SECONDS: usize = 60;
/// The height of the pictures, in units of their view box; a second is one unit wide.
pub const HEIGHT: f64 = 50.0;
/// The room above the highest value.
const HEAD: f64 = 4.0;

/// Response times: p50, p95 and p99 of what was answered in the last ten seconds, second by second.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LatencyTimes {
    /// p50, p95, p99 as the data of SVG paths.
    pub lines: [String; 3],
    /// The present values in words; empty if no request was answered.
    pub now: [String; 3],
    /// The text in their place if no request was answered.
    pub none: String,
}

/// The outcomes of requests, second by second.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutcomeCounts {
    /// Answered requests: one column for each second, as the data of an SVG path.
    pub answered: String,
    /// All other outcomes, from the ground up.
    pub lost: String,
}

/// The response times of a view.
#[must_use]
pub fn times(view: View<'_>) -> LatencyTimes {
    let windows = view.recorder().windows();
    let shown = windows.len().min(SECONDS);
    let last = || windows.iter().skip(windows.len() - shown);
    let parts: [fn(&Percentiles) -> SimDuration; 3] = [|p| p.p50, |p| p.p95, |p| p.p99];
    let slowest = last()
        .filter_map(|window| window.latency)
        .map(|p| p.p99.as_us())
        .max();
    let full = slowest.unwrap_or(1).max(1) as f64;
    let y = |span: SimDuration| HEIGHT - (HEIGHT - HEAD) * span.as_us() as f64 / full;
    let line = |part: fn(&Percentiles) -> SimDuration| {
        let mut path = PathData::default();
        let mut drawn = false;
        for (place, window) in last().enumerate() {
            let Some(latency) = window.latency else {
                drawn = false;
                continue;
            };
            let (x, y) = ((SECONDS - shown + place) as f64, y(part(&latency)));
            if drawn {
                path.line_to(x, y);
            } else {
                path.move_to(x, y);
            }
            drawn = true;
        }
        path.into()
    };
    LatencyTimes {
        lines: parts.map(line),
        now: times_now(view).unwrap_or_default(),
        none: no_answer(view),
    }
}

/// The outcomes of a view.
#[must_use]
pub fn ends(view: View<'_>) -> OutcomeCounts {
    let windows = view.recorder().windows();
    let shown = windows.len().min(SECONDS);
    let last = || windows.iter().skip(windows.len() - shown);
    let most = last()
        .map(|window| window.totals.ended())
        .max()
        .unwrap_or(0)
        .max(1) as f64;
    let (mut answered, mut lost) = (PathData::default(), PathData::default());
    for (place, window) in last().enumerate() {
        let x = (SECONDS - shown + place) as f64 + 0.1;
        let height = |count: u64| (HEIGHT - HEAD) * count as f64 / most;
        let below = height(window.totals.ended() - window.totals.answered);
        column(&mut lost, x, HEIGHT, below);
        let above = height(window.totals.answered);
        column(&mut answered, x, HEIGHT - below, above);
    }
    OutcomeCounts {
        answered: answered.into(),
        lost: lost.into(),
    }
}

/// Adds the column of a second, which stands on `ground`.
fn column(path: &mut PathData, x: f64, ground: f64, height: f64) {
    path.move_to(x, ground);
    path.down(-height);
    path.across(0.8);
    path.down_to(ground);
    path.close();
}

/// `2,179 answered`, `11 failed`: of the whole run. Failed is all that was not answered.
#[must_use]
pub fn totals(view: View<'_>) -> (String, u64, String) {
    let totals = view.totals();
    let lost = totals.ended() - totals.answered;
    (
        t!("strip.answered", count = totals.answered),
        lost,
        t!("strip.failed", count = lost),
    )
}

/// Since when shares are counted, like `Shares counted since 0:23`; empty if that is the start of the run. At L4 also
/// what they count: a connection with many requests counts once, so that the shares of the answers differ.
#[must_use]
pub fn shares_since(view: View<'_>) -> String {
    let balancer = view.balancer();
    let since = balancer.decided_last().shares_since();
    let at = super::words::clock(since);
    match balancer.layer() {
        Layer::L4 => t!("strip.shares_since_l4", at = at),
        Layer::L7 if since.as_us() == 0 => String::new(),
        Layer::L7 => t!("strip.shares_since", at = at),
    }
}

/// The whole run for a narrow place, like `2,179 answered · 11 failed · p99 3.9 s`, without the time if no request was
/// answered lately.
#[must_use]
pub fn line(view: View<'_>) -> String {
    let totals = view.totals();
    let (answered, failed) = (
        thousands(totals.answered),
        thousands(totals.ended() - totals.answered),
    );
    match times_now(view) {
        Some([_, _, p99]) => {
            t!(
                "strip.line",
                answered = answered,
                failed = failed,
                p99 = p99
            )
        }
        None => t!("strip.line_untimed", answered = answered, failed = failed),
    }
}

/// Why there are no response times; empty if there are some.
#[must_use]
pub fn no_answer(view: View<'_>) -> String {
    if latest(view).is_some() {
        String::new()
    } else if view.totals().answered == 0 {
        t!("latency.none_yet")
    } else {
        t!("latency.none_lately", secs = SLIDING)
    }
}

/// The response times of the last ten full seconds; before a full second with an answer, those of the run so far.
/// `None` if no request was answered.
#[must_use]
pub fn latest(view: View<'_>) -> Option<Percentiles> {
    let windows = view.recorder().windows();
    match windows.back().and_then(|window| window.latency) {
        None if windows.iter().all(|window| window.latency.is_none()) => {
            view.recorder().run_percentiles()
        }
        now => now,
    }
}

fn times_now(view: View<'_>) -> Option<[String; 3]> {
    let now = latest(view);
    let parts: [fn(&Percentiles) -> SimDuration; 3] = [|p| p.p50, |p| p.p95, |p| p.p99];
    now.map(|p| parts.map(|part| duration(part(&p))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::engine::command::Command;
    use evenkeel_sim::engine::{Engine, EventBudget};
    use evenkeel_sim::scenario::preset::start_scenario;
    use evenkeel_sim::time::SimTime;

    #[test]
    fn without_answers_it_says_so_and_draws_no_dashes() {
        let mut engine = Engine::new(&start_scenario(), 7);
        let mut run = |secs: u64| {
            engine.run_until(SimTime::from_us(secs * 1_000_000), EventBudget::UNBOUNDED);
            (times(engine.view()), line(engine.view()))
        };
        let (early, said) = run(1);
        assert_eq!(early.none, "No answer yet");
        assert_eq!(said, "0 answered · 0 failed");
        let (later, said) = run(8);
        assert_eq!(later.none, "");
        assert!(later.now.iter().all(|now| now.ends_with(" s")), "{later:?}");
        assert!(said.contains("p99"), "{said}");
        engine
            .apply(Command::SetTraffic(0))
            .expect("it is possible");
        engine.run_until(SimTime::from_us(40_000_000), EventBudget::UNBOUNDED);
        assert_eq!(times(engine.view()).none, "No answer in 10 s");
    }

    #[test]
    fn the_first_answer_has_a_time_at_once() {
        let mut engine = Engine::new(&start_scenario(), 7);
        while engine.view().totals().answered == 0 {
            let next = engine.view().now() + SimDuration::from_ms(10);
            engine.run_until(next, EventBudget::UNBOUNDED);
        }
        assert_eq!(times(engine.view()).none, "");
    }
}
