//! Failures over time: what broke, the results of probes, when the balancer knew, and what was lost before it did. One
//! lane for each endpoint.

use super::chart::Chart;
use super::chart::lanes::{Timeline, TimelineForm, TimelineItem, TimelineRow, draw};
use super::chart::table::{DataTable, TableCell};
use super::shape::Paint;
use super::words::{self, clock, duration, sentence};
use evenkeel_sim::engine::observations::{Observation, ObservationKind};
use evenkeel_sim::engine::observer::fault_history::{
    self, ChangeKind, EndpointChange, FaultEpisode,
};
use evenkeel_sim::engine::view::View;
use evenkeel_sim::ids::EndpointId;
use evenkeel_sim::time::{SimDuration, SimTime};
use evenkeel_words::t;

/// The lengths of time to choose from, in seconds.
pub const SPANS: [u32; 4] = [30, 60, 120, 300];
/// The most endpoints with a lane.
const LANES: usize = 24;
/// The height of a lane.
const PITCH: f64 = 68.0;

/// Where in a lane things lie: the truth, what the balancer made of it, the checks.
const TRUTH: f64 = 0.2;
const BELIEF: f64 = 0.43;
const DOWN: f64 = 0.6;
const CHECKS: f64 = 0.83;

/// The span of time that is shown.
struct Window {
    from: SimTime,
    now: SimTime,
}

impl Window {
    fn of(view: View<'_>, span_s: u32) -> Self {
        let now = view.now();
        let span = SimDuration::from_secs(u64::from(span_s));
        // A young run begins at the left edge.
        let end = SimTime::from_us(now.as_us().max(span.as_us()));
        Self {
            from: SimTime::from_us(end.as_us() - span.as_us()),
            now,
        }
    }

    fn shows(&self, to: SimTime) -> bool {
        to >= self.from
    }
}

/// The lanes that are shown: those of the balancer that the page looks at.
fn lanes(view: View<'_>) -> Vec<(EndpointId, String, Option<&fault_history::ServerTimeline>)> {
    let known: Vec<_> = view
        .checks()
        .map_or_else(Vec::new, |all| all.lanes().collect());
    let upstreams = view.balancer().upstreams().iter();
    let endpoints = upstreams.flat_map(|one| one.endpoints());
    endpoints
        .take(LANES)
        .map(|endpoint| {
            let lane = known.iter().find(|(id, _)| *id == endpoint.id);
            let name = endpoint.config.name.clone();
            (endpoint.id, name, lane.map(|(_, lane)| *lane))
        })
        .collect()
}

/// The chart of the last `span_s` seconds, `width` pixels wide and as high as it needs.
#[must_use]
pub fn chart(view: View<'_>, span_s: u32, width: f64) -> Chart {
    let window = Window::of(view, span_s);
    let drawn = lanes(view).into_iter().map(|(id, name, lane)| TimelineRow {
        name: t!("failures.lane", server = &name),
        note: String::new(),
        items: lane.map_or_else(Vec::new, |lane| items(id, lane, &window)),
    });
    let end = window.from + SimDuration::from_secs(u64::from(span_s));
    let count = if width < 420.0 { 2 } else { 6 };
    let tick = |number: u32| {
        let secs = span_s * number / count;
        let at = window.from + SimDuration::from_secs(u64::from(secs));
        (at.as_us() as f64, clock(at))
    };
    let lanes = Timeline {
        lanes: drawn.collect(),
        from: window.from.as_us() as f64,
        to: end.as_us() as f64,
        ticks: (0..=count).map(tick).collect(),
        now: Some((window.now.as_us() as f64, t!("chart.now"))),
        name: t!("failures.axis"),
        pitch: PITCH,
        right: 8.0,
        description: headline(view),
    };
    draw(&lanes, width)
}

/// The same as a table, oldest first: server, time, event.
#[must_use]
pub fn table(view: View<'_>, span_s: u32) -> DataTable {
    let window = Window::of(view, span_s);
    let mut rows = Vec::new();
    for (id, name, lane) in lanes(view) {
        let Some(lane) = lane else { continue };
        for item in items(id, lane, &window) {
            let at = SimTime::from_us(item.from as u64);
            rows.push((at, name.clone(), item.text));
        }
    }
    rows.sort_by_key(|row| row.0);
    let rows = rows.into_iter().map(|(at, name, text)| {
        let at = TableCell::number(clock(at), at.as_secs_f64());
        vec![at, TableCell::text(name), TableCell::text(text)]
    });
    DataTable {
        heads: vec![
            t!("failures.table.at"),
            t!("failures.table.server"),
            t!("failures.table.what"),
        ],
        rows: rows.collect(),
    }
}

/// The last failure in a sentence or two.
#[must_use]
pub fn headline(view: View<'_>) -> String {
    let all = lanes(view);
    let episodes = all.iter().filter_map(|(_, name, lane)| {
        let last = lane.as_ref()?.episodes.back()?;
        Some((name, last))
    });
    match episodes.max_by_key(|(_, episode)| episode.began) {
        Some((name, episode)) => {
            let what = said(name, episode.began, episode.fault);
            format!("{what} {}", gap(episode, view.now()))
        }
        None => t!("failures.none"),
    }
}

/// An observation as a sentence.
fn said(server: &str, at: SimTime, kind: ObservationKind) -> String {
    sentence(&Observation {
        number: 0,
        at,
        server: server.to_string(),
        kind,
    })
}

/// How long the balancer did not know of a fault, and what was lost meanwhile.
fn gap(episode: &FaultEpisode, now: SimTime) -> String {
    let FaultEpisode {
        began,
        found,
        mended,
        lost,
        caught,
        later,
        ..
    } = *episode;
    let from = clock(began);
    match (found, mended) {
        (Some((at, _)), _) => t!(
            "failures.gap.found",
            from = from,
            to = clock(at),
            took = duration(at.since(began)),
            lost = lost,
            caught = caught,
            later = later
        ),
        (None, Some(at)) => t!(
            "failures.gap.never",
            from = from,
            to = clock(at),
            took = duration(at.since(began)),
            lost = lost,
            caught = caught
        ),
        (None, None) => t!(
            "failures.gap.open",
            from = from,
            took = duration(now.since(began)),
            lost = lost,
            caught = caught
        ),
    }
}

/// The items of a lane, oldest first.
fn items(
    id: EndpointId,
    lane: &fault_history::ServerTimeline,
    window: &Window,
) -> Vec<TimelineItem> {
    let mut items = Vec::new();
    for episode in &lane.episodes {
        items.extend(episode_items(lane, episode, window));
    }
    items.extend(belief_items(lane, window));
    items.extend(check_items(lane, window));
    items.sort_by(|a, b| a.from.total_cmp(&b.from));
    for (place, item) in items.iter_mut().enumerate() {
        // Places shift when old things go; the time and what it is do not.
        let level = (item.level * 10.0) as u64;
        item.key = u64::from(id.0) << 52 ^ (item.from as u64) << 4 ^ level ^ (place as u64) << 63;
    }
    items
}

/// An item between two times.
fn stretch(from: SimTime, to: SimTime, level: f64, thick: f64, form: TimelineForm) -> TimelineItem {
    TimelineItem {
        key: 0,
        from: from.as_us() as f64,
        to: to.as_us() as f64,
        level,
        thick,
        form,
        label: String::new(),
        text: String::new(),
    }
}

/// The items of a fault: the time when the balancer did not know, as a ground, and the fault itself.
fn episode_items(
    lane: &fault_history::ServerTimeline,
    episode: &FaultEpisode,
    window: &Window,
) -> Vec<TimelineItem> {
    let end = episode.mended.unwrap_or(window.now);
    let known = episode.found.map_or(end, |(at, _)| at.min(end));
    let mut items = Vec::new();
    if window.shows(known) {
        let ground = TimelineForm::Shade(Paint::Down);
        items.push(TimelineItem {
            label: String::new(),
            text: gap(episode, window.now),
            ..stretch(episode.began, known, 0.5, PITCH - 4.0, ground)
        });
    }
    if window.shows(end) {
        let word = match episode.fault {
            ObservationKind::Broke(row) => words::fault(row, "mark", &[]),
            _ => String::new(),
        };
        let lost = episode.lost + episode.caught + episode.later;
        let label = t!("failures.label", what = word, lost = lost);
        items.push(TimelineItem {
            label,
            text: fault_text(lane, episode),
            ..stretch(
                episode.began,
                end,
                TRUTH,
                8.0,
                TimelineForm::Bar(Paint::Down, 0.9),
            )
        });
    }
    items
}

fn fault_text(lane: &fault_history::ServerTimeline, episode: &FaultEpisode) -> String {
    let what = said(&lane.name, episode.began, episode.fault);
    let at = clock(episode.began);
    match episode.mended {
        Some(end) => t!(
            "failures.fault.over",
            at = at,
            what = what,
            end = clock(end),
            took = duration(end.since(episode.began))
        ),
        None => t!("failures.fault", at = at, what = what),
    }
}

/// When something that began at a note ended: at the first of these later changes, or at the end.
fn until(
    lane: &fault_history::ServerTimeline,
    from: usize,
    window: &Window,
    ends: fn(ChangeKind) -> bool,
) -> SimTime {
    let later = lane.notes.iter().skip(from + 1);
    let mut ends = later.filter(|note| ends(note.what));
    ends.next().map_or(window.now, |note| note.at)
}

/// The items of the balancer's beliefs: out of use, degraded, in slow start; and of the operator's orders.
fn belief_items(lane: &fault_history::ServerTimeline, window: &Window) -> Vec<TimelineItem> {
    let mut items = Vec::new();
    for (place, note) in lane.notes.iter().enumerate() {
        let ChangeKind::Fact(kind) = note.what else {
            continue;
        };
        let (end, form, label): (SimTime, TimelineForm, String) = match kind {
            ObservationKind::Ejected { until: planned } => {
                let over = until(lane, place, window, |what| {
                    matches!(
                        what,
                        ChangeKind::Fact(
                            ObservationKind::Returned | ObservationKind::Ejected { .. }
                        )
                    )
                });
                let end = over.min(planned.max(note.at)).max(note.at);
                let end = if over < planned { over } else { end };
                (
                    end,
                    TimelineForm::Striped(Paint::Down),
                    t!("failures.ejected"),
                )
            }
            ObservationKind::WentDown => {
                let end = until(lane, place, window, |what| {
                    matches!(what, ChangeKind::Fact(ObservationKind::WentUp))
                });
                (end, TimelineForm::Striped(Paint::Down), t!("failures.down"))
            }
            ObservationKind::Degraded => {
                let end = until(lane, place, window, |what| {
                    matches!(what, ChangeKind::Fact(ObservationKind::Recovered))
                });
                let form = TimelineForm::Striped(Paint::Degraded);
                (end, form, t!("failures.degraded"))
            }
            ObservationKind::WentUp | ObservationKind::Returned if slow_start(lane, place) => {
                let end = until(lane, place, window, |what| what == ChangeKind::FullWeight);
                let form = TimelineForm::Bar(Paint::Degraded, 0.45);
                (end, form, t!("failures.slow_start"))
            }
            // Faults are drawn by themselves.
            ObservationKind::Broke(_) => continue,
            _ => (note.at, TimelineForm::Stroke(Paint::Focus), String::new()),
        };
        // It may be down and ejected at once.
        let level = if matches!(kind, ObservationKind::WentDown) {
            DOWN
        } else {
            BELIEF
        };
        if window.shows(end) {
            items.push(TimelineItem {
                label,
                text: fact_text(lane, note, kind),
                ..stretch(note.at, end, level, 10.0, form)
            });
        }
    }
    items
}

/// Whether slow start followed a note.
fn slow_start(lane: &fault_history::ServerTimeline, from: usize) -> bool {
    let later = lane.notes.iter().skip(from + 1);
    let mut later = later.filter(|note| {
        matches!(
            note.what,
            ChangeKind::FullWeight
                | ChangeKind::Fact(ObservationKind::WentDown | ObservationKind::Ejected { .. })
        )
    });
    later
        .next()
        .is_some_and(|note| note.what == ChangeKind::FullWeight)
}

fn fact_text(
    lane: &fault_history::ServerTimeline,
    note: &EndpointChange,
    kind: ObservationKind,
) -> String {
    let what = said(&lane.name, note.at, kind);
    t!("failures.fact", at = clock(note.at), what = what)
}

/// The items of probes, with their answers and the counter after each.
fn check_items(lane: &fault_history::ServerTimeline, window: &Window) -> Vec<TimelineItem> {
    let mut sent = None;
    let mut items = Vec::new();
    for note in &lane.notes {
        match note.what {
            ChangeKind::CheckSent => sent = Some(note.at),
            ChangeKind::Check { pass, counter, up } => {
                let took = sent
                    .take()
                    .map_or(SimDuration::ZERO, |at| note.at.since(at));
                let form = if pass {
                    TimelineForm::Pass
                } else {
                    TimelineForm::Fail
                };
                if window.shows(note.at) {
                    items.push(TimelineItem {
                        text: check_text(note.at, pass, counter, up, took),
                        ..stretch(note.at, note.at, CHECKS, 12.0, form)
                    });
                }
            }
            _ => {}
        }
    }
    items
}

/// The result of a probe, and the counter of rise or fall after it.
fn check_text(
    at: SimTime,
    pass: bool,
    (left, of): (u32, u32),
    up: bool,
    took: SimDuration,
) -> String {
    let (at, took) = (clock(at), duration(took));
    match (pass, up) {
        (true, true) => t!("failures.check.passed", at = at, took = took),
        (false, true) => t!(
            "failures.check.failed",
            at = at,
            took = took,
            failed = of.saturating_sub(left),
            fall = of
        ),
        (true, false) => t!(
            "failures.check.passed_down",
            at = at,
            took = took,
            passed = left,
            rise = of
        ),
        (false, false) => t!(
            "failures.check.failed_down",
            at = at,
            took = took,
            rise = of
        ),
    }
}

#[cfg(test)]
mod tests;
