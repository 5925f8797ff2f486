//! The course of a run from its start to now, for lines in a chart: few points at equal distances, however long the run
//! is. The recorder's windows hold only the last two minutes.

use crate::metrics::recorder::Recorder;
use crate::time::{SimDuration, SimTime};

/// The first distance between two points; it doubles whenever there are [`MOST`].
const FIRST: SimDuration = SimDuration::from_secs(1);
/// The number of points at which every second one falls away.
const MOST: usize = 160;

/// The figures of a run at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeriesPoint {
    /// When the point was measured.
    pub at: SimTime,
    /// The 99th percentile of the response times in the ten seconds before; `None` if nothing was answered in them.
    pub p99: Option<SimDuration>,
    /// The requests that had ended without an answer since the run began.
    pub unanswered: u64,
}

/// The points of one run, oldest first.
#[derive(Clone, Debug)]
pub struct TimeSeries {
    step: SimDuration,
    next: SimTime,
    points: Vec<SeriesPoint>,
}

impl Default for TimeSeries {
    fn default() -> Self {
        Self {
            step: FIRST,
            next: SimTime::ZERO + FIRST,
            points: Vec::with_capacity(MOST),
        }
    }
}

impl TimeSeries {
    /// Adds a point if its time has come.
    pub fn note(&mut self, now: SimTime, recorder: &Recorder) {
        if now < self.next {
            return;
        }
        let window = recorder.windows().back();
        self.points.push(SeriesPoint {
            at: now,
            p99: window
                .and_then(|window| window.latency)
                .map(|latency| latency.p99),
            unanswered: recorder.totals().unanswered(),
        });
        if self.points.len() == MOST {
            self.step = self.step.times(2);
            let mut place = 0;
            self.points.retain(|_| {
                place += 1;
                place % 2 == 0
            });
        }
        self.next = now + self.step;
    }

    /// The points, oldest first, at most 159.
    #[must_use]
    pub fn points(&self) -> &[SeriesPoint] {
        &self.points
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::outcome::{Failure, Outcome};

    #[test]
    fn a_long_run_has_few_points_at_equal_distances_and_the_last_is_near() {
        let mut series = TimeSeries::default();
        let mut recorder = Recorder::default();
        for second in 1..=1_000_u64 {
            let at = SimTime::from_us(second * 1_000_000);
            recorder.arrived(at);
            recorder.ended(
                at,
                Outcome::Failed(Failure::Refused),
                SimDuration::from_ms(1),
            );
            series.note(at, &recorder);
        }
        let points = series.points();
        assert!((MOST / 2 - 1..MOST).contains(&points.len()));
        for point in points {
            assert_eq!(point.unanswered * 1_000_000, point.at.as_us());
            assert_eq!(point.p99, None);
        }
        let gaps = points.windows(2).map(|pair| pair[1].at.since(pair[0].at));
        assert!(gaps.into_iter().all(|gap| gap == SimDuration::from_secs(8)));
        let end = SimTime::from_us(1_000_000_000);
        assert!(end.since(points[points.len() - 1].at) < SimDuration::from_secs(8));
    }
}
